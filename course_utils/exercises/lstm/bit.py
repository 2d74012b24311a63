"""Exercise 7.8: weights by hand, with which one unit keeps a bit."""

from collections.abc import Callable

import numpy as np

from ... import sequence
from ...cells import lstm
from ..definition import case, exercise


@exercise(
    "7.8",
    points=2,
    hints=(
        "Decide for each gate when it has to be open: i when w = 1, f when w = 0, o always. And g should say what v is.",
        "A gate that is open for w = 0 and shut for w = 1 needs a large positive bias and twice as large a negative weight.",
        "i: weight 20 on w, bias -10. f: -20 and 10. g: 5 on v. o: bias 10. W_x[k, 0, 0] reads v, W_x[k, 1, 0] reads w.",
    ),
)
def latch(read: Callable) -> np.ndarray:
    """Choose W_x (4, 2, 1), W_h (4, 1, 1), b (4, 1, 1) of a one-unit LSTM that latches a bit, and return read(W_x, W_h, b)."""
    W_x, W_h, b = np.zeros((4, 2, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1))
    W_x[0, 1], b[0] = 20, -10
    W_x[1, 1], b[1] = -20, 10
    W_x[2, 0] = 5
    b[3] = 10
    return read(W_x, W_h, b)


@latch.cases
def _(rng):
    yield case("a bit is written and read at once", _reader(rng, T=1))
    yield case("ten steps later, with noise on v all the while", _reader(rng, T=10))
    yield case("a second bit, which is to replace the first", _reader(rng, T=10, writes=(0, 5)))
    yield case("the memory after 1,000 steps", _reader(rng, T=1000))
    yield case("200 steps with v against the bit in every one of them", _reader(rng, T=200, against=True))
    yield case("100 steps with seven writes", _reader(rng, T=100, writes=(0, 1, 2, 3, 30, 31, 60)))


latch.slip(
    "f is 0.73 between the writes, as a bias of 1 makes it: half is gone after two steps. It has to be far closer to 1",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = -20, 1"},
)
latch.slip(
    "f is 0.9933 between the writes: much for a hundred steps, nothing for a thousand. Open the forget gate wider",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = -20, 5"},
)
latch.slip(
    "the input gate is always open, so whatever is on v gets in; it is to open when w = 1 only",
    {"W_x[0, 1], b[0] = 20, -10": "b[0] = 10"},
)
latch.slip(
    "the input gate is half open while w = 0: with W_x alone it is σ(0) there. A negative bias shuts it",
    {"W_x[0, 1], b[0] = 20, -10": "W_x[0, 1] = 20"},
)
latch.slip(
    "the forget gate is always open, so a new bit adds to the old one; when w = 1 the old one has to go",
    {"W_x[1, 1], b[1] = -20, 10": "b[1] = 10"},
)
latch.slip(
    "a step after the writing nothing is to be seen: while w = 0 the forget gate has to be open, and the output gate too",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = 20, -10"},
)
latch.slip(
    "the input gate is shut while writing and open while waiting: the sign of its weights is wrong",
    {"W_x[0, 1], b[0] = 20, -10": "W_x[0, 1], b[0] = -20, 10"},
)
latch.slip(
    "the candidate reads w, the first input is v: what it writes is always the same",
    {"W_x[2, 0] = 5": "W_x[2, 1] = 5"},
)
latch.slip(
    "the bit comes out with the wrong sign: a positive v has to make a positive candidate",
    {"W_x[2, 0] = 5": "W_x[2, 0] = -5"},
)
latch.slip(
    "h is never far from 0, not even while w = 1: is the output gate shut, or is nothing written at all?",
    {"b[3] = 10": "b[3] = -10"},
)
latch.slip(
    "gates in another order: the first axis is i, f, g, o; what was meant for g went to o, and for o to g",
    {"W_x[2, 0] = 5": "W_x[3, 0] = 5", "b[3]": "b[2]"},
)
latch.slip(
    "the weights come back, not what `read` makes of them: end with return read(W_x, W_h, b)",
    {"= 10\n    return read(W_x, W_h, b)": "= 10\n    return W_x, W_h, b"},
)
latch.slip(
    "v and w have changed places: W_x[k, 0] reads v, the noise and the bit; W_x[k, 1] reads w, which says when",
    {"W_x[0, 1],": "W_x[0, 0],", "W_x[1, 1],": "W_x[1, 0],", "W_x[2, 0] =": "W_x[2, 1] ="},
)


@latch.variant
def _(read):
    W_x = np.array([[0, 50], [0, -60], [2, 0], [0, 0]])[..., None]
    return read(W_x, np.zeros((4, 1, 1)), np.array([-25, 30, 0, 0]).reshape(4, 1, 1))


@latch.variant
def _(read):
    W_x, W_h, b = np.zeros((4, 2, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1))
    W_x[:, 1, 0], b[:, 0, 0] = [30, -30, 0, 0], [-15, 15, 0, 3]
    W_x[2, 0], W_h[2, 0] = 9, 0.5
    return read(W_x, W_h, b)


READABLE = 0.25  # an output closer to zero than this counts as 0, not as a bit


def latch_inputs(rng, T, B=16, writes=(0,), against=False):
    """x (T, B, 2): v is -1 or 1, w is 1 at the steps in `writes`; against: between the writes v is the other bit."""
    v, w = rng.choice([-1.0, 1.0], (T, B)), np.zeros((T, B))
    w[list(writes)] = 1
    if against:
        written = np.maximum.accumulate(np.where(w[:, 0] == 1, np.arange(T), 0))
        v = np.where(w == 1, v, -v[written])
    return np.stack([v, w], axis=-1)


def _reader(rng, **options):
    """The function that exercise 7.8 gets: it reads inputs with the weights it is given, and tells the bits shown."""
    x = latch_inputs(rng, **options)

    def read(W_x, W_h, b):
        p = lstm.Params(*(np.asarray(a, dtype=np.float64) for a in (W_x, W_h, b)))
        for name, a, shape in zip(p._fields, p, ((4, 2, 1), (4, 1, 1), (4, 1, 1)), strict=True):
            if a.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {a.shape}")
        h = sequence.forward(lstm.LSTM(), p, x).h[-1, :, 0]
        return np.where(np.abs(h) < READABLE, 0, np.sign(h)).astype(int)

    return read

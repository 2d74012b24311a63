"""Exercise 8.3: the same GRU in the other convention, where z keeps instead of writes."""

import numpy as np

from ..definition import case, exercise
from .inputs import gate_weights


@exercise(
    "8.3",
    points=1,
    outputs=("W_x", "W_h", "b"),
    hints=(
        "The update gate must become 1 - z at every input. Which a gives σ(a) = 1 - σ(of what it was)?",
        "σ(-a) = 1 - σ(a): everything that z is made of changes its sign. r and n must not notice.",
        "Copy all three; then, in each copy, the block with number 1 (r, z, n) is multiplied by -1, its bias as well.",
    ),
)
def turn_z(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights in the order r, z, n, W_x (3, D, H), W_h (3, H, H), b (3, 1, H), to those of the GRU whose z means 1 - z."""
    sign = np.array([1, -1, 1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, sign * b


@turn_z.cases
def _(rng):
    yield case("three gates of five units", *gate_weights(rng, D=3, H=5))
    yield case("one unit", *gate_weights(rng, D=2, H=1))
    yield case("all sizes equal", *gate_weights(rng, D=3, H=3))
    yield case("no bias", *(w * k for w, k in zip(gate_weights(rng, D=2, H=4), (1, 1, 0), strict=True)))
    yield case("float32", *(w.astype(np.float32) for w in gate_weights(rng, D=4, H=2)))


turn_z.slip(
    "the bias of z keeps its sign: it is part of what goes into the sigmoid, so it turns too", {"sign * b": "b"}
)
turn_z.slip("all three gates are turned; r and n must stay as they are", {"[1, -1, 1]": "[-1, -1, -1]"})
turn_z.slip("block 0 is turned, which is the reset gate; the order is r, z, n", {"[1, -1, 1]": "[-1, 1, 1]"})
turn_z.slip("the candidate is turned, block 2; z is the block in the middle", {"[1, -1, 1]": "[1, 1, -1]"})
turn_z.slip(
    "only the input's weights are turned; z also hears of the state and of its bias", {"sign * W_h, sign * b": "W_h, b"}
)
turn_z.slip(
    "the input's weights keep their sign; they are part of what goes into the sigmoid as well",
    {"sign * W_x": "W_x"},
)
turn_z.slip(
    "the state's weights keep their sign; they are part of what goes into the sigmoid as well",
    {"sign * W_h": "W_h"},
)
turn_z.slip("r is turned as well as z; only z has two meanings", {"[1, -1, 1]": "[-1, -1, 1]"})
turn_z.slip(
    "the weights come back as they were; with them z writes where it should keep",
    {"sign * W_x, sign * W_h, sign * b": "W_x, W_h, b"},
)


@turn_z.mistake("1 - W is not what is asked: 1 - σ(a) = σ(-a), so the weights change their sign")
def _(W_x, W_h, b):
    z = np.array([False, True, False])[:, None, None]
    return tuple(np.where(z, 1 - w, w) for w in (W_x, W_h, b))


@turn_z.mistake("it turns the caller's weights in place; give back new arrays")
def _(W_x, W_h, b):
    for w in (W_x, W_h, b):
        w[1] *= -1
    return W_x, W_h, b


@turn_z.variant
def _(W_x, W_h, b):
    turned = [w.copy() for w in (W_x, W_h, b)]
    for w in turned:
        w[1] = -w[1]
    return turned

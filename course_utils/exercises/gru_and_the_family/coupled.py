"""Exercise 8.5: an LSTM whose forget gate is what the input gate leaves, with peepholes."""

import numpy as np

from ...activations import sigmoid
from ..definition import case, exercise
from .inputs import gate_weights


@exercise(
    "8.5",
    points=2,
    outputs=("h", "c"),
    hints=(
        "Write the peephole LSTM of lesson 07 with three blocks, i, g, o, and one more line for f.",
        "What is not written is kept: f = 1 - i. The peephole of i looks at the memory before the step.",
        "The peephole of o looks at the memory after the step, so c comes before o: o = σ(... + P[1] * c).",
    ),
)
def cifg_step(
    x_t: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    P: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h, c; i, g, o in W_x (3, D, H), W_h (3, H, H), b (3, 1, H); P (2, 1, H): i, o."""
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    o = sigmoid(a_o + P[1] * c)
    return o * np.tanh(c), c


@cifg_step.cases
def _(rng):
    args = _coupled(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", *args)
    yield case("without peepholes", *args[:-1], 0 * args[-1])
    x_t, h_prev, c_prev, *weights = args
    yield case("from a state and a memory of zeros", x_t, 0 * h_prev, 0 * c_prev, *weights)
    yield case("one sequence (B = 1)", *_coupled(rng, B=1, D=4, H=2))
    yield case("all sizes equal", *_coupled(rng, B=3, D=3, H=3))
    yield case("float32", *(a.astype(np.float32) for a in _coupled(rng, B=3, D=2, H=4)))


cifg_step.slip(
    "f = i here: the memory keeps what it also overwrites. Coupled means f = 1 - i", {"(1 - i) * c_prev": "i * c_prev"}
)
cifg_step.slip(
    "i and 1 - i have changed places: i is how much is written, 1 - i how much is kept",
    {"(1 - i) * c_prev + i * np": "i * c_prev + (1 - i) * np"},
)
cifg_step.slip(
    "nothing is forgotten: f = 1 is the variant NFG. Coupled means f = 1 - i", {"(1 - i) * c_prev": "c_prev"}
)
cifg_step.slip("the candidate goes in whole; i says how much of it is written", {"i * np.tanh(a_g)": "np.tanh(a_g)"})
cifg_step.slip(
    "the output gate looks at the memory before the step; its peephole sees the new c", {"P[1] * c)": "P[1] * c_prev)"}
)
cifg_step.slip(
    "the peepholes are forgotten: P[0] * c_prev goes into i, P[1] * c into o",
    {" + P[0] * c_prev": "", " + P[1] * c": ""},
)
cifg_step.slip(
    "the peepholes look at h; they are there to look at the memory itself, c_prev and c",
    {"P[0] * c_prev": "P[0] * h_prev", "P[1] * c)": "P[1] * h_prev)"},
)
cifg_step.slip(
    "the tanh around c is missing in the output: that would be NOAF as well", {"o * np.tanh(c), c": "o * c, c"}
)
cifg_step.slip(
    "the second block is read as the output gate and the third as the candidate; the order is i, g, o",
    {"a_i, a_g, a_o": "a_i, a_o, a_g"},
)
cifg_step.slip(
    "c and h come in the wrong order: first the output h, then the memory c",
    {"return o * np.tanh(c), c": "return c, o * np.tanh(c)"},
)
cifg_step.slip("the input gate has lost its peephole, P[0] at the memory before the step", {" + P[0] * c_prev": ""})
cifg_step.slip("the output gate has lost its peephole, P[1] at the memory after the step", {" + P[1] * c)": ")"})
cifg_step.slip(
    "the peepholes have changed places: P[0] is that of i, P[1] that of o", {"P[0]": "P[1]", "P[1] * c)": "P[0] * c)"}
)
cifg_step.slip(
    "the candidate goes through a sigmoid; g may be negative, so it takes tanh", {"np.tanh(a_g)": "sigmoid(a_g)"}
)
cifg_step.slip("the output gate plays no part: h = o tanh(c)", {"return o * np.tanh(c)": "return np.tanh(c)"})
cifg_step.slip(
    "W_h is transposed: its blocks are square, so no shape complains",
    {"h_prev @ W_h": "h_prev @ np.swapaxes(W_h, 1, 2)"},
)
cifg_step.slip("b is forgotten", {" + h_prev @ W_h + b": " + h_prev @ W_h"})
cifg_step.slip(
    "the memory is handed on squashed; tanh belongs to the output only", {"* np.tanh(c), c": "* np.tanh(c), np.tanh(c)"}
)


@cifg_step.variant
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a = [x_t @ W_x[k] + h_prev @ W_h[k] + b[k] for k in range(3)]
    f = 1 / (1 + np.exp(a[0] + P[0] * c_prev))
    g = np.tanh(a[1])
    c = g + f * (c_prev - g)
    return np.tanh(c) / (1 + np.exp(-a[2] - P[1] * c)), c


def _coupled(rng, B, D, H):
    """x_t, h_prev, c_prev, W_x, W_h, b, P."""
    x_t, h_prev, c_prev = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H)), rng.uniform(-2, 2, (B, H))
    return x_t, h_prev, c_prev, *gate_weights(rng, D, H), rng.uniform(0.5, 1.5, (2, 1, H))

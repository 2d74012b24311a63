"""Exercise 3.1: one step of an Elman network."""

import numpy as np

from ..definition import case, exercise
from .inputs import network


@exercise(
    "3.1",
    points=1,
    hints=(
        "Three things are added before the tanh: what the input says, what the state says, and a bias.",
        "A row times a matrix: x_t (B, D) @ W_xh (D, H) gives (B, H), and so does h_prev (B, H) @ W_hh (H, H).",
        "Read the equation from left to right; each product in it is an @, and np.tanh goes around the whole sum.",
    ),
)
def elman_step(x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Input x_t (B, D) and state h_prev (B, H) to the new state h_t (B, H); W_xh (D, H), W_hh (H, H), b_h (H,)."""
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@elman_step.cases
def _(rng):
    x_t, h_prev, W_xh, W_hh, b_h = network(rng, T=1, B=2, D=3, H=5)
    yield case("one step of two sequences", x_t[0], h_prev, W_xh, W_hh, b_h)
    yield case("from a state of zeros", x_t[0], 0 * h_prev, W_xh, W_hh, b_h)
    yield case("without input, the state alone", 0 * x_t[0], h_prev, W_xh, W_hh, b_h)
    yield case("without input and state, the bias alone", 0 * x_t[0], 0 * h_prev, W_xh, W_hh, b_h)
    yield case("large numbers saturate at -1 and 1", 100 * x_t[0], h_prev, W_xh, W_hh, b_h)
    x_t, *rest = network(rng, T=1, B=1, D=4, H=2)
    yield case("one sequence (B = 1)", x_t[0], *rest)
    x_t, *rest = network(rng, T=1, B=4, D=4, H=4)
    yield case("all sizes equal, so that no shape can tell", x_t[0], *rest)
    x_t, *rest = (a.astype(np.float32) for a in network(rng, T=1, B=3, D=2, H=4))
    yield case("float32", x_t[0], *rest)


@elman_step.mistake("the state plays no part: this is a hidden layer, it forgets everything at once. Where is h_prev?")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + b_h)


@elman_step.mistake("the tanh is missing: the sum itself is returned, and nothing keeps it between -1 and 1")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return x_t @ W_xh + h_prev @ W_hh + b_h


@elman_step.mistake("the bias b_h is forgotten")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh)


@elman_step.mistake("W_hh is transposed: it is square, so no shape complains. With row vectors it is h_prev @ W_hh")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh.T + b_h)


@elman_step.mistake("tanh is taken of the parts and the results are added; add first, then take one tanh of the sum")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh) + np.tanh(h_prev @ W_hh + b_h)


@elman_step.mistake(
    "a sigmoid stands where the equation has tanh: the state should reach from -1 to 1, not from 0 to 1"
)
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return 1 / (1 + np.exp(-(x_t @ W_xh + h_prev @ W_hh + b_h)))


@elman_step.mistake("the old state is added to the new one; it enters only through W_hh, inside the tanh")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return h_prev + np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@elman_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(np.einsum("bd,dh->bh", x_t, W_xh) + np.einsum("bg,gh->bh", h_prev, W_hh) + b_h)


@elman_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    rows = [np.tanh(W_xh.T @ x + W_hh.T @ h + b_h) for x, h in zip(x_t, h_prev, strict=True)]
    return np.array(rows)

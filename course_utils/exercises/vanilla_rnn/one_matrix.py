"""Exercise 3.4: the same step with one matrix."""

import numpy as np

from ..definition import case, exercise
from .inputs import network


@exercise(
    "3.4",
    points=2,
    outputs=("W", "h"),
    hints=(
        "Write the product [h, x] W out for H = D = 1: which row of W meets h, and which meets x?",
        "Joining h and x puts columns side by side (axis=1); joining the matrices puts rows one below the other (axis=0).",
        "Whatever stands first in [h_prev, x_t] must meet its own matrix: the first H rows of W are W_hh.",
    ),
)
def one_matrix_step(
    x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The one matrix W (H + D, H), and the new state tanh([h_prev, x_t] W + b_h), (B, H); x_t (B, D), h_prev (B, H)."""
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)


@one_matrix_step.cases
def _(rng):
    x, *rest = network(rng, T=1, B=2, D=3, H=5)
    yield case("W has H + D rows, and the state is the same as with two matrices", x[0], *rest)
    x, *rest = network(rng, T=1, B=1, D=1, H=1)
    yield case("two numbers and two weights", x[0], *rest)
    x, *rest = network(rng, T=1, B=3, D=3, H=3)
    yield case("all sizes equal, so that no shape can tell", x[0], *rest)
    x, *rest = network(rng, T=1, B=1, D=6, H=2)
    yield case("more inputs than units", x[0], *rest)


one_matrix_step.slip(
    "h and x are joined in one order and their matrices in the other: h meets W_xh. No shape complains",
    {"[W_hh, W_xh]": "[W_xh, W_hh]"},
)
one_matrix_step.slip(
    "h meets W_xh and x meets W_hh: [h, x] is asked for, [x, h] is what you joined",
    {"[h_prev, x_t],": "[x_t, h_prev],"},
)
one_matrix_step.slip(
    "the state is right, but this is [x, h] with W_xh on top; the order asked for is [h, x]",
    {"[W_hh, W_xh]": "[W_xh, W_hh]", "[h_prev, x_t],": "[x_t, h_prev],"},
)
one_matrix_step.slip("the bias is forgotten: it is not part of W, add it as before", {"@ W + b_h": "@ W"})
one_matrix_step.slip(
    "the tanh is missing around [h, x] W + b",
    {"np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)": ("np.concatenate([h_prev, x_t], axis=1) @ W + b_h")},
)
one_matrix_step.slip(
    "only the state comes back; two things are asked for: return W, h_t", {"return W, np": "return np"}
)
one_matrix_step.slip(
    "the two are swapped: W comes first, then the new state",
    {"return W, np": "return np", "@ W + b_h)": "@ W + b_h), W"},
)


@one_matrix_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.vstack([W_hh, W_xh])
    return W, np.tanh(np.hstack([h_prev, x_t]) @ W + b_h)


@one_matrix_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    H = len(W_hh)
    W = np.empty((H + len(W_xh), H))
    W[:H], W[H:] = W_hh, W_xh
    return [W, np.tanh(h_prev @ W[:H] + x_t @ W[H:] + b_h)]

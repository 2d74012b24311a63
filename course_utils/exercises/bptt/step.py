"""Exercise 4.2: one step of an Elman network backwards."""

import numpy as np

from ..definition import case, exercise
from .inputs import random_sequence


@exercise(
    "4.2",
    points=2,
    outputs=("dx_t", "dh_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "First through the tanh: dz = dh ⊙ (1 - h²), one number per sequence and unit. All five answers are made from dz.",
        "z = x W_xh + h_prev W_hh + b: the gradient of a factor is dz times the other factor. Shapes place the transpose.",
        "To a row: dz @ W.T. To a matrix: its input, transposed, @ dz. To the bias, shared by all rows of the batch: a sum.",
    ),
)
def elman_step_backward(
    dh: np.ndarray, x_t: np.ndarray, h_prev: np.ndarray, h: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂h_t dh (B, H) to the gradients of x_t (B, D), h_prev (B, H), W_xh (D, H), W_hh (H, H), b_h (H,), in this order."""
    dz = dh * (1 - h**2)
    return dz @ W_xh.T, dz @ W_hh.T, x_t.T @ dz, h_prev.T @ dz, dz.sum(axis=0)


@elman_step_backward.cases
def _(rng):
    yield case("one step of two sequences", *_step(rng, B=2, D=3, H=5))
    dh, *rest = _step(rng, B=2, D=3, H=5)
    yield case("no gradient in, none out", 0 * dh, *rest)
    yield case("one unit, one input, one sequence", *_step(rng, B=1, D=1, H=1))
    yield case("one sequence (B = 1)", *_step(rng, B=1, D=3, H=5))
    yield case("all sizes equal, so that no shape can tell", *_step(rng, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _step(rng, B=3, D=2, H=4)))


elman_step_backward.slip(
    "1 - h² is missing: the gradient has to go through the tanh before it reaches the sum",
    {" * (1 - h**2)": ""},
)
elman_step_backward.slip(
    "the slope is taken at h_prev; the tanh of this step gave h, so its slope is 1 - h²",
    {"1 - h**2": "1 - h_prev**2"},
)
elman_step_backward.slip(
    "h (1 - h) is the slope of the sigmoid; that of tanh is 1 - h²",
    {"(1 - h**2)": "h * (1 - h)"},
)
elman_step_backward.slip("1 - h is not the slope of tanh: its square is missing, as in 1 - h²", {"1 - h**2": "1 - h"})
elman_step_backward.slip(
    "(1 - h)² is not the slope of tanh: only h is squared, as in 1 - h²",
    {"(1 - h**2)": "(1 - h) ** 2"},
)
elman_step_backward.slip(
    "the tanh is taken once more: h is already its result, so the slope is 1 - h²",
    {"1 - h**2": "1 - np.tanh(h) ** 2"},
)
elman_step_backward.slip(
    "the slope is taken from the sum without the bias; no sum is needed, h already knows: 1 - h²",
    {"1 - h**2": "1 - np.tanh(x_t @ W_xh + h_prev @ W_hh) ** 2"},
)
elman_step_backward.slip(
    "the way back uses W_hh as the way forward does; back through a product it is transposed. No shape complains",
    {"dz @ W_hh.T": "dz @ W_hh"},
)
elman_step_backward.slip(
    "the gradient of h_prev skips the tanh: it comes back through the sum, so it is made from dz, not from dh",
    {"dz @ W_hh.T": "dh @ W_hh.T"},
)
elman_step_backward.slip(
    "the gradient of W_hh is built with h; what W_hh was multiplied with is h_prev",
    {"h_prev.T @ dz": "h.T @ dz"},
)
elman_step_backward.slip(
    "the gradient of W_hh is transposed: row i belongs to unit i of h_prev. No shape complains",
    {"h_prev.T @ dz": "dz.T @ h_prev"},
)
elman_step_backward.slip(
    "both weight gradients are transposed: a gradient has the shape of its weight",
    {"x_t.T @ dz, h_prev.T @ dz": "dz.T @ x_t, dz.T @ h_prev"},
)
elman_step_backward.slip(
    "the bias is summed over the units, axis=1; it is shared by the rows of the batch, axis=0",
    {"axis=0": "axis=1"},
)
elman_step_backward.slip(
    "the bias gradient is not summed: b_h is one row for the whole batch, so its parts add",
    {"dz.sum(axis=0)": "dz"},
)
elman_step_backward.slip(
    "the bias gradient is a mean over the batch; it adds over the rows, as the two matrices do",
    {"dz.sum(axis=0)": "dz.mean(axis=0)"},
)
elman_step_backward.slip(
    "a mean over the batch: dh already holds whatever the loss divides by, so here it is a sum",
    {
        "x_t.T @ dz": "x_t.T @ dz / len(dz)",
        "h_prev.T @ dz": "h_prev.T @ dz / len(dz)",
        "dz.sum(axis=0)": "dz.mean(axis=0)",
    },
)
elman_step_backward.slip(
    "the weight gradients are means over the batch: dh already holds whatever the loss divides by, so here they add",
    {"x_t.T @ dz": "x_t.T @ dz / len(dz)", "h_prev.T @ dz": "h_prev.T @ dz / len(dz)"},
)
elman_step_backward.slip(
    "right for one sequence only: the others of the batch use the same weights, so their parts add",
    {"x_t.T @ dz, h_prev.T @ dz, dz.sum(axis=0)": "np.outer(x_t[0], dz[0]), np.outer(h_prev[0], dz[0]), dz[0]"},
)
elman_step_backward.slip(
    "it changes dh in place: `dh *= ...` writes into the caller's array. Write dz = dh * ...",
    {"dz = dh * (1 - h**2)": "dz = dh\n    dz *= 1 - h**2"},
)
elman_step_backward.slip(
    "the right five, in another order: the gradient of x_t comes first, then h_prev, W_xh, W_hh, b_h",
    {"dz @ W_xh.T, dz @ W_hh.T, x_t.T @ dz, h_prev.T": "dz @ W_hh.T, dz @ W_xh.T, h_prev.T @ dz, x_t.T"},
)
elman_step_backward.slip(
    "the right five, but the weights stand first: asked for are x_t and h_prev, then W_xh, W_hh, b_h",
    {"return dz @ W_xh.T, dz @ W_hh.T,": "return", "dz.sum(axis=0)": "dz.sum(axis=0), dz @ W_xh.T, dz @ W_hh.T"},
)


@elman_step_backward.variant
def _(dh, x_t, h_prev, h, W_xh, W_hh):
    dz = dh - dh * h * h
    dW_xh, dW_hh = (np.einsum("bi,bj->ij", a, dz) for a in (x_t, h_prev))
    return [np.einsum("bh,dh->bd", dz, W_xh), np.einsum("bh,gh->bg", dz, W_hh), dW_xh, dW_hh, np.einsum("bh->h", dz)]


@elman_step_backward.variant
def _(dh, x_t, h_prev, h, W_xh, W_hh):
    dz = dh * (1 - h**2)
    rows = list(zip(x_t, h_prev, dz, strict=True))
    dW_xh, dW_hh = sum(np.outer(x, d) for x, _, d in rows), sum(np.outer(g, d) for _, g, d in rows)
    return (W_xh @ dz.T).T, (W_hh @ dz.T).T, dW_xh, dW_hh, sum(dz)


def _step(rng, B, D, H):
    """dh, x_t, h_prev, h, W_xh, W_hh of one step; h is what the forward step gives."""
    dh_out, x, h0, h, W_xh, W_hh = random_sequence(rng, 1, B, D, H)
    return dh_out[0], x[0], h0, h[0], W_xh, W_hh

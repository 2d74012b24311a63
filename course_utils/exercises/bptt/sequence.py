"""Exercise 4.3: backpropagation through time."""

import numpy as np

from ..definition import case, exercise
from .inputs import random_sequence


@exercise(
    "4.3",
    points=3,
    outputs=("dx", "dh0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Start at the last step with dh_next = 0. What are the two sources of the gradient of h_t?",
        "In each turn dh = dh_out[t] + dh_next; then one step back as in 4.2, which gives the next dh_next. Weights add up.",
        "The state before step t is h[t - 1], but h0 at t = 0, where h[-1] is the last one. What is left at the end is dh0.",
    ),
)
def elman_backward(
    dh_out: np.ndarray, x: np.ndarray, h0: np.ndarray, h: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """dh_out (T, B, H), from each step's own output, to gradients: x (T, B, D), h0 (B, H), W_xh, W_hh, b_h, in this order."""
    dx, dh_next = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for t in reversed(range(len(x))):
        dz = (dh_out[t] + dh_next) * (1 - h[t] ** 2)
        dx[t], dh_next = dz @ W_xh.T, dz @ W_hh.T
        dW_xh += x[t].T @ dz
        dW_hh += (h[t - 1] if t else h0).T @ dz
        db_h += dz.sum(axis=0)
    return dx, dh_next, dW_xh, dW_hh, db_h


@elman_backward.cases
def _(rng):
    yield case("one step (T = 1)", *random_sequence(rng, T=1, B=2, D=3, H=5))
    yield case("two steps", *random_sequence(rng, T=2, B=2, D=3, H=5))
    dh_out, *rest = random_sequence(rng, T=4, B=2, D=3, H=5)
    last = dh_out * (np.arange(4) == 3)[:, None, None]
    yield case("a loss at the last step only, whose gradient has to travel", last, *rest)
    yield case("seven steps, two sequences", *random_sequence(rng, T=7, B=2, D=3, H=5))
    yield case("one sequence (B = 1)", *random_sequence(rng, T=6, B=1, D=2, H=4))
    yield case("all sizes equal, so that no shape can tell", *random_sequence(rng, T=4, B=4, D=4, H=4))
    yield case("a long text (T = 200)", *random_sequence(rng, T=200, B=2, D=3, H=4))
    yield case("float32", *(a.astype(np.float32) for a in random_sequence(rng, T=5, B=2, D=3, H=4)))


elman_backward.slip(
    "no gradient goes through time: each step hears from its own output only. What comes from step t + 1 has to be added",
    {"(dh_out[t] + dh_next)": "dh_out[t]"},
)
elman_backward.slip(
    "at earlier steps only the gradient from the future arrives; dh_out[t], from the step's own output, has to be added",
    {"np.zeros_like(h0)": "dh_out[-1]", "(dh_out[t] + dh_next)": "dh_next"},
)
elman_backward.slip(
    "the last step's own output counts twice: no step comes after the last, so nothing comes from the future there",
    {"np.zeros_like(h0)": "dh_out[-1]"},
)
elman_backward.slip(
    "the weight gradients are those of step 1 only: each turn overwrites them, `=` where `+=` belongs",
    {"dW_xh += x": "dW_xh = x", "dW_hh += (": "dW_hh = (", "db_h += dz": "db_h = dz"},
)
elman_backward.slip(
    "the weight gradients are those of the last step only: every step uses the weights, so all steps add to them",
    {"dW_xh += x": "dz = dz * (t == len(x) - 1)\n        dW_xh += x"},
)
elman_backward.slip(
    "at t = 0 the state before is h[-1] here, the last one: Python counts from the end. Before the first step it is h0",
    {"(h[t - 1] if t else h0)": "h[t - 1]"},
)
elman_backward.slip(
    "the first step's share of W_hh is left out: h0 is zero often, but not always, and it met W_hh",
    {"if t else h0": "if t else 0 * h0"},
)
elman_backward.slip(
    "the gradient of W_hh is built with h[t]; what W_hh was multiplied with at step t is the state before",
    {"(h[t - 1] if t else h0)": "h[t]"},
)
elman_backward.slip(
    "W_hh is paired with the state after the step: walking back, h_prev must not be the state of the turn before",
    {"(h[t - 1] if t else h0)": "(h[t + 1] if t + 1 < len(x) else h0)"},
)
elman_backward.slip(
    "1 - h² is missing: at every step the gradient has to go through the tanh",
    {" * (1 - h[t] ** 2)": ""},
)
elman_backward.slip(
    "the slope is stale: it is taken at the state before the step; the tanh of step t gave h[t]",
    {"1 - h[t] ** 2": "1 - (h[t - 1] if t else h0) ** 2"},
)
elman_backward.slip(
    "dh_next skips the tanh: what goes to the step before is dz @ W_hh.T, not dh @ W_hh.T",
    {"dz @ W_hh.T": "(dh_out[t] + dh_next) @ W_hh.T"},
)
elman_backward.slip(
    "the way back uses W_hh as the way forward does; back through a product it is transposed",
    {"dz @ W_hh.T": "dz @ W_hh"},
)
elman_backward.slip(
    "dh_next piles up over all steps: each turn hands on its own dz @ W_hh.T, so here it is `=`, not `+=`",
    {"dz @ W_hh.T": "dh_next + dz @ W_hh.T"},
)
elman_backward.slip(
    "the loop runs from the first step to the last; a gradient comes from the future, so start at the end",
    {"reversed(range(len(x)))": "range(len(x))"},
)
elman_backward.slip(
    "right up to 20 steps: beyond that the gradient is cut off. A loop over all T steps has no such limit",
    {"range(len(x))": "range(max(0, len(x) - 20), len(x))"},
)
elman_backward.slip(
    "the weight gradients are divided by T: dh_out already holds what the loss divides by, so only add",
    {"dh_next, dW_xh, dW_hh, db_h": "dh_next, dW_xh / len(x), dW_hh / len(x), db_h / len(x)"},
)
elman_backward.slip(
    "it changes dh_out in place: `dh_out[t] += dh_next` writes into the caller's array. Use a new name",
    {"dz = (dh_out[t] + dh_next)": "dh_out[t] += dh_next\n        dz = dh_out[t]"},
)
elman_backward.slip(
    "dh0 is the gradient of h_1 here: one more way back, through the first step, leads to h0",
    {"dz = (dh_out[t]": "dh = dh_out[t] + dh_next\n        dz = (dh_out[t]", "return dx, dh_next": "return dx, dh"},
)
elman_backward.slip(
    "dh0 is zero here: what the first step hands back is the gradient of h0",
    {"return dx, dh_next": "return dx, 0 * h0"},
)
elman_backward.slip(
    "dx is in reverse order: the loop meets the last step first, its gradient belongs at the end",
    {"return dx,": "return dx[::-1],"},
)
elman_backward.slip(
    "the right five, but the weights stand first: asked for are x and h0, then W_xh, W_hh, b_h",
    {"return dx, dh_next, dW_xh, dW_hh, db_h": "return dW_xh, dW_hh, db_h, dx, dh_next"},
)
elman_backward.slip(
    "the bias is summed over the units, axis=1; it is shared by the rows of the batch, axis=0",
    {"axis=0": "axis=1"},
)


@elman_backward.variant
def _(dh_out, x, h0, h, W_xh, W_hh):
    dz = np.zeros_like(h)
    for t in range(len(h) - 1, -1, -1):
        future = dz[t + 1] @ W_hh.T if t + 1 < len(h) else 0
        dz[t] = (dh_out[t] + future) * (1 - h[t] ** 2)
    h_prev = np.concatenate([h0[None], h[:-1]])
    dW_xh, dW_hh = np.einsum("tbi,tbj->ij", x, dz), np.einsum("tbi,tbj->ij", h_prev, dz)
    return dz @ W_xh.T, dz[0] @ W_hh.T, dW_xh, dW_hh, dz.sum(axis=(0, 1))


@elman_backward.variant
def _(dh_out, x, h0, h, W_xh, W_hh):
    dh, dxs, sums, before = 0 * h0, [], [0, 0, 0], [h0, *h[:-1]]
    for d, x_t, h_prev, h_t in list(zip(dh_out, x, before, h, strict=True))[::-1]:
        dz = (dh + d) * (1 - h_t * h_t)
        dxs, dh = [dz @ W_xh.T, *dxs], dz @ W_hh.T
        sums = [sums[0] + x_t.T @ dz, sums[1] + h_prev.T @ dz, sums[2] + dz.sum(axis=0)]
    return [np.stack(dxs), dh, *sums]

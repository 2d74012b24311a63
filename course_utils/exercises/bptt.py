"""Lesson 04: the sum over paths, one step back, a sequence back, a gradient checker, forward mode, and three repairs."""

from collections.abc import Callable

import numpy as np

from .definition import case, exercise


@exercise(
    "4.1",
    points=2,
    hints=(
        "Take one term, t = 3 and k = 1, and write its factors out by hand: which states occur in it?",
        "A term has three parts: dh_out of step t, one factor w_hh (1 - h_j²) for j = k+1, ..., t, and (1 - h_k²) h_{k-1}.",
        "Two loops, t from 1 to T and k from 1 to t; np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2)) is the product, 1 if empty.",
    ),
)
def path_terms(w_hh: float, h: np.ndarray, dh_out: np.ndarray) -> np.ndarray:
    """States h_0, ..., h_T (T + 1,) and dh_out (T,) to the terms of ∂L/∂w_hh (T, T): row t, column k, zero for k > t."""
    T = len(dh_out)
    terms = np.zeros((T, T))
    for t in range(1, T + 1):
        for k in range(1, t + 1):
            between = np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2))
            terms[t - 1, k - 1] = dh_out[t - 1] * between * (1 - h[k] ** 2) * h[k - 1]
    return terms


@path_terms.cases
def _(rng):
    yield case("one step has one term: dh_out (1 - h_1²) h_0", 0.9, *_scalars(rng, 1))
    h, dh_out = _scalars(rng, 3)
    yield case("no recurrence (w_hh = 0): only k = t is left", 0.0, h, dh_out)
    yield case("a gradient at the last step only: only the last row", 0.9, h, dh_out * [0, 0, 1])
    yield case("three steps, six terms", 0.9, h, dh_out)
    yield case("a negative weight", -1.3, *_scalars(rng, 5))
    yield case("a long text (T = 60)", 1.1, *_scalars(rng, 60))


path_terms.slip(
    "only k = t is there: no path runs through an earlier state. No gradient travels through time",
    {"range(1, t + 1)": "range(t, t + 1)"},
)
path_terms.slip(
    "the factor (1 - h_k²) of the step where the weight is used is missing",
    {" * (1 - h[k] ** 2)": ""},
)
path_terms.slip(
    "h_k stands where h_{k-1} belongs: at step k the weight is multiplied with the state before",
    {"* h[k - 1]": "* h[k]"},
)
path_terms.slip(
    "the product starts at j = k: the step from k - 1 to k is not on the way from k to t",
    {"k + 1 : t + 1": "k : t + 1"},
)
path_terms.slip(
    "the product stops one step too early: j runs up to t, and t itself belongs to it",
    {"k + 1 : t + 1": "k + 1 : t"},
)
path_terms.slip(
    "the product runs over j = k, ..., t - 1: one step too early at both ends. It is j = k + 1, ..., t",
    {"k + 1 : t + 1": "k:t"},
)
path_terms.slip(
    "w_hh is missing from the product: each step between contributes w_hh (1 - h_j²)",
    {"np.prod(w_hh * ": "np.prod("},
)
path_terms.slip(
    "(1 - h_j²) is missing from the product: each step between contributes w_hh (1 - h_j²)",
    {"np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2))": "w_hh ** (t - k)"},
)
path_terms.slip(
    "the tanh is taken once more: h[k] is already its result, so the slope is 1 - h²",
    {"1 - h[k + 1 : t + 1] ** 2": "1 - np.tanh(h[k + 1 : t + 1]) ** 2", "1 - h[k] ** 2": "1 - np.tanh(h[k]) ** 2"},
)
path_terms.slip(
    "rows and columns are swapped: row t, column k, so the upper right stays zero",
    {"terms[t - 1, k - 1]": "terms[k - 1, t - 1]"},
)
path_terms.slip(
    "there are terms with k > t: a weight that is used after step t cannot reach the loss of step t",
    {"range(1, t + 1)": "range(1, T + 1)"},
)
path_terms.slip(
    "this is their sum, the gradient itself; the single terms are asked for, (T, T)",
    {"return terms": "return terms.sum()"},
)
path_terms.slip(
    "the terms are divided by T once more: dh_out already holds the 1/T of the loss",
    {"return terms": "return terms / T"},
)
path_terms.slip(
    "the states are one step off: h[0] is h_0, so h_t is h[t] and the state before step 1 is h[0], never h[-1]",
    {
        "range(1, T + 1)": "range(T)",
        "range(1, t + 1)": "range(t + 1)",
        "terms[t - 1, k - 1] = dh_out[t - 1]": "terms[t, k] = dh_out[t]",
    },
)


@path_terms.variant
def _(w_hh, h, dh_out):
    terms = np.zeros((len(dh_out), len(dh_out)))
    for t in range(len(dh_out)):
        back = dh_out[t]
        for k in range(t, -1, -1):
            terms[t, k] = back * (1 - h[k + 1] ** 2) * h[k]
            back = back * w_hh * (1 - h[k + 1] ** 2)
    return terms


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
    yield case("one step (T = 1)", *_sequence(rng, T=1, B=2, D=3, H=5))
    yield case("two steps", *_sequence(rng, T=2, B=2, D=3, H=5))
    dh_out, *rest = _sequence(rng, T=4, B=2, D=3, H=5)
    last = dh_out * (np.arange(4) == 3)[:, None, None]
    yield case("a loss at the last step only, whose gradient has to travel", last, *rest)
    yield case("seven steps, two sequences", *_sequence(rng, T=7, B=2, D=3, H=5))
    yield case("one sequence (B = 1)", *_sequence(rng, T=6, B=1, D=2, H=4))
    yield case("all sizes equal, so that no shape can tell", *_sequence(rng, T=4, B=4, D=4, H=4))
    yield case("a long text (T = 200)", *_sequence(rng, T=200, B=2, D=3, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _sequence(rng, T=5, B=2, D=3, H=4)))


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


@exercise(
    "4.4",
    points=2,
    hints=(
        "One entry at a time: move it up by eps, take the loss; move it down by eps, take the loss. How far apart are the two?",
        "for k in np.ndindex(w.shape): two copies of w, one with +eps and one with -eps at k. The two points are 2 eps apart.",
        "up = w.copy(); up[k] += eps; down likewise; the entry k of the result is (loss(up) - loss(down)) / (2 * eps).",
    ),
)
def numerical_gradient(loss: Callable[[np.ndarray], float], w: np.ndarray, eps: float) -> np.ndarray:
    """The gradient of loss(w), a number, by central differences of step eps, one entry of w at a time; shaped like w."""
    gradient = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[k] += eps
        down[k] -= eps
        gradient[k] = (loss(up) - loss(down)) / (2 * eps)
    return gradient


@numerical_gradient.cases
def _(rng):
    yield case("a loss that is a sum: every derivative is 1", np.sum, rng.standard_normal((2, 3)), 1e-3)
    yield case("a row of one weight, the loss w³, a step so large that the scheme shows", _cubes, np.array([1.5]), 0.1)
    yield case("cubes of a row, a large step", _cubes, rng.uniform(0.5, 2, 5), 0.1)
    yield case("a loss in which the weights multiply each other", _product, rng.uniform(0.5, 1.5, (2, 3)), 0.1)
    yield case("a loss that is far from zero", _far, rng.standard_normal((3, 2)), 0.01)
    yield case("a single number in a matrix (1, 1)", _cubes, np.array([[-2.0]]), 0.1)
    yield case("200 weights", _cubes, rng.uniform(-2, 2, 200), 0.1)


numerical_gradient.slip(
    "this is a one-sided difference, (loss(w + eps) - loss(w)) / eps: its error is of order eps. Step to both sides",
    {"loss(down)) / (2 * eps)": "loss(w)) / eps"},
)
numerical_gradient.slip("twice too large: the two points are 2 eps apart, not eps", {"(2 * eps)": "eps"})
numerical_gradient.slip(
    "/ 2 * eps divides by 2 and multiplies with eps: put brackets around (2 * eps)",
    {"(2 * eps)": "2 * eps"},
)
numerical_gradient.slip(
    "the sign is turned round: loss(w + eps) - loss(w - eps), up minus down",
    {"loss(up) - loss(down)": "loss(down) - loss(up)"},
)
numerical_gradient.slip(
    "the argument eps is not used: this takes a step of its own, 1e-5",
    {"gradient = np": "eps = 1e-5\n    gradient = np"},
)
numerical_gradient.slip(
    "whole rows move at once: k runs along the first axis only. np.ndindex(w.shape) visits single entries",
    {"np.ndindex(w.shape)": "range(len(w))"},
)
numerical_gradient.slip(
    "up and down are the same array: `up = down = w.copy()` or `up = w` makes a second name, not a second copy",
    {"up, down = w.copy(), w.copy()": "up = down = w.copy()"},
)
numerical_gradient.slip(
    "up and down are both w itself: `up = w` makes a second name, not a copy, so the two moves undo each other",
    {"up, down = w.copy(), w.copy()": "up = down = w"},
)


@numerical_gradient.mistake(
    "the weights are moved in place and not put back: each entry is tried at a point where the ones before are shifted"
)
def _(loss, w, eps):
    gradient = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        w[k] += eps
        up = loss(w)
        w[k] -= 2 * eps
        gradient[k] = (up - loss(w)) / (2 * eps)
    return gradient


@numerical_gradient.mistake(
    "a moved weight is not put back, so each entry is tried at a point where the ones before it are shifted"
)
def _(loss, w, eps):
    gradient, w = np.zeros_like(w), w.copy()
    for k in np.ndindex(w.shape):
        w[k] += eps
        up = loss(w)
        w[k] -= 2 * eps
        gradient[k] = (up - loss(w)) / (2 * eps)
    return gradient


@numerical_gradient.mistake(
    "all weights move at once: that is one derivative for the whole array. Move a single entry each time"
)
def _(loss, w, eps):
    return np.full(w.shape, (loss(w + eps) - loss(w - eps)) / (2 * eps))


@numerical_gradient.variant
def _(loss, w, eps):
    flat = w.ravel()
    steps = eps * np.eye(flat.size)
    found = [(loss((flat + s).reshape(w.shape)) - loss((flat - s).reshape(w.shape))) / (2 * eps) for s in steps]
    return np.array(found).reshape(w.shape)


@numerical_gradient.variant
def _(loss, w, eps):
    work, gradient = np.array(w), np.empty(w.shape)
    for k in np.ndindex(*w.shape):
        kept = work[k]
        work[k] = kept + eps
        up = loss(work)
        work[k] = kept - eps
        gradient[k] = (up - loss(work)) / (2 * eps)
        work[k] = kept
    return gradient


@exercise(
    "4.5",
    points=3,
    hints=(
        "Two ways lead from W_hh[i, j] to h[k]: directly, through z[j] at this step (only k = j), and through every h_prev[m].",
        "Directly: h_prev[i] where k = j, else zero. Through h_prev: S_prev[i, j, :] times W_hh. Both go through the tanh.",
        "direct = h_prev[:, None, None] * np.eye(H) has axes i, j, k, and so has S_prev @ W_hh; one slope, 1 - h², for both.",
    ),
)
def rtrl_step(h_prev: np.ndarray, h: np.ndarray, S_prev: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """From S_prev[i, j, k] = ∂h_prev[k]/∂W_hh[i, j], (H, H, H), to the same for h; one sequence: h_prev (H,), h (H,)."""
    direct = h_prev[:, None, None] * np.eye(len(h))
    return (direct + S_prev @ W_hh) * (1 - h**2)


@rtrl_step.cases
def _(rng):
    h_prev, h, S_prev, W_hh = _sensitivity(rng, 4)
    yield case("at the first step (S_prev = 0) only the direct part", h_prev, h, 0 * S_prev, W_hh)
    yield case("from a state of zeros only the part through time", 0 * h_prev, h, S_prev, W_hh)
    yield case("four units, both parts", h_prev, h, S_prev, W_hh)
    yield case("one unit: the scalar recursion", *_sensitivity(rng, 1))
    yield case("seven units", *_sensitivity(rng, 7))
    yield case("saturated units pass nothing on", h_prev, np.sign(h), S_prev, W_hh)


rtrl_step.slip(
    "only the direct part is there: what W_hh did at earlier steps, S_prev, is forgotten",
    {" + S_prev @ W_hh": ""},
)
rtrl_step.slip(
    "only the part through time is there: W_hh also acts directly at this step",
    {"direct + S_prev": "S_prev"},
)
rtrl_step.slip("1 - h² is missing: both parts go through the tanh of this step", {" * (1 - h**2)": ""})
rtrl_step.slip(
    "1 - h² is applied to the part through time only; the direct part goes through the same tanh",
    {"(direct + S_prev @ W_hh) *": "direct + S_prev @ W_hh *"},
)
rtrl_step.slip(
    "1 - h² is applied to the direct part only; what comes through h_prev goes through the same tanh",
    {"(direct + S_prev @ W_hh) * (1 - h**2)": "direct * (1 - h**2) + S_prev @ W_hh"},
)
rtrl_step.slip("the slope is taken at h_prev; the tanh of this step gave h", {"1 - h**2": "1 - h_prev**2"})
rtrl_step.slip(
    "the slope is on the wrong axis: 1 - h² belongs to the unit k that is affected, the last axis",
    {"(1 - h**2)": "(1 - h**2)[:, None, None]"},
)
rtrl_step.slip(
    "W_hh is missing from the part through time: h_prev[m] reaches h[k] by way of W_hh[m, k]",
    {"S_prev @ W_hh": "S_prev"},
)
rtrl_step.slip(
    "W_hh is transposed as on the way back; forward in time it is used as it stands",
    {"S_prev @ W_hh": "S_prev @ W_hh.T"},
)
rtrl_step.slip(
    "W_hh @ S_prev multiplies the wrong axis: the units m of h_prev are the last axis of S_prev, so W_hh stands on its right",
    {"S_prev @ W_hh": "W_hh @ S_prev"},
)
rtrl_step.slip(
    "the direct part is built with h; what W_hh is multiplied with at this step is h_prev",
    {"h_prev[:, None, None]": "h[:, None, None]"},
)
rtrl_step.slip(
    "in the direct part i and j are swapped: W_hh[i, j] is multiplied with h_prev[i] and goes to unit j",
    {"[:, None, None] * np.eye(len(h))": "[None, :, None] * np.eye(len(h))[:, None, :]"},
)
rtrl_step.slip(
    "the direct part is the same for every i: h_prev lies along the last axis here, and belongs to i, the first",
    {"h_prev[:, None, None]": "h_prev"},
)
rtrl_step.slip(
    "h_prev[i] reaches every unit k here; W_hh[i, j] leads to unit j only, so the rest of the direct part is zero",
    {" * np.eye(len(h))": ""},
)
rtrl_step.slip(
    "it changes S_prev in place; return a new array",
    {
        "return (direct + S_prev @ W_hh) * (1 - h**2)": "S_prev[:] = (direct + S_prev @ W_hh) * (1 - h**2)\n    return S_prev"
    },
)


@rtrl_step.variant
def _(h_prev, h, S_prev, W_hh):
    H = len(h)
    S = np.einsum("ijm,mk->ijk", S_prev, W_hh)
    for i in range(H):
        for j in range(H):
            S[i, j, j] += h_prev[i]
    return S * (1 - h * h)


@rtrl_step.variant
def _(h_prev, h, S_prev, W_hh):
    jacobian, H = W_hh * (1 - h**2), len(h)
    direct = np.einsum("i,jk->ijk", h_prev, np.diag(1 - h**2))
    return direct + (S_prev.reshape(H * H, H) @ jacobian).reshape(H, H, H)


@exercise(
    "4.6",
    points=1,
    hints=(
        "At the last step it is right, at the others it is not. Which value should survive from one turn to the next?",
        "dh_next is what the step after says about h_t. Follow its value from the end of one turn into the next.",
        "The zeros are right for the last step only, where no step comes after: they are a start, to be made once.",
    ),
)
def repaired_a(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """Gradients dh_out (T, B, H) from each step's own output, states h (T, B, H): to the whole ∂L/∂h_t, (T, B, H)."""
    dh, dh_next = np.zeros_like(h), np.zeros_like(h[0])
    for t in reversed(range(len(h))):
        dh[t] = dh_out[t] + dh_next
        dh_next = (dh[t] * (1 - h[t] ** 2)) @ W_hh.T
    return dh


@repaired_a.cases
def _(rng):
    dh_out, _, _, h, _, W_hh = _sequence(rng, T=2, B=3, D=1, H=4)
    yield case("two steps", dh_out, h, W_hh)
    dh_out, _, _, h, _, W_hh = _sequence(rng, T=7, B=2, D=1, H=5)
    yield case("seven steps", dh_out, h, W_hh)
    last = dh_out * (np.arange(7) == 6)[:, None, None]
    yield case("a loss at the last step only", last, h, W_hh)
    yield case("without recurrent weights nothing travels", dh_out, h, 0 * W_hh)
    yield case("one step (T = 1)", dh_out[:1], h[:1], W_hh)
    dh_out, _, _, h, _, W_hh = _sequence(rng, T=200, B=2, D=1, H=3)
    yield case("a long text (T = 200)", dh_out, h, W_hh)


repaired_a.slip(
    "this is pass A as it was: at every step but the last it gives dh_out[t] alone. What is missing there?",
    {"dh[t] = dh_out": "dh_next = np.zeros_like(h[t])\n        dh[t] = dh_out"},
)
repaired_a.slip(
    "dh_next replaces dh_out[t]; the two sources of the gradient add",
    {"np.zeros_like(h[0])": "dh_out[-1]", "dh_out[t] + dh_next": "dh_next"},
)
repaired_a.slip(
    "the last step's own output counts twice: no step comes after the last, so its dh_next is zero",
    {"np.zeros_like(h[0])": "dh_out[-1]"},
)
repaired_a.slip(
    "the gradient travels one step and no further: dh_next has to be made from the whole dh[t], not from dh_out[t]",
    {"(dh[t] *": "(dh_out[t] *"},
)
repaired_a.slip(
    "dh_next piles up over all steps: each turn hands on its own and forgets the one it got, so here it is `=`, not `+=`",
    {"dh_next = (dh": "dh_next = dh_next + (dh"},
)
repaired_a.slip(
    "the transpose is gone: that part of pass A was right. W_hh is square, so no shape complains",
    {"W_hh.T": "W_hh"},
)
repaired_a.slip(
    "this is ∂L/∂z_t, one factor too far: asked for is ∂L/∂h_t, before the slope of the tanh",
    {"return dh": "return dh * (1 - h**2)"},
)
repaired_a.slip(
    "it changes dh_out in place: what a caller gives stays as it is",
    {"dh, dh_next = np.zeros_like(h)": "dh, dh_next = dh_out"},
)


@repaired_a.variant
def _(dh_out, h, W_hh):
    dh = dh_out.copy()
    for t in range(len(h) - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
    return dh


@exercise(
    "4.7",
    points=1,
    hints=(
        "Every factor of the way back is taken at the value that the way forward had there. Compare factor by factor.",
        "Which state is the result of the tanh that dz goes through, and which state did W_hh meet?",
        "The slope needs the state that this step's tanh gave, W_hh met the state before; only one of the two is wrong.",
    ),
)
def repaired_b(dh: np.ndarray, h0: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The whole ∂L/∂h_t, dh (T, B, H), the first state h0 (B, H) and the states h (T, B, H) to ∂L/∂W_hh (H, H)."""
    dW_hh, h_prev = np.zeros_like(dh[0].T @ dh[0]), h0
    for dh_t, h_t in zip(dh, h, strict=True):
        dz = dh_t * (1 - h_t**2)
        dW_hh = dW_hh + h_prev.T @ dz
        h_prev = h_t
    return dW_hh


@repaired_b.cases
def _(rng):
    for T, B, H, claim in (
        (1, 2, 3, "one step (T = 1)"),
        (2, 3, 4, "two steps"),
        (7, 2, 5, "seven steps"),
        (7, 1, 5, "one sequence (B = 1)"),
        (4, 4, 4, "all sizes equal"),
        (200, 2, 3, "a long text (T = 200)"),
    ):
        dh, _, h0, h, _, _ = _sequence(rng, T=T, B=B, D=1, H=H)
        yield case(claim, dh, h0, h)
    yield case("from a state of zeros", dh, 0 * h0, h)


repaired_b.slip(
    "this is pass B as it was: look at what each factor would be at step 1, where h_prev is h0",
    {"1 - h_t**2": "1 - h_prev**2"},
)
repaired_b.slip(
    "now the slope is right and the other factor wrong: W_hh was multiplied with the state before, not with h_t",
    {"h_prev.T @ dz": "h_t.T @ dz"},
)
repaired_b.slip(
    "the slope is gone altogether; it belongs there, taken at the right state",
    {" * (1 - h_t**2)": ""},
)
repaired_b.slip(
    "h_prev moves on too early: at the product with dz it is already this step's state",
    {"\n        h_prev = h_t": "", "h_t**2)": "h_prev**2)\n        h_prev = h_t"},
)
repaired_b.slip(
    "h_prev never moves on: it is h0 at every step, and should be the state before each",
    {"        h_prev = h_t\n": ""},
)
repaired_b.slip(
    "the first step is left out: h0 met W_hh as well",
    {"h_prev.T @ dz": "(h_prev * (h_prev is not h0)).T @ dz"},
)
repaired_b.slip(
    "the product is turned round: row i of the gradient of W_hh belongs to unit i of h_prev, as pass B had it",
    {"h_prev.T @ dz": "dz.T @ h_prev"},
)


@repaired_b.variant
def _(dh, h0, h):
    return np.einsum("tbi,tbj->ij", np.concatenate([h0[None], h[:-1]]), dh * (1 - h**2))


@exercise(
    "4.8",
    points=1,
    outputs=("dW_xh", "dW_hh", "db_h"),
    hints=(
        "With one step it is right, with two it is not. What does the second turn of the loop do to the result of the first?",
        "A weight that is used at every step is one that branches, so its gradients add. A bias is used by every row as well.",
        "Start from zeros before the loop and add in each turn, all three. Do the three lines agree with each other then?",
    ),
)
def repaired_c(dz: np.ndarray, x: np.ndarray, h_prev: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂z_t dz (T, B, H), x (T, B, D), h_prev (T, B, H), h_{t-1} of each step, to gradients of W_xh, W_hh and b_h (H,)."""
    (D, H), dtype = (x.shape[-1], dz.shape[-1]), dz.dtype
    dW_xh, dW_hh, db_h = np.zeros((D, H), dtype), np.zeros((H, H), dtype), np.zeros(H, dtype)
    for t in range(len(dz)):
        dW_xh += x[t].T @ dz[t]
        dW_hh += h_prev[t].T @ dz[t]
        db_h += dz[t].sum(axis=0)
    return dW_xh, dW_hh, db_h


@repaired_c.cases
def _(rng):
    for T, B, D, H, claim in (
        (1, 2, 3, 5, "one step (T = 1)"),
        (2, 3, 2, 4, "two steps"),
        (7, 2, 3, 5, "seven steps"),
        (7, 1, 3, 5, "one sequence (B = 1)"),
        (4, 4, 4, 4, "all sizes equal"),
        (200, 2, 3, 4, "a long text (T = 200)"),
    ):
        dz, x, _, h_prev, _, _ = _sequence(rng, T=T, B=B, D=D, H=H)
        yield case(claim, dz, x, h_prev)


repaired_c.slip(
    "this is pass C as it was: W_hh gets the gradient of the last turn only. How often is W_hh used?",
    {"dW_hh += h_prev": "dW_hh = h_prev"},
)
repaired_c.slip(
    "now all three are overwritten in each turn; one line was wrong, the other two were right",
    {"dW_xh += x": "dW_xh = x", "dW_hh += h_prev": "dW_hh = h_prev", "db_h += dz": "db_h = dz"},
)
repaired_c.slip(
    "the parts are averaged over the steps; 1/T belongs to the loss, and dz holds it already. Here they add",
    {"return dW_xh, dW_hh, db_h": "return dW_xh / len(dz), dW_hh / len(dz), db_h / len(dz)"},
)
repaired_c.slip(
    "W_hh has the mean over the steps and the others their sum: every step uses W_hh, so its parts add as well",
    {"return dW_xh, dW_hh,": "return dW_xh, dW_hh / len(dz),"},
)


@repaired_c.variant
def _(dz, x, h_prev):
    rows = dz.reshape(-1, dz.shape[-1])
    dW_xh, dW_hh = (a.reshape(len(rows), -1).T @ rows for a in (x, h_prev))
    return [dW_xh, dW_hh, rows.sum(axis=0)]


def _scalars(rng, T):
    """States h_0, ..., h_T (T + 1,) of one unit, and the gradients dh_out (T,) from its outputs."""
    return rng.uniform(0.2, 0.7, T + 1) * rng.choice([-1, 1], T + 1), rng.uniform(0.5, 1.5, T)


def _step(rng, B, D, H):
    """dh, x_t, h_prev, h, W_xh, W_hh of one step; h is what the forward step gives."""
    dh_out, x, h0, h, W_xh, W_hh = _sequence(rng, 1, B, D, H)
    return dh_out[0], x[0], h0, h[0], W_xh, W_hh


def _sequence(rng, T, B, D, H):
    """dh_out, x, h0, h, W_xh, W_hh; the states h are those of a network, neither linear nor saturated."""
    x, h0, dh_out = rng.standard_normal((T, B, D)), rng.uniform(-0.8, 0.8, (B, H)), rng.standard_normal((T, B, H))
    W_xh, W_hh = rng.standard_normal((D, H)) * D**-0.5, rng.standard_normal((H, H)) * 0.8 * H**-0.5
    h, state = np.empty((T, B, H)), h0
    for t in range(T):
        state = h[t] = np.tanh(x[t] @ W_xh + state @ W_hh + 0.1)
    return dh_out, x, h0, h, W_xh, W_hh


def _sensitivity(rng, H):
    """h_prev, h (H,), S_prev (H, H, H), W_hh (H, H) with numbers of the same size."""
    h_prev, h = rng.uniform(0.2, 0.8, (2, H)) * rng.choice([-1, 1], (2, H))
    return h_prev, h, rng.standard_normal((H, H, H)), rng.standard_normal((H, H))


def _cubes(w):
    return float(np.sum(w**3))


def _product(w):
    return float(np.sum(np.outer(w, w)) + np.prod(w))


def _far(w):
    return float(1000 + np.sum(w**2 * np.arange(1, w.size + 1).reshape(w.shape)))

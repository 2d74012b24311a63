"""Exercise 5.7: the broken program's way back, mended."""

import numpy as np

from ...losses import softmax
from ...studies.char_rnn import Weights, zeros
from ..definition import case, exercise
from .inputs import random_chunk


@exercise(
    "5.7",
    points=2,
    hints=(
        "Check the two slopes first: that of softmax with cross-entropy, and that of tanh. Everything else is in order.",
        "∂L/∂a = (p - y) / (T B): the division concerns both parts. And (1 - h) h is a slope, but of which function?",
        "Take 1 from the target's entry before dividing, and write 1 - h[t] ** 2 where (1 - h[t]) * h[t] stands.",
    ),
)
def mended_backward(
    w: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray, p: np.ndarray, h: np.ndarray
) -> Weights:
    """Gradients of the mean loss, as Weights, from p (T, B, V) and h (T, B, H) of the way forward."""
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = p[t].copy()
        da[np.arange(B), targets[t]] -= 1
        da /= T * B
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t] ** 2)
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d


@mended_backward.cases
def _(rng):
    for claim, T, B, V, H, dtype in (
        ("one step of one sequence", 1, 1, 4, 3, np.float64),
        ("three steps of two sequences", 3, 2, 5, 4, np.float64),
        ("two hundred steps, tokens repeated", 200, 2, 3, 4, np.float64),
        ("all sizes equal", 4, 4, 4, 4, np.float64),
        ("float32", 5, 3, 6, 4, np.float32),
    ):
        w, inputs, targets, h0 = random_chunk(rng, T, B, V, H, dtype)
        h, states = h0, []
        for x_t in inputs:
            h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)
            states.append(h)
        h = np.stack(states)
        yield case(claim, w, inputs, targets, h0, softmax(h @ w.W_hy + w.b_y), h)


mended_backward.slip(
    "both bugs are left: look at the slope of the loss (p - y, all of it over T B) and at that of tanh",
    {"p[t].copy()": "p[t] / (T * B)", "        da /= T * B\n": "", "(1 - h[t] ** 2)": "(1 - h[t]) * h[t]"},
)
mended_backward.slip(
    "the loss is mended, the tanh is not: (1 - h) h is the slope of the sigmoid",
    {"(1 - h[t] ** 2)": "(1 - h[t]) * h[t]"},
)
mended_backward.slip(
    "the tanh is mended, the loss is not: p is divided by T B, the 1 of the target is not",
    {"p[t].copy()": "p[t] / (T * B)", "        da /= T * B\n": ""},
)
mended_backward.slip(
    "both bugs are gone, but so is the division by T B: this is the gradient of the sum, not of the mean",
    {"        da /= T * B\n": ""},
)
mended_backward.slip(
    "right, but the caller's p was changed on the way: p[t] is a view of it, p[t].copy() is not",
    {".copy()": "", "da /= T * B": "da = da / (T * B)"},
)
mended_backward.slip(
    "the line with the 1 of the target is gone: without it the gradient is p, and never learns what was right",
    {"        da[np.arange(B), targets[t]] -= 1\n": ""},
)
mended_backward.slip(
    "the tanh is mended; from p / (T B) the 1 of the target is taken as 1 / T: both parts have the same divisor",
    {"da = p[t].copy()": "da = p[t] / (T * B)", "-= 1\n": "-= 1 / T\n", "        da /= T * B\n": ""},
)
mended_backward.slip("divided by T only: the mean is over steps and sequences, T B", {"da /= T * B": "da /= T"})
mended_backward.slip("divided by B only: the mean is over steps and sequences, T B", {"da /= T * B": "da /= B"})
mended_backward.slip("the slope of tanh is 1 - h², not 1 - h", {"(1 - h[t] ** 2)": "(1 - h[t])"})
mended_backward.slip(
    "np.add.at was no bug: with `d.W_xh[inputs[t]] += dz` a token that stands in two sequences counts once",
    {"np.add.at(d.W_xh, inputs[t], dz)": "d.W_xh[inputs[t]] += dz"},
)
mended_backward.slip(
    "W_hh.T in the last line was no bug: on the way back a row is multiplied by it", {"w.W_hh.T": "w.W_hh"}
)


@mended_backward.variant
def _(w, inputs, targets, h0, p, h):
    V, dz, dh_next = len(w.b_y), np.zeros_like(h), 0
    da = (p - np.eye(V, dtype=p.dtype)[targets]) / targets.size
    for t in reversed(range(len(h))):
        dz[t] = (da[t] @ w.W_hy.T + dh_next) * (1 - h[t] ** 2)
        dh_next = dz[t] @ w.W_hh.T
    d_xh = np.einsum("tbv,tbh->vh", np.eye(V, dtype=p.dtype)[inputs], dz)
    d_hh = np.einsum("tbi,tbj->ij", np.concatenate([h0[None], h[:-1]]), dz)
    return Weights(d_xh, d_hh, dz.sum(axis=(0, 1)), np.einsum("tbi,tbv->iv", h, da), da.sum(axis=(0, 1)))

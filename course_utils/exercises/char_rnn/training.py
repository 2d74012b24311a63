"""Exercise 5.2: one update, its gradients clipped, by Adagrad."""

import numpy as np

from ...studies.char_rnn import Weights, chunk_gradients
from ..definition import case, exercise
from .inputs import random_chunk, sums
from .loss import chunk_loss


@exercise(
    "5.2",
    points=2,
    outputs=("w", "s", "loss", "the last state"),
    hints=(
        "Way forward, way back, clip, add the squares to s, move the weights. Each array of w is treated alike.",
        "A record is a tuple: `for a, m, g in zip(w, s, grads)` runs over weights, sums and gradients; Weights(*list) ends it.",
        "g = np.clip(g, -limit, limit), then m = m + g * g, then a - lr * g / (np.sqrt(m) + 1e-8), with the new m.",
    ),
)
def training_step(
    w: Weights, s: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray, lr: float, limit: float
) -> tuple[Weights, Weights, float, np.ndarray]:
    """One update by Adagrad with each gradient clipped to ±limit: new weights, new sums s, loss, last state (B, H)."""
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    g = [np.clip(d, -limit, limit) for d in grads]
    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))
    w = Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True)))
    return w, s, loss, h[-1]


@training_step.cases
def _(rng):
    w, *chunk = random_chunk(rng, T=3, B=2, V=5, H=4)
    yield case(
        "the first update: sums of zero, no number above the limit", w, Weights(*(0 * a for a in w)), *chunk, 0.1, 5
    )
    yield case("a later update: sums from before", w, sums(rng, w, 1e-2), *chunk, 0.1, 5.0)
    yield case("clipped at ±0.01", w, sums(rng, w, 1e-4), *chunk, 0.1, 0.01)
    yield case("another learning rate", w, sums(rng, w, 1e-3), *chunk, 0.025, 0.02)
    w, *chunk = random_chunk(rng, T=1, B=1, V=3, H=2)
    yield case("one step of one sequence", w, sums(rng, w, 1e-2), *chunk, 0.1, 0.2)
    w, *chunk = random_chunk(rng, T=25, B=1, V=7, H=6)
    yield case("the classic chunk: 25 steps of one sequence", w, sums(rng, w, 1e-4), *chunk, 0.1, 0.02)
    w, *chunk = random_chunk(rng, T=5, B=3, V=6, H=4, dtype=np.float32)
    yield case("float32", w, sums(rng, w, 1e-2), *chunk, 0.1, 0.05)


training_step.slip(
    "nothing is clipped: limit each number of each gradient to ±limit first", {"np.clip(d, -limit, limit)": "d"}
)
training_step.slip(
    "this clips by the norm of all gradients together; asked is clipping number by number, np.clip",
    {
        "g = [np.clip(d, -limit, limit)": (
            "norm = np.sqrt(sum((d * d).sum() for d in grads))\n    g = [d * min(1, limit / norm)"
        )
    },
)
training_step.slip(
    "the squares are added before clipping: s is to see the clipped gradient, as the weights do",
    {"zip(s, g,": "zip(s, grads,"},
)
training_step.slip(
    "only the upper side is clipped: a gradient of -100 passes. np.clip(g, -limit, limit)",
    {"np.clip(d, -limit, limit)": "np.minimum(d, limit)"},
)
training_step.slip(
    "the weights go uphill: the gradient points to larger loss, so it is subtracted", {"a - lr": "a + lr"}
)
training_step.slip(
    "the sums start anew at every update: s + g², not g² alone",
    {"m + d * d for m, d in zip(s, g, strict=True)": "d * d for d in g"},
)
training_step.slip(
    "the weights move by the old sums: add g² first, and divide by the root of the new ones",
    {"s = Weights(*(m": "new = Weights(*(m", "return w, s": "return w, new"},
)
training_step.slip("the square root is missing: Adagrad divides by the root of the summed squares", {"np.sqrt(m)": "m"})
training_step.slip(
    "this is plain gradient descent; s is kept, but the step is not divided by its root", {" / (np.sqrt(m) + 1e-8)": ""}
)
training_step.slip(
    "s is handed back as it came: return the new sums, or every update is a first one",
    {"s = Weights(*(m": "new = Weights(*(m", "zip(w, g, s,": "zip(w, g, new,"},
)
training_step.slip(
    "the squares of the weights are summed where those of the gradients belong",
    {"d * d for m, d in zip(s, g,": "a * a for m, a in zip(s, w,"},
)
training_step.slip(
    "the last result is the state h0 that the chunk began with; the next chunk goes on from the last, h[-1]",
    {"loss, h[-1]": "loss, h0"},
)
training_step.slip("all states come back; the next chunk needs the last one, h[-1] (B, H)", {"loss, h[-1]": "loss, h"})
training_step.slip(
    "the loss is measured anew after the update; the one that gave the gradient is asked for",
    {"loss, h[-1]": "chunk_loss(w, inputs, targets, h0)[0], h[-1]"},
)


@training_step.mistake("it changes the arrays of w and s that it was given: a -= ... and m += ... write into them")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    for a, m, d in zip(w, s, chunk_gradients(w, inputs, targets, h0, p, h), strict=True):
        g = np.clip(d, -limit, limit)
        m += g * g
        a -= lr * g / (np.sqrt(m) + 1e-8)
    return w, s, loss, h[-1]


training_step.slip(
    "it changes the arrays of s that it was given: m += g * g writes into them; m = m + g * g does not",
    {
        "    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))": (
            "    for m, d in zip(s, g, strict=True):\n        m += d * d"
        )
    },
)
training_step.slip(
    "lr and limit are not used: 0.1 and 5 are written into the step instead",
    {"-limit, limit)": "-5.0, 5.0)", "lr * d": "0.1 * d"},
)
training_step.slip(
    "np.clip(g, 0, limit) sets every negative number to zero; the lower end is -limit", {"-limit, limit": "0, limit"}
)
training_step.slip(
    "the 1e-8 stands inside the root; here it is added to the root: np.sqrt(m) + 1e-8",
    {"np.sqrt(m) + 1e-8": "np.sqrt(m + 1e-8)"},
)
training_step.slip(
    "each array is scaled by its own norm; asked is clipping number by number, np.clip",
    {"np.clip(d, -limit, limit)": "d * min(1, limit / np.linalg.norm(d))"},
)
training_step.slip(
    "s sees the clipped gradients, the weights do not: both are to use g after np.clip",
    {"zip(w, g, s, strict=True)": "zip(w, grads, s, strict=True)"},
)
training_step.slip("gradients are added where their squares belong: s + g²", {"m + d * d": "m + d"})
training_step.slip(
    "their sizes are added where the squares of the gradients belong: s + g²", {"m + d * d": "m + np.abs(d)"}
)
training_step.slip(
    "the 1e-8 is missing: a number whose gradient was always zero is divided by zero",
    {"(np.sqrt(m) + 1e-8)": "np.sqrt(m)"},
)
training_step.slip(
    "the results are in another order: weights, sums, loss, state", {"return w, s, loss": "return s, w, loss"}
)


@training_step.variant
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    new_w, new_s = {}, {}
    for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"):
        g = np.maximum(np.minimum(getattr(grads, name), limit), -limit)
        new_s[name] = getattr(s, name) + g**2
        new_w[name] = getattr(w, name) - lr * g / (np.sqrt(new_s[name]) + 1e-8)
    return Weights(**new_w), Weights(**new_s), loss, h[-1]

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


_training_step = training_step.reference  # under a name that an answer cannot hide


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


@training_step.mistake("nothing is clipped: limit each number of each gradient to ±limit first")
def _(w, s, inputs, targets, h0, lr, limit):
    return _training_step(w, s, inputs, targets, h0, lr, np.inf)


@training_step.mistake("this clips by the norm of all gradients together; asked is clipping number by number, np.clip")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    g = [d * min(1, limit / norm) for d in grads]
    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))
    return Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True))), s, loss, h[-1]


@training_step.mistake("the squares are added before clipping: s is to see the clipped gradient, as the weights do")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    s = Weights(*(m + d * d for m, d in zip(s, grads, strict=True)))
    g = [np.clip(d, -limit, limit) for d in grads]
    return Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True))), s, loss, h[-1]


@training_step.mistake("only the upper side is clipped: a gradient of -100 passes. np.clip(g, -limit, limit)")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    g = [np.minimum(d, limit) for d in chunk_gradients(w, inputs, targets, h0, p, h)]
    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))
    return Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True))), s, loss, h[-1]


@training_step.mistake("the weights go uphill: the gradient points to larger loss, so it is subtracted")
def _(w, s, inputs, targets, h0, lr, limit):
    return _training_step(w, s, inputs, targets, h0, -lr, limit)


@training_step.mistake("the sums start anew at every update: s + g², not g² alone")
def _(w, s, inputs, targets, h0, lr, limit):
    return _training_step(w, Weights(*(0 * m for m in s)), inputs, targets, h0, lr, limit)


@training_step.mistake("the weights move by the old sums: add g² first, and divide by the root of the new ones")
def _(w, s, inputs, targets, h0, lr, limit):
    _, s_new, loss, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    _, p, states = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, -limit, limit) for d in chunk_gradients(w, inputs, targets, h0, p, states)]
    w = Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True)))
    return w, s_new, loss, h


@training_step.mistake("the square root is missing: Adagrad divides by the root of the summed squares")
def _(w, s, inputs, targets, h0, lr, limit):
    _, s_new, loss, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    _, p, states = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, -limit, limit) for d in chunk_gradients(w, inputs, targets, h0, p, states)]
    return Weights(*(a - lr * d / (m + 1e-8) for a, d, m in zip(w, g, s_new, strict=True))), s_new, loss, h


@training_step.mistake("this is plain gradient descent; s is kept, but the step is not divided by its root")
def _(w, s, inputs, targets, h0, lr, limit):
    _, s_new, loss, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    _, p, states = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, -limit, limit) for d in chunk_gradients(w, inputs, targets, h0, p, states)]
    return Weights(*(a - lr * d for a, d in zip(w, g, strict=True))), s_new, loss, h


@training_step.mistake("s is handed back as it came: return the new sums, or every update is a first one")
def _(w, s, inputs, targets, h0, lr, limit):
    w, _, loss, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    return w, s, loss, h


@training_step.mistake("the squares of the weights are summed where those of the gradients belong")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, -limit, limit) for d in chunk_gradients(w, inputs, targets, h0, p, h)]
    s = Weights(*(m + a * a for m, a in zip(s, w, strict=True)))
    return Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True))), s, loss, h[-1]


@training_step.mistake(
    "the last result is the state h0 that the chunk began with; the next chunk goes on from the last, h[-1]"
)
def _(w, s, inputs, targets, h0, lr, limit):
    w, s, loss, _ = _training_step(w, s, inputs, targets, h0, lr, limit)
    return w, s, loss, h0


@training_step.mistake("all states come back; the next chunk needs the last one, h[-1] (B, H)")
def _(w, s, inputs, targets, h0, lr, limit):
    h = chunk_loss(w, inputs, targets, h0)[2]
    w, s, loss, _ = _training_step(w, s, inputs, targets, h0, lr, limit)
    return w, s, loss, h


@training_step.mistake("the loss is measured anew after the update; the one that gave the gradient is asked for")
def _(w, s, inputs, targets, h0, lr, limit):
    w, s, _, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    return w, s, chunk_loss(w, inputs, targets, h0)[0], h


@training_step.mistake("it changes the arrays of w and s that it was given: a -= ... and m += ... write into them")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    for a, m, d in zip(w, s, chunk_gradients(w, inputs, targets, h0, p, h), strict=True):
        g = np.clip(d, -limit, limit)
        m += g * g
        a -= lr * g / (np.sqrt(m) + 1e-8)
    return w, s, loss, h[-1]


@training_step.mistake(
    "it changes the arrays of s that it was given: m += g * g writes into them; m = m + g * g does not"
)
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    moved = []
    for a, m, d in zip(w, s, chunk_gradients(w, inputs, targets, h0, p, h), strict=True):
        g = np.clip(d, -limit, limit)
        m += g * g
        moved.append(a - lr * g / (np.sqrt(m) + 1e-8))
    return Weights(*moved), s, loss, h[-1]


@training_step.mistake("lr and limit are not used: 0.1 and 5 are written into the step instead")
def _(w, s, inputs, targets, h0, lr, limit):
    return _training_step(w, s, inputs, targets, h0, 0.1, 5.0)


@training_step.mistake("np.clip(g, 0, limit) sets every negative number to zero; the lower end is -limit")
def _(w, s, inputs, targets, h0, lr, limit):
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, 0, limit) for d in chunk_gradients(w, inputs, targets, h0, p, h)]
    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))
    return Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True))), s, loss, h[-1]


@training_step.mistake("the 1e-8 stands inside the root; here it is added to the root: np.sqrt(m) + 1e-8")
def _(w, s, inputs, targets, h0, lr, limit):
    _, s_new, loss, h = _training_step(w, s, inputs, targets, h0, lr, limit)
    _, p, states = chunk_loss(w, inputs, targets, h0)
    g = [np.clip(d, -limit, limit) for d in chunk_gradients(w, inputs, targets, h0, p, states)]
    return Weights(*(a - lr * d / np.sqrt(m + 1e-8) for a, d, m in zip(w, g, s_new, strict=True))), s_new, loss, h


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

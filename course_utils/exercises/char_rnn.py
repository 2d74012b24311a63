"""Lesson 05: a character network's loss, training step, sampler and chunks, a truncation without bias, six bugs mended."""

import numpy as np

from ..losses import softmax
from ..sampling import inverse_transform
from ..studies.char_rnn import Weights, chunk_gradients, zeros
from .definition import case, exercise


def _network(rng, V, H, scale=0.8, dtype=np.float64):
    shapes = (V, H), (H, H), (H,), (H, V), (V,)
    return Weights(*((scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes))


def _chunk(rng, T, B, V, H, dtype=np.float64):
    """Weights, inputs and their targets (T, B), and a state (B, H); no target equals its input."""
    ids = np.cumsum(rng.integers(1, V, (T + 1, B)), axis=0) % V
    return _network(rng, V, H, dtype=dtype), ids[:-1], ids[1:], rng.uniform(-0.9, 0.9, (B, H)).astype(dtype)


@exercise(
    "5.1",
    points=2,
    outputs=("loss", "p", "h"),
    hints=(
        "Three lines of mathematics, three parts of code: a loop for the states, the softmax of all scores, the mean loss.",
        "The row of W_xh for each token of a step is w.W_xh[x_t], (B, H). Collect the states and np.stack them: (T, B, H).",
        "p[t, b, targets[t, b]] is what np.take_along_axis(p, targets[..., None], axis=-1) picks; then -np.log(...).mean().",
    ),
)
def chunk_loss(
    w: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Tokens inputs, targets (T, B) and h0 (B, H) to mean loss in nats, probabilities (T, B, V), states (T, B, H)."""
    h, states = h0, []
    for x_t in inputs:
        h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)
        states.append(h)
    h = np.stack(states)
    p = softmax(h @ w.W_hy + w.b_y)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


_chunk_loss = chunk_loss.reference  # under a name that an answer cannot hide


@chunk_loss.cases
def _(rng):
    yield case("two steps of three sequences", *_chunk(rng, T=2, B=3, V=4, H=5))
    yield case("seven steps", *_chunk(rng, T=7, B=2, V=6, H=5))
    w, inputs, targets, h0 = _chunk(rng, T=3, B=2, V=5, H=4)
    yield case("from a state of zeros", w, inputs, targets, 0 * h0)
    yield case("untrained (all weights zero): the loss is log V", Weights(*(0 * a for a in w)), inputs, targets, h0)
    yield case("all scores 1000 higher: p stays the same", w._replace(b_y=w.b_y + 1000), inputs, targets, h0)
    yield case("one step (T = 1)", *_chunk(rng, T=1, B=3, V=5, H=2))
    yield case("one sequence (B = 1)", *_chunk(rng, T=6, B=1, V=5, H=4))
    yield case("a long chunk (T = 200)", *_chunk(rng, T=200, B=2, V=5, H=4))
    yield case("all sizes equal", *_chunk(rng, T=4, B=4, V=4, H=4))
    yield case("float32", *_chunk(rng, T=5, B=2, V=6, H=3, dtype=np.float32))


@chunk_loss.mistake("the state is not carried from step to step: each step starts from h0")
def _(w, inputs, targets, h0):
    h = np.tanh(w.W_xh[inputs] + h0 @ w.W_hh + w.b_h)
    p = softmax(h @ w.W_hy + w.b_y)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake("h0 plays no part: the chunk starts from zeros, so what was read before it is lost")
def _(w, inputs, targets, h0):
    h, states = np.zeros_like(h0), []
    for x_t in inputs:
        h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)
        states.append(h)
    h = np.stack(states)
    p = softmax(h @ w.W_hy + w.b_y)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake("the loss asks for the inputs, which the network has just been told; it must ask for the targets")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p, inputs[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake("the losses of all steps and sequences are added; the mean is asked for")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).sum(), p, h


@chunk_loss.mistake("the steps are added and only the sequences averaged: divide by T as well (the mean is over both)")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(axis=1).sum(), p, h


@chunk_loss.mistake("the sequences are added and only the steps averaged: divide by B as well (the mean is over both)")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(axis=0).sum(), p, h


@chunk_loss.mistake("this is the loss of the last step alone; every step of the chunk has one")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p[-1], targets[-1][:, None], axis=-1)).mean(), p, h


@chunk_loss.mistake("the sign is lost: log p is below zero, a loss is -log p")
def _(w, inputs, targets, h0):
    loss, p, h = _chunk_loss(w, inputs, targets, h0)
    return -loss, p, h


chunk_loss.slip("the loss is in bits (log2); losses are in nats here, np.log", {"np.log(": "np.log2("})


@chunk_loss.mistake("this is the log of a mean of probabilities; take the log of each first, then the mean")
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1).mean()), p, h


@chunk_loss.mistake("each row of p must sum to 1 by itself; here the whole array does. Sum over the last axis only")
def _(w, inputs, targets, h0):
    _, _, h = _chunk_loss(w, inputs, targets, h0)
    a = h @ w.W_hy + w.b_y
    e = np.exp(a - a.max())
    p = e / e.sum()
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake(
    "the softmax runs over the sequences (or the steps) instead of the tokens: the last axis is the vocabulary"
)
def _(w, inputs, targets, h0):
    _, _, h = _chunk_loss(w, inputs, targets, h0)
    p = np.stack([softmax((h_t @ w.W_hy + w.b_y).T).T for h_t in h])
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake("exp overflows for large scores: subtract the largest of each row first (softmax does)")
def _(w, inputs, targets, h0):
    _, _, h = _chunk_loss(w, inputs, targets, h0)
    e = np.exp(h @ w.W_hy + w.b_y)
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h


@chunk_loss.mistake("the scores come back where probabilities are asked for: return softmax(a), not a")
def _(w, inputs, targets, h0):
    loss, _, h = _chunk_loss(w, inputs, targets, h0)
    return loss, h @ w.W_hy + w.b_y, h


@chunk_loss.mistake("the bias of the read-out is forgotten: b_y")
def _(w, inputs, targets, h0):
    return _chunk_loss(w._replace(b_y=0 * w.b_y), inputs, targets, h0)


@chunk_loss.mistake("the bias of the state is forgotten: b_h")
def _(w, inputs, targets, h0):
    return _chunk_loss(w._replace(b_h=0 * w.b_h), inputs, targets, h0)


@chunk_loss.mistake("W_hh is transposed; with row vectors it is h @ W_hh")
def _(w, inputs, targets, h0):
    return _chunk_loss(w._replace(W_hh=w.W_hh.T), inputs, targets, h0)


@chunk_loss.mistake("only the last state comes back; the way back will need the states of all T steps")
def _(w, inputs, targets, h0):
    loss, p, h = _chunk_loss(w, inputs, targets, h0)
    return loss, p, h[-1]


@chunk_loss.mistake("h0 is among the states: T + 1 of them come back; the answer begins with h_1")
def _(w, inputs, targets, h0):
    loss, p, h = _chunk_loss(w, inputs, targets, h0)
    return loss, p, np.concatenate([h0[None], h])


@chunk_loss.mistake(
    "right for B = 1 only: p[:, y] pairs every sequence with every target; p[np.arange(B), y] with its own"
)
def _(w, inputs, targets, h0):
    _, p, h = _chunk_loss(w, inputs, targets, h0)
    return np.mean([-np.log(p_t[:, y_t]).mean() for p_t, y_t in zip(p, targets, strict=True)]), p, h


chunk_loss.slip(
    "the tanh is missing: without it the state is a linear function of all that was read",
    {"np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)": "w.W_xh[x_t] + h @ w.W_hh + w.b_h"},
)
chunk_loss.slip(
    "the states are one step late: they begin with h0, and each is asked before it has read its input",
    {
        "        h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)\n        states.append(h)": (
            "        states.append(h)\n        h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)"
        )
    },
)
chunk_loss.slip("the results are in another order: loss, probabilities, states", {".mean(), p, h": ".mean(), h, p"})


@chunk_loss.variant
def _(w, inputs, targets, h0):
    (T, B), V = inputs.shape, len(w.b_y)
    h, p, loss = {-1: h0}, np.zeros((T, B, V), h0.dtype), 0.0
    for t in range(T):
        h[t] = np.tanh(np.eye(V, dtype=h0.dtype)[inputs[t]] @ w.W_xh + h[t - 1] @ w.W_hh + w.b_h)
        a = h[t] @ w.W_hy + w.b_y
        p[t] = np.exp(a - a.max(axis=1, keepdims=True))
        p[t] /= p[t].sum(axis=1, keepdims=True)
        loss -= sum(np.log(p[t, b, targets[t, b]]) for b in range(B))
    return loss / (T * B), p, [h[t] for t in range(T)]


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


def _sums(rng, w, size):
    return Weights(*((size * rng.uniform(0.5, 1.5, a.shape)).astype(a.dtype) for a in w))


_training_step = training_step.reference  # under a name that an answer cannot hide


@training_step.cases
def _(rng):
    w, *chunk = _chunk(rng, T=3, B=2, V=5, H=4)
    yield case(
        "the first update: sums of zero, no number above the limit", w, Weights(*(0 * a for a in w)), *chunk, 0.1, 5
    )
    yield case("a later update: sums from before", w, _sums(rng, w, 1e-2), *chunk, 0.1, 5.0)
    yield case("clipped at ±0.01", w, _sums(rng, w, 1e-4), *chunk, 0.1, 0.01)
    yield case("another learning rate", w, _sums(rng, w, 1e-3), *chunk, 0.025, 0.02)
    w, *chunk = _chunk(rng, T=1, B=1, V=3, H=2)
    yield case("one step of one sequence", w, _sums(rng, w, 1e-2), *chunk, 0.1, 0.2)
    w, *chunk = _chunk(rng, T=25, B=1, V=7, H=6)
    yield case("the classic chunk: 25 steps of one sequence", w, _sums(rng, w, 1e-4), *chunk, 0.1, 0.02)
    w, *chunk = _chunk(rng, T=5, B=3, V=6, H=4, dtype=np.float32)
    yield case("float32", w, _sums(rng, w, 1e-2), *chunk, 0.1, 0.05)


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


@exercise(
    "5.3",
    points=2,
    hints=(
        "Each turn reads one token, moves the state, and draws the next token, which the next turn reads.",
        "The temperature divides the scores before the softmax. inverse_transform(p, u_t) turns probabilities into a token.",
        "In each turn: h = np.tanh(... w.W_xh[token] ... h ...), p = softmax((...) / temperature), token = draw, append it.",
    ),
)
def write(w: Weights, h: np.ndarray, token: int, u: np.ndarray, temperature: float) -> np.ndarray:
    """n tokens (n,): read `token` in state h (H,), draw the next with u[0], read it, draw with u[1], ...; u (n,)."""
    ids = []
    for u_t in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        p = softmax((h @ w.W_hy + w.b_y) / temperature)
        token = int(inverse_transform(p, u_t))
        ids.append(token)
    return np.array(ids)


_write = write.reference  # under a name that an answer cannot hide


@write.cases
def _(rng):
    w, h = _network(rng, V=9, H=6, scale=1.2), rng.uniform(-0.9, 0.9, 6)
    yield case("forty tokens", w, h, 4, rng.random(40), 1.0)
    yield case("one token", w, h, 2, rng.random(1), 1.0)
    yield case("the same u each time: it is the state that changes", w, h, 0, np.full(30, 0.5), 1.0)
    yield case("from a state of zeros", w, 0 * h, 8, rng.random(30), 1.0)
    yield case("at temperature 0.4", w, h, 4, rng.random(60), 0.4)
    yield case("at temperature 3", w, h, 4, rng.random(60), 3.0)
    w, h = _network(rng, V=7, H=5, scale=1.5, dtype=np.float32), rng.uniform(-0.9, 0.9, 5).astype(np.float32)
    yield case("two hundred tokens", w, h, 3, rng.random(200), 0.8)


@write.mistake(
    "the state is reset at every character: each one is written as if nothing stood before it but its neighbour"
)
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        p = softmax((np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h) @ w.W_hy + w.b_y) / temperature)
        token = int(inverse_transform(p, u_t))
        ids.append(token)
    return np.array(ids)


@write.mistake("the state is set to zeros at every character, and nothing is remembered beyond the last one")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        p = softmax((np.tanh(w.W_xh[token] + w.b_h) @ w.W_hy + w.b_y) / temperature)
        token = int(inverse_transform(p, u_t))
        ids.append(token)
    return np.array(ids)


@write.mistake("the most likely token is taken each time; draw one with u, or the text will soon go round in a circle")
def _(w, h, token, u, temperature):
    ids = []
    for _ in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        token = int(np.argmax(h @ w.W_hy + w.b_y))
        ids.append(token)
    return np.array(ids)


@write.mistake(
    "what is read next is the most likely token, not the one that was drawn: the text and the state part company"
)
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        p = softmax((h @ w.W_hy + w.b_y) / temperature)
        ids.append(int(inverse_transform(p, u_t)))
        token = int(np.argmax(p))
    return np.array(ids)


@write.mistake("the network is fed its own probabilities instead of the token that was drawn")
def _(w, h, token, u, temperature):
    ids, x = [], np.eye(len(w.b_y))[token]
    for u_t in u:
        h = np.tanh(x @ w.W_xh + h @ w.W_hh + w.b_h)
        x = softmax((h @ w.W_hy + w.b_y) / temperature)
        ids.append(int(inverse_transform(x, u_t)))
    return np.array(ids)


@write.mistake("the network is fed its own scores (logits) instead of the token that was drawn")
def _(w, h, token, u, temperature):
    ids, x = [], np.eye(len(w.b_y))[token]
    for u_t in u:
        h = np.tanh(x @ w.W_xh + h @ w.W_hh + w.b_h)
        x = h @ w.W_hy + w.b_y
        ids.append(int(inverse_transform(softmax(x / temperature), u_t)))
    return np.array(ids)


@write.mistake("the drawn token is never read: the network reads the first one again and again")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        ids.append(int(inverse_transform(softmax((h @ w.W_hy + w.b_y) / temperature), u_t)))
    return np.array(ids)


@write.mistake("scores are not probabilities: their running sum means nothing. Take the softmax first, then draw")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        token = int(np.argmax(np.cumsum((h @ w.W_hy + w.b_y) / temperature) > u_t))
        ids.append(token)
    return np.array(ids)


@write.mistake("the temperature is multiplied: a low one must sharpen, so the scores are divided by it")
def _(w, h, token, u, temperature):
    return _write(w, h, token, u, 1 / temperature)


@write.mistake(
    "the temperature has no effect: it is not used, or p / temperature was normalised again. It divides the scores"
)
def _(w, h, token, u, temperature):
    return _write(w, h, token, u, 1.0)


@write.mistake("the temperature also changes the state: divide the scores by it, nothing else")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        h = np.tanh((w.W_xh[token] + h @ w.W_hh + w.b_h) / temperature)
        token = int(inverse_transform(softmax((h @ w.W_hy + w.b_y) / temperature), u_t))
        ids.append(token)
    return np.array(ids)


@write.mistake("it draws before it reads: the first token is drawn from h as it came, without having read `token`")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        token = int(inverse_transform(softmax((h @ w.W_hy + w.b_y) / temperature), u_t))
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        ids.append(token)
    return np.array(ids)


@write.mistake("one u serves for all: u[t] is for the t-th token")
def _(w, h, token, u, temperature):
    return _write(w, h, token, np.full(len(u), u[0]), temperature)


@write.mistake("the answer begins with the token that was given; only the n drawn ones are asked for")
def _(w, h, token, u, temperature):
    return np.array([token, *_write(w, h, token, u, temperature)])


@write.mistake("the answer is one token late: it lists what was read, and the last token drawn is lost")
def _(w, h, token, u, temperature):
    return np.array([token, *_write(w, h, token, u, temperature)[:-1]])


@write.mistake("W_hh is transposed; with row vectors it is h @ W_hh")
def _(w, h, token, u, temperature):
    return _write(w._replace(W_hh=w.W_hh.T), h, token, u, temperature)


@write.mistake("the bias b_h is forgotten")
def _(w, h, token, u, temperature):
    return _write(w._replace(b_h=0 * w.b_h), h, token, u, temperature)


@write.mistake("the bias b_y is forgotten")
def _(w, h, token, u, temperature):
    return _write(w._replace(b_y=0 * w.b_y), h, token, u, temperature)


@write.mistake("the text is right, but the caller's h is overwritten: h[:] = ... writes into it, h = ... does not")
def _(w, h, token, u, temperature):
    ids = []
    for u_t in u:
        h[:] = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        token = int(inverse_transform(softmax((h @ w.W_hy + w.b_y) / temperature), u_t))
        ids.append(token)
    return np.array(ids)


write.slip("the h that was given plays no part: the text begins from zeros", {"ids = []": "ids, h = [], 0 * h"})
write.slip(
    "a bracket is missing: the temperature divides only b_y, not the whole score",
    {"(h @ w.W_hy + w.b_y) / temperature": "h @ w.W_hy + w.b_y / temperature"},
)
write.slip(
    "probabilities are divided by the temperature, and no longer sum to 1: divide the scores, before the softmax",
    {"softmax((h @ w.W_hy + w.b_y) / temperature)": "softmax(h @ w.W_hy + w.b_y) / temperature"},
)


@write.variant
def _(w, h, token, u, temperature):
    ids = np.zeros(len(u), int)
    for t in range(len(u)):
        h = np.tanh(np.eye(len(w.b_y))[token] @ w.W_xh + h @ w.W_hh + w.b_h)
        e = np.exp((h @ w.W_hy + w.b_y) / temperature)
        token = ids[t] = np.searchsorted(np.cumsum(e / e.sum()), u[t], side="right")
    return ids


@exercise(
    "5.4",
    points=2,
    hints=(
        "Cut the text into B pieces of equal length, one below the other; each becomes a column. Then cut across.",
        "length = (len(ids) - 1) // B, since the last target needs one token more. reshape(B, length).T has time first.",
        "x from ids[: B * length], y from ids[1 : B * length + 1]; then (x[t : t + T], y[t : t + T], t == 0) for t in steps.",
    ),
)
def chunks(ids: np.ndarray, B: int, T: int) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """A text (N,) as a list of (inputs (T, B), targets (T, B), fresh) of B streams; the last chunk may be shorter."""
    length = (len(ids) - 1) // B
    x = ids[: B * length].reshape(B, length).T
    y = ids[1 : B * length + 1].reshape(B, length).T
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


_chunks = chunks.reference  # under a name that an answer cannot hide


@chunks.cases
def _(rng):
    yield case("one stream of 13 tokens in chunks of 4", rng.permutation(13), 1, 4)
    yield case("three streams", rng.permutation(37), 3, 4)
    yield case("two streams, the last chunk shorter", rng.permutation(24), 2, 5)
    yield case("tokens to spare: the end of the text is not used", rng.permutation(29), 5, 2)
    yield case("a length that B divides: the last target needs one token more", rng.permutation(24), 3, 3)
    yield case("chunks of one step", rng.permutation(11), 2, 1)
    yield case("one chunk that holds it all", rng.permutation(15), 2, 50)
    yield case("as many streams as steps", rng.permutation(33), 4, 4)
    yield case("a longer text, with repeated tokens", rng.integers(0, 5, 1000), 6, 20)


@chunks.mistake("targets equal to inputs: the target is the *next* token, one step later in its stream")
def _(ids, B, T):
    return [(x, x, fresh) for x, _, fresh in _chunks(ids, B, T)]


@chunks.mistake(
    "fresh is always True: the state would be reset at every chunk, and nothing remembered for longer than T steps"
)
def _(ids, B, T):
    return [(x, y, True) for x, y, _ in _chunks(ids, B, T)]


@chunks.mistake("fresh is never True: at the next pass the start of the text would go on from the state at its end")
def _(ids, B, T):
    return [(x, y, False) for x, y, _ in _chunks(ids, B, T)]


@chunks.mistake(
    "fresh the wrong way round: True means that no state may be carried *into* the chunk, so the first has it"
)
def _(ids, B, T):
    return [(x, y, not fresh) for x, y, fresh in _chunks(ids, B, T)]


@chunks.mistake(
    "the state would be carried across texts that do not belong together: each chunk is a new piece of B·T tokens, "
    "so row b of the next chunk does not go on where row b ended"
)
def _(ids, B, T):
    n, found = (len(ids) - 1) // B * B, []
    for t in range(0, n, B * T):
        x, y = (ids[k + t : min(k + t + B * T, k + n)].reshape(B, -1).T for k in (0, 1))
        found.append((x, y, t == 0))
    return found


@chunks.mistake(
    "neighbours in the text became neighbours in the batch: each stream reads every B-th token. reshape(B, length), then .T"
)
def _(ids, B, T):
    length = (len(ids) - 1) // B
    x, y = (ids[k : k + B * length].reshape(length, B) for k in (0, 1))
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


@chunks.mistake("the last, shorter chunk is dropped; it belongs to the text as well")
def _(ids, B, T):
    length = (len(ids) - 1) // B
    return [chunk for chunk in _chunks(ids, B, T) if len(chunk[0]) == min(T, length)]


@chunks.mistake(
    "each chunk takes its targets from itself and is one step short: the first token of each chunk is never predicted"
)
def _(ids, B, T):
    return [(x[:-1], x[1:], fresh) for x, _, fresh in _chunks(ids, B, T)]


@chunks.mistake("shifted the wrong way: the target is the token *before*. The targets start at ids[1]")
def _(ids, B, T):
    return [(y, x, fresh) for x, y, fresh in _chunks(ids, B, T)]


@chunks.mistake(
    "targets shifted within each stream by np.roll: the last target of a stream is its first token. Take ids[1 : ...]"
)
def _(ids, B, T):
    length = (len(ids) - 1) // B
    x = ids[: B * length].reshape(B, length).T
    y = np.roll(x, -1, axis=0)
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


@chunks.mistake("targets shifted by np.roll: the very last target is the first token of the text. Take ids[1 : ...]")
def _(ids, B, T):
    length = (len(ids) - 1) // B
    x, y = (a[: B * length].reshape(B, length).T for a in (ids, np.roll(ids[: B * length], -1)))
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


@chunks.mistake("batch comes first here; time is the first axis: inputs (T, B)")
def _(ids, B, T):
    return [(x.T, y.T, fresh) for x, y, fresh in _chunks(ids, B, T)]


@chunks.mistake(
    "the chunks overlap: each starts one step after the one before, with a state that has read that text already"
)
def _(ids, B, T):
    length = (len(ids) - 1) // B
    x, y = (ids[k : k + B * length].reshape(B, length).T for k in (0, 1))
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(max(length - T + 1, 1))]


@chunks.mistake("where B divides the length, the last target is missing: each stream has (len(ids) - 1) // B steps")
def _(ids, B, T):
    length = len(ids) // B
    x = ids[: B * length].reshape(B, length).T
    y = ids[1 : B * length + 1].reshape(B, length).T
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


@chunks.mistake("fresh is missing: each chunk is (inputs, targets, fresh)")
def _(ids, B, T):
    return [(x, y) for x, y, _ in _chunks(ids, B, T)]


@chunks.mistake(
    "each stream loses its last step: it takes its targets from itself, but the target of its last token "
    "is the first token of the next stream"
)
def _(ids, B, T):
    length = len(ids) // B
    streams = ids[: B * length].reshape(B, length).T
    x, y = streams[:-1], streams[1:]
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length - 1, T)]


@chunks.mistake("the last chunk is left out whether it is full or not: the starts are range(0, length, T)")
def _(ids, B, T):
    return _chunks(ids, B, T)[:-1]


chunks.slip(
    "the targets wrap round: np.roll makes the first token of the text the target of its last, which has no next one",
    {"(len(ids) - 1) // B": "len(ids) // B", "ids[1 : B * length + 1]": "np.roll(ids, -1)[: B * length]"},
)
chunks.slip(
    "targets shifted within each chunk by np.roll: the last target of a chunk is the first token of its inputs",
    {"y[t : t + T]": "np.roll(x[t : t + T], -1, axis=0)"},
)
chunks.slip(
    "a chunk begins at every step, so the text is read T times over: the next begins T steps later",
    {"range(0, length, T)": "range(length)"},
)
chunks.slip(
    "the streams are rows, so a cut across takes some streams whole: time is the first axis, .T",
    {
        "ids[: B * length].reshape(B, length).T": "ids[: B * length].reshape(B, length)",
        "B * length + 1].reshape(B, length).T": "B * length + 1].reshape(B, length)",
    },
)


@chunks.variant
def _(ids, B, T):
    length = (len(ids) - 1) // B
    found = []
    for start in range(0, length, T):
        at = start + np.arange(min(T, length - start))[:, None] + length * np.arange(B)
        found.append([ids[at].tolist(), ids[at + 1].tolist(), start == 0])
    return found


@exercise(
    "5.5",
    points=2,
    hints=(
        "Begin with pass A of lesson 04: each step's gradient is its own plus what the next step sends back.",
        "Only what step t + 1 sends back is multiplied by a weight: 1 / p where u[t] < p, and 0 elsewhere, for each sequence.",
        "weight = np.where(u[t] < p, 1 / p, 0)[:, None], and dh[t] = dh_out[t] + weight * ((...) @ W_hh.T).",
    ),
)
def randomised_backward(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray, u: np.ndarray, p: float) -> np.ndarray:
    """dh_out, h (T, B, H) to estimates of ∂L/∂h_t (T, B, H); u[t, b] < p: step t + 1 sends back to step t; u (T - 1, B)."""
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        sent = (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
        dh[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * sent
    return dh


def _way_back(rng, T, B, H, dtype=np.float64):
    arrays = rng.standard_normal((T, B, H)), rng.uniform(-0.9, 0.9, (T, B, H)), rng.standard_normal((H, H)) / H**0.5
    return *(a.astype(dtype) for a in arrays), rng.random((T - 1, B))


_randomised_backward = randomised_backward.reference  # under a name that an answer cannot hide


@randomised_backward.cases
def _(rng):
    *given, u = _way_back(rng, T=3, B=2, H=4)
    yield case("p = 1 is full backpropagation through time", *given, u, 1.0)
    yield case("nothing is sent back (all u above p)", *given, 0.5 + u / 2, 0.4)
    yield case("everything is sent back (all u below p)", *given, 0.3 * u, 0.3)
    yield case("seven steps, p = 0.7", *_way_back(rng, T=7, B=5, H=3), 0.7)
    yield case("one step (T = 1): there is nothing before it", *_way_back(rng, T=1, B=2, H=3), 0.5)
    yield case("one sequence (B = 1), p = 0.9", *_way_back(rng, T=12, B=1, H=4), 0.9)
    yield case("200 steps", *_way_back(rng, T=200, B=2, H=3), 0.6)
    yield case("all sizes equal", *_way_back(rng, T=4, B=4, H=4), 0.6)
    yield case("float32", *_way_back(rng, T=9, B=3, H=4, dtype=np.float32), 0.8)


@randomised_backward.mistake("cut, but not weighted: what passes must be multiplied by 1/p, or the mean is too small")
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += (u[t] < p)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("what passes is multiplied by p; it must be divided by it, to make up for what is cut")
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += np.where(u[t] < p, p, 0)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake(
    "p is the probability to go on; here it serves as the probability to cut (and so does 1/(1 - p))"
)
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        weight = np.where(u[t] < p, 0, 1 / max(1 - p, 1e-300))[:, None]
        dh[t] += weight * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("cut and pass are swapped: u[t] < p means that the gradient passes")
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += np.where(u[t] < p, 0, 1 / p)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("the weight 1/p stands where it passes, but where it is cut the gradient passes as well")
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += np.where(u[t] < p, 1 / p, 1)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake(
    "the weight also hits the step's own gradient dh_out[t]; only what step t + 1 sends back has it"
)
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        sent = (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
        dh[t] = np.where(u[t] < p, 1 / p, 0)[:, None] * (dh_out[t] + sent)
    return dh


@randomised_backward.mistake(
    "after the first cut nothing is sent any more; earlier steps draw anew whether to pass theirs on"
)
def _(dh_out, h, W_hh, u, p):
    dh, going = dh_out.copy(), np.ones(u.shape[1], bool)
    for t in reversed(range(len(h) - 1)):
        going = going & (u[t] < p)
        dh[t] += np.where(going, 1 / p, 0)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("one draw serves all sequences; each has its own u[t, b]")
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += (u[t, 0] < p) / p * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("u is read from the wrong end: u[t] belongs to what goes from step t + 1 to step t")
def _(dh_out, h, W_hh, u, p):
    return _randomised_backward(dh_out, h, W_hh, u[::-1], p)


@randomised_backward.mistake("nothing is cut: this is full backpropagation through time")
def _(dh_out, h, W_hh, u, p):
    return _randomised_backward(dh_out, h, W_hh, 0 * u, 1.0)


@randomised_backward.mistake(
    "step t + 1 sends on its own output's part only: hand on dh[t + 1], not dh_out[t + 1], and go from the last step back"
)
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * ((dh_out[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake(
    "the slope is that of step t; what comes from step t + 1 went through its tanh: 1 - h[t + 1]²"
)
def _(dh_out, h, W_hh, u, p):
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        dh[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * ((dh[t + 1] * (1 - h[t] ** 2)) @ W_hh.T)
    return dh


@randomised_backward.mistake("the slope of tanh is missing: 1 - h[t + 1]²")
def _(dh_out, h, W_hh, u, p):
    return _randomised_backward(dh_out, 0 * h, W_hh, u, p)


@randomised_backward.mistake("W_hh is not transposed: on the way back a row is multiplied by W_hh.T")
def _(dh_out, h, W_hh, u, p):
    return _randomised_backward(dh_out, h, W_hh.T, u, p)


@randomised_backward.mistake("the caller's dh_out is changed: start from a copy of it")
def _(dh_out, h, W_hh, u, p):
    for t in reversed(range(len(h) - 1)):
        dh_out[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * ((dh_out[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh_out


randomised_backward.slip(
    "the weight is 1/(1 - p), one over the probability to cut; what passes had the probability p",
    {"np.where(u[t] < p, 1 / p, 0)[:, None]": "(u[t] < p)[:, None] / np.float64(1 - p)"},
)
randomised_backward.slip("the slope of tanh is 1 - h², not 1 - h", {"h[t + 1] ** 2": "h[t + 1]"})


@randomised_backward.variant
def _(dh_out, h, W_hh, u, p):
    T, B, _ = h.shape
    dh = [list(rows) for rows in dh_out]
    for t in range(T - 2, -1, -1):
        for b in range(B):
            if u[t][b] < p:
                dh[t][b] = dh[t][b] + W_hh @ ((1 - h[t + 1][b] ** 2) * dh[t + 1][b]) / p
    return dh


@exercise(
    "5.6",
    points=2,
    outputs=("loss", "h"),
    hints=(
        "One bug stops the program, one is in how the weights are drawn, and one makes every state forget the last.",
        "An empty list has no place -1. Where should the state before the first step be kept, so that step t finds its own?",
        "standard_normal for random; start with a dictionary {-1: zeros} (or an array of T + 1 states); read hs[t - 1].",
    ),
)
def mended_forward(
    rng: np.random.Generator, V: int, H: int, inputs: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Draw W_xh, W_hh, W_hy (0.01 times normal numbers) in this order, read inputs (T, B): loss, states (T, B, H)."""
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    T, B = inputs.shape
    hs, loss = {-1: np.zeros((B, H))}, 0.0
    for t in range(T):
        hs[t] = np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh)
        p = softmax(hs[t] @ W_hy)
        loss -= np.log(p[np.arange(B), targets[t]]).mean() / T
    return loss, np.stack([hs[t] for t in range(T)])


_mended_forward = mended_forward.reference  # under a name that an answer cannot hide


@mended_forward.cases
def _(rng):
    for claim, T, B, V, H in (
        ("one step (T = 1)", 1, 2, 4, 300),  # many units: scores, and so losses, differ enough to tell
        ("three steps of two sequences", 3, 2, 5, 4),
        ("one sequence (B = 1)", 6, 1, 5, 7),
        ("all sizes equal", 4, 4, 4, 4),
        ("two hundred steps", 200, 2, 6, 5),
    ):
        ids = rng.integers(0, V, (T + 1, B))
        yield case(claim, np.random.default_rng(int(rng.integers(2**31))), V, H, ids[:-1], ids[1:])


@mended_forward.mistake("hs is still an empty list: hs[-1] is its last element, and there is none (IndexError)")
def _(rng, V, H, inputs, targets):
    hs = []
    hs[-1] = np.zeros((inputs.shape[1], H))
    return 0.0, np.stack(hs)


@mended_forward.mistake(
    "two bugs are left, in the start and in the states: the weights are all above zero, and hs[-1] is no h_{t-1}"
)
def _(rng, V, H, inputs, targets):
    W_xh, _, W_hy = (0.01 * rng.random(shape) for shape in ((V, H), (H, H), (H, V)))
    hs = np.tanh(W_xh[inputs])
    p = softmax(hs @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), hs


@mended_forward.mistake("the states are mended, the start is not: rng.random is never negative, and its mean is 0.5")
def _(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (0.01 * rng.random(shape) for shape in ((V, H), (H, H), (H, V)))
    h, hs = np.zeros((inputs.shape[1], H)), []
    for x_t in inputs:
        h = np.tanh(W_xh[x_t] + h @ W_hh)
        hs.append(h)
    p = softmax(np.stack(hs) @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), np.stack(hs)


@mended_forward.mistake(
    "the start is mended, the states are not: hs[-1] is the state before the *first* step, at every step"
)
def _(rng, V, H, inputs, targets):
    W_xh, _, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    hs = np.tanh(W_xh[inputs])
    p = softmax(hs @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), hs


@mended_forward.mistake(
    "all is mended but one thing: T + 1 states come back. The first of them was there before any token"
)
def _(rng, V, H, inputs, targets):
    loss, hs = _mended_forward(rng, V, H, inputs, targets)
    return loss, np.concatenate([0 * hs[:1], hs])


@mended_forward.mistake("the loss is summed over the steps now; it was a mean, and that was no bug")
def _(rng, V, H, inputs, targets):
    loss, hs = _mended_forward(rng, V, H, inputs, targets)
    return loss * len(inputs), hs


@mended_forward.mistake("the factor 0.01 is gone: the start was to be small")
def _(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    h, hs = np.zeros((inputs.shape[1], H)), []
    for x_t in inputs:
        h = np.tanh(W_xh[x_t] + h @ W_hh)
        hs.append(h)
    p = softmax(np.stack(hs) @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), np.stack(hs)


@mended_forward.mistake(
    "a list that starts with the zeros has h_t at its end, hs[-1]: hs[t] and hs[t - 1] are one step too old"
)
def _(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    T, B = inputs.shape
    hs, loss = [np.zeros((B, H))], 0.0
    for t in range(T):
        hs.append(np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh))
        p = softmax(hs[t] @ W_hy)
        loss -= np.log(p[np.arange(B), targets[t]]).mean() / T
    return loss, np.stack(hs[1:])


mended_forward.slip(
    "all is mended, but the states come back one step late, with the zeros as their first",
    {"np.stack([hs[t] for": "np.stack([hs[t - 1] for"},
)
mended_forward.slip(
    "the scores come from h_{t-1}, which has not read the input of step t", {"softmax(hs[t] @": "softmax(hs[t - 1] @"}
)
mended_forward.slip(
    "the numbers have mean zero now, but all between -1 and 1 are equally likely: normal ones are asked for",
    {"rng.standard_normal(shape)": "(2 * rng.random(shape) - 1)"},
)
mended_forward.slip(
    "the three are drawn in another order: W_xh first, then W_hh, then W_hy",
    {"W_xh, W_hh, W_hy =": "W_hh, W_xh, W_hy =", "(V, H), (H, H), (H, V)": "(H, H), (V, H), (H, V)"},
)


@mended_forward.variant
def _(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    hs = [np.zeros((inputs.shape[1], H))]
    for x_t in inputs:
        hs.append(np.tanh(W_xh[x_t] + hs[-1] @ W_hh))
    hs = np.stack(hs[1:])
    p = softmax(hs @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), hs


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
        w, inputs, targets, h0 = _chunk(rng, T, B, V, H, dtype)
        h, states = h0, []
        for x_t in inputs:
            h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)
            states.append(h)
        h = np.stack(states)
        yield case(claim, w, inputs, targets, h0, softmax(h @ w.W_hy + w.b_y), h)


@mended_backward.mistake(
    "both bugs are left: look at the slope of the loss (p - y, all of it over T B) and at that of tanh"
)
def _(w, inputs, targets, h0, p, h):
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = p[t] / (T * B)
        da[np.arange(B), targets[t]] -= 1
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t]) * h[t]
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d


@mended_backward.mistake("the loss is mended, the tanh is not: (1 - h) h is the slope of the sigmoid")
def _(w, inputs, targets, h0, p, h):
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = (p[t] - np.eye(len(w.b_y))[targets[t]].astype(p.dtype)) / (T * B)
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t]) * h[t]
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d


@mended_backward.mistake("the tanh is mended, the loss is not: p is divided by T B, the 1 of the target is not")
def _(w, inputs, targets, h0, p, h):
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = p[t] / (T * B)
        da[np.arange(B), targets[t]] -= 1
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t] ** 2)
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d


@mended_backward.mistake(
    "both bugs are gone, but so is the division by T B: this is the gradient of the sum, not of the mean"
)
def _(w, inputs, targets, h0, p, h):
    return Weights(*(targets.size * g for g in chunk_gradients(w, inputs, targets, h0, p, h)))


@mended_backward.mistake("right, but the caller's p was changed on the way: p[t] is a view of it, p[t].copy() is not")
def _(w, inputs, targets, h0, p, h):
    d = chunk_gradients(w, inputs, targets, h0, p, h)
    for t in range(len(p)):
        p[t][np.arange(p.shape[1]), targets[t]] -= 1
    return d


@mended_backward.mistake(
    "the line with the 1 of the target is gone: without it the gradient is p, and never learns what was right"
)
def _(w, inputs, targets, h0, p, h):
    da, dz, dh_next = p / targets.size, np.empty_like(h), 0
    for t in reversed(range(len(h))):
        dz[t] = (da[t] @ w.W_hy.T + dh_next) * (1 - h[t] ** 2)
        dh_next = dz[t] @ w.W_hh.T
    d, h_prev = zeros(w), np.concatenate([h0[None], h[:-1]])
    np.add.at(d.W_xh, inputs, dz)
    d_hh, d_hy = np.einsum("tbi,tbj->ij", h_prev, dz), np.einsum("tbi,tbv->iv", h, da)
    return Weights(d.W_xh, d_hh, dz.sum(axis=(0, 1)), d_hy, da.sum(axis=(0, 1)))


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


@exercise(
    "5.8",
    points=1,
    outputs=("w", "s"),
    hints=(
        "Say aloud what the second line does with a weight whose gradient is zero. Should it do that?",
        "The gradient decides in which direction a weight moves, the sum of its squares how far.",
        "In the second line the numerator is a, the weight; its gradient g belongs there.",
    ),
)
def mended_update(w: Weights, s: Weights, grads: Weights, lr: float) -> tuple[Weights, Weights]:
    """One update by Adagrad: new weights and new sums of squares."""
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    w = Weights(*(a - lr * g / (np.sqrt(m) + 1e-8) for a, m, g in zip(w, s, grads, strict=True)))
    return w, s


_mended_update = mended_update.reference  # under a name that an answer cannot hide


@mended_update.cases
def _(rng):
    w, grads = _network(rng, V=5, H=3), _network(rng, V=5, H=3)
    yield case("a first update", w, zeros(w), grads, 0.1)
    yield case("a later update", w, _sums(rng, w, 1.0), grads, 0.1)
    yield case("a gradient of zero leaves the weights where they are", w, _sums(rng, w, 1.0), zeros(w), 0.1)
    w, grads = (_network(rng, V=4, H=6, dtype=np.float32) for _ in range(2))
    yield case("float32", w, _sums(rng, w, 1.0), grads, 0.5)


@mended_update.mistake(
    "the bug is still there: the parameter stands where its gradient belongs, so every weight shrinks"
)
def _(w, s, grads, lr):
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    return Weights(*(a - lr * a / (np.sqrt(m) + 1e-8) for a, m in zip(w, s, strict=True))), s


@mended_update.mistake("the gradient is in its place, but now with the wrong sign: it is subtracted")
def _(w, s, grads, lr):
    return _mended_update(w, s, grads, -lr)


@mended_update.mistake("the sums were right: s + g², one for every update so far")
def _(w, s, grads, lr):
    return _mended_update(w, zeros(w), grads, lr)


@mended_update.mistake("the square root was no bug: without it this is not Adagrad")
def _(w, s, grads, lr):
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    return Weights(*(a - lr * g / (m + 1e-8) for a, m, g in zip(w, s, grads, strict=True))), s


@mended_update.mistake("the mended line reads g * g, or g twice: one g above the root is enough")
def _(w, s, grads, lr):
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    return Weights(*(a - lr * g * g / (np.sqrt(m) + 1e-8) for a, m, g in zip(w, s, grads, strict=True))), s


mended_update.slip(
    "the gradient is where it belongs; the 1e-8 has moved into the root, and was no bug outside it",
    {"(np.sqrt(m) + 1e-8)": "np.sqrt(m + 1e-8)"},
)
mended_update.slip(
    "the weights are multiplied by the gradient: it replaces a above the root", {"lr * g /": "lr * a * g /"}
)
mended_update.slip(
    "the division by the root was no bug: without it this is plain descent", {" / (np.sqrt(m) + 1e-8)": ""}
)
mended_update.slip(
    "the weights move by the old sums: the new ones, with this gradient in them, were right",
    {"s = Weights(*(m": "new = Weights(*(m", "return w, s": "return w, new"},
)
mended_update.slip("the results are in another order: weights, then sums", {"return w, s": "return s, w"})
mended_update.slip("only the weights come back; the next update needs the sums as well", {"return w, s": "return w"})
mended_update.slip(
    "it writes into the sums it was given: m += g * g does, a new array m + g * g does not",
    {
        "    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))": (
            "    for m, g in zip(s, grads, strict=True):\n        m += g * g"
        )
    },
)


@mended_update.variant
def _(w, s, grads, lr):
    s = [m + np.square(g) for m, g in zip(s, grads, strict=True)]
    return [a - lr / (np.sqrt(m) + 1e-8) * g for a, m, g in zip(w, s, grads, strict=True)], s

"""Exercise 5.1: a chunk of text through the network, to its mean loss."""

import numpy as np

from ...losses import softmax
from ...studies.char_rnn import Weights
from ..definition import case, exercise
from .inputs import random_chunk


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


@chunk_loss.cases
def _(rng):
    yield case("two steps of three sequences", *random_chunk(rng, T=2, B=3, V=4, H=5))
    yield case("seven steps", *random_chunk(rng, T=7, B=2, V=6, H=5))
    w, inputs, targets, h0 = random_chunk(rng, T=3, B=2, V=5, H=4)
    yield case("from a state of zeros", w, inputs, targets, 0 * h0)
    yield case("untrained (all weights zero): the loss is log V", Weights(*(0 * a for a in w)), inputs, targets, h0)
    yield case("all scores 1000 higher: p stays the same", w._replace(b_y=w.b_y + 1000), inputs, targets, h0)
    yield case("one step (T = 1)", *random_chunk(rng, T=1, B=3, V=5, H=2))
    yield case("one sequence (B = 1)", *random_chunk(rng, T=6, B=1, V=5, H=4))
    yield case("a long chunk (T = 200)", *random_chunk(rng, T=200, B=2, V=5, H=4))
    yield case("all sizes equal", *random_chunk(rng, T=4, B=4, V=4, H=4))
    yield case("float32", *random_chunk(rng, T=5, B=2, V=6, H=3, dtype=np.float32))


chunk_loss.slip("the state is not carried from step to step: each step starts from h0", {"h @ w.W_hh": "h0 @ w.W_hh"})
chunk_loss.slip(
    "h0 plays no part: the chunk starts from zeros, so what was read before it is lost",
    {"= h0, []": "= np.zeros_like(h0), []"},
)
chunk_loss.slip(
    "the loss asks for the inputs, which the network has just been told; it must ask for the targets",
    {"p, targets[..., None]": "p, inputs[..., None]"},
)
chunk_loss.slip("the losses of all steps and sequences are added; the mean is asked for", {".mean()": ".sum()"})
chunk_loss.slip(
    "the steps are added and only the sequences averaged: divide by T as well (the mean is over both)",
    {".mean()": ".mean(axis=1).sum()"},
)
chunk_loss.slip(
    "the sequences are added and only the steps averaged: divide by B as well (the mean is over both)",
    {".mean()": ".mean(axis=0).sum()"},
)
chunk_loss.slip(
    "this is the loss of the last step alone; every step of the chunk has one",
    {"p, targets[..., None]": "p[-1], targets[-1][:, None]"},
)
chunk_loss.slip("the sign is lost: log p is below zero, a loss is -log p", {"-np.log(": "np.log("})
chunk_loss.slip("the loss is in bits (log2); losses are in nats here, np.log", {"np.log(": "np.log2("})
chunk_loss.slip(
    "this is the log of a mean of probabilities; take the log of each first, then the mean",
    {"axis=-1)).mean()": "axis=-1).mean())"},
)
chunk_loss.slip(
    "each row of p must sum to 1 by itself; here the whole array does. Sum over the last axis only",
    {
        "p = softmax(h @ w.W_hy + w.b_y)": (
            "a = h @ w.W_hy + w.b_y\n    p = np.exp(a - a.max()) / np.exp(a - a.max()).sum()"
        )
    },
)
chunk_loss.slip(
    "the softmax runs over the sequences (or the steps) instead of the tokens: the last axis is the vocabulary",
    {"p = softmax(h @ w.W_hy + w.b_y)": "p = np.stack([softmax((h_t @ w.W_hy + w.b_y).T).T for h_t in h])"},
)
chunk_loss.slip(
    "exp overflows for large scores: subtract the largest of each row first (softmax does)",
    {"p = softmax(h @ w.W_hy + w.b_y)": ("e = np.exp(h @ w.W_hy + w.b_y)\n    p = e / e.sum(axis=-1, keepdims=True)")},
)
chunk_loss.slip(
    "the scores come back where probabilities are asked for: return softmax(a), not a",
    {"mean(), p": "mean(), h @ w.W_hy + w.b_y"},
)
chunk_loss.slip("the bias of the read-out is forgotten: b_y", {" + w.b_y": ""})
chunk_loss.slip("the bias of the state is forgotten: b_h", {" + w.b_h": ""})
chunk_loss.slip("W_hh is transposed; with row vectors it is h @ W_hh", {"w.W_hh": "w.W_hh.T"})
chunk_loss.slip(
    "only the last state comes back; the way back will need the states of all T steps",
    {"mean(), p, h": "mean(), p, h[-1]"},
)
chunk_loss.slip(
    "h0 is among the states: T + 1 of them come back; the answer begins with h_1",
    {"mean(), p, h": "mean(), p, np.concatenate([h0[None], h])"},
)
chunk_loss.slip(
    "right for B = 1 only: p[:, y] pairs every sequence with every target; p[np.arange(B), y] with its own",
    {
        "-np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean()": (
            "np.mean([-np.log(p_t[:, y_t]).mean() for p_t, y_t in zip(p, targets, strict=True)])"
        )
    },
)
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

"""Exercise 5.3: read a token, draw the next, read that."""

import numpy as np

from ...losses import softmax
from ...sampling import inverse_transform
from ...studies.char_rnn import Weights
from ..definition import case, exercise
from .inputs import network


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
    w, h = network(rng, V=9, H=6, scale=1.2), rng.uniform(-0.9, 0.9, 6)
    yield case("forty tokens", w, h, 4, rng.random(40), 1.0)
    yield case("one token", w, h, 2, rng.random(1), 1.0)
    yield case("the same u each time: it is the state that changes", w, h, 0, np.full(30, 0.5), 1.0)
    yield case("from a state of zeros", w, 0 * h, 8, rng.random(30), 1.0)
    yield case("at temperature 0.4", w, h, 4, rng.random(60), 0.4)
    yield case("at temperature 3", w, h, 4, rng.random(60), 3.0)
    w, h = network(rng, V=7, H=5, scale=1.5, dtype=np.float32), rng.uniform(-0.9, 0.9, 5).astype(np.float32)
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

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


write.slip(
    "the state is reset at every character: each one is written as if nothing stood before it but its neighbour",
    {
        "        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)": (
            "        new = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)"
        ),
        "h @ w.W_hy": "new @ w.W_hy",
    },
)
write.slip(
    "the state is set to zeros at every character, and nothing is remembered beyond the last one", {"h @ w.W_hh + ": ""}
)
write.slip(
    "the most likely token is taken each time; draw one with u, or the text will soon go round in a circle",
    {"int(inverse_transform(p, u_t))": "int(np.argmax(p))"},
)
write.slip(
    "what is read next is the most likely token, not the one that was drawn: the text and the state part company",
    {
        "token = int(": "ids.append(int(",
        "u_t))\n        ids.append(token)": "u_t)))\n        token = int(np.argmax(p))",
    },
)
write.slip(
    "the network is fed its own probabilities instead of the token that was drawn",
    {"ids = []": "ids, p = [], np.eye(len(w.b_y))[token]", "w.W_xh[token]": "p @ w.W_xh"},
)


@write.mistake("the network is fed its own scores (logits) instead of the token that was drawn")
def _(w, h, token, u, temperature):
    ids, x = [], np.eye(len(w.b_y))[token]
    for u_t in u:
        h = np.tanh(x @ w.W_xh + h @ w.W_hh + w.b_h)
        x = h @ w.W_hy + w.b_y
        ids.append(int(inverse_transform(softmax(x / temperature), u_t)))
    return np.array(ids)


write.slip(
    "the drawn token is never read: the network reads the first one again and again",
    {
        "        token = int(inverse_transform(p, u_t))\n        ids.append(token)": (
            "        ids.append(int(inverse_transform(p, u_t)))"
        )
    },
)
write.slip(
    "scores are not probabilities: their running sum means nothing. Take the softmax first, then draw",
    {
        "softmax((h @ w.W_hy + w.b_y) / temperature)": "(h @ w.W_hy + w.b_y) / temperature",
        "inverse_transform(p, u_t)": "np.argmax(np.cumsum(p) > u_t)",
    },
)
write.slip(
    "the temperature is multiplied: a low one must sharpen, so the scores are divided by it",
    {"/ temperature": "* temperature"},
)
write.slip(
    "the temperature has no effect: it is not used, or p / temperature was normalised again. It divides the scores",
    {" / temperature": ""},
)
write.slip(
    "the temperature also changes the state: divide the scores by it, nothing else",
    {"np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)": ("np.tanh((w.W_xh[token] + h @ w.W_hh + w.b_h) / temperature)")},
)
write.slip(
    "it draws before it reads: the first token is drawn from h as it came, without having read `token`",
    {
        "        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)\n": "",
        "        ids.append(token)": (
            "        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)\n        ids.append(token)"
        ),
    },
)
write.slip("one u serves for all: u[t] is for the t-th token", {"(p, u_t)": "(p, u[0])"})
write.slip(
    "the answer begins with the token that was given; only the n drawn ones are asked for",
    {"ids = []": "ids = [token]"},
)
write.slip(
    "the answer is one token late: it lists what was read, and the last token drawn is lost",
    {"ids = []": "ids = [token]", "np.array(ids)": "np.array(ids[:-1])"},
)
write.slip("W_hh is transposed; with row vectors it is h @ W_hh", {"w.W_hh": "w.W_hh.T"})
write.slip("the bias b_h is forgotten", {" + w.b_h": ""})
write.slip("the bias b_y is forgotten", {" + w.b_y": ""})
write.slip(
    "the text is right, but the caller's h is overwritten: h[:] = ... writes into it, h = ... does not",
    {"h = np.tanh": "h[:] = np.tanh"},
)
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

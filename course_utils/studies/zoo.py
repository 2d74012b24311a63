"""Implementations of GRU and LSTM as they stand in libraries and papers, and a way to find out which equations each has.

An implementation has its own habits: which gate comes first, one bias or two, a matrix for [x, h] or two matrices, a
number that is added behind the scenes. `matches` does not read it. It deals out the blocks of its weights to the gates of
a cell of ours in every possible order, runs both, and keeps the orders that give the same states.

Weights, in one layout for all: U (D, G·H) for the input, V (H, G·H) for the state, a (G·H,) and, if there are two biases,
d (G·H,) for the state's; peepholes q (3, H) of i, f, o. x (T, B, D); states (T, B, H); G = 3 for GRUs, 4 for LSTMs.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .. import sequence
from ..activations import sigmoid
from ..cells import CELLS
from ..cells.gates import GATE_ORDER

__all__ = [
    "IMPLEMENTATIONS",
    "Implementation",
    "Weights",
    "basic_lstm",
    "chung_gru",
    "cs231n_lstm",
    "draw",
    "graves_lstm",
    "in_words",
    "keras_gru",
    "matches",
    "slide_gru",
    "table",
]

FORMS = {
    3: ("gru", "gru-writes", "gru-before", "gru-before-writes"),
    4: ("lstm", "lstm, f + 1", "lstm-peephole"),
}
ORDER = {3: "".join(GATE_ORDER["gru"]), 4: "".join(GATE_ORDER["lstm"])}


class Weights(NamedTuple):
    U: np.ndarray
    V: np.ndarray
    a: np.ndarray
    d: np.ndarray
    q: np.ndarray


class Implementation(NamedTuple):
    """A name, the number of gates, how many biases, whether with peepholes, and a function (weights, x) to states."""

    name: str
    G: int
    biases: int
    peepholes: bool
    run: Callable


def draw(rng, implementation, D=3, H=4):
    """Random weights for an implementation; d is zero if it has one bias only, q if it has no peepholes."""
    G = implementation.G
    U, V, a, d, q = (rng.standard_normal(s) for s in ((D, G * H), (H, G * H), G * H, G * H, (3, H)))
    return Weights(U, V, a, d * (implementation.biases == 2), q * implementation.peepholes)


def matches(rng, implementation):
    """All (form, order) of our cells that give the same states: order "zrn" says that its first block is our z."""
    G, weights, x = implementation.G, draw(rng, implementation), rng.standard_normal((6, 2, 3))
    states = implementation.run(weights, x)
    found = []
    forms = [form for form in FORMS[G] if implementation.peepholes or "peephole" not in form]
    for form, order in itertools.product(forms, itertools.permutations(ORDER[G])):
        cell, p = _dealt(form, order, weights, G)
        if np.allclose(sequence.forward(cell, p, x).h, states, rtol=0, atol=1e-9):
            found.append((form, "".join(order)))
    return found


def table(rng, implementations):
    """For every implementation and every form of a GRU or LSTM, the order of gates that matches, or "": two dictionaries."""
    found = {i.name: dict(matches(rng, i)) for i in implementations}
    return {i.name: {form: found[i.name].get(form, "") for form in FORMS[i.G]} for i in implementations}


def in_words(table):
    """A table as a text: which form every implementation matches, and in which order of its gates."""
    rows = []
    for name, row in table.items():
        found = [f"{form} in the order {' '.join(order)}" for form, order in row.items() if order]
        rows.append(f"{name}: {', '.join(found) or 'none'}")
    return "; ".join(rows) + "."


def _dealt(form, order, weights, G):
    """Our cell and its parameters, the blocks of the weights taken for gates in this order."""
    name, _, plus = form.partition(",")
    cell, where = CELLS[name], [order.index(k) for k in ORDER[G]]
    U, V, a, d = (np.moveaxis(w.reshape(*w.shape[:-1], G, -1), -2, 0)[where] for w in weights[:4])
    if G == 4:
        one = (np.array(list(ORDER[4])) == "f")[:, None] if plus else 0
        peepholes = [weights.q[:, None]] if "P" in cell.Params._fields else []
        return cell, cell.Params(U, V, (a + d + one)[:, None], *peepholes)
    if cell.reset == "before":
        return cell, cell.Params(U, V, (a + d)[:, None])
    inside = np.array([1, 1, 0])[:, None]  # the state's bias of n stays with the state, inside the reset
    return cell, cell.Params(U, V, (a + inside * d)[:, None], d[2:])


def _over_time(step):
    """An implementation from its step (weights, x_t, h, c) -> (h, c)."""

    def run(weights, x):
        h = c = np.zeros((x.shape[1], len(weights.V)))
        states = []
        for x_t in x:
            h, c = step(weights, x_t, h, c)
            states.append(h)
        return np.stack(states)

    return run


def keras_gru(w, x_t, h, c):
    """One step as in Keras, with its layer's options as they come."""
    x_z, x_r, x_h = np.split(x_t @ w.U + w.a, 3, axis=1)
    h_z, h_r, h_h = np.split(h @ w.V + w.d, 3, axis=1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    return z * h + (1 - z) * np.tanh(x_h + r * h_h), c


def chung_gru(w, x_t, h, c):
    """One step as in Chung, Gulcehre, Cho and Bengio 2014."""
    H = h.shape[1]
    z, r = np.split(sigmoid(x_t @ w.U[:, : 2 * H] + h @ w.V[:, : 2 * H] + w.a[: 2 * H]), 2, axis=1)
    candidate = np.tanh(x_t @ w.U[:, 2 * H :] + (r * h) @ w.V[:, 2 * H :] + w.a[2 * H :])
    return (1 - z) * h + z * candidate, c


def slide_gru(w, x_t, h, c):
    """One step as on a slide of a lecture."""
    H = h.shape[1]
    r, z = np.split(sigmoid(x_t @ w.U[:, : 2 * H] + h @ w.V[:, : 2 * H] + w.a[: 2 * H]), 2, axis=1)
    candidate = np.tanh(x_t @ w.U[:, 2 * H :] + (r * h) @ w.V[:, :H] + w.a[2 * H :])
    return (1 - z) * h + z * candidate, c


def basic_lstm(w, x_t, h, c):
    """One step as in TensorFlow 1's BasicLSTMCell."""
    i, j, f, o = np.split(np.hstack([x_t, h]) @ np.vstack([w.U, w.V]) + w.a, 4, axis=1)
    c = sigmoid(f + 1.0) * c + sigmoid(i) * np.tanh(j)
    return sigmoid(o) * np.tanh(c), c


def cs231n_lstm(w, x_t, h, c):
    """One step as in the CS231n assignments."""
    a, H = x_t @ w.U + h @ w.V + w.a, h.shape[1]
    i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
    c = f * c + i * np.tanh(a[:, 3 * H :])
    return o * np.tanh(c), c


def graves_lstm(w, x_t, h, c):
    """One step as in Graves 2013."""
    i, f, g, o = np.split(x_t @ w.U + h @ w.V + w.a, 4, axis=1)
    i, f = sigmoid(i + w.q[0] * c), sigmoid(f + w.q[1] * c)
    c = f * c + i * np.tanh(g)
    return sigmoid(o + w.q[2] * c) * np.tanh(c), c


IMPLEMENTATIONS = (
    Implementation("Keras GRU", 3, 2, False, _over_time(keras_gru)),
    Implementation("Chung et al. 2014", 3, 1, False, _over_time(chung_gru)),
    Implementation("a slide", 3, 1, False, _over_time(slide_gru)),
    Implementation("TensorFlow 1 LSTM", 4, 1, False, _over_time(basic_lstm)),
    Implementation("CS231n LSTM", 4, 1, False, _over_time(cs231n_lstm)),
    Implementation("Graves 2013", 4, 1, True, _over_time(graves_lstm)),
)

"""The character network of a teaching text, the measure of where one starts: one sequence, one character at a time.

    h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)                 (1)  x_t a one-hot column
    p_t = softmax(W_hy h_t + b_y)                             (2)
    L = -Σ_t log p_t[y_t]                                     (3)

Columns and float64, as such texts have them: every step makes its one-hot vector, its softmax, and on the way back an
outer product for each weight matrix. Written from the equations; same numbers as the rest of the package, slower.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Weights", "loss_and_gradients", "sample", "weights_of"]


class Weights(NamedTuple):
    """W_xh (H, V), W_hh (H, H), W_hy (V, H), b_h (H, 1), b_y (V, 1)."""

    W_xh: np.ndarray
    W_hh: np.ndarray
    W_hy: np.ndarray
    b_h: np.ndarray
    b_y: np.ndarray


def weights_of(params):
    """The Weights of a RecurrentLanguageModel around the Elman cell, with one-hot input, in float64."""
    p = params.cell
    found = (p.W_xh.T, p.W_hh.T, params.W_hy.T, p.b_h[:, None], params.b_y[:, None])
    return Weights(*(np.array(a, dtype=np.float64) for a in found))


def loss_and_gradients(w, inputs, targets, h):
    """The summed loss (3) in nats over a list of ids, its gradients as Weights, and the last h (H, 1)."""
    xs, hs, ps, loss = {}, {-1: h}, {}, 0.0
    for t, token in enumerate(inputs):
        xs[t] = np.zeros((w.W_xh.shape[1], 1))
        xs[t][token] = 1
        hs[t] = np.tanh(w.W_xh @ xs[t] + w.W_hh @ hs[t - 1] + w.b_h)  # (1)
        ps[t] = _softmax(w.W_hy @ hs[t] + w.b_y)  # (2)
        loss -= np.log(ps[t][targets[t], 0])  # (3)
    return loss, _backward(w, xs, hs, ps, targets), hs[len(inputs) - 1]


def _backward(w, xs, hs, ps, targets):
    d = Weights(*map(np.zeros_like, w))
    dh_next = np.zeros_like(hs[0])
    for t in reversed(range(len(xs))):
        da = ps[t].copy()
        da[targets[t]] -= 1
        d.W_hy[:] += da @ hs[t].T
        d.b_y[:] += da
        du = (1 - hs[t] * hs[t]) * (w.W_hy.T @ da + dh_next)
        d.b_h[:] += du
        d.W_xh[:] += du @ xs[t].T
        d.W_hh[:] += du @ hs[t - 1].T
        dh_next = w.W_hh.T @ du
    return d


def sample(w, rng, token, n):
    """n ids drawn one by one after `token`."""
    h, found = np.zeros_like(w.b_h), []
    for _ in range(n):
        x = np.zeros((w.W_xh.shape[1], 1))
        x[token] = 1
        h = np.tanh(w.W_xh @ x + w.W_hh @ h + w.b_h)
        p = _softmax(w.W_hy @ h + w.b_y)
        token = int(rng.choice(len(p), p=p.ravel()))
        found.append(token)
    return found


def _softmax(a):
    e = np.exp(a)
    return e / np.sum(e)

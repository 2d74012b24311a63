"""Backpropagation through time that does not go all the way back, and what that costs: bias, noise.

What flows from step t + 1 back to step t is multiplied by a weight m_t:

    ∂L/∂h_t ← own output's part + m_t · (what step t + 1 sends back)         (1)

    full         m_t = 1                                                     (2)
    regular      m_t = 0 after every K-th step, else 1                       (3)  chunks of K, the state carried on
    randomised   m_t = 0 with probability 1 - p, else 1/p                    (4)  mean 1: unbiased
    unweighted   m_t = 0 with probability 1 - p, else 1                      (5)  mean p: biased

A path that goes back over l steps is multiplied by l independent weights. Under (4) the mean of that product is 1 and its
mean square p^-l. Sources: Williams and Peng 1990 for (3); Tallec and Ollivier 2017, "Unbiasing truncated backpropagation
through time", for (4).
"""

from typing import NamedTuple

import numpy as np

from ..language_model import LanguageModelParams
from ..losses import cross_entropy
from ..params import named_arrays, tree_map
from ..sequence import loop

__all__ = ["Error", "Truncated", "backward", "bias_and_noise", "randomised", "regular", "surviving"]


class Error(NamedTuple):
    """Relative to the full gradient's norm: bias, the share of it that chance alone explains, noise of one draw."""

    bias: float
    chance: float
    noise: float


def backward(cell, p, x, run, dh, weights):
    """Gradients of the parameters when what passes from step t + 1 to step t is multiplied by weights[t] (1).

    weights (T - 1,), or (T - 1, B) for a weight of its own in each sequence; the rest as in sequence.backward. Raises
    ValueError for another shape.
    """
    x, weights = loop.checked_input(cell, p, x), np.asarray(weights)
    dh = loop.checked_gradient(x, run, dh)
    T, B = x.shape[:2]
    if weights.shape not in ((T - 1,), (T - 1, B)):
        raise ValueError(f"weights must be (T - 1,) = ({T - 1},) or (T - 1, B) = ({T - 1}, {B}), got {weights.shape}")
    d_state, grads = cell.zero_state(p, B), []
    for t in reversed(range(T)):
        if t < T - 1:
            d_state = _times(d_state, np.broadcast_to(weights[t], B))
        d_state = d_state._replace(h=d_state.h + dh[t])
        d_state, d = cell.step_backward(p, d_state, cell.Trace(*(a[t] for a in run.trace)))
        grads.append(d)
    d = tree_map(lambda *steps: loop.merge(np.stack(steps, axis=-3)), *reversed(grads))
    return loop.gradients(cell, p, loop.rows(cell, p, x), run.trace, d, x)[0]


class Truncated:
    """A RecurrentLanguageModel with one-hot input whose way back is cut: `weights(T, B)` draws what passes, see backward."""

    def __init__(self, model, weights):
        if model.E:
            raise ValueError(f"model must have one-hot input (E=None), got an embedding of size {model.E}")
        self.model, self.weights = model, weights

    def loss_and_gradients(self, params, inputs, targets, state=None):
        """Mean loss, its gradients as the cuts leave them, and the last state, as RecurrentLanguageModel has it."""
        logits, run = self.model.run(params, inputs, state)
        loss, d = cross_entropy(logits, targets)
        weights = self.weights(*inputs.shape)
        cell = backward(self.model.cell, params.cell, inputs, run, d @ params.W_hy.T, weights)
        W_hy = np.tensordot(run.h, d, axes=((0, 1), (0, 1)))
        return loss, LanguageModelParams((), cell, W_hy, d.sum(axis=(0, 1))), run.last


def regular(T, K, offset=0):
    """Weights (T - 1,) of chunks of K steps (3); the first chunk has K - offset steps, 0 <= offset < K."""
    if not (K >= 1 and 0 <= offset < K):
        raise ValueError(f"K must be at least 1 and 0 <= offset < K, got K = {K}, offset = {offset}")
    return ((np.arange(1, T) + offset) % K != 0).astype(float)  # (3)


def randomised(rng, T, B, p, weighted=True):
    """Weights (T - 1, B), drawn for every step and sequence: (4), or (5) without the factor 1/p."""
    if not 0 < p <= 1:
        raise ValueError(f"p, the probability to go on, must lie in (0, 1], got {p}")
    return (rng.random((T - 1, B)) < p) / (p if weighted else 1.0)  # (4), (5)


def surviving(lag, K=None, p=None):
    """The mean weight of a path over `lag` steps under (3), its start drawn evenly, or under (5): (K - l)/K, or p^l."""
    lag = np.asarray(lag, float)
    return np.maximum(0, 1 - lag / K) if K is not None else p**lag


def bias_and_noise(draws, full):
    """The Error of gradient estimates (records like `full`, an iterable of at least two) against the full gradient.

    bias: distance of their mean from the full gradient. noise: root of the mean squared distance of a draw from that
    mean. chance: noise / sqrt(number of draws), about the bias that an unbiased estimate shows.
    """
    draws, truth = np.array([_flat(d) for d in draws]), _flat(full)
    if len(draws) < 2:
        raise ValueError(f"draws must hold at least two estimates, got {len(draws)}")
    size, n = np.linalg.norm(truth), len(draws)
    mean = draws.mean(axis=0)
    noise = np.sqrt(((draws - mean) ** 2).sum() / (n - 1)) / size
    return Error(float(np.linalg.norm(mean - truth) / size), float(noise / np.sqrt(n)), float(noise))


def _flat(record):
    return np.concatenate([a.ravel() for a in named_arrays(record).values()])


def _times(state, weights):
    """A State with each sequence's arrays multiplied by its weight (B,)."""
    return tree_map(lambda a: a * weights.reshape(-1, *[1] * (a.ndim - 1)).astype(a.dtype), state)

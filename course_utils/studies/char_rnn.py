"""The classic character network in five arrays: what lesson 05 takes apart and trains.

    h_t = tanh(W_xh[w_t] + h_{t-1} W_hh + b_h)           (1)  a one-hot row times W_xh is a row of W_xh
    p_t = softmax(h_t W_hy + b_y)                        (2)
    L = mean over steps and sequences of -log p_t[y_t]   (3)  y_t = w_{t+1}

    ∂L/∂a_t = (p_t - onehot(y_t)) / (T B)                (4)  a_t = h_t W_hy + b_y
    ∂L/∂h_t = ∂L/∂a_t W_hyᵀ + ∂L/∂z_{t+1} W_hhᵀ          (5)  from the output, and from the next step
    ∂L/∂z_t = ∂L/∂h_t ⊙ (1 - h_t²)                       (6)  z_t: what the tanh is taken of

Tokens inputs, targets (T, B) integers; h (T, B, H); p (T, B, V). Sources: Elman 1990 for (1); Karpathy 2015, "The
unreasonable effectiveness of recurrent neural networks", for the setting (100 units, 25 steps, Adagrad at 0.1, ±5 on the
gradient of the *sum* of losses, start at 0.01 times normal numbers).
"""

from typing import NamedTuple

import numpy as np

from ..cells import CELLS, elman
from ..embedding import OneHot
from ..language_model import LanguageModelParams, RecurrentLanguageModel

__all__ = ["Weights", "chunk_gradients", "in_library", "start", "zeros"]


class Weights(NamedTuple):
    """W_xh (V, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,)."""

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


def start(rng, V, H, scale=0.01, dtype=np.float32):
    """Weights to start from: matrices of `scale` times normal numbers, biases of zeros."""
    matrix = lambda n, m: (scale * rng.standard_normal((n, m))).astype(dtype)  # noqa: E731
    return Weights(matrix(V, H), matrix(H, H), np.zeros(H, dtype), matrix(H, V), np.zeros(V, dtype))


def zeros(w):
    """Weights of the same shapes, all zero: where Adagrad's sums of squares start."""
    return Weights(*map(np.zeros_like, w))


def chunk_gradients(w, inputs, targets, h0, p, h):
    """Gradients of the mean loss (3) of a chunk, as Weights; p (T, B, V) and h (T, B, H) come from the way forward."""
    da = p.copy()
    picked = np.take_along_axis(p, targets[..., None], axis=-1)
    np.put_along_axis(da, targets[..., None], picked - 1, axis=-1)
    da /= targets.size  # (4)
    dz, from_output, slope = np.empty_like(h), da @ w.W_hy.T, 1 - h * h
    from_future = 0
    for t in reversed(range(len(h))):
        dz[t] = (from_output[t] + from_future) * slope[t]  # (5), (6)
        from_future = dz[t] @ w.W_hh.T
    h_prev = np.concatenate([h0[None], h[:-1]])
    dz, da = dz.reshape(-1, dz.shape[-1]), da.reshape(-1, da.shape[-1])
    d_xh = OneHot(inputs.reshape(-1), len(w.W_xh)).T @ dz
    d_hh, d_hy = _rows(h_prev).T @ dz, _rows(h).T @ da
    return Weights(d_xh, d_hh, dz.sum(axis=0), d_hy, da.sum(axis=0))


def in_library(w):
    """The same network as the library has it: (RecurrentLanguageModel, its LanguageModelParams)."""
    V, H = w.W_xh.shape
    cell = elman.Params(w.W_xh, w.W_hh, w.b_h)
    return RecurrentLanguageModel(CELLS["elman"], V, H), LanguageModelParams((), cell, w.W_hy, w.b_y)


def _rows(a):
    return a.reshape(-1, a.shape[-1])

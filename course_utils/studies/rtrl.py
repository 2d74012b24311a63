"""Real-time recurrent learning: the gradient of an Elman network carried forward instead of back.

    v_t = [x_t, h_{t-1}, 1],  W = W_xh, W_hh, b_h one below the other     h_t = tanh(v_t W)      (1)
    S_t[i, j, k] = ∂h_t[k] / ∂W[i, j]                                     all that came before   (2)
    S_t[i, j, :] = (v_t[i] e_j + S_{t-1}[i, j, :] W_hh) ⊙ (1 - h_t²)      direct, and through h_{t-1}   (3)
    ∂L/∂W = Σ_t Σ_k S_t[:, :, k] ∂L/∂h_t[k]                               ∂L/∂h_t from its own output only   (4)

e_j is the unit row with its one at place j. Nothing of the past is kept but S, so memory does not grow with T; but S holds
(D + H + 1) H² numbers per sequence and a step multiplies each of its rows by W_hh: (D + H + 1) H³ products.
x (T, B, D), h0 (B, H). Source: Williams and Zipser 1989.
"""

import numpy as np

from ..cells import elman

__all__ = ["gradients", "products_back", "products_forward", "sensitivity_size"]


def gradients(p, x, h0, dh):
    """∂L/∂W_xh, ∂L/∂W_hh, ∂L/∂b_h as elman.Params, from one run forward.

    p elman.Params; dh (T, B, H) = ∂L/∂h_t as it comes from outside at every step. Raises ValueError for a dh of
    another shape.
    """
    T, B, D = x.shape
    H = p.W_hh.shape[0]
    if dh.shape != (T, B, H):
        raise ValueError(f"dh must be (T, B, H) = {(T, B, H)}, one gradient for each state, got {dh.shape}")
    h, S = h0, np.zeros((B, D + H + 1, H, H), p.W_hh.dtype)
    total, ones, unit = np.zeros((D + H + 1, H), S.dtype), np.ones((B, 1), S.dtype), np.eye(H, dtype=S.dtype)
    for x_t, dh_t in zip(x, dh, strict=True):
        v = np.concatenate([x_t, h, ones], axis=1)  # (B, D + H + 1)
        h = np.tanh(v @ np.concatenate([p.W_xh, p.W_hh, p.b_h[None]]))  # (1)
        S = (v[:, :, None, None] * unit + S @ p.W_hh) * (1 - h**2)[:, None, None, :]  # (3)
        total += np.einsum("bijk,bk->ij", S, dh_t)  # (4)
    return elman.Params(total[:D], total[D : D + H], total[-1])


def sensitivity_size(D, H):
    """How many numbers S holds for one sequence."""
    return (D + H + 1) * H * H


def products_forward(T, D, H):
    """Multiplications of S by W_hh over T steps of one sequence: the part that dominates."""
    return T * (D + H + 1) * H**3


def products_back(T, D, H):
    """Multiplications in the matrix products of backpropagation through time, for one sequence."""
    return T * 2 * (H * H + D * H)  # each matrix: one product for its gradient, one that hands the gradient on

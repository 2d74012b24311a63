"""Jacobians of one step and of many: how a small change of a state, or a gradient, travels through time.

    J_t = ∂h_t/∂h_{t-1} = diag(φ'_t) W_hhᵀ                    (1)  an Elman cell; row: new unit, column: old unit
    ∂h_t/∂h_k = J_t J_{t-1} ... J_{k+1}                       (2)  the lag is l = t - k
    ∂L/∂h_k = ∂L/∂h_t · ∂h_t/∂h_k                             (3)  gradients are rows
    Π s_min(J_j) ≤ ‖∂L/∂h_k‖ / ‖∂L/∂h_t‖ ≤ Π s_max(J_j)       (4)  s: singular values; j = k+1, ..., t
    s_max(J) ≤ max|φ'| s_max(W_hh)                            (5)

By (4) and (5), s_max(W_hh) < 1/max|φ'| is enough for gradients to vanish, and s_max(W_hh) > 1/max|φ'| is needed for
them to explode without end, and not enough. Arrays indexed by lag start at lag 0, where the product is the identity.
Sources: Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013.
"""

from typing import NamedTuple

import numpy as np

from ..activations import ACTIVATIONS

__all__ = [
    "Bounds",
    "elman_jacobians",
    "gradient_norms",
    "norm_bounds",
    "products",
    "rescaled",
    "singular_values",
    "spectral_radius",
    "step_jacobians",
]


class Bounds(NamedTuple):
    """(4), for every lag."""

    lower: np.ndarray
    upper: np.ndarray


def elman_jacobians(W_hh, h, activation="tanh"):
    """(1) for every state in h (..., H): (..., H, H)."""
    W_hh, h = np.asarray(W_hh), np.asarray(h)
    if W_hh.shape != (h.shape[-1],) * 2:
        raise ValueError(f"W_hh must be (H, H) with H = {h.shape[-1]} as in h, got {W_hh.shape}")
    return ACTIVATIONS[activation].slope(h)[..., :, None] * W_hh.T  # (1)


def step_jacobians(cell, p, run, b=0):
    """∂state_t/∂state_{t-1} of any cell for sequence b of a sequence.Run: (T, S, S).

    S is H times the number of the state's fields, which stand one after the other, (h, c) for an LSTM. The rows come
    from the cell's own way back, one per unit. Raises ValueError for cells whose states are not all (H,).
    """
    H, names = cell.sizes(p)[1], cell.State._fields
    if any(shape != (H,) for shape in cell.state_shapes(H).values()):
        raise ValueError(f"the state of {cell} has parts that are not (H,); step_jacobians is for plain states")
    rows = np.eye(H * len(names), dtype=p[0].dtype)
    start = cell.State(*np.split(rows, len(names), axis=1))  # a gradient of one in each unit in turn
    found = []
    for t in range(len(run.h)):
        trace = cell.Trace(*(a[t][..., b : b + 1, :] for a in run.trace))
        back, _ = cell.step_backward(p, start, trace)
        found.append(np.concatenate(back, axis=1))
    return np.stack(found)


def products(J):
    """(2) from the last step back: J (n, H, H) in the order of time to (n + 1, H, H), by lag."""
    found = [np.eye(J.shape[-1], dtype=J.dtype)]
    for J_t in J[::-1]:
        found.append(found[-1] @ J_t)
    return np.stack(found)


def gradient_norms(J, dh):
    """‖∂L/∂h_k‖ by lag (n + 1,), from the gradient dh (H,) at the last of n steps and their Jacobians J (n, H, H)."""
    norms = [np.linalg.norm(dh)]
    for J_t in J[::-1]:
        dh = dh @ J_t  # (3)
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


def norm_bounds(J):
    """(4) for Jacobians J (n, H, H) in the order of time: Bounds of arrays (n + 1,), by lag from the last step back."""
    s = np.linalg.svd(J[::-1], compute_uv=False)  # (n, H), largest first
    return Bounds(*(np.concatenate([[1.0], np.cumprod(s[:, k])]) for k in (-1, 0)))


def singular_values(products):
    """Singular values of each product (..., H, H), largest first: (..., H); nan where rounding has eaten them.

    In float64 a value below H · 2e-16 times the largest one of its product is noise.
    """
    s = np.linalg.svd(products, compute_uv=False)
    noise = s.shape[-1] * np.finfo(s.dtype).eps * s[..., :1]
    return np.where(s > noise, s, np.nan)


def spectral_radius(W):
    """The largest modulus of an eigenvalue."""
    return float(np.abs(np.linalg.eigvals(W)).max())


def rescaled(W, radius):
    """W times the number that gives it this spectral radius. Raises ValueError if all its eigenvalues are zero."""
    now = spectral_radius(W)
    if not now > 0:
        raise ValueError("all eigenvalues of W are zero: no factor gives it another spectral radius")
    return W * (radius / now)

"""mLSTM: the LSTM whose memory is a matrix of values under keys, the other half of xLSTM.

    q, k, v, o = x W_x + b                (1)   query, key, value, and the output gate before its activation
    ĩ, f̃ = x W_g + b_g                    (2)   one input and one forget gate for the whole matrix
    k = k / sqrt(H), o = σ(o)             (3)
    log i = ĩ, log f = log σ(f̃) or f̃      (4)   exponential gates, kept as logarithms
    m = max(log f + m', log i)            (5)   the stabiliser: the largest exponent so far
    i = exp(log i - m)                    (6)   how much to write
    f = exp(log f + m' - m)               (7)   how much to keep
    C = f C' + i vᵀ k                     (8)   the memory: v is added under k
    n = f n' + i k                        (9)   the normaliser: the keys written so far, in all
    d = max(|n · q|, exp(-m))             (10)  how well q is known, at least 1 in units without m
    y = C q / d                           (11)  what was kept under keys like q
    h = o ⊙ y                             (12)  the output

    ∂L/∂y = ∂L/∂h ⊙ o                     (13)
    ∂L/∂(C q) = ∂L/∂y / d, ∂L/∂d = -y · ∂L/∂y / d    (14)
    ∂L/∂(n · q) = sign(n · q) ∂L/∂d where it is larger; else ∂L/∂m -= exp(-m) ∂L/∂d    (15)
    ∂L/∂C += ∂L/∂(C q)ᵀ q, ∂L/∂n += ∂L/∂(n · q) q       (16)  the memory also hears from the output
    ∂L/∂q = ∂L/∂(C q) C + ∂L/∂(n · q) n   (17)
    ∂L/∂C' = f ∂L/∂C, ∂L/∂n' = f ∂L/∂n    (18)
    ∂L/∂k, ∂L/∂v, ∂L/∂i, ∂L/∂f            (19)  from C and n; the gates then through stabiliser.py
    ∂L/∂x = Σ ∂L/∂u Wᵀ                    (20)  over both stacks
    ∂L/∂W = xᵀ ∂L/∂u, ∂L/∂b = Σ ∂L/∂u     (21)

A prime marks the previous step; q, k, v are rows, C[i, j] is value i under key j. W_x (4, D, H), b (4, 1, H),
W_g (2, D, 1), b_g (2, 1, 1); q, k, v, o, h, n (N, H), C (N, H, H), the gates and m (N, 1). h' is not read: gates see
the input only.
Source: Beck et al. 2024 (xLSTM), eq. 19-27. How this differs on paper: the text has max(|n · q|, 1) in (10) and says
that the stabiliser changes nothing, which needs exp(-m) there, as in their code and appendix; heads, normalisation and
projections around the cell are left out; their q and v carry biases as ours do, the k bias too is scaled.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .stabiliser import FORGET, log_forget, stabilised, stabilised_backward

__all__ = ["MLSTM", "Grad", "Params", "Projected", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    b: np.ndarray
    W_g: np.ndarray
    b_g: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    C: np.ndarray
    n: np.ndarray
    m: np.ndarray


class Projected(NamedTuple):
    rows: np.ndarray
    gates: np.ndarray


class Trace(NamedTuple):
    C_prev: np.ndarray
    n_prev: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    o: np.ndarray
    i: np.ndarray
    f: np.ndarray
    slope_f: np.ndarray
    C: np.ndarray
    n: np.ndarray
    m: np.ndarray
    d: np.ndarray
    y: np.ndarray


class Grad(NamedTuple):
    u: Projected


class MLSTM(Cell):
    """mLSTM of one head; the forget gate is "sigmoid" or "exp"."""

    Params, State, Trace, Grad = Params, State, Trace, Grad

    def __init__(self, forget="sigmoid"):
        if forget not in FORGET:
            raise ValueError(f"forget must be one of {', '.join(FORGET)}, got {forget!r}")
        self.forget = forget
        self.name = "mlstm" if forget == "sigmoid" else f"mlstm-{forget}"

    def shapes(self, D, H):
        return {"W_x": (4, D, H), "b": (4, 1, H), "W_g": (2, D, 1), "b_g": (2, 1, 1)}

    def state_shapes(self, H):
        return {"h": (H,), "C": (H, H), "n": (H,), "m": (1,)}

    def project(self, p, x):
        """x (N, D) -> q, k, v, o as rows (4, N, H), and the two gates (2, N, 1)."""
        return Projected(x @ p.W_x + p.b, x @ p.W_g + p.b_g)  # (1), (2)

    def step(self, p, u, state):
        """One step forward: u; C' (N, H, H), n' (N, H), m' (N, 1) -> the new state, and the trace for the way back."""
        q, k, v, o = u.rows
        k, o = k / k.shape[-1] ** 0.5, sigmoid(o)  # (3)
        log_f, slope_f = log_forget(self.forget, u.gates[1])  # (4)
        m, i, f = stabilised(u.gates[0], log_f, state.m)  # (5), (6), (7)
        C = f[..., None] * state.C + i[..., None] * v[..., None] * k[:, None]  # (8)
        n = f * state.n + i * k  # (9)
        d = np.maximum(np.abs((n * q).sum(-1, keepdims=True)), np.exp(-m))  # (10)
        y = (C @ q[..., None])[..., 0] / d  # (11)
        return State(o * y, C, n, m), Trace(state.C, state.n, q, k, v, o, i, f, slope_f, C, n, m, d, y)  # (12)

    def read_backward(self, dh, trace):
        """The way back through (10)-(12): what the output adds to ∂L/∂C, ∂L/∂n, ∂L/∂m, and ∂L/∂q, ∂L/∂o."""
        q, o, C, n, m, d, y = (getattr(trace, name) for name in "qoCnmdy")
        dy = dh * o  # (13)
        d_read, dd = dy / d, -(y * dy).sum(-1, keepdims=True) / d  # (14)
        overlap, floor = (n * q).sum(-1, keepdims=True), np.exp(-m)
        d_overlap = np.where(np.abs(overlap) >= floor, np.sign(overlap) * dd, 0)
        dm = np.where(np.abs(overlap) >= floor, 0, -floor * dd)  # (15)
        dq = (d_read[:, None] @ C)[:, 0] + d_overlap * n  # (17)
        return d_read[..., None] * q[:, None], d_overlap * q, dm, dq, dh * y * o * (1 - o)  # (16)

    def step_backward(self, p, d_state, trace):
        """One step back: the gradients of h, C, n, m -> those of h', C', n', m', and of u."""
        C_prev, n_prev, _, k, v, _, i, f, slope_f, *_ = trace
        dC, dn, dm, dq, do = self.read_backward(d_state.h, trace)
        dC, dn, dm = dC + d_state.C, dn + d_state.n, dm + d_state.m
        dC_k = (dC @ k[..., None])[..., 0]
        dv, dk = i * dC_k, i * ((v[:, None] @ dC)[:, 0] + dn)  # (19)
        di = (v * dC_k + dn * k).sum(-1, keepdims=True)
        df = (dC * C_prev).sum((-2, -1))[:, None] + (dn * n_prev).sum(-1, keepdims=True)
        d_log_i, d_log_f = stabilised_backward(dm, di, df, i, f)
        d_rows = np.stack([dq, dk / k.shape[-1] ** 0.5, dv, do])
        d_prev = State(np.zeros_like(dq), f[..., None] * dC, f * dn, d_log_f)  # (18)
        return d_prev, Grad(Projected(d_rows, np.stack([d_log_i, d_log_f * slope_f])))

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        stacks = (d.u.rows, p.W_x), (d.u.gates, p.W_g)
        return sum((du @ W.transpose(0, 2, 1)).sum(axis=0) for du, W in stacks)  # (20)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the four parameters, summed over the N rows."""
        (W_x, b), (W_g, b_g) = ((x.T @ du, du.sum(axis=1, keepdims=True)) for du in d.u)  # (21)
        return Params(W_x, b, W_g, b_g)

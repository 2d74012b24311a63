"""sLSTM: the LSTM with exponential gates and a normaliser, one half of xLSTM.

    u = x W_x + b                         (1)   what the input contributes to each gate
    ĩ, f̃, z̃, õ = u + h' W_h               (2)   the gates before their activation
    z = tanh(z̃), o = σ(õ)                 (3)   the candidate, how much to show
    log i = ĩ, log f = log σ(f̃) or f̃      (4)   exponential gates, kept as logarithms
    m = max(log f + m', log i)            (5)   the stabiliser: the largest exponent so far
    i = exp(log i - m)                    (6)   how much to write
    f = exp(log f + m' - m)               (7)   how much to keep
    c = f ⊙ c' + i ⊙ z                    (8)   the memory
    n = f ⊙ n' + i                        (9)   the normaliser: what has been written so far, in all
    h = o ⊙ c / n                         (10)  a weighted mean of the candidates; m cancels

    ∂L/∂c += ∂L/∂h ⊙ o / n                (11)  memory and normaliser also hear from the output
    ∂L/∂n -= ∂L/∂h ⊙ h / n                (12)
    ∂L/∂c' = ∂L/∂c ⊙ f, ∂L/∂n' = ∂L/∂n ⊙ f    (13)
    ∂L/∂i, ∂L/∂f                          (14)  from c and n, then through the stabiliser: stabiliser.py
    ∂L/∂u                                 (15)  gate by gate, each times the slope of its activation
    ∂L/∂h' = Σ_gates ∂L/∂u W_hᵀ           (16)
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ            (17)
    ∂L/∂W_x = xᵀ ∂L/∂u                    (18)
    ∂L/∂W_h = h'ᵀ ∂L/∂u                   (19)
    ∂L/∂b = Σ ∂L/∂u                       (20)

A prime marks the previous step. Gates are stacked on the first axis in the order i, f, z, o: W_x (4, D, H),
W_h (4, H, H), b (4, 1, H), u (4, N, H); all else (N, H). n must be positive before the first step, or zero together
with c.
Source: Beck et al. 2024 (xLSTM), eq. 8-17. How this differs on paper: theirs stacks z, i, f, o; splits W_h into heads,
a block-diagonal matrix, where ours is one head; and adds group normalisation and projections around the cell.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .stabiliser import FORGET, log_forget, stabilised, stabilised_backward

__all__ = ["SLSTM", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    c: np.ndarray
    n: np.ndarray
    m: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    n_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    z: np.ndarray
    o: np.ndarray
    slope_f: np.ndarray
    h: np.ndarray
    c: np.ndarray
    n: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class SLSTM(Cell):
    """sLSTM of one head; the forget gate is "sigmoid" or "exp"."""

    Params, State, Trace, Grad = Params, State, Trace, Grad

    def __init__(self, forget="sigmoid"):
        if forget not in FORGET:
            raise ValueError(f"forget must be one of {', '.join(FORGET)}, got {forget!r}")
        self.forget = forget
        self.name = "slstm" if forget == "sigmoid" else f"slstm-{forget}"

    def shapes(self, D, H):
        return {"W_x": (4, D, H), "W_h": (4, H, H), "b": (4, 1, H)}

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H); h', c', n', m' (N, H) -> the new state, and the trace for the way back."""
        log_i, f, z, o = u + state.h @ p.W_h  # (2)
        z, o = np.tanh(z), sigmoid(o)  # (3)
        log_f, slope_f = log_forget(self.forget, f)  # (4)
        m, i, f = stabilised(log_i, log_f, state.m)  # (5), (6), (7)
        c = f * state.c + i * z  # (8)
        n = f * state.n + i  # (9)
        h = o * c / n  # (10)
        return State(h, c, n, m), Trace(state.h, state.c, state.n, i, f, z, o, slope_f, h, c, n)

    def step_backward(self, p, d_state, trace):
        """One step back: the gradients of h, c, n, m (N, H) -> those of h', c', n', m', and ∂L/∂u (4, N, H)."""
        _, c_prev, n_prev, i, f, z, o, slope_f, h, c, n = trace
        dh, dc, dn, dm = d_state
        dc = dc + dh * o / n  # (11)
        dn = dn - dh * h / n  # (12)
        di, df = dc * z + dn, dc * c_prev + dn * n_prev  # (14)
        d_log_i, d_log_f = stabilised_backward(dm, di, df, i, f)
        dz, do = dc * i, dh * c / n
        du = np.stack([d_log_i, d_log_f * slope_f, dz * (1 - z**2), do * o * (1 - o)])  # (15)
        dh_prev = (du @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (16)
        return State(dh_prev, dc * f, dn * f, d_log_f), Grad(du)  # (13)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (17)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b, summed over the N rows."""
        return Params(
            W_x=x.T @ d.u,  # (18)
            W_h=trace.h_prev.T @ d.u,  # (19)
            b=d.u.sum(axis=1, keepdims=True),  # (20)
        )

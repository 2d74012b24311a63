"""sLSTM in torch; autograd takes the way back that slstm.py writes out.

    u = x W_x + b                         (1)
    ĩ, f̃, z̃, õ = u + h' W_h               (2)
    z = tanh(z̃), o = σ(õ)                 (3)
    log i = ĩ, log f = log σ(f̃) or f̃      (4)
    m = max(log f + m', log i)            (5)
    i = exp(log i - m)                    (6)
    f = exp(log f + m' - m)               (7)
    c = f ⊙ c' + i ⊙ z                    (8)
    n = f ⊙ n' + i                        (9)
    h = o ⊙ c / n                         (10)

Same letters, shapes and records as slstm.py.
"""

import torch

from . import slstm
from .slstm import State, Trace
from .stabiliser_torch import log_forget, stabilised

__all__ = ["SLSTM"]


class SLSTM(slstm.SLSTM):
    """sLSTM on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H); h', c', n', m' (N, H) -> the new state and its trace."""
        log_i, f, z, o = u + state.h @ p.W_h  # (2)
        z, o = torch.tanh(z), torch.sigmoid(o)  # (3)
        log_f, slope_f = log_forget(self.forget, f)  # (4)
        m, i, f = stabilised(log_i, log_f, state.m)  # (5), (6), (7)
        c = f * state.c + i * z  # (8)
        n = f * state.n + i  # (9)
        h = o * c / n  # (10)
        return State(h, c, n, m), Trace(state.h, state.c, state.n, i, f, z, o, slope_f, h, c, n)

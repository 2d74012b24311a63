"""mLSTM in torch; autograd takes the way back that mlstm.py writes out.

    q, k, v, o = x W_x + b                (1)
    ĩ, f̃ = x W_g + b_g                    (2)
    k = k / sqrt(H), o = σ(o)             (3)
    log i = ĩ, log f = log σ(f̃) or f̃      (4)
    m = max(log f + m', log i)            (5)
    i = exp(log i - m)                    (6)
    f = exp(log f + m' - m)               (7)
    C = f C' + i vᵀ k                     (8)
    n = f n' + i k                        (9)
    d = max(|n · q|, exp(-m))             (10)
    y = C q / d                           (11)
    h = o ⊙ y                             (12)

Same letters, shapes and records as mlstm.py.
"""

import torch

from . import mlstm
from .mlstm import Projected, State, Trace
from .stabiliser_torch import log_forget, stabilised

__all__ = ["MLSTM"]


class MLSTM(mlstm.MLSTM):
    """mLSTM on torch tensors."""

    def project(self, p, x):
        """x (N, D) -> q, k, v, o as rows (4, N, H), and the two gates (2, N, 1)."""
        return Projected(x @ p.W_x + p.b, x @ p.W_g + p.b_g)  # (1), (2)

    def step(self, p, u, state):
        """One step forward: u; C' (N, H, H), n' (N, H), m' (N, 1) -> the new state and its trace."""
        q, k, v, o = u.rows
        k, o = k / k.shape[-1] ** 0.5, torch.sigmoid(o)  # (3)
        log_f, slope_f = log_forget(self.forget, u.gates[1])  # (4)
        m, i, f = stabilised(u.gates[0], log_f, state.m)  # (5), (6), (7)
        C = f[..., None] * state.C + i[..., None] * v[..., None] * k[:, None]  # (8)
        n = f * state.n + i * k  # (9)
        d = torch.maximum((n * q).sum(-1, keepdim=True).abs(), torch.exp(-m))  # (10)
        y = (C @ q[..., None])[..., 0] / d  # (11)
        return State(o * y, C, n, m), Trace(state.C, state.n, q, k, v, o, i, f, slope_f, C, n, m, d, y)  # (12)

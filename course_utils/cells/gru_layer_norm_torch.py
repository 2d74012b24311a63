"""The gated recurrent unit with layer normalisation in torch; autograd takes the way back that gru_layer_norm.py writes out.

    a = x W_x                                (1)
    q = h' W_h                               (2)
    s_rz = α_x ⊙ norm(a_rz) + α_h ⊙ norm(q_rz) + b_rz    (3)
    r, z = σ(s_rz)                           (4)
    m = α_h ⊙ norm(q_n) + b_hn               (5)
    s_n = α_x ⊙ norm(a_n) + b_n + r ⊙ m      (6)
    h = z ⊙ h' + (1 - z) ⊙ tanh(s_n)         (7)

Same letters, shapes and records as gru_layer_norm.py.
"""

import torch

from . import gru_layer_norm
from .gru_layer_norm import ROW, State, Trace
from .lstm_layer_norm_torch import normalise

__all__ = ["GRULayerNorm"]


class GRULayerNorm(gru_layer_norm.GRULayerNorm):
    """The gated recurrent unit with layer normalisation on torch tensors."""

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H), not yet normalised."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state and its trace."""
        norm_a, scale_a = gates_normalised(u)
        norm_q, scale_q = gates_normalised(state.h @ p.W_h)  # (2)
        here, past = p.gain_x * norm_a + p.b, p.gain_h * norm_q
        r, z = torch.sigmoid(here[:2] + past[:2])  # (3), (4)
        m = past[2] + p.b_hn  # (5)
        n = torch.tanh(here[2] + r * m)  # (6)
        trace = Trace(state.h, norm_a, scale_a, norm_q, scale_q, r, z, m, n)
        return State(z * state.h + (1 - z) * n), trace  # (7)


def gates_normalised(a):
    """norm of gates (3, N, H), r with z and n by itself, and the scales (2, N, 1) of both."""
    (rz, scale_rz), (n, scale_n) = normalise(a[:2], ROW), normalise(a[2:], ROW)
    return torch.cat([rz, n]), torch.cat([scale_rz, scale_n])

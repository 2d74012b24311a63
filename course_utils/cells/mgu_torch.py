"""The minimal gated unit in torch; autograd takes the way back that mgu.py writes out.

    u = x W_x + b                            (1)
    f = σ(u_f + h' W_h,f)                    (2)
    n = tanh(u_n + (f ⊙ h') W_h,n)           (3)
    h = (1 - f) ⊙ h' + f ⊙ n                 (4)

Same letters, shapes and records as mgu.py.
"""

import torch

from . import mgu
from .mgu import State, Trace

__all__ = ["MGU"]


class MGU(mgu.MGU):
    """The minimal gated unit on torch tensors."""

    def project(self, p, x):
        """What the input contributes to f and n: x (N, D) -> u (2, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (2, N, H), h' (N, H) -> the new state and its trace."""
        h_prev = state.h
        f = torch.sigmoid(u[0] + h_prev @ p.W_h[0])  # (2)
        n = torch.tanh(u[1] + (f * h_prev) @ p.W_h[1])  # (3)
        return State((1 - f) * h_prev + f * n), Trace(h_prev, f, n)  # (4)

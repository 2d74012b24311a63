"""The diagonal state-space layer in torch; autograd takes the way back that ssm.py writes out.

    u = x W_x                             (1)
    A = -exp(a) + iω,  Δ = exp(δ)         (2)
    Ā = exp(ΔA),  B̄ = (Ā - 1) / A         (3)
    s = Ā ⊙ s' + B̄ ⊙ u                    (4)
    h = 2 Re Σ_S C ⊙ s + k ⊙ u            (5)

Same letters, shapes and records as ssm.py.
"""

import torch

from . import ssm
from .ssm import State, Trace

__all__ = ["S4D"]


class S4D(ssm.S4D):
    """The diagonal state-space layer on torch tensors."""

    def discrete(self, p):
        """A, Δ, Ā, B̄: (H, S), Δ (H, 1)."""
        A, dt = torch.complex(-torch.exp(p.a), p.omega), torch.exp(p.delta)[:, None]  # (2)
        return A, dt, torch.exp(dt * A), (torch.exp(dt * A) - 1) / A  # (3)

    def project(self, p, x):
        """Each unit's signal: x (N, D) -> u (N, H)."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (N, H), s' (N, H, S) -> the new state and its trace."""
        a, b = self.linear(p, u)
        s = a * self.memory(state) + b  # (4)
        h = 2 * (p.C_re * s.real - p.C_im * s.imag).sum(-1) + p.k * u  # (5)
        return State(h, s.real, s.imag), Trace(state.s_re, state.s_im, s.real, s.imag)

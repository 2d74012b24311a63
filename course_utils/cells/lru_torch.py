"""The linear recurrent unit in torch; autograd takes the way back that lru.py writes out.

    λ = exp(-exp(ν) + i exp(θ))           (1)
    γ = sqrt(1 - |λ|²)                    (2)
    u = x B_re, x B_im, x W_xy            (3)
    s = λ ⊙ s' + γ ⊙ (u_re + i u_im)      (4)
    h = Re(s C) + u_y                     (5)

Same letters, shapes and records as lru.py.
"""

import torch

from . import lru
from .lru import State, Trace

__all__ = ["LRU"]


class LRU(lru.LRU):
    """The linear recurrent unit on torch tensors."""

    def ring(self, p):
        """λ, complex, and γ, each (H,)."""
        lam = torch.exp(torch.complex(-torch.exp(p.nu), torch.exp(p.theta)))  # (1)
        return lam, torch.sqrt(-torch.expm1(-2 * torch.exp(p.nu)))  # (2)

    def project(self, p, x):
        """What the input contributes: x (N, D) -> u (3, N, H)."""
        return torch.stack([x @ p.B_re, x @ p.B_im, x @ p.W_xy])  # (3)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), s' (N, H) -> the new state and its trace."""
        a, b = self.linear(p, u)
        s = a * self.memory(state) + b  # (4)
        h = s.real @ p.C_re - s.imag @ p.C_im + u[2]  # (5)
        return State(h, s.real, s.imag), Trace(state.s_re, state.s_im, s.real, s.imag)

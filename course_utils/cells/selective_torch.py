"""The selective state-space layer in torch; autograd takes the way back that selective.py writes out.

    v, B, C = x W_x, x W_B, x W_C         (1)
    Δ = softplus(x W_Δ + b_Δ)             (2)
    A = -exp(a)                           (3)
    s = exp(Δ A) ⊙ s' + (Δ ⊙ v) Bᵀ        (4)
    h = s C + k ⊙ v                       (5)

Same letters, shapes and records as selective.py.
"""

import torch

from . import selective
from .selective import Projected, State, Trace

__all__ = ["Selective"]


class Selective(selective.Selective):
    """The selective state-space layer on torch tensors."""

    def project(self, p, x):
        """x (N, D) -> v (N, H), Δ before its softplus (N, H), B and C (N, S)."""
        return Projected(x @ p.W_x, x @ p.W_dt + p.b_dt, x @ p.W_B, x @ p.W_C)  # (1)

    def rates(self, p):
        """A (H, S)."""
        return -torch.exp(p.a)  # (3)

    def step_size(self, u):
        """Δ (N, H)."""
        return torch.logaddexp(u.dt, u.dt.new_zeros(()))  # (2)

    def decay(self, p, dt):
        """exp(Δ A) (N, H, S)."""
        return torch.exp(dt[..., None] * self.rates(p))

    def step(self, p, u, state):
        """One step forward: v, Δ, B, C and s' (N, H, S) -> the new state and its trace."""
        dt = self.step_size(u)
        s = self.decay(p, dt) * state.s + (dt * u.v)[..., None] * u.B[:, None]  # (4)
        h = (s * u.C[:, None]).sum(-1) + p.k * u.v  # (5)
        return State(h, s), Trace(state.s, u.v, dt, u.B, u.C, s)

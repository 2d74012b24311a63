"""MUT1, MUT2 and MUT3 in torch; autograd takes the way back that mut.py writes out.

    u_k = x W_x,k + b_k                      (1)
    u_r = x I + b_r                          (2)
    u_n = tanh(x I) + b_n                    (3)
    r = σ(u_r + h' W_h,r)                    (4)
    z = σ(u_z)                               (5)
    z = σ(u_z + s W_h,z)                     (6)
    n = tanh(u_n + (r ⊙ h') W_h,n)           (7)
    h = z ⊙ n + (1 - z) ⊙ h'                 (8)

Same letters, shapes and records as mut.py, which also says which line belongs to which mutant.
"""

import torch

from . import mut
from .mut import State, Trace, repeated_identity

__all__ = ["MUT"]


class MUT(mut.MUT):
    """One of the three mutants on torch tensors."""

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H)."""
        u = dict(zip(self.mutant.reads, x @ p.W_x, strict=True))  # (1)
        bare = x @ torch.from_numpy(repeated_identity(*self.sizes(p))).to(p.b)
        u = {"r": bare, "n": torch.tanh(bare)} | u  # (2), (3)
        return torch.stack([u[k] for k in "rzn"]) + p.b

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state and its trace."""
        h_prev, W_h = state.h, self.recurrent(p)
        r = torch.sigmoid(u[0] + h_prev @ W_h["r"])  # (4)
        if "z" in W_h:
            s = torch.tanh(h_prev) if self.mutant.squashed else h_prev
            z = torch.sigmoid(u[1] + s @ W_h["z"])  # (6)
        else:
            z = torch.sigmoid(u[1])  # (5)
        n = torch.tanh(u[2] + (r * h_prev) @ W_h["n"])  # (7)
        return State(z * n + (1 - z) * h_prev), Trace(h_prev, r, z, n)  # (8)

"""minGRU and minLSTM in torch; autograd takes the way back that minrnn.py writes out.

    u = x W_x + b                         (1)
    k = u_z                               (2)
    k = log σ(u_i) - log σ(u_f)           (3)
    z = σ(k)                              (4)
    n = g(u_n)                            (5)
    h = (1 - z) ⊙ h' + z ⊙ n              (6)

Same letters, shapes and records as minrnn.py.
"""

import torch
from torch.nn.functional import logsigmoid

from . import minrnn
from .minrnn import State

__all__ = ["MinGRU", "MinLSTM"]

FUNCTIONS = {"linear": lambda a: a, "positive": lambda a: torch.where(a >= 0, a + 0.5, torch.sigmoid(a))}


class MinGRU(minrnn.MinGRU):
    """minGRU on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the gates: x (N, D) -> u (G, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def gates(self, u):
        """z, n and, for minLSTM, f, i: each (N, H)."""
        k, *others = self.logit(u)
        z = torch.sigmoid(k)  # (4)
        n = FUNCTIONS[self.candidate](u[-1])  # (5)
        return z, n, *others

    def logit(self, u):
        """k, and the gates it is made of."""
        return (u[0],)  # (2)

    def step(self, p, u, state):
        """One step forward: u (G, N, H), h' (N, H) -> the new state and its trace."""
        z, n, *others = self.gates(u)
        h = (1 - z) * state.h + z * n  # (6)
        return State(h), self.Trace(state.h, z, n, *others)


class MinLSTM(MinGRU, minrnn.MinLSTM):
    """minLSTM on torch tensors."""

    def logit(self, u):
        """k, f and i."""
        f, i, _ = u
        return logsigmoid(i) - logsigmoid(f), torch.sigmoid(f), torch.sigmoid(i)  # (3)

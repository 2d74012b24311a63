"""The cell of a neural architecture search in torch; autograd takes the way back that nas.py writes out.

    u = x W_x                                (1)
    v = h' W_h + b                           (2)
    s_k = u_k + v_k, but s_3 = u_3 ⊙ v_3     (3)
    a_k = φ_k(s_k)                           (4)
    m = tanh(a_0 ⊙ a_1)                      (5)
    e_0 = tanh(m + c')                       (6)
    e_1 = tanh(a_2 + a_3)                    (7)
    e_2 = tanh(a_4 ⊙ a_5)                    (8)
    e_3 = σ(a_6 + a_7)                       (9)
    c = e_0 ⊙ e_1                            (10)
    q = tanh(e_2 + e_3)                      (11)
    h = tanh(c ⊙ q)                          (12)

Same letters, shapes and records as nas.py.
"""

import torch

from . import nas
from .elman_torch import FUNCTIONS
from .nas import PHI, State, Trace

__all__ = ["NAS"]


class NAS(nas.NAS):
    """The cell found by neural architecture search, on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the eight nodes: x (N, D) -> u (8, N, H)."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (8, N, H), h' and c' (N, H) -> the new state and its trace."""
        v = state.h @ p.W_h + p.b  # (2)
        s = [u[k] * v[k] if k == 3 else u[k] + v[k] for k in range(8)]  # (3)
        a = [FUNCTIONS[phi](s_k) for phi, s_k in zip(PHI, s, strict=True)]  # (4)
        m = torch.tanh(a[0] * a[1])  # (5)
        e_0 = torch.tanh(m + state.c)  # (6)
        e_1 = torch.tanh(a[2] + a[3])  # (7)
        e_2 = torch.tanh(a[4] * a[5])  # (8)
        e_3 = torch.sigmoid(a[6] + a[7])  # (9)
        c = e_0 * e_1  # (10)
        q = torch.tanh(e_2 + e_3)  # (11)
        h = torch.tanh(c * q)  # (12)
        e = torch.stack([e_0, e_1, e_2, e_3], dim=1)
        return State(h, c), Trace(state.h, u[3], v[3], torch.stack(a, dim=1), m, e, c, q, h)

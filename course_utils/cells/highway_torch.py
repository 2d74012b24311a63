"""A Highway layer in torch; autograd takes the way back that highway.py writes out.

    a = x W + b + u                       (1)
    n = tanh(a_n)                         (2)
    t = σ(a_t)                            (3)
    y = t ⊙ n + (1 - t) ⊙ x               (4)

Same letters, shapes and records as highway.py.
"""

import torch

from .highway import HighwayTrace

__all__ = ["highway"]


def highway(p, x, u=0):
    """x (N, H) -> y (N, H), and its trace; p a HighwayParams of tensors."""
    a = x @ p.W + p.b + u  # (1)
    n = torch.tanh(a[0])  # (2)
    t = torch.sigmoid(a[1])  # (3)
    return t * n + (1 - t) * x, HighwayTrace(x, n, t)  # (4)

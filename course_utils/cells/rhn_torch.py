"""The recurrent highway cell in torch; autograd takes the way back that rhn.py writes out.

    u = x W_x                             (1)
    s_0 = h'                              (2)
    s_1 = highway(s_0; R_1, b_1, u)       (3)
    s_l = highway(s_l-1; R_l, b_l)        (4)
    h = s_L                               (5)

Same letters, shapes and records as rhn.py.
"""

import torch

from . import rhn
from .highway_torch import highway
from .rhn import State, Trace

__all__ = ["RHN"]


class RHN(rhn.RHN):
    """The recurrent highway cell on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the first layer: x (N, D) -> u (2, N, H)."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (2, N, H), h' (N, H) -> the new state and its trace."""
        first, *others = self.layers(p)
        s, traces = state.h, [None] * self.L  # (2)
        s, traces[0] = highway(first, s, u)  # (3)
        for k, layer in enumerate(others, start=1):
            s, traces[k] = highway(layer, s)  # (4)
        return State(s), Trace(*(torch.stack(field, dim=1) for field in zip(*traces, strict=True)))  # (5)

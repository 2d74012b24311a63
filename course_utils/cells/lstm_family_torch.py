"""The LSTM family in torch; autograd takes the way back that lstm_family.py writes out.

    u = x W_x + b                         (1)
    i, f = σ(a_i), σ(a_f)                 (5)
    f = 1 - i                             (6)
    g = φ(a_g)                            (7)
    c = f ⊙ c' + i ⊙ g                    (8)
    a_o += p_o ⊙ c                        (9)
    o = σ(a_o)                            (10)
    y = ψ(c), h = o ⊙ y                   (11)

Same letters, shapes and records as lstm_family.py. Lines (2) to (4), what the gates hear of the past, are sums and
products alone: the function `heard` over there serves tensors as well.
"""

import torch

from . import lstm_family
from .elman_torch import FUNCTIONS

__all__ = ["LSTMVariant"]


class LSTMVariant(lstm_family.LSTMVariant):
    """An LSTM of the family on torch tensors."""

    def project(self, p, x):
        """What the input contributes to each gate: x (N, D) -> u (G, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (G, N, H) and the previous state -> the new state and its trace."""
        a, one = self.heard(p, u, state), state.c**0
        i = torch.sigmoid(a["i"]) if "i" in a else one
        f = torch.sigmoid(a["f"]) if "f" in a else one  # (5)
        if self.variant.coupled:
            f = 1 - i  # (6)
        g = FUNCTIONS[self.variant.phi](a["g"])  # (7)
        c = f * state.c + i * g  # (8)
        o = torch.sigmoid(a["o"] + self.peep(p, "o", c)) if "o" in a else one  # (9), (10)
        y = FUNCTIONS[self.variant.psi](c)
        h = o * y  # (11)
        return self.state_and_trace(state, h, i, f, g, o, c, y)

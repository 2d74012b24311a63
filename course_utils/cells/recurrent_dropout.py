"""Variational dropout of the recurrent connections: the same units of h' are hidden from the cell at every step.

    (h, c) = cell(x, m ⊙ h', c')          (1)   m 0 for hidden units, 1 / (1 - p) for the others
    ∂L/∂h' = m ⊙ ∂L/∂(m ⊙ h')             (2)

m (B, H) is drawn once for a whole sequence, see sequence.noise. A mask drawn anew at each step would hide every unit
sooner or later, and nothing could be kept. Source: Gal and Ghahramani 2016, section 4: their "tied" form, one m for all
gates; in the "untied" one each gate has its own. They put m into every product with h', as it is here in cells that read
h' in products only. A cell that hands h' itself on (GRU: z ⊙ h') would lose the hidden units and blow up the others, so it
is refused: use zoneout.
"""

from functools import lru_cache

import numpy as np

from ..params import tree_map
from .wrapper import Wrapper

__all__ = ["RecurrentDropout"]


class RecurrentDropout(Wrapper):
    """A cell that reads h' through a mask (B, H). Raises ValueError for a cell that hands h' on."""

    def __init__(self, cell, mask):
        if isinstance(cell, Wrapper):
            raise ValueError(f"{cell} is wrapped already; put dropout around the plain cell, then zoneout around that")
        super().__init__(cell, "dropout", {"h_prev": "h_read"})  # h_prev would be stored as it was before the mask
        if hands_on(cell, mask.shape[1]):
            raise ValueError(f"{cell} hands h' itself on, which dropout would destroy; use noise.zoneout")
        self.mask = mask

    def mask_for(self, h):
        """The mask in h's dtype."""
        return self.mask.astype(h.dtype)

    def step(self, p, u, state):
        """One step forward, as the inner cell's with part of h' hidden."""
        return self.cell.step(p, u, state._replace(h=state.h * self.mask_for(state.h)))  # (1)

    def step_backward(self, p, d_state, trace):
        """One step back."""
        d_prev, d = self.cell.step_backward(p, d_state, self.inner(trace))
        return d_prev._replace(h=d_prev.h * self.mask_for(d_prev.h)), d  # (2)


@lru_cache(maxsize=16)
def hands_on(cell, H):
    """Does h' reach h past all products? With every parameter 0, a cell that reads it in products only forgets it."""
    p = tree_map(np.zeros_like, cell.init(np.random.default_rng(0), 1, H))
    u, zero = cell.project(p, np.zeros((1, 1))), cell.zero_state(p, 1)
    after = [cell.step(p, u, zero._replace(h=zero.h + h))[0] for h in (0, 1)]
    return any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(*after, strict=True))

"""A cell some of whose state is carried over, in torch; see carry.py.

    s̃ = cell(x, s')                       (1)
    s = k ⊙ s' + (1 - k) ⊙ s̃              (2)

The step is carry.py's own: it serves tensors as it stands. Only k has to become a tensor beside the parameters.
"""

import torch

from . import carry
from .carry import Carried

__all__ = ["Carry"]


class Carry(carry.Carry):
    """A torch cell with shares `keep` of the old state, arrays or tensors (T, B, ...)."""

    def project(self, p, x):
        """The inner cell's u of all T·B rows, and k of each."""
        self.check_rows(x)
        return Carried(self.cell.project(p, x), self.rows(lambda k, dtype: torch.as_tensor(k).to(p[0]), p))

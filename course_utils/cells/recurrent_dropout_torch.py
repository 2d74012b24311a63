"""Variational dropout of the recurrent connections in torch; see recurrent_dropout.py.

    (h, c) = cell(x, m ⊙ h', c')          (1)

The step is recurrent_dropout.py's own; only m has to become a tensor beside h.
"""

import torch

from . import recurrent_dropout
from .wrapper import Wrapper

__all__ = ["RecurrentDropout"]


class RecurrentDropout(recurrent_dropout.RecurrentDropout):
    """A torch cell, made from a NumPy one's twin, that reads h' through a mask (B, H)."""

    def __init__(self, cell, mask):
        Wrapper.__init__(self, cell, "dropout", {"h_prev": "h_read"})
        self.mask = mask

    def mask_for(self, h):
        """The mask as a tensor like h."""
        return torch.as_tensor(self.mask).to(h)

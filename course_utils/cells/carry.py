"""A cell some of whose state is carried over from the step before instead of computed anew.

    s̃ = cell(x, s')                       (1)   what the cell makes of this step
    s = k ⊙ s' + (1 - k) ⊙ s̃              (2)   of which a share 1 - k is let in

    ∂L/∂s̃ = (1 - k) ⊙ ∂L/∂s               (3)
    ∂L/∂s' = k ⊙ ∂L/∂s + through the cell (4)   where k = 1, the gradient passes untouched

s stands for every field of the cell's State, a prime for the previous step; k is given, step by step, and does not learn.
With k = 1 where a sequence has ended, its state stays (sequence.masking); with k drawn at random, or its expectation,
this is zoneout (sequence.noise).
"""

from math import prod
from typing import NamedTuple

import numpy as np

from .wrapper import Wrapper

__all__ = ["Carried", "Carry"]


class Carried(NamedTuple):
    """What `project` returns: the inner cell's u, and k, a State of rows (N, 1 or the size of the field)."""

    u: tuple
    k: tuple


class Carry(Wrapper):
    """A cell with shares `keep` of the old state: a State of arrays (T, B, 1) or (T, B, ...) with the field's own shape.

    It serves one batch, as it holds what is kept at each of its steps.
    Raises ValueError for shares outside 0..1 or whose T, B differ.
    """

    def __init__(self, cell, keep):
        new = {field: f"new_{field}" for field in cell.State._fields}  # the state before it is mixed with the old one
        super().__init__(cell, "carry", new, [f"k_{field}" for field in cell.State._fields])
        self.keep = cell.State(*keep)
        if len({k.shape[:2] for k in self.keep}) > 1:
            raise ValueError(f"keep must have the same T and B in every field, got {[k.shape for k in self.keep]}")
        if any(k.min() < 0 or k.max() > 1 for k in self.keep):
            raise ValueError("keep holds shares of the old state, from 0 (none of it) to 1 (all)")

    def project(self, p, x):
        """The inner cell's u of all T·B rows, and k of each."""
        self.check_rows(x)
        return Carried(self.cell.project(p, x), self.rows(np.asarray, p))

    def rows(self, convert, p):
        """k as rows (T·B, ...) in the parameters' dtype."""
        return self.State(*(convert(k, dtype=p[0].dtype).reshape(prod(k.shape[:2]), -1) for k in self.keep))

    def check_rows(self, x):
        T, B = self.keep[0].shape[:2]
        if x.shape[0] != T * B:
            raise ValueError(f"keep is for T, B = {T}, {B}: x must have {T * B} rows, got {x.shape[0]}")

    def step(self, p, u, state):
        """One step forward: the new state, and the trace for the way back."""
        new, trace = self.cell.step(p, u.u, state)  # (1)
        mixed = (k * old + (1 - k) * s for k, old, s in zip(shares(u.k, state), state, new, strict=True))
        return self.State(*mixed), self.Trace(*trace, *u.k)  # (2)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂s -> ∂L/∂s', and the inner cell's Grad."""
        k = list(shares(trace[-len(d_state) :], d_state))
        d_new = self.State(*((1 - a) * ds for a, ds in zip(k, d_state, strict=True)))  # (3)
        d_prev, d = self.cell.step_backward(p, d_new, self.inner(trace))
        return self.State(*(a * ds + dp for a, ds, dp in zip(k, d_state, d_prev, strict=True))), d  # (4)


def shares(k, state):
    """Rows of k in a shape that multiplies the fields of the state."""
    for a, s in zip(k, state, strict=True):
        full = a.shape[1] == prod(s.shape[1:])
        yield a.reshape(s.shape if full else (-1,) + (1,) * (s.ndim - 1))

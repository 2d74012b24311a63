"""Sequences of different lengths in one batch: padding, and masks that keep it from having any effect.

    lengths   3 1                          t = 0   a d
    mask      1 1 / 1 0 / 1 0    (T, B)    t = 1   b ·      · is padding: whatever stands there is never read
                                           t = 2   c ·

A sequence that has ended keeps its state, so the last State is that of each sequence's own last step. h is zero where
there is padding, and gradients are zero there, as torch's packed sequences have it. Time runs on to the longest length;
steps are not left out, as packing does.

x (T, B, D) floats, or (T, B) integer tokens; lengths (B,) integers from 0 to T; h (T, B, H).
"""

import numpy as np

from ..cells.carry import Carry
from . import loop

__all__ = ["backward", "forward", "mask_of", "masked", "padding_zero", "reverse", "reversed_steps"]


def mask_of(lengths, T=None):
    """True where a sequence has a step: (T, B) booleans; T is the longest length unless it is given.

    >>> mask_of([3, 1]).astype(int).T
    array([[1, 1, 1],
           [1, 0, 0]])

    Raises ValueError for lengths that are not whole numbers (B,) from 0 to T.
    """
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or not lengths.size or not np.issubdtype(lengths.dtype, np.integer):
        raise ValueError(f"lengths must be whole numbers (B,), one per sequence, got {lengths.dtype} {lengths.shape}")
    T = int(lengths.max()) if T is None else T
    if lengths.min() < 0 or lengths.max() > T:
        raise ValueError(f"lengths must lie in 0..T = {T}, got {lengths.min()}..{lengths.max()}")
    return np.arange(T)[:, None] < lengths


def masked(cell, mask):
    """The cell, with the state of a sequence carried on unchanged where mask (T, B) is False."""
    ended = ~np.asarray(mask)[..., None]
    return Carry(cell, [ended] * len(cell.State._fields))


def forward(cell, p, x, lengths=None, state=None):
    """Run a cell over padded sequences. Returns a Run; without lengths, that of sequence.forward. Raises as it does."""
    if lengths is None:
        return loop.forward(cell, p, x, state)
    mask = _mask_for(x, lengths)
    run = loop.forward(masked(cell, mask), p, _without_padding(x, mask), state)
    return run._replace(h=_without_padding(run.h, mask))


def backward(cell, p, x, run, dh, d_last=None, lengths=None):
    """Gradients for what forward(cell, p, x, lengths) returned; dh (T, B, H) counts only where there is no padding."""
    if lengths is None:
        return loop.backward(cell, p, x, run, dh, d_last)
    mask = _mask_for(x, lengths)
    x, dh = _without_padding(x, mask), _without_padding(dh, mask)
    return loop.backward(masked(cell, mask), p, x, run, dh, d_last)


def reverse(x, lengths=None):
    """x (T, B, ...) with every sequence turned round within its own length; padding stays where it is."""
    x = np.asarray(x)
    return x[::-1] if lengths is None else x[reversed_steps(x, lengths), np.arange(x.shape[1])]


def reversed_steps(x, lengths):
    """Which step of x (T, B, ...) comes to each place when its sequences are turned round: (T, B) integers."""
    t = np.arange(len(x))[:, None]
    return np.where(_mask_for(x, lengths), np.asarray(lengths) - 1 - t, t)


def _mask_for(x, lengths):
    """The mask (T, B) that belongs to x (T, B, ...). Raises ValueError unless there is one length per sequence."""
    T, B = np.shape(x)[:2]
    if np.shape(lengths) != (B,):
        raise ValueError(f"lengths must have one entry for each of the B = {B} sequences, got {np.shape(lengths)}")
    return mask_of(lengths, T)


def padding_zero(a, lengths):
    """a (T, B, ...) with zeros for padding; as it is without lengths."""
    return np.asarray(a) if lengths is None else _without_padding(a, _mask_for(a, lengths))


def _without_padding(a, mask):
    """a (T, B, ...) with zeros for padding: even a NaN that stands there has no effect."""
    a = np.asarray(a)
    return np.where(mask.reshape(mask.shape + (1,) * (a.ndim - 2)), a, np.zeros((), a.dtype))

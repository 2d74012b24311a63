"""Noise that keeps a recurrent network from learning its training text by heart: dropout and zoneout.

dropout       m = 0 with probability p, else 1 / (1 - p)         so that E[m] = 1; nothing to change at test time
variational   one m (B, ·) for all steps of a sequence           Gal and Ghahramani 2016
zoneout       a unit keeps its old value with probability d      Krueger et al. 2017; at test time d is the share it keeps

Zoneout computes h from the new c, before c itself is mixed with the old one, as in the paper's equations for the LSTM.
Others: Merity, Keskar and Socher 2018 hide entries of W_h instead of units of h'; Semeniuta, Severyn and Barth 2016 hide
units of the candidate g, by a new mask each step.

Both leave the cell's own equations alone: they wrap the cell for one batch (its mask is drawn when it is made), and the
wrapped cell runs, backwards too, through course_utils.sequence like any other.

>>> h = sequence.forward(zoneout(rng, cell, T=7, B=2, H=5, d={"h": 0.05, "c": 0.5}), p, x).h     # training
>>> h = sequence.forward(zoneout_expected(cell, T=7, B=2, d={"h": 0.05, "c": 0.5}), p, x).h      # test
"""

import numpy as np

from ..cells.carry import Carry
from ..cells.recurrent_dropout import RecurrentDropout

__all__ = ["between_layers", "dropout_mask", "variational", "zoneout", "zoneout_expected"]


def dropout_mask(rng, shape, p, dtype=np.float64):
    """Numbers to multiply by: 0 with probability p, else 1 / (1 - p).

    For x (T, B, D): shape (T, B, D) is dropout step by step, (1, B, D) variational dropout of the input.
    Raises ValueError for p outside [0, 1).
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is a probability below 1, got {p}")
    return ((rng.random(shape) >= p) / (1 - p)).astype(dtype)


def between_layers(rng, layers, D, B, p, T=1):
    """Dropout masks for what each layer of a Layers reads, x (T, B, D) included; for Layers.forward(masks=...).

    T = 1 is variational, one mask (1, B, D_l) for all steps; the length of x is torch.nn's dropout, a new one each step.
    """
    return [dropout_mask(rng, (T, B, size), p) for size in layers.input_sizes(D)[:-1]]


def variational(rng, cell, B, H, p):
    """The cell with the same share p of h' hidden from it at all steps, for B sequences; at test time use the cell itself.

    Raises ValueError for a cell that hands h' itself on (a GRU, say): use zoneout there.
    """
    return RecurrentDropout(cell, dropout_mask(rng, (B, H), p))


def zoneout(rng, cell, T, B, H, d):
    """The cell with units that keep their old value with probability d, drawn for T steps of B sequences.

    d: one probability, for h and (if there is one) c, or a dictionary from names of state fields to probabilities.
    """
    shapes = cell.state_shapes(H).items()
    d = _by_field(cell, d)
    return Carry(cell, [rng.random((T, B, *shape)) < d[name] for name, shape in shapes])


def zoneout_expected(cell, T, B, d):
    """Zoneout at test time: every unit keeps the share d of its old value."""
    return Carry(cell, [np.full((T, B, 1), share) for share in _by_field(cell, d).values()])


def _by_field(cell, d):
    """d for every field of the cell's state; those not named keep nothing."""
    given = d if isinstance(d, dict) else {name: d for name in ("h", "c") if name in cell.State._fields}
    if unknown := given.keys() - set(cell.State._fields):
        raise ValueError(f"{cell} has no state {', '.join(sorted(unknown))}; it has {', '.join(cell.State._fields)}")
    if not all(0 <= share <= 1 for share in given.values()):
        raise ValueError(f"d holds probabilities, from 0 to 1, got {d}")
    return {name: given.get(name, 0.0) for name in cell.State._fields}

"""Layers of cells on top of one another, in one direction or both.

    h_l = cell_l(x_l)                     (1)   over time; with both directions h_l = [forward half, backward half]
    x_{l+1} = h_l                         (2)   "plain": a layer reads the one below
    x_{l+1} = x_l + h_l, x_2 = h_1        (3)   "skip": and adds to what it read (residual connections)
    x_{l+1} = [x_l, h_l]                  (4)   "dense": and stands beside all that is below, the input included

    ∂L/∂x_l = ∂L/∂x_{l+1} as it is, and through the cell      (5)   skip, dense: gradients add where x_l branches

l counts from 1 to L; what layer L + 1 would read is the stack's output, (T, B, D_{L+1}). The backward half is a cell of
its own that reads the sequence from its end, within its own length when lengths are given.
Parameters, states and runs are tuples with one entry per cell, in torch's order: layer 1 forward, layer 1 backward,
layer 2 forward, ... x (T, B, D) floats or (T, B) tokens; lengths (B,).
Sources: Schuster and Paliwal 1997 (both directions); Wu et al. 2016 start (3) above the first layers too; Godin et al.
2017 have (4), with all layers in the output. torch.nn.RNN, LSTM and GRU are "plain" with one size for all layers.
"""

from typing import NamedTuple

import numpy as np

from . import masking
from .loop import Gradients

__all__ = ["Layers", "LayersRun", "stacked"]


class LayersRun(NamedTuple):
    """The output h (T, B, D_{L+1}), the last State and the Run of every cell, and what each layer read (through a mask)."""

    h: np.ndarray
    last: tuple
    runs: tuple
    inputs: tuple


class Layers:
    """A stack of cells, bottom first, with sizes H: one number, or one for each layer.

    >>> layers = Layers([CELLS["lstm"], CELLS["gru"]], H=5, bidirectional=True)
    >>> params = layers.init(rng, D=3)
    >>> layers.forward(params, x).h.shape           # x (7, 2, 3)
    (7, 2, 10)

    Raises ValueError for sizes that do not fit the cells or, with connect="skip", each other.
    """

    def __init__(self, cells, H, bidirectional=False, connect="plain"):
        self.cells, self.connect, self.directions = tuple(cells), connect, 2 if bidirectional else 1
        self.H = (int(H),) * len(self.cells) if np.ndim(H) == 0 else tuple(map(int, H))
        if not self.cells or len(self.H) != len(self.cells):
            raise ValueError(f"H must be one size or one for each of the {len(self.cells)} cells (>= 1), got {H}")
        if connect not in ("plain", "skip", "dense"):
            raise ValueError(f"connect must be one of plain, skip, dense, got {connect!r}")
        if connect == "skip" and len(set(self.H)) > 1:
            raise ValueError(f"skip connections add layers up, so all must have one size, got H = {self.H}")

    def input_sizes(self, D):
        """How many numbers each layer reads at a step, and how many the output has: L + 1 sizes."""
        sizes = [D]
        for H in self.H:
            sizes.append(H * self.directions + (sizes[-1] if self.connect == "dense" else 0))
        return sizes

    def init(self, rng, D, **options):
        """Parameters of every cell for input size D; `options` go to each cell's init."""
        layers = zip(self.cells, self.input_sizes(D)[:-1], self.H, strict=True)
        return tuple(cell.init(rng, D_l, H, **options) for cell, D_l, H in layers for _ in range(self.directions))

    def forward(self, params, x, state=None, lengths=None, masks=None):
        """Run all layers over x, each cell from its own entry of `state` (default: zeros). Returns a LayersRun.

        With lengths (B,), padding has no effect and the output is zero there. masks (noise.between_layers): for each
        layer what to multiply by what it reads, or None. Raises as sequence.forward does.
        """
        state = (None,) * len(params) if state is None else state
        self.check(params, x, state, masks)
        x, inputs, runs = masking.padding_zero(x, lengths), [], []
        for layer in range(len(self.cells)):
            inputs.append(through_mask(x, layer, masks))
            both = [self._run(k, params[k], inputs[-1], lengths, state[k]) for k in self.of_layer(layer)]
            halves = [self.turned(k, run.h, lengths) for k, run in zip(self.of_layer(layer), both, strict=True)]
            x = self.join(layer, x, np.concatenate(halves, axis=-1))  # (1)
            runs += both
        return LayersRun(x, tuple(run.last for run in runs), tuple(runs), tuple(inputs))

    def backward(self, params, x, run, dh, d_last=None, lengths=None, masks=None):
        """Gradients given dh, ∂L/∂ the output at every step, and d_last, a State per cell; the rest as in forward."""
        if np.shape(dh) != run.h.shape:
            raise ValueError(f"dh must have the shape of the output, {run.h.shape}, got {np.shape(dh)}")
        found, dx = {}, masking.padding_zero(dh, lengths)
        for layer in reversed(range(len(self.cells))):
            d_past, dh = self.split(layer, dx)
            halves = zip(self.of_layer(layer), np.split(dh, self.directions, axis=-1), strict=True)
            for k, half in halves:
                at_end = None if d_last is None else d_last[k]
                found[k] = self._run_backward(k, params[k], run, half, at_end, lengths)
            through = [self.turned(k, found[k].x, lengths) for k in self.of_layer(layer)]
            dx = None if through[0] is None else through_mask(sum(through), layer, masks) + d_past  # (5)
        return Gradients(tuple(found[k].p for k in sorted(found)), dx, tuple(found[k].state for k in sorted(found)))

    def of_layer(self, layer):
        """Numbers of the cells in one layer."""
        return range(layer * self.directions, (layer + 1) * self.directions)

    def turned(self, k, a, lengths):
        """a (T, B, ...) as cell k has time: as it is, or from its end."""
        return a if a is None or k % self.directions == 0 else masking.reverse(a, lengths)

    def join(self, layer, x, h, concatenate=np.concatenate):
        """What the next layer reads, from what this layer read and wrote."""
        if self.connect == "dense":
            return concatenate([x, h], axis=-1)  # (4)
        return h if self.connect == "plain" or layer == 0 else x + h  # (2), (3)

    def split(self, layer, d):
        """The way back through `join`: the share that goes past the layer, and the one that goes through it."""
        if self.connect == "dense":
            width = self.H[layer] * self.directions
            return d[..., :-width], d[..., -width:]
        return (0, d) if self.connect == "plain" or layer == 0 else (d, d)

    def _run(self, k, p, x, lengths, state):
        return masking.forward(self.cells[k // self.directions], p, self.turned(k, x, lengths), lengths, state)

    def _run_backward(self, k, p, run, dh, d_last, lengths):
        layer = k // self.directions
        x, dh = (self.turned(k, a, lengths) for a in (run.inputs[layer], dh))
        return masking.backward(self.cells[layer], p, x, run.runs[k], dh, d_last, lengths)

    def check(self, params, x, state, masks=None):
        """Raise a ValueError that names what has not one entry per cell or layer, or tokens where floats are needed."""
        n = len(self.cells) * self.directions
        for name, given in (("params", params), ("state", state)):
            if len(given) != n:
                raise ValueError(f"{name} must have one entry for each of the {n} cells, got {len(given)}")
        if masks is not None and len(masks) != len(self.cells):
            raise ValueError(f"masks must have one entry for each of the {len(self.cells)} layers, got {len(masks)}")
        if np.ndim(x) == 2 and (self.connect == "dense" or (masks is not None and masks[0] is not None)):
            raise ValueError("dense connections and a mask on x need floats: embed the tokens and give x (T, B, D)")


def through_mask(x, layer, masks):
    """x (T, B, D_l) times the layer's mask, if there is one; any shape that does not add axes, in x's dtype."""
    return x if masks is None or masks[layer] is None else x * masks[layer].astype(x.dtype)


def stacked(states):
    """The States of all cells as one whose fields are (L · directions, B, H), as torch returns them; one H for all."""
    return type(states[0])(*(np.stack(field) for field in zip(*states, strict=True)))

"""Layers of cells as one torch module, and the mapping to and from torch.nn.RNN, LSTM and GRU as a whole.

The same layers, order and connections as layers.py; autograd takes the way back.
"""

import numpy as np
import torch

from ..cells import GRU, LSTM, Elman, elman_torch, gru_torch, lstm_torch
from . import masking
from .layers import Layers
from .loop_torch import Recurrent, run, torch_twin

__all__ = ["LayersModule", "from_torch", "to_torch"]

KINDS = {
    torch.nn.RNN: (Elman, elman_torch, lambda nn: Elman(nn.nonlinearity)),
    torch.nn.LSTM: (LSTM, lstm_torch, lambda nn: LSTM()),
    torch.nn.GRU: (GRU, gru_torch, lambda nn: GRU()),
}


class LayersModule(torch.nn.Module):
    """The torch module of a stack of layers with its parameters; batch_first swaps T and B of input and output.

    >>> h, last = LayersModule(layers, params)(x)       # x (T, B, D) -> h (T, B, D_{L+1}), a State per cell
    """

    def __init__(self, layers, params, batch_first=False):
        super().__init__()
        layers.check(params, np.zeros((1, 1, 1)), params)
        cells = [cell for cell in layers.cells for _ in range(layers.directions)]
        self.layers, self.batch_first = layers, batch_first
        self.cells = torch.nn.ModuleList(Recurrent(c, p) for c, p in zip(cells, params, strict=True))

    def forward(self, x, state=None, lengths=None):
        """The output and the last State of every cell; lengths (B,) as in Layers.forward, a sequence of integers."""
        self.layers.check(self.cells, x, self.cells if state is None else state)
        x = self._time_first(x)
        lengths = None if lengths is None else torch.as_tensor(lengths).cpu().numpy()
        mask = None if lengths is None else masking.mask_of(lengths, len(x))
        x, last = _padding_zero(x, mask), []
        for layer in range(len(self.layers.cells)):
            halves = []
            for k in self.layers.of_layer(layer):
                start = self.cells[k].zero_state(x.shape[1]) if state is None else state[k]
                h, end = self._run(k, x, start, lengths, mask)
                halves.append(h)
                last.append(end)
            x = self.layers.join(layer, x, torch.cat(halves, dim=-1), torch.concatenate)
        return self._time_first(x), tuple(last)

    def _run(self, k, x, state, lengths, mask):
        recurrent, steps = self.cells[k], self._steps(k, x, lengths)
        if mask is None:
            h, last = recurrent(x[steps], state)
        else:
            recurrent._check(x)
            cell = torch_twin(masking.masked(self.layers.cells[k // self.layers.directions], mask))
            h, last = run(cell, recurrent.p, x[steps], state)
        return _padding_zero(h[steps], mask), last

    def _steps(self, k, x, lengths):
        """The order in which cell k reads the steps of x, as an index; twice is as it was."""
        if k % self.layers.directions == 0:
            return slice(None)
        if lengths is None:
            return torch.arange(len(x) - 1, -1, -1, device=x.device)
        steps = masking.reversed_steps(x, lengths)
        return torch.as_tensor(steps, device=x.device), torch.arange(x.shape[1], device=x.device)

    def _time_first(self, x):
        return x.transpose(0, 1) if self.batch_first else x


def _padding_zero(a, mask):
    if mask is None:
        return a
    mask = torch.as_tensor(mask, device=a.device).reshape(*mask.shape, *(1,) * (a.dim() - 2))
    return torch.where(mask, a, torch.zeros((), dtype=a.dtype, device=a.device))


def from_torch(nn):
    """A Layers and its NumPy parameters from a whole torch.nn.RNN, LSTM or GRU; its dropout is left out.

    Raises ValueError for another module, or an LSTM with projections.
    """
    if type(nn) not in KINDS:
        raise ValueError(f"nn must be a torch.nn.RNN, LSTM or GRU, got {type(nn).__name__}")
    if nn.proj_size:
        raise ValueError(f"an LSTM with projections (proj_size = {nn.proj_size}) has no cell here; use proj_size = 0")
    _, module, cell_of = KINDS[type(nn)]
    layers = Layers([cell_of(nn)] * nn.num_layers, nn.hidden_size, nn.bidirectional)
    return layers, tuple(module.from_torch(nn, suffix) for suffix in _suffixes(layers))


def to_torch(layers, params, bias=True, **options):
    """A torch.nn.RNN, LSTM or GRU with the weights of params; `options` go to it (batch_first, dropout).

    Raises ValueError for what torch.nn does not have: other cells or connections, several sizes, or bias=False with
    biases that are not zero.
    """
    kind, module = _kind(layers)
    form = {"activation": layers.cells[0].activation} if kind is torch.nn.RNN else {}
    singles = [module.to_torch(p, **form) for p in params]
    D, H, L = singles[0].input_size, layers.H[0], len(layers.cells)
    options |= {"nonlinearity": form["activation"]} if form else {}
    dtype = singles[0].weight_ih_l0.dtype
    nn = kind(D, H, num_layers=L, bias=bias, bidirectional=layers.directions == 2, dtype=dtype, **options)
    for single, suffix in zip(singles, _suffixes(layers), strict=True):
        _copy(single, nn, suffix)
    return nn


def _kind(layers):
    """The class of torch.nn that has these layers, and the module that maps one of them."""
    if layers.connect != "plain" or len(set(map(str, layers.cells))) > 1 or len(set(layers.H)) > 1:
        raise ValueError("torch.nn has plain layers of one cell and one size; use LayersModule for others")
    for kind, (cell, module, _) in KINDS.items():
        if isinstance(layers.cells[0], cell):
            return kind, module
    raise ValueError(f"torch.nn has no {layers.cells[0]}; use LayersModule")


def _suffixes(layers):
    """The ends of torch's parameter names, in the order of our cells: 0, 0_reverse, 1, ..."""
    return [f"{layer}{end}" for layer in range(len(layers.cells)) for end in ("", "_reverse")[: layers.directions]]


def _copy(single, nn, suffix):
    for name, tensor in single.named_parameters():
        if hasattr(nn, name[:-1] + suffix):
            getattr(nn, name[:-1] + suffix).data.copy_(tensor.data)
        elif tensor.any():
            raise ValueError("bias=False asks for a module without biases, but those of params are not zero")

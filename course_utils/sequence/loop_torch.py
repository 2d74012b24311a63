"""Any cell over time as a torch module: the same forward as loop.py, with the gradient left to autograd.

x (T, B, D) floats, or (T, B) integer tokens that stand for one-hot rows with D = V. h (T, B, H).
"""

import numpy as np
import torch

from ..cells import (
    carry,
    carry_torch,
    elman,
    elman_torch,
    gru,
    gru_layer_norm,
    gru_layer_norm_torch,
    gru_torch,
    hm_lstm,
    hm_lstm_torch,
    linear_attention,
    linear_attention_torch,
    lru,
    lru_torch,
    lstm,
    lstm_family,
    lstm_family_torch,
    lstm_layer_norm,
    lstm_layer_norm_torch,
    lstm_torch,
    mgu,
    mgu_torch,
    minrnn,
    minrnn_torch,
    mlstm,
    mlstm_torch,
    mut,
    mut_torch,
    nas,
    nas_torch,
    recurrent_dropout,
    recurrent_dropout_torch,
    rhn,
    rhn_torch,
    selective,
    selective_torch,
    slstm,
    slstm_torch,
    ssm,
    ssm_torch,
)
from ..params import tree_map
from .planned_torch import FreePlans
from .planned_torch import run as planned_run

__all__ = ["Recurrent", "run", "torch_twin"]

TWINS = {
    carry.Carry: lambda cell: carry_torch.Carry(torch_twin(cell.cell), cell.keep),
    recurrent_dropout.RecurrentDropout: lambda cell: recurrent_dropout_torch.RecurrentDropout(
        torch_twin(cell.cell), cell.mask
    ),
    elman.Elman: lambda cell: elman_torch.Elman(cell.activation),
    lstm.LSTM: lambda cell: lstm_torch.LSTM(),
    lstm_family.LSTMVariant: lambda cell: lstm_family_torch.LSTMVariant(cell.name, cell.variant),
    lstm_layer_norm.LSTMLayerNorm: lambda cell: lstm_layer_norm_torch.LSTMLayerNorm(),
    mut.MUT: lambda cell: mut_torch.MUT(cell.name),
    mgu.MGU: lambda cell: mgu_torch.MGU(),
    nas.NAS: lambda cell: nas_torch.NAS(),
    rhn.RHN: lambda cell: rhn_torch.RHN(cell.L),
    gru.GRU: lambda cell: gru_torch.GRU(cell.reset, cell.z),
    gru_layer_norm.GRULayerNorm: lambda cell: gru_layer_norm_torch.GRULayerNorm(),
    hm_lstm.HMLSTM: lambda cell: hm_lstm_torch.HMLSTM(cell.L, cell.slope),
    minrnn.MinGRU: lambda cell: minrnn_torch.MinGRU(cell.candidate),
    minrnn.MinLSTM: lambda cell: minrnn_torch.MinLSTM(cell.candidate),
    lru.LRU: lambda cell: lru_torch.LRU(cell.r_min, cell.r_max, cell.max_phase),
    ssm.S4D: lambda cell: ssm_torch.S4D(cell.S, cell.dt_min, cell.dt_max),
    selective.Selective: lambda cell: selective_torch.Selective(cell.S, cell.dt_min, cell.dt_max),
    linear_attention.LinearAttention: lambda cell: linear_attention_torch.LinearAttention(cell.gamma),
    slstm.SLSTM: lambda cell: slstm_torch.SLSTM(cell.forget),
    mlstm.MLSTM: lambda cell: mlstm_torch.MLSTM(cell.forget),
}


def torch_twin(cell):
    """The torch cell with the same equations as a NumPy cell."""
    if type(cell) not in TWINS:
        raise ValueError(f"{cell} has no torch twin; those that do: {', '.join(k.__name__ for k in TWINS)}")
    return TWINS[type(cell)](cell)


class Recurrent(torch.nn.Module):
    """A NumPy cell's torch twin with its parameters p, run over time.

    >>> rnn = Recurrent(CELLS["lstm"], CELLS["lstm"].init(rng, D=3, H=5)).to(pick_device())
    >>> h, last = rnn(x)                       # x (T, B, 3) -> h (T, B, 5)

    planned: run on the CPU by the NumPy cell's plan and hand-written gradient, two or three times as fast in training;
    a plan takes a moment to lay out for each new (T, B), and has no second derivative.
    """

    def __init__(self, cell, p, planned=False):
        super().__init__()
        cell.check_params(p)
        self.cell = torch_twin(cell)
        self.plans = FreePlans(cell) if planned else None
        for name, a in p._asdict().items():
            self.register_parameter(name, torch.nn.Parameter(torch.from_numpy(np.array(a))))

    @property
    def p(self):
        """The parameters as the cell's record, on their device."""
        return self.cell.Params(*(getattr(self, name) for name in self.cell.Params._fields))

    def zero_state(self, B):
        """The state before the first step: zeros, on the parameters' device."""
        shapes = self.cell.state_shapes(self.cell.sizes(self.p)[1])
        return self.cell.State(*(self.p[0].new_zeros(B, *s) for s in shapes.values()))

    def forward(self, x, state=None):
        """h (T, B, H) and the last state. Raises ValueError for shapes that do not fit, a foreign dtype or device."""
        self._check(x)
        state = self.zero_state(x.shape[1]) if state is None else self._checked_state(state, x.shape[1])
        return planned_run(self.plans, self.p, x, state) if self.plans else run(self.cell, self.p, x, state)

    def _check(self, x):
        D = self.cell.sizes(self.p)[0]
        if not torch.is_tensor(x):
            raise TypeError(f"x must be a torch tensor, got {type(x).__name__}; torch.from_numpy makes one of an array")
        tokens = x.dim() == 2 and not x.is_floating_point()
        if not tokens and (x.dim() != 3 or x.shape[2] != D):
            raise ValueError(
                f"x must be floats (T, B, D = {D}) or integer tokens (T, B), got {x.dtype} {tuple(x.shape)}"
            )
        if not tokens and x.dtype != self.p[0].dtype:
            raise ValueError(f"x is {x.dtype} but the parameters are {self.p[0].dtype}; convert one with .to(dtype)")
        if x.device != self.p[0].device:
            raise ValueError(
                f"x is on {x.device} but the parameters are on {self.p[0].device}; move one with .to(device)"
            )

    def _checked_state(self, state, B):
        if not isinstance(state, self.cell.State):
            fields = ", ".join(self.cell.State._fields)
            raise ValueError(
                f"the state of {self.cell} is a State({fields}), got {type(state).__name__}; see zero_state"
            )
        for name, a, zero in zip(state._fields, state, self.zero_state(B), strict=True):
            if (a.shape, a.dtype, a.device) != (zero.shape, zero.dtype, zero.device):
                expected, got = (f"{b.dtype} {tuple(b.shape)} on {b.device}" for b in (zero, a))
                raise ValueError(f"state.{name} must be {expected}, got {got}")
        return state


def run(cell, p, x, state):
    """A torch cell over x from `state`: h (T, B, H) and the last state."""
    T, B = x.shape[:2]
    rows = OneHotRows(x.reshape(-1), cell.sizes(p)[0]) if x.dim() == 2 else x.reshape(T * B, -1)
    # Unbound, all steps share one node of the graph; a slice for each would have autograd make a whole u of zeros a step.
    u = tree_map(lambda a: a.reshape(*a.shape[:-2], T, B, a.shape[-1]).unbind(-3), cell.project(p, rows))
    h = []
    for t in range(T):
        state, _ = cell.step(p, _step_of(u, t), state)
        h.append(state.h)
    return torch.stack(h), state


def _step_of(u, t):
    """Step t of what tree_map made of u: tuples of T tensors in place of each tensor."""
    return u[t] if torch.is_tensor(u[0]) else type(u)(*(_step_of(a, t) for a in u))


class OneHotRows:
    """One-hot rows on any device: a product with W (..., V, H) looks rows up."""

    def __init__(self, ids, V):
        self.ids, self.V = ids, V

    @property
    def shape(self):
        return (*self.ids.shape, self.V)

    def __matmul__(self, W):
        return W[..., self.ids, :]

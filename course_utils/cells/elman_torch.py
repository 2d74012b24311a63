"""The Elman cell in torch; autograd takes the way back that elman.py writes out.

    u = x W_xh + b_h                      (1)
    h = φ(u + h' W_hh)                    (2)

Same letters, shapes and records as elman.py. `from_torch` and `to_torch` map the weights from and to torch.nn.RNN, which
keeps transposed matrices and two biases.
"""

import torch

from . import elman
from .elman import Params, State, Trace

__all__ = ["Elman", "from_torch", "to_torch"]

FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda a: a, "sigmoid": torch.sigmoid}


class Elman(elman.Elman):
    """The Elman cell on torch tensors."""

    def project(self, p, x):
        """What the input contributes: x (N, D) -> u (N, H)."""
        return x @ p.W_xh + p.b_h  # (1)

    def step(self, p, u, state):
        """One step forward: u, h' (N, H) -> the new state and its trace."""
        h = FUNCTIONS[self.activation](u + state.h @ p.W_hh)  # (2)
        return State(h), Trace(state.h, h)


def from_torch(rnn, layer=0):
    """NumPy parameters from one layer of a torch.nn.RNN; the two biases are added up."""
    take = {name: getattr(rnn, f"{name}_l{layer}").detach().cpu() for name in ("weight_ih", "weight_hh")}
    bias = (
        sum(getattr(rnn, f"{name}_l{layer}").detach().cpu() for name in ("bias_ih", "bias_hh"))
        if rnn.bias
        else (torch.zeros(rnn.hidden_size, dtype=take["weight_ih"].dtype))
    )
    return Params(take["weight_ih"].T.numpy().copy(), take["weight_hh"].T.numpy().copy(), bias.numpy().copy())


def to_torch(p, activation="tanh", **options):
    """A torch.nn.RNN of one layer with the weights of p; all of the bias goes into bias_ih.

    `options` go to torch.nn.RNN (batch_first, say). Raises ValueError for an activation that torch.nn.RNN does not have.
    """
    if activation not in ("tanh", "relu"):
        raise ValueError(f"torch.nn.RNN has the activations tanh and relu, got {activation!r}")
    D, H = p.W_xh.shape
    rnn = torch.nn.RNN(D, H, nonlinearity=activation, dtype=torch.from_numpy(p.b_h).dtype, **options)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(p.W_xh.T.copy()))
        rnn.weight_hh_l0.copy_(torch.from_numpy(p.W_hh.T.copy()))
        rnn.bias_ih_l0.copy_(torch.from_numpy(p.b_h))
        rnn.bias_hh_l0.zero_()
    return rnn

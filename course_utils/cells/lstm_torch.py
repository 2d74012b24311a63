"""The LSTM cell in torch; autograd takes the way back that lstm.py writes out.

    u = x W_x + b                         (1)
    a = u + h' W_h                        (2)
    i, f, o = σ(a_i), σ(a_f), σ(a_o)      (3)
    g = tanh(a_g)                         (4)
    c = f ⊙ c' + i ⊙ g                    (5)
    h = o ⊙ tanh(c)                       (6)

Same letters, shapes and records as lstm.py. torch.nn.LSTM keeps the four gates below one another in matrices (4H, D) and
(4H, H), transposed against ours, and two biases (4H,) that only ever appear as a sum.
"""

import torch

from . import lstm
from .lstm import Params, State, Trace

__all__ = ["LSTM", "from_torch", "to_torch"]


class LSTM(lstm.LSTM):
    """The LSTM cell on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H), h' and c' (N, H) -> the new state and its trace."""
        a = u + state.h @ p.W_h  # (2)
        i, f, _, o = torch.sigmoid(a)  # (3)
        g = torch.tanh(a[2])  # (4)
        c = f * state.c + i * g  # (5)
        tanh_c = torch.tanh(c)
        h = o * tanh_c  # (6)
        return State(h, c), Trace(state.h, state.c, i, f, g, o, c, tanh_c)


def from_torch(rnn, layer=0):
    """NumPy parameters from one layer of a torch.nn.LSTM (without projections); the two biases are added up."""
    H = rnn.hidden_size
    w_ih = getattr(rnn, f"weight_ih_l{layer}").detach().cpu()
    w_hh = getattr(rnn, f"weight_hh_l{layer}").detach().cpu()
    b = torch.zeros(4 * H, dtype=w_ih.dtype)
    if rnn.bias:
        b = (getattr(rnn, f"bias_ih_l{layer}") + getattr(rnn, f"bias_hh_l{layer}")).detach().cpu()
    stack = (w.reshape(4, H, -1).transpose(1, 2).contiguous().numpy() for w in (w_ih, w_hh))
    return Params(*stack, b.reshape(4, 1, H).numpy().copy())


def to_torch(p, **options):
    """A torch.nn.LSTM of one layer with the weights of p; all of the bias goes into bias_ih.

    `options` go to torch.nn.LSTM (batch_first, say).
    """
    _, D, H = p.W_x.shape
    rnn = torch.nn.LSTM(D, H, dtype=torch.from_numpy(p.b).dtype, **options)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(p.W_x).transpose(1, 2).reshape(4 * H, D))
        rnn.weight_hh_l0.copy_(torch.from_numpy(p.W_h).transpose(1, 2).reshape(4 * H, H))
        rnn.bias_ih_l0.copy_(torch.from_numpy(p.b).reshape(4 * H))
        rnn.bias_hh_l0.zero_()
    return rnn

"""The LSTM with layer normalisation in torch; autograd takes the way back that lstm_layer_norm.py writes out.

    a = x W_x                             (1)
    r = h' W_h                            (2)
    i, f, g, o = α_x ⊙ norm(a) + α_h ⊙ norm(r) + b    (3)
    i, f, o, g = σ(i), σ(f), σ(o), tanh(g)    (4)
    c = f ⊙ c' + i ⊙ g                    (5)
    n = α_c ⊙ norm(c) + b_c               (6)
    h = o ⊙ tanh(n)                       (7)

Same letters, shapes and records as lstm_layer_norm.py.
"""

import torch

from . import lstm_layer_norm
from .layer_norm import EPSILON
from .lstm_layer_norm import ROW, State, Trace

__all__ = ["LSTMLayerNorm", "normalise"]


class LSTMLayerNorm(lstm_layer_norm.LSTMLayerNorm):
    """The LSTM cell with layer normalisation on torch tensors."""

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H), not yet normalised."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H), h' and c' (N, H) -> the new state and its trace."""
        norm_a, scale_a = normalise(u, ROW)
        norm_r, scale_r = normalise(state.h @ p.W_h, ROW)  # (2)
        i, f, g, o = p.gain_x * norm_a + p.gain_h * norm_r + p.b  # (3)
        i, f, o, g = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)  # (4)
        c = f * state.c + i * g  # (5)
        norm_c, scale_c = normalise(c)
        tanh_n = torch.tanh(p.gain_c * norm_c + p.b_c)  # (6)
        normed = norm_a, scale_a, norm_r, scale_r
        return State(o * tanh_n, c), Trace(*state, *normed, i, f, g, o, c, norm_c, scale_c, tanh_n)  # (7)


def normalise(a, axes=-1):
    """a with mean 0 and variance 1 over `axes`, and what it was multiplied by; see layer_norm.py."""
    variance, mean = torch.var_mean(a, dim=axes, correction=0, keepdim=True)
    scale = torch.rsqrt(variance + EPSILON)
    return (a - mean) * scale, scale

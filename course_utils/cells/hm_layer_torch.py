"""One layer of the HM-LSTM in torch; autograd takes the way back that hm_layer.py writes out.

    i, f, g, o, a_z = a                   (1)
    i, f, o, g = σ(i), σ(f), σ(o), tanh(g)    (2)
    z̃ = clip((slope a_z + 1) / 2, 0, 1)   (3)
    z = [z̃ > ½]                           (4)
    copy = (1 - z') (1 - z_below)         (5)
    update = (1 - z') z_below             (6)
    c = (copy + update f) ⊙ c' + (1 - copy) i ⊙ g     (7)
    h = copy h' + (1 - copy) o ⊙ tanh(c)  (8)

Same letters, shapes and records as hm_layer.py. Straight through: z has the value of (4) and the gradient of (3).
"""

import torch

from .hm_layer import LayerTrace

__all__ = ["hm_layer"]


def hm_layer(a, h_prev, c_prev, z_prev, z_below, slope):
    """h, c (N, K) and z (N, 1) of one layer, and its trace."""
    i, f, g, o = a[:, :-1].reshape(len(a), 4, -1).swapaxes(0, 1)  # (1)
    i, f, o, g = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)  # (2)
    z_soft = torch.clip((slope * a[:, -1:] + 1) / 2, 0, 1)  # (3)
    z = (z_soft > 0.5).to(a.dtype) + (z_soft - z_soft.detach())  # (4)
    copy = (1 - z_prev) * (1 - z_below)  # (5)
    update = (1 - z_prev) * z_below  # (6)
    c = (copy + update * f) * c_prev + (1 - copy) * i * g  # (7)
    tanh_c = torch.tanh(c)
    h = copy * h_prev + (1 - copy) * o * tanh_c  # (8)
    return h, c, z, LayerTrace(h_prev, c_prev, z_prev, z_below, i, f, g, o, z_soft, tanh_c)

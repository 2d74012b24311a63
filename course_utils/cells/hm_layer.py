"""One layer of the HM-LSTM: a boundary that is either on or off decides whether the memory is kept, updated or flushed.

    i, f, g, o, a_z = a                   (1)   what has been summed up for the gates and the boundary
    i, f, o, g = σ(i), σ(f), σ(o), tanh(g)    (2)
    z̃ = clip((slope a_z + 1) / 2, 0, 1)   (3)   a hard sigmoid; the steeper, the more like a step
    z = [z̃ > ½]                           (4)   the boundary: does a segment end here?
    copy = (1 - z') (1 - z_below)         (5)   the segment goes on, and below nothing has ended: COPY
    update = (1 - z') z_below             (6)   the segment goes on, and below one has ended: UPDATE; else z' = 1: FLUSH
    c = (copy + update f) ⊙ c' + (1 - copy) i ⊙ g     (7)   keep; add; or begin anew
    h = copy h' + (1 - copy) o ⊙ tanh(c)  (8)

    ∂L/∂z̃ = ∂L/∂z                         (9)   straight through: the step (4) has no slope, so it is passed over
    ∂L/∂a_z = ∂L/∂z̃ slope / 2, where 0 < z̃ < 1       (10)
    ∂L/∂c += ∂L/∂h (1 - copy) o ⊙ (1 - tanh²c)        (11)
    ∂L/∂c' = ∂L/∂c (copy + update f), ∂L/∂h' = ∂L/∂h copy     (12)
    ∂L/∂copy = Σ ∂L/∂h (h' - o tanh(c)) + ∂L/∂c (c' - i g)    (13)  over the units of the layer
    ∂L/∂update = Σ ∂L/∂c f c'             (14)
    ∂L/∂z', ∂L/∂z_below from (5), (6)     (15)

A prime marks the previous step, z_below is the boundary of the layer below at this step. a (N, 4K + 1); gates, c, h (N, K);
z, z̃ (N, 1), floats 0 or 1. With slope = 1 the gradient (10) is biased but smooth; annealing it to 5 (or more) brings z̃
closer to z. Source: Chung, Ahn and Bengio 2017, eq. 2-9, who stack f, i, o, g. They state (5)-(8) as three cases, which say
nothing of ∂L/∂z; written as the products above, the cases have one, the same as in public implementations in torch.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid

__all__ = ["LayerTrace", "hm_layer", "hm_layer_backward"]


class LayerTrace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    z_prev: np.ndarray
    z_below: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    z_soft: np.ndarray
    tanh_c: np.ndarray


def hm_layer(a, h_prev, c_prev, z_prev, z_below, slope):
    """h, c (N, K) and z (N, 1) of one layer, and the trace for the way back."""
    i, f, g, o = a[:, :-1].reshape(len(a), 4, -1).swapaxes(0, 1)  # (1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)  # (2)
    z_soft = np.clip((slope * a[:, -1:] + 1) / 2, 0, 1)  # (3)
    z = (z_soft > 0.5).astype(a.dtype)  # (4)
    copy = (1 - z_prev) * (1 - z_below)  # (5)
    update = (1 - z_prev) * z_below  # (6)
    c = (copy + update * f) * c_prev + (1 - copy) * i * g  # (7)
    tanh_c = np.tanh(c)
    h = copy * h_prev + (1 - copy) * o * tanh_c  # (8)
    return h, c, z, LayerTrace(h_prev, c_prev, z_prev, z_below, i, f, g, o, z_soft, tanh_c)


def hm_layer_backward(dh, dc, dz, trace, slope):
    """∂L/∂h, ∂L/∂c, ∂L/∂z -> ∂L/∂a (N, 4K + 1), and the gradients of h', c', z', z_below."""
    h_prev, c_prev, z_prev, z_below, i, f, g, o, z_soft, tanh_c = trace
    copy, update = (1 - z_prev) * (1 - z_below), (1 - z_prev) * z_below
    da_z = dz * (0.5 * slope) * ((z_soft > 0) & (z_soft < 1))  # (9), (10)
    dc = dc + dh * (1 - copy) * o * (1 - tanh_c**2)  # (11)
    d_copy = (dh * (h_prev - o * tanh_c) + dc * (c_prev - i * g)).sum(axis=-1, keepdims=True)  # (13)
    d_update = (dc * f * c_prev).sum(axis=-1, keepdims=True)  # (14)
    di, dg, do = dc * (1 - copy) * g, dc * (1 - copy) * i, dh * (1 - copy) * tanh_c
    df = dc * update * c_prev
    da = [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o), da_z]
    dz_prev = -d_copy * (1 - z_below) - d_update * z_below  # (15)
    dz_below = (d_update - d_copy) * (1 - z_prev)
    return np.concatenate(da, axis=-1), dh * copy, dc * (copy + update * f), dz_prev, dz_below  # (12)

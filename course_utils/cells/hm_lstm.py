"""The HM-LSTM: layers that find the segments of a sequence by themselves, the upper ones moving only when one ends.

    u = x W_x                             (1)   what the input contributes to layer 1
    a_1 = u + h'_1 W_h,1 + z'_1 h'_2 W_down,1 + b_1   (2)   at a boundary, what the layer above makes of it comes down
    a_l = z_l-1 h_l-1 W_up,l + h'_l W_h,l + z'_l h'_l+1 W_down,l + b_l    (3)   and what the layer below made goes up
    h_l, c_l, z_l = layer(a_l, h'_l, c'_l, z'_l, z_l-1)   (4)   COPY, UPDATE or FLUSH, see hm_layer.py

    ∂L/∂h_l-1 += z_l-1 ∂L/∂a_l W_up,lᵀ, ∂L/∂z_l-1 += Σ h_l-1 ⊙ ∂L/∂a_l W_up,lᵀ     (5)
    ∂L/∂h'_l+1 += z'_l ∂L/∂a_l W_down,lᵀ, ∂L/∂z'_l += Σ h'_l+1 ⊙ ∂L/∂a_l W_down,lᵀ     (6)
    ∂L/∂h'_l += ∂L/∂a_l W_h,lᵀ            (7)
    ∂L/∂x = ∂L/∂u W_xᵀ, ∂L/∂u = ∂L/∂a_1   (8)
    ∂L/∂W = (its input)ᵀ ∂L/∂a_l          (9)
    ∂L/∂b_l = Σ ∂L/∂a_l                   (10)

A prime marks the previous step. l = 1..L from the bottom; z_0 = 1, as something new comes in at every step, and nothing is
above layer L. H units in all, K = H / L in each layer, M = 4K + 1: W_x (D, M), W_up and W_down (L - 1, K, M), W_h (L, K, M),
b (L, M). State: h, c (N, H), the layers side by side, bottom first, and z (N, L). The gradient is the straight-through one:
it is *not* that of the loss, which jumps where a boundary does, so it does not pass a gradient check.
Source: Chung, Ahn and Bengio 2017. How this differs on paper: their output module, a sum of the layers under gates of its
own with a ReLU, is left to the read-out, which sees all layers in h. Public codes differ in layer L, whose boundary has
nothing to tell: some leave it out (never a FLUSH there); here, as in others, it ends segments like any.
"""

from typing import NamedTuple

import numpy as np

from .cell import Cell
from .hm_layer import LayerTrace, hm_layer, hm_layer_backward

__all__ = ["HMLSTM", "Grad", "Params", "State", "Trace", "annealed_slope"]


class Params(NamedTuple):
    W_x: np.ndarray
    W_up: np.ndarray
    W_h: np.ndarray
    W_down: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    c: np.ndarray
    z: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    z_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    z_soft: np.ndarray
    tanh_c: np.ndarray
    h: np.ndarray
    z: np.ndarray


class Grad(NamedTuple):
    """∂L/∂u (N, M), and ∂L/∂a of all layers (L, N, M), of which it is the first."""

    u: np.ndarray
    a: np.ndarray


def annealed_slope(epoch, rate=0.04, most=5.0):
    """The slope of z̃ in an epoch (from 0): 1 at first, then steeper, at most `most`. The defaults are the paper's."""
    return min(most, 1 + rate * epoch)


class HMLSTM(Cell):
    """The HM-LSTM with L layers; `slope` is that of z̃, see annealed_slope: a cell made anew takes the same parameters."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    layer = staticmethod(hm_layer)
    stack = staticmethod(np.stack)

    def __init__(self, L=3, slope=1.0):
        if not isinstance(L, int) or L < 1:
            raise ValueError(f"L, the number of layers, must be a whole number of at least 1, got {L!r}")
        if not slope > 0:
            raise ValueError(f"slope must be above 0, got {slope}")
        self.L, self.slope = L, slope
        self.name = "hm-lstm" if L == 3 else f"hm-lstm-{L}"

    def shapes(self, D, H):
        if H % self.L:
            raise ValueError(f"H must be a multiple of the L = {self.L} layers, which share it evenly, got {H}")
        L, K = self.L, H // self.L
        between, M = (L - 1, K, 4 * K + 1), 4 * K + 1
        return {"W_x": (D, M), "W_up": between, "W_h": (L, K, M), "W_down": between, "b": (L, M)}

    def state_shapes(self, H):
        return {"h": (H,), "c": (H,), "z": (self.L,)}

    def sizes(self, p):
        """(D, H) of a set of parameters."""
        return p.W_x.shape[0], (p.W_x.shape[1] - 1) // 4 * self.L

    def project(self, p, x):
        """What the input contributes to layer 1: x (N, D) -> u (N, M)."""
        return x @ p.W_x  # (1)

    def layers(self, a):
        """a (N, L·K) as (L, N, K)."""
        return a.reshape(len(a), self.L, -1).swapaxes(0, 1)

    def side_by_side(self, parts):
        """L arrays (N, K) as (N, L·K)."""
        return self.stack(parts, 1).reshape(len(parts[0]), -1)

    def step(self, p, u, state):
        """One step forward: u (N, M), the old state -> the new state, and the trace for the way back."""
        h_prev, c_prev, z_prev = map(self.layers, state)
        h, c, z, traces = [], [], [], []
        for k in range(self.L):
            a = h_prev[k] @ p.W_h[k] + p.b[k]
            a = a + (z[-1] * (h[-1] @ p.W_up[k - 1]) if k else u)  # (2), (3)
            a = a + z_prev[k] * (h_prev[k + 1] @ p.W_down[k]) if k + 1 < self.L else a
            z_below = z[-1] if k else 1 + 0 * z_prev[k]
            parts = self.layer(a, h_prev[k], c_prev[k], z_prev[k], z_below, self.slope)  # (4)
            for found, part in zip((h, c, z, traces), parts, strict=True):
                found.append(part)
        new = State(*map(self.side_by_side, (h, c, z)))
        within = (self.stack([getattr(t, name) for t in traces], 1) for name in Trace._fields[3:-2])
        return new, Trace(*state, *within, new.h, new.z)

    def of_layer(self, k, trace):
        """What layer k has traced."""
        h_prev, c_prev, z_prev, z = (self.layers(a)[k] for a in (*trace[:3], trace.z))
        z_below = self.layers(trace.z)[k - 1] if k else np.ones_like(z)
        return LayerTrace(h_prev, c_prev, z_prev, z_below, *(a[:, k] for a in trace[3:-2]))

    def step_backward(self, p, d_state, trace):
        """One step back, straight through the boundaries: the gradients of the state -> of the state before, and of a."""
        dh, dc, dz = (np.array(self.layers(a)) for a in d_state)
        before = State(*map(np.zeros_like, (dh, dc, dz)))
        h, h_prev = self.layers(trace.h), self.layers(trace.h_prev)
        da = [None] * self.L
        for k in reversed(range(self.L)):
            own = self.of_layer(k, trace)
            da[k], dh_prev, before.c[k], dz_prev, dz_below = hm_layer_backward(dh[k], dc[k], dz[k], own, self.slope)
            before.h[k] += dh_prev + da[k] @ p.W_h[k].T  # (7)
            before.z[k] += dz_prev
            if k:
                up = da[k] @ p.W_up[k - 1].T
                dh[k - 1] += own.z_below * up
                dz[k - 1] += dz_below + (h[k - 1] * up).sum(axis=-1, keepdims=True)  # (5)
            if k + 1 < self.L:
                down = da[k] @ p.W_down[k].T
                before.h[k + 1] += own.z_prev * down
                before.z[k] += (h_prev[k + 1] * down).sum(axis=-1, keepdims=True)  # (6)
        return State(*map(self.side_by_side, before)), Grad(da[0], np.stack(da))

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return d.u @ p.W_x.T  # (8)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the five parameters, summed over the N rows."""
        h, z, h_prev, z_prev = map(self.layers, (trace.h, trace.z, trace.h_prev, trace.z_prev))
        T = (0, 2, 1)
        return Params(
            W_x=x.T @ d.u,  # (9)
            W_up=(z[:-1] * h[:-1]).transpose(T) @ d.a[1:],
            W_h=h_prev.transpose(T) @ d.a,
            W_down=(z_prev[:-1] * h_prev[1:]).transpose(T) @ d.a[:-1],
            b=d.a.sum(axis=1),  # (10)
        )

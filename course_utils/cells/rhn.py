"""The recurrent highway cell: within one time step, the state passes through L Highway layers.

    u = x W_x                             (1)   what the input contributes, to the first layer only
    s_0 = h'                              (2)
    s_1 = highway(s_0; R_1, b_1, u)       (3)   n = tanh(u_n + s_0 R_1n + b_1n), t = σ(u_t + s_0 R_1t + b_1t),
    s_l = highway(s_l-1; R_l, b_l)        (4)   s_l = t ⊙ n + (1 - t) ⊙ s_l-1
    h = s_L                               (5)

    ∂L/∂s_L = ∂L/∂h                       (6)
    ∂L/∂s_l-1, ∂L/∂a_l                    (7)   layer by layer from the last, as highway.py says
    ∂L/∂h' = ∂L/∂s_0                      (8)
    ∂L/∂u = ∂L/∂a_1                       (9)
    ∂L/∂x = Σ ∂L/∂u W_xᵀ                  (10)  over n and t
    ∂L/∂W_x = xᵀ ∂L/∂u                    (11)
    ∂L/∂R_l, ∂L/∂b_l                      (12)  as highway.py says

A prime marks the previous step. n, t on the axis before the matrix: W_x (2, D, H), R (L, 2, H, H), b (L, 2, 1, H),
u (2, N, H); x (N, D); s_l, h (N, H); in the trace s (N, L, H), the states that enter the layers, and n, t (N, L, H).

Source: Zilly, Srivastava, Koutník and Schmidhuber 2017, in the form with coupled gates of their experiments (carry =
1 - t; their general form has a third set of weights for it). They start b_t below zero; here it starts like the rest. With
L = 1 it is a GRU that writes with z and never resets.
"""

from typing import NamedTuple

import numpy as np

from .cell import Cell
from .gru import State
from .highway import HighwayParams, HighwayTrace, highway, highway_backward, highway_weight_gradients

__all__ = ["RHN", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    R: np.ndarray
    b: np.ndarray


class Trace(NamedTuple):
    s: np.ndarray
    n: np.ndarray
    t: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray
    a: np.ndarray


class RHN(Cell):
    """The recurrent highway cell with L layers in every step."""

    Params, State, Trace, Grad = Params, State, Trace, Grad

    def __init__(self, L=4):
        if not isinstance(L, int) or L < 1:
            raise ValueError(f"L, the number of layers in a step, must be a whole number of at least 1, got {L!r}")
        self.L = L
        self.name = "rhn" if L == 4 else f"rhn-{L}"

    def shapes(self, D, H):
        return {"W_x": (2, D, H), "R": (self.L, 2, H, H), "b": (self.L, 2, 1, H)}

    def project(self, p, x):
        """What the input contributes to the first layer: x (N, D) -> u (2, N, H)."""
        return x @ p.W_x  # (1)

    def layers(self, p):
        """The parameters of the L layers, first to last."""
        return [HighwayParams(p.R[k], p.b[k]) for k in range(self.L)]

    def step(self, p, u, state):
        """One step forward: u (2, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        first, *others = self.layers(p)
        s, traces = state.h, [None] * self.L  # (2)
        s, traces[0] = highway(first, s, u)  # (3)
        for k, layer in enumerate(others, start=1):
            s, traces[k] = highway(layer, s)  # (4)
        return State(s), Trace(*(np.stack(field, axis=1) for field in zip(*traces, strict=True)))  # (5)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u (2, N, H), ∂L/∂a (L, 2, N, H)."""
        ds, da = d_state.h, [None] * self.L  # (6)
        for k in reversed(range(self.L)):
            ds, da[k] = highway_backward(self.layers(p)[k], ds, HighwayTrace(*(a[:, k] for a in trace)))  # (7)
        da = np.stack(da)
        return State(ds), Grad(da[0], da)  # (8), (9)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (10)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂R, ∂L/∂b, summed over the N rows."""
        found = [highway_weight_gradients(trace.s[:, k], d.a[k]) for k in range(self.L)]
        return Params(x.T @ d.u, *(np.stack(field) for field in zip(*found, strict=True)))  # (11), (12)

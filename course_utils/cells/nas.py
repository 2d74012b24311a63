"""The cell that a neural architecture search composed: eight nodes, paired to four, then one memory and one output.

    u = x W_x                                (1)   what the input contributes to each of eight nodes
    v = h' W_h + b                           (2)   what the past contributes
    s_k = u_k + v_k, but s_3 = u_3 ⊙ v_3     (3)   one of the nodes multiplies the two
    a_k = φ_k(s_k)                           (4)   φ = σ, relu, σ, relu, tanh, σ, tanh, σ for k = 0..7
    m = tanh(a_0 ⊙ a_1)                      (5)   pairs meet: ...
    e_0 = tanh(m + c')                       (6)   ... the first takes the memory in
    e_1 = tanh(a_2 + a_3)                    (7)
    e_2 = tanh(a_4 ⊙ a_5)                    (8)
    e_3 = σ(a_6 + a_7)                       (9)
    c = e_0 ⊙ e_1                            (10)  the new memory
    q = tanh(e_2 + e_3)                      (11)
    h = tanh(c ⊙ q)                          (12)  the output

    ∂L/∂c += ∂L/∂(c ⊙ q) ⊙ q                 (13)  with ∂L/∂(c ⊙ q) = ∂L/∂h ⊙ (1 - h²)
    ∂L/∂e                                    (14)  each times the slope of its activation
    ∂L/∂a                                    (15)  a sum hands its gradient on, a product swaps its factors
    ∂L/∂s_k = ∂L/∂a_k ⊙ φ_k'                 (16)
    ∂L/∂u = ∂L/∂s, ∂L/∂v = ∂L/∂s             (17)  but ∂L/∂u_3 = ∂L/∂s_3 ⊙ v_3, ∂L/∂v_3 = ∂L/∂s_3 ⊙ u_3
    ∂L/∂h' = Σ_k ∂L/∂v_k W_hᵀ                (18)
    ∂L/∂x = Σ_k ∂L/∂u_k W_xᵀ                 (19)
    ∂L/∂W_x = xᵀ ∂L/∂u                       (20)
    ∂L/∂W_h = h'ᵀ ∂L/∂v                      (21)
    ∂L/∂b = Σ ∂L/∂v                          (22)

A prime marks the previous step. Nodes on the first axis: W_x (8, D, H), W_h (8, H, H), b (8, 1, H), u, v (8, N, H);
x (N, D); m, c, q, h (N, H); in the trace a (N, 8, H) and e (N, 4, H).

Source: Zoph and Le 2017, who print the cell as a drawing; the wiring is that of the authors' code in TensorFlow (NASCell),
where b is optional and, as here, added to v: in s_3 it matters on which side. Versions with one state instead of h and c,
which circulate as benchmarks of graph optimisers, are other cells.
"""

from typing import NamedTuple

import numpy as np

from ..activations import ACTIVATIONS
from .cell import Cell
from .lstm import Params, State

__all__ = ["NAS", "PHI", "Grad", "Params", "State", "Trace"]

PHI = ("sigmoid", "relu", "sigmoid", "relu", "tanh", "sigmoid", "tanh", "sigmoid")


class Trace(NamedTuple):
    h_prev: np.ndarray
    u_3: np.ndarray
    v_3: np.ndarray
    a: np.ndarray
    m: np.ndarray
    e: np.ndarray
    c: np.ndarray
    q: np.ndarray
    h: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray
    v: np.ndarray


class NAS(Cell):
    """The cell found by neural architecture search."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "nas"

    def shapes(self, D, H):
        return {"W_x": (8, D, H), "W_h": (8, H, H), "b": (8, 1, H)}

    def project(self, p, x):
        """What the input contributes to the eight nodes: x (N, D) -> u (8, N, H)."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (8, N, H), h' and c' (N, H) -> the new state, and the trace for the way back."""
        v = state.h @ p.W_h + p.b  # (2)
        s = [u[k] * v[k] if k == 3 else u[k] + v[k] for k in range(8)]  # (3)
        a = [ACTIVATIONS[phi].function(s_k) for phi, s_k in zip(PHI, s, strict=True)]  # (4)
        m = np.tanh(a[0] * a[1])  # (5)
        e_0 = np.tanh(m + state.c)  # (6)
        e_1 = np.tanh(a[2] + a[3])  # (7)
        e_2 = np.tanh(a[4] * a[5])  # (8)
        e_3 = ACTIVATIONS["sigmoid"].function(a[6] + a[7])  # (9)
        c = e_0 * e_1  # (10)
        q = np.tanh(e_2 + e_3)  # (11)
        h = np.tanh(c * q)  # (12)
        e = np.stack([e_0, e_1, e_2, e_3], axis=1)
        return State(h, c), Trace(state.h, u[3], v[3], np.stack(a, axis=1), m, e, c, q, h)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h, ∂L/∂c (N, H) -> ∂L/∂h' and ∂L/∂c', and ∂L/∂u, ∂L/∂v (8, N, H)."""
        a, (e_0, e_1, e_2, e_3) = [trace.a[:, k] for k in range(8)], [trace.e[:, k] for k in range(4)]
        d_cq = d_state.h * (1 - trace.h**2)
        dc = d_state.c + d_cq * trace.q  # (13)
        dq = d_cq * trace.c * (1 - trace.q**2)
        d_0, d_1 = dc * e_1 * (1 - e_0**2), dc * e_0 * (1 - e_1**2)
        d_2, d_3 = dq * (1 - e_2**2), dq * e_3 * (1 - e_3)  # (14)
        dm = d_0 * (1 - trace.m**2)
        da = [dm * a[1], dm * a[0], d_1, d_1, d_2 * a[5], d_2 * a[4], d_3, d_3]  # (15)
        ds = [da_k * ACTIVATIONS[phi].slope(a_k) for phi, da_k, a_k in zip(PHI, da, a, strict=True)]  # (16)
        du = np.stack([*ds[:3], ds[3] * trace.v_3, *ds[4:]])
        dv = np.stack([*ds[:3], ds[3] * trace.u_3, *ds[4:]])  # (17)
        dh_prev = (dv @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (18)
        return State(dh_prev, d_0), Grad(du, dv)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (19)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b, summed over the N rows."""
        return Params(
            W_x=x.T @ d.u,  # (20)
            W_h=trace.h_prev.T @ d.v,  # (21)
            b=d.v.sum(axis=1, keepdims=True),  # (22)
        )

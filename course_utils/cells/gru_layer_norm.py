"""The gated recurrent unit with layer normalisation, of what the input and the past contribute.

    a = x W_x                                (1)   what the input contributes to r, z, n
    q = h' W_h                               (2)   what the past contributes
    s_rz = α_x ⊙ norm(a_rz) + α_h ⊙ norm(q_rz) + b_rz    (3)   each on its own scale; r and z of a row share a norm
    r, z = σ(s_rz)                           (4)   reset, update
    m = α_h ⊙ norm(q_n) + b_hn               (5)   what the past says to the candidate
    s_n = α_x ⊙ norm(a_n) + b_n + r ⊙ m      (6)
    h = z ⊙ h' + (1 - z) ⊙ tanh(s_n)         (7)   the state itself is not normalised: z = 1 keeps it as it is

    ∂L/∂z = ∂L/∂h ⊙ (h' - n)                 (8)   n = tanh(s_n), the candidate
    ∂L/∂s_n = ∂L/∂h ⊙ (1 - z) ⊙ (1 - n²)     (9)
    ∂L/∂m = ∂L/∂s_n ⊙ r                      (10)
    ∂L/∂a, ∂L/∂q through norm                (11)  from α_x ⊙ ∂L/∂s, and α_h ⊙ ∂L/∂s_rz, α_h ⊙ ∂L/∂m
    ∂L/∂h' = ∂L/∂h ⊙ z + Σ_gates ∂L/∂q W_hᵀ  (12)
    ∂L/∂x = Σ_gates ∂L/∂a W_xᵀ               (13)
    ∂L/∂W_x = xᵀ ∂L/∂a, ∂L/∂W_h = h'ᵀ ∂L/∂q  (14)
    ∂L/∂b = Σ ∂L/∂s, ∂L/∂b_hn = Σ ∂L/∂m      (15)
    ∂L/∂α = Σ ∂ ⊙ norm                       (16)  of a with ∂L/∂s, of q with ∂L/∂s_rz and ∂L/∂m

norm is that of layer_norm.py. Shapes as in gru.py, gates r, z, n first; α_x, α_h (3, 1, H). Gains start at 1.
Source: Ba, Kiros and Hinton 2016, supplement, eq. 23-25. How this differs on paper: they give the two norms of r and z a
bias each, of which only the sum acts, so here it is one, and their z writes: with the signs of z's gains and bias changed
it is this one, which keeps as torch's does. The reset comes after the product, as it must for the product to be normalised.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .layer_norm import normalise, normalise_backward, ones

__all__ = ["GRULayerNorm", "Grad", "Params", "State", "Trace"]

ROW = (0, -1)  # all numbers that a row has in some gates (G, N, H)


class Params(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    b_hn: np.ndarray
    gain_x: np.ndarray
    gain_h: np.ndarray


class State(NamedTuple):
    h: np.ndarray


class Trace(NamedTuple):
    """h' (N, H), norms of a and q (3, N, H) and their scales (2, N, 1), for r with z and for n; r, z, m, n (N, H)."""

    h_prev: np.ndarray
    norm_a: np.ndarray
    scale_a: np.ndarray
    norm_q: np.ndarray
    scale_q: np.ndarray
    r: np.ndarray
    z: np.ndarray
    m: np.ndarray
    n: np.ndarray


class Grad(NamedTuple):
    """∂L/∂a, ∂L/∂q, ∂L/∂s, and what α_h ⊙ norm(q) hears: ∂L/∂s_rz and ∂L/∂m; with the gains' gradients row by row."""

    u: np.ndarray
    q: np.ndarray
    s: np.ndarray
    past: np.ndarray
    gain_x: np.ndarray
    gain_h: np.ndarray


class GRULayerNorm(Cell):
    """The gated recurrent unit with layer normalisation, reset after, z keeps."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "gru-layer-norm"

    def shapes(self, D, H):
        gates = (3, 1, H)
        return {"W_x": (3, D, H), "W_h": (3, H, H), "b": gates, "b_hn": (1, H), "gain_x": gates, "gain_h": gates}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init, but gains start at 1 unless they are given by name."""
        by_name = dict.fromkeys(("gain_x", "gain_h"), ones) | by_name
        return super().init(rng, D, H, dtype, initialise, **by_name)

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H), not yet normalised."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        norm_a, scale_a = gates_normalised(u)
        norm_q, scale_q = gates_normalised(state.h @ p.W_h)  # (2)
        here, past = p.gain_x * norm_a + p.b, p.gain_h * norm_q
        r, z = sigmoid(here[:2] + past[:2])  # (3), (4)
        m = past[2] + p.b_hn  # (5)
        n = np.tanh(here[2] + r * m)  # (6)
        trace = Trace(state.h, norm_a, scale_a, norm_q, scale_q, r, z, m, n)
        return State(z * state.h + (1 - z) * n), trace  # (7)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and the gradients of all sums."""
        r, z, m, n = trace.r, trace.z, trace.m, trace.n
        dz = d_state.h * (trace.h_prev - n)  # (8)
        ds_n = d_state.h * (1 - z) * (1 - n**2)  # (9)
        dm, dr = ds_n * r, ds_n * m  # (10)
        ds = np.stack([dr * r * (1 - r), dz * z * (1 - z), ds_n])
        d_past = np.concatenate([ds[:2], dm[None]])
        da = gates_backward(p.gain_x * ds, trace.norm_a, trace.scale_a)  # (11)
        dq = gates_backward(p.gain_h * d_past, trace.norm_q, trace.scale_q)
        dh_prev = d_state.h * z + (dq @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (12)
        gains = ds * trace.norm_a, d_past * trace.norm_q  # (16), row by row
        return State(dh_prev), Grad(da, dq, ds, d_past, *gains)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (13)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the six parameters, summed over the N rows."""
        b, past, gain_x, gain_h = (a.sum(axis=1, keepdims=True) for a in (d.s, d.past, d.gain_x, d.gain_h))
        return Params(x.T @ d.u, trace.h_prev.T @ d.q, b, past[2], gain_x, gain_h)  # (14), (15), (16)


def gates_normalised(a):
    """norm of gates (3, N, H), r with z and n by itself, and the scales (2, N, 1) of both."""
    (rz, scale_rz), (n, scale_n) = normalise(a[:2], ROW), normalise(a[2:], ROW)
    return np.concatenate([rz, n]), np.concatenate([scale_rz, scale_n])


def gates_backward(dy, y, scale):
    """The way back through gates_normalised: the gradient of its a."""
    rz, n = slice(0, 2), slice(2, 3)
    parts = (normalise_backward(dy[g], y[g], s[None], ROW) for g, s in ((rz, scale[0]), (n, scale[1])))
    return np.concatenate([*parts])

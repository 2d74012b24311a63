"""The LSTM with layer normalisation, of what goes into the gates and of what comes out of the memory.

    a = x W_x                             (1)   what the input contributes to the gates
    r = h' W_h                            (2)   what the past contributes
    i, f, g, o = α_x ⊙ norm(a) + α_h ⊙ norm(r) + b    (3)   each on its own scale, so that neither drowns the other
    i, f, o, g = σ(i), σ(f), σ(o), tanh(g)    (4)
    c = f ⊙ c' + i ⊙ g                    (5)   the memory itself is not normalised: it could keep nothing
    n = α_c ⊙ norm(c) + b_c               (6)   only what is shown of it
    h = o ⊙ tanh(n)                       (7)

    ∂L/∂n = ∂L/∂h ⊙ o ⊙ (1 - tanh²n)      (8)
    ∂L/∂c += through norm(c), ∂L/∂c' = ∂L/∂c ⊙ f    (9)
    ∂L/∂s                                 (10)  s: the gates before activation; each times its slope
    ∂L/∂a, ∂L/∂r through norm             (11)  from α_x ⊙ ∂L/∂s, α_h ⊙ ∂L/∂s
    ∂L/∂h' = Σ_gates ∂L/∂r W_hᵀ           (12)
    ∂L/∂x = Σ_gates ∂L/∂a W_xᵀ            (13)
    ∂L/∂W_x = xᵀ ∂L/∂a, ∂L/∂W_h = h'ᵀ ∂L/∂r   (14)
    ∂L/∂b = Σ ∂L/∂s, ∂L/∂b_c = Σ ∂L/∂n    (15)
    ∂L/∂α = Σ ∂ ⊙ norm                    (16)  of a, r with ∂L/∂s, of c with ∂L/∂n

norm is that of layer_norm.py; over a and r it takes all four gates of a row together. Shapes as in lstm.py, gates i, f, g,
o first; α_x, α_h, b (4, 1, H), α_c, b_c (1, H). Gains start at 1.
Source: Ba, Kiros and Hinton 2016, supplement, eq. 20-22. How this differs on paper: they give a and r a bias each, of which
only the sum with b acts, so here it is one. Others: TensorFlow's LayerNormBasicLSTMCell normalises gate by gate and
x and h' together; it, and the LayerNormLSTM among torch's benchmarks, let the normalised c be the next step's memory.
The GRU normalised likewise is gru_layer_norm.py.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .layer_norm import normalise, normalise_backward, ones

__all__ = ["Grad", "LSTMLayerNorm", "Params", "State", "Trace"]

ROW = (0, -1)  # the four gates of one row of (4, N, H)


class Params(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    gain_x: np.ndarray
    gain_h: np.ndarray
    gain_c: np.ndarray
    b_c: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    c: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    norm_a: np.ndarray
    scale_a: np.ndarray
    norm_r: np.ndarray
    scale_r: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    norm_c: np.ndarray
    scale_c: np.ndarray
    tanh_n: np.ndarray


class Grad(NamedTuple):
    """∂L/∂a, ∂L/∂r, ∂L/∂s, ∂L/∂n, and the three gains' gradients row by row."""

    u: np.ndarray
    r: np.ndarray
    s: np.ndarray
    n: np.ndarray
    gain_x: np.ndarray
    gain_h: np.ndarray
    gain_c: np.ndarray


class LSTMLayerNorm(Cell):
    """The LSTM cell with layer normalisation."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "lstm-layer-norm"

    def shapes(self, D, H):
        gates, units = (4, 1, H), (1, H)
        matrices = {"W_x": (4, D, H), "W_h": (4, H, H), "b": gates}
        return matrices | {"gain_x": gates, "gain_h": gates, "gain_c": units, "b_c": units}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init, but gains start at 1 unless they are given by name."""
        by_name = dict.fromkeys(("gain_x", "gain_h", "gain_c"), ones) | by_name
        return super().init(rng, D, H, dtype, initialise, **by_name)

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H), not yet normalised."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H), h' and c' (N, H) -> the new state, and the trace for the way back."""
        norm_a, scale_a = normalise(u, ROW)
        norm_r, scale_r = normalise(state.h @ p.W_h, ROW)  # (2)
        i, f, g, o = p.gain_x * norm_a + p.gain_h * norm_r + p.b  # (3)
        i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)  # (4)
        c = f * state.c + i * g  # (5)
        norm_c, scale_c = normalise(c)
        tanh_n = np.tanh(p.gain_c * norm_c + p.b_c)  # (6)
        normed = norm_a, scale_a, norm_r, scale_r
        return State(o * tanh_n, c), Trace(*state, *normed, i, f, g, o, c, norm_c, scale_c, tanh_n)  # (7)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h, ∂L/∂c (N, H) -> ∂L/∂h' and ∂L/∂c', and the gradients of all sums."""
        i, f, g, o = trace.i, trace.f, trace.g, trace.o
        dn = d_state.h * o * (1 - trace.tanh_n**2)  # (8)
        dc = d_state.c + normalise_backward(dn * p.gain_c, trace.norm_c, trace.scale_c)  # (9)
        di, df, dg, do = dc * g, dc * trace.c_prev, dc * i, d_state.h * trace.tanh_n
        ds = np.stack([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)])  # (10)
        da = normalise_backward(ds * p.gain_x, trace.norm_a, trace.scale_a, ROW)  # (11)
        dr = normalise_backward(ds * p.gain_h, trace.norm_r, trace.scale_r, ROW)
        dh_prev = (dr @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (12)
        gains = ds * trace.norm_a, ds * trace.norm_r, dn * trace.norm_c  # (16), row by row
        return State(dh_prev, dc * f), Grad(da, dr, ds, dn, *gains)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (13)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the seven parameters, summed over the N rows."""
        b, gain_x, gain_h, gain_c, b_c = (
            a.sum(axis=-2, keepdims=True) for a in (d.s, d.gain_x, d.gain_h, d.gain_c, d.n)
        )  # (15), (16)
        return Params(x.T @ d.u, trace.h_prev.T @ d.r, b, gain_x, gain_h, gain_c, b_c)  # (14)

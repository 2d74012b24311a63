"""The LSTM cell without peepholes, the form that torch.nn.LSTM has.

    u = x W_x + b                         (1)   what the input contributes to each gate
    a = u + h' W_h                        (2)   the four gates before their activation
    i, f, o = σ(a_i), σ(a_f), σ(a_o)      (3)   how much to write, to keep, to show
    g = tanh(a_g)                         (4)   the candidate: what to write
    c = f ⊙ c' + i ⊙ g                    (5)   the memory
    h = o ⊙ tanh(c)                       (6)   the output

    ∂L/∂c += ∂L/∂h ⊙ o ⊙ (1 - tanh²c)     (7)   the memory also hears from the output
    ∂L/∂c' = ∂L/∂c ⊙ f                    (8)   back in time along the memory: only a product by f
    ∂L/∂u                                 (9)   gate by gate, each times the slope of its activation
    ∂L/∂h' = Σ_gates ∂L/∂u W_hᵀ           (10)
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ            (11)
    ∂L/∂W_x = xᵀ ∂L/∂u                    (12)
    ∂L/∂W_h = h'ᵀ ∂L/∂u                   (13)
    ∂L/∂b = Σ ∂L/∂u                       (14)

A prime marks the previous step. Gates are stacked on the first axis in the order i, f, g, o (torch's; others write
i, f, o, g): W_x (4, D, H), W_h (4, H, H), b (4, 1, H), u (4, N, H); x (N, D); gates, h, c (N, H).
Sources: Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell

__all__ = ["LSTM", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    c: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    tanh_c: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class LSTM(Cell):
    """The LSTM cell in torch's form."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "lstm"

    def shapes(self, D, H):
        return {"W_x": (4, D, H), "W_h": (4, H, H), "b": (4, 1, H)}

    def project(self, p, x):
        """What the input contributes to the four gates: x (N, D) -> u (4, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (4, N, H), h' and c' (N, H) -> the new state, and the trace for the way back."""
        a = u + state.h @ p.W_h  # (2)
        i, f, _, o = sigmoid(a)  # (3)
        g = np.tanh(a[2])  # (4)
        c = f * state.c + i * g  # (5)
        tanh_c = np.tanh(c)
        h = o * tanh_c  # (6)
        return State(h, c), Trace(state.h, state.c, i, f, g, o, c, tanh_c)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h, ∂L/∂c (N, H) -> ∂L/∂h' and ∂L/∂c', and ∂L/∂u (4, N, H)."""
        _, c_prev, i, f, g, o, _, tanh_c = trace
        dh, dc = d_state
        dc = dc + dh * (o * (1 - tanh_c**2))  # (7)
        du_i = dc * (g * i * (1 - i))  # (9)
        du_f = dc * (c_prev * f * (1 - f))
        du_g = dc * (i * (1 - g**2))
        du_o = dh * (tanh_c * o * (1 - o))
        du = np.stack([du_i, du_f, du_g, du_o])
        dh_prev = (du @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (10)
        return State(dh_prev, dc * f), Grad(du)  # (8)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (11)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b, summed over the N rows."""
        return Params(
            W_x=x.T @ d.u,  # (12)
            W_h=trace.h_prev.T @ d.u,  # (13)
            b=d.u.sum(axis=1, keepdims=True),  # (14)
        )

"""The Elman cell, the plain recurrent network.

    u = x W_xh + b_h                      (1)  what the input contributes
    h = φ(u + h' W_hh)                    (2)  the new state; φ = tanh

    ∂L/∂u = ∂L/∂h ⊙ φ'                    (3)  through the activation; φ' = 1 - h² for tanh
    ∂L/∂h' = ∂L/∂u W_hhᵀ                  (4)  to the step before
    ∂L/∂x = ∂L/∂u W_xhᵀ                   (5)
    ∂L/∂W_xh = xᵀ ∂L/∂u                   (6)  summed over steps and sequences
    ∂L/∂W_hh = h'ᵀ ∂L/∂u                  (7)
    ∂L/∂b_h = Σ ∂L/∂u                     (8)

h' is the previous step's h. x (N, D); u, h (N, H); W_xh (D, H), W_hh (H, H), b_h (H,). torch.nn.RNN is the same with two
biases that only ever appear as a sum. Source: Elman 1990; (3)-(8) by the chain rule, derived in lesson 04.
"""

from typing import NamedTuple

import numpy as np

from ..activations import ACTIVATIONS
from .cell import Cell

__all__ = ["Elman", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray


class State(NamedTuple):
    h: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    h: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class Elman(Cell):
    """The Elman cell with activation "tanh", "relu" or "identity"."""

    Params, State, Trace, Grad = Params, State, Trace, Grad

    def __init__(self, activation="tanh"):
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
        self.activation = activation
        self.name = "elman" if activation == "tanh" else f"elman-{activation}"

    def shapes(self, D, H):
        return {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}

    def project(self, p, x):
        """What the input contributes: x (N, D) -> u (N, H)."""
        return x @ p.W_xh + p.b_h  # (1)

    def step(self, p, u, state):
        """One step forward: u, h' (N, H) -> the new state, and the trace for the way back."""
        h = ACTIVATIONS[self.activation].function(u + state.h @ p.W_hh)  # (2)
        return State(h), Trace(state.h, h)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u."""
        du = d_state.h * ACTIVATIONS[self.activation].slope(trace.h)  # (3)
        return State(du @ p.W_hh.T), Grad(du)  # (4)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return d.u @ p.W_xh.T  # (5)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_xh, ∂L/∂W_hh, ∂L/∂b_h, summed over the N rows."""
        return Params(
            W_xh=x.T @ d.u,  # (6)
            W_hh=trace.h_prev.T @ d.u,  # (7)
            b_h=d.u.sum(axis=0),  # (8)
        )

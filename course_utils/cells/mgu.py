"""The minimal gated unit: one gate that resets and updates.

    u = x W_x + b                            (1)   what the input contributes to f and n
    f = σ(u_f + h' W_h,f)                    (2)   the only gate
    n = tanh(u_n + (f ⊙ h') W_h,n)           (3)   the candidate sees what f lets through
    h = (1 - f) ⊙ h' + f ⊙ n                 (4)   the new state

    ∂L/∂u_n = ∂L/∂h ⊙ f ⊙ (1 - n²)           (5)
    ∂L/∂(f ⊙ h') = ∂L/∂u_n W_h,nᵀ            (6)
    ∂L/∂f = ∂L/∂h ⊙ (n - h') + ∂L/∂(f ⊙ h') ⊙ h'           (7)   from both of its jobs
    ∂L/∂h' = ∂L/∂h ⊙ (1 - f) + ∂L/∂(f ⊙ h') ⊙ f + ∂L/∂u_f W_h,fᵀ  (8)
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ               (9)
    ∂L/∂W_x = xᵀ ∂L/∂u                       (10)
    ∂L/∂W_h = h'ᵀ ∂L/∂u_f, (f ⊙ h')ᵀ ∂L/∂u_n    (11)
    ∂L/∂b = Σ ∂L/∂u                          (12)

A prime marks the previous step. f, n on the first axis: W_x (2, D, H), W_h (2, H, H), b (2, 1, H), u (2, N, H); x (N, D);
all else (N, H). It is a GRU (reset before, z writes) whose r and z are one. Source: Zhou, Wu, Zhang and Zhou 2016, who
write h̃ for n. Although called a forget gate there, f = 1 forgets: the older cells' f keeps.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .gru import Params, State

__all__ = ["MGU", "Grad", "Params", "State", "Trace"]


class Trace(NamedTuple):
    h_prev: np.ndarray
    f: np.ndarray
    n: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class MGU(Cell):
    """The minimal gated unit."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "mgu"

    def shapes(self, D, H):
        return {"W_x": (2, D, H), "W_h": (2, H, H), "b": (2, 1, H)}

    def project(self, p, x):
        """What the input contributes to f and n: x (N, D) -> u (2, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (2, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        h_prev = state.h
        f = sigmoid(u[0] + h_prev @ p.W_h[0])  # (2)
        n = np.tanh(u[1] + (f * h_prev) @ p.W_h[1])  # (3)
        return State((1 - f) * h_prev + f * n), Trace(h_prev, f, n)  # (4)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u (2, N, H)."""
        h_prev, f, n = trace
        dh = d_state.h
        du_n = dh * f * (1 - n**2)  # (5)
        d_shown = du_n @ p.W_h[1].T  # (6)
        df = dh * (n - h_prev) + d_shown * h_prev  # (7)
        du_f = df * f * (1 - f)
        dh_prev = dh * (1 - f) + d_shown * f + du_f @ p.W_h[0].T  # (8)
        return State(dh_prev), Grad(np.stack([du_f, du_n]))

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (9)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b, summed over the N rows."""
        h_prev, f = trace.h_prev, trace.f
        return Params(
            W_x=x.T @ d.u,  # (10)
            W_h=np.stack([h_prev.T @ d.u[0], (f * h_prev).T @ d.u[1]]),  # (11)
            b=d.u.sum(axis=1, keepdims=True),  # (12)
        )

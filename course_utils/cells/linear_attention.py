"""Linear attention with decay: a matrix that keeps values under keys; a recurrence, and attention without a softmax.

    q, k, v = x W_x + b                   (1)   query, key, value
    S = γ S' + kᵀ v                       (2)   the memory: v is added under k, and all else fades
    h = q S                               (3)   the output: what was kept under keys like q
    h_t = Σ_{s≤t} γ^{t-s} (q_t k_sᵀ) v_s  (4)   the same for all steps at once, from S = 0: (Q Kᵀ ⊙ decay) V

    ∂L/∂S += qᵀ ∂L/∂h                     (5)   the memory also hears from the output
    ∂L/∂S' = γ ∂L/∂S                      (6)
    ∂L/∂q = ∂L/∂h Sᵀ                      (7)
    ∂L/∂k = v ∂L/∂Sᵀ                      (8)
    ∂L/∂v = k ∂L/∂S                       (9)
    ∂L/∂x = Σ ∂L/∂u W_xᵀ                  (10)
    ∂L/∂W_x = xᵀ ∂L/∂u, ∂L/∂b = Σ ∂L/∂u   (11)

A prime marks the previous step; q, k, v are rows. They are stacked in this order: W_x (3, D, H), b (3, 1, H),
u (3, N, H); S (N, H, H). State is the output h, which no step reads, and S. The state has H² numbers, attention's has
2H for every step so far; (4) costs T² products, (2) and (3) T.
Sources: Katharopoulos et al. 2020 (γ = 1, and a feature map on q and k with a normaliser, which we leave out); Sun et
al. 2023 (RetNet), where γ is fixed, one for each head, k is scaled by 1/sqrt(H), and positions also rotate q and k.
"""

from typing import NamedTuple

import numpy as np

from .linear import LinearCell

__all__ = ["Grad", "LinearAttention", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    S: np.ndarray


class Trace(NamedTuple):
    S_prev: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    S: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class LinearAttention(LinearCell):
    """Linear attention of one head with decay γ, 0 < γ ≤ 1."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "linear-attention"

    def __init__(self, gamma=0.9):
        if not 0 < gamma <= 1:
            raise ValueError(f"gamma must lie in 0 < gamma <= 1, got {gamma}")
        self.gamma = gamma

    def shapes(self, D, H):
        return {"W_x": (3, D, H), "b": (3, 1, H)}

    def state_shapes(self, H):
        return {"h": (H,), "S": (H, H)}

    def project(self, p, x):
        """Query, key and value: x (N, D) -> u (3, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), S' (N, H, H) -> the new state, and the trace for the way back."""
        q, k, v = u
        S = self.gamma * state.S + k[..., None] * v[:, None]  # (2)
        h = (q[:, None] @ S)[:, 0]  # (3)
        return State(h, S), Trace(state.S, q, k, v, S)

    def linear(self, p, u):
        """a (1, 1, 1) and b (N, H, H) of S = a S' + b."""
        b = u[1][..., None] * u[2][:, None]  # (2)
        return 0 * b[:1, :1, :1] + self.gamma, b

    def memory(self, state):
        """S (N, H, H)."""
        return state.S

    def fields(self, s):
        """The fields of State that hold S, by name."""
        return {"S": s}

    def memory_gradient(self, p, d_state, trace):
        """∂L/∂S (N, H, H), with what comes through the output."""
        return d_state.S + trace.q[..., None] * d_state.h[:, None]  # (5)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H), ∂L/∂S (N, H, H) -> ∂L/∂S', and ∂L/∂u (3, N, H)."""
        _, _, k, v, S = trace
        dh, dS = d_state.h, self.memory_gradient(p, d_state, trace)
        dq = (S @ dh[..., None])[..., 0]  # (7)
        dk = (dS @ v[..., None])[..., 0]  # (8)
        dv = (k[:, None] @ dS)[:, 0]  # (9)
        return State(np.zeros_like(dh), self.gamma * dS), Grad(np.stack([dq, dk, dv]))  # (6)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (10)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂b, summed over the N rows."""
        return Params(x.T @ d.u, d.u.sum(axis=1, keepdims=True))  # (11)

    def attend(self, p, x):
        """h (T, B, H) for x (T, B, D) from S = 0 as masked attention, all pairs of steps at once."""
        q, k, v = (np.swapaxes(x @ W + b, 0, 1) for W, b in zip(p.W_x, p.b, strict=True))  # (B, T, H)
        lag = np.subtract.outer(np.arange(len(x)), np.arange(len(x)))
        decay = np.where(lag >= 0, self.gamma ** np.maximum(lag, 0), 0).astype(q.dtype)  # (T, T)
        return np.swapaxes((q @ np.swapaxes(k, 1, 2) * decay) @ v, 0, 1)  # (4)

"""The selective state-space layer, the core of Mamba: the input decides what is kept, written and read.

    v, B, C = x W_x, x W_B, x W_C         (1)   each unit's signal; where to write and where to read, for all units
    Δ = softplus(x W_Δ + b_Δ)             (2)   how long this step lasts, for each unit
    A = -exp(a)                           (3)   rates of decay, real and negative
    s = exp(Δ A) ⊙ s' + (Δ ⊙ v) Bᵀ        (4)   Δ near 0 keeps s and ignores the input; a large Δ forgets and writes
    h = s C + k ⊙ v                       (5)   the output

    ∂L/∂s += ∂L/∂h Cᵀ                     (6)   the memory also hears from the output
    ∂L/∂s' = exp(Δ A) ⊙ ∂L/∂s             (7)
    ∂L/∂(ΔA) = s' ⊙ ∂L/∂s'                (8)
    ∂L/∂C = sᵀ ∂L/∂h                      (9)
    ∂L/∂(Δ ⊙ v) = ∂L/∂s B                 (10)
    ∂L/∂B = ∂L/∂sᵀ (Δ ⊙ v)                (11)
    ∂L/∂Δ = v ⊙ (10) + Σ_S A ⊙ (8)        (12)  and before the softplus ⊙ (1 - exp(-Δ))
    ∂L/∂v = Δ ⊙ (10) + k ⊙ ∂L/∂h          (13)
    ∂L/∂x = Σ ∂L/∂u Wᵀ, ∂L/∂W = xᵀ ∂L/∂u  (14)  for each of the four products
    ∂L/∂a = A ⊙ Σ Δ ⊙ (8), ∂L/∂k = Σ ∂L/∂h ⊙ v    (15)

A prime marks the previous step; the products with B, C are within one row. v, Δ, h (N, H); B, C (N, S); s (N, H, S);
W_x, W_Δ (D, H), W_B, W_C (D, S), a (H, S), b_Δ, k (H,). State is the output h, which no step reads, and the memory s.
Source: Gu and Dao 2023, algorithm 2 and section 3.6. How this differs on paper: their Δ comes through a narrow
projection, ours through a full matrix; they write D for k; B̄ = ΔB as in their code, where the text has the zero-order
hold. Around this core Mamba has a short convolution, a gate and two linear layers. The start is theirs: A = -1 ... -S
and Δ between dt_min and dt_max.
"""

from typing import NamedTuple

import numpy as np

from .linear import LinearCell

__all__ = ["Grad", "Params", "Projected", "Selective", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    W_dt: np.ndarray
    b_dt: np.ndarray
    W_B: np.ndarray
    W_C: np.ndarray
    a: np.ndarray
    k: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    s: np.ndarray


class Projected(NamedTuple):
    v: np.ndarray
    dt: np.ndarray
    B: np.ndarray
    C: np.ndarray


class Trace(NamedTuple):
    s_prev: np.ndarray
    v: np.ndarray
    dt: np.ndarray
    B: np.ndarray
    C: np.ndarray
    s: np.ndarray


class Grad(NamedTuple):
    u: Projected
    h: np.ndarray
    dtA: np.ndarray


class Selective(LinearCell):
    """The selective state-space layer with S memories per unit; Δ starts between dt_min and dt_max."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "selective"

    def __init__(self, S=8, dt_min=0.001, dt_max=0.1):
        if S < 1 or not 0 < dt_min <= dt_max:
            raise ValueError(f"Selective needs S >= 1 and 0 < dt_min <= dt_max, got S = {S}, {dt_min}, {dt_max}")
        self.S, self.dt_min, self.dt_max = S, dt_min, dt_max

    def shapes(self, D, H):
        S = self.S
        return {
            **{"W_x": (D, H), "W_dt": (D, H), "b_dt": (H,), "W_B": (D, S), "W_C": (D, S)},
            **{"a": (H, S), "k": (H,)},
        }

    def state_shapes(self, H):
        return {"h": (H,), "s": (H, self.S)}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init, but a and b_Δ have Mamba's start unless they are given by name."""

        def steps(rng, shape):
            return np.log(np.expm1(np.exp(rng.uniform(np.log(self.dt_min), np.log(self.dt_max), shape))))

        start = {"a": lambda rng, shape: np.broadcast_to(np.log(np.arange(self.S) + 1), shape), "b_dt": steps}
        return super().init(rng, D, H, dtype, initialise, **(start | by_name))

    def project(self, p, x):
        """x (N, D) -> v (N, H), Δ before its softplus (N, H), B and C (N, S)."""
        return Projected(x @ p.W_x, x @ p.W_dt + p.b_dt, x @ p.W_B, x @ p.W_C)  # (1)

    def rates(self, p):
        """A (H, S)."""
        return -np.exp(p.a)  # (3)

    def step_size(self, u):
        """Δ (N, H)."""
        return np.logaddexp(0, u.dt)  # (2)

    def decay(self, p, dt):
        """exp(Δ A) (N, H, S)."""
        return np.exp(dt[..., None] * self.rates(p))

    def step(self, p, u, state):
        """One step forward: v, Δ, B, C and s' (N, H, S) -> the new state, and the trace for the way back."""
        dt = self.step_size(u)
        s = self.decay(p, dt) * state.s + (dt * u.v)[..., None] * u.B[:, None]  # (4)
        h = (s * u.C[:, None]).sum(-1) + p.k * u.v  # (5)
        return State(h, s), Trace(state.s, u.v, dt, u.B, u.C, s)

    def linear(self, p, u):
        """a and b of s = a ⊙ s' + b, each (N, H, S)."""
        dt = self.step_size(u)
        return self.decay(p, dt), (dt * u.v)[..., None] * u.B[:, None]  # (4)

    def memory(self, state):
        """s (N, H, S)."""
        return state.s

    def fields(self, s):
        """The fields of State that hold s, by name."""
        return {"s": s}

    def memory_gradient(self, p, d_state, trace):
        """∂L/∂s (N, H, S), with what comes through the output."""
        return d_state.s + d_state.h[..., None] * trace.C[:, None]  # (6)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H), ∂L/∂s (N, H, S) -> ∂L/∂s', and the gradients of v, Δ before softplus, B, C."""
        s_prev, v, dt, B, _, s = trace
        dh, ds = d_state.h, self.memory_gradient(p, d_state, trace)
        ds_prev = self.decay(p, dt) * ds  # (7)
        d_dtA = s_prev * ds_prev  # (8)
        dC = (s * dh[..., None]).sum(axis=1)  # (9)
        d_write = (ds * B[:, None]).sum(-1)  # (10)
        dB = (ds * (dt * v)[..., None]).sum(axis=1)  # (11)
        d_dt = (v * d_write + (self.rates(p) * d_dtA).sum(-1)) * -np.expm1(-dt)  # (12)
        du = Projected(dt * d_write + p.k * dh, d_dt, dB, dC)  # (13)
        return State(np.zeros_like(dh), ds_prev), Grad(du, dh, np.swapaxes(d_dtA, 0, 1))  # rows of Grad are at -2

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return d.u.v @ p.W_x.T + d.u.dt @ p.W_dt.T + d.u.B @ p.W_B.T + d.u.C @ p.W_C.T  # (14)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the seven parameters, summed over the N rows."""
        W_x, W_dt, W_B, W_C = (x.T @ du for du in d.u)  # (14)
        da = self.rates(p) * np.einsum("nh,hns->hs", trace.dt, d.dtA)
        return Params(W_x, W_dt, d.u.dt.sum(axis=0), W_B, W_C, da, (d.h * trace.v).sum(axis=0))  # (15)

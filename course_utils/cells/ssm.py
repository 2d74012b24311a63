"""The diagonal state-space layer: S damped oscillations per unit; a recurrence and a convolution.

    u = x W_x                             (1)   each unit gets its own signal
    A = -exp(a) + iω,  Δ = exp(δ)         (2)   in continuous time ds/dt = A s + u; Δ is the time from step to step
    Ā = exp(ΔA),  B̄ = (Ā - 1) / A         (3)   the same in steps: exact while u is held (zero-order hold)
    s = Ā ⊙ s' + B̄ ⊙ u                    (4)   the memory, complex and linear
    h = 2 Re Σ_S C ⊙ s + k ⊙ u            (5)   the output; twice the real part stands for conjugate pairs
    K_l = 2 Re Σ_S C ⊙ B̄ ⊙ Ā^l            (6)   the same as a convolution: h_t = Σ_l K_l ⊙ u_{t-l} + k ⊙ u_t

    ∂L/∂s += 2 C̄ ⊙ ∂L/∂h                  (7)   the memory also hears from the output
    ∂L/∂s' = conj(Ā) ⊙ ∂L/∂s              (8)
    ∂L/∂u = Σ_S Re(conj(B̄) ⊙ ∂L/∂s) + k ⊙ ∂L/∂h    (9)
    ∂L/∂x = ∂L/∂u W_xᵀ, ∂L/∂W_x = xᵀ ∂L/∂u         (10)
    ∂L/∂C = 2 Σ ∂L/∂h ⊙ conj(s), ∂L/∂k = Σ ∂L/∂h ⊙ u    (11)
    ∂L/∂Ā = Σ conj(s') ⊙ ∂L/∂s, ∂L/∂B̄ = Σ u ⊙ ∂L/∂s     (12)
    ∂L/∂(ΔA) = conj(Ā) ⊙ (∂L/∂Ā + ∂L/∂B̄ / conj(A))      (13)
    ∂L/∂A = Δ ∂L/∂(ΔA) - conj(B̄/A) ⊙ ∂L/∂B̄,  ∂L/∂Δ = Σ_S Re(conj(A) ⊙ ∂L/∂(ΔA))    (14)

A prime marks the previous step; the bars on Ā, B̄ name the discrete values, conj is the conjugate; the gradient of
z = x + iy is ∂L/∂x + i ∂L/∂y. All parameters are real: W_x (D, H), a, ω, C_re, C_im (H, S), δ, k (H,). State is the
output h (N, H), which no step reads, and the memory s_re, s_im (N, H, S).
Source: Gu, Gupta, Goel and Ré 2022 (S4D), section 3; start S4D-Lin: a = log ½, ω_n = πn. How this differs on paper: B
is 1 (only B ⊙ C matters); their layer is K alone, each channel with its own signal, between linear layers such as W_x;
D is our k.
"""

from typing import NamedTuple

import numpy as np

from .linear import LinearCell

__all__ = ["S4D", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    a: np.ndarray
    omega: np.ndarray
    delta: np.ndarray
    C_re: np.ndarray
    C_im: np.ndarray
    k: np.ndarray


class State(NamedTuple):
    h: np.ndarray
    s_re: np.ndarray
    s_im: np.ndarray


class Trace(NamedTuple):
    s_re_prev: np.ndarray
    s_im_prev: np.ndarray
    s_re: np.ndarray
    s_im: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray
    h: np.ndarray
    s: np.ndarray


class S4D(LinearCell):
    """The diagonal state-space layer with S complex memories per unit; Δ starts between dt_min and dt_max."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "s4d"

    def __init__(self, S=8, dt_min=0.001, dt_max=0.1):
        if S < 1 or not 0 < dt_min <= dt_max:
            raise ValueError(f"S4D needs S >= 1 and 0 < dt_min <= dt_max, got S = {S}, {dt_min}, {dt_max}")
        self.S, self.dt_min, self.dt_max = S, dt_min, dt_max

    def shapes(self, D, H):
        s = (H, self.S)
        return {"W_x": (D, H), "a": s, "omega": s, "delta": (H,), "C_re": s, "C_im": s, "k": (H,)}

    def state_shapes(self, H):
        return {"h": (H,), "s_re": (H, self.S), "s_im": (H, self.S)}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init, but a, ω and δ have the starts of S4D-Lin unless they are given by name."""
        start = {
            "a": lambda rng, shape: np.full(shape, np.log(0.5)),
            "omega": lambda rng, shape: np.broadcast_to(np.pi * np.arange(self.S), shape),
            "delta": lambda rng, shape: rng.uniform(np.log(self.dt_min), np.log(self.dt_max), shape),
        }
        return super().init(rng, D, H, dtype, initialise, **(start | by_name))

    def discrete(self, p):
        """A, Δ, Ā, B̄: (H, S), Δ (H, 1)."""
        A, dt = -np.exp(p.a) + 1j * p.omega, np.exp(p.delta)[:, None]  # (2)
        return A, dt, np.exp(dt * A), np.expm1(dt * A) / A  # (3)

    def project(self, p, x):
        """Each unit's signal: x (N, D) -> u (N, H)."""
        return x @ p.W_x  # (1)

    def step(self, p, u, state):
        """One step forward: u (N, H), s' (N, H, S) -> the new state, and the trace for the way back."""
        a, b = self.linear(p, u)
        s = a * self.memory(state) + b  # (4)
        h = 2 * (p.C_re * s.real - p.C_im * s.imag).sum(-1) + p.k * u  # (5)
        return State(h, s.real, s.imag), Trace(state.s_re, state.s_im, s.real, s.imag)

    def linear(self, p, u):
        """a (1, H, S) and b (N, H, S) of s = a ⊙ s' + b, complex."""
        _, _, A, B = self.discrete(p)
        return A[None], B * u[..., None]

    def memory(self, state):
        """s (N, H, S), complex."""
        return state.s_re + 1j * state.s_im

    def fields(self, s):
        """The fields of State that hold s, by name."""
        return {"s_re": s.real, "s_im": s.imag}

    def memory_gradient(self, p, d_state, trace):
        """∂L/∂s (N, H, S), complex, with what comes through the output."""
        return self.memory(d_state) + 2 * (p.C_re - 1j * p.C_im) * d_state.h[..., None]  # (7)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H), ∂L/∂s (N, H, S) -> ∂L/∂s', and ∂L/∂u (N, H)."""
        _, _, A, B = self.discrete(p)
        dh, ds = d_state.h, self.memory_gradient(p, d_state, trace)
        ds_prev = A.conj() * ds  # (8)
        du = (B.conj() * ds).real.sum(-1) + p.k * dh  # (9)
        rows_inside = np.moveaxis(np.stack([ds.real, ds.imag]), 1, -2)  # (2, H, N, S): the row axis of Grad is at -2
        return State(np.zeros_like(dh), ds_prev.real, ds_prev.imag), Grad(du, dh, rows_inside)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return d.u @ p.W_x.T  # (10)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the seven parameters, summed over the N rows."""
        u = x @ p.W_x
        C_re, C_im = (2 * np.einsum("nh,nhs->hs", d.h, s) for s in (trace.s_re, -trace.s_im))
        da, d_omega, d_delta = self.time_gradients(p, u, trace, d)
        return Params(x.T @ d.u, da, d_omega, d_delta, C_re, C_im, (d.h * u).sum(axis=0))  # (10), (11)

    def time_gradients(self, p, u, trace, d):
        """∂L/∂a, ∂L/∂ω (H, S) and ∂L/∂δ (H,)."""
        A, dt, A_bar, B_bar = self.discrete(p)
        s_prev, ds = trace.s_re_prev + 1j * trace.s_im_prev, d.s[0] + 1j * d.s[1]  # (N, H, S), (H, N, S)
        dA_bar, dB_bar = np.einsum("nhs,hns->hs", s_prev.conj(), ds), np.einsum("nh,hns->hs", u, ds)  # (12)
        d_log = A_bar.conj() * (dA_bar + dB_bar / A.conj())  # (13)
        dA = dt * d_log - (B_bar / A).conj() * dB_bar
        d_dt = (A.conj() * d_log).real.sum(-1)  # (14)
        return -np.exp(p.a) * dA.real, dA.imag, dt[:, 0] * d_dt

    def kernel(self, p, T):
        """The convolution kernel K (T, H), what the memory makes of a single 1 in the input."""
        A, dt, _, B = self.discrete(p)
        C = p.C_re + 1j * p.C_im
        powers = np.exp(np.arange(T)[:, None, None] * (dt * A))  # (T, H, S)
        return (2 * (C * B * powers).sum(-1).real).astype(p.a.dtype)  # (6)

    def convolve(self, p, x):
        """h (T, B, H) for x (T, B, D) from a zero state: the whole layer as one convolution, by FFT."""
        T, u = len(x), x @ p.W_x
        K = np.fft.rfft(self.kernel(p, T), 2 * T, axis=0)[:, None]  # twice the length: nothing wraps around
        h = np.fft.irfft(K * np.fft.rfft(u, 2 * T, axis=0), 2 * T, axis=0)[:T]
        return h.astype(u.dtype) + p.k * u

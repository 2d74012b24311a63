"""The linear recurrent unit: a complex number per unit turns and shrinks, and nothing else is recurrent.

    λ = exp(-exp(ν) + i exp(θ))           (1)   inside the unit circle whatever ν, θ: |λ| = exp(-exp(ν)) < 1
    γ = sqrt(1 - |λ|²)                    (2)   keeps the memory's size the same for short and long memories
    u = x B_re, x B_im, x W_xy            (3)   what the input contributes: to the memory, to the output
    s = λ ⊙ s' + γ ⊙ (u_re + i u_im)      (4)   the memory, complex and linear
    h = Re(s C) + u_y                     (5)   the output, read out of it; C = C_re + i C_im

    ∂L/∂s += ∂L/∂h C̄ᵀ                     (6)   the memory also hears from the output
    ∂L/∂s' = λ̄ ⊙ ∂L/∂s                    (7)
    ∂L/∂u = γ ⊙ ∂L/∂s, ∂L/∂u_y = ∂L/∂h    (8)
    ∂L/∂x = Σ ∂L/∂u Bᵀ                    (9)   over B_re, B_im, W_xy; and ∂L/∂B = xᵀ ∂L/∂u
    ∂L/∂C = s̄ᵀ ∂L/∂h                      (10)
    ∂L/∂log λ = λ̄ ⊙ Σ s̄' ⊙ ∂L/∂s          (11)
    ∂L/∂γ = Σ u_re ⊙ ∂L/∂s_re + u_im ⊙ ∂L/∂s_im    (12)
    ∂L/∂ν = exp(ν) ⊙ (∂L/∂γ |λ|²/γ - Re ∂L/∂log λ)  (13)
    ∂L/∂θ = exp(θ) ⊙ Im ∂L/∂log λ         (14)

A prime marks the previous step, a bar the conjugate; the gradient of z = x + iy is ∂L/∂x + i ∂L/∂y. Parameters and
state are real arrays: B_re, B_im, W_xy (D, H), ν, θ (H,), C_re, C_im (H, H); State is the output h, which no step
reads, and the memory s_re, s_im, all (N, H). The arrays u (3, N, H) are x times B_re, B_im, W_xy.
Source: Orvieto et al. 2023, section 3 and appendix A. How this differs on paper: they write columns, C (H_out, H) from
the left, D for W_xy, and γ as a parameter, exp(γ_log), that only starts at (2); here γ stays tied to λ. λ starts in the
ring r_min ≤ |λ| ≤ r_max, uniformly in area; B and C start uniform as in every cell here, theirs normal.
"""

from typing import NamedTuple

import numpy as np

from .linear import LinearCell

__all__ = ["LRU", "Grad", "Params", "State", "Trace"]


class Params(NamedTuple):
    B_re: np.ndarray
    B_im: np.ndarray
    W_xy: np.ndarray
    nu: np.ndarray
    theta: np.ndarray
    C_re: np.ndarray
    C_im: np.ndarray


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
    s: np.ndarray


class LRU(LinearCell):
    """The linear recurrent unit; λ starts with r_min ≤ |λ| ≤ r_max and a phase in (0, max_phase]."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    name = "lru"

    def __init__(self, r_min=0.4, r_max=0.99, max_phase=2 * np.pi):
        if not 0 <= r_min < r_max < 1:
            raise ValueError(f"the ring needs 0 <= r_min < r_max < 1, got r_min = {r_min}, r_max = {r_max}")
        self.r_min, self.r_max, self.max_phase = r_min, r_max, max_phase

    def shapes(self, D, H):
        x, s = (D, H), (H,)
        return {"B_re": x, "B_im": x, "W_xy": x, "nu": s, "theta": s, "C_re": (H, H), "C_im": (H, H)}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init, but ν and θ put λ into the ring unless they are given by name."""
        by_name = {"nu": self.radii, "theta": self.phases} | by_name
        return super().init(rng, D, H, dtype, initialise, **by_name)

    def radii(self, rng, shape):
        """ν of |λ| drawn uniformly in area between r_min and r_max."""
        squared = rng.uniform(self.r_min**2, self.r_max**2, shape)
        return np.log(-0.5 * np.log(np.maximum(squared, 1e-12)))

    def phases(self, rng, shape):
        """θ of phases drawn from (0, max_phase]."""
        return np.log(self.max_phase * (1 - rng.random(shape)))

    def ring(self, p):
        """λ, complex, and γ, each (H,)."""
        lam = np.exp(-np.exp(p.nu) + 1j * np.exp(p.theta))  # (1)
        return lam, np.sqrt(-np.expm1(-2 * np.exp(p.nu)))  # (2), without rounding 1 - |λ|² to 0

    def project(self, p, x):
        """What the input contributes: x (N, D) -> u (3, N, H)."""
        return np.stack([x @ p.B_re, x @ p.B_im, x @ p.W_xy])  # (3)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), s' (N, H) -> the new state, and the trace for the way back."""
        a, b = self.linear(p, u)
        s = a * self.memory(state) + b  # (4)
        h = s.real @ p.C_re - s.imag @ p.C_im + u[2]  # (5)
        return State(h, s.real, s.imag), Trace(state.s_re, state.s_im, s.real, s.imag)

    def linear(self, p, u):
        """a (1, H) and b (N, H) of s = a ⊙ s' + b, complex."""
        lam, gamma = self.ring(p)
        return lam[None], gamma * (u[0] + 1j * u[1])

    def memory(self, state):
        """s (N, H), complex."""
        return state.s_re + 1j * state.s_im

    def fields(self, s):
        """The fields of State that hold s, by name."""
        return {"s_re": s.real, "s_im": s.imag}

    def memory_gradient(self, p, d_state, trace):
        """∂L/∂s (N, H), complex, with what comes through the output."""
        return self.memory(d_state) + d_state.h @ (p.C_re - 1j * p.C_im).T  # (6)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h, ∂L/∂s (N, H) -> ∂L/∂s', and ∂L/∂u (3, N, H)."""
        lam, gamma = self.ring(p)
        ds = self.memory_gradient(p, d_state, trace)
        ds_prev = lam.conj() * ds  # (7)
        du = np.stack([gamma * ds.real, gamma * ds.imag, d_state.h])  # (8)
        return State(np.zeros_like(d_state.h), ds_prev.real, ds_prev.imag), Grad(du, np.stack([ds.real, ds.imag]))

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return d.u[0] @ p.B_re.T + d.u[1] @ p.B_im.T + d.u[2] @ p.W_xy.T  # (9)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the seven parameters, summed over the N rows; those of C are s̄ᵀ ∂L/∂h in two parts."""
        dh = d.u[2]
        nu, theta = self.ring_gradients(p, x, trace, d)
        return Params(*(x.T @ d.u), nu, theta, trace.s_re.T @ dh, -trace.s_im.T @ dh)  # (9), (10)

    def ring_gradients(self, p, x, trace, d):
        """∂L/∂ν and ∂L/∂θ, each (H,)."""
        lam, gamma = self.ring(p)
        s_prev, ds = trace.s_re_prev + 1j * trace.s_im_prev, d.s[0] + 1j * d.s[1]
        d_log = lam.conj() * (s_prev.conj() * ds).sum(axis=0)  # (11)
        d_gamma = ((x @ p.B_re) * d.s[0] + (x @ p.B_im) * d.s[1]).sum(axis=0)  # (12)
        nu = np.exp(p.nu) * (d_gamma * np.abs(lam) ** 2 / gamma - d_log.real)  # (13)
        return nu, np.exp(p.theta) * d_log.imag  # (14)

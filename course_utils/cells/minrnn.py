"""minGRU and minLSTM: gates that see the input only, so that the memory is linear in itself and needs no step loop.

    u = x W_x + b                         (1)   what the input contributes: all of the gates
    k = u_z                               (2)   minGRU: the update gate before its activation
    k = log σ(u_i) - log σ(u_f)           (3)   minLSTM: input against forget gate
    z = σ(k)                              (4)   how much to write
    n = g(u_n)                            (5)   the candidate: g(a) = a; or kept positive, see below
    h = (1 - z) ⊙ h' + z ⊙ n              (6)   the new state, linear in h'

    ∂L/∂h' = ∂L/∂h ⊙ (1 - z)              (7)
    ∂L/∂k = ∂L/∂h ⊙ (n - h') ⊙ z (1 - z)  (8)
    ∂L/∂u_n = ∂L/∂h ⊙ z ⊙ g'              (9)
    ∂L/∂u_f = -∂L/∂k ⊙ (1 - f)            (10)  minLSTM; f = σ(u_f), i = σ(u_i)
    ∂L/∂u_i = ∂L/∂k ⊙ (1 - i)             (11)  minLSTM
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ            (12)
    ∂L/∂W_x = xᵀ ∂L/∂u                    (13)
    ∂L/∂b = Σ ∂L/∂u                       (14)

Gates are stacked on the first axis, minGRU z, n and minLSTM f, i, n: W_x (G, D, H), b (G, 1, H), u (G, N, H); h (N, H).
With candidate="positive", g(a) = a + ½ for a ≥ 0 and σ(a) below, so that h > 0 when it starts there and log-space scans
apply; g' jumps from ¼ to 1 at a = 0, where we take 1. "linear" is g(a) = a.
Source: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, sections 3.1, 3.2 and appendix B. How this differs on paper:
minLSTM there is h = f/(f+i) ⊙ h' + i/(f+i) ⊙ n, the same, as i/(f+i) = σ(log i - log f), which never divides zero by
zero. Their minGRU keeps with 1 - z, as (6) does; torch.nn.GRU keeps with z.
"""

from typing import NamedTuple

import numpy as np

from ..activations import ACTIVATIONS, Activation, sigmoid
from .linear import LinearCell

__all__ = ["CANDIDATES", "Grad", "MinGRU", "MinLSTM", "Params", "State", "Trace", "TraceLSTM"]

CANDIDATES = {
    "linear": ACTIVATIONS["identity"],
    "positive": Activation(
        lambda a: np.where(a >= 0, a + 0.5, sigmoid(a)),
        lambda y: np.where(y >= 0.5, 1, y * (1 - y)),
    ),
}


class Params(NamedTuple):
    W_x: np.ndarray
    b: np.ndarray


class State(NamedTuple):
    h: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    z: np.ndarray
    n: np.ndarray


class TraceLSTM(NamedTuple):
    h_prev: np.ndarray
    z: np.ndarray
    n: np.ndarray
    f: np.ndarray
    i: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


class MinGRU(LinearCell):
    """minGRU; candidate "linear" or "positive"."""

    Params, State, Trace, Grad = Params, State, Trace, Grad
    G = 2

    def __init__(self, candidate="linear"):
        if candidate not in CANDIDATES:
            raise ValueError(f"candidate must be one of {', '.join(CANDIDATES)}, got {candidate!r}")
        self.candidate = candidate
        kind = "min-gru" if self.G == 2 else "min-lstm"
        self.name = kind if candidate == "linear" else f"{kind}-{candidate}"

    def shapes(self, D, H):
        return {"W_x": (self.G, D, H), "b": (self.G, 1, H)}

    def project(self, p, x):
        """What the input contributes to the gates: x (N, D) -> u (G, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def gates(self, u):
        """z, n and, for minLSTM, f, i: each (N, H)."""
        k, *others = self.logit(u)
        z = sigmoid(k)  # (4)
        n = CANDIDATES[self.candidate].function(u[-1])  # (5)
        return z, n, *others

    def logit(self, u):
        """k, and the gates it is made of."""
        return (u[0],)  # (2)

    def step(self, p, u, state):
        """One step forward: u (G, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        z, n, *others = self.gates(u)
        h = (1 - z) * state.h + z * n  # (6)
        return State(h), self.Trace(state.h, z, n, *others)

    def linear(self, p, u):
        """a and b of h = a ⊙ h' + b, each (N, H)."""
        z, n, *_ = self.gates(u)
        return 1 - z, z * n  # (6)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u (G, N, H)."""
        h_prev, z, n, *others = trace
        dh = d_state.h
        dk = dh * (n - h_prev) * z * (1 - z)  # (8)
        dn = dh * z * CANDIDATES[self.candidate].slope(n)  # (9)
        return State(dh * (1 - z)), Grad(np.stack([*self.logit_backward(dk, *others), dn]))  # (7)

    def logit_backward(self, dk):
        """∂L/∂u of the gates that k is made of."""
        return (dk,)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (12)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂b, summed over the N rows."""
        return Params(
            W_x=x.T @ d.u,  # (13)
            b=d.u.sum(axis=1, keepdims=True),  # (14)
        )


class MinLSTM(MinGRU):
    """minLSTM in its length-independent form, where what is kept and what is written add up to one."""

    Trace = TraceLSTM
    G = 3

    def logit(self, u):
        """k, f and i."""
        f, i, _ = u
        return np.logaddexp(0, -f) - np.logaddexp(0, -i), sigmoid(f), sigmoid(i)  # (3)

    def logit_backward(self, dk, f, i):
        """∂L/∂u_f and ∂L/∂u_i."""
        return -dk * (1 - f), dk * (1 - i)  # (10), (11)

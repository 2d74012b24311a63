"""The gated recurrent unit, in the forms it is written in.

    u = x W_x + b                            (1)   what the input contributes to r, z, n
    r, z = σ(u_rz + h' W_h,rz)               (2)   reset, update
    m = h' W_h,n + b_hn                      (3)   reset after: what the past says, ...
    n = tanh(u_n + r ⊙ m)                    (4)   ... of which r lets a part through
    m = (r ⊙ h') W_h,n                       (5)   reset before: r hides a part of h' before the product
    n = tanh(u_n + m)                        (6)
    k = z                                    (7)   z keeps: how much of the past stays
    k = 1 - z                                (8)   z writes
    h = k ⊙ h' + (1 - k) ⊙ n                 (9)   the new state lies between the old one and the candidate

    ∂L/∂k = ∂L/∂h ⊙ (h' - n)                 (10)  = ∂L/∂z if z keeps, its negative if z writes
    ∂L/∂u_n = ∂L/∂h ⊙ (1 - k) ⊙ (1 - n²)     (11)
    ∂L/∂m = ∂L/∂u_n ⊙ r                      (12)  reset after; with reset before ∂L/∂m = ∂L/∂u_n
    ∂L/∂(r ⊙ h') = ∂L/∂m W_h,nᵀ              (13)  reset before
    ∂L/∂h' = ∂L/∂h ⊙ k + Σ_gates ∂ W_hᵀ      (14)  straight past the gates, and through the products
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ               (15)
    ∂L/∂W_x = xᵀ ∂L/∂u                       (16)
    ∂L/∂W_h = h'ᵀ ∂L/∂u, h'ᵀ ∂L/∂m           (17)  r and z, n; with reset before, n has (r ⊙ h')ᵀ ∂L/∂m
    ∂L/∂b = Σ ∂L/∂u, ∂L/∂b_hn = Σ ∂L/∂m      (18)

A prime marks the previous step. Gates on the first axis in the order r, z, n: W_x (3, D, H), W_h (3, H, H), b (3, 1, H),
b_hn (1, H), u (3, N, H); x (N, D); all else (N, H). Under reset after, b_hn is scaled by r, so it cannot join b; reset
before has no b_hn. Who writes which, all with our letters:

    reset after,  z keeps    torch.nn.GRU; Cho et al. 2014 in its first version; Keras (reset_after=True)
    reset before, z keeps    Cho et al. 2014 as published; Jozefowicz et al. 2015
    reset before, z writes   Chung et al. 2014; Bahdanau, Cho and Bengio 2015

The two readings of z are one model: as σ(-a) = 1 - σ(a), changing the sign of z's weights turns one into the other.
Before and after are two models. Others stack z, r, n (Keras) or call the candidate h̃.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell

__all__ = ["GRU", "Grad", "Params", "ParamsAfter", "State", "Trace"]


class Params(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray


class ParamsAfter(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    b_hn: np.ndarray


class State(NamedTuple):
    h: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    r: np.ndarray
    z: np.ndarray
    m: np.ndarray
    n: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray
    m: np.ndarray


class GRU(Cell):
    """The gated recurrent unit with the reset "after" (torch) or "before" the product, and a z that "keeps" or "writes"."""

    State, Trace, Grad = State, Trace, Grad

    def __init__(self, reset="after", z="keeps"):
        for name, given, known in (("reset", reset, ("after", "before")), ("z", z, ("keeps", "writes"))):
            if given not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {given!r}")
        self.reset, self.z = reset, z
        self.Params = ParamsAfter if reset == "after" else Params
        self.name = "-".join(["gru", *([reset] if reset == "before" else []), *([z] if z == "writes" else [])])

    def shapes(self, D, H):
        shapes = {"W_x": (3, D, H), "W_h": (3, H, H), "b": (3, 1, H)}
        return shapes | {"b_hn": (1, H)} if self.reset == "after" else shapes

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        h_prev = state.h
        r, z = sigmoid(u[:2] + h_prev @ p.W_h[:2])  # (2)
        if self.reset == "after":
            m = h_prev @ p.W_h[2] + p.b_hn  # (3)
            n = np.tanh(u[2] + r * m)  # (4)
        else:
            m = (r * h_prev) @ p.W_h[2]  # (5)
            n = np.tanh(u[2] + m)  # (6)
        k = self.kept(z)
        return State(k * h_prev + (1 - k) * n), Trace(h_prev, r, z, m, n)  # (9)

    def kept(self, z):
        """How much of the past stays, k, from the update gate z; any shape."""
        return z if self.z == "keeps" else 1 - z  # (7), (8)

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u (3, N, H), ∂L/∂m (N, H)."""
        h_prev, r, z, m, n = trace
        k, dh = self.kept(z), d_state.h
        dk = dh * (h_prev - n)  # (10)
        dz = dk if self.z == "keeps" else -dk
        dn = dh * ((1 - k) * (1 - n**2))  # (11)
        if self.reset == "after":
            dm, dr = dn * r, dn * m  # (12)
            through_n = dm @ p.W_h[2].T
        else:
            dm, d_shown = dn, dn @ p.W_h[2].T  # (13)
            dr, through_n = d_shown * h_prev, d_shown * r
        du = np.stack([dr * (r * (1 - r)), dz * (z * (1 - z)), dn])
        through_rz = (du[:2] @ p.W_h[:2].transpose(0, 2, 1)).sum(axis=0)
        return State(dh * k + through_n + through_rz), Grad(du, dm)  # (14)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (15)

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b and, with reset after, ∂L/∂b_hn, summed over the N rows."""
        h_prev = trace.h_prev
        seen_by_n = h_prev if self.reset == "after" else trace.r * h_prev
        dW_h = np.concatenate([h_prev.T @ d.u[:2], (seen_by_n.T @ d.m)[None]])  # (17)
        found = Params(W_x=x.T @ d.u, W_h=dW_h, b=d.u.sum(axis=1, keepdims=True))  # (16), (18)
        return ParamsAfter(*found, d.m.sum(axis=0, keepdims=True)) if self.reset == "after" else found

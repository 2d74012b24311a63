"""MUT1, MUT2 and MUT3: three mutants of the GRU that a search over ten thousand cells brought up.

    u_k = x W_x,k + b_k                      (1)   what the input contributes to r, z, n; two exceptions:
    u_r = x I + b_r                          (2)   MUT2: the input as it is
    u_n = tanh(x I) + b_n                    (3)   MUT1: the input as it is, squashed
    r = σ(u_r + h' W_h,r)                    (4)
    z = σ(u_z)                               (5)   MUT1: the update gate is blind to the past
    z = σ(u_z + s W_h,z)                     (6)   s = h' in MUT2, tanh(h') in MUT3
    n = tanh(u_n + (r ⊙ h') W_h,n)           (7)
    h = z ⊙ n + (1 - z) ⊙ h'                 (8)   z writes

    ∂L/∂u_z = ∂L/∂h ⊙ (n - h') ⊙ z ⊙ (1 - z)     (9)
    ∂L/∂u_n = ∂L/∂h ⊙ z ⊙ (1 - n²)               (10)
    ∂L/∂(r ⊙ h') = ∂L/∂u_n W_h,nᵀ                (11)
    ∂L/∂h' = ∂L/∂h ⊙ (1 - z) + Σ_gates ∂ W_hᵀ    (12)  each product times the slope of what it read
    ∂L/∂x = Σ_gates ∂L/∂u W_xᵀ                   (13)  and through I where x goes in as it is
    ∂L/∂W_x,k = xᵀ ∂L/∂u_k                       (14)
    ∂L/∂W_h,k = seenᵀ ∂L/∂u_k                    (15)  r saw h', z saw s, n saw r ⊙ h'
    ∂L/∂b = Σ ∂L/∂u                              (16)

A prime marks the previous step. Gates in the order r, z, n, those without weights left out: MUT1 has no W_x,n and no
W_h,z, MUT2 no W_x,r. W_x (2 or 3, D, H), W_h (2 or 3, H, H), b (3, 1, H), u (3, N, H); x (N, D); all else (N, H).

Source: Jozefowicz, Zaremba and Sutskever 2015, who number time so that h_{t+1} follows from x_t and h_t. They print x
itself where we have x I, which needs D = H. For other sizes I is the identity repeated: unit j hears the inputs d with
d = j modulo the smaller of D and H. That adds no parameter, and D = H is exactly the paper. JZS1 and JZS2 of early Keras
took fixed random numbers ±1/√D there; others learn a matrix, and MUT2 then is a GRU (reset before, z writes).
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid
from .cell import Cell
from .gru import Params, State

__all__ = ["MUT", "MUTANTS", "Grad", "Mutant", "Params", "State", "Trace", "repeated_identity"]


class Mutant(NamedTuple):
    """The switches: gates with input weights, gates with recurrent weights, and whether z sees tanh(h') for h'."""

    reads: str
    hears: str
    squashed: bool = False


MUTANTS = {"mut1": Mutant("rz", "rn"), "mut2": Mutant("zn", "rzn"), "mut3": Mutant("rzn", "rzn", squashed=True)}


class Trace(NamedTuple):
    h_prev: np.ndarray
    r: np.ndarray
    z: np.ndarray
    n: np.ndarray


class Grad(NamedTuple):
    u: np.ndarray


def repeated_identity(D, H, dtype=np.float64):
    """The matrix I (D, H) of (2) and (3): 1 where input and unit agree modulo the smaller of D and H, else 0."""
    d, j = np.ogrid[:D, :H]
    return (d % min(D, H) == j % min(D, H)).astype(dtype)


class MUT(Cell):
    """One of the three mutants: "mut1", "mut2" or "mut3"."""

    Params, State, Trace, Grad = Params, State, Trace, Grad

    def __init__(self, name="mut1"):
        if name not in MUTANTS:
            raise ValueError(f"name must be one of {', '.join(MUTANTS)}, got {name!r}")
        self.name, self.mutant = name, MUTANTS[name]

    def shapes(self, D, H):
        return {"W_x": (len(self.mutant.reads), D, H), "W_h": (len(self.mutant.hears), H, H), "b": (3, 1, H)}

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H)."""
        u = dict(zip(self.mutant.reads, x @ p.W_x, strict=True))  # (1)
        bare = x @ repeated_identity(*self.sizes(p), p.b.dtype)
        u = {"r": bare, "n": np.tanh(bare)} | u  # (2), (3)
        return np.stack([u[k] for k in "rzn"]) + p.b

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state, and the trace for the way back."""
        h_prev, W_h = state.h, self.recurrent(p)
        r = sigmoid(u[0] + h_prev @ W_h["r"])  # (4)
        if "z" in W_h:
            s = np.tanh(h_prev) if self.mutant.squashed else h_prev
            z = sigmoid(u[1] + s @ W_h["z"])  # (6)
        else:
            z = sigmoid(u[1])  # (5)
        n = np.tanh(u[2] + (r * h_prev) @ W_h["n"])  # (7)
        return State(z * n + (1 - z) * h_prev), Trace(h_prev, r, z, n)  # (8)

    def recurrent(self, p):
        """The recurrent matrices (H, H) by the letter of their gate."""
        return dict(zip(self.mutant.hears, p.W_h, strict=True))

    def step_backward(self, p, d_state, trace):
        """One step back: ∂L/∂h (N, H) -> ∂L/∂h', and ∂L/∂u (3, N, H)."""
        h_prev, r, z, n = trace
        dh, W_h = d_state.h, self.recurrent(p)
        du_z = dh * (n - h_prev) * z * (1 - z)  # (9)
        du_n = dh * z * (1 - n**2)  # (10)
        d_shown = du_n @ W_h["n"].T  # (11)
        du_r = d_shown * h_prev * r * (1 - r)
        dh_prev = dh * (1 - z) + d_shown * r + du_r @ W_h["r"].T  # (12)
        if "z" in W_h:
            slope = 1 - np.tanh(h_prev) ** 2 if self.mutant.squashed else 1
            dh_prev = dh_prev + du_z @ W_h["z"].T * slope
        return State(dh_prev), Grad(np.stack([du_r, du_z, du_n]))

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        du = dict(zip("rzn", d.u, strict=True))
        dx = sum(du[k] @ W.T for k, W in zip(self.mutant.reads, p.W_x, strict=True))  # (13)
        eye = repeated_identity(*self.sizes(p), p.b.dtype)
        if "r" not in self.mutant.reads:
            dx = dx + du["r"] @ eye.T
        if "n" not in self.mutant.reads:
            dx = dx + (du["n"] * (1 - np.tanh(x @ eye) ** 2)) @ eye.T
        return dx

    def weight_gradients(self, p, x, trace, d):
        """∂L/∂W_x, ∂L/∂W_h, ∂L/∂b, summed over the N rows."""
        h_prev, du = trace.h_prev, dict(zip("rzn", d.u, strict=True))
        seen = {"r": h_prev, "z": np.tanh(h_prev) if self.mutant.squashed else h_prev, "n": trace.r * h_prev}
        return Params(
            W_x=np.stack([x.T @ du[k] for k in self.mutant.reads]),  # (14)
            W_h=np.stack([seen[k].T @ du[k] for k in self.mutant.hears]),  # (15)
            b=d.u.sum(axis=1, keepdims=True),  # (16)
        )

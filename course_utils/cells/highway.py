"""A Highway layer: a gate decides, unit by unit, how much is transformed and how much is carried through as it is.

    a = x W + b + u                       (1)   for the candidate n and the gate t; u, if given, comes from elsewhere
    n = tanh(a_n)                         (2)   what the layer would make of x
    t = σ(a_t)                            (3)   the transform gate
    y = t ⊙ n + (1 - t) ⊙ x               (4)   make it, or carry x

    ∂L/∂a_n = ∂L/∂y ⊙ t ⊙ (1 - n²)        (5)
    ∂L/∂a_t = ∂L/∂y ⊙ (n - x) ⊙ t ⊙ (1 - t)   (6)
    ∂L/∂x = ∂L/∂y ⊙ (1 - t) + Σ ∂L/∂a Wᵀ  (7)   where t is shut, the gradient passes untouched
    ∂L/∂W = xᵀ ∂L/∂a                      (8)
    ∂L/∂b = Σ ∂L/∂a                       (9)

n, t on the first axis: W (2, H, H), b (2, 1, H), a, u (2, N, H); x, n, t, y (N, H): as carrying adds x to y, both have one
width. Source: Srivastava, Greff and Schmidhuber 2015, whose T and H(x) are our t and n; texts also write g for t. Their
general form has a carry gate of its own in place of 1 - t. They start b_t at -1 to -3, so that a deep stack first carries.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid

__all__ = ["HighwayParams", "HighwayTrace", "highway", "highway_backward", "highway_weight_gradients"]


class HighwayParams(NamedTuple):
    W: np.ndarray
    b: np.ndarray


class HighwayTrace(NamedTuple):
    x: np.ndarray
    n: np.ndarray
    t: np.ndarray


def highway(p, x, u=0):
    """x (N, H) -> y (N, H), and the trace for the way back; p a HighwayParams."""
    a = x @ p.W + p.b + u  # (1)
    n = np.tanh(a[0])  # (2)
    t = sigmoid(a[1])  # (3)
    return t * n + (1 - t) * x, HighwayTrace(x, n, t)  # (4)


def highway_backward(p, dy, trace):
    """∂L/∂y (N, H) -> ∂L/∂x (N, H), and ∂L/∂a (2, N, H), which is ∂L/∂u too."""
    x, n, t = trace
    da_n = dy * t * (1 - n**2)  # (5)
    da_t = dy * (n - x) * t * (1 - t)  # (6)
    da = np.stack([da_n, da_t])
    return dy * (1 - t) + (da @ p.W.transpose(0, 2, 1)).sum(axis=0), da  # (7)


def highway_weight_gradients(x, da):
    """∂L/∂W and ∂L/∂b from the layer's input x (N, H) and ∂L/∂a (2, N, H), summed over the N rows."""
    return HighwayParams(
        W=x.T @ da,  # (8)
        b=da.sum(axis=1, keepdims=True),  # (9)
    )

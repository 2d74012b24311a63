"""One unit, no input, fifty steps: the smallest network whose loss has a cliff.

    h_t = w σ(h_{t-1}) + b,  h_0 = ½                       (1)
    L = (σ(h_n) - 0.7)²                                    (2)
    ∂h_t/∂w = σ(h_{t-1}) + w σ'(h_{t-1}) ∂h_{t-1}/∂w       (3)
    ∂h_t/∂b = 1 + w σ'(h_{t-1}) ∂h_{t-1}/∂b                (4)

For w > 4 there are values of b at which (1) has two stable points. Where b is such that h_0 changes from the pull of the
one to that of the other, L jumps within a hair's breadth. Source: Pascanu, Mikolov and Bengio 2013, section 2 and fig. 6.
"""

from typing import NamedTuple

import numpy as np

from ..activations import sigmoid

__all__ = ["TARGET", "Path", "descend", "edge", "loss_and_gradient"]

TARGET, START = 0.7, 0.5


class Path(NamedTuple):
    """Places (n + 1, 2) of gradient descent as rows (w, b), the loss at each, and the norm of each gradient used (n,)."""

    at: np.ndarray
    loss: np.ndarray
    norm: np.ndarray


def edge(w, n=50):
    """The b at which σ(h_n) passes ½, for each w > 0: for w > 4 the edge of the cliff. An array like w."""
    low, high = -np.asarray(w, float), np.zeros(np.shape(w))  # σ(h_n) < ½ at b = -w, and above it at b = 0
    for _ in range(60):
        b, h = (low + high) / 2, START
        for _ in range(n):
            h = w * sigmoid(h) + b
        low, high = np.where(h < 0, b, low), np.where(h < 0, high, b)
    return (low + high) / 2


def loss_and_gradient(w, b, n=50):
    """L after n steps, ∂L/∂w and ∂L/∂b, for numbers or arrays w and b of one shape."""
    w, b = np.broadcast_arrays(np.asarray(w, float), np.asarray(b, float))
    h, dw, db = np.full(w.shape, START), np.zeros(w.shape), np.zeros(w.shape)
    for _ in range(n):
        s = sigmoid(h)
        slope = w * s * (1 - s)
        dw, db = s + slope * dw, 1 + slope * db  # (3), (4)
        h = w * s + b  # (1)
    s = sigmoid(h)
    back = 2 * (s - TARGET) * s * (1 - s)
    return (s - TARGET) ** 2, back * dw, back * db  # (2)


def descend(w, b, lr, steps, clip=None, n=50):
    """Gradient descent from (w, b), its gradient shortened to norm `clip` where it is longer. Returns a Path."""
    places, losses, norms = [(w, b)], [float(loss_and_gradient(w, b, n)[0])], []
    for _ in range(steps):
        _, *g = loss_and_gradient(*places[-1], n)
        norms.append(float(np.hypot(*g)))
        scale = 1.0 if clip is None or norms[-1] <= clip else clip / norms[-1]
        places.append(tuple(float(a - lr * scale * d) for a, d in zip(places[-1], g, strict=True)))
        losses.append(float(loss_and_gradient(*places[-1], n)[0]))
    return Path(np.array(places), np.array(losses), np.array(norms))

"""Layer normalisation: every row gets mean 0 and variance 1 over its own units, whatever the batch.

    y = (a - μ) / sqrt(σ² + ε)                                    (1)  μ, σ² over the units of one row
    ∂L/∂a = (∂L/∂y - mean ∂L/∂y - y mean(y ⊙ ∂L/∂y)) / sqrt(σ² + ε)   (2)

a (..., H), or gates (G, N, H) with axes=(0, -1): all G·H numbers of a row together. A gain and a bias for each unit come
after it, and are the caller's. ε = 1e-5 as in torch; σ² is the mean of squares (no n - 1). Unlike batch normalisation it
asks for no other row, no running average and no step number, so it is the same for any batch, length and step.
Source: Ba, Kiros and Hinton 2016, eq. 3 (they have no ε).
"""

import numpy as np

__all__ = ["normalise", "normalise_backward", "ones"]

EPSILON = 1e-5


def normalise(a, axes=-1):
    """y of a's shape (1), and 1 / sqrt(σ² + ε), which the way back needs."""
    a = a - mean(a, axes)
    scale = 1 / np.sqrt(mean(a * a, axes) + EPSILON)
    return a * scale, scale  # (1)


def normalise_backward(dy, y, scale, axes=-1):
    """∂L/∂a from ∂L/∂y and what `normalise` returned."""
    return (dy - mean(dy, axes) - y * mean(y * dy, axes)) * scale  # (2)


def mean(a, axes):
    """The mean over some axes, which stay with length 1."""
    total = a.sum(axis=axes, keepdims=True)
    return total * (total.size / a.size)


def ones(rng, shape):
    """Where gains start; `rng` is not used."""
    return np.ones(shape)

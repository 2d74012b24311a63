"""Clipping gradients: by the norm of all of them together, or number by number.

    ‖g‖ = sqrt(Σ g²)                            (1)  over every array of the record, with the square root
    g ← g · min(1, θ / ‖g‖)                     (2)  by norm: shorter, same direction
    g ← max(-θ, min(θ, g))                      (3)  by value: each number by itself, the direction may turn

Source: (2) Pascanu, Mikolov and Bengio 2013, algorithm 1.
"""

import numpy as np

from .params import named_arrays, tree_map

__all__ = ["clip_by_norm", "clip_by_value", "global_norm"]


def global_norm(grads):
    """Euclidean norm of a whole record of gradients, as one vector."""
    with np.errstate(over="ignore"):  # a sum of squares beyond the largest float is inf, and clip_by_norm says so
        squares = [np.sum(np.square(g, dtype=np.float64)) for g in named_arrays(grads).values()]
        return float(np.sqrt(sum(squares)))  # (1)


def clip_by_norm(grads, limit):
    """Gradients no longer than `limit`, and the norm they had before. Raises ValueError unless limit > 0.

    A norm that is not finite cannot be shortened: ValueError names the arrays that hold nan or inf.
    """
    _positive(limit)
    norm = global_norm(grads)
    if not np.isfinite(norm):
        bad = [name for name, g in named_arrays(grads).items() if not np.isfinite(g).all()]
        raise ValueError(
            f"gradients are not finite in {', '.join(bad) or 'their sum of squares'}; lower the learning rate"
        )
    scale = min(1.0, limit / norm) if norm > 0 else 1.0
    return tree_map(lambda g: g * g.dtype.type(scale), grads), norm  # (2)


def clip_by_value(grads, limit):
    """Gradients with every number limited to [-limit, limit]. Raises ValueError unless limit > 0."""
    _positive(limit)
    limit = float(limit)  # a NumPy number would turn float32 into float64
    return tree_map(lambda g: np.clip(g, -limit, limit), grads)  # (3)


def _positive(limit):
    if not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}; 5 is the classic setting for a character RNN")

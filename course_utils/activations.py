"""Activation functions, each with its derivative written in terms of its own output.

    σ(a) = 1 / (1 + exp(-a)) = ½ + ½ tanh(a/2)     σ' = σ (1 - σ)
    tanh(a)                                        tanh' = 1 - tanh²
    relu(a) = max(a, 0)                            relu' = [relu > 0]

The tanh form of σ never overflows and is far faster than one that treats positive and negative numbers apart.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["ACTIVATIONS", "Activation", "sigmoid"]


class Activation(NamedTuple):
    """A function and its derivative; `slope` takes the function's *output*."""

    function: Callable
    slope: Callable


def sigmoid(a):
    """σ(a), any shape; keeps float32 and float64."""
    return 0.5 + 0.5 * np.tanh(0.5 * a)


ACTIVATIONS = {
    "tanh": Activation(np.tanh, lambda y: 1 - y**2),
    "relu": Activation(lambda a: np.maximum(a, 0), np.sign),  # relu's output is never negative, so its sign is 0 or 1
    "identity": Activation(lambda a: a, lambda y: y**0),
    "sigmoid": Activation(sigmoid, lambda y: y * (1 - y)),
}

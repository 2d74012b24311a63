"""Weights, chunks of text and Adagrad's sums, from a seed, for the cases of several exercises."""

import numpy as np

from ...studies.char_rnn import Weights


def network(rng, V, H, scale=0.8, dtype=np.float64):
    """Weights of V tokens and H units, normal numbers times scale."""
    shapes = (V, H), (H, H), (H,), (H, V), (V,)
    return Weights(*((scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes))


def random_chunk(rng, T, B, V, H, dtype=np.float64):
    """Weights, inputs and their targets (T, B), and a state (B, H); no target equals its input."""
    ids = np.cumsum(rng.integers(1, V, (T + 1, B)), axis=0) % V
    return network(rng, V, H, dtype=dtype), ids[:-1], ids[1:], rng.uniform(-0.9, 0.9, (B, H)).astype(dtype)


def sums(rng, w, size):
    """What Adagrad has added up so far: positive numbers of about this size, shaped like the weights w."""
    return Weights(*((size * rng.uniform(0.5, 1.5, a.shape)).astype(a.dtype) for a in w))

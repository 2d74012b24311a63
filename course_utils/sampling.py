"""From scores to a token: the most likely one, or one drawn at random.

    argmax              the index of the largest probability, always the same               (1)
    inverse transform   u ~ U[0, 1), the first index k with F_k = Σ_{j≤k} p_j > u            (2)
    temperature         softmax(a / τ): τ < 1 sharper, τ > 1 flatter, τ → 0 is argmax        (3)
    top-k               all but the k largest scores are set to -∞ before the softmax        (4)

Logits a and probabilities p have shape (..., V); tokens come back with shape (...).
"""

from bisect import bisect_right

import numpy as np

from .losses import softmax

accumulate = np.add.accumulate

__all__ = ["argmax", "draw", "inverse_transform", "sample", "with_temperature", "with_top_k"]


def argmax(scores):
    """The index of the largest score in each row (the first of equals)."""
    return np.argmax(scores, axis=-1)  # (1)


def inverse_transform(p, u):
    """The first index whose cumulative probability exceeds u; p (..., V), u (...) in [0, 1).

    Raises ValueError when p is not a distribution (negative, or not summing to 1 within 1e-5) or u is outside [0, 1).
    """
    p, u = np.asarray(p), np.asarray(u)
    if (p < 0).any() or not np.allclose(p.sum(axis=-1), 1, rtol=0, atol=1e-5):
        raise ValueError("p must be probabilities: not negative, each row summing to 1; are these logits? use softmax")
    if not ((0 <= u) & (u < 1)).all():
        raise ValueError("u must lie in [0, 1); draw it with rng.random()")
    F = np.cumsum(p, axis=-1)
    F = F / F[..., -1:]  # rounding can leave the last sum below u; now it is 1 from the last possible token on
    return np.argmax(F > u[..., None], axis=-1)  # (2)


def with_temperature(logits, tau):
    """Logits at temperature tau > 0; divide, so that a small tau makes the large ones larger."""
    if not tau > 0:
        raise ValueError(f"temperature must be positive, got {tau}; for the most likely token use argmax")
    return np.asarray(logits) / float(tau)  # (3)


def with_top_k(logits, k):
    """Logits with exactly the k largest kept and the others at -inf (of equals, the first are kept)."""
    logits = np.asarray(logits)
    V = logits.shape[-1]
    if not 1 <= k <= V:
        raise ValueError(f"k must lie in 1..{V} (the vocabulary's size), got {k}")
    rank = np.argsort(np.argsort(-logits, axis=-1, kind="stable"), axis=-1)
    return np.where(rank < k, logits, -np.inf)  # (4)


def sample(rng, logits, temperature=1.0, top_k=None):
    """One token drawn from each row of logits (..., V), by inverse transform."""
    logits = with_temperature(logits, temperature)
    if top_k is not None:
        logits = with_top_k(logits, top_k)
    p = softmax(logits.astype(np.float64))
    return inverse_transform(p, rng.random(p.shape[:-1]))


def draw(logits, u):
    """The token that inverse_transform(softmax(logits), u) gives, for one row of logits (V,), in fewer steps.

    Only the sum of exponentials is looked at: where it is out of range, the softmax proper is taken. exp may then have
    overflowed; a caller who draws many sets np.errstate(over="ignore") once.
    """
    F = accumulate(np.exp(logits))
    total = F.item(-1)
    if not 1e-30 < total < 1e30:  # float32 keeps all its digits in between
        return int(inverse_transform(softmax(logits.astype(np.float64)), u))
    # (2), without dividing by the sum; F.data holds Python floats, so that u is not rounded up to 1 as a float32
    return bisect_right(F.data, u * total, 0, len(F) - 1)

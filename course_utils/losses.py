"""Softmax and cross-entropy, in nats, averaged over the tokens that count.

    p = softmax(a) = exp(a - max a) / Σ exp(a - max a)          (1)
    L = -(1/n) Σ_t m_t log p_t[y_t],   n = Σ_t m_t              (2)  m_t = 0 where a token is padding
    ∂L/∂a_t = (m_t / n) (p_t - onehot(y_t))                     (3)

a (..., V) logits; y (...) integer targets; m (...) booleans. Perplexity is exp(L); bits per token are L / ln 2.
"""

import numpy as np

__all__ = ["bits", "cross_entropy", "log_softmax", "perplexity", "softmax"]


def log_softmax(a):
    """Logarithm of the softmax over the last axis, stable for logits of any size."""
    a = np.asarray(a)
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


def softmax(a):
    """Probabilities over the last axis; adding a constant to a row of logits changes nothing."""
    return np.exp(log_softmax(a))  # (1)


def cross_entropy(logits, targets, mask=None):
    """Mean loss in nats per counted token, and its gradient with respect to the logits.

    logits (..., V) floats; targets (...) integers; mask (...) booleans, True where a token counts (default: all).
    Returns (float, array of the logits' shape and dtype). Raises ValueError for shapes that do not fit,
    targets outside 0..V-1, and a mask that counts nothing.
    """
    logits, targets = np.asarray(logits), np.asarray(targets)
    counts = np.ones(targets.shape, bool) if mask is None else np.asarray(mask, bool)
    _check(logits, targets, counts)
    n = counts.sum()
    at = (*np.indices(targets.shape, sparse=True), targets)  # the target's place in its row of logits
    a = logits - logits.max(axis=-1, keepdims=True)
    picked = a[at]
    d = np.exp(a, out=a)
    total = d.sum(axis=-1, keepdims=True)
    loss = -float((picked - np.log(total[..., 0]))[counts].sum() / n)  # (2)
    m = (counts[..., None] / n).astype(d.dtype)
    d *= m / total
    d[at] -= m[..., 0]
    return loss, d  # (3)


def perplexity(nats):
    """exp of a mean loss in nats: the number of equally likely tokens that would be as hard to guess."""
    return float(np.exp(nats))


def bits(nats):
    """A loss in nats, in bits: divide by ln 2. Per character this is the usual bits per character."""
    return float(nats / np.log(2))


def _check(logits, targets, counts):
    V = logits.shape[-1]
    if targets.shape != logits.shape[:-1]:
        raise ValueError(f"targets must have the logits' shape without V, {logits.shape[:-1]}, got {targets.shape}")
    if counts.shape != targets.shape:
        raise ValueError(f"mask must have the targets' shape {targets.shape}, got {counts.shape}")
    if not counts.any():
        raise ValueError("mask counts no token; a mean over nothing is undefined: leave this batch out")
    if not np.issubdtype(targets.dtype, np.integer):
        raise ValueError(f"targets must be integers (token ids), got {targets.dtype}")
    if targets.min() < 0 or targets.max() >= V:
        raise ValueError(f"targets must lie in 0..{V - 1}, got {targets.min()}..{targets.max()}; is V right?")

"""Exponential gates without overflow, for sLSTM and mLSTM: what the two share.

    m = max(log f + m', log i)            (1)  the largest exponent so far
    i = exp(log i - m)                    (2)  at most 1
    f = exp(log f + m' - m)               (3)  at most 1

Everything that the gates write is smaller by exp(m) than it would be without m, numerator and denominator of the output
alike, so m cancels there. Through the maximum the gradient takes the way of the larger side; on a tie, which has
probability zero, all of it goes to log f + m' (torch would halve it).
One limit: the state before the first step is empty and has m = 0, so when log i at the first step lies below log f by
more than floats can hold (some 700; 100 in float32) the output is 0/0.
Source: Beck et al. 2024, eq. 15-17.
"""

import numpy as np

from ..activations import sigmoid

__all__ = ["FORGET", "log_forget", "stabilised", "stabilised_backward"]

FORGET = ("sigmoid", "exp")


def log_forget(forget, a):
    """log f and its slope for f = σ(a) ("sigmoid") or f = exp(a) ("exp")."""
    if forget == "exp":
        return a, np.ones_like(a)
    return -np.logaddexp(0, -a), sigmoid(-a)


def stabilised(log_i, log_f, m_prev):
    """m and the stabilised gates i and f."""
    m = np.maximum(log_f + m_prev, log_i)  # (1)
    return m, np.exp(log_i - m), np.exp(log_f + m_prev - m)  # (2), (3)


def stabilised_backward(dm, di, df, i, f):
    """∂L/∂log i and ∂L/∂(log f + m'), given the gradients of m, i and f; exactly one of i and f is 1."""
    d_log_i, d_log_f = di * i, df * f
    dm = dm - d_log_i - d_log_f
    kept = f == 1
    return d_log_i + np.where(kept, 0, dm), d_log_f + np.where(kept, dm, 0)

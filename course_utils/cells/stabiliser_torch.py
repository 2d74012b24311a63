"""Exponential gates without overflow in torch; see stabiliser.py.

m = max(log f + m', log i)            (1)
i = exp(log i - m)                    (2)
f = exp(log f + m' - m)               (3)
"""

import torch

__all__ = ["log_forget", "stabilised"]


def log_forget(forget, a):
    """log f and its slope for f = σ(a) ("sigmoid") or f = exp(a) ("exp")."""
    if forget == "exp":
        return a, torch.ones_like(a)
    return torch.nn.functional.logsigmoid(a), torch.sigmoid(-a)


def stabilised(log_i, log_f, m_prev):
    """m and the stabilised gates i and f."""
    m = torch.maximum(log_f + m_prev, log_i)  # (1)
    return m, torch.exp(log_i - m), torch.exp(log_f + m_prev - m)  # (2), (3)

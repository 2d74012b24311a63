"""The associative scan of scan.py in torch, on any device.

    h_t = a_t ⊙ h_{t-1} + b_t                                   (1)

The tree of scan.py with two steps to a block, as one autograd function: the way back is the same scan read from the
end, so autograd keeps a and h and none of the tree. Same letters and numbers as scan.py.
"""

import torch

__all__ = ["log_scan", "scan"]


def scan(a, b, h0=None):
    """All h_t (T, ...) of h_t = a_t ⊙ h_{t-1} + b_t at once. a (broadcasts against b), b (T, ...), h0 (...) or None."""
    if a.dim() != b.dim() or b.dim() == 0 or len(a) != len(b) or len(b) == 0:
        raise ValueError(f"a and b must be (T, ...) with T at least 1; got {tuple(a.shape)}, {tuple(b.shape)}")
    if h0 is not None:
        b = torch.cat([(a[0] * h0 + b[0])[None], b[1:]])
    return _Scan.apply(a, b)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        h = _scan(a, b)
        ctx.save_for_backward(a, h)
        return h

    @staticmethod
    def backward(ctx, dh):
        a, h = ctx.saved_tensors
        a_next = torch.cat([a[1:], torch.zeros_like(a[:1])]).conj()
        g = _scan(a_next.flip(0), dh.flip(0)).flip(0)  # (7)
        h_prev = torch.cat([torch.zeros_like(h[:1]), h[:-1]])
        return (g * h_prev.conj()).sum_to_size(a.shape), g  # (8)


def _scan(a, b):
    T = len(b)
    if T == 1:
        return b.clone()
    left, right = slice(0, T - 1, 2), slice(1, T, 2)
    odd = _scan(a[right] * a[left], torch.addcmul(b[right], a[right], b[left]))  # (3), (4)
    h = torch.empty_like(b)
    h[right], h[0] = odd, b[0]
    h[2::2] = torch.addcmul(b[2::2], a[2::2], odd[: (T - 1) // 2])  # (5)
    return h


def log_scan(log_a, log_b, log_h0=None):
    """log h_t of the recurrence with positive a, b, h0 from their logarithms, all (T, ...); log_h0 None for h_0 = 0."""
    log_a, log_b = torch.broadcast_tensors(log_a, log_b)
    S = log_a.cumsum(0)
    terms = log_b - S
    if log_h0 is not None:
        terms = torch.cat([torch.logaddexp(terms[:1], log_h0[None]), terms[1:]])
    return S + terms.logcumsumexp(0)  # (6)

"""The linear recurrence over time without a step loop: an associative scan.

    h_t = a_t ⊙ h_{t-1} + b_t                                   (1)  the recurrence, h_0 given or zero
    (a, b) ∘ (a', b') = (a ⊙ a', a ⊙ b' + b)                    (2)  two steps are one step of the same form
    h_{2k+1}: the recurrence (1) over the T/2 pairs of (2)      (3)  up: half as long, solved by the same rule
    h_{2k} = a_{2k} ⊙ h_{2k-1} + b_{2k}                         (4)  down: one step fills the places between
    log h_t = A_t + log Σ_{s≤t} exp(log b_s - A_s),  A = Σ log a (5)  for positive a and b only

    g_t = ∂L/∂h_t + a_{t+1} ⊙ g_{t+1}                           (6)  the same recurrence, read from the end
    ∂L/∂a_t = g_t ⊙ h_{t-1},  ∂L/∂b_t = g_t,  ∂L/∂h_0 = a_1 ⊙ g_1    (7)

A step here is a pair (a_t, b_t), and (2) is associative, so pairs may be merged in any order: (3) and (4) do about 2T steps of
work (the loop does T) in 2 log2 T rounds, and a round is one operation on arrays. T need not be a power of two.
Arrays are time-major (T, ...), real or complex; a may broadcast against b. Complex gradients follow torch: the
gradient of z = x + iy is ∂L/∂x + i ∂L/∂y, which puts the conjugates of a and h into (6) and (7).

`scan` has relative errors of rounding only (below 1e-6 in float32 at T = 8,192). `log_scan` subtracts sums A that grow
with T, so it loses digits with it: relative errors of some 1e-4 in float32 at T = 8,192, 1e-12 in float64.
Sources: Blelloch 1990, section 1.4; (5) Heinsen 2023; (6) Martin and Cundy 2018.
"""

import numpy as np

__all__ = ["log_scan", "loop", "scan", "scan_backward"]


def loop(a, b, h0=None):
    """The recurrence (1) as it is written, one step after the other: what `scan` must equal."""
    a, b, h0 = _checked(a, b, h0)
    h = np.empty_like(b)
    for t in range(len(b)):
        h0 = h[t] = a[t] * h0 + b[t]  # (1)
    return h


def scan(a, b, h0=None):
    """All h_t (T, ...) of h_t = a_t ⊙ h_{t-1} + b_t at once. a, b (T, ...), h0 (...) or None for zero.

    >>> scan(np.array([2.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 7.])

    Raises ValueError for shapes or dtypes that do not fit.
    """
    a, b, h0 = _checked(a, b, h0)
    if h0.any():
        b = np.concatenate([(a[0] * h0 + b[0])[None], b[1:]])
    return _scan(a, b)


def _scan(a, b):
    T = len(b)
    if T == 1:
        return b.copy()
    h = np.empty_like(b)
    left, right = slice(0, T - 1, 2), slice(1, T, 2)
    merged = a[right] * b[left]
    merged += b[right]  # (2)
    h[right] = odd = _scan(a[right] * a[left], merged)  # (3)
    h[0] = b[0]
    even = h[2::2]
    np.multiply(a[2::2], odd[: len(even)], out=even)
    even += b[2::2]  # (4)
    return h


def scan_backward(a, h, dh, h0=None):
    """∂L/∂a, ∂L/∂b, ∂L/∂h0, given h = scan(a, b, h0) and dh (T, ...) = ∂L/∂h_t as it comes from outside."""
    a, dh, h0 = _checked(a, dh, h0, "dh")
    if np.shape(h) != dh.shape:
        raise ValueError(f"h must have the shape of dh, {dh.shape}, got {np.shape(h)}; give what scan returned")
    a_next = np.concatenate([a[1:], np.zeros_like(a[:1])]).conj()
    g = _scan(a_next[::-1], dh[::-1])[::-1]  # (6)
    h_prev = np.concatenate([h0[None], h[:-1]])
    return _summed(g * h_prev.conj(), a.shape), g, a[0].conj() * g[0]  # (7)


def log_scan(log_a, log_b, log_h0=None):
    """log h_t of the recurrence with positive a, b, h0 from their logarithms, all (T, ...); log_h0 None for h_0 = 0."""
    log_a, log_b = np.broadcast_arrays(log_a, log_b)
    A = np.cumsum(log_a, axis=0)
    terms = log_b - A
    if log_h0 is not None:
        terms = np.concatenate([np.logaddexp(terms[:1], log_h0), terms[1:]])
    return A + np.logaddexp.accumulate(terms, axis=0)  # (5)


def _summed(da, shape):
    """The gradient of an array that was broadcast: summed over the axes along which it was repeated."""
    repeated = tuple(k for k, n in enumerate(shape) if n == 1 and da.shape[k] > 1)
    return da.sum(axis=repeated, keepdims=True) if repeated else da


def _checked(a, b, h0, name="b"):
    a, b = np.asarray(a), np.asarray(b)
    fits = a.ndim == b.ndim and b.ndim > 0 and len(a) == len(b) > 0
    if not fits or any(n not in (1, m) for n, m in zip(a.shape, b.shape, strict=True)):
        raise ValueError(
            f"a and {name} must be (T, ...) with T at least 1, a broadcasting to {name}; got {a.shape}, {b.shape}"
        )
    h0 = np.zeros_like(b[0]) if h0 is None else np.asarray(h0)
    if h0.shape != b.shape[1:]:
        raise ValueError(f"h0 must have the shape of one step of {name}, {b.shape[1:]}, got {h0.shape}")
    if not a.dtype == b.dtype == h0.dtype:
        raise ValueError(
            f"a, {name} and h0 must have one dtype, got {a.dtype}, {b.dtype}, {h0.dtype}; use .astype(...)"
        )
    return a, b, h0

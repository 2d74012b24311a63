"""The linear recurrence over time without a step loop: an associative scan.

    h_t = a_t ⊙ h_{t-1} + b_t                                   (1)  the recurrence, h_0 given or zero
    (a, b) ∘ (a', b') = (a ⊙ a', a ⊙ b' + b)                    (2)  two steps merge into one of the same form
    (A, B)_k = (a, b)_last ∘ ... ∘ (a, b)_first                 (3)  up: each block of steps becomes one step, ...
    H_k = A_k ⊙ H_{k-1} + B_k                                   (4)  ... the blocks are (1) again, and shorter, ...
    h_j = a_j ⊙ h_{j-1} + b_j from H_{k-1}                      (5)  ... down: and (1) runs in all blocks at once
    log h_t = S_t + log Σ_{s≤t} exp(log b_s - S_s),  S = Σ log a (6)  for positive a and b only

    g_t = ∂L/∂h_t + a_{t+1} ⊙ g_{t+1}                           (7)  the same recurrence, read from the end
    ∂L/∂a_t = g_t ⊙ h_{t-1},  ∂L/∂b_t = g_t,  ∂L/∂h_0 = a_1 ⊙ g_1    (8)

A step here is a pair (a_t, b_t). Merging (2) is associative, so any grouping is right, and all blocks are worked on at
once: an operation serves T / WIDTH steps. With two steps to a block this is Blelloch's tree (scan_torch.py); wider
blocks make a flatter tree. Either way the work grows with T and the rounds with log T; T may be any length. Arrays are
time-major (T, ...), real or complex; a may broadcast against b. Complex gradients follow torch: that of z = x + iy is
∂L/∂x + i ∂L/∂y, which puts the conjugates of a and h into (7) and (8).

What it gains depends on how small a step is: measured on one core at T = 8,192 in float32 it took less than a tenth of
the loop's time with 64 numbers to a step, and as long as the loop with 2,048, where reading memory is all of the work.
`scan` is as exact as the loop (relative error below 1e-6 in float32 at T = 8,192). `log_scan` subtracts sums S that grow
with T and loses digits: relative errors near 1e-3 in float32 at T = 8,192, 1e-12 in float64.
Sources: Blelloch 1990, section 1.4; (6) Heinsen 2023; (7) Martin and Cundy 2018.
"""

import numpy as np

__all__ = ["log_scan", "loop", "reversed_scan", "scan", "scan_backward"]

WIDTH = 16  # steps to a block
PIECE = 2**19  # numbers in the arrays that are worked on at once: they should stay in the processor's cache


def loop(a, b, h0=None):
    """The recurrence (1) as it is written, one step after the other: what `scan` must equal."""
    a, b, h0 = _checked(a, b, h0)
    return _steps(a, b, h0, np.empty_like(b))


def scan(a, b, h0=None):
    """All h_t (T, ...) of h_t = a_t ⊙ h_{t-1} + b_t at once. a, b (T, ...), h0 (...) or None for zero.

    >>> scan(np.array([2.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 7.])

    Raises ValueError for shapes or dtypes that do not fit.
    """
    return _scan(*_checked(a, b, h0))


def _scan(a, b, h0):
    h, piece = np.empty_like(b), max(WIDTH**2, PIECE // max(b[0].size, 1))
    for start in range(0, len(b), piece):
        now = slice(start, start + piece)
        h0 = _tree(a[now], b[now], h0, h[now])[-1]
    return h


def _tree(a, b, h0, h):
    K = len(b) // WIDTH
    if K < 4:  # the rounds of a small tree cost as much as its steps
        return _steps(a, b, h0, h)
    a_at, b_at = _blocks(a, K).copy(), _blocks(b, K).copy()  # (WIDTH, K, ...): a round is one contiguous operation
    A, B = np.multiply.reduce(a_at, axis=0), b_at[0].copy()
    for j in range(1, WIDTH):
        B *= a_at[j]
        B += b_at[j]  # (3)
    ends = _tree(A, B, h0, np.empty_like(B))  # (4)
    h_at, h_prev = _blocks(h, K), np.concatenate([h0[None], ends[:-1]])
    for j in range(WIDTH):
        h_prev *= a_at[j]
        h_prev += b_at[j]
        h_at[j] = h_prev  # (5)
    _steps(a[K * WIDTH :], b[K * WIDTH :], ends[-1], h[K * WIDTH :])
    return h


def _blocks(a, K):
    """A view of the first K blocks of WIDTH steps, the step of the block first: (WIDTH, K, ...)."""
    return a[: K * WIDTH].reshape(K, WIDTH, *a.shape[1:]).swapaxes(0, 1)


def _steps(a, b, h_prev, h):
    for t in range(len(b)):
        h_prev = h[t] = a[t] * h_prev + b[t]  # (1)
    return h


def scan_backward(a, h, dh, h0=None):
    """∂L/∂a, ∂L/∂b, ∂L/∂h0, given h = scan(a, b, h0) and dh (T, ...) = ∂L/∂h_t as it comes from outside."""
    a, dh, h0 = _checked(a, dh, h0, "dh")
    if np.shape(h) != dh.shape:
        raise ValueError(f"h must have the shape of dh, {dh.shape}, got {np.shape(h)}; give what scan returned")
    g = reversed_scan(a, dh)
    h_prev = np.concatenate([h0[None], h[:-1]])
    return _summed(g * h_prev.conj(), a.shape), g, a[0].conj() * g[0]  # (8)


def reversed_scan(a, dh):
    """g_t (T, ...), the gradient of h_t along every way to the loss, given dh_t, the one that does not pass h_{t+1}."""
    a, dh, zero = _checked(a, dh, None, "dh")
    a_next = np.concatenate([a[1:], np.zeros_like(a[:1])]).conj()
    return _scan(a_next[::-1], dh[::-1], zero)[::-1]  # (7)


def log_scan(log_a, log_b, log_h0=None):
    """log h_t of the recurrence with positive a, b, h0 from their logarithms, all (T, ...); log_h0 None for h_0 = 0.

    b and h0 may be zero (-inf), a may not.
    """
    log_a, log_b = np.broadcast_arrays(log_a, log_b)
    S = np.cumsum(log_a, axis=0)
    terms = log_b - S
    if log_h0 is not None:
        terms = np.concatenate([np.logaddexp(terms[:1], log_h0), terms[1:]])
    return S + np.logaddexp.accumulate(terms, axis=0)  # (6)


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

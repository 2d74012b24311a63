"""Three ways to get a derivative from function values, and how far off each is for a given step size ε.

    forward   (L(w + ε) - L(w)) / ε              error of order ε
    central   (L(w + ε) - L(w - ε)) / 2ε         error of order ε²
    complex   Im L(w + iε) / ε                   error of order ε², and nothing is subtracted

The first two subtract numbers that are almost equal, and so lose digits when ε is small: rounding contributes about
|L| · 1e-16 / ε in float64, |L| · 6e-8 / ε in float32. The third needs a loss made of functions that also take complex
numbers. Source of the complex step: Squire and Trapp 1998.
"""

import numpy as np

__all__ = ["SCHEMES", "error", "estimate"]

SCHEMES = ("forward", "central", "complex")


def estimate(loss, w, eps, scheme="central", dtype=np.float64):
    """The gradient of loss(w) by differences, entry by entry: an array like w. The loss gets arrays of `dtype`.

    Raises ValueError for an unknown scheme and for an ε that is not above 0.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
    if not eps > 0:
        raise ValueError(f"eps must be above 0, got {eps!r}")
    w, found = np.array(w, dtype), np.empty(np.shape(w))
    for k in np.ndindex(*w.shape):
        found[k] = _one(lambda by, k=k: loss(_moved(w, k, by)), eps, scheme)
    return found


def error(loss, w, exact, eps, scheme="central", dtype=np.float64):
    """How far the estimate is from the exact gradient, as a share of its size: ‖n - a‖ / ‖a‖."""
    return float(np.linalg.norm(estimate(loss, w, eps, scheme, dtype) - exact) / np.linalg.norm(exact))


def _one(at, eps, scheme):
    if scheme == "complex":
        return at(1j * eps).imag / eps
    low, width = (0.0, eps) if scheme == "forward" else (-eps, 2 * eps)
    return (float(at(eps)) - float(at(low))) / width


def _moved(w, k, by):
    w = w.astype(np.complex128) if isinstance(by, complex) else w.copy()
    w[k] += by
    return w

"""Is a gradient right? Compare it with central differences, number by number.

    ∂L/∂w ≈ (L(w + ε) - L(w - ε)) / 2ε                 (1)  error O(ε²), until rounding takes over
    relative error = |a - n| / max(|a| + |n|, floor)   (2)  a the gradient under test, n the number from (1)

In float64 with ε = 1e-5, a right gradient shows errors around 1e-8 and a wrong one around 1e-2 and more. A kink (ReLU at
zero) inside ±ε can fail a right gradient. Rounding leaves n uncertain by about 1e-11 |L|, so for a gradient far below
`floor` (2) would divide noise by noise; there the error is measured against `floor` (give more for losses in the 100s).
"""

from typing import NamedTuple

import numpy as np

from .params import named_arrays, tree_map

__all__ = ["Check", "Report", "central_difference", "gradient_check"]


class Check(NamedTuple):
    """The worst entry of one array: where it is, the gradient given there, the numerical one, and their relative error."""

    name: str
    worst: tuple
    given: float
    numerical: float
    error: float


class Report(NamedTuple):
    """One Check per array, and the tolerance they are held to."""

    checks: tuple
    tolerance: float

    @property
    def ok(self):
        return all(c.error <= self.tolerance for c in self.checks)

    @property
    def error(self):
        return max(c.error for c in self.checks)

    def __str__(self):
        lines = [f"{'':2}{'array':<12}{'relative error':>15}   worst entry"]
        for c in self.checks:
            mark, where = "✓" if c.error <= self.tolerance else "✗", list(map(int, c.worst))
            lines.append(
                f"{mark} {c.name:<12}{c.error:>15.1e}   {where}: given {c.given:.6g}, numerical {c.numerical:.6g}"
            )
        return "\n".join(lines)


def gradient_check(loss, params, grads, *, eps=1e-5, tolerance=1e-6, floor=1e-4, entries=None, rng=None):
    """Compare grads with central differences of loss(params), for every array of the record.

    loss: a function from the record of parameters to a float; it must not change them. params, grads: records of the
    same form in float64. entries: how many entries to try per array, drawn by rng (default: all). Returns a Report.
    Raises TypeError for parameters that are not float64 and ValueError for gradients of another shape.
    """
    _check(params, grads)
    given = named_arrays(grads)
    checks = []
    for name, w in named_arrays(params).items():
        where = _entries(w.shape, entries, rng)
        a = np.array([given[name][k] for k in where])
        n = np.array([central_difference(loss, params, name, k, eps) for k in where])
        error = _relative_error(a, n, floor)
        worst = int(np.argmax(error))
        checks.append(Check(name, where[worst], float(a[worst]), float(n[worst]), float(error[worst])))
    return Report(tuple(checks), tolerance)


def central_difference(loss, params, name, entry, eps=1e-5):
    """The numerical derivative (1) of loss with respect to one entry of the array called `name` ("cell.W_hh")."""

    def moved(by):
        copies = tree_map(np.array, params)
        named_arrays(copies)[name][entry] += by
        return float(loss(copies))

    return (moved(eps) - moved(-eps)) / (2 * eps)  # (1)


def _relative_error(a, n, floor):
    finite = np.isfinite(a) & np.isfinite(n)
    a, n = np.where(finite, a, 0), np.where(finite, n, 0)
    return np.where(finite, np.abs(a - n) / np.maximum(np.abs(a) + np.abs(n), floor), np.inf)  # (2)


def _entries(shape, entries, rng):
    every = list(np.ndindex(*shape))
    if entries is None or entries >= len(every):
        return every
    if rng is None:
        raise ValueError("entries asks for a random choice: give rng=np.random.default_rng(seed)")
    return [every[k] for k in rng.choice(len(every), entries, replace=False)]


def _check(params, grads):
    given = named_arrays(grads)
    for name, w in named_arrays(params).items():
        if w.dtype != np.float64:
            raise TypeError(f"{name} is {w.dtype}; differences need float64: params.as_dtype(params, np.float64)")
        if name not in given or np.shape(given[name]) != w.shape:
            found = np.shape(given[name]) if name in given else "nothing"
            raise ValueError(f"the gradient of {name} must have shape {w.shape}, got {found}")

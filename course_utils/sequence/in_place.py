"""Changes to calls that a tape has recorded: results written where they are wanted at once, products called more shortly.

A call is a pair (function, arguments); its last argument is the array that it writes. What is moved must be read by
nobody outside the calls given.
"""

import numpy as np

__all__ = ["Stack", "bound", "copy_all", "move", "nothing", "same", "side_by_side", "summed_rows", "touches"]


def side_by_side(function, arguments):
    """One row times a stack of matrices (G, H, H) as a product with the matrices side by side, (H, G·H)."""
    if function is not np.matmul or arguments[1].ndim != 3 or arguments[0].ndim != 2 or len(arguments[0]) != 1:
        return function, arguments
    row, stack, out = arguments
    wide = np.ascontiguousarray(stack.transpose(1, 0, 2)).reshape(stack.shape[1], -1)
    return (function, (row, wide, out.reshape(1, -1))) if out.flags.c_contiguous else (function, arguments)


def bound(function, arguments):
    if function is np.matmul and arguments[0].ndim == arguments[1].ndim == 2 and arguments[2].flags.c_contiguous:
        return arguments[0].dot, arguments[1:]
    return function, arguments


def summed_rows(calls, results):
    """The calls with each product of a stack of single rows (G, 1, H) and its sum over the stack as one longer product.

    `results` are the arrays that must hold what they hold now when all is done.
    """
    found, k = [], 0
    while k < len(calls):
        shorter = _summed(calls, k, results)
        found += shorter or [calls[k]]
        k += 2 if shorter else 1
    return found


def _summed(calls, k, results):
    """Two shorter calls that do what calls k and k + 1 do, or None if these are something else."""
    function, (rows, *_, products) = calls[k]
    if function is not np.matmul or rows.ndim != 3 or rows.shape[1] != 1 or k + 1 == len(calls):
        return None
    stack, (then, (*summed, total)) = calls[k][1][1], calls[k + 1]
    if not hasattr(then, "sums_stack") or not same(summed[0], products) or not stack.flags.c_contiguous:
        return None
    if _read_later(products, calls[k + 2 :]) or any(touches(a, products) for a in results):
        return None
    row = np.empty((1, rows.size), rows.dtype)
    return [(copy_all, (rows, row.reshape(rows.shape))), (row.dot, (stack.reshape(-1, stack.shape[-1]), total))]


def _read_later(array, calls):
    for _, arguments in calls:
        if any(touches(a, array) for a in arguments[:-1]):
            return True
        if same(arguments[-1], array):
            return False
    return False


def copy_all(*parts_and_places):
    for part, place in zip(parts_and_places[::2], parts_and_places[1::2], strict=True):
        np.copyto(place, part)


def nothing():
    """In place of a stack whose parts all write themselves."""


def move(before, calls, part, place, needed):
    """Have the call that writes `part` write to `place`; False if that would change what others see."""
    if part.shape != place.shape or part.dtype != place.dtype or any(np.may_share_memory(part, a) for a in needed):
        return False
    writer = next((k for k, (_, arguments) in enumerate(before) if arguments and same(arguments[-1], part)), None)
    users = [k for k, (_, arguments) in enumerate(calls) if any(touches(a, part) for a in arguments)]
    exact = all(same(a, part) for k in users for a in calls[k][1] if touches(a, part))
    if writer is None or users[0] != writer or not exact:
        return False
    for k in users:
        function, arguments = calls[k]
        calls[k] = (function, tuple(place if touches(a, part) else a for a in arguments))
    return True


def touches(a, part):
    return isinstance(a, np.ndarray) and np.may_share_memory(a, part)


def same(a, part):
    return (
        touches(a, part) and a.shape == part.shape and a.strides == part.strides and a.ctypes.data == part.ctypes.data
    )


class Stack:
    """np.stack into an array that is there."""

    def __init__(self, axis):
        self.axis = axis

    def places(self, out):
        """Where each part goes: views of out."""
        return list(np.moveaxis(out, self.axis, 0))

    def __call__(self, *arrays):
        *parts, out = arrays
        for part, place in zip(parts, self.places(out), strict=True):
            np.copyto(place, part)

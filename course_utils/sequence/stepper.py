"""A cell one step at a time, token after token, each step in the same memory: for text that is written as it is read.

    stepper = Stepper(cell, p, x, state)      x: the rows (V, D) that tokens stand for, or OneHot ones
    h = stepper.step(token)                   h (H + 1,), overwritten by the next step; its last number is 1, for a bias

The step is a tape that writes the new state over the old one; each token has a copy of it that reads the token's row of
`project`.
Raises NotRecordable for a cell whose step cannot be repeated from a tape.
"""

import numpy as np

from ..params import named_arrays, tree_map
from .in_place import touches
from .tape import NotRecordable, Tape

__all__ = ["Stepper"]


class Stepper:
    """One sequence of one cell, from `state` on (a State of one row)."""

    def __init__(self, cell, p, x, state):
        u = cell.project(p, x)
        self.u = tree_map(lambda a: np.zeros((*a.shape[:-2], 1, a.shape[-1]), a.dtype), u)
        self.h_and_one = np.ones(state.h.shape[1] + 1, state.h.dtype)
        self.state = tree_map(np.array, state)._replace(h=self.h_and_one[None, :-1])
        self._calls, self._calls_of = self._record(cell, p), {}
        self._inputs = list(zip(*map(_by_token, _leaves(u)), strict=True))
        self._compare_with_plain(cell, p, len(self._inputs) - 1)
        tree_map(np.copyto, self.state, state)

    def step(self, token):
        """h and a 1 (H + 1,) after one more token."""
        for function, arguments in self._calls_of.get(token) or self._for(token):
            function(*arguments)
        return self.h_and_one

    def _for(self, token):
        """The tape's calls with the token's row in place of u; kept for the next time."""
        rooms = list(zip(_leaves(self.u), self._inputs[token], strict=True))
        calls = [(function, tuple(_instead(a, rooms) for a in arguments)) for function, arguments in self._calls]
        return self._calls_of.setdefault(token, calls)

    def _record(self, cell, p):
        tape = Tape()
        constants = tree_map(lambda a: tape.reading(a, constant=True), p)
        after, _ = cell.step(constants, tree_map(tape.reading, self.u), tree_map(tape.reading, self.state))
        tape.settle(0, after)
        for place, new in zip(self.state, after, strict=True):
            tape.write_over(place, new)
        tape.copies.clear()  # the parameters stay what they are
        tape.bind(self.state, fixed=True)
        return tape.calls

    def _compare_with_plain(self, cell, p, token):
        for _ in range(2):
            before = tree_map(np.array, self.state)
            self.step(token)
            rows = iter(self._inputs[token])
            expected, _ = cell.step(p, tree_map(lambda _: next(rows), self.u), before)  # noqa: B023 - used at once
            for a, b in zip(expected, self.state, strict=True):
                if not np.allclose(a, b, rtol=1e-4, atol=1e-5):
                    raise NotRecordable(f"{cell}: the tape computes something else than the cell")


def _instead(array, rooms):
    """The array, or the same part of a token's row if it is a part of the room for such."""
    for room, row in rooms:
        if touches(array, room):
            offset = array.ctypes.data - room.ctypes.data
            return np.ndarray(array.shape, array.dtype, row.data, offset, array.strides)
    return array


def _by_token(a):
    """Rows (..., V, H) as a list of V arrays (..., 1, H), each in one piece."""
    return list(np.ascontiguousarray(np.moveaxis(a, -2, 0)[..., None, :]))


def _leaves(record):
    return list(named_arrays(record).values())

"""What the way back takes from the trace alone, worked out for several steps in one operation.

A slope such as i ⊙ (1 - i) waits for no gradient, so it need not be worked out step by step. `independent` finds such
operations of a recorded step; a Block takes them out of its steps and does each once for all steps of the block, before
the first of them. As many steps make a block as fit into the processor's cache together: for large steps that is one,
and nothing is gained; for small ones a call for each step is saved.
"""

import numpy as np

from .in_place import touches

__all__ = ["Block", "independent", "steps_at_once"]

CACHE = 2**18  # bytes for the results of one block's operations


def independent(tape, given):
    """Numbers of the elementwise operations on `tape` that depend on the arrays `given` alone."""
    found, known = set(), list(given)
    for k, (function, arguments) in enumerate(tape.calls):
        arrays = [a for a in arguments[:-1] if np.ndim(a)]
        elementwise = function is not np.matmul and (isinstance(function, np.ufunc) or hasattr(function, "elementwise"))
        if elementwise and arrays and all(any(touches(a, b) for b in known) for a in arrays):
            found.add(k)
            known.append(arguments[-1])
    return found


def steps_at_once(tape, operations, T):
    """How many of T steps make a block."""
    size = sum(tape.outputs[k].nbytes for k in operations)
    return max(1, min(T, CACHE // size)) if size else 1


class Block:
    """Consecutive steps on a tape, recorded one by one, whose independent operations are done together."""

    def __init__(self, operations, tape):
        self.operations, self.tape, self.start, self.steps = sorted(operations), tape, len(tape.calls), []

    def take(self, start):
        """Take the operations of the step that begins with call `start` off the tape."""
        calls = self.tape.calls[start:]
        self.steps.append([calls[k] for k in self.operations])
        self.tape.calls[start:] = [call for k, call in enumerate(calls) if k not in self.operations]

    def close(self):
        """Put the operations of all steps taken so far in front of them, each as one; the next block begins here."""
        self.tape.calls[self.start : self.start] = [together(calls) for calls in zip(*self.steps, strict=True)]
        self.start, self.steps = len(self.tape.calls), []


def together(calls):
    """One call that does what equal calls of several steps do; each argument of theirs lies at a constant distance."""
    (function, first), n = calls[0], calls[0][1][-1].ndim
    return function, tuple(_over_steps([arguments[k] for _, arguments in calls], n) for k in range(len(first)))


def _over_steps(arrays, n):
    """Equal arrays of at most n axes as one with the steps on a first axis; one array if all are the same."""
    first = arrays[0]
    if not np.ndim(first) or all(a.ctypes.data == first.ctypes.data for a in arrays):
        return first
    distance = arrays[1].ctypes.data - first.ctypes.data
    shape = (len(arrays), *[1] * (n - first.ndim), *first.shape)
    return np.lib.stride_tricks.as_strided(first, shape, (distance, *[0] * (n - first.ndim), *first.strides))

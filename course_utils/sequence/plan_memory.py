"""Memory for operations that are repeated step by step: what must be kept has a place for each step, the rest share one."""

import numpy as np

__all__ = ["Memory"]


class Memory:
    """Where the k-th operation of a step writes: results that are kept have a place for each step, others share one.

    Those of `early` operations have a place for each of the `at_once` steps for which they are worked out together.
    """

    def __init__(self, kept, T, axis, turns=1, spare=(), early=(), at_once=1):
        self.kept, self.T, self.axis, self.turns, self.spare = kept, T, axis, turns, list(spare)
        self.early, self.at_once = early, at_once
        self.stacks, self.scratch, self.t, self.start = {}, {}, 0, 0

    def begin(self, t, tape):
        """The operations from here on belong to step t. Returns the number of the first call."""
        self.t, self.start = t, len(tape.outputs)
        return len(tape.calls)

    def allocate(self, k, shape, dtype):
        k -= self.start
        if k in self.kept:
            return self.of(k, self.t, np.empty(shape, dtype))
        if k in self.early:
            return self.scratch.setdefault(k, np.empty((self.at_once, *shape), dtype))[self.t % self.at_once]
        place = (k, self.t % self.turns)  # a state's gradient is read while the next is written: two take turns
        return self.scratch.setdefault(place, np.empty(shape, dtype))

    def of(self, k, t, like):
        """Step t's place for operation k's result, of the shape of `like`."""
        if k not in self.stacks:
            at = len(like.shape) + 1 + self.axis if self.axis < 0 else self.axis
            self.stacks[k] = self._room((*like.shape[:at], self.T, *like.shape[at:]), like.dtype)
        return np.moveaxis(self.stacks[k], self.axis, 0)[t]

    def _room(self, shape, dtype):
        for k, a in enumerate(self.spare):
            if a.shape == shape and a.dtype == dtype:
                return self.spare.pop(k)
        return np.zeros(shape, dtype)

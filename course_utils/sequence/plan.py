"""A training step's share of a recurrent cell, planned once for T steps of B sequences and run many times.

    plan = Plan(cell, p, T, B)
    run = plan.forward(p, x, state)          as sequence.forward, in memory that the plan keeps
    back = plan.backward(x, dh)              as sequence.backward

The result equals that of `course_utils.sequence`, operation by operation; it is faster because all memory is laid out
beforehand and no step makes an array. The arrays of a Run belong to the plan: the next `forward` writes over them.
A plan for two steps is first compared with the plain computation on random numbers; NotRecordable is raised if it differs.
"""

import itertools

import numpy as np

from ..params import named_arrays, tree_map
from . import ahead, loop
from .plan_memory import Memory
from .tape import NotRecordable, Tape

__all__ = ["Plan", "Plans"]


class Plans:
    """Plans of one cell by size, the last few of them; a cell that cannot be planned runs plainly.

    A plan takes as long to make as some twenty plain runs, so it is made for a size that comes a second time.
    """

    def __init__(self, cell, most=4):
        self.cell, self.most, self.plans, self.seen = cell, most, {}, set()

    def of(self, p, x):
        """A Plan, or a _Plain with the same two methods, for the sizes of x (T, B, ...) and the dtype of p."""
        key = (*np.shape(x)[:2], self.cell.sizes(p), p[0].dtype)
        if key not in self.seen:
            self.seen.add(key)
            return _Plain(self.cell)
        if key not in self.plans:
            while len(self.plans) >= self.most:
                del self.plans[next(iter(self.plans))]
            try:
                self.plans[key] = Plan(self.cell, p, *key[:2])
            except NotRecordable:
                self.plans[key] = _Plain(self.cell)
        return self.plans[key]


class _Plain:
    """The plain computation behind the interface of a Plan."""

    def __init__(self, cell):
        self.cell = cell

    def forward(self, p, x, state=None):
        self.p, self.run = p, loop.forward(self.cell, p, x, state)
        return self.run

    def backward(self, x, dh, d_last=None):
        return loop.backward(self.cell, self.p, x, self.run, dh, d_last)


class Plan:
    """Memory and operations for T steps of B sequences of one cell; p gives sizes and dtype, not values."""

    def __init__(self, cell, p, T, B, checked=False):
        if not checked:
            _compare_with_plain(cell, p, B)
        self.cell, self.T, self.B = cell, T, B
        self.p = tree_map(np.array, p)
        self.u = self._room_for_inputs()
        self._lay_out_forward()
        self._lay_out_backward()

    def forward(self, p, x, state=None):
        """A Run whose arrays are the plan's own. Raises as sequence.forward does, and for another T or B."""
        x = loop.checked_input(self.cell, p, x)
        if x.shape[:2] != (self.T, self.B):
            raise ValueError(f"this plan is for T, B = {self.T}, {self.B}, got x of shape {x.shape}")
        tree_map(np.copyto, self.p, p)
        self._project(x)
        first = self.cell.zero_state(p, self.B) if state is None else loop.checked_state(self.cell, p, state, self.B)
        tree_map(np.copyto, self.first, first)
        self._forward.replay()
        return self.run

    def backward(self, x, dh, d_last=None):
        """Gradients for the last forward; dh (T, B, H) as in sequence.backward. The arrays returned are new."""
        zero = self.cell.zero_state(self.p, self.B)
        np.copyto(self.dh, loop.checked_gradient(np.asarray(x), self.run, dh))
        tree_map(np.copyto, self.d_last, zero if d_last is None else d_last)
        self._backward.replay()
        rows = loop.rows(self.cell, self.p, np.asarray(x))
        back = loop.gradients(self.cell, self.p, rows, self.run.trace, self.grad, x)
        return loop.Gradients(back[0], back[1], tree_map(np.array, self.d_first))

    def _room_for_inputs(self):
        D, _ = self.cell.sizes(self.p)
        one = self.cell.project(self.p, np.zeros((1, D), self.p[0].dtype))
        return tree_map(lambda a: np.zeros((*a.shape[:-2], self.T, self.B, a.shape[-1]), a.dtype), one)

    def _project(self, x):
        """u of all steps. For tokens a row of `project` is looked up: with fewer tokens than rows, each is computed once."""
        D, _ = self.cell.sizes(self.p)
        few = x.ndim == 2 and D < x.size
        u = self.cell.project(self.p, loop.OneHot(np.arange(D), D) if few else loop.rows(self.cell, self.p, x))
        for a, room in zip(_leaves(u), _leaves(self.u), strict=True):
            if few:
                np.take(a, x, axis=-2, out=room, mode="clip")
            else:
                np.copyto(room, a.reshape(room.shape))

    def _lay_out_forward(self):
        cell, T = self.cell, self.T
        probe = Tape()
        state, trace = self._step(probe, 0, cell.zero_state(self.p, self.B))
        kept = _kept(probe, [*state, *trace])
        memory = Memory(kept, T + 1, axis=0)
        self.first = cell.State(*(memory.of(_index(probe, a), 0, a) for a in map(_plain, state)))
        self._forward = tape = Tape(memory.allocate)
        state, states, traces = self.first, [self.first], []
        for t in range(T):
            start = memory.begin(t + 1, tape)
            state, trace = self._step(tape, t, state)
            tape.settle(start, _leaves((state, trace)))
            states.append(cell.State(*map(_plain, state)))
            traces.append(cell.Trace(*map(_plain, trace)))
        tape.bind(_leaves((self.first, *states, *traces)))
        self._traces = traces
        trace = cell.Trace(*(_over_time(field) for field in zip(*traces, strict=True)))
        self.run = loop.Run(_over_time([s.h for s in states[1:]]), states[-1], trace)

    def _lay_out_backward(self):
        cell, T = self.cell, self.T
        self.dh = np.zeros_like(self.run.h)
        self.d_last = cell.zero_state(self.p, self.B)
        probe = Tape()
        _, d = self._step_back(probe, T - 1, self.d_last)
        kept = _kept(probe, _leaves(d))
        early = ahead.independent(probe, _leaves((self._traces[T - 1], self.p))) - kept
        at_once = ahead.steps_at_once(probe, early, T)
        memory = Memory(kept, T, axis=-3, turns=2, spare=self._of_no_more_use(), early=early, at_once=at_once)
        self._backward = tape = Tape(memory.allocate)
        d_state, grads, block = self.d_last, [None] * T, ahead.Block(early if at_once > 1 else (), tape)
        for t in reversed(range(T)):
            start = memory.begin(t, tape)
            d_state, grads[t] = self._step_back(tape, t, d_state)
            block.take(start)
            tape.settle(start, _leaves((d_state, grads[t])))
            if t % at_once == 0:
                block.close()
        tape.bind(_leaves((d_state, *grads)))
        self.d_first = cell.State(*map(_plain, d_state))
        self.grad = tree_map(lambda *steps: loop.merge(_over_time(list(map(_plain, steps)), axis=-3)), *grads)

    def _of_no_more_use(self):
        """Arrays that only the way forward reads, so that the way back may write over them."""
        return [a for a in _leaves(self.u) if not any(np.may_share_memory(a, b) for b in _leaves(self.run))]

    def _step(self, tape, t, state):
        u = tree_map(lambda a: tape.reading(a[..., t, :, :]), self.u)
        return self.cell.step(self._parameters(tape), u, tree_map(tape.reading, state))

    def _step_back(self, tape, t, d_state):
        d_state = tree_map(tape.reading, d_state)
        d_state = d_state._replace(h=d_state.h + tape.reading(self.dh[t]))
        trace = tree_map(tape.reading, self._traces[t])
        return self.cell.step_backward(self._parameters(tape), d_state, trace)

    def _parameters(self, tape):
        return tree_map(lambda a: tape.reading(a, constant=True), self.p)


def _kept(tape, results):
    """Numbers of the operations whose results (or views of them) are among `results`."""
    return {k for k, out in enumerate(tape.outputs) if any(np.shares_memory(out, _plain(a)) for a in results)}


def _index(tape, array):
    """The number of the operation that wrote this very array."""
    for k, out in enumerate(tape.outputs):
        if out.shape == array.shape and out.ctypes.data == array.ctypes.data:
            return k
    raise NotRecordable("a state that is not the result of an operation of the step")


def _over_time(arrays, axis=0):
    """Equal arrays that lie at a constant distance in memory, as one array with time on a new axis, without a copy."""
    first, distances = arrays[0], {b.ctypes.data - a.ctypes.data for a, b in itertools.pairwise(arrays)}
    if len(distances) > 1 or len({a.strides for a in arrays}) > 1:
        raise NotRecordable("results of the steps that do not lie in one array")
    distance = distances.pop() if distances else 0
    view = np.lib.stride_tricks.as_strided(first, (len(arrays), *first.shape), (distance, *first.strides))
    return np.moveaxis(view, 0, axis)


def _plain(array):
    return array.view(np.ndarray)


def _leaves(tree):
    return [] if tree is None else list(named_arrays(tree).values())


def _compare_with_plain(cell, p, B):
    """Raise NotRecordable unless a plan for three steps computes, twice, what the plain computation does."""
    rng, (D, _) = np.random.default_rng(0), cell.sizes(p)
    plan = Plan(cell, p, 3, B, checked=True)
    for _ in range(2):
        x = rng.standard_normal((3, B, D)).astype(p[0].dtype)
        q = tree_map(lambda a: a + (0.1 * rng.standard_normal(a.shape)).astype(a.dtype), p)
        run = loop.forward(cell, q, x)
        dh = rng.standard_normal(run.h.shape).astype(p[0].dtype)
        back, ours = loop.backward(cell, q, x, run, dh), (plan.forward(q, x), plan.backward(x, dh))
        for a, b in zip(_leaves((run, back)), _leaves(ours), strict=True):
            if not np.allclose(a, b, rtol=1e-4, atol=1e-5):
                raise NotRecordable(f"{cell}: the plan computes something else than the cell")

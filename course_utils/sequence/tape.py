"""Record the array operations of a function once, and run them again in the same memory.

A cell's equations are short, and at small sizes most of their time goes into making arrays for intermediate results.
A Tape removes that without touching the equations: the function is called once with `Recorded` arrays, which note every
operation together with the arrays that it reads and writes; `replay` then repeats the operations on whatever these
arrays hold by now, and makes no new ones.

Views (slices, transposes, unpacking) cost nothing at replay: they are the same memory. What cannot be noted (an operation
that NumPy does not announce, such as a copy, or one that is not listed here) raises NotRecordable where it can be seen;
`course_utils.sequence.plan` compares every plan with the plain computation before it trusts it.
"""

import weakref

import numpy as np

from .in_place import Stack, bound, copy_all, move, nothing, same, side_by_side, summed_rows, touches

__all__ = ["NotRecordable", "Recorded", "Tape"]


DEFAULTS = {"where": True, "initial": np._NoValue}  # options that sum() and its like pass on although they say nothing


class NotRecordable(Exception):
    """The function does something that a tape cannot repeat."""


class Tape:
    """Operations in order. `allocate(k, shape, dtype)` gives the k-th operation of a step the array that it writes."""

    def __init__(self, allocate=lambda k, shape, dtype: np.empty(shape, dtype)):
        self.calls, self.outputs, self.allocate = [], [], allocate
        self.copies = {}

    def replay(self):
        """Do all recorded operations again, in order."""
        for view, copy in self.copies.values():
            np.copyto(copy, view)
        for function, arguments in self.calls:
            function(*arguments)

    def reading(self, array, constant=False):
        """The array as one whose use is recorded here; it shares the array's memory.

        A constant array keeps its values from one replay's start to its end, as parameters do.
        """
        view = array.view(Recorded)
        view.tape = weakref.proxy(self)  # no circle: a tape's memory goes as soon as the tape does
        view.constant = constant
        return view

    def factor(self, array):
        """An operand of a matrix product. A transposed constant is copied once per replay: BLAS is faster on straight rows."""
        plain = _plain(array)
        if not getattr(array, "constant", False) or plain.ndim < 2 or plain.strides[-1] <= plain.strides[-2]:
            return plain
        key = (plain.ctypes.data, plain.shape, plain.strides)
        return self.copies.setdefault(key, (plain, np.array(plain, order="C")))[1]

    def note(self, function, arguments, like):
        """Record `function(*arguments, out)` with an array for its result, made to hold `like`, which it returns."""
        out = self.allocate(len(self.outputs), like.shape, like.dtype)
        np.copyto(out, like)
        self.calls.append((function, (*(_number(a, out.dtype) for a in arguments), out)))
        self.outputs.append(out)
        return self.reading(out)

    def settle(self, start=0, needed=()):
        """From call `start` on, let what is stacked be written into the stack at once, and spare the copy.

        That is done for results that nobody needs elsewhere; those who read them within these calls read the stack.
        """
        calls, needed = self.calls[start:], [_plain(a) for a in needed]
        for at, (function, arguments) in enumerate(calls):
            if isinstance(function, Stack):
                places = function.places(arguments[-1])
                for k, place in enumerate(places):
                    if not any(same(calls[at][1][k], other) for other in places):
                        move(calls[:at], calls, calls[at][1][k], place, needed)
                left = [pair for pair in zip(calls[at][1], places, strict=False) if not same(*pair)]
                calls[at] = (copy_all, tuple(a for pair in left for a in pair)) if left else (nothing, ())
        self.calls[start:] = [call for call in calls if call[0] is not nothing]

    def write_over(self, old, new):
        """Have the result `new` written into `old`, which the calls so far read; copied where that would come too early."""
        new = _plain(new)
        writer = next((k for k, (_, arguments) in enumerate(self.calls) if same(arguments[-1], new)), len(self.calls))
        late = any(touches(a, old) for _, arguments in self.calls[writer + 1 :] for a in arguments)
        if late or not move(self.calls, self.calls, new, old, ()):
            self.calls.append((np.copyto, (old, new)))

    def bind(self, results, fixed=False):
        """Shorten the calls of matrix products; nothing can be moved after that.

        results: arrays that are read when all is done; fixed: matrices will not change any more.
        """
        calls = summed_rows(self.calls, [_plain(a) for a in results])
        self.calls = [bound(*side_by_side(*call) if fixed else call) for call in calls]


class Recorded(np.ndarray):
    """An array that notes on its tape what is done with it."""

    tape, constant = None, False

    def __array_finalize__(self, source):
        self.tape, self.constant = getattr(source, "tape", None), getattr(source, "constant", False)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        tape = next(a.tape for a in inputs if isinstance(a, Recorded))
        inputs = tuple(map(tape.factor if ufunc is np.matmul else _plain, inputs))
        options = {name: value for name, value in options.items() if value is not DEFAULTS.get(name)}
        if method == "__call__" and not options and ufunc.nout == 1:
            return tape.note(_by_keyword.get(ufunc, ufunc), inputs, ufunc(*inputs))
        if method == "reduce" and options.keys() <= {"axis", "keepdims"}:
            return tape.note(_reduce(ufunc, options), inputs, ufunc.reduce(*inputs, **options))
        raise NotRecordable(f"{ufunc.__name__}.{method} with {', '.join(options) or 'several results'}")

    def __array_function__(self, function, types, arguments, options):
        if function is not np.stack or not options.keys() <= {"axis"}:
            raise NotRecordable(f"np.{function.__name__}")
        parts = [_plain(a) for a in arguments[0]]
        tape = next(a.tape for a in arguments[0] if isinstance(a, Recorded))
        return tape.note(Stack(options.get("axis", 0)), parts, np.stack(parts, **options))

    def __getitem__(self, index):
        found = super().__getitem__(index)
        if not (isinstance(found, Recorded) and np.may_share_memory(_plain(found), _plain(self))):
            raise NotRecordable(f"indexing that copies: {index!r}")
        return found


def _elementwise_by_keyword(ufunc):
    def call(a, b, out):
        ufunc(a, b, out=out)

    call.elementwise = True
    return call


# These two take their result's place by keyword alone.
_by_keyword = {ufunc: _elementwise_by_keyword(ufunc) for ufunc in (np.maximum, np.minimum)}


def _plain(array):
    return array.view(np.ndarray) if isinstance(array, Recorded) else array


def _number(a, dtype):
    """A Python number as an array of the result's kind, which saves NumPy a conversion at every replay."""
    return np.array(a, dtype) if type(a) in (int, float) and dtype.kind == "f" else a


def _reduce(ufunc, options):
    axis, keepdims = options.get("axis", 0), options.get("keepdims", False)

    def call(array, out):
        ufunc.reduce(array, axis, None, out, keepdims)

    if ufunc is np.add and axis == 0 and not keepdims:
        call.sums_stack = True
    return call

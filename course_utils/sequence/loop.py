"""Any cell over time: forward with its trace, and backpropagation through time.

The cell states one step; what makes a sequence fast stands here, once. The input's share of all T steps is one matrix
product before the loop (for tokens a row look-up), and the weight gradients are one matrix product over all steps after
it. Only what truly depends on the step before is inside the loop.

x (T, B, D) floats, or (T, B) integer tokens that stand for one-hot rows with D = V. h (T, B, H).
"""

from typing import NamedTuple

import numpy as np

from ..embedding import OneHot
from ..params import tree_map

__all__ = ["Gradients", "Run", "backward", "forward"]


class Run(NamedTuple):
    """A sequence as a cell has read it: h (T, B, H), the last state, and each field of the trace with T in front."""

    h: np.ndarray
    last: tuple
    trace: tuple


class Gradients(NamedTuple):
    """Gradients of a loss: for the parameters, the input (None for tokens), and the state before the first step."""

    p: tuple
    x: np.ndarray
    state: tuple


def forward(cell, p, x, state=None):
    """Run a cell over x, from `state` (default: zeros). Returns a Run. Raises ValueError for shapes that do not fit.

    >>> p = CELLS["elman"].init(rng, D=3, H=5)
    >>> forward(CELLS["elman"], p, x).h.shape       # x (7, 2, 3)
    (7, 2, 5)
    """
    x = checked_input(cell, p, x)
    T, B = x.shape[:2]
    state = cell.zero_state(p, B) if state is None else checked_state(cell, p, state, B)
    states, traces = [state], []
    u = cell.project(p, rows(cell, p, x))
    for u_t in _steps(u, T, B):
        state, trace = cell.step(p, u_t, state)
        states.append(state)
        traces.append(trace)
    states = _stack(states)  # (T + 1, B, H)
    return Run(states.h[1:], state, _stack_traces(cell, traces, states))


def backward(cell, p, x, run, dh, d_last=None):
    """Gradients of a loss L, given dh (T, B, H) = ∂L/∂h_t as it comes from outside at every step, not through time.

    `run` is what forward(cell, p, x) returned; d_last is the gradient of the last state, a State (default: zeros).
    """
    x = checked_input(cell, p, x)
    dh = checked_gradient(x, run, dh)
    T, B = x.shape[:2]
    d_state = cell.zero_state(p, B) if d_last is None else checked_state(cell, p, d_last, B)
    grads = []
    for t in reversed(range(T)):
        d_state = d_state._replace(h=d_state.h + dh[t])  # h_t feeds the loss and the next step: gradients add
        d_state, d = cell.step_backward(p, d_state, cell.Trace(*(a[t] for a in run.trace)))
        grads.append(d)
    d = tree_map(lambda *steps: merge(np.stack(steps, axis=-3)), *reversed(grads))
    return Gradients(*gradients(cell, p, rows(cell, p, x), run.trace, d, x), d_state)


def gradients(cell, p, x_rows, trace, d, x):
    """Gradients of the parameters and of x (None for tokens), in one product over all T·B rows each."""
    trace = _TraceRows(trace)
    dx = None if isinstance(x_rows, OneHot) else cell.input_gradient(p, x_rows, d).reshape(x.shape)
    return cell.weight_gradients(p, x_rows, trace, d), dx


class _TraceRows:
    """A trace (T, B, ...) as rows (T·B, ...), field by field when asked for: most cells need few, and some take a copy."""

    def __init__(self, trace):
        self._trace = trace

    def __getattr__(self, name):
        return _as_rows(getattr(self._trace, name))

    def __iter__(self):
        return map(_as_rows, self._trace)

    def __getitem__(self, k):
        return tuple(self)[k]

    def __len__(self):
        return len(self._trace)


def _as_rows(a):
    return a.reshape(-1, *a.shape[2:])


def rows(cell, p, x):
    """x as rows (T·B, D); tokens stay look-ups."""
    if x.ndim == 2:
        return OneHot(x.reshape(-1), cell.sizes(p)[0])
    return x.reshape(-1, x.shape[-1])


def _steps(u, T, B):
    """What `project` returned, (..., T·B, H) or a record of such, one step at a time: (..., B, H)."""
    u = tree_map(lambda a: a.reshape(*a.shape[:-2], T, B, a.shape[-1]), u)
    for t in range(T):
        yield tree_map(lambda a: a[..., t, :, :], u)  # noqa: B023 - used before t moves on


def merge(a):
    """(..., T, B, H) as rows (..., T·B, H)."""
    return a.reshape(*a.shape[:-3], -1, a.shape[-1])


def _stack(records):
    """A list of equal records as one record with a new first axis."""
    return type(records[0])(*(np.stack(field) for field in zip(*records, strict=True)))


def _stack_traces(cell, traces, states):
    """Traces over time. Fields that are states (h, c) or previous states (h_prev, c_prev) are views, not copies."""
    views = {name: a[1:] for name, a in states._asdict().items()}
    views |= {f"{name}_prev": a[:-1] for name, a in states._asdict().items()}
    fields = zip(cell.Trace._fields, zip(*traces, strict=True), strict=True)
    return cell.Trace(*(views[name] if name in views else np.stack(values) for name, values in fields))


def checked_input(cell, p, x):
    cell.check_params(p)
    x, D = np.asarray(x), cell.sizes(p)[0]
    if x.ndim == 2 and np.issubdtype(x.dtype, np.integer) and x.size:
        return x
    if x.ndim != 3 or x.shape[2] != D or not x.size:
        raise ValueError(
            f"x must be floats (T, B, D = {D}) or integer tokens (T, B), not empty; got {x.dtype} {x.shape}"
        )
    if x.dtype != p[0].dtype:
        raise ValueError(
            f"x is {x.dtype} but the parameters are {p[0].dtype}; convert one: x.astype(...) or params.as_dtype"
        )
    return x


def checked_gradient(x, run, dh):
    dh, h = np.asarray(dh), run.h
    if dh.shape != h.shape:
        raise ValueError(f"dh must have the shape of h, {h.shape}, got {dh.shape}")
    if dh.dtype != h.dtype:
        raise ValueError(f"dh is {dh.dtype} but h is {h.dtype}; convert it: dh.astype(h.dtype)")
    if x.shape[:2] != h.shape[:2]:
        raise ValueError(f"run must be what forward gave for this x: h has (T, B) = {h.shape[:2]}, x has {x.shape[:2]}")
    return dh


def checked_state(cell, p, state, B):
    if not isinstance(state, cell.State):
        fields = ", ".join(cell.State._fields)
        raise ValueError(f"the state of {cell} is a State({fields}), got {type(state).__name__}; see cell.zero_state")
    for (name, shape), a in zip(cell.state_shapes(cell.sizes(p)[1]).items(), state, strict=True):
        if a.shape != (B, *shape) or a.dtype != p[0].dtype:
            raise ValueError(f"state.{name} must be {p[0].dtype} {(B, *shape)}, got {a.dtype} {a.shape}")
    return state

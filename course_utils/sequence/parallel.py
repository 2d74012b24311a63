"""Any cell with a linear memory over time, all steps at once: loop.py with a scan in place of the loop.

    s_t = a_t ⊙ s_{t-1} + b_t             (1)  forward: a scan, as a and b need no s
    g_t = ĝ_t + a_{t+1} ⊙ g_{t+1}         (2)  backward: ĝ_t the gradient of s_t from outside, g_t with that through time
                                               (complex a: its conjugate)

With every s known, each step is ready: the cell's own `step` and `step_backward` serve all T·B of them as rows of one
call. x (T, B, D) floats or (T, B) tokens; h (T, B, H). Cells: those that derive from cells.linear.LinearCell.
"""

import numpy as np

from ..cells.linear import LinearCell
from ..params import tree_map
from .loop import Gradients, Run, checked_gradient, checked_input, checked_state, gradients, rows
from .scan import log_scan, reversed_scan, scan

__all__ = ["backward", "forward"]


def forward(cell, p, x, state=None, log_space=False):
    """As sequence.forward, without the step loop. Returns a Run; raises ValueError for a cell without linear memory.

    log_space: scan logarithms instead, for cells whose a, b and first s are positive (candidate="positive"); it loses
    digits as scan.log_scan says.
    """
    x = checked_input(_checked_cell(cell), p, x)
    T, B = x.shape[:2]
    state = cell.zero_state(p, B) if state is None else checked_state(cell, p, state, B)
    u = cell.project(p, rows(cell, p, x))
    s = _memory(cell, p, u, cell.memory(state), T, log_space)
    s_prev = np.concatenate([cell.memory(state)[None], s[:-1]])
    states, trace = cell.step(p, u, cell.zero_state(p, T * B)._replace(**cell.fields(_rows_of(s_prev))))
    trace = cell.Trace(*(_steps_of(a, T) for a in trace))
    last = cell.State(*(_steps_of(a, T)[-1] for a in states))
    return Run(_steps_of(states.h, T), last, trace)


def backward(cell, p, x, run, dh, d_last=None):
    """As sequence.backward, without the step loop; run from this forward or from sequence.forward."""
    x = checked_input(_checked_cell(cell), p, x)
    dh = checked_gradient(x, run, dh)
    T, B = x.shape[:2]
    d_last = cell.zero_state(p, B) if d_last is None else checked_state(cell, p, d_last, B)
    x_rows = rows(cell, p, x)
    trace = cell.Trace(*(_rows_of(a) for a in run.trace))
    d_state = _outer_gradient(cell, p, dh, d_last)
    through_time = _through_time(cell, p, cell.project(p, x_rows), d_state, trace, T)
    d_state = d_state._replace(**{k: getattr(d_state, k) + v for k, v in cell.fields(through_time).items()})
    d_prev, d = cell.step_backward(p, d_state, trace)
    return Gradients(*gradients(cell, p, x_rows, run.trace, d, x), tree_map(lambda a: a[:B], d_prev))


def _memory(cell, p, u, s, T, log_space):
    """s_t of all steps (T, B, ...)."""
    a, b = _coefficients(cell, p, u, T)
    if not log_space:
        return scan(a, b, s)  # (1)
    if a.min() <= 0 or min(b.min(), s.min()) < 0:
        raise ValueError(
            f"log_space needs a, b and the first state positive, and {cell} gave others; use log_space=False"
        )
    with np.errstate(divide="ignore"):  # log 0 = -inf stands for a first state of zero
        return np.exp(log_scan(np.log(a), np.log(b), np.log(s)))


def _outer_gradient(cell, p, dh, d_last):
    """Gradients of every State from outside, as rows: dh at every step, and d_last at the last one."""
    T, B = dh.shape[:2]
    d = cell.zero_state(p, T * B)._replace(h=_rows_of(dh).copy())
    for field, at_end in zip(d, d_last, strict=True):
        field[-B:] += at_end
    return d


def _through_time(cell, p, u, d_state, trace, T):
    """What reaches each s from the steps after it, as rows."""
    outer = _steps_of(cell.memory_gradient(p, d_state, trace), T)
    a, _ = _coefficients(cell, p, u, T)
    return _rows_of(reversed_scan(a, outer) - outer)  # (2)


def _coefficients(cell, p, u, T):
    a, b = cell.linear(p, u)
    return _steps_of(np.broadcast_to(a, (len(b), *a.shape[1:])), T), _steps_of(b, T)


def _rows_of(a):
    return a.reshape(-1, *a.shape[2:])


def _steps_of(a, T):
    return a.reshape(T, -1, *a.shape[1:])


def _checked_cell(cell):
    if not isinstance(cell, LinearCell):
        raise ValueError(f"{cell} has no linear memory to scan; run it with sequence.forward")
    return cell

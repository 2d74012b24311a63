"""Any cell with a linear memory over time, all steps at once, in torch; see parallel.py.

s_t = a_t ⊙ s_{t-1} + b_t             (1)
"""

import torch

from ..cells.linear import LinearCell
from .loop_torch import OneHotRows
from .scan_torch import scan

__all__ = ["forward"]


def forward(recurrent, x, state=None):
    """h (T, B, H) and the last state, as recurrent(x, state) gives them, without the step loop.

    recurrent: a loop_torch.Recurrent of a cell with linear memory, else ValueError. x, state: as it takes them.
    """
    cell, p = recurrent.cell, recurrent.p
    if not isinstance(cell, LinearCell):
        raise ValueError(f"{cell} has no linear memory to scan; call the module itself")
    recurrent._check(x)
    T, B = x.shape[:2]
    state = recurrent.zero_state(B) if state is None else state
    rows = OneHotRows(x.reshape(-1), cell.sizes(p)[0]) if x.dim() == 2 else x.reshape(T * B, -1)
    u = cell.project(p, rows)
    a, b = cell.linear(p, u)
    a, b = (c.expand(T * B, *c.shape[1:]).reshape(T, B, *c.shape[1:]) for c in (a, b))
    s = scan(a, b, cell.memory(state))  # (1)
    s_prev = torch.cat([cell.memory(state)[None], s[:-1]])
    before = recurrent.zero_state(T * B)._replace(**cell.fields(s_prev.reshape(T * B, *s.shape[2:])))
    states, _ = cell.step(p, u, before)
    states = cell.State(*(field.reshape(T, B, *field.shape[1:]) for field in states))
    return states.h, cell.State(*(field[-1] for field in states))

"""A NumPy cell's plan as one differentiable torch operation, for modules that train on the CPU.

Autograd keeps a record of every small operation of every step; a Plan (see plan.py) keeps one tape for all of them, and the
cell's hand-written gradient takes the way back. Both find the same gradients. A plan's memory holds one run, so each run
that waits for its way back has a plan to itself, which is free again when torch drops the run.

x (T, B, D) floats or (T, B) integer tokens; h (T, B, H). All tensors are on the CPU, float32 or float64.
"""

import torch
from torch.autograd.function import once_differentiable

from .plan import Plans

__all__ = ["FreePlans", "run"]


class FreePlans:
    """Plans of one cell that nobody uses at the moment; a copy starts without any."""

    def __init__(self, cell):
        self.cell, self.free = cell, []

    def take(self):
        """The Plans of one run; they come back by themselves when the run is dropped."""
        return _Loan(self, self.free.pop() if self.free else Plans(self.cell))

    def __reduce__(self):
        return type(self), (self.cell,)


class _Loan:
    def __init__(self, owner, plans):
        self.owner, self.plans = owner, plans

    def __del__(self):
        self.owner.free.append(self.plans)


class _Run(torch.autograd.Function):
    """h (T, B, H) and the last state's fields, of x, the first state's fields and then the parameters."""

    @staticmethod
    def forward(ctx, loan, x, *state_and_p):
        cell, (x, *arrays) = loan.owner.cell, (t.detach().numpy() for t in (x, *state_and_p))
        n = len(cell.State._fields)
        state, p = cell.State(*arrays[:n]), cell.Params(*arrays[n:])
        ctx.loan, ctx.x, ctx.plan = loan, x, loan.plans.of(p, x)
        run = ctx.plan.forward(p, x, state)
        return tuple(torch.from_numpy(a.copy()) for a in (run.h, *run.last))

    @staticmethod
    @once_differentiable
    def backward(ctx, dh, *d_last):
        State = ctx.loan.owner.cell.State
        back = ctx.plan.backward(ctx.x, dh.numpy(), State(*(d.numpy() for d in d_last)))
        dx = None if back.x is None else torch.from_numpy(back.x)
        return (None, dx, *map(torch.from_numpy, (*back.state, *back.p)))


def run(plans, p, x, state):
    """h (T, B, H) and the last state, by the FreePlans of a cell. Raises ValueError for tensors that are not on the CPU."""
    if x.device.type != "cpu":
        raise ValueError(f"a plan runs on the CPU, but x is on {x.device}; use Recurrent(..., planned=False) there")
    h, *last = _Run.apply(plans.take(), x, *state, *p)
    return h, plans.cell.State(*last)

"""A cell around a cell: everything is the inner cell's, except what a subclass changes about one step.

A wrapper's trace is the inner cell's, followed by the fields that the wrapper adds. Its field names decide what the runner
stores: a field called like a state is a view of the states *after* the wrapper, so one that the inner cell needs as it was
before is renamed.
"""

from collections import namedtuple

from .cell import Cell

__all__ = ["Wrapper"]


class Wrapper(Cell):
    """Base of cells made around another; a subclass overrides `step` and `step_backward`, and `project` if it needs more."""

    def __init__(self, cell, name, renamed, added=()):
        self.cell, self.name = cell, f"{cell}-{name}"
        self.Params, self.State, self.Grad = cell.Params, cell.State, cell.Grad
        renamed = {field: f"inner_{field}" for field in added} | renamed  # a wrapper in a wrapper of the same kind
        fields = (renamed.get(field, field) for field in cell.Trace._fields)
        self.Trace = namedtuple("Trace", [*fields, *added])

    def shapes(self, D, H):
        return self.cell.shapes(D, H)

    def state_shapes(self, H):
        return self.cell.state_shapes(H)

    def init(self, rng, D, H, **options):
        """The inner cell's parameters."""
        return self.cell.init(rng, D, H, **options)

    def sizes(self, p):
        return self.cell.sizes(p)

    def zero_state(self, p, B):
        return self.cell.zero_state(p, B)

    def check_params(self, p):
        self.cell.check_params(p)

    def project(self, p, x):
        """What the input contributes, as in the inner cell."""
        return self.cell.project(p, x)

    def inner(self, trace):
        """The inner cell's part of a trace."""
        return self.cell.Trace(*trace[: len(self.cell.Trace._fields)])

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return self.cell.input_gradient(p, x, d)

    def weight_gradients(self, p, x, trace, d):
        """The gradients of the inner cell's parameters, summed over the N rows."""
        return self.cell.weight_gradients(p, x, self.inner(trace), d)

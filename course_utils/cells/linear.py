"""Cells whose memory s is linear in itself, so that a scan can take the place of the step loop.

    s = a ⊙ s' + b          a and b depend on the input, never on s'

Such a cell is a Cell like any other; it also says what a and b are, which fields of State make up s, and what a
gradient of State means for s. `course_utils.sequence.parallel` and `parallel_torch` use this, for any such cell. s may be
complex where State keeps real and imaginary parts, and a may broadcast against s.
"""

from .cell import Cell

__all__ = ["LinearCell"]


class LinearCell(Cell):
    """Base of the cells with a linear memory. As it stands, s is the output h itself."""

    def linear(self, p, u):
        """a and b of s = a ⊙ s' + b for rows: each (N, ...) as s is; a may have one row for all."""
        raise NotImplementedError

    def memory(self, state):
        """s (N, ...) of a State."""
        return state.h

    def fields(self, s):
        """The fields of State that hold s, by name."""
        return {"h": s}

    def memory_gradient(self, p, d_state, trace):
        """The gradient of s that a gradient of State amounts to, the way through the output included."""
        return d_state.h

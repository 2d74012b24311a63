"""What one hostile, broken or honest submission is, and the row that it must get."""

from typing import NamedTuple

__all__ = ["HASTY", "RIGHT", "WRONG", "Case", "answer", "cell"]

RIGHT = """def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""
HASTY = {
    "cell": 2.0,
    "total": 8.0,
}  # limits for those that never end by themselves; all others have all the time they need
WRONG = "def softmax(a):\n    return a\n"


class Case(NamedTuple):
    """Lesson 00 with this answer and a cell of the student's own between answer and check, run under these limits.

    It must end with `status`, on however slow a machine, earn `points`, and have `says` in its note or verdict's message.
    """

    answer: str
    own: str
    status: str
    points: int
    says: str = ""
    limits: tuple = ()


def answer(source, points=0, status="graded", says="", limits=None):
    """A case that is all in the answer."""
    return _case(source, "", status, points, says, limits)


def cell(source, points, status="graded", says="", answer=RIGHT, limits=None):
    """A case whose mischief is in a cell of the student's own."""
    return _case(answer, source, status, points, says, limits)


def _case(source, own, status, points, says, limits):
    if limits is None:
        limits = HASTY if status in ("partial", "timed out") else {}
    return Case(source, own, status, points, says, tuple(limits.items()))

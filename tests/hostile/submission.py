"""What one hostile, broken or honest submission is, and the row that it must get."""

from typing import NamedTuple

__all__ = ["RIGHT", "WRONG", "Case", "answer", "cell"]

RIGHT = """def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""
WRONG = "def softmax(a):\n    return a\n"


class Case(NamedTuple):
    """Lesson 00 with this answer and a cell of the student's own between answer and check.

    It must end with one of `status`, earn `points`, and have `says` in its note or in the verdict's message.
    """

    answer: str
    own: str
    status: tuple
    points: int
    says: str = ""


def answer(source, points=0, status="graded", says=""):
    """A case that is all in the answer."""
    return Case(source, "", tuple(status.split("|")), points, says)


def cell(source, points, status="graded", says="", answer=RIGHT):
    """A case whose mischief is in a cell of the student's own."""
    return Case(answer, source, tuple(status.split("|")), points, says)

"""One row of the gradebook: what a submission was worth, how its run ended, and under which conditions it was run.

Every submission ends as a Grade with one of five statuses. All of a Grade is plain data: `as_data` turns it into what
JSON can hold, `from_data` back, and neither runs anything.
"""

import hashlib
import json
from typing import NamedTuple

from ..exercises.judge import Verdict

__all__ = [
    "GRADED",
    "INVALID",
    "KILLED",
    "PARTIAL",
    "STATUSES",
    "TIMED_OUT",
    "Grade",
    "Isolation",
    "Limits",
    "content_hash",
]

GRADED, PARTIAL, TIMED_OUT, KILLED, INVALID = STATUSES = ("graded", "partial", "timed out", "killed", "invalid")


class Limits(NamedTuple):
    """What one submission may use: seconds of one cell, seconds of all, CPU seconds, and the sizes of everything else."""

    cell: float = 30.0
    total: float = 180.0
    cpu: float = 120.0
    memory: int = 1_000_000_000  # bytes, of all its processes together, beyond what the warm parent shares with them
    processes: int = 64  # and threads
    files: int = 256  # open at a time, in each process
    file_size: int = 50_000_000  # bytes of one file it writes
    scratch: int = 100_000_000  # bytes of all files it writes
    output: int = 2_000_000  # bytes that it prints or shows
    answer: int = 4_000_000  # bytes of one value that a check hands over


class Isolation(NamedTuple):
    """What kept the submission apart from the machine, and what could not be had; both in words."""

    active: tuple = ()
    missing: tuple = ()
    isolated: bool = False

    @property
    def line(self):
        """The report in one line."""
        if not self.isolated:
            return "NOT ISOLATED: the submission ran with the rights of the grader"
        return "; ".join([*self.active, *(f"not available: {m}" for m in self.missing)])


class Grade(NamedTuple):
    """One row. `note` says why a submission is not simply graded; `answers` are the student's own, exercise -> source."""

    student: str
    file: str
    status: str
    verdicts: tuple
    answers: dict
    note: str = ""
    content: str = ""  # hash of all that decides the row: answers, own cells, the lesson's release; see content_hash
    seed: int = 0
    limits: Limits = Limits()
    isolation: Isolation = Isolation()
    seconds: float = 0.0  # of wall time
    cpu: float = 0.0  # seconds in the student's processes

    @property
    def points(self):
        return sum(v.points for v in self.verdicts)

    @property
    def out_of(self):
        return sum(v.out_of for v in self.verdicts)

    def as_data(self):
        """The row as data that JSON can hold."""
        return self._asdict() | {
            "verdicts": [v._asdict() for v in self.verdicts],
            "limits": self.limits._asdict(),
            "isolation": self.isolation._asdict(),
        }

    @classmethod
    def from_data(cls, data):
        """The row that `as_data` turned into data."""
        isolation = {k: tuple(v) if isinstance(v, list) else v for k, v in data["isolation"].items()}
        made = {
            "verdicts": tuple(Verdict(**v) for v in data["verdicts"]),
            "limits": Limits(**data["limits"]),
            "isolation": Isolation(**isolation),
        }
        return cls(**{**data, **made})


def content_hash(plan, seed):
    """A hash of all that is run (the assembled plan: release and answers) and of the seed; equal hashes, equal rows."""
    text = json.dumps([[*map(list, plan)], seed], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""Grade a class: rows that are kept and still hold are taken from the store, all others are run, and kept before they are told.

What runs them is an engine: a KeepingPool on this machine, or a cluster.Cluster; both have `content` and `grades`.
"""

import hashlib
from typing import NamedTuple

from .collect import Submission
from .pool import Pool
from .rows import GRADED, Grade

__all__ = ["Entry", "KeepingPool", "entries_of", "mark", "seeds", "weighted"]


class Entry(NamedTuple):
    """One line of the class: what was handed in, its row, how late it was (in words, "" for in time), whether it ran now."""

    submission: Submission
    row: Grade
    late: str = ""
    fresh: bool = True

    @property
    def counts(self):
        """Whether these points are the student's: another file may count instead."""
        return self.submission.counts

    @property
    def needs_a_look(self):
        """Whether a person should look at it: it did not simply run to its end, and no other file replaces it."""
        return self.counts and self.row.status != GRADED


class KeepingPool(Pool):
    """A Pool each of whose workers keeps its row in the store, on the disk, before it begins the next."""

    keeps = True

    def __init__(self, store, *arguments):
        super().__init__(*arguments)
        self.store = store

    def grade(self, submission, seed):
        row = super().grade(submission, seed)
        self.store.put(row)
        return row


def mark(submissions, engine, store, seed, limits, isolated=True, again=False):
    """Yield (submission, row, fresh) for every submission, as they are done or found kept.

    seed: a number, or a function of the submission. again: run all, whatever is kept. Each row is in the store, on the
    disk, before it is yielded; so this may be stopped at any point, and called again.
    """
    each = seed if callable(seed) else lambda submission: seed
    todo, kept = {}, []

    def changed():  # found out one by one, while the first of them are being run
        for submission in submissions:
            content = engine.content(submission, each(submission))
            row = None if again else store.valid(submission, content, limits, isolated)
            if row is None:
                todo[submission.file] = submission
                yield submission
            else:
                kept.append((submission, row, False))

    for row in engine.grades(changed(), each):
        if not getattr(engine, "keeps", False):
            store.put(row)
        yield from kept
        kept.clear()
        yield todo.pop(row.file), row, True
    yield from kept


def seeds(seed, variants):
    """What to draw a submission's inputs from: one seed for the "class", or for each "student" another, made from it."""
    if variants == "class":
        return lambda submission: seed

    def of_student(submission):
        digest = hashlib.sha256(f"{seed} {submission.student}".encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1

    return of_student


def weighted(row, points):
    """The row with the points that an assignment gives: exercise number -> points; exercises not in it keep theirs."""
    verdicts = []
    for verdict in row.verdicts:
        worth = points.get(verdict.label.partition(" ")[0], verdict.out_of)
        verdicts.append(verdict._replace(points=worth if verdict.status == "right" else 0, out_of=worth))
    return row._replace(verdicts=tuple(verdicts))


def entries_of(marked, points, late):
    """Entries of what `mark` yields. points: see `weighted`; late: a function of the submission."""
    for submission, row, fresh in marked:
        yield Entry(submission, weighted(row, points), late(submission), fresh)

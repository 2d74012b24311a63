"""What a class's rows say about the exercises: how often each was solved, which mistakes were made, which items are odd."""

import collections
from typing import NamedTuple

import numpy as np

__all__ = ["EASY", "HARD", "Item", "counting", "items", "mistakes"]

HARD, EASY, WEAK = 0.3, 0.95, 0.1  # shares of right answers, and a correlation
FEW = 5  # below so many submissions nothing is said about an item


class Item(NamedTuple):
    """One exercise over the class: numbers of submissions by outcome, and how it goes with the rest of the points."""

    exercise: object
    right: int
    named: int  # wrong in a way that the exercise knows by name
    other: int  # wrong otherwise
    untouched: int
    discrimination: float  # correlation of being right with the points of all other exercises; nan if one never varies

    @property
    def n(self):
        return self.right + self.named + self.other + self.untouched

    @property
    def share(self):
        return self.right / self.n if self.n else float("nan")

    @property
    def remark(self):
        """What to look at, in words, or ""."""
        if self.n < FEW:
            return ""
        if self.share < HARD:
            return "too hard, or unclear"
        if self.share > EASY:
            return "too easy, or given away"
        return "says little about the rest" if self.discrimination < WEAK else ""


def counting(entries):
    """The rows that count and could be read: those that say something about the exercises."""
    return [e.row for e in entries if e.counts and e.row.status != "invalid"]


def items(exercises, rows):
    """An Item for each exercise, from Grades whose verdicts stand in the exercises' order."""
    right = np.array([[v.status == "right" for v in row.verdicts] for row in rows], float).reshape(len(rows), len(exercises))
    points = np.array([[v.points for v in row.verdicts] for row in rows], float).reshape(len(rows), len(exercises))
    found = []
    for k, exercise in enumerate(exercises):
        outcomes = collections.Counter(_outcome(row.verdicts[k]) for row in rows)
        correlation = _correlation(right[:, k], points.sum(axis=1) - points[:, k])
        found.append(Item(exercise, *(outcomes[o] for o in ("right", "named", "other", "untouched")), correlation))
    return found


def mistakes(rows, label):
    """(message, how often, whether it is a mistake that the exercise knows) of one exercise, most frequent first."""
    wrong = [v for row in rows for v in row.verdicts if v.label == label and v.status == "wrong"]
    counts = collections.Counter((v.message, v.mistake is not None) for v in wrong)
    return [(message, times, known) for (message, known), times in counts.most_common()]


def _outcome(verdict):
    if verdict.status == "wrong":
        return "other" if verdict.mistake is None else "named"
    return "right" if verdict.status == "right" else "untouched"


def _correlation(a, b):
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])

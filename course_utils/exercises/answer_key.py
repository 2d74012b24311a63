"""What a judge compares an answer with: what the reference and each recorded mistake give on the cases of one seed."""

import functools
from typing import NamedTuple

from .record import record
from .values import decode

__all__ = ["UNREADABLE", "AnswerKey", "Call", "decoded"]

UNREADABLE = object()  # stands for data that `encode` cannot have made


class Call(NamedTuple):
    """One case without its arguments: what it shows, how many it has by position, and the names of the others."""

    claim: str
    size: int
    keywords: tuple


class AnswerKey:
    """Of one exercise and seed; computed when it is asked for, each part once."""

    def __init__(self, exercise, seed):
        self.exercise, self.seed = exercise, seed
        self.recorded = functools.cache(self._recorded)
        self.outcomes = functools.cache(lambda mistake=None: [decoded(o) for o in self.recorded(mistake)])

    @functools.cached_property
    def calls(self):
        """A Call for each case."""
        return [Call(c.claim, len(c.args), tuple(c.kwargs)) for c in self.exercise.cases_for(self.seed)]

    def answer(self, mistake=None):
        """The function of the reference (None) or of the mistake of this number; where the answer is a value, that."""
        answer = self.exercise.reference if mistake is None else self.exercise.mistakes[mistake].answer
        return answer() if self.exercise.is_value else answer

    def _recorded(self, mistake=None):
        """What an answer gives, as `record` writes it down."""
        return record(self.exercise, self.answer(mistake), self.seed)["outcomes"]


def decoded(outcome):
    """The outcome with its value decoded, or UNREADABLE in its place."""
    if "value" not in outcome:
        return outcome
    try:
        return outcome | {"value": decode(outcome["value"])}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, MemoryError):
        return outcome | {"value": UNREADABLE}

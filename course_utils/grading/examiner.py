"""The examiner: a process of the grader's own that draws the cases and computes what answers are compared with.

Forked from the warm parent, whose torch it need not import again, before there is a cage; it runs the course's code alone.
The warm parent and the submissions' processes never load an exercise, and the grader's process never loads torch.
"""

import base64
import functools
import socket

from ..exercises import exercises_of
from ..exercises.answer_key import AnswerKey, Call
from ..exercises.record import changed, outcome
from ..exercises.values import fingerprint
from .parcel import pack, unpack
from .wire import from_grader, to_grader

__all__ = ["answered", "serve"]


def serve(fd):
    """Answer the grader's questions on the socket `fd` until it hangs up."""
    end = socket.socket(fileno=fd)
    while (question := from_grader(end)) is not None:
        try:
            answer = {"kind": "key"} | answered(*question)
        except Exception as error:
            answer = {"kind": "failed", "text": f"{type(error).__name__}: {error}"[:300]}
        to_grader(end, **answer)


def answered(lesson, number, seed, mistake=None):
    """Of exercise `number`: its cases and what the reference gives, or what a mistake gives. Data that JSON can hold."""
    key = _key(lesson, number, seed)
    if mistake is not None:
        return {"outcomes": key.recorded(mistake)}
    parcels = [base64.b64encode(parcel).decode() for parcel in key.parcels]
    return {"outcomes": key.recorded(None), "calls": key.calls, "parcels": parcels, "prints": key.prints}


@functools.lru_cache(maxsize=100)
def _key(lesson, number, seed):
    return _PackedKey(next(e for e in exercises_of(lesson) if e.number == number), seed)


class _PackedKey(AnswerKey):
    """A key whose cases are drawn once and packed: each answer gets them from their parcels, as a student's does."""

    def __init__(self, exercise, seed):
        super().__init__(exercise, seed)
        cases = exercise.cases_for(seed)
        self.calls = [Call(c.claim, len(c.args), tuple(c.kwargs)) for c in cases]
        self.parcels = [] if exercise.is_value else [pack((c.args, c.kwargs)) for c in cases]
        self.prints = [fingerprint(c.args, c.kwargs) for c in cases]

    def _recorded(self, mistake=None):
        if self.exercise.is_value:
            return super()._recorded(mistake)
        answer = self.answer(mistake)
        return [self._outcome(answer, *both) for both in zip(self.parcels, self.prints, strict=True)]

    def _outcome(self, answer, parcel, before):
        args, kwargs = unpack(parcel)
        got = outcome(answer, args, kwargs, self.exercise.name)
        return got | {"changed": changed(fingerprint(args, kwargs), before)} if "value" in got else got

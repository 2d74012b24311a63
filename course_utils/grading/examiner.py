"""The examiner: a process of the grader's own that draws the cases and computes what answers are compared with.

Forked from the warm parent, whose torch it need not import again, before there is a cage; it runs the course's code alone.
The warm parent and the submissions' processes never load an exercise, and the grader's process never loads torch.
"""

import base64
import functools
import socket

from ..exercises import exercises_of
from ..exercises.answer_key import AnswerKey
from ..exercises.values import fingerprint
from .parcel import pack
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
    cases = key.exercise.cases_for(seed)
    parcels = [] if key.exercise.is_value else [pack((case.args, case.kwargs)) for case in cases]
    return {
        "outcomes": key.recorded(None),
        "calls": key.calls,
        "parcels": [base64.b64encode(parcel).decode() for parcel in parcels],
        "prints": [fingerprint(case.args, case.kwargs) for case in cases],
    }


@functools.lru_cache(maxsize=100)
def _key(lesson, number, seed):
    return AnswerKey(next(e for e in exercises_of(lesson) if e.number == number), seed)

"""The cases of a lesson for one seed, ready to be sent, and verdicts on what comes back, which are found in this process."""

import base64
import functools
import threading

from ..exercises import exercises_of
from ..exercises.answer_key import Call, decoded
from ..exercises.judge import judge
from ..exercises.record import changed
from .wire import clean

__all__ = ["Judging"]


class Judging:
    """lesson: its name, "07_lstm"; seed: what its cases are drawn from. One serves a whole class, in many threads.

    ask: what answers as examiner.answered does, WarmParent.ask for one; not needed where nothing will be judged.
    """

    def __init__(self, lesson, seed, ask=None):
        self.lesson, self.seed, self.exercises = lesson, seed, exercises_of(lesson)
        self.module = f"course_utils.exercises.{lesson.partition('_')[2]}"
        self.table = [(e.name, e.label, e.is_value) for e in self.exercises]
        self.keys = {e.number: _Key(functools.partial(ask, lesson, e.number, seed)) for e in self.exercises if ask}

    def parcels(self, exercise):
        """The cases of an exercise as bytes, one for each call."""
        return self.keys[exercise.number].parcels

    def verdict(self, exercise, message):
        """The Verdict on a child's message of outcomes; nothing in it is taken for what it says it is."""
        outcomes, names = message.get("outcomes"), message.get("names")
        key = self.keys[exercise.number]
        before = key.prints
        if (
            not isinstance(outcomes, list)
            or len(outcomes) > len(before)
            or not all(isinstance(o, dict) for o in outcomes)
        ):
            outcomes = []
        found = judge(
            exercise,
            {
                "outcomes": [_plain(got, prints) for got, prints in zip(outcomes, before, strict=False)],
                "globals": [clean(n, 60) for n in _listed(message.get("globals"))[:20]],
                "names": [clean(n, 60) for n in _listed(names)[:50]],
            },
            self.seed,
            key,
        )
        return found._replace(message=clean(found.message, 1000))


class _Key:
    """An exercises.answer_key.AnswerKey whose values another process computes; and the cases as that process draws them.

    Everything is asked for once, whichever thread needs it first.
    """

    def __init__(self, ask):
        self.ask, self.lock, self.known = ask, threading.Lock(), {}

    @property
    def parcels(self):
        """The arguments of each case, as bytes."""
        return [base64.b64decode(parcel) for parcel in self._told()["parcels"]]

    @property
    def prints(self):
        """The fingerprints of the arguments of each case."""
        return self._told()["prints"]

    @property
    def calls(self):
        return [Call(*call) for call in self._told()["calls"]]

    def outcomes(self, mistake=None):
        """What the reference (None) or a mistake gives, values decoded."""
        return self._told(mistake)["outcomes"]

    def _told(self, mistake=None):
        with self.lock:
            if mistake not in self.known:
                told = self.ask() if mistake is None else self.ask(mistake)
                self.known[mistake] = told | {"outcomes": [decoded(o) for o in told["outcomes"]]}
            return self.known[mistake]


def _plain(got, before):
    """One outcome as `record` would have written it; what was changed is found with the grader's own fingerprints."""
    if "value" in got:
        return {"value": got["value"], "changed": changed(got.get("after", got.get("changed")), before)}
    if "not attempted" in got:
        return {"not attempted": True}
    line = got.get("line")
    return {
        "error": clean(got.get("error"), 100),
        "text": clean(got.get("text"), 300),
        "line": line if type(line) is int and 0 < line < 100_000 else None,
    }


def _listed(value):
    return value if isinstance(value, list) else []

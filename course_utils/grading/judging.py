"""The cases of a lesson for one seed, ready to be sent, and verdicts on what comes back; all in the grader's process."""

import functools

from ..exercises import exercises_of
from ..exercises.judge import judge
from ..exercises.record import changed
from ..exercises.values import fingerprint
from .parcel import pack
from .wire import clean

__all__ = ["Judging"]


class Judging:
    """lesson: its name, "07_lstm"; seed: what its cases are drawn from. One serves a whole class, in many threads."""

    def __init__(self, lesson, seed):
        self.lesson, self.seed, self.exercises = lesson, seed, exercises_of(lesson)
        self.module = f"course_utils.exercises.{lesson.partition('_')[2]}"
        self.table = [(e.name, e.label, e.is_value) for e in self.exercises]
        self._prepared = functools.cache(self._prepare)

    def parcels(self, exercise):
        """The cases of an exercise as bytes, one for each call."""
        return self._prepared(exercise)[0]

    def verdict(self, exercise, message):
        """The Verdict on a child's message of outcomes; nothing in it is taken for what it says it is."""
        outcomes, names = message.get("outcomes"), message.get("names")
        before = self._prepared(exercise)[1]
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
        )
        return found._replace(message=clean(found.message, 1000))

    def _prepare(self, exercise):
        cases = exercise.cases_for(self.seed)
        parcels = [pack((case.args, case.kwargs)) for case in cases]
        return ([] if exercise.is_value else parcels), [fingerprint(case.args, case.kwargs) for case in cases]


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

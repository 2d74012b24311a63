"""From what an answer returned to a verdict: right, a mistake by its name, the coarsest claim that fails, or not attempted.

The judge compares plain data with an answer key: what the reference and the recorded mistakes give on the same seed. It never
runs the student's code.
"""

import functools
from typing import NamedTuple

import numpy as np

from .answer_key import UNREADABLE, AnswerKey, decoded
from .compare import difference

__all__ = ["Verdict", "judge"]

RIGHT, WRONG, NOT_ATTEMPTED = "right", "wrong", "not attempted"


class Verdict(NamedTuple):
    """A judged exercise. `mistake` is the number of the recorded mistake that was recognised, or None."""

    label: str
    status: str
    points: int
    out_of: int
    message: str = ""
    mistake: int | None = None

    @property
    def line(self):
        """The one line that a check prints."""
        mark = {RIGHT: "✓", WRONG: "✗", NOT_ATTEMPTED: "·"}[self.status]
        return f"{mark} {self.label}{': ' if self.message else ''}{self.message}"


_key = functools.lru_cache(maxsize=100)(AnswerKey)


def judge(exercise, data, seed, key=None):
    """The Verdict on a record made with this seed. A record that is not one (forged, cut short) is never right.

    key: the AnswerKey of the exercise and the seed, or what has its `outcomes` and `calls`; else it is computed here.
    """
    key = key or _key(exercise, seed)
    outcomes = data.get("outcomes") if isinstance(data, dict) else None
    if not isinstance(outcomes, list) or not outcomes or not all(isinstance(o, dict) for o in outcomes):
        return _wrong(exercise, "no result arrived from the check")
    if "not attempted" in outcomes[0]:
        return Verdict(exercise.label, NOT_ATTEMPTED, 0, exercise.points, "not attempted yet")
    outcomes, expected = [decoded(o) for o in outcomes], key.outcomes()
    if len(outcomes) == len(expected) and all(map(_right, expected, outcomes)):
        return Verdict(exercise.label, RIGHT, exercise.points, exercise.points)
    for k, mistake in enumerate(exercise.mistakes):
        wrong = key.outcomes(k)
        if len(wrong) == len(outcomes) and all(map(agree, wrong, outcomes)):
            return _wrong(exercise, mistake.message, k)
    return _wrong(exercise, _first_failure(exercise, key, outcomes, data) + _globals_hint(data))


def agree(expected, got):
    """Whether two outcomes are the same: equal values and the same inputs changed, or the same kind of error."""
    if "value" in expected and "value" in got:
        same_change = expected["changed"] == got.get("changed")
        return same_change and _value_difference(expected, got) is None
    return "value" not in expected and "value" not in got and expected.get("error") == got.get("error")


def _right(expected, got):
    """Agreement with the reference, for which nan is never right."""
    return "value" in expected and agree(expected, got) and not _has_nan(got["value"])


def _has_nan(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(map(_has_nan, value))
    return (
        isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind in "fc" and bool(np.isnan(value).any())
    )


def _first_failure(exercise, key, outcomes, data):
    for call, want, got in zip(key.calls, key.outcomes(), outcomes, strict=False):
        if "not attempted" in got:
            return f"{call.claim}: it still reaches the line `raise NotImplementedError`"
        if "value" not in got:
            line = f" (line {got['line']} of its cell)" if isinstance(got.get("line"), int) else ""
            return f"{call.claim}: your code stops with {got.get('error')}: {got.get('text')}{line}"
        if (text := _value_difference(want, got, exercise.outputs)) is not None:
            return f"{call.claim}: {text}"
        if got.get("changed"):
            names = ", ".join(_argument(call, data.get("names"), k) for k in got["changed"])
            return f"{call.claim}: it changes its argument {names} in place; work on a copy"
        if _has_nan(got["value"]):
            return f"{call.claim}: it gives nan"
    return "the check was cut short"


def _argument(call, names, k):
    """The name of a case's k-th argument: the student's own, where the record has it."""
    if k >= call.size:
        return call.keywords[k - call.size]
    known = isinstance(names, list) and k < len(names) and isinstance(names[k], str) and names[k].isidentifier()
    return names[k] if known else f"number {k + 1}"


def _value_difference(expected, got, outputs=()):
    if got["value"] is UNREADABLE:
        return "the result that arrived cannot be read"
    return difference(expected["value"], got["value"], names=outputs)


def _globals_hint(data):
    names = data.get("globals")
    names = [n for n in names if isinstance(n, str) and n.isidentifier()] if isinstance(names, list) else []
    return f" (it reads the notebook's variable {', '.join(names[:3])}: use the arguments)" if names else ""


def _wrong(exercise, message, mistake=None):
    return Verdict(exercise.label, WRONG, 0, exercise.points, message, mistake)

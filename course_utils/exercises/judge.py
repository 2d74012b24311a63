"""From what an answer returned to a verdict: right, a mistake by its name, the coarsest claim that fails, or not attempted.

The judge compares plain data with the reference on the same seed; it runs the reference and the recorded mistakes, never
the student's code.
"""

from typing import NamedTuple

from .compare import difference
from .record import record
from .values import decode

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


def judge(exercise, data, seed):
    """The Verdict on a record made with this seed. A record that is not one (forged, cut short) is never right."""
    outcomes = data.get("outcomes") if isinstance(data, dict) else None
    if not isinstance(outcomes, list) or not outcomes or not all(isinstance(o, dict) for o in outcomes):
        return _wrong(exercise, "no result arrived from the check")
    if "not attempted" in outcomes[0]:
        return Verdict(exercise.label, NOT_ATTEMPTED, 0, exercise.points, "not attempted yet")
    expected = record(exercise, exercise() if exercise.is_value else exercise.reference, seed)["outcomes"]
    if len(outcomes) == len(expected) and all(map(agree, expected, outcomes)):
        return Verdict(exercise.label, RIGHT, exercise.points, exercise.points)
    for k, mistake in enumerate(exercise.mistakes):
        if matches(exercise, mistake, outcomes, seed):
            return _wrong(exercise, mistake.message, k)
    return _wrong(exercise, _first_failure(exercise, expected, outcomes, seed) + _globals_hint(data))


def agree(expected, got):
    """Whether two outcomes are the same: equal values and the same inputs changed, or the same kind of error."""
    if "value" in expected and "value" in got:
        same_change = sorted(map(str, expected["changed"])) == sorted(map(str, got.get("changed", ())))
        return same_change and _value_difference(expected, got) is None
    return "value" not in expected and "value" not in got and expected.get("error") == got.get("error")


def matches(exercise, mistake, outcomes, seed):
    """Whether a recorded mistake returns just what the student's answer returned, on every case."""
    answer = mistake.answer() if exercise.is_value else mistake.answer
    wrong = record(exercise, answer, seed)["outcomes"]
    return len(wrong) == len(outcomes) and all(map(agree, wrong, outcomes))


def _first_failure(exercise, expected, outcomes, seed):
    for case, want, got in zip(exercise.cases_for(seed), expected, outcomes, strict=False):
        if "not attempted" in got:
            return f"{case.claim}: it still reaches the line `raise NotImplementedError`"
        if "value" not in got:
            line = f" (line {got['line']} of its cell)" if isinstance(got.get("line"), int) else ""
            return f"{case.claim}: your code stops with {got.get('error')}: {got.get('text')}{line}"
        if (text := _value_difference(want, got)) is not None:
            return f"{case.claim}: {text}"
        if got.get("changed"):
            return (
                f"{case.claim}: it changes its argument {', '.join(map(str, got['changed']))} in place; work on a copy"
            )
    return "the check was cut short"


def _value_difference(expected, got):
    try:
        value = decode(got["value"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return "the result that arrived cannot be read"
    return difference(decode(expected["value"]), value)


def _globals_hint(data):
    names = data.get("globals")
    names = [n for n in names if isinstance(n, str) and n.isidentifier()] if isinstance(names, list) else []
    return f" (it reads the notebook's variable {', '.join(names[:3])}: use the arguments)" if names else ""


def _wrong(exercise, message, mistake=None):
    return Verdict(exercise.label, WRONG, 0, exercise.points, message, mistake)

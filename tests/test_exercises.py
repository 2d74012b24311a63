"""Every exercise of every lesson: right answers pass, each recorded mistake fails with its own message."""

import contextlib
import inspect
import io
import pathlib
import sys

import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.judge import judge
from course_utils.exercises.record import record

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.py"))
EXERCISES = [e for lesson in LESSONS for e in exercises_of(lesson)]
MISTAKES = [(e, k) for e in EXERCISES for k in range(len(e.mistakes))]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=str)


def verdict(exercise, answer, seed=1):
    answer = answer() if exercise.is_value else answer
    return judge(exercise, record(exercise, answer, seed), seed)


@every_exercise
@pytest.mark.parametrize("seed", [1, 2, 77])
def test_reference_and_every_variant_pass(exercise, seed):
    for answer in exercise.variants:
        found = verdict(exercise, answer, seed)
        assert found.line == f"✓ {exercise.label}", inspect.getsource(answer)
        assert found.points == found.out_of == exercise.points


@pytest.mark.parametrize("exercise, k", MISTAKES, ids=lambda value: str(getattr(value, "label", value)))
@pytest.mark.parametrize("seed", [1, 2, 77])
def test_each_mistake_fails_with_its_own_message(exercise, k, seed):
    answer = exercise.mistakes[k].answer
    data = record(exercise, answer() if exercise.is_value else answer, seed)
    assert all(o.get("error") != "NameError" for o in data["outcomes"]), "it is to be wrong in its own way"
    found = judge(exercise, data, seed)
    assert found.line == f"✗ {exercise.label}: {exercise.mistakes[k].message}"
    assert (found.points, found.mistake) == (0, k)


@every_exercise
def test_an_answer_of_several_values_has_a_name_for_each(exercise):
    """So that a verdict can say which is wrong; a record names its own, a list's length is the caller's."""
    if exercise.is_value:
        return
    made = exercise.cases_for(1)[0]
    value = exercise.reference(*made.args, **made.kwargs)
    several = isinstance(value, tuple) and not hasattr(value, "_fields")
    assert len(exercise.outputs) == (len(value) if several else 0)
    assert len(set(exercise.outputs)) == len(exercise.outputs)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lessons_module_has_its_exercises_under_their_names_in_the_order_of_their_numbers(lesson):
    """Whichever file of its package an exercise stands in: lessons, stand-ins and references go by module and name."""
    found, module = exercises_of(lesson), f"course_utils.exercises.{lesson.partition('_')[2]}"
    assert {e.module for e in found} == {module}
    assert [getattr(sys.modules[module], e.name) for e in found] == found
    assert [e.number for e in found] == [f"{int(lesson[:2])}.{k + 1}" for k in range(len(found))]


@every_exercise
def test_untouched_stub_is_not_attempted(exercise):
    if exercise.is_value:
        return
    scope = dict(vars(inspect.getmodule(exercise.reference)))
    exec(exercise.stub_source(), scope)
    assert verdict(exercise, scope[exercise.name]).line == f"· {exercise.label}: not attempted yet"


@every_exercise
def test_has_three_mistakes_hints_and_messages_that_tell_them_apart(exercise):
    messages = [m.message for m in exercise.mistakes]
    assert len(messages) >= 3
    assert len(set(messages)) == len(messages)
    assert len(set(exercise.hints)) == 3
    assert not any("\n" in text for text in (*messages, *exercise.hints))
    assert exercise.__doc__, "the docstring tells the shapes"


@every_exercise
def test_check_prints_one_line_and_hints_come_one_by_one(exercise, monkeypatch):
    monkeypatch.setattr(exercise, "_hints_given", 0)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exercise.check(exercise() if exercise.is_value else exercise.reference)
        for _ in range(4):
            exercise.hint()
    lines = out.getvalue().splitlines()
    assert lines[0] == f"✓ {exercise.label}"
    assert [line.split(":")[0] for line in lines[1:]] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]


NOT_AN_ANSWER = [
    None,
    3,
    "text",
    lambda *a, **k: None,
    lambda *a, **k: object(),
    lambda: 0,
    lambda *a, **k: float("nan"),
]


@every_exercise
@pytest.mark.parametrize(
    "answer", NOT_AN_ANSWER, ids=["None", "3", "text", "returns None", "object", "no arguments", "nan"]
)
def test_no_nonsense_passes_or_raises(exercise, answer):
    if exercise.is_value and answer is not None and not callable(answer):
        return  # a wrong value is a wrong value; each exercise's mistakes cover those
    found = judge(exercise, record(exercise, answer, 1), 1)
    assert found.status != "right"
    assert "\n" not in found.line

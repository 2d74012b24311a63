"""What the examiner computes is what `record` would: the same outcomes, from cases that are drawn once."""

import json
import pathlib

import pytest

from course_utils.exercises import exercise, exercises_of
from course_utils.exercises.answer_key import AnswerKey
from course_utils.exercises.record import record
from course_utils.grading import examiner
from course_utils.grading.examiner import answered

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_outcomes_are_those_of_a_record(lesson):
    for one in exercises_of(lesson):
        expected = AnswerKey(one, 5)
        told = answered(lesson, one.number, 5)
        assert len(told["prints"]) == len(expected.calls) == len(told["calls"])
        for mistake in (None, *range(len(one.mistakes))):
            got = told if mistake is None else answered(lesson, one.number, 5, mistake)
            as_sent = json.loads(json.dumps(got["outcomes"]))
            assert as_sent == json.loads(json.dumps(expected.recorded(mistake))), (one, mistake)


def test_an_exercise_whose_answer_is_a_value_has_no_cases_to_send(monkeypatch):
    @exercise("1.1", points=1, hints=("a", "b", "c"))
    def steps():
        return 12

    monkeypatch.setattr(examiner, "exercises_of", lambda lesson: [steps])
    told = examiner.answered("01_made_up", "1.1", 5)
    assert told["parcels"] == []
    assert told["outcomes"] == AnswerKey(steps, 5).recorded() == record(steps, 12, 5)["outcomes"]

"""Checks are cheap: a class of hundreds, each answer on every case, must not wait for them."""

import pathlib
import time

import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.record import outcome

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.py"))
SECONDS = 0.1  # of computing, for the reference on all cases of one exercise


@pytest.mark.parametrize("exercise", [e for lesson in LESSONS for e in exercises_of(lesson)], ids=str)
def test_the_reference_runs_on_all_cases_of_an_exercise_in_a_tenth_of_a_second(exercise):
    assert min(_seconds(exercise) for _ in range(3)) < SECONDS


def _seconds(exercise):
    cases = [] if exercise.is_value else exercise.cases_for(1)
    start = time.process_time()
    for case in cases:
        assert "value" in outcome(exercise.reference, case.args, case.kwargs)
    return time.process_time() - start

"""A mistake as an edit of the reference: it is judged, traced and handed to sample submissions like one that is written out."""

import inspect
import re
import traceback

import pytest

from course_utils.exercises import bptt
from course_utils.exercises.definition import case, exercise
from course_utils.exercises.judge import judge
from course_utils.exercises.record import record
from course_utils.exercises.slips import body_source, edited
from course_utils.grading.samples import answer_source

WIDTH = 3


@exercise("9.3", points=2, hints=("one", "two", "three"))
def area(a, b):
    """Area of a rectangle with sides a and b, in units of WIDTH."""
    product = a * b
    return product / WIDTH


@area.cases
def _(rng):
    yield case("a square", 2.0, 2.0)
    yield case("two sides", rng.uniform(2, 3), rng.uniform(4, 5))


area.slip("that is half the way round", {"a * b": "a + b"})
area.slip("only a is squared", {"a * b": "a * a"})
area.slip("divided by the side instead", {"return product / WIDTH": "width = a\n    return product / width"})


@area.mistake("b is forgotten")
def _(a, b):
    return a / WIDTH


def line(answer):
    return judge(area, record(area, answer, 1), 1).line


def half_round(a, b):
    return (a + b) / 3


def squared(a, b):
    return a**2 / 3


def test_an_answer_is_recognised_as_the_edited_reference():
    assert line(half_round) == "✗ 9.3 area: that is half the way round"
    assert line(squared) == "✗ 9.3 area: only a is squared"
    assert line(lambda a, b: b) == "✗ 9.3 area: divided by the side instead"


def test_edits_and_written_mistakes_stand_side_by_side_in_their_order():
    assert [m.message[:4] for m in area.mistakes] == ["that", "only", "divi", "b is"]
    assert line(lambda a, b: a / 3) == "✗ 9.3 area: b is forgotten"


def test_the_reference_stays_as_it_is():
    assert area(2.0, 6.0) == 4.0
    assert line(area.reference) == "✓ 9.3 area"


def test_the_source_of_an_edit_can_be_read_and_runs_alone_as_a_sample_submission():
    assert inspect.getsource(area.mistakes[2].answer).endswith("width = a\n    return product / width\n")
    for mistake in bptt.elman_step_backward.mistakes[:2]:
        scope = {}
        exec(answer_source(bptt.elman_step_backward, mistake.answer), scope)
        found = judge(bptt.elman_step_backward, record(bptt.elman_step_backward, scope["elman_step_backward"], 5), 5)
        assert found.message == mistake.message


def test_each_edit_has_a_source_of_its_own():
    sources = [inspect.getsource(m.answer) for m in area.mistakes]
    assert len(set(sources)) == len(sources)


def test_a_traceback_shows_the_edited_line():
    with pytest.raises(TypeError) as caught:
        area.mistakes[0].answer(1, None)
    assert "product = a + b" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("old, times", [("c * d", 0), ("product", 2)])
def test_words_that_do_not_stand_there_once_are_refused(old, times):
    with pytest.raises(ValueError, match=re.escape(f"{old!r} stands {times} times")):
        edited(area.reference, {old: "x"}, "a test")


def test_edits_are_made_one_after_the_other():
    changed = edited(area.reference, {" / WIDTH": "", "return product": "return product + 1"}, "one after the other")
    assert changed(2, 3) == 7


def test_decorators_are_no_part_of_the_source():
    assert body_source(area.reference).startswith("def area(a, b):\n")


def test_an_edit_sees_the_names_of_its_module():
    assert edited(half_round, {"(a + b)": "(a + b + WIDTH)"}, "module names")(1, 2) == 2.0

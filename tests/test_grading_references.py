"""A submission may call references that cannot earn it a point any more, and no others; the values are the references' own."""

import base64
import pathlib
import pickle
import sys

import numpy as np
import pytest

from course_utils.exercises import exercises_of
from course_utils.grading import references as module
from course_utils.grading.parcel import pack, unpack
from course_utils.grading.references import References
from course_utils.grading.rows import Limits
from course_utils.grading.warm import WarmParent

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage needs Linux")]
HERE, BEFORE, LATER = (f"course_utils.exercises.{name}" for name in ("bptt", "vanilla_rnn", "lstm"))
ELMAN = exercises_of("03_vanilla_rnn")[1]
LIMITS = Limits(memory=300_000_000)


@pytest.fixture(scope="module")
def parent():
    made = WarmParent(["numpy", "numpy.random"])
    yield made
    made.close()


@pytest.fixture
def ask(parent):
    """Ask for a reference as a submission of lesson 04 would; `over`: numbers of exercises that are past earning."""
    references = References(parent, "04_bptt", frozenset({BEFORE}), LIMITS)

    def asked(where, name, *args, over=(), given=None):
        given = base64.b64encode(pack((args, {}))).decode() if given is None else given
        return references.asked({"module": where, "name": name, "given": given}, set(over))

    asked.references = references
    yield asked
    references.close()


def value(answer):
    kind, content = answer
    assert kind == "value", content
    return unpack(base64.b64decode(content))


def some(exercise, seed=3):
    return exercise.cases_for(seed)[0].args


def test_an_earlier_lessons_reference_gives_its_value(ask):
    for _ in range(2):  # the second time the process knows it
        found = value(ask(BEFORE, ELMAN.name, *some(ELMAN)))
        assert np.array_equal(found, ELMAN.reference(*some(ELMAN)))


def test_this_lessons_reference_is_refused_until_its_check_has_run(ask):
    first = exercises_of("04_bptt")[0]
    refused = ask(HERE, first.name, *some(first))
    assert refused == (
        "refused",
        f"ex.{first.name} is answered once its own check has run: until then, write it yourself",
    )
    assert ask(HERE, first.name, *some(first), over={"4.2"})[0] == "refused", "another one's check"
    assert np.array_equal(
        value(ask(HERE, first.name, *some(first), over={first.number})), first.reference(*some(first))
    )
    assert ask.references.oracle is not None


NOT_THERE = [
    (LATER, "lstm_step"),
    (BEFORE, "no_such"),
    (BEFORE, "__doc__"),
    (BEFORE, "np"),
    ("os", "system"),
    ("course_utils.grading.warm", "WarmParent"),
    (None, "elman_step"),
    (7, "elman_step"),
    (BEFORE, None),
]


@pytest.mark.parametrize("where, name", NOT_THERE, ids=str)
def test_nothing_else_can_be_asked_for(where, name, ask):
    kind, text = ask(where, name)
    assert kind == "refused" and "there is no exercise" in text
    assert ask.references.oracle is None, "a process was started for nothing"


@pytest.mark.parametrize("given", ["", "%%%", base64.b64encode(b"no pickle").decode(), 7, ["x"]], ids=str)
def test_arguments_that_are_none_are_refused_and_end_nothing(given, ask):
    assert ask(BEFORE, ELMAN.name, given=given)[0] == "refused"
    assert np.array_equal(value(ask(BEFORE, ELMAN.name, *some(ELMAN))), ELMAN.reference(*some(ELMAN)))


class Bomb:
    """Its pickle is opened in the cage of the process that computes references, never in the grader."""

    def __reduce__(self):
        return exec, ("import os; os._exit(3)",)


def test_a_pickle_that_runs_code_ends_only_the_caged_process(ask):
    given = base64.b64encode(pickle.dumps(((Bomb(),), {}))).decode()
    assert ask(BEFORE, ELMAN.name, given=given)[0] == "refused"
    assert np.array_equal(value(ask(BEFORE, ELMAN.name, *some(ELMAN))), ELMAN.reference(*some(ELMAN))), (
        "a new one is started"
    )


def test_a_mistake_of_the_callers_is_told_by_its_name(ask):
    kind, text = ask(BEFORE, ELMAN.name, 1)
    assert kind == "refused" and "TypeError" in text


def test_calls_are_counted(ask, monkeypatch):
    monkeypatch.setattr(module, "CALLS", 2)
    answers = [ask(BEFORE, ELMAN.name, *some(ELMAN))[0] for _ in range(3)]
    assert answers == ["value", "value", "refused"]


def test_the_process_that_computes_is_gone_at_the_end(ask, parent):
    value(ask(BEFORE, ELMAN.name, *some(ELMAN)))
    process = pathlib.Path(f"/proc/{ask.references.oracle.host_pid}")
    assert process.exists()
    ask.references.close()
    assert not process.exists() and ask.references.oracle is None

"""The warm parent has everything ready that a child would have to load, and no thread when it forks."""

import pathlib
import sys
import time

import pytest

from course_utils.grading.pool import modules_of
from course_utils.grading.rows import Limits
from course_utils.grading.warm import WarmParent
from course_utils.grading.zygote import _ready_torch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture
def parent():
    made = WarmParent(["torch", "numpy"])
    yield made
    made.close()


@pytest.mark.slow
def test_the_warm_parent_has_one_thread_after_it_got_torch_ready(parent):
    pytest.importorskip("torch")
    parent.fork(Limits()).end()
    assert len(list(pathlib.Path(f"/proc/{parent.process.pid}/task").iterdir())) == 1


@pytest.mark.slow
def test_an_update_by_an_optimiser_imports_nothing_more_once_torch_is_ready():
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    _ready_torch(torch)
    before = set(sys.modules)
    model = torch.nn.Linear(2, 3)
    for kind in (torch.optim.SGD, torch.optim.Adam):
        optimiser = kind(model.parameters())
        optimiser.zero_grad()
        model(torch.ones(1, 2)).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    torch.set_num_threads(threads)
    assert set(sys.modules) == before


def test_only_what_the_setup_imports_is_imported_before_there_are_submissions():
    def cell(source, **metadata):
        return {"cell_type": "code", "source": [source], "metadata": metadata}

    setup = cell("import numpy as np\nfrom course_utils.exercises import lstm as ex", tags=["setup"])
    shown = cell("import antigravity", rnn_course={"role": "demonstration"})
    found = modules_of({"cells": [setup, shown]})
    assert "numpy" in found
    assert not {"antigravity", "course_utils.exercises.lstm"} & {*found}


@pytest.mark.slow
def test_the_examiner_answers_as_this_process_would_and_this_process_answers_where_it_is_gone(parent):
    from course_utils.grading.examiner import answered

    question = "01_language_models", "1.5", 3
    assert parent.ask(*question)["outcomes"] == answered(*question)["outcomes"]
    assert parent.ask(*question, 0)["outcomes"] == answered(*question, 0)["outcomes"]
    with pytest.raises(RuntimeError, match="StopIteration"):
        parent.ask("01_language_models", "1.99", 3)
    parent.questions.close()
    assert parent.ask(*question)["outcomes"] == answered(*question)["outcomes"]


@pytest.mark.slow
def test_references_are_in_the_examiner_and_in_no_other_process_of_the_grader(parent):
    parent.ask("01_language_models", "1.5", 3)
    child = parent.fork(Limits())
    child.channel.send(("start", "course_utils.exercises.language_models", [], 1000))
    look = "import sys\nprint([m for m in sys.modules if m.startswith('course_utils.exercises.language')])"
    child.channel.send(("run", look))
    said = child.channel.receive(time.monotonic() + 30)
    child.end()
    assert said == {"kind": "stream", "name": "stdout", "text": "[]\n"}, said

"""The warm parent has everything ready that a child would have to load, and no thread when it forks."""

import pathlib
import sys
import time

import pytest

from course_utils.grading.cells import Cells
from course_utils.grading.pool import modules_of
from course_utils.grading.rows import Limits
from course_utils.grading.warm import WarmParent

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


UPDATE = """
import sys, torch
before = set(sys.modules)
model = torch.nn.Linear(2, 3)
for kind in (torch.optim.SGD, torch.optim.Adam):
    optimiser = kind(model.parameters(), lr=0.1)
    optimiser.zero_grad()
    model(torch.ones(1, 2)).sum().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
print(sorted(set(sys.modules) - before))
"""
COMPILED = (
    "print(torch.compile(lambda a: a + 1, backend='eager')(torch.ones(1)).item(), torch._dynamo.__file__ is not None)"
)


@pytest.mark.slow
def test_an_update_imports_nothing_more_and_the_compiler_is_there_for_those_who_ask(parent):
    pytest.importorskip("torch")
    assert printed(parent, UPDATE) == "[]\n"
    assert printed(parent, UPDATE + COMPILED) == "[]\n2.0 True\n"


def printed(parent, source):
    """What a cell prints in a caged child."""
    child = parent.fork(Limits())
    child.channel.send(("start", "course_utils.exercises.language_models", [], 10_000))
    child.channel.send(("run", source))
    text, message = "", {"kind": ""}
    while message["kind"] != "idle":
        message = child.channel.receive(time.monotonic() + 60)
        text += message.get("text", "") + "".join(message.get("traceback", ()))
    child.end()
    return text


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
def test_references_are_in_the_examiner_and_in_no_process_that_submissions_come_from(parent):
    parent.ask("01_language_models", "1.5", 3)
    look = "import sys\nprint([m for m in sys.modules if m.startswith('course_utils.exercises.language')])"
    assert printed(parent, look) == "[]\n"


def test_a_line_that_installs_does_nothing_and_needs_no_translation():
    setup = 'import sys\nif "google.colab" in sys.modules:  # Colab\n    %pip install --quiet "rnn-course @ git+https://x.y"\n'
    tree, source = Cells.translated(None, setup)
    assert source == 'import sys\nif "google.colab" in sys.modules:  # Colab\n    pass\n'
    assert len(tree.body) == 2
    assert "run_line_magic('timeit', 'f()')" in Cells.translated(None, "%pip install x\n%timeit f()")[1]

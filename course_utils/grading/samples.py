"""A class to try the grader on: right, partly right, each recorded mistake, empty, broken, and kinds of clever.

Every sample says which points its content deserves, so that a test (or an instructor) can see that it gets them.
"""

import ast
import copy
import inspect
import json
import sys
import textwrap
from typing import NamedTuple

from ..exercises import exercises_of
from .rows import GRADED, INVALID

__all__ = ["Sample", "answer_source", "sample_class", "with_answers"]


class Sample(NamedTuple):
    """A submission, and what it deserves: status, and points by exercise number (all others 0)."""

    student: str
    data: bytes
    status: str
    points: dict


def sample_class(solved, release, lesson):
    """All Samples of a lesson, from its solved and its student notebook (dictionaries)."""
    exercises = exercises_of(lesson)
    full = {e.number: e.points for e in exercises}
    samples = [
        _sample("right", solved, full),
        _sample("empty", release, {}),
        _sample("forged_verdicts", _forged(release, full), {}),
        _sample("checks_deleted", _edited(solved, lambda cells: [c for c in cells if _role(c) != "check"]), full),
        _sample("cells_reversed", _edited(solved, lambda cells: cells[::-1]), full),
        _sample("ids_lost", _edited(solved, _without_ids), full),
        Sample("saved_with_byte_order_mark", b"\xef\xbb\xbf" + _bytes(solved), GRADED, full),
        Sample("broken_half_a_file", _bytes(solved)[: len(_bytes(solved)) // 2], INVALID, {}),
        Sample("broken_not_a_notebook", b"<html>Sign in to continue</html>", INVALID, {}),
        Sample("broken_wrong_lesson", _bytes(_renamed(solved)), INVALID, {}),
    ]
    return [*samples, *_partly_right(release, solved, exercises), *_mistaken(solved, exercises)]


def with_answers(notebook, answers):
    """A copy of the notebook with the sources of answer cells replaced: exercise number -> source."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        if _role(cell) == "answer" and _exercise(cell) in answers:
            cell["source"] = answers[_exercise(cell)].splitlines(keepends=True)
    return made


def answer_source(exercise, answer):
    """The source of a recorded answer, as a student would have it in a cell: named after the exercise, imports before it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    function = tree.body[0]
    function.decorator_list, function.name = [], exercise.name
    source = f"{exercise.name} = {ast.unparse(function.body[-1].value)}" if exercise.is_value else ast.unparse(function)
    return "\n".join([*_before(function, sys.modules[answer.__module__], exercise.module, {exercise.name}), source])


def _before(function, module, lesson, known):
    """What a cell needs for the names that a function takes from its module: imports, and definitions of the lesson's own."""
    named = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
    stored = {n.id for n in named if isinstance(n.ctx, ast.Store)}
    used = sorted({n.id for n in named} & vars(module).keys() - known - stored)
    known |= set(used)
    lines = [line for name in used for line in _definition(name, vars(module)[name], lesson, known)]
    return sorted(lines, key=lambda line: not line.startswith(("import ", "from ")))


def _definition(name, value, lesson, known):
    """Lines that define `name` in a cell. lesson: the module or package of its exercises, which a cell may import."""
    home = getattr(value, "__module__", None)
    own = isinstance(home, str) and f"{home}.".startswith(f"{lesson}.")
    if inspect.ismodule(value):
        return [f"import {value.__name__} as {name}"]
    if own and inspect.isfunction(value):
        tree = ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]
        tree.name, tree.decorator_list = name, []
        return [*_before(tree, sys.modules[home], lesson, known), ast.unparse(tree)]
    if isinstance(home, str) and not own and getattr(sys.modules.get(home), name, None) is value:
        return [f"from {home} import {name}"]
    return [f"from {lesson} import {name}"]


def _partly_right(release, solved, exercises):
    """Every second exercise done, the others left alone; and one answer that does not even run among right ones."""
    done = exercises[::2]
    answers = {e.number: answer_source(e, e.reference) for e in done}
    yield _sample("partly_right", with_answers(release, answers), {e.number: e.points for e in done})
    broken, *rest = exercises
    spoiled = with_answers(solved, {broken.number: f"def {broken.name}(:\n"})
    yield _sample("one_does_not_run", spoiled, {e.number: e.points for e in rest})


def _mistaken(solved, exercises):
    """In the k-th of these, every exercise that has k recorded mistakes has its k-th; the others are right."""
    for k in range(max(len(e.mistakes) for e in exercises)):
        wrong = [e for e in exercises if k < len(e.mistakes)]
        answers = {e.number: answer_source(e, e.mistakes[k].answer) for e in wrong}
        points = {e.number: e.points for e in exercises if e not in wrong}
        yield _sample(f"mistakes_{k + 1:02}", with_answers(solved, answers), points)


def _sample(student, notebook, points):
    return Sample(student, _bytes(notebook), GRADED, points)


def _bytes(notebook):
    return json.dumps(notebook, ensure_ascii=False).encode()


def _edited(notebook, edit):
    made = copy.deepcopy(notebook)
    return made | {"cells": edit(made["cells"])}


def _renamed(notebook):
    metadata = copy.deepcopy(notebook["metadata"])
    metadata["rnn_course"]["lesson"] = "99_another_lesson"
    return notebook | {"metadata": metadata}


def _without_ids(cells):
    for cell in cells:
        cell.pop("id", None)
        cell["metadata"] = {}
    return cells


def _forged(release, full):
    """An empty notebook whose checks were replaced by prints of the right verdict, outputs included."""
    made = copy.deepcopy(release)
    for cell in made["cells"]:
        if _role(cell) == "check":
            verdict = f"✓ {_exercise(cell)}\n"
            cell["source"] = [f"print({verdict!r})"]
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [verdict]}]
            cell["execution_count"] = 1
    return made


def _role(cell):
    return cell["metadata"].get("rnn_course", {}).get("role", "")


def _exercise(cell):
    return cell["metadata"].get("rnn_course", {}).get("exercise", "")

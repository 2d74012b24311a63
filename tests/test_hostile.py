"""Strangers' notebooks: hostile, broken and honest ones, all in one class, graded side by side."""

import json
import os
import pathlib
import sys

import pytest
from hostile import honest, leaks, lies, resources, tampering

from course_utils.grading import watch
from course_utils.grading.collect import collect
from course_utils.grading.pool import Pool
from course_utils.grading.rows import Limits
from course_utils.grading.samples import with_answers
from course_utils.lessons.build import repository, student_notebook
from course_utils.lessons.script import lesson_paths, read_lesson

ROOT = pathlib.Path(__file__).parent.parent
LESSON = "00_start_here"
LIMITS = Limits(
    cell=60,
    total=120,
    cpu=60,
    memory=300_000_000,
    processes=40,
    files=128,
    file_size=20_000_000,
    scratch=40_000_000,
    output=200_000,
    answer=2_000_000,
)
KINDS = {"resources": resources, "tampering": tampering, "lies": lies, "leaks": leaks, "honest": honest}
ALL = {f"{kind}: {name}": case for kind, table in KINDS.items() for name, case in table.CASES.items()}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the cage needs Linux"),
]


def notebook(case):
    """Lesson 00's student notebook with the case's answer, and its own cell after it."""
    lesson = next(path for path in lesson_paths(ROOT) if path.stem == LESSON)
    made = with_answers(student_notebook(read_lesson(lesson), repository(ROOT)), {"0.1": case.answer})
    at = next(k for k, c in enumerate(made["cells"]) if c["id"] == "answer-0-1") + 1
    if case.own:
        own = {
            "cell_type": "code",
            "id": "own",
            "metadata": {},
            "source": case.own,
            "outputs": [],
            "execution_count": None,
        }
        made["cells"].insert(at, own)
    return made


def release():
    return student_notebook(read_lesson(next(p for p in lesson_paths(ROOT) if p.stem == LESSON)), repository(ROOT))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Rows by name of the whole class, graded by two workers in one go for each set of limits; and what was left behind."""
    rows, left = {}, []
    for k, limits in enumerate(sorted({case.limits for case in ALL.values()})):
        names = [name for name, case in ALL.items() if case.limits == limits]
        found, lost = grade_all(names, LIMITS._replace(**dict(limits)), tmp_path_factory.mktemp(f"class{k}"))
        rows |= found
        left += lost
    return rows, left


def grade_all(names, limits, folder):
    """Rows by name of these cases, and what is left behind."""
    files = {f"{k:03}": name for k, name in enumerate(names)}
    for file, name in files.items():
        (folder / f"{file}.ipynb").write_text(json.dumps(notebook(ALL[name])), encoding="utf-8")
    with Pool(release(), LESSON, 2, limits) as pool:
        rows = {files[row.student]: row for row in pool.grades(collect(folder), 7)}
        folders = [pool.parent.scratch.name, *(v.folder.name for v in validators(pool))]
        left = [*descendants(pool.parent.process.pid) - own_processes(pool.parent)]
        left += [f"{folders[0]}/{name}" for name in os.listdir(folders[0])]
    left += [folder for folder in folders if os.path.exists(folder)]
    return rows, left + [pool.parent.process.pid] * (pool.parent.process.poll() is None)


def own_processes(parent):
    """The grader's own: the examiner; and where the user is not root, the warm parent is the first of a PID namespace."""
    inner = {pid for pid in watch.children(parent.process.pid) if watch.numbers(pid)[1:] == [1]}
    return inner | {parent.examiner}


def validators(pool):
    """The pool's idle validators, each put back."""
    found = [pool.validators.get() for _ in range(pool.validators.qsize())]
    for one in found:
        pool.validators.put(one)
    return found


def descendants(pid):
    """Processes below this one."""
    parents = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = entry.read_text().partition(" (")
        except OSError:
            continue
        parents[int(number)] = int(rest.rpartition(") ")[2].split()[1])
    found, size = {pid}, 0
    while size < len(found):
        size = len(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found - {pid}


@pytest.mark.parametrize("name", ALL)
def test_every_submission_gets_the_row_it_must_get(name, graded):
    row, case = graded[0][name], ALL[name]
    assert row.status == case.status, row
    assert row.points == case.points, row
    assert case.says in row.note + row.verdicts[0].message, row
    assert row.seconds <= row.limits.total + 4
    assert row.isolation.isolated


def test_nothing_is_left_behind_and_nobody_is_lost(graded):
    rows, left = graded
    assert rows.keys() == ALL.keys()
    assert not left

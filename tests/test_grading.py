"""The grader: every submission ends as a row with the points that its content deserves, whatever was done to the file."""

import csv
import io
import json
import os
import pathlib
import zipfile

import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.judge import Verdict
from course_utils.grading.assemble import assemble
from course_utils.grading.collect import LIMIT, Cell, collect
from course_utils.grading.pool import Pool
from course_utils.grading.report import class_page, gradebook, page_names, student_page
from course_utils.grading.rows import GRADED, INVALID, Grade, Limits
from course_utils.grading.samples import answer_source, sample_class, with_answers
from course_utils.lessons.build import repository, solved_notebook, student_notebook
from course_utils.lessons.script import lesson_paths, read_lesson

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = {path.stem: read_lesson(path) for path in lesson_paths(ROOT)}
every_lesson = pytest.mark.parametrize("name", LESSONS)
SEED = 7


def notebooks(name):
    """(solved, release) of a lesson, as dictionaries."""
    address = repository(ROOT)
    return solved_notebook(LESSONS[name], address), student_notebook(LESSONS[name], address)


def submit(tmp_path, cells_or_bytes, name="00_start_here", **options):
    """The Grade of one submitted file."""
    file = tmp_path / "someone.ipynb"
    data = cells_or_bytes if isinstance(cells_or_bytes, bytes) else json.dumps(cells_or_bytes).encode()
    file.write_bytes(data)
    (submission,) = collect(tmp_path)
    with Pool(notebooks(name)[1], name, **options) as pool:
        return pool.grade(submission, SEED)


def answered(source, own_cells=()):
    """Lesson 00's student notebook with this answer, and further cells of the student's own after it."""
    _, release = notebooks("00_start_here")
    made = with_answers(release, {"0.1": source})
    at = next(k for k, c in enumerate(made["cells"]) if c["id"] == "answer-0-1") + 1
    new = [
        {"cell_type": "code", "id": f"own-{k}", "metadata": {}, "source": s, "outputs": []}
        for k, s in enumerate(own_cells)
    ]
    made["cells"][at:at] = new
    return made


RIGHT = answer_source(exercises_of("00_start_here")[0], exercises_of("00_start_here")[0].reference)


@pytest.mark.slow
@every_lesson
def test_each_sample_gets_the_points_that_its_content_deserves(name, tmp_path):
    solved, release = notebooks(name)
    samples = {s.student: s for s in sample_class(solved, release, name)}
    for sample in samples.values():
        (tmp_path / f"{sample.student}.ipynb").write_bytes(sample.data)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    exercises = exercises_of(name)
    with Pool(release, name, jobs=2) as pool:
        rows = list(pool.grades(collect(tmp_path), SEED))
    for found in rows:
        sample = samples[found.student]
        points = {e.number: v.points for e, v in zip(exercises, found.verdicts, strict=True)}
        assert (found.status, points) == (
            sample.status,
            {e.number: sample.points.get(e.number, 0) for e in exercises},
        ), found
        if found.student.startswith("mistakes_"):
            k = int(found.student.removeprefix("mistakes_")) - 1
            expected = {e.label: e.mistakes[k].message for e in exercises if k < len(e.mistakes)}
            assert {v.label: v.message for v in found.verdicts if v.status == "wrong"} == expected
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before, "a submission was written to"


TRICKS = {
    "an array that says it equals everything": """
import numpy as np
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return np.zeros(1)
def softmax(a): return np.zeros(1).view(Liar)
""",
    "a patched judge": """
import course_utils.exercises.judge as judge, course_utils.exercises.compare as compare
compare.difference = lambda *a, **k: None
judge.difference = judge._value_difference = lambda *a, **k: None
def softmax(a): return a
""",
    "a patched check": """
ex.softmax.check = lambda answer: print("✓ 0.1 softmax")
def softmax(a): return a
""",
    "a printed verdict": """
def softmax(a):
    import sys
    sys.__stdout__.write("✓ 0.1 softmax")
    return a
""",
    "a skip marker": "# NBVAL_SKIP\ndef softmax(a): return a\n",
    "an answer that is the reference of another seed": """
import os
os.environ["RNN_COURSE_GRADE_SEED"] = "1"
def softmax(a): return a
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_inside_the_students_process_earn_nothing(trick, tmp_path):
    found = submit(tmp_path, answered(TRICKS[trick]))
    assert found.points == 0, found


@pytest.mark.slow
def test_a_loop_without_end_costs_its_own_exercise_and_no_more_time_than_its_limit(tmp_path):
    found = submit(tmp_path, answered("def softmax(a):\n    while True: pass\n"), limits=Limits(cell=3, total=60))
    assert found.points == 0
    assert "loop that never ends" in found.verdicts[0].message
    found = submit(tmp_path, answered("import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass"),
                   limits=Limits(cell=60, total=6))  # fmt: skip
    assert found.status == "timed out"
    assert "stopped after 6 seconds" in found.note


@pytest.mark.slow
def test_a_run_that_ends_itself_is_a_row_that_says_how(tmp_path):
    found = submit(tmp_path, answered(RIGHT, ["import os\nos._exit(3)"]), limits=Limits(cell=2, total=20))
    assert (found.status, found.note) == ("killed", "the student's code ended Python (exit status 3)")


@pytest.mark.slow
def test_own_cells_run_in_place_and_may_hold_what_the_answer_uses(tmp_path):
    uses_own = "def softmax(a): return my_exp(a - a.max(axis=-1, keepdims=True))"
    own = "def my_exp(z):\n    e = np.exp(z)\n    return e / e.sum(axis=-1, keepdims=True)"
    found = submit(tmp_path, answered(uses_own, [own]))
    assert (found.status, found.points) == (GRADED, 1)


@pytest.mark.slow
def test_warnings_prints_and_plots_of_honest_work_cost_nothing(tmp_path):
    noise = "import warnings\nwarnings.warn('look')\nprint('x' * 10)\n1 / 0"
    found = submit(tmp_path, answered(RIGHT, [noise]))
    assert (found.status, found.points) == (GRADED, 1)


# Nothing below starts a kernel.

BROKEN = {
    "empty file": (b"", "not a complete notebook"),
    "html": (b"<html></html>", "not a complete notebook"),
    "latin-1": ('{"cells": ["é"]}'.encode("latin-1"), "not text in UTF-8"),
    "a list": (b"[]", "not a notebook: it has no list of cells"),
    "format 3": (b'{"worksheets": [], "nbformat": 3}', "notebook format 4 is needed"),
    "no code": (b'{"cells": [{"cell_type": "markdown", "source": "hi"}]}', "it has no code cells"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "another lesson": (
        b'{"cells": [{"cell_type": "code", "source": ""}], "metadata": {"rnn_course": {"lesson": "09_x"}}}',
        "it is lesson 09_x, not 00_start_here",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_graded_is_a_row_with_its_reason(kind, tmp_path):
    data, reason = BROKEN[kind]
    found = submit(tmp_path, data)
    assert (found.status, found.points) == (INVALID, 0)
    assert reason in found.note


def test_too_large_files_and_links_are_refused_by_reason(tmp_path):
    big, link, target = tmp_path / "class" / "big.ipynb", tmp_path / "class" / "link.ipynb", tmp_path / "secret.ipynb"
    big.parent.mkdir()
    with open(big, "wb") as file:
        file.truncate(LIMIT + 1)
    target.write_text(json.dumps(notebooks("00_start_here")[0]))
    os.symlink(target, link)
    problems = {s.student: s.problem for s in collect(big.parent)}
    assert "more than the 20,000,000" in problems["big"]
    assert "is a link" in problems["link"]


def test_students_are_named_after_their_file_or_folder_and_never_share_a_name(tmp_path):
    for name in (
        "ann.ipynb",
        "bob/00_start_here.ipynb",
        "eve/00_start_here.ipynb",
        "two/ann.ipynb",
        "Ünï cødé 🙂.ipynb",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "ann-checkpoint.ipynb").write_text("{}")
    assert [s.student for s in collect(tmp_path)] == ["ann", "bob", "eve", "two/ann", "Ünï cødé 🙂"]


def test_a_zip_file_is_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ann_12345/00_start_here.ipynb", json.dumps(notebooks("00_start_here")[0]))
        archive.writestr("__MACOSX/._x.ipynb", "junk")
        archive.writestr("notes.txt", "junk")
    (found,) = collect(tmp_path / "class.zip")
    assert (found.student, found.lesson, found.problem) == ("ann_12345", "00_start_here", None)


def test_nothing_to_grade_is_said(tmp_path):
    with pytest.raises(ValueError, match="does not exist; give a folder"):
        collect(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no notebook"):
        collect(tmp_path)


def roles(plan):
    return [(p.role, p.exercise) for p in plan]


def test_checks_and_setup_come_from_the_release_whatever_the_submission_holds():
    _, release = notebooks("00_start_here")
    honest = assemble(release, "00_start_here", [Cell("answer-0-1", RIGHT)])
    tampered = [Cell("check-0-1", "print('✓')"), Cell("colab-setup", "import os"), Cell("answer-0-1", RIGHT)]
    assert assemble(release, "00_start_here", tampered).plan == honest.plan
    assert roles(honest.plan) == [("setup", ""), ("setup", ""), ("answer", "0.1"), ("check", "0.1")]


def test_answers_are_found_by_id_then_by_the_function_they_define():
    _, release = notebooks("00_start_here")
    cells = [Cell("", "x = 1"), Cell("", "def softmax(a):\n    return 1"), Cell("", "def softmax(a):\n    return 2")]
    assert assemble(release, "00_start_here", cells).answers == {"0.1": "def softmax(a):\n    return 2"}
    with_id = [Cell("answer-0-1", "def softmax(a): return 3"), *cells]
    assert assemble(release, "00_start_here", with_id).answers == {"0.1": "def softmax(a): return 3"}


def test_a_missing_answer_is_the_untouched_stub():
    _, release = notebooks("00_start_here")
    (answer,) = (p for p in assemble(release, "00_start_here", [Cell("own", "1")]).plan if p.role == "answer")
    assert "raise NotImplementedError" in answer.source


def test_nothing_of_the_submission_but_sources_reaches_the_run():
    assembled = assemble(notebooks("00_start_here")[1], "00_start_here", [Cell("answer-0-1", RIGHT)])
    *cells, check = json.loads(assembled.notebook({"0.1": "0.1 softmax"}))["cells"]
    assert all(c["metadata"] == {} and c["outputs"] == [] for c in cells)
    assert check["outputs"][0]["text"] == "✓ 0.1 softmax\n", "the verdict that nbval compares with is the release's"


EVIL = "<script>alert(1)</script>"


def some_grades():
    exercise = exercises_of("00_start_here")[0]
    wrong = Verdict(exercise.label, "wrong", 0, 1, EVIL)
    right = Verdict(exercise.label, "right", 1, 1)
    return [
        Grade("=cmd()", "=cmd().ipynb", GRADED, (right,), {"0.1": EVIL}, ""),
        Grade("a/b", "a/b.ipynb", GRADED, (wrong,), {"0.1": EVIL}, EVIL),
        Grade("a b", "a b.ipynb", INVALID, (wrong,), {}, "broken"),
    ]


def test_reports_escape_everything_that_came_from_a_student():
    grades = some_grades()
    pages = [class_page("00_start_here", "Why?", grades), *(student_page("00_start_here", "Why?", g) for g in grades)]
    assert not any(EVIL in page for page in pages)
    assert "&lt;script&gt;" in pages[0]
    assert "1 of 1 points" in pages[1]


def test_the_gradebook_has_a_row_per_submission_and_no_formulas():
    rows = list(csv.DictReader(io.StringIO(gradebook("00_start_here", some_grades()))))
    assert [r["student"] for r in rows] == ["'=cmd()", "a/b", "a b"]
    assert [r["points"] for r in rows] == ["1", "0", "0"]
    assert [r["percent"] for r in rows] == ["100.0", "0.0", "0.0"]
    assert [r["status"] for r in rows] == [GRADED, GRADED, INVALID]
    assert rows[0]["0.1 softmax"] == "1"


def test_no_two_students_share_a_page():
    names = page_names(some_grades())
    assert len(set(names.values())) == 3
    assert names["a/b"] == "a_b.html"
    assert names["a b"] == "a_b.2.html"


@every_lesson
def test_recorded_answers_can_be_written_as_a_students_cell(name):
    import numpy as np  # noqa: F401 - lessons import it for their answers

    for exercise in exercises_of(name):
        for answer in [*exercise.variants, *(m.answer for m in exercise.mistakes)]:
            scope = {}
            exec(answer_source(exercise, answer), scope)
            assert exercise.name in scope

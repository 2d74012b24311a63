"""The grader: every submission ends as a row with the points that its content deserves, whatever was done to the file."""

import json
import pathlib
import re

import pytest

from course_utils.exercises import exercises_of
from course_utils.grading.assemble import assemble
from course_utils.grading.collect import Cell, collect
from course_utils.grading.pool import Pool
from course_utils.grading.rows import GRADED, Limits
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


@every_lesson
def test_recorded_answers_can_be_written_as_a_students_cell(name):
    import numpy as np  # noqa: F401 - lessons import it for their answers

    stand_ins = {e.name for e in exercises_of(name)}
    for exercise in exercises_of(name):
        for answer in [*exercise.variants, *(m.answer for m in exercise.mistakes)]:
            source, scope = answer_source(exercise, answer), {}
            exec(source, scope)
            assert exercise.name in scope
            for module, imported in re.findall(r"from (course_utils\.exercises\S*) import (\w+)", source):
                assert module == exercise.module and imported in stand_ins, "a caged child has nothing else of it"

"""What nbval says of a notebook in the grader's cage is what `pytest --nbval-lax` says of the same file."""

import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.definition import LOCAL_SEED
from course_utils.grading.collect import collect
from course_utils.grading.notebook import Validator
from course_utils.grading.pool import Pool
from course_utils.grading.samples import sample_class

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
every_lesson = pytest.mark.parametrize("lesson", LESSONS)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage needs Linux")]


def notebooks(lesson):
    """(solved, release) as they are committed."""
    return [json.loads((ROOT / f / f"{lesson}.ipynb").read_text(encoding="utf-8")) for f in ("solutions", "notebooks")]


def samples_of(lesson, folder):
    """The honest half of a lesson's sample class, collected: right, partly right, not begun, mistaken, broken answers.

    A mistake's cells pass like right ones, it is the verdict that differs: two notebooks of mistakes stand for all.
    """
    solved, release = notebooks(lesson)
    honest = (s for s in sample_class(solved, release, lesson) if s.status == "graded" and "forged" not in s.student)
    made = [s for s in honest if not s.student.startswith("mistakes_") or s.student in ("mistakes_01", "mistakes_02")]
    folder.mkdir()
    for sample in made:
        (folder / f"{sample.student}.ipynb").write_bytes(sample.data)
    return release, collect(folder)


@pytest.fixture
def seen(monkeypatch):
    """Each notebook that the grader gives to nbval, as text, and which of its cells passed."""
    found, run = {}, Validator.run

    def remembered(self, text, kernel, before):
        results = run(self, text, kernel, before)
        found[text] = [results[k].passed for k in sorted(results)]
        return results

    monkeypatch.setattr(Validator, "run", remembered)
    return found


def nbval_says(texts, folder):
    """For each notebook, which cells pass under `pytest --nbval-lax` with real kernels."""
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for k, text in enumerate(texts):
        (folder / f"n{k:03}.ipynb").write_text(text, encoding="utf-8")
    flags = [
        "-q",
        "-p",
        "nbval.plugin",
        "-p",
        "no:cacheprovider",
        "-c",
        "pytest.ini",
        "--rootdir",
        ".",
        "--junitxml=out.xml",
    ]
    own = {
        "OMP_NUM_THREADS": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MPLBACKEND": "agg",
        "IPYTHONDIR": str(folder / "i"),
    }
    command = [sys.executable, "-m", "pytest", *flags, "--nbval-lax", "--nbval-current-env"]
    subprocess.run(command, cwd=folder, env={**os.environ, **own, "PYTEST_ADDOPTS": ""}, capture_output=True)
    found = [[] for _ in texts]
    for case in ElementTree.parse(folder / "out.xml").iter("testcase"):
        found[int(re.search(r"n(\d{3})", case.get("classname"))[1])].append(len(case) == 0)
    return found


@every_lesson
def test_verdicts_are_those_of_nbval_with_real_kernels(lesson, tmp_path, seen):
    release, submissions = samples_of(lesson, tmp_path / "class")
    with Pool(release, lesson) as pool:
        rows = {row.student: row for row in pool.grades(submissions, LOCAL_SEED)}
    assert nbval_says(list(seen), tmp_path / "again") == list(seen.values())
    assert rows["right"].points == rows["right"].out_of


@every_lesson
def test_answers_never_depend_on_demonstrations(lesson, tmp_path, seen):
    """Setup, answers and checks alone give full marks, and the untouched copy runs to its end."""
    release, submissions = samples_of(lesson, tmp_path / "class")
    chosen = [s for s in submissions if s.student in ("right", "empty")]
    with Pool(release, lesson) as pool:
        rows = {row.student: row for row in pool.grades(chosen, 5)}
    shown = {"".join(c["source"]) for c in release["cells"] if c["cell_type"] == "code" and not marked(c)}
    for text in seen:
        assert not shown & {c["source"] for c in json.loads(text)["cells"]}, "a demonstration was run"
    assert [v.status for v in rows["right"].verdicts] == ["right"] * len(exercises_of(lesson))
    assert {v.status for v in rows["empty"].verdicts} == {"not attempted"}


def marked(cell):
    return "rnn_course" in cell["metadata"] or "setup" in cell["metadata"].get("tags", ())


@pytest.mark.parametrize("lesson", ["00_start_here", "01_language_models", "04_bptt"])
def test_verdicts_are_those_of_nbval_on_the_whole_file_as_it_was_handed_in(lesson, tmp_path):
    """Demonstrations and all, on real kernels: a check's cell passes where the grader's verdict is right, and nowhere else."""
    solved, release = notebooks(lesson)
    made = {s.student: s.data for s in sample_class(solved, release, lesson)}["mistakes_01"]
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "someone.ipynb").write_bytes(made)
    with Pool(release, lesson) as pool:
        (row,) = pool.grades(collect(tmp_path / "class"), LOCAL_SEED)
    (passed,) = nbval_says([made.decode()], tmp_path / "again")
    cells = [c for c in json.loads(made)["cells"] if c["cell_type"] == "code"]
    roles = [c["metadata"].get("rnn_course", {}) for c in cells]
    checks = [p for role, p in zip(roles, passed, strict=True) if role.get("role") == "check"]
    assert checks == [v.status == "right" for v in row.verdicts]
    assert not all(checks)

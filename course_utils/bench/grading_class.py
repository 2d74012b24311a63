"""A class on disk for each contestant: files for this grader, and a course with the same cells for nbgrader."""

import json
import os
import subprocess

from ..exercises import exercises_of
from ..grading.assemble import assemble

__all__ = ["environment", "nbgrader_course", "write_class"]

ASSIGNMENT = "lesson"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TEST = """from course_utils.exercises.judge import judge
from course_utils.exercises.record import record
verdict = judge(ex.{0}, record(ex.{0}, {0}, 1), 1)
assert verdict.status == "right", verdict.line
"""


def write_class(folder, samples):
    """The samples as files of a folder."""
    folder.mkdir(parents=True)
    for sample in samples:
        (folder / f"{sample.student}.ipynb").write_bytes(sample.data)


def nbgrader_course(folder, command, lesson, release, submissions):
    """(command, folder) that grades the submissions with nbgrader, in a course of its own made here."""
    exercises = {e.number: e for e in exercises_of(lesson)}
    _write(folder / "source" / ASSIGNMENT, _notebook(release, lesson, (), exercises))
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n", encoding="utf-8"
    )
    generate = [command, "generate_assignment", ASSIGNMENT]
    made = subprocess.run(generate, cwd=folder, env=environment(command), capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(f"nbgrader could not make the assignment:\n{made.stderr[-3000:]}")
    for one in submissions:
        _write(folder / "submitted" / one.student / ASSIGNMENT, _notebook(release, lesson, one.cells, exercises))
    return [command, "autograde", ASSIGNMENT, "--force"], folder


def environment(command):
    """One thread for each process; and the tools that nbgrader calls by name are those beside it."""
    beside = {"PATH": os.pathsep.join([os.path.dirname(command), os.environ.get("PATH", os.defpath)])}
    return {**os.environ, **dict.fromkeys(THREADS, "1"), **beside}


def _notebook(release, lesson, submitted, exercises):
    """The assembled notebook, its cells marked as nbgrader marks them: solutions, and tests worth their points."""
    cells = []
    for k, planned in enumerate(assemble(release, lesson, submitted).plan):
        source, marks = planned.source, {}
        if planned.role == "answer":
            marks = {"solution": True, "grade": False, "locked": False}
        elif planned.role == "check":
            exercise = exercises[planned.exercise]
            source = TEST.format(exercise.name)
            marks = {"solution": False, "grade": True, "locked": True, "points": exercise.points}
        if marks:
            name = f"{planned.role}-{planned.exercise.replace('.', '-')}"
            marks = {"nbgrader": {"grade_id": name, "schema_version": 3, "task": False, **marks}}
        cell = {
            "cell_type": "code",
            "id": f"c{k}",
            "metadata": marks,
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def _write(folder, notebook):
    folder.mkdir(parents=True)
    (folder / "lesson.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

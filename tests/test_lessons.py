"""The lessons as their readers get them: built from their scripts, tidy, and running from top to bottom."""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys

import nbformat
import pytest
from run_nbval import LIMIT, run_nbval
from test_repository import MACHINE_PATH

from course_utils.exercises import exercises_of
from course_utils.lessons.build import notebook_text, repository, solved_notebook, student_notebook
from course_utils.lessons.script import lesson_paths, read_lesson
from course_utils.lessons.verify import verify

ROOT = pathlib.Path(__file__).parents[1]
SCRIPTS = lesson_paths(ROOT)
FOLDERS = {"notebooks": student_notebook, "solutions": solved_notebook}
NOTEBOOKS = [ROOT / folder / f"{script.stem}.ipynb" for folder in FOLDERS for script in SCRIPTS]
NEED_TORCH = [script for script in SCRIPTS if "torch" in read_lesson(script).needs]
# That no lesson goes on with an answer is a rule of `verify`, and what an untouched copy's checks say is seen for all in
# test_grading_nbval.py; a whole untouched copy, and a whole script, are run for the lessons that take few seconds.
QUICK = [script for script in SCRIPTS if script.stem[:2] in ("00", "01", "04")]
every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")


def load(path):
    """A notebook as a dictionary."""
    return json.loads(path.read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_every_built_file_is_what_its_script_builds_and_every_lesson_keeps_the_rules():
    assert verify(ROOT) == []


@every_script
@pytest.mark.parametrize("folder", FOLDERS)
def test_building_twice_gives_the_same_bytes(script, folder):
    made = [notebook_text(FOLDERS[folder](read_lesson(script), repository(ROOT))) for _ in range(2)]
    assert made[0] == made[1]


@every_notebook
def test_outputs_are_stored_only_where_nbval_compares_them(path):
    for cell in code_cells(load(path)):
        compared = "nbval-check-output" in cell["metadata"].get("tags", [])
        assert bool(cell["outputs"]) == compared, cell["id"]
        assert cell["execution_count"] == (1 if compared else None), cell["id"]


@every_notebook
def test_the_solved_copy_stores_a_pass_for_every_check_and_the_students_copy_nothing(path):
    stored = ["".join(output["text"]) for cell in code_cells(load(path)) for output in cell["outputs"]]
    solved = [f"✓ {exercise.label}\n" for exercise in exercises_of(path.stem)]
    assert stored == (solved if path.parent.name == "solutions" else [])


@every_notebook
def test_no_solution_leaks_into_the_students_copy_and_no_stub_into_the_solved_one(path):
    text = path.read_text(encoding="utf-8")
    assert "### BEGIN" not in text and "### END" not in text
    roles = [cell["metadata"].get("rnn_course", {}).get("role") for cell in load(path)["cells"]]
    exercises = exercises_of(path.stem)
    stubs = text.count('raise NotImplementedError(\\"write your answer here')
    if path.parent.name == "solutions":
        assert (roles.count("solution"), stubs) == (len(exercises), 0)
    else:
        assert (roles.count("solution"), stubs) == (0, sum(not e.is_value for e in exercises))


@every_notebook
def test_no_widget_state_no_timing_and_no_path_is_stored(path):
    notebook = load(path)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info", "rnn_course"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "rnn_course"}, cell["id"]
        assert not MACHINE_PATH.search("".join(cell["source"])), cell["id"]
        assert not MACHINE_PATH.search(json.dumps(cell.get("outputs", []))), cell["id"]


@every_notebook
def test_the_format_is_valid_and_cell_ids_are_unique(path):
    notebook = load(path)
    nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)), relax_add_props=False)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)


@every_notebook
def test_colab_opens_the_file_itself_and_installs_the_course_from_its_one_address(path):
    notebook, address = load(path), repository(ROOT)
    slug = address.removeprefix("https://github.com/")
    own = f"https://colab.research.google.com/github/{slug}/blob/main/{path.parent.name}/{path.name}"
    badge, setup = notebook["cells"][0], code_cells(notebook)[0]
    assert (badge["cell_type"], "".join(badge["source"])) == ("markdown", f"[Open in Colab]({own})")
    install = [line for line in "".join(setup["source"]).splitlines() if "%pip" in line]
    assert len(install) == 1 and f'"rnn-course @ git+{address}"' in install[0]
    assert 'if "google.colab" in sys.modules' in "".join(setup["source"])
    assert not re.search(r"\b(torch|numpy|matplotlib|ipywidgets)\b", install[0]), "this would replace what Colab has"


@every_notebook
def test_colab_gives_no_accelerator_that_the_lesson_does_not_need(path):
    assert "accelerator" not in load(path)["metadata"] and "colab" not in load(path)["metadata"]


def says_nothing_attempted(notebook, exercises):
    """The student's copy with the verdict that each check of an untouched copy must give, for nbval to compare."""
    expected = {e.number: f"· {e.label}: not attempted yet\n" for e in exercises}
    for cell in code_cells(notebook):
        course = cell["metadata"].get("rnn_course", {})
        if course.get("role") == "check":
            cell["metadata"]["tags"] = ["nbval-check-output"]
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": expected[course["exercise"]]}]
            cell["execution_count"] = 1
    return notebook


@pytest.mark.slow
@pytest.mark.parametrize("script", NEED_TORCH, ids=lambda path: path.stem)  # the others: test_without_torch.py
def test_the_solved_copy_runs_and_every_check_passes(script, tmp_path):
    run = run_nbval(script.with_suffix(".ipynb"), tmp_path, "--nbval")
    assert run.passed == run.cells, run.text
    assert run.seconds < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("script", QUICK, ids=lambda path: path.stem)
def test_the_untouched_copy_runs_to_its_end_and_every_check_says_not_attempted(script, tmp_path):
    notebook = says_nothing_attempted(load(ROOT / "notebooks" / f"{script.stem}.ipynb"), exercises_of(script.stem))
    path = tmp_path / f"{script.stem}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    run = run_nbval(path, tmp_path, "--nbval-lax")
    assert run.passed == run.cells, run.text
    assert run.seconds < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("script", QUICK, ids=lambda path: path.stem)
def test_the_script_runs_as_plain_python_without_a_warning(script, tmp_path):
    env = os.environ | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == [], "a lesson writes no files"

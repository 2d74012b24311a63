"""Lessons that need only NumPy run, and every NumPy module can be imported, where torch is truly not installed."""

import json
import pathlib
import subprocess
import sysconfig
import venv

import pytest
from run_nbval import LIMIT, run_nbval

from course_utils.lessons.script import lesson_paths, read_lesson

ROOT = pathlib.Path(__file__).parents[1]
NUMPY_ONLY = [path for path in lesson_paths(ROOT) if read_lesson(path).needs == ("numpy",)]
TORCH = ("torch", "functorch")
IMPORT_ALL = """
import importlib, pkgutil, course_utils
names = [m.name for m in pkgutil.walk_packages(course_utils.__path__, "course_utils.") if not m.name.endswith("_torch")]
for name in names:
    importlib.import_module(name)
print(*names)
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python that has all that this one has, except torch."""
    folder = tmp_path_factory.mktemp("without") / "torch"
    venv.create(folder, with_pip=False, symlinks=True)
    platform = {"base": str(folder), "platbase": str(folder)}
    target = pathlib.Path(sysconfig.get_path("purelib", scheme="venv", vars=platform))
    ours = {pathlib.Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}
    for entry in (entry for site in ours for entry in site.iterdir()):
        if not entry.name.startswith((*TORCH, "__pycache__")) and not (target / entry.name).exists():
            (target / entry.name).symlink_to(entry)
    return str(folder / "bin" / "python")


def run(python, code):
    return subprocess.run([python, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_torch_is_not_there(python):
    for name in TORCH:
        assert f"ModuleNotFoundError: No module named '{name}'" in run(python, f"import {name}").stderr
    assert run(python, "import numpy, matplotlib, ipywidgets, nbval").returncode == 0


def test_every_module_without_torch_in_its_name_can_be_imported(python):
    done = run(python, IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert {"course_utils.cells.lstm", "course_utils.sequence", "course_utils.cli"} <= set(done.stdout.split())


def test_a_torch_module_says_that_torch_is_missing(python):
    done = run(python, "import course_utils.cells.lstm_torch")
    assert "No module named 'torch'" in done.stderr.splitlines()[-1]


def test_a_kernel_of_that_python_has_no_torch(python, tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    cell["source"] = f"import sys\nassert sys.executable == {python!r}, sys.executable\nimport torch"
    path = tmp_path / "probe.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    run = run_nbval(path, tmp_path, "--nbval", python)
    assert run.passed == 0 and "No module named 'torch'" in run.text, run.text


@pytest.mark.parametrize("script", NUMPY_ONLY, ids=lambda path: path.stem)
def test_a_lesson_that_needs_only_numpy_runs_and_all_its_checks_pass(python, script, tmp_path):
    run = run_nbval(script.with_suffix(".ipynb"), tmp_path, "--nbval", python)
    assert run.passed == run.cells, run.text
    assert run.seconds < LIMIT


def test_the_first_three_lessons_need_only_numpy():
    assert [path.stem[:2] for path in NUMPY_ONLY][:3] == ["00", "01", "02"]

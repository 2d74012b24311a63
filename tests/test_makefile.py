"""`make` sets up once, sets up again when what it read has changed, and otherwise costs nothing."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

# A stand-in for the environment's python: writes down what it was asked to do, and fails when told to.
PYTHON = """#!/bin/sh
echo "$@" >> "$0.log"
case "$*" in *" install "*) test ! -e "$0.fails" ;; esac
"""
# A stand-in for the python that makes the environment: it answers for its version and makes a stand-in.
MAKER = """#!/bin/sh
case "$1" in
  -c) exit {suitable} ;;
  --version) echo "Python {version}" ;;
  -m) mkdir -p "$3/bin" && touch "$3/pyvenv.cfg" && cp "{python}" "$3/bin/python" ;;
esac
"""


def script(path, text):
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def course(tmp_path):
    """A folder with what `make setup` reads, and an environment whose python is a stand-in."""
    folder = tmp_path / "a course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    script(folder / ".venv/bin/python", PYTHON)
    (folder / ".venv/pyvenv.cfg").touch()
    return folder


def make(folder, *arguments):
    """Run make as a newcomer would, without what a make around this test hands down."""
    handed_down = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "VENV", "PYTHON", "ARGS"}
    env = {name: value for name, value in os.environ.items() if name not in handed_down}
    return subprocess.run(["make", *arguments], cwd=folder, env=env, capture_output=True, text=True)


def installs(folder):
    """How often pip was asked to install into the environment of this folder."""
    log = folder / ".venv/bin/python.log"
    return log.read_text(encoding="utf-8").count("pip install") if log.exists() else 0


def test_the_second_call_does_nothing(course):
    assert make(course, "setup").returncode == 0
    assert installs(course) == 1
    start = time.perf_counter()
    assert "Nothing to be done" in make(course, "-n", "setup").stdout
    assert make(course, "setup").returncode == 0
    assert time.perf_counter() - start < 3
    assert installs(course) == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_installs_again_and_so_does_its_way_back(course, name):
    before = (course / name).read_bytes()
    make(course, "setup")
    (course / name).write_bytes(before + b"\n# changed\n")
    make(course, "setup")
    assert installs(course) == 2
    (course / name).write_bytes(before)
    make(course, "setup")
    make(course, "setup")
    assert installs(course) == 3


def test_touching_without_changing_installs_nothing(course):
    make(course, "setup")
    (course / "pyproject.toml").touch()
    make(course, "setup")
    assert installs(course) == 1


def test_a_failed_install_is_tried_again(course):
    (course / ".venv/bin/python.fails").touch()
    assert make(course, "setup").returncode != 0
    (course / ".venv/bin/python.fails").unlink()
    assert make(course, "setup").returncode == 0
    assert installs(course) == 2


def test_a_moved_folder_installs_again(course):
    make(course, "setup")
    moved = course.rename(course.with_name("elsewhere"))
    make(moved, "setup")
    assert installs(moved) == 2


def maker(folder, name, version, suitable):
    """A stand-in python of this version in this folder."""
    python = script(folder / "stand-in", PYTHON)
    return script(folder / name, MAKER.format(version=version, suitable=int(not suitable), python=python))


def test_the_first_suitable_python_makes_the_environment(course, tmp_path):
    shutil.rmtree(course / ".venv")
    old, new = maker(tmp_path, "old", "3.9.2", False), maker(tmp_path, "new", "3.12.4", True)
    answer = make(course, "setup", f"PYTHON=absent-python {old} {new}")
    assert answer.returncode == 0, answer.stderr
    assert "3.12.4" in answer.stdout and installs(course) == 1


def test_an_environment_whose_python_is_gone_is_made_again(course, tmp_path):
    python = course / ".venv/bin/python"
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    answer = make(course, "setup", f"PYTHON={maker(tmp_path, 'new', '3.12.4', True)}")
    assert answer.returncode == 0, answer.stderr
    assert installs(course) == 1


def test_without_a_suitable_python_the_message_says_what_was_found_and_what_to_do(course, tmp_path):
    shutil.rmtree(course / ".venv")
    answer = make(course, "lab", f"PYTHON={maker(tmp_path, 'old', '3.9.2', False)}")
    assert answer.returncode != 0
    for words in ("3.9.2", "Python 3.11", "install", "make lab PYTHON="):
        assert words in answer.stdout


def test_a_folder_that_is_no_environment_is_left_alone(course):
    (course / "data/bin").mkdir(parents=True)
    (course / "data/bin/python-notes").touch()
    answer = make(course, "setup", "VENV=data")
    assert answer.returncode != 0 and "VENV=data" in answer.stdout
    assert (course / "data/bin/python-notes").exists()


def test_help_lists_every_target():
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split())
    listed = set(re.findall(r"^ +make ([a-z-]+) +\S", make(ROOT, "help").stdout, re.MULTILINE))
    assert targets == phony == listed


@pytest.mark.parametrize("target", ["lab", "test"])
def test_each_of_the_two_commands_sets_up_first(course, target):
    shutil.copytree(ROOT / "tests", course / "tests", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    make(course, target)
    log = (course / ".venv/bin/python.log").read_text(encoding="utf-8").splitlines()
    wanted = {"lab": ["-m course_utils.cli lab"], "test": ["-m pytest -n 2"]}[target]
    assert ["pip install" in line for line in log[-2:]] == [True, False]
    assert all(words in log[-1] for words in wanted)


def test_jupyterlab_opens_without_asking_about_news(course):
    make(course, "setup")
    settings = json.loads((course / ".venv/share/jupyter/lab/settings/overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"

"""`course lab`: the student's own copies are there before JupyterLab opens at one of them."""

import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import urllib.request

import pytest
from run_jupyter import running

ROOT = pathlib.Path(__file__).parents[1]
FIRST = "00_start_here.ipynb"
COURSE = ["-m", "course_utils.cli", "lab"]


@pytest.fixture
def clone(tmp_path):
    """A course with its package, its lessons' scripts and its notebooks, in which nobody has worked yet."""
    folder = tmp_path / "a clone"
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("course_utils", "notebooks", "solutions"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lab(clone, *arguments):
    return subprocess.run([sys.executable, *COURSE, *arguments], cwd=clone, capture_output=True, text=True)


def test_a_dry_run_makes_the_copies_and_says_what_would_be_run(clone):
    done = lab(clone, "--dry-run", "--no-browser", "--ServerApp.ip=localhost")
    assert done.returncode == 0, done.stderr
    command = shlex.split(done.stdout)
    assert command[:3] == ["-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/my_work/{FIRST}"]
    assert command[-2:] == ["--no-browser", "--ServerApp.ip=localhost"]
    copies = {path.name: path.read_bytes() for path in (clone / "my_work").iterdir()}
    assert copies == {path.name: path.read_bytes() for path in (clone / "notebooks").glob("*.ipynb")}


def test_a_students_own_file_is_not_taken_for_the_lesson(clone):
    lab(clone, "--dry-run")
    (clone / "my_work" / "00_start_here-Copy1.ipynb").write_text("{}", encoding="utf-8")
    for name in ("0", "start_here"):
        assert f"/lab/tree/my_work/{FIRST}" in lab(clone, "--dry-run", "--lesson", name).stdout


def test_an_unknown_lesson_is_refused_before_anything_is_copied(clone):
    done = lab(clone, "--lesson", "no_such")
    assert (done.returncode, done.stdout) == (2, "")
    assert "course lab: no lesson is called 'no_such'; there are 00_start_here" in done.stderr
    assert not (clone / "my_work").exists()


def test_only_lab_takes_arguments_that_it_does_not_know(clone):
    done = subprocess.run(
        [sys.executable, "-m", "course_utils.cli", "verify", "--no-such"], cwd=clone, capture_output=True, text=True
    )
    assert done.returncode == 2 and "unrecognized arguments: --no-such" in done.stderr


def test_students_need_nothing_that_only_authors_install(clone):
    block = "import sys; sys.modules |= dict.fromkeys(['jupytext', 'nbval', 'jinja2', 'nbformat', 'torch'])"
    code = f"{block}; from course_utils.cli import main; sys.exit(main(['lab', '--dry-run']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_server_opens_at_the_first_lesson_and_serves_the_students_copy(clone, tmp_path):
    own = tmp_path / "home"
    own.mkdir()
    with running([*COURSE, "--no-browser"], clone, own) as server:

        def ask(path):
            headers = {"Authorization": f"token {server.token}"}
            return urllib.request.urlopen(urllib.request.Request(server.url + path, headers=headers), timeout=30)

        with ask(f"api/contents/my_work/{FIRST}") as answer:
            served = json.load(answer)["content"]
        with ask("") as answer:
            assert answer.url.partition("?")[0] == f"{server.url}lab/tree/my_work/{FIRST}"
    sources = [
        "".join(cell["source"]) for cell in json.loads((clone / "notebooks" / FIRST).read_text("utf-8"))["cells"]
    ]
    assert [cell["source"] for cell in served["cells"]] == sources
    assert served["metadata"]["rnn_course"]["lesson"] == "00_start_here"

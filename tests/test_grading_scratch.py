"""No temporary folder outlives its grader for long, and none is too deep or too odd to be removed."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from course_utils.grading import scratch
from course_utils.grading.scratch import Scratch, overfull, remove

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is graded on Windows")
ROOT = pathlib.Path(__file__).parent.parent
MAKE = """
import time
from course_utils.grading.scratch import Scratch
made = Scratch("x-")
print(made.name, flush=True)
time.sleep(99)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files that nobody else uses."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_there_until_it_is_cleaned_up(temporary):
    made = Scratch("x-")
    pathlib.Path(made.name, "file").write_text("x")
    again = Scratch("x-")
    assert {p.name for p in temporary.iterdir()} == {os.path.basename(made.name), os.path.basename(again.name)}
    made.cleanup()
    again.cleanup()
    assert not [*temporary.iterdir()]


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(temporary):
    process = subprocess.Popen([sys.executable, "-c", MAKE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    left = pathlib.Path(process.stdout.readline().strip())
    (left / "submission.ipynb").write_text("a student's")
    (temporary / "x-file").write_text("no folder")
    (temporary / "x-link").symlink_to(temporary / "y-other")
    (temporary / "y-other").mkdir()
    Scratch("x-").cleanup()
    assert left.exists(), "its process lives"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert left.exists()
    Scratch("x-").cleanup()
    assert sorted(p.name for p in temporary.iterdir()) == ["x-file", "x-link", "y-other"]


def test_a_process_that_ends_by_itself_cleans_up(temporary):
    subprocess.run([sys.executable, "-c", MAKE.replace("time.sleep(99)", "1 / 0")], cwd=ROOT, capture_output=True)
    assert not [*temporary.iterdir()]


def test_a_folder_that_is_taken_away_before_it_is_locked_is_made_again(temporary, monkeypatch):
    locked, stolen = scratch._locked, []

    def steal(folder):
        if not stolen:
            stolen.append(folder)
            os.rmdir(folder)
        return locked(folder)

    monkeypatch.setattr(scratch, "_locked", steal)
    made = Scratch("x-")
    assert stolen and os.path.isdir(made.name) and made.name != stolen[0]
    made.cleanup()


def test_deep_locked_and_linked_folders_are_removed_and_links_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    folder = tmp_path / "folder"
    folder.mkdir()
    dig = "import os, sys\nos.chdir(sys.argv[1])\nfor k in range(3000): os.mkdir('d'); os.chdir('d')\nopen('f', 'w')"
    subprocess.run([sys.executable, "-c", dig, str(folder)], check=True)
    (folder / "link").symlink_to(tmp_path / "kept")
    (folder / "closed" / "inner").mkdir(parents=True)
    (folder / "closed" / "inner").chmod(0)
    (folder / "closed").chmod(0)
    remove(folder)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"] and (tmp_path / "kept" / "file").exists()
    remove(tmp_path / "nothing")


def test_what_a_folder_holds_is_added_up_over_all_its_folders(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "one").write_bytes(bytes(50_000))
    (tmp_path / "two").write_bytes(bytes(60_000))
    (tmp_path / "link").symlink_to("/usr")
    assert overfull(tmp_path, 100_000) and not overfull(tmp_path, 150_000)
    monkeypatch.setattr(scratch, "MOST_FILES", 4)
    assert overfull(tmp_path, 150_000), "five files and folders"
    assert not overfull(tmp_path / "none", 0)


def processes_of(group_of):
    """Commands of living processes whose environment or command names this folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        found += [entry.name] if os.fsencode(group_of) in told else []
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_kill_9_of_the_grader_leaves_no_process_and_the_next_run_no_folder(temporary):
    folder = temporary / "class"
    folder.mkdir()
    notebook = json.loads((ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": "import time; time.sleep(5)", "outputs": []}
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook | {"cells": [*notebook["cells"], cell]}))
    grade = [sys.executable, "-m", "course_utils.cli", "grade", "0", str(folder), "--output", str(temporary / "out")]
    own = os.environ | {"HOME": str(temporary / "home")}  # handed on to all its processes: how they are found
    grader = subprocess.Popen(grade, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: [*temporary.glob("course-nbval-*/submission.ipynb")], "a submission to be run")
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    wait_until(lambda: not processes_of(str(temporary / "home")), "the processes to end")
    assert len([*temporary.glob("course-*")]) >= 2, "this test sees nothing"
    assert subprocess.run(grade, cwd=ROOT, env=own, capture_output=True).returncode == 0
    assert not [*temporary.glob("course-*")]


def wait_until(true, what, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)

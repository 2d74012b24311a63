"""On a Dask cluster: the same rows as on one machine; a worker that is killed loses nothing, and nobody is graded twice."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from course_utils.exercises import exercises_of
from course_utils.grading.assignment import released
from course_utils.grading.cluster import Cluster, NoCluster
from course_utils.grading.collect import collect
from course_utils.grading.marking import mark
from course_utils.grading.rows import Limits
from course_utils.grading.samples import answer_source, with_answers
from course_utils.grading.store import Store

pytest.importorskip("distributed", reason="pip install -e '.[cluster]'")
ROOT = pathlib.Path(__file__).parent.parent
LESSON = "00_start_here"
EXERCISE = exercises_of(LESSON)[0]
ANSWER = answer_source(EXERCISE, EXERCISE.reference)
SLOWLY = """
import pathlib, time
with open({file!r}, "a") as file:
    file.write({name!r} + chr(10))
time.sleep(0.3)
"""


class Machines:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.file = folder, folder / "scheduler.json"
        here = ["--scheduler-file", str(self.file)]
        self.scheduler = self.start("scheduler", *here, "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        wait_until(self.file.exists, "the scheduler to start")
        one = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
        self.workers = [self.start("worker", *here, *one) for _ in range(2)]
        self.address = json.loads(self.file.read_text())["address"]

    def start(self, *arguments):
        command = [sys.executable, "-m", "dask", *arguments]
        with open(self.folder / "log.txt", "ab") as log:
            return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(true, what, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture
def machines(tmp_path):
    made = Machines(tmp_path)
    yield made
    made.stop()


def hand_in(folder, release, n, runs):
    """n right answers that take their time, and write their name into a file whenever they are run."""
    for k in range(n):
        slow = SLOWLY.format(file=str(runs), name=f"student{k:02}")
        notebook = with_answers(release, {"0.1": ANSWER})
        cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": slow, "outputs": []}
        (folder / f"student{k:02}.ipynb").write_text(json.dumps(notebook | {"cells": [*notebook["cells"], cell]}))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_a_killed_worker_loses_nothing_and_nobody_is_graded_twice(tmp_path, machines):
    _, release = released(ROOT, "0")
    folder, runs, n = tmp_path / "class", tmp_path / "runs.txt", 14
    folder.mkdir()
    hand_in(folder, release, n, runs)
    (folder / "broken.ipynb").write_text("{")
    submissions, told = collect(folder), []
    runs.touch(mode=0o666)
    with Cluster(machines.address, release, LESSON, Limits(), isolated=False) as cluster:
        cluster.client.wait_for_workers(2, timeout=60)
        with Store(tmp_path / "grades.sqlite", LESSON) as store:
            for _, row, _ in mark(submissions, cluster, store, 7, Limits(), isolated=False):
                told.append(row.student)
                if len(told) == 5:
                    running = runs.read_text().split()
                    os.kill(machines.workers[0].pid, signal.SIGKILL)
            rows = {row.student: row for row in store.rows()}
    assert sorted(told) == sorted(rows) == ["broken", *(f"student{k:02}" for k in range(n))]
    assert all(row.points == 1 for name, row in rows.items() if name != "broken"), rows
    assert rows["broken"].status == "invalid"
    times = collections.Counter(runs.read_text().split())
    again = [name for name, count in times.items() if count > 1]
    assert len(again) <= 1 and max(times.values()) <= 2, f"only what the killed worker was running: {times}"
    assert not set(again) & (set(told[:5]) - {*running[-2:]}), "somebody whose row was kept was run again"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_the_same_command_with_an_address_gives_the_same_rows_in_the_cage(tmp_path, machines):
    command = [sys.executable, "-m", "course_utils.cli"]
    subprocess.run([*command, "sample", "0", str(tmp_path / "class")], cwd=ROOT, check=True, capture_output=True)
    written = []
    for name, more in (("here", []), ("there", ["--cluster", machines.address])):
        grade = [
            *command,
            "grade",
            "0",
            str(tmp_path / "class"),
            "--seed",
            "3",
            "--output",
            str(tmp_path / name),
            *more,
        ]
        done = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 3, done.stderr
        written.append((tmp_path / name / "gradebook.csv").read_bytes())
    assert written[0] == written[1]
    assert b",yes," in written[1]


def test_an_address_where_nobody_answers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.grading.cluster.WAIT", 1)
    with pytest.raises(NoCluster, match="start one with `dask scheduler` and `dask worker ADDRESS`"):
        Cluster("tcp://127.0.0.1:9", {}, LESSON, Limits())

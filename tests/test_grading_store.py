"""Nothing is lost: each row is on the disk before the next begins, whatever ends the grader, and nothing is graded twice."""

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from course_utils.exercises.judge import Verdict
from course_utils.grading import store as store_module
from course_utils.grading.collect import Submission
from course_utils.grading.marking import entries_of, mark, seeds, weighted
from course_utils.grading.rows import GRADED, INVALID, TIMED_OUT, Grade, Isolation, Limits
from course_utils.grading.store import Busy, Store, lesson_version

ROOT = pathlib.Path(__file__).parent.parent
LESSON = "00_start_here"
SAFE = Isolation(("namespaces",), (), True)


def submission(name, source="x = 1"):
    return Submission(name, f"{name}.ipynb", (("", source),), None, None)


class Engine:
    """Grades by looking at the source, and remembers whom it graded."""

    def __init__(self, status=GRADED):
        self.status, self.graded = status, []

    def content(self, submission, seed):
        return f"{submission.cells} {seed}"

    def grades(self, submissions, seed):
        for s in submissions:
            self.graded.append(s.student)
            verdict = Verdict("0.1 softmax", "right", 1, 1, "café ✓", None)
            row = Grade(s.student, s.file, self.status, (verdict,), {"0.1": "é"}, content=self.content(s, seed(s)))
            yield row._replace(seed=seed(s), isolation=SAFE)


def run(path, engine, submissions, seed=7, limits=Limits(), **options):  # noqa: B008 - immutable
    with Store(path, LESSON) as store:
        return [(s.student, fresh) for s, _, fresh in mark(submissions, engine, store, seed, limits, **options)]


def test_a_row_comes_back_as_it_was_kept(tmp_path):
    (row,) = Engine().grades([submission("ann")], lambda s: 3)
    with Store(tmp_path / "deep" / "grades.sqlite", LESSON) as store:
        store.put(row)
    with Store(tmp_path / "deep" / "grades.sqlite", LESSON) as store:
        assert store.get("ann.ipynb") == row
        assert store.get("bob.ipynb") is None
        assert store.rows() == [row]


def test_only_what_changed_is_graded_again(tmp_path):
    people = [submission("ann"), submission("bob")]
    engine, path = Engine(), tmp_path / "grades.sqlite"
    assert run(path, engine, people) == [("ann", True), ("bob", True)]
    assert run(path, engine, people) == [("ann", False), ("bob", False)]
    people[1] = submission("bob", "x = 2")
    assert sorted(run(path, engine, people)) == [("ann", False), ("bob", True)]
    assert run(path, engine, people, seed=8) == [("ann", True), ("bob", True)]
    assert run(path, engine, people, seed=8, again=True) == [("ann", True), ("bob", True)]
    assert engine.graded == ["ann", "bob", "bob", "ann", "bob", "ann", "bob"]


def test_a_new_version_of_the_lessons_exercises_is_graded_again(tmp_path, monkeypatch):
    path = tmp_path / "grades.sqlite"
    run(path, Engine(), [submission("ann")])
    monkeypatch.setattr(store_module, "lesson_version", lambda lesson: "another")
    assert run(path, Engine(), [submission("ann")]) == [("ann", True)]
    assert lesson_version("00_start_here") != lesson_version("01_language_models")


@pytest.mark.parametrize("changed", ["judge.py", "lstm/__init__.py", "lstm/step.py"])
def test_the_version_of_a_lesson_changes_with_each_file_that_judges_it(tmp_path, monkeypatch, changed):
    for name in ("judge.py", "bptt.py", "lstm/__init__.py", "lstm/step.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before")
    monkeypatch.setattr(store_module.judge, "__file__", str(tmp_path / "judge.py"))
    before, other = (lesson_version.__wrapped__(lesson) for lesson in ("07_lstm", "04_bptt"))
    (tmp_path / changed).write_text("after")
    assert lesson_version.__wrapped__("07_lstm") != before
    assert (lesson_version.__wrapped__("04_bptt") == other) == (changed != "judge.py")


def test_a_row_that_met_a_limit_is_tried_again_under_another_and_one_that_did_not_is_kept(tmp_path):
    wider = Limits(total=900)
    for status, fresh in ((TIMED_OUT, True), (GRADED, False), (INVALID, False)):
        path = tmp_path / f"{status}.sqlite"
        run(path, Engine(status), [submission("ann")])
        assert run(path, Engine(status), [submission("ann")]) == [("ann", False)]
        assert run(path, Engine(status), [submission("ann")], limits=wider) == [("ann", fresh)]


def test_a_row_that_was_not_isolated_does_not_stand_for_one_that_is(tmp_path):
    path = tmp_path / "grades.sqlite"
    with Store(path, LESSON) as store:
        (row,) = Engine().grades([submission("ann")], lambda s: 7)
        store.put(row._replace(isolation=Isolation()))
    assert run(path, Engine(), [submission("ann")], isolated=False) == [("ann", False)]
    assert run(path, Engine(), [submission("ann")]) == [("ann", True)]


def test_the_seed_is_drawn_once_per_class_and_a_wanted_one_wins(tmp_path):
    with Store(tmp_path / "grades.sqlite", LESSON) as store:
        assert [store.seed(None, lambda: 5), store.seed(None, lambda: 6), store.seed(9, lambda: 6)] == [5, 5, 9]
    with Store(tmp_path / "grades.sqlite", LESSON) as store:
        assert store.seed(None, lambda: 1) == 9


def test_each_student_has_other_inputs_in_an_exam_and_the_same_ones_again(tmp_path):
    people = [submission(f"s{k}") for k in range(50)]
    each, again, other = seeds(7, "student"), seeds(7, "student"), seeds(8, "student")
    assert len({each(s) for s in people}) == 50
    assert [each(s) for s in people] == [again(s) for s in people]
    assert not {each(s) for s in people} & {other(s) for s in people}
    assert {seeds(7, "class")(s) for s in people} == {7}


def test_an_assignment_may_weigh_exercises_without_grading_again():
    (row,) = Engine().grades([submission("ann")], lambda s: 3)
    assert (weighted(row, {"0.1": 5}).points, weighted(row, {"0.1": 5}).out_of) == (5, 5)
    assert weighted(row, {"9.9": 5}) == row
    ((entry),) = entries_of([(submission("ann"), row, True)], {"0.1": 2}, lambda s: "late")
    assert (entry.row.points, entry.late, entry.counts, entry.needs_a_look) == (2, "late", True, False)


def test_two_graders_cannot_write_at_once_and_another_file_is_not_overwritten(tmp_path):
    path = tmp_path / "grades.sqlite"
    with Store(path, LESSON), pytest.raises(Busy, match="wait until it is done, or stop it"):
        Store(path, LESSON)
    other = tmp_path / "thesis.sqlite"
    other.write_text("my thesis " * 1000)
    with pytest.raises(ValueError, match=r"is not a store of grades .* choose another --output"):
        Store(other, LESSON)
    assert other.read_text() == "my thesis " * 1000


def test_a_full_disk_is_said_and_nothing_kept_is_lost(tmp_path):
    path = tmp_path / "grades.sqlite"
    with Store(path, LESSON) as store:
        people = [submission(f"student {k}") for k in range(40)]
        store.base.execute("PRAGMA max_page_count = 12")
        kept = []
        with pytest.raises(OSError, match="make room on the disk and give the same command again"):
            for _, row, _ in mark(people, Engine(), store, 7, Limits()):
                kept.append(row)
        assert 0 < len(kept) < 40
    with Store(path, LESSON) as store:
        assert sorted(store.rows()) == sorted(kept)


KILLED = """
import os, sys, time
sys.path.insert(0, "tests")
from test_grading_store import LESSON, Engine, Limits, Store, mark, submission
people = [submission(f"{k:04}") for k in range(2000)]
with Store(sys.argv[1], LESSON) as store:
    for s, row, fresh in mark(people, Engine(), store, 7, Limits()):
        os.write(1, f"{s.student} {int(fresh)}\\n".encode())
"""


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_told_and_nobody_is_graded_twice(tmp_path):
    path, told = tmp_path / "grades.sqlite", []
    for k in range(6):
        process = subprocess.Popen([sys.executable, "-c", KILLED, path], cwd=ROOT, stdout=subprocess.PIPE)
        seen = []
        while len(seen) < 30 + 17 * k + len(told) and (line := process.stdout.readline()):
            seen.append(line.decode().split())
        os.kill(process.pid, signal.SIGKILL)
        seen += [line.decode().split() for line in process.stdout.read().splitlines()]
        process.wait()
        process.stdout.close()
        new = [name for name, fresh in seen if fresh == "1"]
        assert new and not set(new) & set(told), "somebody was graded again"
        told += new
        with Store(path, LESSON) as store:
            kept = {row.student for row in store.rows()}
        assert set(told) <= kept, "a row was told and is not there"
        assert len(kept) <= len(told) + 1, "more than one was under way"
        told = sorted(kept)
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_a_class_is_resumed_by_the_same_command_after_kill_9(tmp_path):
    command = [sys.executable, "-m", "course_utils.cli"]
    folder, out = tmp_path / "class", tmp_path / "out"
    subprocess.run([*command, "sample", "0", str(folder)], cwd=ROOT, check=True, capture_output=True)
    before = [(p.name, p.stat().st_mode, p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(folder.iterdir())]
    grade = [*command, "grade", "0", str(folder), "--output", str(out), "--jobs", "1"]
    process = subprocess.Popen(grade, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_rows(out / "grades.sqlite")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr  # the sample class has broken files
    n = len(list(folder.iterdir()))
    kept = int(done.stdout.split("seed")[1].split("(")[1].split()[0])
    assert f"{n} of {n} submissions graded" in done.stdout
    assert 0 < kept < n
    after = [(p.name, p.stat().st_mode, p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(folder.iterdir())]
    assert after == before, "what was handed in was written to"


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_graded_reports_it_and_says_how_to_go_on(tmp_path):
    command = [sys.executable, "-m", "course_utils.cli"]
    subprocess.run([*command, "sample", "1", str(tmp_path / "class")], cwd=ROOT, check=True, capture_output=True)
    grade = [*command, "grade", "1", str(tmp_path / "class"), "--output", str(tmp_path / "out"), "--jobs", "1"]
    process = subprocess.Popen(grade, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_rows(tmp_path / "out" / "grades.sqlite")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "all that is graded is kept" in err and "Give the same command again" in out
    assert (tmp_path / "out" / "index.html").exists()


def wait_for_rows(path, seconds=90):
    """Wait until another process has written rows into a store: its log grows by some kB with each."""
    log, end = path.with_name(path.name + "-wal"), time.monotonic() + seconds
    while not (log.exists() and log.stat().st_size > 50_000):
        assert time.monotonic() < end, "no rows came"
        time.sleep(0.01)

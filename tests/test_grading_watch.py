"""What a submission's processes use together is added up as it is: nothing twice, nothing left out, no program files."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from course_utils.grading import watch
from course_utils.grading.rows import Limits
from course_utils.grading.watch import Watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
MEGA = 1_000_000
LIMITS = Limits(total=600, cpu=600, memory=100 * MEGA)
START = """
import mmap, os, subprocess, sys, time
def told(): return sys.stdin.readline()
def tell(): os.write(1, b"x")
def fork(n, then):
    for k in range(n):
        if os.fork() == 0:
            kept = then()
            tell(); time.sleep(1000)
"""


class Tree:
    """A process that runs `code`; `go` lets it do the next step and waits for as many signs as are due."""

    def __init__(self, code):
        command = [sys.executable, "-c", f"{START}\n{code}\ntime.sleep(1000)"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)

    def go(self, signs=1):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        assert len(self.process.stdout.read(signs)) == signs


@pytest.fixture
def tree():
    """Starts Trees, and ends them with all that they started."""

    made = []
    yield lambda code: made.append(Tree(code)) or made[-1]
    for one in made:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.communicate()


def watched(one, limits=LIMITS):
    """A Watch that begins once the process has said that it is there."""
    one.go()
    return Watch(one.process.pid, limits)


READY = "told(); tell(); told()\n"


def test_pages_of_files_are_not_counted(tree, tmp_path):
    path = tmp_path / "library"
    path.write_bytes(bytes(200 * MEGA))
    one = tree(
        READY + f"file = open({str(path)!r}, 'rb'); seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "total = sum(seen[k] for k in range(0, len(seen), 4096)); tell()"
    )
    seen = watched(one)
    one.go()
    assert watch._sizes(f"/proc/{one.process.pid}/status")["RssFile"] > 200 * MEGA
    assert seen.broken() is None


def test_the_memory_of_a_tree_is_added_up(tree):
    one = tree(READY + "fork(2, lambda: b'x' * 45_000_000); told(); fork(2, lambda: b'x' * 45_000_000)")
    seen = watched(one)
    one.go(2)
    assert seen.broken() is None
    one.go(2)
    assert seen.broken() == ("memory", "ended because it used more than 100 MB of memory")


def test_what_processes_share_is_counted_once(tree):
    one = tree(READY + "hog = b'x' * 60_000_000; both = mmap.mmap(-1, 20_000_000); both.write(b'x' * 20_000_000)\n"
               "fork(6, lambda: sum(both[::4096])); told(); fork(6, lambda: bytearray(hog))")  # fmt: skip
    seen = watched(one)
    one.go(6)
    assert sum(watch._held(watch._memory(pid)) for pid in watch._tree(one.process.pid)) > 400 * MEGA
    assert seen.broken() is None
    one.go(6)
    assert seen.broken()[0] == "memory", "copies are their own"


def test_a_program_that_was_started_shares_nothing_with_the_warm_parent(tree):
    hog = "import os, time; hog = b'x' * 70_000_000; os.write(1, b'x'); time.sleep(1000)"
    one = tree(
        "kept = b'x' * 200_000_000\n" + READY + f"[subprocess.Popen([sys.executable, '-c', {hog!r}]) for k in 'abcdef']"
    )
    seen = watched(one)
    assert seen.broken() is None, "what was there when the run began is not the student's"
    one.go(6)
    assert seen.broken()[0] == "memory"


def test_memory_made_to_share_counts(tree):
    one = tree(READY + "both = mmap.mmap(-1, 10**9); both.write(b'x' * 400_000_000); tell()")
    seen = watched(one)
    one.go()
    assert seen.broken()[0] == "memory"


@pytest.mark.parametrize("piece", [100, 50_000, 10_000_000])
def test_one_process_that_fills_all_it_may_is_stopped_by_python_never_by_the_watch(tree, piece):
    data = "int([l for l in open('/proc/self/status') if l.startswith('VmData')][0].split()[1]) * 1024"
    one = tree(f"import resource; most = {data} + {LIMITS.memory}; resource.setrlimit(resource.RLIMIT_DATA, (most, most))\n"
               + READY + f"hog = []\ntry:\n    while True: hog.append(b'x' * ({piece} + len(hog) % 7))\n"
               "except MemoryError: tell()")  # fmt: skip
    seen = watched(one)
    one.go()
    assert watch._held(watch._memory(one.process.pid)) > 0.9 * LIMITS.memory
    assert seen.broken() is None


def test_a_kernel_that_does_not_tell_shares_is_asked_for_the_rest(tree, monkeypatch):
    one = tree(READY + "fork(4, lambda: b'x' * 70_000_000)")
    seen = watched(one)
    one.go(4)
    read = watch._read
    monkeypatch.setattr(watch, "_read", lambda path: "" if path.endswith("smaps_rollup") else read(path))
    assert seen.broken()[0] == "memory"


BURN = "end = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n"


def test_computing_of_children_that_have_ended_counts(tree):
    one = tree(READY + f"subprocess.run([sys.executable, '-c', {'import time' + chr(10) + BURN!r}]); tell()")
    seen = watched(one, LIMITS._replace(cpu=0.4))
    assert seen.broken() is None
    one.go()
    assert seen.broken() == ("time", "ended after 0.4 seconds of computing, the limit for one submission")


def test_computing_of_children_that_run_counts(tree):
    one = tree(READY + "def burn():\n    " + BURN.replace("\n", "\n    ") + "\nfork(2, burn)")
    seen = watched(one, LIMITS._replace(cpu=0.9))
    one.go(2)
    assert seen.broken()[0] == "time"


def test_a_process_that_is_gone_is_nothing(tree):
    one = tree("told(); tell(); os._exit(0)")
    one.go()
    one.process.wait()
    seen = Watch(one.process.pid, LIMITS)
    assert seen.broken() is None
    assert (watch.children(one.process.pid), watch.numbers(one.process.pid)) == ([], [])


def test_the_end_of_all_time_is_said_and_never_looked_for_too_late(tree):
    one = tree(READY)
    seen = watched(one, LIMITS._replace(total=0.5))
    assert seen.next_look() <= seen.begun + 0.5
    time.sleep(0.5)
    assert seen.broken() == ("time", "stopped after 0.5 seconds, the limit for one submission")

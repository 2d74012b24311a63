"""The grader's side of a warm parent: start it, ask it for caged children, end them."""

import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

from .examiner import answered
from .rows import Isolation
from .scratch import Scratch
from .watch import children, numbers
from .wire import Channel, Closed

__all__ = ["Child", "NotIsolated", "WarmParent"]

START = "import sys; sys.path.insert(0, {root!r}); from course_utils.grading.zygote import main; main({fd}, {asked})"
SECONDS_TO_START = 120
REFUSED = (
    "submissions cannot be isolated here ({}). "
    "Grade on Linux with user namespaces or as root; or, for people you trust, say --not-isolated"
)
LARGEST = 1 << 31, 1 << 62  # bytes of one message of the examiner's and of all; it runs none of a student's code
SPEED = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # huge pages: less to set up, and less to copy in a fork
PASSED_ON = ("HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "SYSTEMROOT")


class NotIsolated(Exception):
    """Submissions cannot be kept apart from this machine; the text says why and what can be done."""


class WarmParent:
    """A process that has imported `modules` and forks a caged child at each call of `fork`."""

    def __init__(self, modules, isolated=True):
        if not hasattr(os, "fork"):
            raise NotIsolated("grading needs Linux or macOS; on Windows, run the same command inside WSL")
        self.modules, self.asked = tuple(modules), isolated
        self.scratch = Scratch("course-cages-")
        self.lock, self.process, self.isolation = threading.Lock(), None, Isolation()
        self.asking, self.examiner = threading.Lock(), None  # its number
        self._start()

    def fork(self, limits):
        """A Child in its cage, waiting for its first order. Starts the parent again if it is gone."""
        for attempt in (1, 2):
            try:
                return self._fork(limits)
            except (OSError, Closed) as error:
                if attempt == 2:
                    raise NotIsolated("the warm parent, which starts the submissions, ends again and again") from error
                with self.lock:
                    self._again()
        return None

    def ask(self, *question):
        """What the examiner answers to examiner.answered's arguments. Where it is gone, this process computes it itself."""
        with self.asking:
            try:
                self.questions.send(question)
                answer = self.questions.receive(time.monotonic() + SECONDS_TO_START)
            except (OSError, Closed, queue.Empty):
                self.questions.close()  # a late answer must not be taken for the next one's
                return answered(*question)
        if answer["kind"] == "failed":
            raise RuntimeError(answer["text"])
        return answer

    def signal(self, pid, number):
        """Send a signal to a child; nothing if it has ended."""
        with contextlib.suppress(OSError), self.lock:
            self.control.send(json.dumps({"pid": pid, "signal": int(number)}).encode() + b"\n")

    def host_pid(self, pid):
        """A child's number here; an ordinary user's warm parent lives in a PID namespace and numbers its children itself."""
        for child in children(self.process.pid):
            if numbers(child)[1:2] == [1]:  # the warm parent, first of its namespace
                found = [c for c in children(child) if numbers(c)[1:2] == [pid]]
                return found[0] if found else pid
        return pid

    def close(self):
        """End the warm parent and all its children."""
        with contextlib.suppress(OSError):
            self.control.close()
            self.questions.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.scratch.cleanup()

    def _start(self):
        package = pathlib.Path(__file__).resolve().parent.parent
        self.control, theirs = socket.socketpair()
        asking, asked = socket.socketpair()
        self.questions = Channel(asking, *LARGEST)
        code = START.format(root=str(package.parent), fd=theirs.fileno(), asked=asked.fileno())
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        environment |= SPEED | {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        os.chmod(
            self.scratch.name, 0o711
        )  # children of another identity reach their own folder in it, and list nothing
        with theirs, asked:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", code],
                env=environment,
                pass_fds=[theirs.fileno(), asked.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        setup = {"modules": self.modules, "package": str(package), "isolated": self.asked, "scratch": self.scratch.name}
        Channel(self.control, 0, 0).send(setup)
        self.greeted, self.refusal = False, ""

    def _again(self):
        """Start the parent again if it is gone or going; the children it had are gone with it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
            self.control.close()
            with self.asking:
                self.questions.close()
                self._start()

    def _greeting(self):
        """Wait, once, until the parent has imported everything. Raises NotIsolated, at every call, if it will not do."""
        if self.greeted:
            return
        self.refusal = self.refusal or self._refusal()
        if self.refusal:
            raise NotIsolated(self.refusal)
        self.control.settimeout(None)
        self.greeted = True

    def _refusal(self):
        """Read what the parent says of itself: why nothing can be graded with it, or ""."""
        try:
            message = Channel(self.control, 100_000, 100_000).receive(time.monotonic() + SECONDS_TO_START)
        except queue.Empty:
            return f"the warm parent did not start within {SECONDS_TO_START} seconds; is the machine very busy? Try again"
        if message["kind"] == "failed":
            return f"the warm parent did not start:\n{message['text']}"
        told, self.examiner = message["isolation"], message["examiner"]
        self.isolation = Isolation(tuple(told["active"]), tuple(told["missing"]), told["isolated"])
        return "" if self.isolation.isolated or not self.asked else REFUSED.format("; ".join(self.isolation.missing))

    def _fork(self, limits):
        with self.lock:
            self._greeting()
            ours, end = socket.socketpair()
            told, telling = socket.socketpair()
            with end, telling:
                order = json.dumps({"limits": list(limits)}).encode() + b"\n"
                socket.send_fds(self.control, [order], [end.fileno(), telling.fileno()])
        largest = limits.answer + limits.output
        return Child(self, ours, Channel(told, 1000, 1000), Channel(ours, largest, 4 * largest + 10 * limits.output))


class Child:
    """One caged child: `channel` to talk with it, `pid`, and how it ended once it has: `code`, `cpu` seconds."""

    def __init__(self, parent, ours, told, channel):
        self.parent, self.channel, self.told = parent, channel, told
        self.code, self.cpu = None, 0.0
        made = told.receive(time.monotonic() + SECONDS_TO_START)
        self.pid, self.scratch = made["pid"], made["scratch"]
        self.host_pid = parent.host_pid(self.pid)

    def signal(self, number):
        self.parent.signal(self.pid, number)

    def alive(self):
        """Whether it has not been seen to end."""
        return self.code is None

    def end(self, seconds=10.0):
        """Kill it and all it started, and wait until it is gone."""
        self.channel.close()
        if self.code is None:
            self.signal(signal.SIGKILL)
            with contextlib.suppress(Closed):
                told = self.told.receive(time.monotonic() + seconds)
                self.code, self.cpu = told["code"], told["cpu"]
        self.code = -1 if self.code is None else self.code
        self.told.close()

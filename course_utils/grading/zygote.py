"""The warm parent: imports once what a lesson needs, then forks one caged child per submission.

It runs the course's code only and never computes with threads, so that its forks are whole. It takes orders from the
grader over one socket, and is gone, with all its children, when the grader is.
"""

import contextlib
import gc
import importlib
import json
import os
import pathlib
import select
import signal
import socket
import sys
import tempfile
import traceback

from . import linux
from .cage import Cage
from .child import serve
from .eager import without_compiler
from .rows import Limits
from .scratch import remove
from .wire import from_grader, to_grader

__all__ = ["main"]

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLBACKEND": "agg", "USER": "student", "TERM": "dumb"}
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
CAGE_FAILED = 97


def main(fd, questions):
    """Serve the grader at the other end of the socket `fd` until it hangs up; its questions are the examiner's, see there."""
    control = socket.socket(fileno=fd)
    setup = from_grader(control)
    gc.disable()  # what is imported stays: looking through it for garbage, again and again, took a third of the time
    try:
        for name in setup["modules"]:
            _load(name)
        if "torch" in sys.modules:
            _ready_torch(sys.modules["torch"])
        gc.freeze()
        if sys.platform == "linux":
            linux.let_go_of_programs()  # what importing read of torch, 70 MB, is not read again
        examiner = _examiner(control, questions)
        cage = Cage(setup["package"], setup["isolated"])
    except BaseException:
        return to_grader(control, kind="failed", text=traceback.format_exc()[-2000:])
    os.environ.clear()
    os.environ.update(ENVIRONMENT | THREADS)
    sys.dont_write_bytecode = True
    gc.freeze()
    gc.enable()
    to_grader(control, kind="ready", isolation=cage.report()._asdict(), examiner=examiner)
    return Zygote(control.detach(), cage, setup["scratch"], examiner).loop()


def _load(name):
    """Import a module; one that is not installed is the student's to meet, not a reason to fail."""
    with contextlib.suppress(ImportError):
        importlib.import_module(name)


def _examiner(control, questions):
    """Fork the process that knows the references; it is the grader's, and no submission's process comes from it."""
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            if sys.platform == "linux":
                linux.die_with_parent()
            from .examiner import serve

            serve(questions)
        finally:
            os._exit(0)
    os.close(questions)
    return pid


def _ready_torch(torch):
    """One thread; and what torch imports at its first update or when a file is read, which each child would import again."""
    torch.set_num_threads(1)
    without_compiler(torch)
    for name in ("torch.profiler._cupti_monitor", "torch.utils.serialization"):
        _load(name)


class Zygote:
    """control: the socket's number; scratch: a folder for children's folders where the cage has no root of its own."""

    def __init__(self, control, cage, scratch, examiner):
        self.control, self.cage, self.scratch, self.examiner = control, cage, scratch, examiner
        self.children = {}  # pid -> (socket on which its end is told, its scratch folder or None)
        self.wake, self.woken = os.pipe()
        os.set_blocking(self.woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.woken, warn_on_full_buffer=False)
        if cage.linux:
            linux.subreaper()  # of what a child without a PID namespace leaves behind

    def loop(self):
        """Orders and deaths, until the grader is gone."""
        poll = select.poll()
        for fd in (self.control, self.wake):
            poll.register(fd, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if self.wake in ready:
                os.read(self.wake, 4096)
                self._reap()
            if self.control in ready and not self._order():
                break
        for pid in self.children:
            self._signal(pid, signal.SIGKILL)
        while self.children:
            self._reap(wait=True)
        with contextlib.suppress(ChildProcessError):  # the grader has hung up on the examiner, too
            os.waitpid(self.examiner, 0)

    def _order(self):
        end = socket.socket(fileno=self.control)
        try:
            data, fds, _, _ = socket.recv_fds(end, 4096, 2)
        except OSError:
            data, fds = b"", []
        finally:
            end.detach()
        if not data:
            return False
        for line in data.splitlines():
            order = json.loads(line)
            if "signal" in order:
                self._signal(order["pid"], order["signal"])
            else:
                self._fork(Limits(*order["limits"]), *fds)
        return True

    def _fork(self, limits, end, told):
        scratch = None if self.cage.namespaces else tempfile.mkdtemp(dir=self.scratch)
        self.cage.before_fork()
        pid = os.fork()
        if pid == 0:
            try:
                self._child(limits, end, scratch)
            finally:
                os._exit(CAGE_FAILED)
        self.cage.after_fork()
        os.close(end)
        self.children[pid] = (told, scratch)
        _tell(told, kind="pid", pid=pid, scratch=scratch)

    def _child(self, limits, end, scratch):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        keep = sorted({end, self.cage.pid_namespace} - {-1})
        for low, high in zip([2, *keep], [*keep, 65536], strict=True):
            os.closerange(low + 1, high)
        os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.tempdir = self.cage.enter(limits, scratch)
        serve(end)

    def _reap(self, wait=False):
        with contextlib.suppress(ChildProcessError):
            while self.children or not wait:
                pid, status, used = os.wait4(-1, 0 if wait else os.WNOHANG)
                if pid == 0:
                    break
                if pid in self.children:
                    self._ended(pid, os.waitstatus_to_exitcode(status), used)

    def _ended(self, pid, code, used):
        told, scratch = self.children.pop(pid)
        if not self.cage.namespaces:
            self._end_orphans()
        _tell(told, kind="exit", code=code, cpu=used.ru_utime + used.ru_stime)
        os.close(told)
        if scratch:
            remove(scratch)

    def _end_orphans(self):
        """Without a PID namespace, what a dead child started is now a child of this process, or will be."""
        own = pathlib.Path(f"/proc/self/task/{os.getpid()}/children")
        with contextlib.suppress(OSError):
            for pid in map(int, own.read_text(encoding="ascii").split()):
                if pid not in self.children and pid != self.examiner:
                    os.kill(pid, signal.SIGKILL)

    def _signal(self, pid, number):
        if pid in self.children:  # not reaped yet, so the number is still its own
            with contextlib.suppress(OSError):
                (os.kill if self.cage.namespaces or number != signal.SIGKILL else os.killpg)(pid, number)


def _tell(told, **message):
    end = socket.socket(fileno=told)
    with contextlib.suppress(OSError):
        to_grader(end, **message)
    end.detach()

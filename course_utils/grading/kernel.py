"""A kernel for nbval whose cells run in a caged child: nbval's RunningKernel by its interface, and the grader's side of checks.

Whatever comes from the child is plain data of limited size. A check's values go to `judging.verdict`, and what nbval sees as
the check's output is the verdict, written here.
"""

import queue
import signal
import time

from .watch import Watch
from .wire import Abuse, Closed, clean

__all__ = ["CagedKernel", "Ended"]

SHOWN = {"stream": "stream", "result": "execute_result", "display": "display_data", "error": "error"}


class Ended(Exception):
    """The run is over before its end: `how` is "time", "memory", "files", "abuse" or "exit"; the text says why."""

    def __init__(self, how, text):
        super().__init__(text)
        self.how = how


class CagedKernel:
    """child: a warm.Child; judging: cases and verdicts (judging.Judging); references: what answers calls of references.

    `verdicts` holds a Verdict for each exercise whose check was answered, by its number.
    """

    def __init__(self, child, judging, references, limits):
        self.child, self.judging, self.references, self.limits = child, judging, references, limits
        self.watch = Watch(child.host_pid, limits, child.scratch)
        self.shown, self.size, self.cell, self.verdicts = queue.SimpleQueue(), 0, 0, {}
        self.official = self.awaited = self.ended = (
            None  # the exercise whose check this cell is; the one whose values are due
        )
        self.over = set()  # numbers of exercises whose check cell has run: nothing earns their points any more
        self.idle = True
        self.look_at = self.watch.next_look()
        child.channel.send(("start", judging.module, judging.table, limits.output))

    def begin(self, exercise):
        """Before each cell: `exercise` is the one whose check from the release it is, or None."""
        if self.official is not None:
            self.over.add(self.official.number)
        self.official = exercise

    # What nbval calls.

    def is_alive(self):
        return self.ended is None

    def execute_cell_input(self, source, allow_stdin=None):
        self.cell += 1
        self.idle = False
        self.shown = queue.SimpleQueue()
        self.child.channel.send(("run", source))
        return str(self.cell)

    def await_reply(self, msg_id, timeout=None):
        self._pump(time.monotonic() + timeout, lambda: self.idle)

    def get_message(self, stream, timeout=None):
        if self.shown.empty():
            self._pump(time.monotonic() + timeout, lambda: not self.shown.empty())
        return self.shown.get_nowait()

    def await_idle(self, parent_id, timeout):
        while self.get_message("iopub", timeout)["msg_type"] != "status":
            pass

    def interrupt(self):
        self.child.signal(signal.SIGINT)

    def stop(self):
        """nbval's last resort against a cell that neither ends nor reacts."""
        text = f"a cell did not end within {self.limits.cell:g} seconds and did not react to an interrupt"
        self.ended = Ended("time", text)

    # The other end of the child's channel.

    def _pump(self, deadline, done):
        """Read and answer until `done()`. queue.Empty at the deadline; Ended where the run is over."""
        while not done():
            try:
                self._handle(self.child.channel.receive(min(deadline, self.look_at)))
            except queue.Empty:
                if time.monotonic() >= deadline:
                    raise
            except Closed:
                self._end("exit", "the student's code ended Python")
            except Abuse as abuse:
                self._end("abuse", str(abuse))
            if time.monotonic() >= self.look_at:
                self._look()

    def _look(self):
        broken = self.watch.broken()
        if broken:
            self._end(*broken)
        self.look_at = self.watch.next_look()

    def _end(self, how, text):
        self.ended = Ended(how, text)
        raise self.ended

    def _handle(self, message):
        kind = message["kind"]
        if kind == "idle":
            self.idle = True
            self._show("status", {"execution_state": "idle"})
        elif kind in SHOWN:
            self._output(kind, message)
        elif kind == "check":
            self._check(message)
        elif kind == "outcomes" and self.awaited is not None:
            self._judge(message)
        elif kind == "ask":
            self.child.channel.send(self.references.asked(message, self.over))
        else:
            raise Abuse("it sent the grader what no check sends")

    def _output(self, kind, message):
        """Pass an output on to nbval, unless a check is running: of a check, the verdict is all that is shown."""
        self.size += sum(len(str(v)) for v in message.values())
        if self.size > 2 * self.limits.output + 100_000:
            raise Abuse("it printed more than it may")
        if self.official is not None and kind != "error":
            return
        content = {"metadata": {}, "execution_count": self.cell}
        if kind == "stream":
            content |= {"name": clean(message.get("name"), 10), "text": clean(message.get("text"), self.limits.output)}
        elif kind == "error":
            lines = message.get("traceback")
            content |= {"ename": clean(message.get("ename"), 100) or "Error", "evalue": clean(message.get("evalue"))}
            content["traceback"] = [clean(line, 5000) for line in lines[:20]] if isinstance(lines, list) else []
        else:
            data = message.get("data") if isinstance(message.get("data"), dict) else {}
            content["data"] = {clean(k, 100): clean(v, self.limits.output) for k, v in data.items()}
        self._show(SHOWN[kind], content)

    def _check(self, message):
        """Answer a check: with cases if it is the one whose cell runs and the first time, else with "later"."""
        exercise = self.official
        asked = message.get("module"), message.get("name")
        due = (
            exercise is not None and asked == (exercise.module, exercise.name) and exercise.number not in self.verdicts
        )
        self.awaited = exercise if due else None
        self.child.channel.send(("cases", self.judging.parcels(exercise), self.limits.answer) if due else ("later",))

    def _judge(self, message):
        """Values have come: the verdict is found here, and shown as the check's output."""
        exercise, self.awaited = self.awaited, None
        verdict = self.verdicts[exercise.number] = self.judging.verdict(exercise, message)
        self._show("stream", {"name": "stdout", "text": f"{verdict.line}\n"})
        self.child.channel.send(("done",))

    def _show(self, kind, content):
        self.shown.put({"msg_type": kind, "content": content, "parent_header": {"msg_id": str(self.cell)}})

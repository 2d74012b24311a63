"""How much a caged child and all it started use together, and which limit that breaks.

The kernel limits each process; this adds them up. On Linux the tree under a child is read from /proc, a few times a second
and only for runs that last. Pages that several processes share are counted once: first a quick sum that is never too small,
and only where that is above the limit the kernel's own proportional one, which takes milliseconds.
"""

import os
import pathlib
import time

from .identity import RESERVE
from .scratch import overfull

__all__ = ["COMPUTED", "Watch", "children", "numbers"]

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
EVERY = 0.04  # seconds between two looks
COMPUTED = "ended after {:g} seconds of computing, the limit for one submission"
RELOCATED = 16_000_000  # bytes; more than program files have pages that were written to when they were loaded


class Watch:
    """Of one run that begins now. `broken()` gives (status kind, sentence) or None.

    scratch: the folder whose size is looked at, too; None where the child has a file system of limited size.
    """

    def __init__(self, pid, limits, scratch=None):
        self.pid, self.limits, self.scratch = pid, limits, scratch
        self.begun = time.monotonic()
        self.pause = EVERY
        memory = _memory(pid)
        self.brought = _held(memory)  # what is the warm parent's; a fork shares it
        most = memory.get("VmData", 0) + limits.memory + RESERVE  # the kernel keeps each process below this
        self.allowed = most + RELOCATED

    def seconds(self):
        return time.monotonic() - self.begun

    def next_look(self):
        """When, on the monotonic clock, to look again: soon, but not later than the end of all time."""
        return min(time.monotonic() + self.pause, self.begun + self.limits.total)

    def broken(self):
        """The first limit that is broken: ("time", "memory" or "files", a sentence)."""
        limits = self.limits
        if self.seconds() >= limits.total:
            return "time", f"stopped after {limits.total:g} seconds, the limit for one submission"
        tree = _tree(self.pid)
        if self._memory(tree) > self.allowed:
            return "memory", f"ended because it used more than {limits.memory / 1e6:,.0f} MB of memory"
        if sum(map(_cpu, tree)) > limits.cpu:
            return "time", COMPUTED.format(limits.cpu)
        if self.scratch and self._timed(overfull, self.scratch, limits.scratch):
            return "files", f"ended because its files took more than {limits.scratch / 1e6:,.0f} MB, or were too many"
        return None

    def _memory(self, tree):
        """Bytes that the tree's processes hold together, the warm parent's with them; processes may come and go meanwhile."""
        at_most = sum(_held(_memory(pid)) for pid in tree)
        if at_most <= self.allowed:
            return at_most
        return self._timed(lambda: sum(map(self._share, tree)))

    def _timed(self, look, *arguments):
        """What `look` gives. After one that took long, as long is waited: it costs half of the grader's time at most."""
        begun = time.monotonic()
        found = look(*arguments)
        self.pause = max(EVERY, time.monotonic() - begun)
        return found

    def _share(self, pid):
        """What a process holds, with each page divided by the number of processes that have it."""
        memory = _sizes(f"/proc/{pid}/smaps_rollup")
        if memory:
            return memory.get("Pss_Anon", 0) + memory.get("Pss_Shmem", 0)
        return max(_held(_memory(pid)) - self.brought, 0)  # it is gone, or this kernel does not tell


def _tree(pid):
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children(pid)
    return found


def children(pid):
    """Processes that this one has started and not yet waited for."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [int(child) for task in tasks for child in _read(f"/proc/{pid}/task/{task}/children").split()]


def numbers(pid):
    """The numbers of a process in the PID namespaces it is in, from here inwards."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return next(([*map(int, line.split()[1:])] for line in lines if line.startswith("NSpid:")), [])


def _memory(pid):
    """Bytes by the names of /proc/PID/status: VmData, RssAnon, RssShmem and so on."""
    return _sizes(f"/proc/{pid}/status")


def _sizes(path):
    """The lines of a file in /proc that tell kB, as bytes by their names."""
    lines = (line.split() for line in _read(path).splitlines())
    return {words[0][:-1]: 1024 * int(words[1]) for words in lines if words[-1:] == ["kB"]}


def _held(memory):
    """What a process keeps to itself or made to share; pages of program files can be dropped and are nobody's."""
    return memory.get("RssAnon", 0) + memory.get("RssShmem", 0)


def _cpu(pid):
    """Its own seconds and those of the children it has waited for."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK if len(fields) > 15 else 0.0


def _read(path):
    try:
        return pathlib.Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""

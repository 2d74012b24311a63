"""How much a caged child and all it started use together, and which limit that breaks.

The kernel limits each process; this adds them up. On Linux the tree under a child is read from /proc, a few times a second
and only for runs that last.
"""

import os
import pathlib
import time

__all__ = ["Watch", "children", "numbers"]

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
EVERY = 0.04  # seconds between two looks


class Watch:
    """Of one run that begins now. `broken()` gives (status kind, sentence) or None."""

    def __init__(self, pid, limits):
        self.pid, self.limits = pid, limits
        self.begun = time.monotonic()
        memory = _memory(pid)
        self.shared = _held(memory)  # what the warm parent brought; each fork counts it again
        self.unused = max(memory.get("VmData", 0) - self.shared, 0)  # the kernel's own limit lets one process fill this, too

    def seconds(self):
        return time.monotonic() - self.begun

    def next_look(self):
        """When, on the monotonic clock, to look again: soon, but not later than the end of all time."""
        return min(time.monotonic() + EVERY, self.begun + self.limits.total)

    def broken(self):
        """The first limit that is broken: ("time" or "memory" or "cpu", a sentence)."""
        limits = self.limits
        if self.seconds() >= limits.total:
            return "time", f"stopped after {limits.total:g} seconds, the limit for one submission"
        memory, cpu = self._used()
        if memory > limits.memory + self.unused:
            return "memory", f"ended because it used more than {limits.memory / 1e6:,.0f} MB of memory"
        if cpu > limits.cpu:
            return "time", f"ended after {limits.cpu:g} seconds of computing, the limit for one submission"
        return None

    def _used(self):
        """(bytes beyond the warm parent's, CPU seconds) of the whole tree; processes may come and go meanwhile."""
        memory = cpu = 0.0
        for pid in _tree(self.pid):
            memory += max(_held(_memory(pid)) - self.shared, 0)
            cpu += _cpu(pid)
        return memory, cpu


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
    lines = (line.split() for line in _read(f"/proc/{pid}/status").splitlines())
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

"""The cage: built once by the warm parent, entered by each child before it reads a byte of the student's.

Layers, each used where the kernel has it: namespaces (a root of its own that holds Python, the course without its references
and an empty scratch folder; no other process, no network), an identity without rights, limits on resources, Landlock, a filter
of system calls. What could not be had is kept in words; too little of it is no cage.
"""

import os
import pathlib
import secrets
import sys

from . import linux
from .identity import (
    become_first_process,
    in_a_child,
    map_ids,
    process_sizes,
    set_limits,
    take_identity,
    tasks_of_user,
    try_identity,
)
from .jail import FLAGS, SCRATCH, new_root, visible_paths
from .rows import Isolation
from .scratch import MOST_FILES
from .system_calls import compiled

__all__ = ["Cage"]

CHILD = linux.NEWNS | linux.NEWNET | linux.NEWIPC | linux.NEWUTS


class Cage:
    """package: the folder of course_utils. Building moves the calling process into the jail's root, if there can be one."""

    def __init__(self, package, isolated=True):
        self.active, self.missing = [], []
        self.namespaces = self.own_user = self.other = self.proc = False
        self.filter, self.landlock, self.rules = None, 0, []
        self.children = secrets.randbelow(1_000_000)  # counted from anywhere: two graders' children must not be one user
        self.linux = sys.platform == "linux"
        self.root = hasattr(os, "geteuid") and os.geteuid() == 0
        self.sizes = process_sizes()
        self.pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY) if self.linux else -1
        if isolated and self.linux:
            self._build(pathlib.Path(package))
        else:
            self.missing.append("isolation: switched off" if self.linux else "isolation: it needs Linux")
        alone = self.landlock >= 6 and self.filter is not None and (self.other or not self.root)
        self.isolated = self.namespaces or alone

    def report(self):
        """The Isolation that every child of this cage has."""
        return Isolation(tuple(self.active), tuple(self.missing), self.isolated)

    def before_fork(self):
        """In the warm parent: the next child is the first process of a PID namespace of its own."""
        self.children += 1
        if self.namespaces:
            linux.unshare(linux.NEWPID)

    def after_fork(self):
        """In the warm parent, once the child is there: its own PID namespace is again the one in use."""
        if self.namespaces:
            linux.setns(self.pid_namespace, linux.NEWPID)

    def enter(self, limits, scratch):
        """In the child: lock the door; returns the folder it may write to, `scratch` unless the cage has one."""
        os.close(self.pid_namespace) if self.linux else None
        if self.namespaces:
            scratch = SCRATCH
            self._own_namespaces(limits)
        if self.isolated and self.other:
            take_identity(self.children, scratch)
        elif self.own_user:  # processes are counted by user and user namespace: here the child's alone
            map_ids(linux.NEWUSER)
            linux.drop_capabilities()
        else:  # here all of the user's count
            others = tasks_of_user()
            limits = limits._replace(processes=None if others is None else limits.processes + others)
        set_limits(limits, self.sizes)  # after the new user namespace, which keeps the limits it was made under for all in it
        os.chdir(scratch)
        if self.linux:
            linux.no_new_privileges()
            linux.die_with_parent()
        if self.landlock:
            linux.landlock([*self.rules, (scratch, "write")], self.landlock)
        if self.filter:
            linux.install_filter(self.filter)
        return scratch

    def _build(self, package):
        self.rules = [(path, rights) for path, rights in visible_paths(package) if os.path.exists(path)]
        if self._had("namespaces (mount, pid, network, ipc)", self._leave):
            self.namespaces = self._had("a file system without solutions and references", lambda: new_root(package))
        if self.namespaces:
            self.proc = self._had("a /proc with its own processes only", self._try_proc)
            self.rules += [("/", "list"), *([("/proc", "read")] if self.proc else [])]
        self.landlock = linux.landlock_version()
        self._note(self.landlock, f"Landlock {self.landlock}", "Landlock (this kernel has none)")
        self.filter = compiled()
        self._note(self.filter, "a filter of system calls", "a filter of system calls (libseccomp is not installed)")
        self._identity(package)
        self._note(True, "limits on time, memory, processes, files and output", "")

    def _identity(self, package):
        """Whether children can be somebody else than the grader, who may read all that they need."""
        mine, why = self.root or self.own_user, "the grader is not root"
        if self.root and not self.namespaces:
            needed = [path for path in (*sys.path, os.path.dirname(os.__file__), str(package)) if os.path.exists(path)]
            try:
                try_identity(needed)
            except OSError:
                mine, why = False, "only root may read the folders of Python and the course"
        self.other = self.root and mine
        self._note(mine, "an identity without rights", f"an identity of its own ({why})")

    def _leave(self):
        """Into namespaces of this process's own, and a try of those that each child will have."""
        if self.root:
            linux.unshare(linux.NEWNS)
        else:
            map_ids(linux.NEWUSER | linux.NEWNS | linux.NEWPID)
            become_first_process()  # only a PID namespace of this user's own can be come back to after each fork
            self.own_user = True
            os.close(self.pid_namespace)
            self.pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
        in_a_child(lambda: linux.unshare(CHILD | linux.NEWPID))

    def _try_proc(self):
        def mount_it():
            linux.unshare(linux.NEWNS | linux.NEWPID)
            in_a_child(lambda: linux.mount("proc", "/proc", "proc", FLAGS))

        in_a_child(mount_it)

    def _own_namespaces(self, limits):
        linux.unshare(CHILD)
        options = f"size={limits.scratch},nr_inodes={MOST_FILES},mode=1777"
        linux.mount("scratch", SCRATCH, "tmpfs", FLAGS & ~linux.NOEXEC, options)
        if self.proc:
            linux.mount("proc", "/proc", "proc", FLAGS)
        else:
            linux.unmount("/proc")

    def _had(self, words, step):
        try:
            step()
        except (OSError, KeyError) as error:
            self.missing.append(f"{words} ({error})")
            return False
        self.active.append(words)
        return True

    def _note(self, there, active, missing):
        self.active.append(active) if there else self.missing.append(missing)

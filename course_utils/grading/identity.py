"""Who a submission runs as and how much it may use: identities, resource limits, and a try in a throw-away process."""

import contextlib
import errno
import functools
import os
import pathlib

from . import linux

try:
    import resource
except ImportError:  # Windows keeps no such limits
    resource = None

__all__ = [
    "RESERVE",
    "become_first_process",
    "in_a_child",
    "map_ids",
    "process_sizes",
    "reserve",
    "set_limits",
    "take_identity",
    "tasks_of_user",
    "try_identity",
]

FIRST, MANY, NOBODY = 1_900_000_000, 1_000_000, 65534
LIBRARIES = 4_000_000_000  # address space for libraries that are loaded late; it is not memory in use
RESERVE = 32_000_000  # bytes with which a process whose memory is full can still report it and go on


def take_identity(k, scratch):
    """As root: become a user that nothing else runs as, so that neighbours cannot touch each other; it gets `scratch`."""
    for identity in (FIRST + k % MANY, NOBODY):  # a container may have no such high number
        try:
            os.chown(scratch, identity, identity)
            os.setgroups([])
            os.setresgid(identity, identity, identity)
            os.setresuid(identity, identity, identity)
        except OSError:
            if identity == NOBODY:
                raise
        else:
            return


def try_identity(paths):
    """Raise PermissionError if an identity without rights cannot read all of these, or cannot be taken."""

    def look():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        if not all(os.access(path, os.R_OK) for path in paths):
            raise PermissionError(errno.EACCES, "")

    in_a_child(look)


def map_ids(flags):
    """unshare(flags) with a new user namespace in which the present user and group keep their numbers."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(flags)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        pathlib.Path("/proc/self", file).write_text(text, encoding="ascii")


def process_sizes():
    """(address space, data) of this process in bytes: where its children's limits begin to count; (0, 0) off Linux."""
    try:
        text = pathlib.Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0, 0
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return tuple(1024 * int(lines[name].split()[0]) for name in ("VmSize", "VmData"))


def tasks_of_user():
    """How many processes and threads this user has; None where that cannot be seen."""
    found, own = 0, os.geteuid()
    try:
        for entry in os.scandir("/proc"):
            with contextlib.suppress(OSError):
                if entry.name.isdecimal() and entry.stat().st_uid == own:
                    found += len(os.listdir(f"{entry.path}/task"))
    except OSError:
        return None
    return found


def set_limits(limits, sizes):
    """The limits that the kernel keeps for each process. Memory counts from `sizes`; see process_sizes."""
    space, data = sizes
    values = {
        "RLIMIT_CPU": int(1.2 * limits.cpu) + 2,  # in case that the grader does not look in time
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_DATA": data + limits.memory if data else None,
        "RLIMIT_AS": space + limits.memory + LIBRARIES if space else None,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in values.items():
        if value is not None and hasattr(resource, name):
            kind = getattr(resource, name)
            most = value + RESERVE if name == "RLIMIT_DATA" else value
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (min(value, most), most))


def reserve():
    """A function that lets this process have its reserve, once; made beforehand, it needs no memory to be called."""
    if resource is None:
        return lambda: None
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    return functools.partial(resource.setrlimit, resource.RLIMIT_DATA, (hard, hard))


def become_first_process():
    """After unshare(NEWPID): go on as the first process of the new namespace; the caller's process only waits for it."""
    pid = os.fork()
    if pid:
        os.closerange(3, 65536)
        _, status = os.waitpid(pid, 0)
        os._exit(max(os.waitstatus_to_exitcode(status), 0))
    linux.die_with_parent()


def in_a_child(step):
    """Run `step` in a forked child; an OSError in it becomes one here."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            step()
            code = 0
        except OSError as error:
            code = error.errno or 1
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))

"""The few calls into Linux that Python has no function for, through ctypes; each raises OSError with the kernel's reason.

Numbers and structures: the manual pages of the calls named here. Importable everywhere; calling needs Linux.
"""

import contextlib
import ctypes
import os
import signal
import struct

__all__ = [
    "BIND",
    "NEWIPC",
    "NEWNET",
    "NEWNS",
    "NEWPID",
    "NEWUSER",
    "NEWUTS",
    "NODEV",
    "NOEXEC",
    "NOSUID",
    "PRIVATE",
    "RDONLY",
    "REC",
    "REMOUNT",
    "bind_read_only",
    "die_with_parent",
    "drop_capabilities",
    "install_filter",
    "landlock",
    "landlock_version",
    "let_go_of_programs",
    "mount",
    "no_new_privileges",
    "pivot_root",
    "setns",
    "subreaper",
    "unmount",
    "unshare",
]

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture, like the next
MOUNT_SETATTR = 442
AT_RECURSIVE = 0x8000
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "ppc64le": 203, "s390x": 217, "riscv64": 41}
READ, LIST = 1 | 4 | 8, 8  # execute, read a file, list a folder
_libc = None


def _call(name, *arguments):
    global _libc
    _libc = _libc or ctypes.CDLL(None, use_errno=True)
    value = getattr(_libc, name)(*arguments)
    if value < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return value


def _syscall(number, *arguments):
    return _call("syscall", ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))


def unshare(flags):
    """Leave the namespaces that `flags` names for new ones; a new PID namespace begins with the next child."""
    _call("unshare", ctypes.c_int(flags))


def setns(fd, kind):
    """Enter the namespace behind an open file of /proc/PID/ns."""
    _call("setns", ctypes.c_int(fd), ctypes.c_int(kind))


def mount(source, target, kind=None, flags=0, data=None):
    """mount(2): paths and options are texts or None."""
    texts = [t.encode() if t is not None else None for t in (source, target, kind)]
    _call("mount", *texts, ctypes.c_ulong(flags), data.encode() if data is not None else None)


def bind_read_only(source, target):
    """Show a file or a folder, with all that is mounted under it, at another place, where nothing of it can be written."""
    mount(source, target, None, BIND | REC)
    attributes = struct.pack("=QQQQ", RDONLY | NOSUID, 0, 0, 0)
    try:
        _syscall(MOUNT_SETATTR, -100, target.encode(), AT_RECURSIVE, attributes, len(attributes))
    except OSError:  # before Linux 5.12: the top alone
        kept = os.statvfs(target).f_flag & (NOSUID | NODEV | 8 | 1024 | 2048)  # flags that may not be taken off
        mount(None, target, None, BIND | REMOUNT | RDONLY | kept)


def pivot_root(folder):
    """Make a mounted folder the root of this mount namespace and let go of the old one."""
    os.chdir(folder)
    _syscall(PIVOT_ROOT[os.uname().machine], b".", b".")
    unmount(".")
    os.chdir("/")


def unmount(path):
    """Take away what is mounted at a path, for this mount namespace."""
    _call("umount2", path.encode(), ctypes.c_int(DETACH))


def no_new_privileges():
    """From here on, no program that is started can gain rights."""
    _prctl(38, 1)


def die_with_parent():
    """Be killed when the parent is gone. To be called after the last change of identity, which undoes it."""
    _prctl(1, int(signal.SIGKILL))


def subreaper():
    """Become the parent of every orphan below this process."""
    _prctl(36, 1)


def let_go_of_programs():
    """Unmap the pages of program files that this process has read and not changed; what is needed again is read again."""
    with open("/proc/self/smaps", encoding="ascii", errors="replace") as lines:
        for line in lines:
            words = line.split()
            if "-" in words[0]:
                head = words
            elif words[0] == "Anonymous:" and words[1] == "0" and head[1] in ("r-xp", "r--p") and head[-1][:1] == "/":
                start, end = (int(address, 16) for address in head[0].split("-"))
                with contextlib.suppress(OSError):
                    _call("madvise", ctypes.c_void_p(start), ctypes.c_size_t(end - start), 4)


def drop_capabilities():
    """Give up all capabilities, for this process and all it starts."""
    for capability in range(64):
        try:
            _prctl(24, capability)
        except OSError:  # beyond the last one there is, or not ours to drop
            break
    header = struct.pack("=Ii", 0x20080522, 0)
    _call("capset", header, bytes(24))


def install_filter(program):
    """Install a seccomp filter, given as the bytes of its instructions, for this process and all it starts."""
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _prctl(22, 2, ctypes.c_char_p(head))


def landlock_version():
    """The version of Landlock that this kernel has, 0 for none."""
    try:
        return _syscall(LANDLOCK_CREATE, 0, 0, 1)
    except OSError:
        return 0


def landlock(rules, version):
    """Restrict this process to (path, rights) pairs, and to no TCP and no signals to outside where the kernel can.

    rights: "read", "write" (and all else) or "list".
    """
    everything = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    attributes = [everything, 3 if version >= 4 else 0, 3 if version >= 6 else 0]
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _syscall(LANDLOCK_CREATE, struct.pack("=QQQ", *attributes)[:size], size, 0)
    for path, rights in rules:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = {"read": READ, "write": everything, "list": LIST}[rights]
        allowed &= everything if os.path.isdir(path) else 1 | 2 | 4 | (1 << 14 if version >= 3 else 0)
        _syscall(LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
        os.close(fd)
    _syscall(LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)


def _prctl(option, *arguments):
    whole = [*arguments, 0, 0, 0, 0][:4]
    _call("prctl", ctypes.c_int(option), *(ctypes.c_ulong(a) if isinstance(a, int) else a for a in whole))

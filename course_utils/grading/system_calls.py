"""Which system calls a submission may not make; libseccomp, where the system has it, turns the list into a filter.

The filter is compiled once, in the warm parent, and installed in each child.
"""

import ctypes
import errno
import os
import socket

__all__ = ["FORBIDDEN", "compiled"]

FORBIDDEN = (
    *("unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "mount_setattr", "move_mount", "open_tree"),
    *(
        "fsopen",
        "fsmount",
        "fsconfig",
        "fspick",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "pidfd_getfd",
        "kcmp",
    ),
    *(
        "bpf",
        "perf_event_open",
        "userfaultfd",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
        "fanotify_init",
    ),
    *("keyctl", "add_key", "request_key", "name_to_handle_at", "open_by_handle_at", "quotactl", "acct", "syslog"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff"),
    *("memfd_create", "memfd_secret", "shmget", "msgget"),  # memory that is no process's, which nothing would count
    *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "iopl", "ioperm"),
)
NAMESPACES = 0x7E020080  # the flags of clone that make a namespace
ALLOW, ERRNO, NOT_EQUAL, MASKED_EQUAL = 0x7FFF0000, 0x00050000, 1, 7


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def compiled():
    """The filter as the bytes of its instructions, or None where libseccomp is not installed or does not know this machine."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
        library.seccomp_init.restype = ctypes.c_void_p
        context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    except (OSError, AttributeError):
        return None
    for name in FORBIDDEN:
        _refuse(library, context, name, errno.EPERM)
    _refuse(library, context, "clone3", errno.ENOSYS)  # its flags cannot be seen by a filter; libc then uses clone
    for bit in (1 << k for k in range(64) if NAMESPACES >> k & 1):
        _refuse(library, context, "clone", errno.EPERM, _Comparison(0, MASKED_EQUAL, bit, bit))
    _refuse(library, context, "socket", errno.EPERM, _Comparison(0, NOT_EQUAL, int(socket.AF_UNIX), 0))
    program = _exported(library, context)
    library.seccomp_release(context)
    return program


def _refuse(library, context, name, code, *comparison):
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:  # this machine has the call
        action = ctypes.c_uint32(ERRNO | code)
        array = (_Comparison * len(comparison))(*comparison)
        library.seccomp_rule_add_array(context, action, ctypes.c_int(number), ctypes.c_uint(len(comparison)), array)


def _exported(library, context):
    fd = os.memfd_create("filter")
    try:
        failed = library.seccomp_export_bpf(context, ctypes.c_int(fd))
        os.lseek(fd, 0, os.SEEK_SET)
        return None if failed else os.read(fd, 1_000_000) or None
    finally:
        os.close(fd)

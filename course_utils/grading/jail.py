"""What a submission sees of the file system: Python, its libraries, the course without its references, an empty scratch folder.

It is an allow-list: homes, other submissions, solutions, tests and the grader's files are not in it, whatever they are called.
"""

import os
import pathlib
import site
import sys

from . import linux

__all__ = ["HIDDEN", "SCRATCH", "new_root", "visible_paths"]

SCRATCH = "/scratch"
HIDDEN = "exercises"  # the part of the package that holds the reference answers
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
CONFIGURATION = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
DEVICES = ("/dev/null", "/dev/full", "/dev/zero", "/dev/random", "/dev/urandom")
FLAGS = linux.NOSUID | linux.NODEV | linux.NOEXEC


def visible_paths(package):
    """(path, rights) pairs for Landlock: each entry of the package, so that the references can be left out."""
    entries = [(str(p), "read") for p in sorted(package.iterdir()) if p.name != HIDDEN]
    system = [(p, "read") for p in (*_roots(package), *CONFIGURATION) if not _contains(p, package)]
    return [(str(package), "list"), *entries, *system, *((d, "write") for d in DEVICES)]


def new_root(package):
    """Build the root in memory, from read-only views of what may be seen, and move the calling process into it."""
    base = "/sys"  # any folder that is on every Linux and not among the sources; only this process sees it covered
    linux.mount(None, "/", None, linux.PRIVATE | linux.REC)
    linux.mount("jail", base, "tmpfs", FLAGS & ~linux.NOEXEC, "size=1m,mode=755")
    for path in sorted({*_roots(package), *CONFIGURATION, str(package)}):
        _show(path, base)
    for device in DEVICES:
        _place(device, base)
        linux.mount(device, base + device, None, linux.BIND)
    linux.mount("hidden", f"{base}{package / HIDDEN}", "tmpfs", FLAGS | linux.RDONLY, "size=1k,mode=755")
    os.makedirs(base + SCRATCH)
    os.makedirs(base + "/proc")
    linux.mount("/proc", base + "/proc", None, linux.BIND | linux.REC)  # each child covers it with its own
    pathlib.Path(base, "etc/passwd").write_text("student:x:65534:65534::/scratch:/bin/false\n", encoding="ascii")
    temporary = os.path.join(base, "tmp")
    if not os.path.exists(temporary):
        os.symlink(SCRATCH, temporary)
    linux.mount(None, base, None, linux.REMOUNT | linux.RDONLY | linux.NOSUID | linux.NODEV)
    linux.pivot_root(base)


def _roots(package):
    """Folders that Python, its libraries and the course's data are in."""
    sites = [p for p in sys.path if pathlib.PurePath(p).name in ("site-packages", "dist-packages")]
    data = [str(package.parent / "datasets")]
    own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [*SYSTEM, os.path.realpath(sys.prefix), sys.prefix, sys.base_prefix, *sites, *own, *data]


def _contains(folder, package):
    return package.is_relative_to(folder)


def _show(path, base):
    """Place a link as a link, all else as a read-only view; nothing twice."""
    target = base + path
    if os.path.lexists(target) or not os.path.lexists(path):
        return
    if os.path.islink(path):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.readlink(path), target)
    else:
        _place(path, base)
        linux.bind_read_only(path, target)


def _place(path, base):
    """An empty folder or file to mount over."""
    target = base + path
    folder = os.path.isdir(path)
    os.makedirs(target if folder else os.path.dirname(target), exist_ok=True)
    if not folder:
        open(target, "ab").close()

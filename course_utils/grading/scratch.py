"""Temporary folders that do not outlive their grader for long, even if it is ended by `kill -9`.

Each is locked by the process that made it; a lock is gone with its process. Whoever makes the next one removes those that
nobody has locked any more.
"""

import contextlib
import errno
import itertools
import os
import pathlib
import tempfile
import weakref

try:
    import fcntl
except ImportError:  # Windows has no such locks, and nothing is graded there
    fcntl = None

MOST_FILES = 20_000  # in one submission's folder

__all__ = ["MOST_FILES", "Scratch", "overfull", "remove"]


class Scratch:
    """A new folder at the path `name`, to be ended by `cleanup`; left ones with the same `prefix` are removed first."""

    def __init__(self, prefix):
        _remove_left(prefix)
        self.lock = None
        while self.lock is None:  # another process may take it for a left one before it is locked
            self.name = tempfile.mkdtemp(prefix=prefix)
            self.lock = _locked(self.name)
        self.cleanup = weakref.finalize(self, _end, self.name, self.lock)


def _end(folder, lock):
    """Remove the folder with all that is in it; when it is asked for, or else when the process ends."""
    remove(folder)
    os.close(lock)


def remove(folder):
    """Remove a folder with all that is in it: however deep, whatever its permissions, following no links."""
    folder = os.path.abspath(folder)
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        flat = tempfile.mkdtemp(
            dir=folder
        )  # folders are moved here before they are looked into, so that no path gets long
        waiting, names = [folder], map(str, itertools.count())
        while waiting:
            inner = waiting.pop()
            for entry in [*os.scandir(inner)]:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                elif entry.path != flat:
                    os.chmod(entry.path, 0o700)
                    waiting.append(os.path.join(flat, next(names)))
                    os.rename(entry.path, waiting[-1])
            if inner != folder:
                os.rmdir(inner)
        os.rmdir(flat)
        os.rmdir(folder)


def overfull(folder, most):
    """Whether the files below a folder take more than `most` bytes, are too many, or too deep to be counted."""
    size, waiting, seen = 0, [folder], 0
    while waiting and size <= most and seen <= MOST_FILES:
        try:
            for entry in os.scandir(waiting.pop()):
                seen += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    size += 512 * getattr(entry.stat(follow_symlinks=False), "st_blocks", 0)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return True
    return size > most or seen > MOST_FILES


def _remove_left(prefix):
    for folder in pathlib.Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        lock = _locked(folder) if fcntl and _own(folder) else None
        if lock is not None:
            remove(folder)
            os.close(lock)


def _own(folder):
    with contextlib.suppress(OSError):
        return folder.is_dir() and not folder.is_symlink() and folder.lstat().st_uid == os.geteuid()
    return False


def _locked(folder):
    """A file number that holds the lock of the folder, or None if another process does, or the folder is gone."""
    if fcntl is None:
        return os.open(os.devnull, os.O_RDONLY)
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(folder)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None

"""The files that were handed in, in a folder or an archive: found, named, and read without writing, unpacking or following.

Each is a Member with a function that returns its bytes. What cannot be read safely (links, special files, archives inside
archives, names that lead out, archives that blow up) is a Member too, whose function raises ValueError with the reason.
"""

import contextlib
import datetime
import functools
import os
import pathlib
import re
import stat
import zipfile
from collections.abc import Callable
from typing import NamedTuple

from .reading import LIMIT

__all__ = ["Member", "is_notebook", "members"]

NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # browsers and mail programs add the second ending
ARCHIVE = re.compile(r"\.(zip|7z|rar|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)
MOST_FILES = 100_000
RATIO, SMALL = 300, 4_000_000  # no notebook shrinks to a 300th; below this size it does not matter
LINK = "it is a link, which is not followed; hand in the file itself"
NO_ARCHIVE = "{} is not a zip file, or a damaged one; download it again, or give the unpacked folder"


class Member(NamedTuple):
    """A file that was handed in: its path inside the class, when it was last changed (seconds since 1970), its bytes."""

    name: str
    modified: float | None
    read: Callable
    refused: bool = False  # then `read` raises ValueError, which says why


def members(path):
    """All Members below a folder, in a zip file, or the one file; hidden files are none. Raises ValueError, OSError."""
    path = pathlib.Path(path)
    if path.is_dir():
        return [m for m in _in_folder(path) if not _hidden(m.name)]
    if ARCHIVE.search(path.name) or zipfile.is_zipfile(path):
        return [m for m in _in_archive(path) if not _hidden(m.name)]
    return [Member(_plain(path.name), path.stat().st_mtime, functools.partial(_read_file, path))]


def is_notebook(name):
    """Whether a name is that of a notebook."""
    return bool(NOTEBOOK.search(name))


def _in_folder(root):
    for folder, folders, names in os.walk(root, onerror=_stop):
        for name in (*folders, *names):
            path = pathlib.Path(folder, name)
            status = path.lstat()
            if not stat.S_ISDIR(status.st_mode):
                refusal = _refusal(LINK) if stat.S_ISLNK(status.st_mode) else _refuse_archive(name)
                read = refusal or functools.partial(_read_file, path)
                yield Member(_plain(path.relative_to(root).as_posix()), status.st_mtime, read, refusal is not None)


def _stop(error):
    raise ValueError(f"the folder {error.filename} cannot be read ({error.strerror}); change its permissions first")


def _read_file(path):
    """The bytes of a regular file, opened for reading only, and never through a link or from a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is a special file, not a notebook")
        _refuse_large(status.st_size)
        return file.read(LIMIT + 1)


def _in_archive(path):
    try:
        archive = zipfile.ZipFile(path)
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise ValueError(NO_ARCHIVE.format(path)) from None
    if len(infos) > MOST_FILES:
        raise ValueError(f"{path} holds {len(infos):,} files, more than {MOST_FILES:,}; is it the right archive?")
    for info in infos:
        name = _name(info)
        modified = None
        with contextlib.suppress(ValueError, OverflowError, OSError):  # the clock of whoever packed it
            modified = datetime.datetime(*info.date_time).timestamp()
        refusal = _refused(info, name)
        yield Member(name, modified, refusal or functools.partial(_read_member, archive, info), refusal is not None)


def _refused(info, name):
    """The refusal of an archive's member, or None."""
    parts = pathlib.PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return _refusal("its name leads out of the archive, as no platform writes it")
    if stat.S_ISLNK(info.external_attr >> 16):
        return _refusal(LINK)
    if info.file_size > SMALL and info.file_size > RATIO * max(info.compress_size, 1):
        return _refusal(
            f"it claims to unpack to {info.file_size:,} bytes from {info.compress_size:,}; no notebook does"
        )
    return _refuse_archive(name)


def _read_member(archive, info):
    """The bytes of an archive's member, never more than the limit, whatever its header claims."""
    if info.flag_bits & 1:
        raise ValueError("it is locked with a password; hand it in without one")
    _refuse_large(info.file_size)
    try:
        with archive.open(info) as file:
            return file.read(LIMIT + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise ValueError(f"it is damaged inside the archive ({type(error).__name__}); download it again") from None
    except Exception as error:  # zlib.error and its like
        raise ValueError(f"it cannot be unpacked ({type(error).__name__}); download it again") from None


def _refuse_archive(name):
    return _refusal("it is an archive inside the class; unpack it first") if ARCHIVE.search(name) else None


def _refuse_large(size):
    if size > LIMIT:
        raise ValueError(f"it has {size:,} bytes, more than the {LIMIT:,} that a submission may have")


def _refusal(reason):
    def refuse():
        raise ValueError(reason)

    return refuse


def _name(info):
    """A member's path; UTF-8 that was not marked as such is read as what it is."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return _plain(name)


def _plain(name):
    """A file's name as a text that can be written anywhere: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode()


def _hidden(name):
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in pathlib.PurePosixPath(name).parts)

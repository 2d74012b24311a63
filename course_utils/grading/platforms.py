"""Who handed a file in: the names that Moodle and Canvas give to downloaded submissions, and those that people give.

Canvas  millerann_LATE_4711_90210_00_start_here-1.ipynb        name, late?, user's id, file's id, name, try
Moodle  Ann Miller_12345_assignsubmission_file_/my work.ipynb  name, participant's id; a folder, or all in one name
people  ann.ipynb, ann (1).ipynb, ann/00_start_here.ipynb      the file's name; where it is the lesson's, the folder's
"""

import pathlib
import re
from typing import NamedTuple

__all__ = ["CANVAS", "MOODLE", "Sender", "sender"]

CANVAS, MOODLE = "Canvas", "Moodle"
IN_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<file>\d+)_(?P<rest>.+?)(?:-(?P<attempt>\d{1,2}))?(?P<end>\.[^.]+)?"
)
ANONYMOUS = re.compile(r"(?P<name>anon(?:ymous)?_(?P<id>[A-Za-z0-9]{5}))_(?P<late>LATE_)?(?P<file>\d+)_(?P<rest>.+)")
IN_MOODLE = re.compile(r"(?P<name>[^_/]*)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?")
COPY = re.compile(r"(?P<name>.+?) ?\((?P<attempt>\d{1,3})\)")
OF_A_LESSON = re.compile(r"\d\d_[a-z]")


class Sender(NamedTuple):
    """Who handed a file in, as its name tells. Two files with equal `key` are the same person's."""

    name: str
    key: tuple
    platform: str = ""
    id: str = ""
    late: bool = False  # the platform's own word
    attempt: int = 0


def sender(path):
    """The Sender of a file by its path inside the class folder or archive."""
    path = pathlib.PurePosixPath(path)
    for part in reversed(path.parts):
        if (found := IN_MOODLE.fullmatch(part)) is not None:
            return Sender(found["name"] or found["id"], (MOODLE, found["id"]), MOODLE, found["id"])
    for pattern in (IN_CANVAS, ANONYMOUS):
        if (found := pattern.fullmatch(path.name)) is not None:
            attempt = int(found.groupdict().get("attempt") or 0)
            return Sender(found["name"], (CANVAS, found["id"]), CANVAS, found["id"], bool(found["late"]), attempt)
    return _by_hand(path)


def _by_hand(path):
    stem, attempt = _stem(path.name), 0
    if (copy := COPY.fullmatch(stem)) is not None:
        stem, attempt = copy["name"], int(copy["attempt"])
    if OF_A_LESSON.match(stem) and len(path.parts) > 1:
        return Sender(path.parent.name, ("folder", str(path.parent)), attempt=attempt)
    return Sender(stem, ("file", str(path.parent), stem), attempt=attempt)


def _stem(name):
    """A file's name without .ipynb, nor with what browsers put behind that."""
    return re.sub(r"\.ipynb(\.(txt|json))?$", "", name, flags=re.IGNORECASE)

"""From what was handed in to one Submission per file: who sent it, what it holds, and which of several files counts.

A file that cannot be read becomes a Submission with a problem, never an exception: every file ends as a row of the
gradebook. Nothing is written, unpacked to disk, or followed.
"""

import collections
import datetime
import itertools
import pathlib
from typing import NamedTuple

from .members import is_notebook, members
from .platforms import Sender, sender
from .reading import LIMIT, Cell, Contents, read_notebook

__all__ = ["LIMIT", "Cell", "Submission", "collect", "lateness"]

ONLY_OTHERS = "it is not a notebook: hand in the file that ends in .ipynb"


class Submission(NamedTuple):
    """A student's file: its code cells in order, the lesson it says it is, or the problem that kept it from being read."""

    student: str
    file: str
    cells: tuple
    lesson: str | None
    problem: str | None
    remarks: tuple = ()  # what is odd about it and costs nothing, in words
    sender: Sender = Sender("", ())
    modified: float | None = None  # seconds since 1970, as the file system or the archive has it
    counts: bool = True  # False if another file of the same student counts instead


def collect(path, lesson=None):
    """All submissions under a folder (or in a zip file, or the one notebook), sorted by name.

    Where a student sent several files, the last one that can be read (as this lesson, if one is named) counts; the others
    are Submissions with a problem that says so. Raises ValueError if there is nothing at `path` or no notebook in it.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; give a folder of notebooks, a zip file of them, or one notebook")
    found = _worth_a_row(sorted(members(path), key=lambda member: (member.name.count("/"), member.name)))
    if not found:
        raise ValueError(f"{path} holds no notebook: no file in it ends in .ipynb")
    return _settled(_named(map(_submission, found)), lesson)


def lateness(submission, due):
    """How late in words, "" if in time or unknown. due: a datetime with its time zone, or None."""
    told = f"late, says {submission.sender.platform}" if submission.sender.late else ""
    if due is None or submission.modified is None:
        return told
    minutes = int((submission.modified - due.timestamp()) // 60)
    if minutes < 1:
        return told
    days, rest = divmod(minutes, 24 * 60)
    when = datetime.datetime.fromtimestamp(submission.modified, due.tzinfo)
    return f"{f'{days} d ' if days else ''}{rest // 60} h {rest % 60:02} min late (file of {when:%Y-%m-%d %H:%M})"


def _worth_a_row(found):
    """Notebooks, what was refused, and of those whom a platform names and who sent no notebook, whatever they sent."""
    served = {sender(m.name).key for m in found if is_notebook(m.name)}
    missing = {m.name for m in found if sender(m.name).platform and sender(m.name).key not in served}
    return [m for m in found if is_notebook(m.name) or m.refused or m.name in missing]


def _submission(member):
    who = sender(member.name)
    try:
        contents = read_notebook(member.read()) if _readable(member) else Contents(problem=ONLY_OTHERS)
    except (ValueError, OSError, MemoryError) as error:
        contents = Contents(problem=getattr(error, "strerror", None) or str(error) or type(error).__name__)
    return Submission(who.name, member.name, *contents, sender=who, modified=member.modified)


def _readable(member):
    return member.refused or is_notebook(member.name)


def _named(submissions):
    """The same with names of students that no two people share, and names of files that no two files share."""
    names, taken, files = {}, set(), collections.Counter()
    for s in submissions:
        if s.sender.key not in names:
            names[s.sender.key] = next(name for name in _candidates(s) if name not in taken)
            taken.add(names[s.sender.key])
        files[s.file] += 1
        file = s.file if files[s.file] == 1 else f"{s.file} (number {files[s.file]} of this name)"
        yield s._replace(student=names[s.sender.key], file=file)


def _candidates(submission):
    who, path = submission.sender, pathlib.PurePosixPath(submission.file)
    yield who.name
    yield (
        f"{who.name} ({who.id})"
        if who.id
        else str(path.parent if who.name == path.parent.name else path.parent / who.name)
    )
    yield from (f"{path} ({k})" for k in itertools.count(2))


def _settled(submissions, lesson):
    """The submissions, of which one per student counts."""
    by_student = collections.defaultdict(list)
    for submission in submissions:
        by_student[submission.sender.key].append(submission)
    settled = []
    for several in by_student.values():
        best = max(several, key=lambda s: _weight(s, lesson))
        settled += [s if s is best else _set_aside(s, best, len(several)) for s in several]
    return sorted(settled, key=lambda s: s.file)


def _weight(submission, lesson):
    """Of several files of one student, the one with the largest of these counts."""
    fits = submission.problem is None and (lesson is None or submission.lesson in (None, lesson))
    return fits, submission.sender.attempt, submission.modified or 0.0, submission.file


def _set_aside(submission, best, n):
    reason = f"it does not count: of {n} files of this student, {best.file} does"
    return submission._replace(problem=submission.problem or reason, counts=False)

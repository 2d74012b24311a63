"""Find the submissions in a folder, a zip file or a single notebook, and read each one strictly.

A file that cannot be read becomes a Submission with a problem, never an exception: every file ends as a row of the
gradebook. Nothing is written, and links are not followed.
"""

import json
import os
import pathlib
import stat
import zipfile
from typing import NamedTuple

__all__ = ["LIMIT", "Cell", "Submission", "collect", "read_notebook"]

LIMIT = 20_000_000  # bytes of one notebook file


class Cell(NamedTuple):
    """One code cell of a submission."""

    id: str
    source: str


class Submission(NamedTuple):
    """A student's file: its code cells in order, the lesson it says it is, or the problem that kept it from being read."""

    student: str
    file: str
    cells: tuple
    lesson: str | None
    problem: str | None


def collect(path):
    """All submissions under a folder (or in a zip file, or the one notebook), sorted by name.

    A student is named after the file; where the file is called after the lesson, after the folder it lies in. Raises
    ValueError if there is nothing at `path` or no notebook in it.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; give a folder of notebooks, a zip file of them, or one notebook")
    found = sorted(_members(path), key=lambda member: member[0])
    if not found:
        raise ValueError(f"{path} holds no notebook: no file in it ends in .ipynb")
    return [Submission(student, name, *read_notebook(read)) for student, (name, read) in _named(found)]


def read_notebook(read):
    """(cells, lesson, problem) of a notebook whose bytes `read()` returns; `problem` is None if it can be graded."""
    try:
        notebook = json.loads(read().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError, zipfile.BadZipFile, RuntimeError) as error:
        return (), None, _why_unreadable(error)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return (), None, "it is JSON but not a notebook: it has no list of cells (notebook format 4 is needed)"
    cells = tuple(Cell(_text(c.get("id")), _source(c)) for c in notebook["cells"] if _is_code(c))
    metadata = notebook.get("metadata")
    ours = metadata.get("rnn_course") if isinstance(metadata, dict) else None
    lesson = ours.get("lesson") if isinstance(ours, dict) else None
    return cells, lesson if isinstance(lesson, str) else None, None


def _members(path):
    """(name, function that returns its bytes) of every notebook."""
    if path.is_file() and zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        infos = (i for i in archive.infolist() if i.filename.endswith(".ipynb") and not _hidden(i.filename))
        return [(i.filename, lambda i=i: _limited(i.file_size, lambda: archive.read(i))) for i in infos]
    if path.is_file():
        return [(path.name, lambda: _read_file(path))]
    files = (
        pathlib.Path(folder) / name for folder, _, names in os.walk(path) for name in names if name.endswith(".ipynb")
    )
    relative = ((f.relative_to(path).as_posix(), f) for f in files)
    return [(name, lambda f=f: _read_file(f)) for name, f in relative if not _hidden(name)]


def _named(members):
    """Each member with the name of its student, which no other member has."""
    taken = set()
    for name, read in members:
        file = pathlib.PurePosixPath(name)
        generic = file.stem[:2].isdecimal() and file.stem[2:3] == "_" and len(file.parts) > 1
        student = file.parent.name if generic else file.stem
        if student in taken:
            student = name.removesuffix(".ipynb")
        taken.add(student)
        yield student, (name, read)


def _read_file(path):
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError("it is a link or a special file, which is not followed")
    return _limited(path.stat().st_size, path.read_bytes)


def _limited(size, read):
    if size > LIMIT:
        raise ValueError(f"it has {size:,} bytes, more than the {LIMIT:,} that a submission may have")
    return read()


def _why_unreadable(error):
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8; save it again from JupyterLab"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not a complete notebook (JSON breaks off or is damaged at line {error.lineno})"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _hidden(name):
    return any(part.startswith((".", "__MACOSX")) for part in pathlib.PurePosixPath(name).parts)


def _is_code(cell):
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(cell):
    source = cell.get("source", "")
    return "".join(s for s in source if isinstance(s, str)) if isinstance(source, list) else _text(source)


def _text(value):
    return value if isinstance(value, str) else ""

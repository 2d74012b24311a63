"""Read one notebook file strictly: its code cells in order, what is odd about it, or why it cannot be read.

What editors do to a notebook costs nobody their work: a byte-order mark, UTF-16 or Latin-1, the old format 3, cell ids that
Colab moves into the metadata. A large file is read in a process of its own, whose memory is limited.
"""

import gc
import io
import json
import pathlib
import subprocess
import sys
from typing import NamedTuple

__all__ = ["CODE_LIMIT", "LIMIT", "Cell", "Contents", "read_notebook"]

LIMIT = 150_000_000  # bytes of one notebook file; figures stored as outputs may make an honest one large
LARGE = 4_000_000  # bytes from which on a file is read in another process
CODE_LIMIT = 1_000_000  # characters of code in one submission
MEMORY = 1_000_000_000  # bytes of address space of the process that reads a large file
SECONDS = 60
ENCODINGS = (
    ("utf-8-sig", ""),
    ("utf-16", "it was saved as UTF-16"),
    ("cp1252", "it was not saved as UTF-8 but as Latin-1"),
)
CONFLICT = "it holds a merge conflict of git (<<<<<<<): the two versions were never put together"
NOT_A_NOTEBOOK = "it is JSON but not a notebook: it has no list of cells (notebook format 4 is needed)"


class Cell(NamedTuple):
    """One code cell of a submission."""

    id: str
    source: str


class Contents(NamedTuple):
    """What a file holds: code cells, the lesson it says it is, the problem that keeps it from being read, oddities."""

    cells: tuple = ()
    lesson: str | None = None
    problem: str | None = None
    remarks: tuple = ()


def read_notebook(data):
    """The Contents of a notebook file's bytes. Never raises for what they hold."""
    if len(data) > LIMIT:
        return Contents(problem=f"it has {len(data):,} bytes, more than the {LIMIT:,} that a submission may have")
    return _in_another_process(data) if len(data) > LARGE else _contents(data)


def _contents(data):
    notebook, remark = None, ""
    try:
        text, remark = _decoded(data)
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        return Contents(problem=_why_unreadable(error, data))
    raw, old = _code_cells(notebook)
    if raw is None:
        return Contents(problem=NOT_A_NOTEBOOK)
    cells = tuple(Cell(_id(c), _source(c)) for c in raw)
    size = sum(len(c.source) for c in cells)
    if size > CODE_LIMIT:
        return Contents(
            problem=f"it holds {size:,} characters of code, more than the {CODE_LIMIT:,} that a submission may"
        )
    remarks = (remark, "it is in the old notebook format 3" if old else "", _foreign(notebook))
    return Contents(cells, _lesson(notebook), None, tuple(filter(None, remarks)))


def _decoded(data):
    """(text, remark): UTF-8 with or without a mark, UTF-16 with one, else what Windows calls Latin-1."""
    for encoding, remark in ENCODINGS:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding), remark
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), ENCODINGS[-1][1]


def _code_cells(notebook):
    """(the notebook's code cells, whether it is in format 3); (None, False) for what is no notebook."""
    if not isinstance(notebook, dict):
        return None, False
    cells, sheets = notebook.get("cells"), notebook.get("worksheets")
    old = not isinstance(cells, list) and isinstance(sheets, list) and bool(sheets)
    if old:
        lists = (s.get("cells") for s in sheets if isinstance(s, dict))
        cells = [cell for some in lists if isinstance(some, list) for cell in some]
    if not isinstance(cells, list):
        return None, False
    return [c for c in cells if isinstance(c, dict) and c.get("cell_type") == "code"], old


def _id(cell):
    metadata = cell.get("metadata")
    return _text(cell.get("id")) or _text(metadata.get("id") if isinstance(metadata, dict) else "")


def _source(cell):
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(_text, source)) if isinstance(source, list) else _text(source)


def _text(value):
    """A text without lone surrogates, which no report could be written with; "" for what is no text."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _lesson(notebook):
    ours = _entry(notebook, "metadata", "rnn_course")
    lesson = ours.get("lesson") if isinstance(ours, dict) else None
    return _text(lesson) if isinstance(lesson, str) else None


def _foreign(notebook):
    """A remark on a kernel of another language; the code itself is run as Python all the same."""
    language = _text(_entry(notebook, "metadata", "kernelspec", "language"))
    language = language or _text(_entry(notebook, "metadata", "language_info", "name"))
    plain = language.lower() in ("", "python", "python3", "ipython")
    return "" if plain else f"it says that its language is {language[:40]}; it was run as Python"


def _entry(value, *names):
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _why_unreadable(error, data):
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "reading it takes more memory than a notebook may"
    if b"<<<<<<< " in data and b"\n>>>>>>> " in data:
        return CONFLICT
    if not data.strip():
        return "it is empty: it is not a complete notebook"
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "it is a web page, not a notebook: hand in the file that ends in .ipynb, not a page saved from a browser"
    return f"it is not a complete notebook (JSON breaks off or is damaged at line {getattr(error, 'lineno', 1)})"


def _in_another_process(data):
    """The Contents of a large file, read where running out of memory hurts nobody."""
    root = str(pathlib.Path(__file__).resolve().parents[2])
    code = f"import sys; sys.path.insert(0, {root!r}); from course_utils.grading.reading import _main; _main()"
    try:
        done = subprocess.run([sys.executable, "-I", "-c", code], input=data, capture_output=True, timeout=SECONDS)
        cells, lesson, problem, remarks = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return Contents(problem="reading it takes more time or memory than a notebook may")
    return Contents(tuple(Cell(*c) for c in cells), lesson, problem, tuple(remarks))


def _main():
    """The other process: bytes from standard input, Contents as JSON to standard output."""
    gc.disable()  # it would look through millions of lists, again and again
    try:
        import resource
    except ImportError:  # Windows keeps no such limits
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = _contents(sys.stdin.buffer.read())
    with io.TextIOWrapper(sys.stdout.buffer, encoding="ascii") as out:
        json.dump(found, out)

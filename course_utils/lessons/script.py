"""Read a lesson script: percent format, text cells as r-strings, roles of cells as metadata on the cell's line.

# %% [markdown] minutes=45 needs=["numpy"]     the title cell, always first
# %% tags=["setup"]                            imports and figure style
# %% answer="7.1"                              an answer, with ### BEGIN SOLUTION ... ### END SOLUTION around its body
# %% check="7.1"                               its check
# %% [markdown] solution="7.1"                 why the solution is what it is; only in the solved notebook
"""

import hashlib
import pathlib
from typing import NamedTuple

__all__ = ["BEGIN", "END", "Cell", "Lesson", "lesson_paths", "read_lesson"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ROLES = ("answer", "check", "solution")


class Cell(NamedTuple):
    """One cell of a script: `kind` is "markdown" or "code", `role` one of answer, check, solution or ""."""

    id: str
    kind: str
    source: str
    role: str
    exercise: str
    tags: tuple


class Lesson(NamedTuple):
    """A lesson as its author wrote it. `name` is the file's name, "07_lstm"; `title` the question at its head."""

    name: str
    title: str
    minutes: int
    needs: tuple
    cells: tuple


def lesson_paths(root):
    """The lesson scripts of a checkout, in order."""
    return sorted((pathlib.Path(root) / "solutions").glob("[0-9][0-9]_*.py"))


def read_lesson(path):
    """The Lesson in a script. Raises ValueError, naming the file, for a script without a title cell or minutes."""
    import jupytext  # only authors and instructors have it

    path = pathlib.Path(path)
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    head = notebook.cells[0] if notebook.cells else None
    if head is None or head.cell_type != "markdown" or "minutes" not in head.metadata or not head.source.strip():
        raise ValueError(f'{path.name}: the first cell must be the title: # %% [markdown] minutes=45 needs=["numpy"]')
    title = head.source.splitlines()[0].lstrip("# ")
    cells = tuple(_cells(path.name, notebook.cells))
    return Lesson(path.stem, title, int(head.metadata["minutes"]), tuple(head.metadata.get("needs", ["numpy"])), cells)


def _cells(file, raw_cells):
    seen = {}
    for raw in raw_cells:
        role = next((r for r in ROLES if r in raw.metadata), "")
        exercise = str(raw.metadata.get(role, "")) if role else ""
        if raw.cell_type not in ("markdown", "code"):
            raise ValueError(f"{file}: a {raw.cell_type} cell; lessons have markdown and code cells only")
        name = _cell_id(raw, role, exercise)
        seen[name] = seen.get(name, 0) + 1
        if role and seen[name] > 1:
            raise ValueError(f"{file}: two {role} cells for exercise {exercise}")
        unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
        yield Cell(unique, raw.cell_type, raw.source.strip("\n"), role, exercise, tuple(raw.metadata.get("tags", ())))


def _cell_id(raw, role, exercise):
    """An id that does not move when cells come or go elsewhere: role and number, or a digest of the text."""
    if role:
        return f"{role}-{exercise.replace('.', '-')}"
    kind = "text" if raw.cell_type == "markdown" else "code"
    return f"{kind}-{hashlib.sha256(raw.source.encode()).hexdigest()[:10]}"

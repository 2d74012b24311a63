"""From a lesson script to its two notebooks: the student's copy with stubs, the solved copy with the checks' verdicts.

Building runs nothing and is deterministic: rebuilding an unchanged lesson changes no byte. The only stored outputs are
the verdict lines of the checks in the solved copy; nbval proves them when the lesson is verified.
"""

import hashlib
import json
import pathlib
import re
import tomllib

from ..exercises import exercises_of
from ..exercises.definition import STUB
from .checkout import lesson_path
from .script import BEGIN, END, lesson_paths, read_lesson

__all__ = [
    "EditedNotebook",
    "build",
    "notebook_text",
    "repository",
    "solved_notebook",
    "source_digest",
    "student_notebook",
]

COLAB = "https://colab.research.google.com/github/{slug}/blob/main/{folder}/{name}.ipynb"
SETUP = """import sys

if "google.colab" in sys.modules:  # Colab brings NumPy and torch; this line adds the course
    %pip install --quiet "rnn-course @ git+{repository}"
"""


class EditedNotebook(Exception):
    """A notebook that would be overwritten holds changes that no build made."""


def repository(root):
    """The repository's address, which pyproject.toml names once."""
    text = (pathlib.Path(root) / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["urls"]["Repository"]


def student_notebook(lesson, address):
    """The student's copy as a dictionary: stubs for solutions, no outputs."""
    names = {e.number: e.name for e in exercises_of(lesson.name)}
    kept = [c for c in lesson.cells if c.role != "solution"]
    cells = [c._replace(source=_stubbed(c.source, names.get(c.exercise))) if c.role == "answer" else c for c in kept]
    return _notebook(lesson, "notebooks", cells, address, {})


def solved_notebook(lesson, address):
    """The solved copy as a dictionary: solutions without markers, reasons, and each check's verdict as its output."""
    verdicts = {e.number: f"✓ {e.label}\n" for e in exercises_of(lesson.name)}
    cells = [c._replace(source=_unmarked(c.source)) if c.role == "answer" else c for c in lesson.cells]
    return _notebook(lesson, "solutions", cells, address, verdicts)


def notebook_text(notebook):
    """The notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def source_digest(notebook):
    """A digest of ids, kinds and sources: running a notebook leaves it, editing a cell changes it."""
    cells = [[c.get("id"), c.get("cell_type"), "".join(c.get("source", ""))] for c in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def build(root, names=None):
    """Write both notebooks of every lesson (or of those named) and the syllabus. Returns the paths that changed.

    `names` are those that `lesson_path` understands; for an unknown one it raises its ValueError. Raises EditedNotebook,
    before anything is written, if a target holds changes that no build made.
    """
    from .syllabus import syllabus, with_syllabus

    root, address = pathlib.Path(root), repository(root)
    chosen = {lesson_path(root, name).stem for name in names or []}
    every = [read_lesson(path) for path in lesson_paths(root)]
    targets = {}
    for lesson in every:
        if not chosen or lesson.name in chosen:
            targets[root / "notebooks" / f"{lesson.name}.ipynb"] = notebook_text(student_notebook(lesson, address))
            targets[root / "solutions" / f"{lesson.name}.ipynb"] = notebook_text(solved_notebook(lesson, address))
    targets[root / "notebooks" / "README.md"] = syllabus(every)
    if (root / "README.md").exists():
        targets[root / "README.md"] = with_syllabus((root / "README.md").read_text(encoding="utf-8"), every)
    for path in targets:
        _refuse_edited(path)
    return [path for path, text in targets.items() if _write(path, text)]


def _notebook(lesson, folder, cells, address, verdicts):
    link = COLAB.format(slug=address.removeprefix("https://github.com/"), folder=folder, name=lesson.name)
    made = [_json_cell(c, verdicts) for c in cells]
    badge = _plain("markdown", "colab-badge", f"[Open in Colab]({link})", [])
    setup = _plain("code", "colab-setup", SETUP.format(repository=address).strip(), ["setup"])
    notebook = {"cells": [badge, made[0], setup, *made[1:]], "nbformat": 4, "nbformat_minor": 5}
    digest = source_digest(notebook)
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "rnn_course": {"built": digest, "generated": "by `course build`; edit solutions/*.py", "lesson": lesson.name},
    }
    return notebook


def _json_cell(cell, verdicts):
    made = _plain(cell.kind, cell.id, cell.source, list(cell.tags))
    if cell.role:
        made["metadata"]["rnn_course"] = {"exercise": cell.exercise, "role": cell.role}
    if cell.role == "check" and cell.exercise in verdicts:
        made["metadata"]["tags"] = [*cell.tags, "nbval-check-output"]
        made["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [verdicts[cell.exercise]]}]
        made["execution_count"] = 1
    return made


def _plain(kind, name, source, tags):
    made = {
        "cell_type": kind,
        "id": name,
        "metadata": {"tags": tags} if tags else {},
        "source": source.splitlines(keepends=True),
    }
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _stubbed(source, name):
    """The answer cell with its marked body replaced by the line that says it is not attempted; a value becomes None."""
    pattern = rf"^([ \t]*){BEGIN}\n.*?^[ \t]*{END}[ \t]*$"
    return re.sub(
        pattern, lambda m: f"{m[1]}{STUB}" if m[1] else f"{name} = None", source, flags=re.DOTALL | re.MULTILINE
    )


def _unmarked(source):
    return "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END))


def _refuse_edited(path):
    if path.suffix != ".ipynb" or not path.exists():
        return
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        untouched = old["metadata"]["rnn_course"]["built"] == source_digest(old)
    except (ValueError, KeyError, TypeError, AttributeError):
        untouched = False
    if not untouched:
        raise EditedNotebook(
            f"{path} holds changes that `course build` did not make; nothing was written. "
            "Move it away (my_work/ is the place for work on a lesson), then build again."
        )


def _write(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True

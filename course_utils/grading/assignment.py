"""An assignment: lessons as they were given to students, when they are due, and what each exercise is worth.

A folder with the student notebooks, a README that says all this to people, and assignment.json, which says it to the grader.
"""

import contextlib
import datetime
import json
import pathlib
import sys
from typing import NamedTuple

from ..exercises import exercises_of
from ..lessons.build import notebook_text, repository, source_digest, student_notebook
from ..lessons.checkout import lesson_path
from ..lessons.script import read_lesson

__all__ = ["Assignment", "parse_due", "read_assignment", "released", "write_assignment"]

FILE = "assignment.json"
README = """# {title}

**Due {due}.** {total} points.

{table}

1. Open the notebook in JupyterLab, VS Code or Colab, and work in it. Each exercise has a check that says whether it is right.
2. Save it, and hand in the file that ends in `.ipynb`, under its own name. Do not zip it.
3. You may hand in again until it is due: your last file counts.
"""


class Assignment(NamedTuple):
    """due: a datetime with time zone, or None. points: exercise number -> points. digests: lesson -> of its notebook."""

    due: datetime.datetime | None = None
    points: dict = {}  # noqa: RUF012 - never changed
    digests: dict = {}  # noqa: RUF012


def released(root, name):
    """(Lesson, its student notebook as a dictionary) by the lesson's name, number or word."""
    with _without("rfc3987_syntax"):  # a grammar of web addresses: two seconds, and lessons are not judged by it
        lesson = read_lesson(lesson_path(root, name))
    return lesson, json.loads(json.dumps(student_notebook(lesson, repository(root))))


@contextlib.contextmanager
def _without(module):
    """Imports inside take `module` for one that is not installed, unless it is loaded already."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


def parse_due(text):
    """A datetime with time zone from text like 2026-12-01T18:00 (this machine's zone) or 2026-12-01T18:00+01:00."""
    try:
        due = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a date and time; write 2026-12-01T18:00, or with a zone 2026-12-01T18:00+01:00"
        ) from None
    return due if due.tzinfo else due.astimezone()


def write_assignment(root, names, due, points, folder):
    """Write the assignment of these lessons into a new `folder`. points: exercise number -> points, where not as usual."""
    folder = pathlib.Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is there already and is not an empty folder; give a new one")
    lessons = [released(root, name) for name in names]
    worth = {e.number: points.get(e.number, e.points) for lesson, _ in lessons for e in exercises_of(lesson.name)}
    _refuse_unknown(points, worth)
    folder.mkdir(parents=True, exist_ok=True)
    for lesson, notebook in lessons:
        (folder / f"{lesson.name}.ipynb").write_text(notebook_text(notebook), encoding="utf-8")
    digests = {lesson.name: source_digest(notebook) for lesson, notebook in lessons}
    said = {"format": 1, "due": due.isoformat(timespec="minutes"), "points": worth, "lessons": digests}
    (folder / FILE).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(_readme([lesson for lesson, _ in lessons], due, worth), encoding="utf-8")
    return [lesson.name for lesson, _ in lessons]


def read_assignment(folder):
    """The Assignment in a folder that `write_assignment` made. Raises ValueError if there is none."""
    path = pathlib.Path(folder) / FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        points = {str(number): worth for number, worth in said["points"].items()}
        due = parse_due(said["due"])
        digests = dict(said["lessons"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not an assignment ({error}); make one with: course release") from None
    if not all(isinstance(worth, int | float) and worth >= 0 for worth in points.values()):
        raise ValueError(f"{path}: points must be numbers, 0 or more")
    return Assignment(due, points, digests)


def _refuse_unknown(points, worth):
    if unknown := points.keys() - worth.keys():
        raise ValueError(f"there is no exercise {', '.join(sorted(unknown))}; there are {', '.join(worth)}")
    if negative := [number for number, p in points.items() if p < 0]:
        raise ValueError(f"points of exercise {negative[0]} must be 0 or more")


def _readme(lessons, due, worth):
    rows = ["| lesson | exercise | points |", "|---|---|---|"]
    for lesson in lessons:
        link = f"[{lesson.name}]({lesson.name}.ipynb)"
        rows += [f"| {link} | {e.label} | {worth[e.number]} |" for e in exercises_of(lesson.name)]
    title = lessons[0].title if len(lessons) == 1 else "Assignment"
    return README.format(
        title=title, due=due.strftime("%A %d %B %Y, %H:%M (%Z)"), total=sum(worth.values()), table="\n".join(rows)
    )

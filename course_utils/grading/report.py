"""What people read: a page per student, a page for the class with pictures. All that is a student's is escaped."""

import base64
import collections
import io
import pathlib
import re

import jinja2

from ..exercises import exercises_of
from .gradebook import gradebook
from .statistics import EASY, HARD, counting, items, mistakes

__all__ = ["class_page", "page_names", "student_page", "write_reports"]

TEMPLATES = pathlib.Path(__file__).with_name("templates")
MARKS = {"right": "✓", "wrong": "✗", "not attempted": "·"}


def write_reports(folder, lesson, title, entries):
    """Write gradebook.csv, index.html and feedback/STUDENT.html into `folder`. Returns the path of the class page.

    entries: marking.Entry, one per file. Feedback is written for the file of a student that counts.
    """
    folder = pathlib.Path(folder)
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    pages = page_names(entries)
    (folder / "gradebook.csv").write_text(gradebook(lesson, entries), encoding="utf-8-sig", newline="")
    for entry in entries:
        if entry.counts:
            page = folder / "feedback" / pages[entry.row.student]
            page.write_text(student_page(lesson, title, entry), encoding="utf-8")
    (folder / "index.html").write_text(class_page(lesson, title, entries), encoding="utf-8")
    return folder / "index.html"


def student_page(lesson, title, entry):
    """Feedback for one student: each exercise with its points, the named mistake, hints and the student's own code."""
    row = entry.row
    exercises = exercises_of(lesson)
    answered = [(e, v, row.answers.get(e.number, "")) for e, v in zip(exercises, row.verdicts, strict=True)]
    return _render("student.html", lesson=lesson, title=title, entry=entry, grade=row, items=answered)


def class_page(lesson, title, entries):
    """The class at a glance: pictures, each exercise with its mistakes, every submission's points and how it was run."""
    exercises, rows = exercises_of(lesson), counting(entries)
    found = items(exercises, rows)
    wrong = {item.exercise.label: mistakes(rows, item.exercise.label) for item in found}
    ran = collections.Counter(e.row.isolation.line for e in entries if e.row.status != "invalid")
    values = {
        "statuses": collections.Counter(e.row.status for e in entries if e.counts),
        "look": [e for e in entries if e.needs_a_look],
        "late": [e for e in entries if e.late and e.counts],
        "aside": [e for e in entries if not e.counts],
        "ran": ran.most_common(),
        "seeds": sorted({e.row.seed for e in entries}),
    }
    pictures = _pictures(found, rows) if rows and exercises else []
    return _render(
        "class.html",
        lesson=lesson,
        title=title,
        entries=entries,
        pages=page_names(entries),
        items=found,
        wrong=wrong,
        pictures=pictures,
        **values,
    )


def page_names(entries):
    """A file name for each student's page: letters, digits, - and _ of the name, and a number where two would be the same."""
    names, taken = {}, collections.Counter()
    for student in dict.fromkeys(e.row.student for e in entries):
        plain = re.sub(r"[^\w-]+", "_", student)[:80].strip("_") or "student"
        taken[plain.lower()] += 1
        again = taken[plain.lower()]
        names[student] = f"{plain}.html" if again == 1 else f"{plain}.{again}.html"
    return names


def _pictures(found, rows):
    """(title, alternative text, SVG as a data address) of each picture of the class."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ..plots import class_report as draw
    from ..plots.style import STYLE

    labels = [i.exercise.label for i in found]
    counts = [[i.right, i.named, i.other, i.untouched] for i in found]
    points, out_of = [row.points for row in rows], max(row.out_of for row in rows)
    odd = [f"{i.exercise.label} ({i.remark})" for i in found if i.remark]
    told = "; ".join(f"{i.exercise.label}: {i.right} of {i.n} right" for i in found)
    plan = [
        ("How points spread", f"Histogram of the points of {len(rows)} students.", 2.4,
         lambda ax: draw.points_histogram(points, out_of, ax)),
        ("What became of each exercise", f"A bar per exercise. {told}.", 1.1 + 0.32 * len(found),
         lambda ax: draw.exercise_outcomes(labels, counts, ax)),
        ("Which exercises to look at", f"Odd: {', '.join(odd) or 'none'}.", 3.0,
         lambda ax: draw.item_map([i.exercise.number for i in found], [i.share for i in found],
                                  [i.discrimination for i in found], HARD, EASY, ax)),
    ]  # fmt: skip
    made = []
    for name, alt, height, picture in plan:
        with rc_context(STYLE | {"svg.hashsalt": name, "svg.fonttype": "path"}):
            figure = Figure(figsize=(6.4, height))
            FigureCanvasAgg(figure)
            picture(figure.add_subplot())
            out = io.BytesIO()
            figure.savefig(out, format="svg", metadata={"Date": None})
        made.append((name, alt, "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()))
    return made


def _render(template, **values):
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.get_template(template).render(marks=MARKS, **values)

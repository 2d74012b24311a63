"""What people read: the gradebook as CSV, a page per student, a page for the class. All that is a student's is escaped."""

import collections
import csv
import io
import pathlib
import re

import jinja2

from ..exercises import exercises_of

__all__ = ["class_page", "gradebook", "student_page", "write_reports"]

TEMPLATES = pathlib.Path(__file__).with_name("templates")


def write_reports(folder, lesson, title, grades):
    """Write gradebook.csv, index.html and feedback/STUDENT.html into `folder`. Returns the path of the class page."""
    folder = pathlib.Path(folder)
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    pages = page_names(grades)
    (folder / "gradebook.csv").write_text(gradebook(lesson, grades), encoding="utf-8", newline="")
    for grade in grades:
        (folder / "feedback" / pages[grade.student]).write_text(student_page(lesson, title, grade), encoding="utf-8")
    (folder / "index.html").write_text(class_page(lesson, title, grades), encoding="utf-8")
    return folder / "index.html"


def gradebook(lesson, grades):
    """The CSV: one row per submission; student, file, status, points, out of, percent, each exercise, note."""
    labels = [e.label for e in exercises_of(lesson)]
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["student", "file", "status", "points", "out of", "percent", *labels, "note"])
    for g in grades:
        share = f"{100 * g.points / g.out_of:.1f}" if g.out_of else ""
        each = [v.points for v in g.verdicts]
        rows.writerow(map(_cell, [g.student, g.file, g.status, g.points, g.out_of, share, *each, g.note]))
    return out.getvalue()


def student_page(lesson, title, grade):
    """Feedback for one student: each exercise with its points, the named mistake, a hint and the student's own code."""
    exercises = exercises_of(lesson)
    items = [(e, v, grade.answers.get(e.number, "")) for e, v in zip(exercises, grade.verdicts, strict=True)]
    return _render("student.html", lesson=lesson, title=title, grade=grade, items=items)


def class_page(lesson, title, grades):
    """The class at a glance: every submission's points, and how often each mistake was made."""
    mistakes = collections.Counter((v.label, v.message) for g in grades for v in g.verdicts if v.status == "wrong")
    exercises = exercises_of(lesson)
    right = [sum(g.verdicts[k].status == "right" for g in grades) for k in range(len(exercises))]
    solved = list(zip(exercises, right, strict=True))
    pages = page_names(grades)
    return _render(
        "class.html",
        lesson=lesson,
        title=title,
        grades=grades,
        pages=pages,
        solved=solved,
        mistakes=mistakes.most_common(),
    )


def page_names(grades):
    """A file name for each student's page: letters, digits, - and _ of the name, and a number where two would be the same."""
    names, taken = {}, collections.Counter()
    for grade in grades:
        plain = re.sub(r"[^\w-]+", "_", grade.student)[:80].strip("_") or "student"
        taken[plain.lower()] += 1
        again = taken[plain.lower()]
        names[grade.student] = f"{plain}.html" if again == 1 else f"{plain}.{again}.html"
    return names


def _render(template, **values):
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.get_template(template).render(**values)


def _cell(value):
    """A value for a spreadsheet; a text that one would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value

"""The syllabus: a table of all lessons, built from their scripts into notebooks/README.md and README.md."""

import re

from ..exercises import exercises_of

__all__ = ["syllabus", "with_syllabus"]

HEAD = """<!-- Built by `course build` from solutions/*.py; edit those. -->
# Syllabus

Each lesson is a notebook that asks one question. Read, predict, run, build, check, reflect.
Work in `my_work/` (`make lab` puts your copies there); these files are the untouched originals.

| lesson | the question | minutes | exercises | points | needs |
|---|---|---:|---:|---:|---|
"""


def syllabus(lessons):
    """The text of notebooks/README.md for a list of Lessons."""
    rows = [_row(lesson, exercises_of(lesson.name)) for lesson in lessons]
    total = f"\n{len(lessons)} lessons, {sum(x.minutes for x in lessons) / 60:.1f} hours of work.\n"
    return HEAD + "\n".join(rows) + "\n" + total


def with_syllabus(text, lessons):
    """The text of the course's README.md with a table of the lessons between its two marks; without marks, unchanged."""
    rows = [f"| [{x.name[:2]} {x.title}](notebooks/{x.name}.ipynb) | {x.minutes} | {_count(x)} |" for x in lessons]
    hours = f"{len(lessons)} lessons, {sum(x.minutes for x in lessons) / 60:.1f} hours of work."
    table = "\n".join(["| lesson | minutes | exercises |", "|---|---:|---:|", *rows, "", hours])
    return re.sub(
        r"(<!-- syllabus: [^\n]* -->\n).*?(<!-- end of syllabus -->)",
        lambda m: f"{m[1]}\n{table}\n\n{m[2]}",
        text,
        flags=re.DOTALL,
    )


def _count(lesson):
    return len(exercises_of(lesson.name))


def _row(lesson, exercises):
    points = sum(e.points for e in exercises)
    link = f"[{lesson.name}]({lesson.name}.ipynb)"
    return f"| {link} | {lesson.title} | {lesson.minutes} | {len(exercises)} | {points} | {', '.join(lesson.needs)} |"

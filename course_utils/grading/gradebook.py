"""The gradebook as CSV: a plain table of every file, and what Canvas and Moodle import.

The platforms import a file that they exported themselves, with one column filled in: give it as the roster. Without one, a
table with the platform's columns is made from the names of the files, where those tell who sent them.
"""

import csv
import html
import io
import math

from ..exercises import exercises_of
from .platforms import CANVAS, MOODLE

__all__ = ["gradebook", "platform_of", "platform_table"]

CANVAS_COLUMNS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE_COLUMNS = ["Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"]
POSSIBLE = "Points Possible"
PLAIN = ["student", "file", "status", "points", "out of", "percent"]
PARTICIPANT = "Participant "  # what Moodle writes before the number


def gradebook(lesson, entries):
    """The plain table: one line per file; student, file, status, points, each exercise, lateness, whether it counts, note."""
    labels = [e.label for e in exercises_of(lesson)]
    lines = [[*PLAIN, *labels, "counts", "late", "isolated", "seed", "note"]]
    for e in entries:
        row = e.row
        share = f"{100 * row.points / row.out_of:.1f}" if row.out_of else ""
        told = "; ".join(filter(None, [row.note, *e.submission.remarks]))
        where = "" if row.status == "invalid" else "yes" if row.isolation.isolated else "no"
        line = [row.student, row.file, row.status, row.points, row.out_of, share, *(v.points for v in row.verdicts)]
        lines.append([*line, "yes" if e.counts else "no", e.late, where, row.seed, told])
    return _text(lines)


def platform_of(entries):
    """The platform whose names at least half of the files have, or ""."""
    names = [e.submission.sender.platform for e in entries]
    return next((p for p in (CANVAS, MOODLE) if names and 2 * names.count(p) >= len(names)), "")


def platform_table(platform, title, entries, roster=None):
    """(CSV text for the platform's import, names of students whom the roster does not know).

    title: of the assignment, for Canvas. roster: text of the platform's own export, or None. Raises ValueError for a
    roster that is neither.
    """
    counting = [e for e in entries if e.counts]
    if roster is None:
        known = [e for e in counting if e.submission.sender.platform == platform]
        table = _new_canvas(title, known) if platform == CANVAS else _new_moodle(known)
        return _text(table), [e.row.student for e in counting if e not in known]
    lines = list(csv.reader(io.StringIO(roster.removeprefix("\ufeff"))))
    header = lines[0] if lines else []
    if {"Identifier", "Grade"} <= set(header):
        return _filled_moodle(header, lines[1:], counting)
    if {"Student", "ID"} <= set(header):
        return _filled_canvas(header, lines[1:], counting, title)
    raise ValueError(
        "the roster has neither the columns of Canvas (Student, ID) nor those of Moodle's grading worksheet "
        "(Identifier, Grade); export the gradebook from Canvas, or download the grading worksheet from Moodle's assignment"
    )


def _new_canvas(title, entries):
    out_of = max((e.row.out_of for e in entries), default=0)
    lines = [[e.row.student, e.submission.sender.id, "", "", "", e.row.points] for e in entries]
    return [[*CANVAS_COLUMNS, title], [f"    {POSSIBLE}", "", "", "", "", out_of], *lines]


def _new_moodle(entries):
    lines = [MOODLE_COLUMNS]
    for e in entries:
        who = f"{PARTICIPANT}{e.submission.sender.id}"
        lines.append([who, e.row.student, e.row.points, e.row.out_of, _comment(e)])
    return lines


def _filled_canvas(header, lines, entries, title):
    """The roster's own lines with the column of this assignment: the one whose name begins with the title, or a new one."""
    column = next((k for k, name in enumerate(header) if name.startswith(title)), None)
    keep = [header.index(name) for name in CANVAS_COLUMNS if name in header]
    find = _finder(entries, lines, keep)
    made = [[*(header[k] for k in keep), title if column is None else header[column]]]
    possible = next((line for line in lines if line and line[0].strip() == POSSIBLE), None)
    most = _number(possible[column]) if possible and column is not None and column < len(possible) else None
    for line in lines:
        entry = find(line, line[header.index("ID")] if len(line) > header.index("ID") else "")
        before = line[column] if column is not None and column < len(line) else ""
        points = before if entry is None else _scaled(entry.row, most)
        if line is possible and not points and entries:
            points = entries[0].row.out_of
        made.append([*(line[k] if k < len(line) else "" for k in keep), points])
    return _text(made, own=False), find.missing()


def _filled_moodle(header, lines, entries):
    """The worksheet with grades, on its own scale, and comments."""
    at = {name: k for k, name in enumerate(header)}
    find = _finder(
        entries, lines, [k for name, k in at.items() if name not in ("Grade", "Feedback comments", "Status")]
    )
    made = [header]
    for line in lines:
        line = line + [""] * (len(header) - len(line))
        entry = find(line, line[at["Identifier"]].removeprefix(PARTICIPANT))
        if entry is not None:
            most = _number(line[at["Maximum Grade"]]) if "Maximum Grade" in at else None
            line[at["Grade"]] = _scaled(entry.row, most)
            if "Feedback comments" in at:
                line[at["Feedback comments"]] = _comment(entry)
        made.append(line)
    return _text(made, own=False), find.missing()


class _finder:
    """Whose line of a roster it is: by the platform's number, else by a name or login that stands there exactly once."""

    def __init__(self, entries, lines, columns):
        self.by_id = {e.submission.sender.id: e for e in entries if e.submission.sender.id}
        self.by_name = {e.row.student.casefold(): e for e in entries if not e.submission.sender.id}
        cells = [line[k].casefold() for line in lines for k in columns if k < len(line)]
        self.once = {name for name in self.by_name if cells.count(name) == 1}
        self.left = {e.row.student for e in entries}

    def __call__(self, line, number):
        names = (cell.casefold() for cell in line)
        found = self.by_id.get(number) or next((self.by_name[n] for n in names if n in self.once), None)
        self.left -= {found.row.student} if found else set()
        return found

    def missing(self):
        return sorted(self.left)


def _scaled(row, most):
    """Points on the platform's scale, which may have another maximum."""
    if not most or not row.out_of or math.isclose(most, row.out_of):
        return row.points
    return round(row.points / row.out_of * most, 2)


def _comment(entry):
    """The verdicts as the small piece of HTML that Moodle shows to the student."""
    lines = [entry.row.note] if entry.row.note else []
    lines += [v.line for v in entry.row.verdicts] if entry.row.status != "invalid" else []
    return "<br>".join(html.escape(line) for line in lines)


def _number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _text(lines, own=True):
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(v) if own else v for v in line] for line in lines])
    return out.getvalue()


def _cell(value):
    """A value for a spreadsheet; a text that one would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value

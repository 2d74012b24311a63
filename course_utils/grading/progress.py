"""What a terminal shows: a bar with rate and time left while a class is graded, and a table when it is done."""

import collections
import statistics
import sys
import unicodedata

from .report import MARKS

__all__ = ["shown", "summary", "table"]

MANY = 60  # lines; of a larger class the table shows those that need a look
WIDTH = 28


def shown(entries, total, stream=None):
    """Yield the entries and show how far it is: a bar in a terminal, else a line for each row that needs a look."""
    from tqdm import tqdm

    stream = stream or sys.stderr
    quiet = not stream.isatty()
    with tqdm(total=total, unit="notebook", file=stream, disable=quiet, dynamic_ncols=True, smoothing=0.1) as bar:
        kept = 0
        for entry in entries:
            if entry.fresh:
                bar.update()
            else:  # kept rows come at once; counting them would make the rate a fairy tale
                kept += 1
                bar.total = total - kept
                bar.refresh()
            if entry.needs_a_look:
                tqdm.write(_printable(f"{entry.row.status}: {entry.row.file}: {entry.row.note}"), file=stream)
            yield entry


def table(entries):
    """The lines of the table: every student in a small class, those that need a look in a large one."""
    chosen = [e for e in entries if e.counts]
    if len(chosen) > MANY:
        chosen = [e for e in chosen if e.needs_a_look or e.late][:MANY]
    return [_line(e) for e in sorted(chosen, key=lambda e: e.row.student.casefold())]


def summary(entries):
    """The lines under the table: how many of each status, and how points spread."""
    counting = [e for e in entries if e.counts]
    statuses = collections.Counter(e.row.status for e in counting)
    lines = [", ".join(f"{n} {status}" for status, n in statuses.most_common())]
    aside, late = len(entries) - len(counting), sum(bool(e.late) for e in counting)
    extra = [f"{aside} files do not count" * bool(aside), f"{late} late" * bool(late)]
    lines[0] += "".join(f"; {text}" for text in extra if text)
    points = [e.row.points for e in counting if e.row.status != "invalid"]
    if points:
        middle, mean = statistics.median(points), statistics.mean(points)
        lines.append(f"points: median {middle:g}, mean {mean:.1f}, of {counting[0].row.out_of:g}")
    if look := sum(e.needs_a_look for e in entries):
        lines.append(f"{look} need{'s' * (look == 1)} a look: the class page begins with them")
    return lines


def _line(entry):
    row = entry.row
    marks = "".join(MARKS[v.status] for v in row.verdicts)
    told = [row.status if row.status != "graded" else "", row.note, entry.late]
    points = f"{row.points:>4g} of {row.out_of:g}"
    return (
        f"{_fitted(_printable(row.student))}  {points}  {marks}  {_printable(': '.join(filter(None, told)))}".rstrip()
    )


def _printable(text):
    """The text without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _fitted(name):
    """The name in exactly WIDTH columns of a terminal, where some characters take two and some none."""
    out, used = "", 0
    for character in name:
        wide = 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + wide > WIDTH - 1:
            return out + "…" + " " * (WIDTH - used - 1)
        out, used = out + character, used + wide
    return out + " " * (WIDTH - used)

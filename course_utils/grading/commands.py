"""What `course grade`, `course sample` and `course release` do. Imports what is heavy only when it is needed."""

import contextlib
import pathlib
import secrets
import sys

from .flags import limits_of

__all__ = ["FINISHED", "INTERRUPTED", "LOOK", "grade", "release", "sample"]

FINISHED, LOOK, INTERRUPTED = 0, 3, 130  # exit codes: all simply graded; some rows need a look; stopped, to be resumed
CHANGED = "note: {} has changed since it was released; students have the older text, and their answers are judged by the newer"


def grade(options):
    """Grade every notebook in a folder or zip file: gradebook, feedback, class report. Repeated, it goes on where it was."""
    from ..lessons.checkout import find_root
    from .assignment import Assignment, parse_due, read_assignment, released
    from .collect import collect
    from .marking import seeds
    from .store import Store

    lesson, notebook = released(find_root(), options.lesson)
    assignment = read_assignment(options.assignment) if options.assignment else Assignment()
    if options.due:
        assignment = assignment._replace(due=parse_due(options.due))
    _say_if_changed(lesson, notebook, assignment)
    submissions = collect(options.folder, lesson.name)
    folder = _reports_folder(options, lesson)
    roster = _roster(options.roster)
    with Store(folder / "grades.sqlite", lesson.name) as store:
        seed = store.seed(options.seed, lambda: secrets.randbelow(2**31))
        entries, whole = _mark(options, notebook, lesson, submissions, store, seeds(seed, options.variants), assignment)
    page = _write(folder, lesson, entries, options, roster)
    _tell(entries, len(submissions), seed, page, whole)
    return INTERRUPTED if not whole else LOOK if any(e.needs_a_look for e in entries) else FINISHED


def sample(options):
    """Write a sample class for a lesson: right, partly right, each mistake, empty, broken."""
    from ..lessons.build import repository, solved_notebook
    from ..lessons.checkout import find_root
    from .assignment import released
    from .samples import sample_class

    root = find_root()
    lesson, notebook = released(root, options.lesson)
    folder = pathlib.Path(options.folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty, and nothing in it will be overwritten; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    samples = sample_class(solved_notebook(lesson, repository(root)), notebook, lesson.name)
    for made in samples:
        (folder / f"{made.student}.ipynb").write_bytes(made.data)
    print(f"{len(samples)} submissions in {folder}. Try: course grade {lesson.name} {folder}")


def release(options):
    """Make an assignment folder: lessons for students, with a due date and points; grade it with --assignment."""
    from ..lessons.checkout import find_root
    from .assignment import parse_due, write_assignment

    *names, folder = [*options.names, *options.rest]
    unknown = [name for name in options.rest if name.startswith("-")]
    if unknown or not names:
        raise ValueError(
            f"give lessons, --due, and a new folder{f'; there is no option {unknown[0]}' if unknown else ''}"
        )
    points = dict(map(_worth, options.points))
    made = write_assignment(find_root(), names, parse_due(options.due), points, folder)
    print(f"{', '.join(made)} in {folder}: give students this folder. When they have handed in:")
    print(f"course grade {made[0]} SUBMISSIONS --assignment {folder}")


def _mark(options, notebook, lesson, submissions, store, seed, assignment):
    """(entries sorted by file, whether all are there): grades what is not kept, until done or interrupted."""
    from .collect import lateness
    from .marking import entries_of, mark
    from .progress import shown

    limits, isolated, entries = limits_of(options), not options.not_isolated, []
    with _engine(options, notebook, lesson, store, limits, isolated) as engine:
        marked = mark(submissions, engine, store, seed, limits, isolated, options.again)
        with contextlib.closing(marked):
            told = entries_of(marked, assignment.points, lambda submission: lateness(submission, assignment.due))
            try:
                entries.extend(shown(told, len(submissions)))
            except KeyboardInterrupt:
                print("\nstopping: what runs now is given up; all that is graded is kept", file=sys.stderr)
    return sorted(entries, key=lambda e: e.row.file), len(entries) == len(submissions)


def _engine(options, notebook, lesson, store, limits, isolated):
    if options.cluster:
        from .cluster import Cluster

        return Cluster(options.cluster, notebook, lesson.name, limits, isolated)
    from .marking import KeepingPool

    return KeepingPool(store, notebook, lesson.name, options.jobs, limits, isolated)


def _reports_folder(options, lesson):
    folder = pathlib.Path(options.output or pathlib.Path("grades") / lesson.name)
    inputs = pathlib.Path(options.folder).resolve()
    if folder.resolve().is_relative_to(inputs):
        raise ValueError(
            f"reports may not go into the submissions ({inputs}), which stay untouched; choose another with --output"
        )
    return folder


def _say_if_changed(lesson, notebook, assignment):
    from ..lessons.build import source_digest

    if assignment.digests and lesson.name not in assignment.digests:
        raise ValueError(f"the assignment has no lesson {lesson.name}, only {', '.join(assignment.digests)}")
    if assignment.digests.get(lesson.name, source_digest(notebook)) != source_digest(notebook):
        print(CHANGED.format(lesson.name), file=sys.stderr)


def _roster(path):
    return pathlib.Path(path).read_text(encoding="utf-8-sig") if path else None


def _write(folder, lesson, entries, options, roster):
    """Write all reports; returns the path of the class page."""
    from .gradebook import platform_of, platform_table
    from .report import write_reports

    page = write_reports(folder, lesson.name, lesson.title, entries)
    platform = platform_of(entries)
    if platform or roster:
        text, unknown = platform_table(platform, options.title or lesson.name, entries, roster)
        (folder / "gradebook_to_import.csv").write_text(text, encoding="utf-8", newline="")
        if unknown:
            print(f"not in gradebook_to_import.csv, for lack of a line that fits: {', '.join(unknown[:20])}")
    return page


def _tell(entries, n, seed, page, whole):
    from .progress import summary, table

    print(*table(entries), *summary(entries), sep="\n")
    kept = sum(not e.fresh for e in entries)
    told = f" ({kept} of them kept from before)" if kept else ""
    print(f"{len(entries)} of {n} submissions graded, seed {seed}{told}.")
    if not whole:
        print("Give the same command again to grade the others.")
    print(f"Read {page}; the table is {page.with_name('gradebook.csv')}")
    if (made := page.with_name("gradebook_to_import.csv")).exists():
        print(f"To import into Canvas or Moodle: {made}")


def _worth(text):
    number, equals, points = text.partition("=")
    with contextlib.suppress(ValueError):
        if equals:
            return number.strip(), int(points)
    raise ValueError(f"--points {text!r}: write EXERCISE=POINTS, like 7.1=3")

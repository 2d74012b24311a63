"""What `course grade`, `course sample` and `course release` are told: their arguments, and the limits in them."""

import os

__all__ = ["arguments", "limits_of"]


def limits_of(options):
    """The Limits that the command's flags ask for."""
    from .rows import Limits

    mega = 1_000_000
    return Limits(
        cell=options.cell_seconds,
        total=options.seconds,
        cpu=options.cpu_seconds,
        memory=options.memory_mb * mega,
        processes=options.processes,
        files=options.open_files,
        file_size=options.file_mb * mega,
        scratch=options.scratch_mb * mega,
        output=options.printed_mb * mega,
        answer=options.answer_mb * mega,
    )


def arguments(lesson):
    """Arguments for argparse, by the name of a command's function in commands.py. lesson: the one that names a lesson."""
    number = {"type": int}
    return [
        (
            "grade",
            lesson,
            (["folder"], {"help": "a folder of notebooks, or a zip file of them, also from Canvas or Moodle"}),
            (["--output"], {"help": "where reports and rows go (default: grades/LESSON)"}),
            (["--assignment"], {"help": "a folder that `course release` made: due date and points"}),
            (["--due"], {"help": "when it was due, like 2026-12-01T18:00"}),
            (["--seed"], number | {"help": "what the checks' inputs are drawn from (default: drawn once per class)"}),
            (
                ["--variants"],
                {"choices": ["class", "student"], "default": "class", "help": "whose inputs are the same"},
            ),
            (["--again"], {"action": "store_true", "help": "grade all, also what is graded and has not changed"}),
            (["--roster"], {"help": "the gradebook exported from Canvas, or Moodle's grading worksheet, to fill in"}),
            (["--title"], {"help": "the assignment's name in Canvas (default: the lesson's)"}),
            (["--cluster"], {"metavar": "ADDRESS", "help": "run on the Dask cluster with this scheduler's address"}),
            (
                ["--not-isolated"],
                {"action": "store_true", "help": "run submissions with your own rights; every report says so"},
            ),
            (
                ["--jobs"],
                number | {"default": os.cpu_count() or 1, "help": "submissions at a time (default: one per core)"},
            ),
            *_limit_arguments(),
        ),
        ("sample", lesson, (["folder"], {"help": "a new folder"})),
        (
            "release",
            (["names"], {"nargs": "+", "metavar": "LESSON... FOLDER", "help": "lessons, and a new folder"}),
            (["--due"], {"required": True, "help": "like 2026-12-01T18:00, or with a zone 2026-12-01T18:00+01:00"}),
            (
                ["--points"],
                {"action": "append", "default": [], "metavar": "7.1=3", "help": "another worth of an exercise"},
            ),
        ),
    ]


def _limit_arguments():
    """Flags for the limits of one submission; the defaults are those of rows.Limits."""
    rows = [
        ("--cell-seconds", float, 30, "seconds of one cell"),
        ("--seconds", float, 180, "seconds in all"),
        ("--cpu-seconds", float, 120, "seconds of computing"),
        ("--memory-mb", int, 1000, "MB of memory of all its processes"),
        ("--processes", int, 64, "processes and threads"),
        ("--open-files", int, 256, "open files"),
        ("--file-mb", int, 50, "MB of one file it writes"),
        ("--scratch-mb", int, 100, "MB of all files it writes"),
        ("--printed-mb", int, 2, "MB that it prints or shows"),
        ("--answer-mb", int, 4, "MB of one value that a check hands over"),
    ]
    return [
        ([name], {"type": kind, "default": n, "help": f"limit: {what} (default {n})"}) for name, kind, n, what in rows
    ]

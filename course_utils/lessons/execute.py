"""Execute lessons from beginning to end under nbval, a few kernels at a time, and say what each one takes.

Every solved notebook runs in a pytest process of its own with one kernel and one BLAS thread; the longest begin first, by
the minutes that they ask of a reader. A lesson fails if one of its cells does, or prints another verdict than is stored.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time
from typing import NamedTuple

__all__ = ["Execution", "execute", "table"]

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
COMMAND = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "nbval.plugin", "--nbval", "--nbval-current-env"]


class Execution(NamedTuple):
    """One lesson's run: seconds on the clock, whether every cell passed, and the end of what pytest said."""

    lesson: str
    seconds: float
    passed: bool
    said: str


def execute(root, lessons, kernels=2, report=lambda execution: None):
    """Executions of a list of Lessons of the checkout at `root`, in order; `report` gets each one as soon as it is done.

    >>> execute(root, lessons, report=lambda done: print(done.lesson, done.seconds))
    """
    with concurrent.futures.ThreadPoolExecutor(kernels) as pool:
        longest_first = sorted(lessons, key=lambda lesson: -lesson.minutes)
        waiting = [pool.submit(_execute, solved_path(root, lesson)) for lesson in longest_first]
        for done in concurrent.futures.as_completed(waiting):
            report(done.result())
    return sorted((w.result() for w in waiting), key=lambda execution: execution.lesson)


def table(executions, wall):
    """The executions as a table in Markdown, with the time that all of them took together."""
    rows = [f"| {e.lesson} | {e.seconds:.0f} | {'yes' if e.passed else 'no'} |" for e in executions]
    head = ["| lesson | seconds | every cell passed |", "|---|---:|---|"]
    return "\n".join([*head, *rows, f"| all {len(executions)}, side by side | {wall:.0f} | |"])


def solved_path(root, lesson):
    return pathlib.Path(root) / "solutions" / f"{lesson.name}.ipynb"


def _execute(notebook):
    start = time.perf_counter()
    command = [sys.executable, *COMMAND, str(notebook)]
    environment = os.environ | ONE_THREAD | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    answer = subprocess.run(command, env=environment, cwd=notebook.parent, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    return Execution(notebook.stem, seconds, answer.returncode == 0, (answer.stdout + answer.stderr)[-3000:])

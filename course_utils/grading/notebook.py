"""nbval's own notebook and cells, run on a caged kernel: what is collected, executed, compared and failed is decided by nbval.

nbval is a pytest plugin; here its classes work inside the grader, with one pytest configuration for all submissions.
"""

import collections
import contextlib
import os
import pathlib
import sys
import threading
import types
from typing import NamedTuple

import pytest

from .scratch import Scratch

__all__ = ["CellResult", "Validator"]

SECONDS_TO_REACT = 2.0  # after an interrupt
# Half of what nbval takes to import is of no use here: grammars of web addresses and of durations, a kernel, coverage.
ABSENT = ("isoduration", "rfc3987_syntax")
BLANK = {
    "nbval.cover": ("setup_coverage", "teardown_coverage"),
    "nbval.kernel": ("CURRENT_ENV_KERNEL_NAME", "RunningKernel"),
}


class CellResult(NamedTuple):
    """What nbval saw of one cell: whether it passed, its outputs, and the error in words if it did not."""

    passed: bool
    outputs: list
    error: str | None


class Validator:
    """Runs notebooks under nbval. seconds: the limit for one cell. One for each thread."""

    def __init__(self, seconds):
        self.folder = Scratch("course-nbval-")
        nbval = _nbval()
        self.session = _session(pathlib.Path(self.folder.name), seconds)
        self.file_class = _file_class(nbval)

    def run(self, text, kernel, before):
        """CellResults of a notebook's text by position, fewer if `kernel` ended early; before(k) is called at each cell."""
        path = pathlib.Path(self.folder.name, "submission.ipynb")
        path.write_text(text, encoding="utf-8")
        file = self.file_class.from_parent(self.session, path=path)
        file.kernel = kernel
        results = {}
        for k, item in enumerate(file.collect()):
            before(k)
            results[k] = _result(item)
            if not kernel.is_alive():
                break
        return results

    def close(self):
        self.folder.cleanup()


def _result(item):
    error = None
    try:
        item.runtest()
    except (Exception, pytest.skip.Exception, pytest.fail.Exception) as failed:  # NbCellError, or the kernel's Ended
        error = str(failed) or type(failed).__name__
    return CellResult(error is None, list(item.test_outputs or ()), error)


_started = threading.Lock()


def _nbval():
    """nbval's plugin module, without its kernel, coverage and the grammars that nbformat loads: a cage needs none of them."""
    with _started, _modules(dict.fromkeys(ABSENT) | _blanks()):
        import nbval.plugin
    return nbval.plugin


def _blanks():
    """Modules by name that hold nothing but the names that nbval takes from them."""
    made = {name: types.ModuleType(name) for name in BLANK}
    for name, module in made.items():
        vars(module).update(dict.fromkeys(BLANK[name]))
    return made


@contextlib.contextmanager
def _modules(modules):
    """Have these stand for the modules of their names that are not imported yet; None: as if it were not installed."""
    new = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(new)
    try:
        yield
    finally:
        for name in new:
            del sys.modules[name]


def _session(folder, seconds):
    """A pytest session that knows nbval and nothing of the folder or the environment that the grader was started in."""
    (folder / "alone.ini").write_text("[pytest]\n", encoding="utf-8")
    arguments = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={seconds}", "-p", "nbval.plugin"]
    arguments += [
        "--color=no",
        "--capture=no",
        "--assert=plain",
        "--noconftest",
        "-c",
        str(folder / "alone.ini"),
        "--rootdir",
        str(folder),
    ]
    with _started, _variable("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"):
        return pytest.Session.from_config(pytest.Config.fromdictargs({}, [*arguments, str(folder)]))


@contextlib.contextmanager
def _variable(name, value):
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _file_class(nbval):
    class CagedFile(nbval.IPyNbFile):
        """nbval's notebook; cells have less time to react to an interrupt, and comments in them are no orders to nbval."""

        def collect(self):
            for item in super().collect():
                item.output_timeout = SECONDS_TO_REACT
                item.options = collections.defaultdict(bool, nbval.find_metadata_tags(item.cell.metadata))
                yield item

    return CagedFile

"""Run an assembled notebook under nbval, in a process and a scratch folder of its own, with a limit on time."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from typing import NamedTuple

from ..exercises.definition import SEED_VARIABLE
from .rows import Limits

__all__ = ["CellResult", "NoNbval", "run"]


class NoNbval(Exception):
    """nbval itself could not be started, so no submission can be graded; a fault of the installation, not of a student."""


class CellResult(NamedTuple):
    """What nbval saw of one cell: whether it passed, its outputs, and the error in words if it did not."""

    passed: bool
    outputs: list
    error: str | None


def run(notebook, seed, limits=Limits()):  # noqa: B008 - a named tuple is immutable
    """Results of a notebook's cells by position (0-based), and None or a sentence on why the run was cut short.

    notebook: the text of a file without outputs; seed: what the checks draw their cases from.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, tempfile.TemporaryDirectory() as own:
        path, own = pathlib.Path(scratch, "submission.ipynb"), pathlib.Path(own)
        path.write_text(notebook, encoding="utf-8")
        (own / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        with open(own / "log", "wb") as log:
            process = _start(path, own, seed, limits, log)
            problem = _wait(process, limits.total)
        results = _read(own / "results")
        if not results and process.returncode > 1:  # a signal's number is negative, failed cells make it 1
            raise NoNbval(f"nbval did not start, so nothing can be graded:\n{_tail(own / 'log')}")
        return results, problem


def _start(path, own, seed, limits, log):
    command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "course_utils.grading.nbval_results"]
    command += ["-p", "no:cacheprovider", "-c", str(own / "pytest.ini"), "--rootdir", str(path.parent), "--noconftest"]
    command += ["--tb=no", "--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={limits.cell}"]
    command += [f"--results={own / 'results'}", str(path)]
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    settings |= {SEED_VARIABLE: str(seed), "IPYTHONDIR": str(path.parent), "MPLBACKEND": "agg"}
    environment = os.environ | settings | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
    return subprocess.Popen(command, cwd=path.parent, env=environment, start_new_session=True, **streams)


def _wait(process, seconds):
    try:
        process.wait(seconds)
        return None
    except subprocess.TimeoutExpired:
        return f"stopped after {seconds:g} seconds, the limit for one submission"
    finally:
        _end(process)


def _end(process):
    """End the run and whatever it started: all of it is one session (on Windows, the process itself)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _tail(log):
    return log.read_text(encoding="utf-8", errors="replace")[-1500:]


def _read(results):
    """Results by cell; lines that are cut off or not ours are left out."""
    found = {}
    for line in results.read_text(encoding="utf-8", errors="replace").splitlines() if results.exists() else ():
        try:
            row = json.loads(line)
            found[int(row["cell"])] = CellResult(bool(row["passed"]), list(row["outputs"]), row["error"])
        except (ValueError, KeyError, TypeError):
            continue
    return found

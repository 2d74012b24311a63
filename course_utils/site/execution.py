"""Solved lessons with the outputs of a run, kept by content: a lesson runs again when something that it read has changed.

An entry knows the digest of the lesson's cells, of every file of the course that the run imported, of the data sets, and
the versions it ran with. So a change to a figure of lesson 07 runs the lessons that draw it, and no other.
"""

import concurrent.futures
import hashlib
import importlib.metadata
import json
import pathlib
import tempfile

__all__ = ["LessonFailed", "executed", "executed_all"]

SECONDS = 900  # for one cell
VERSIONED = ("numpy", "matplotlib", "ipywidgets", "torch")
BEFORE = "from course_utils.site.stills import draw_stills\ndraw_stills()"
AFTER = """import sys as _sys
print(*sorted(m.__file__ for n, m in list(_sys.modules.items()) if n.startswith("course_utils") and m.__file__), sep="\\n")"""


class LessonFailed(Exception):
    """A cell of a solved lesson raised; the text names the lesson and carries the traceback."""


def executed_all(root, notebooks, cache, kernels=2, report=lambda name, fresh: None):
    """Notebooks by name, each with its outputs; `report(name, fresh)` hears of each one, and whether it had to run."""
    with concurrent.futures.ThreadPoolExecutor(kernels) as pool:
        waiting = {pool.submit(executed, root, name, notebook, cache): name for name, notebook in notebooks.items()}
        for done in concurrent.futures.as_completed(waiting):
            report(waiting[done], done.result()[1])
    return {name: future.result()[0] for future, name in waiting.items()}


def executed(root, name, notebook, cache):
    """The notebook with the outputs of a run from top to bottom, and whether it had to run: (notebook, fresh).

    `cache` is a folder, made if need be. Raises LessonFailed if a cell raises.
    """
    root, path = pathlib.Path(root), pathlib.Path(cache) / f"{name}.json"
    kept = _entry(path)
    cells = hashlib.sha256(json.dumps([c["source"] for c in notebook["cells"]]).encode()).hexdigest()
    if kept.get("cells") == cells and kept.get("read") == _state(root, kept.get("modules", ())):
        return kept["notebook"], False
    made, modules = _run(root, name, notebook)
    entry = {"cells": cells, "modules": modules, "read": _state(root, modules), "notebook": made}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(entry), encoding="utf-8")
    part.replace(path)
    return made, True


def _entry(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _state(root, modules):
    """Digests of all that a run reads, by name."""
    files = [root / module for module in modules] + sorted(p for p in (root / "datasets").glob("*") if p.is_file())
    read = {str(f.relative_to(root)): _digest(f) for f in files}
    return read | {"how": _digest(pathlib.Path(__file__))} | {name: _version(name) for name in VERSIONED}


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _run(root, name, notebook):
    """The notebook run in a kernel and an empty folder of its own, and the course's modules that it imported."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    wanted = nbformat.reads(json.dumps(notebook), as_version=4)
    wanted.cells = [_code("before", BEFORE), *wanted.cells, _code("after", AFTER)]
    with tempfile.TemporaryDirectory() as folder:
        settings = {"timeout": SECONDS, "kernel_name": "python3", "coalesce_streams": True}
        # Kernels warn that they talk over TCP, which they do on this machine alone.
        settings["extra_arguments"] = ["--log-level=ERROR"]
        client = NotebookClient(wanted, resources={"metadata": {"path": folder}}, **settings)
        try:
            client.execute()
        except CellExecutionError as error:
            raise LessonFailed(f"{name}: {error}") from None
    printed = "".join(output["text"] for output in wanted.cells[-1].outputs)
    wanted.cells = wanted.cells[1:-1]
    modules = [pathlib.Path(line).relative_to(root.resolve()).as_posix() for line in printed.splitlines()]
    return json.loads(json.dumps(wanted)), modules


def _code(name, source):
    from nbformat.v4 import new_code_cell

    return new_code_cell(source, id=name)

"""The list from which Python in the browser installs: our wheels lie beside it, all others come from Pyodide's server.

Pyodide looks up what a cell imports in its lock file and installs that, with what it depends on, before the cell runs.
So a lesson's `import course_utils` is all that it takes. Format: Pyodide's documentation, "pyodide-lock.json".
"""

import hashlib
import importlib.metadata
import pathlib
import zipfile

__all__ = ["browser_lock"]

BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix", "extra": ""}
# pooch downloads with requests, and nothing is downloaded in the browser (see course_utils/downloads.py); the other two are
# ipywidgets' part in the page, which the built site has already.
LEFT_OUT = {"requests", "widgetsnbextension", "jupyterlab-widgets"}
# Python's help topics, in the browser a package of their own: course_utils.corpora reads them.
ADDED = {"rnn-course": ["pydoc-data"]}


def browser_lock(lock, wheels, server):
    """A lock file's content in which each of `wheels` (paths, pure Python) is a file beside it, all else lies on `server`.

    `lock` is Pyodide's own; `server` the address of the folder that has its packages. Raises ValueError for a wheel that
    needs a package which is in neither.
    """
    base = server.rstrip("/") + "/"
    packages = {name: {**entry, "file_name": base + entry["file_name"]} for name, entry in lock["packages"].items()}
    found = [(path, _distribution(path)) for path in map(pathlib.Path, wheels)]
    known = {*packages, *(_key(dist.metadata["Name"]) for _, dist in found)}
    python = ".".join(lock["info"]["python"].split(".")[:2])
    for path, dist in found:
        packages[_key(dist.metadata["Name"])] = _entry(path, dist, known, {**BROWSER, "python_version": python})
    return {**lock, "packages": dict(sorted(packages.items()))}


def _entry(path, dist, known, browser):
    """What the lock file says of one wheel."""
    name = dist.metadata["Name"]
    needs = [n for n in _needs(dist, browser) if n not in LEFT_OUT] + ADDED.get(_key(name), [])
    if missing := [n for n in needs if n not in known]:
        raise ValueError(f"{path.name}: Pyodide has no {', '.join(missing)}, so docs/lite/wheels.txt must name it")
    return {
        "name": name,
        "version": dist.version,
        "file_name": path.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": _imports(path),
        "depends": needs,
        "unvendored_tests": False,
    }


def _distribution(path):
    """The metadata inside a wheel."""
    inside = zipfile.Path(path)
    (folder,) = (entry for entry in inside.iterdir() if entry.name.endswith(".dist-info"))
    return importlib.metadata.PathDistribution(folder)


def _needs(dist, browser):
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in dist.requires or []]
    return [_key(r.name) for r in wanted if r.marker is None or r.marker.evaluate(browser)]


def _imports(path):
    """The names at the top of a wheel that can be imported."""
    with zipfile.ZipFile(path) as wheel:
        tops = {name.split("/")[0] for name in wheel.namelist() if name.endswith(".py")}
    return sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data")))


def _key(name):
    """A package's name as the lock file writes it: `Jupyter_Core` is `jupyter-core`."""
    return name.lower().replace("_", "-").replace(".", "-")

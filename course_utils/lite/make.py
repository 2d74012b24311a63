"""The whole site for the browser: Python, wheels, lessons and a page of welcome, laid out for JupyterLite and built by it.

Every file of the site is made or fetched here, by version and checksum. What is no pure Python (NumPy, Matplotlib) comes
from Pyodide's server when a lesson imports it; no registry that this build may use has it.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from typing import NamedTuple

from ..lessons.build import notebook_text, repository, student_notebook
from ..site.fetched import from_npm, from_pypi
from .copies import browser_copy, browser_lessons
from .lock import browser_lock

__all__ = ["OUTPUT", "LiteFailed", "build_lite"]

OUTPUT = "build/lite"
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "@jupyter-widgets/jupyterlab-manager")
OF_THE_KERNEL = ("piplite", "pyodide_kernel", "ipykernel")
PRELOADED = ["micropip", "piplite", "pyodide-kernel", "ipykernel", "comm", "jedi", "ipython"]


class LiteFailed(Exception):
    """The site for the browser could not be built; the text says why."""


class Server(NamedTuple):
    """Pyodide's server: the folder that has its packages, its version, and that of Python there, as in "3.14"."""

    address: str
    version: str
    python: str

    @property
    def host(self):
        return urllib.parse.urlsplit(self.address).hostname


def build_lite(root, output=None, report=print):
    """Build the site of the checkout at `root` into `output` (default build/lite) and return that folder.

    Raises NotFetched if a part cannot be had, LiteFailed if parts do not fit each other or JupyterLite fails.
    """
    root = pathlib.Path(root)
    output = pathlib.Path(output or root / OUTPUT).resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    lessons, server = browser_lessons(root), _server()
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        source = pathlib.Path(folder)
        _lay_out_python(root, source / "static" / "pyodide", server)
        _lay_out_lessons(root, lessons, source / "files", server)
        _settings(source)
        shutil.rmtree(output, ignore_errors=True)
        _jupyterlite(source, output)
    _welcome(root, lessons, output, server)
    report("\n".join(lesson.name for lesson in lessons))
    return output


def _server():
    from jupyterlite_pyodide_kernel import constants

    return Server(constants.PYODIDE_CDN_URL, constants.PYODIDE_VERSION, constants.PYODIDE_PYTHON_VERSION)


def _lay_out_python(root, folder, server):
    """Python for the browser, the wheels, and the lock file that lists both."""
    folder.mkdir(parents=True)
    kept = root / "build" / "lite-parts"
    runtime = _fitting(from_npm(root / "docs" / "lite", kept / "npm") / "pyodide", server)
    fetched = from_pypi(root / "docs" / "lite" / "wheels.txt", kept / "wheels", server.python)
    for path in [*(runtime / name for name in RUNTIME), *fetched.glob("*.whl"), *_wheels_of_the_kernel()]:
        shutil.copy(path, folder)
    _run(["hatchling", "build", "-t", "wheel", "-d", str(folder)], root)
    lock = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))
    made = browser_lock(lock, sorted(folder.glob("*.whl")), server.address)
    (folder / "pyodide-lock.json").write_text(json.dumps(made), encoding="utf-8")


def _fitting(runtime, server):
    """The folder of Pyodide, if the kernel was made for this version."""
    version = json.loads((runtime / "package.json").read_text(encoding="utf-8"))["version"]
    if version != server.version:
        raise LiteFailed(
            f"docs/lite/package.json names Pyodide {version}, the installed jupyterlite-pyodide-kernel needs {server.version}; "
            "install the kernel that constraints.txt names, or see CONTRIBUTING.md"
        )
    return runtime


def _wheels_of_the_kernel():
    index = _extension(KERNEL) / "static" / "pypi"
    return [path for name in OF_THE_KERNEL for path in index.glob(f"{name}-*.whl")]


def _extension(name):
    """Where this environment has an extension of JupyterLab's page."""
    return pathlib.Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name


def _lay_out_lessons(root, lessons, folder, server):
    folder.mkdir()
    for lesson in lessons:
        copy = browser_copy(student_notebook(lesson, repository(root)), server.host)
        (folder / f"{lesson.name}.ipynb").write_text(notebook_text(copy), encoding="utf-8")


def _settings(folder):
    """No news, no search for packages elsewhere, and the kernel's own wheels ready before the first cell."""
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": PRELOADED}}
    page = {"appName": "Recurrent neural networks, by hand", "litePluginSettings": {f"{KERNEL}:kernel": kernel}}
    whole = {"jupyter-lite-schema-version": 0, "jupyter-config-data": page}
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "jupyter-lite.json").write_text(json.dumps(whole), encoding="utf-8")
    (folder / "overrides.json").write_text(json.dumps(quiet), encoding="utf-8")


def _jupyterlite(source, output):
    command = ["jupyterlite_core", "build", "--apps=lab", "--no-sourcemaps", "--no-unused-shared-packages"]
    command += [f"--lite-dir={source}", f"--output-dir={output}", "--LiteBuildConfig.ignore_sys_prefix=True"]
    command += [f"--LiteBuildConfig.federated_extensions={_extension(name)}" for name in EXTENSIONS]
    _run(command, source)


def _run(arguments, folder):
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise LiteFailed(f"{arguments[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def _welcome(root, lessons, output, server):
    """The page that one lands on, in place of JupyterLite's own, which goes straight to its file browser."""
    import jinja2

    text = (root / "docs" / "lite" / "welcome.html").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
    page = template.render(lessons=lessons, host=server.host, repository=repository(root))
    (output / "index.html").write_text(page, encoding="utf-8")
    shutil.copy(root / "docs" / "site" / "icon.svg", output)

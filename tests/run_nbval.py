"""Runs a notebook under nbval in a process of its own, untouched by the settings of our own tests.

run = run_nbval(notebook, folder, "--nbval")      # or "--nbval-lax"
assert run.passed == run.cells, run.text
"""

import json
import os
import re
import subprocess
import sys
import time
from typing import NamedTuple

# A warning in a lesson is an error; those that Jupyter's own parts give each other are not the lesson's.
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module=r"(IPython|ipykernel|ipywidgets|jupyter|traitlets|zmq|tornado|comm)")
"""
LIMIT = 120  # seconds that a lesson may take, kernel start included


class Run(NamedTuple):
    """How it went: code cells in the notebook, cells that passed, seconds, and what pytest wrote."""

    cells: int
    passed: int
    seconds: float
    text: str


def run_nbval(notebook, folder, mode, python=sys.executable):
    """Run `notebook` with this Python's nbval; `folder` takes its settings, caches and runtime files."""
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    flags = ["-q", "-p", "nbval.plugin", "-p", "no:cacheprovider", "-c", str(settings), "--rootdir", str(folder)]
    own = {"OMP_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    own |= {name: str(folder / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    startup = folder / "IPYTHONDIR" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "strict.py").write_text(STRICT, encoding="utf-8")
    start = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", *flags, mode, "--nbval-current-env", str(notebook)],
        cwd=folder,
        env={name: v for name, v in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))} | own,
        capture_output=True,
        text=True,
        timeout=3 * LIMIT,
    )
    seconds = time.perf_counter() - start
    passed = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE) if done.returncode == 0 else None
    cells = [c for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    return Run(len(cells), int(passed[1]) if passed else 0, seconds, done.stdout[-8000:] + done.stderr[-2000:])

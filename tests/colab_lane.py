"""The lessons as Colab runs them: its versions, its setup branch, and a course that changes nothing preinstalled.

    make colab                                     lessons 0 and 3
    make colab ARGS="0 1 7"                        these;  ARGS=all every one
    make colab ARGS=all COLAB_PYTHON=python3.13    Colab's own Python, without torch: of these, those that need only NumPy

The environment (COLAB_VENV, default build/colab-venv-VERSION) has the versions of colab_pins.txt. Each solved notebook runs
in it with a stand-in for google.colab and for pip, so that the setup cell takes its Colab branch; every check must pass.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib

from course_utils.lessons.script import lesson_paths, read_lesson

ROOT = pathlib.Path(__file__).resolve().parents[1]
PINS = ROOT / "tests" / "colab_pins.txt"
PYTHON = os.environ.get("COLAB_PYTHON", "")  # without it: the Python that runs this file, and torch
PIP = ["-m", "pip", "--disable-pip-version-check"]
STAND_IN = """
import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
asked = []
get_ipython().register_magic_function(asked.append, "line", "pip")
"""
INSIDE = """
import json, sys
import nbformat
from nbclient import NotebookClient
path, folder, first, last = sys.argv[1:]
notebook = nbformat.read(path, 4)
notebook.cells = [nbformat.v4.new_code_cell(first), *notebook.cells, nbformat.v4.new_code_cell(last)]
NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
print(json.dumps([["".join(o.get("text", "") for o in c.outputs)] for c in notebook.cells if c.cell_type == "code"]))
"""


def main(arguments):
    """Make the environment, try the installation, run the lessons; returns the number of failures."""
    extra, pins = (
        ("", without(PINS.read_text(encoding="utf-8"), "torch")) if PYTHON else ("[torch]", PINS.read_text("utf-8"))
    )
    python = environment(PYTHON or sys.executable, pins)
    added = would_install(python, extra)
    print(f"{run(python, ['-V']).strip()}: installing the course would add {', '.join(added) or 'nothing'}")
    failures = int(added != ["rnn-course"])
    run(python, [*PIP, "install", "--quiet", "--no-deps", "-e", str(ROOT)])
    print("| lesson | seconds | every check passed |\n|---|---:|---|")
    for notebook in chosen(arguments, numpy_only=bool(PYTHON)):
        start = time.perf_counter()
        problem = problem_of(python, notebook)
        failures += bool(problem)
        print(f"| {notebook.stem} | {time.perf_counter() - start:.0f} | {problem or 'yes'} |", flush=True)
    return failures


def without(pins, name):
    """The text of a file of pins, less the lines of one package."""
    return "".join(line for line in pins.splitlines(keepends=True) if not re.match(rf"{name}\b", line))


def environment(base, pins):
    """The python of an environment made by the Python `base` with the versions in `pins`; made on the first call."""
    version = run(base, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    venv = pathlib.Path(os.environ.get("COLAB_VENV", ROOT / "build" / f"colab-venv-{version}"))
    python, stamp = venv / "bin" / "python", venv / "colab_pins.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != pins:
        run(base, ["-m", "venv", str(venv)])
        wanted = venv / "wanted.txt"
        wanted.write_text(pins, encoding="utf-8")
        run(python, [*PIP, "install", "--quiet", "-r", str(wanted)])
        wanted.replace(stamp)
    return python


def would_install(python, extra):
    """Names of all that installing the course with an extra ("" or "[torch]") would add or change."""
    run(python, [*PIP, "uninstall", "--quiet", "--yes", "rnn-course"])
    said = run(python, [*PIP, "install", "--quiet", "--dry-run", "--report", "-", f"{ROOT}{extra}"])
    return sorted(entry["metadata"]["name"] for entry in json.loads(said)["install"])


def chosen(arguments, numpy_only=False):
    """Solved notebooks by number or word; of these, if so wanted, the lessons that need nothing but NumPy."""
    wanted = arguments or ["0", "3"]
    names = [
        p for p in lesson_paths(ROOT) if wanted == ["all"] or {str(int(p.stem[:2])), p.stem[3:], p.stem} & set(wanted)
    ]
    return [p.with_suffix(".ipynb") for p in names if not numpy_only or read_lesson(p).needs == ("numpy",)]


def problem_of(python, notebook):
    """What went wrong in one lesson, or ""."""
    cells = [c for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), "-c", INSIDE, str(notebook), folder, STAND_IN, "print(asked)"]
        done = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    if done.returncode:
        return "stopped:\n" + re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)[-1500:]
    said = [text for (text,) in json.loads(done.stdout.splitlines()[-1])]
    address = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
    if address not in said[-1]:
        return f"the setup cell did not install the course from {address}: {said[-1]}"
    pairs = zip(cells, said[1:-1], strict=True)
    wrong = [text for cell, text in pairs if cell["outputs"] and text != "".join(cell["outputs"][0]["text"])]
    return "".join(wrong)


def run(python, arguments):
    """Standard output of this python; its complaints are shown only if it fails."""
    done = subprocess.run([str(python), *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

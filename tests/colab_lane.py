"""The lessons as Colab runs them: its versions, its setup branch, and a course that changes nothing preinstalled.

    make colab                    lessons 0 and 3
    make colab ARGS="0 1 7"       these;  ARGS=all every one

The environment (COLAB_VENV, default build/colab-venv) has the versions of colab_pins.txt. Each solved notebook runs in it
with a stand-in for google.colab and for pip, so that the setup cell takes its Colab branch; every check must pass.
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

ROOT = pathlib.Path(__file__).resolve().parents[1]
PINS = ROOT / "tests" / "colab_pins.txt"
VENV = pathlib.Path(os.environ.get("COLAB_VENV", ROOT / "build" / "colab-venv"))
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
    python = environment()
    added = would_install(python)
    print(f"installing the course would add: {', '.join(added) or 'nothing'}")
    failures = int(added != ["rnn-course"])
    run(python, [*PIP, "install", "--quiet", "--no-deps", "-e", str(ROOT)])
    for notebook in chosen(arguments):
        start = time.perf_counter()
        problem = problem_of(python, notebook)
        failures += bool(problem)
        print(f"{notebook.stem}: {problem or 'every check passes'}, {time.perf_counter() - start:.0f} s", flush=True)
    return failures


def environment():
    """The python of an environment with Colab's versions; made on the first call."""
    python, stamp = VENV / "bin" / "python", VENV / "colab_pins.txt"
    if not stamp.exists() or stamp.read_bytes() != PINS.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        run(python, [*PIP, "install", "--quiet", "-r", str(PINS)])
        stamp.write_bytes(PINS.read_bytes())
    return python


def would_install(python):
    """Names of all that installing the course would add or change, its torch extra included."""
    run(python, [*PIP, "uninstall", "--quiet", "--yes", "rnn-course"])
    said = run(python, [*PIP, "install", "--quiet", "--dry-run", "--report", "-", f"{ROOT}[torch]"])
    return sorted(entry["metadata"]["name"] for entry in json.loads(said)["install"])


def chosen(arguments):
    """Solved notebooks by number or word."""
    every = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.ipynb"))
    wanted = arguments or ["0", "3"]
    return (
        every if wanted == ["all"] else [p for p in every if {str(int(p.stem[:2])), p.stem[3:], p.stem} & set(wanted)]
    )


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

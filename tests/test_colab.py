"""Colab: the setup cell asks for the course there and for nothing elsewhere, and the lane's pins lie above our floors.

`make colab` runs lessons under Colab's own versions; that needs the network and minutes, so it is a command of its own.
"""

import json
import sys
import tomllib
import types
from pathlib import Path

import colab_lane
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement

from course_utils.lessons.build import repository

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb")) + sorted(ROOT.glob("solutions/*.ipynb"))


class Shell:
    """Stands in for IPython: writes down the magics that a cell asks for."""

    def __init__(self):
        self.asked = []

    def run_line_magic(self, name, line):
        self.asked.append((name, line))


def asked_by_the_setup_of(path):
    """The magics that the first code cell of a notebook runs."""
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    shell = Shell()
    exec(TransformerManager().transform_cell("".join(code[0]["source"])), {"get_ipython": lambda: shell})
    return shell.asked


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_setup_cell_installs_the_course_on_colab_and_nothing_elsewhere(path, monkeypatch):
    assert asked_by_the_setup_of(path) == []
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert asked_by_the_setup_of(path) == [("pip", f'install --quiet "rnn-course @ git+{repository(ROOT)}"')]


def test_what_colab_has_satisfies_every_floor_of_the_course():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    floors = map(Requirement, project["dependencies"] + project["optional-dependencies"]["torch"])
    lines = (ROOT / "tests" / "colab_pins.txt").read_text(encoding="utf-8").splitlines()
    pins = {r.name: r for r in map(Requirement, [line for line in lines if line and not line.startswith("#")])}
    for floor in floors:
        (pin,) = pins[floor.name].specifier
        assert pin.version.removesuffix(".*") in floor.specifier, floor.name


def test_the_lane_without_torch_leaves_out_its_pin_and_the_lessons_that_need_it():
    pins = colab_lane.PINS.read_text(encoding="utf-8").splitlines()
    left = colab_lane.without("\n".join(pins), "torch").splitlines()
    assert [line for line in pins if line not in left] == ["torch==2.11.*"]
    every = [path.stem for path in colab_lane.chosen(["all"])]
    needs_torch = set(every) - {path.stem for path in colab_lane.chosen(["all"], numpy_only=True)}
    assert {"04_bptt", "09_torch_in_practice"} <= needs_torch < set(every)
    assert [path.stem for path in colab_lane.chosen(["0", "lstm"])] == ["00_start_here", "07_lstm"]

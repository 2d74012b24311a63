"""Imports go one way, NumPy modules never need torch, and `import course_utils` is cheap."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "course_utils"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "datasets")

# Besides *_torch.py: modules and packages that may import torch, and only inside a function, so that they run without.
LAZY_TORCH = {
    "course_utils.device",
    "course_utils.bench.__main__",
    "course_utils.exercises.torch_in_practice",
    "course_utils.grading.parcel",
}
STAFF = {"lessons", "grading", "bench", "site", "lite", "cli"}
STORY = {"plots", "explore", "exercises"}
DATA = {"tasks", "corpora", "training"}
# room: the rooms it must not import. Nobody outside STAFF imports STAFF.
FORBIDDEN = {
    "lessons": {"grading", "bench", "site", "cli"},
    "grading": {"bench", "site", "cli"},
    "bench": {"lessons", "site", "cli", "explore"},
    "site": {"grading", "bench", "lite", "cli"},
    "lite": {"grading", "bench", "cli"},
    "plots": STAFF | {"explore", "exercises"},
    "explore": STAFF | {"exercises"},
    "exercises": STAFF | {"explore"},
    "tasks": STAFF | STORY | {"training", "studies"},
    "corpora": STAFF | STORY | {"training", "studies"},
    "training": STAFF | STORY | {"studies"},
    "studies": STAFF | STORY,
    "sequence": STAFF | STORY | DATA | {"studies"},
    "cells": STAFF | STORY | DATA | {"studies", "sequence"},
    "cli": set(),
}
EVERYBODY_ELSE = STAFF | STORY | {"studies"}


def module_name(path):
    """The dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imported_names(node, path):
    """The dotted names that one import statement of `path` asks for, relative ones made absolute."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        package = path.parent.relative_to(ROOT).parts
        base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))
    names = [f"{base}.{alias.name}" for alias in node.names]
    return [name if name in MODULES else base for name in names]


def imports(path, lazy):
    """Names imported by a file; with `lazy` also those inside functions."""
    todo, found = [ast.parse(path.read_text(encoding="utf-8"))], []
    while todo:
        for node in ast.iter_child_nodes(todo.pop()):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found += imported_names(node, path)
            elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                todo.append(node)
    return found


def is_torch(name):
    """Is this torch itself, or a module of ours that needs it?"""
    return name.split(".")[0] == "torch" or (is_ours(name) and name.endswith("_torch"))


def may_ask_for_torch(module):
    """Does it stand in LAZY_TORCH, or in a package that does?"""
    return any(f"{module}.".startswith(f"{name}.") for name in LAZY_TORCH)


def is_ours(name):
    return name.split(".")[0] == "course_utils"


def room(module):
    """The first name below the package: `course_utils.tasks.hello` is in the room `tasks`."""
    return module.partition(".")[2].partition(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_only_torch_twins_import_torch(module):
    if module.endswith("_torch"):
        return
    path = MODULES[module]
    wrong = [name for name in imports(path, lazy=not may_ask_for_torch(module)) if is_torch(name)]
    assert not wrong, f"{module} imports {wrong}: move this into a file named *_torch.py"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module):
    forbidden = FORBIDDEN.get(room(module), EVERYBODY_ELSE)
    wrong = [name for name in imports(MODULES[module], lazy=True) if room(name) in forbidden and is_ours(name)]
    assert not wrong, f"{module} imports {wrong}, which stand above it"


def test_no_two_modules_import_each_other():
    graph = {module: set(imports(path, lazy=False)) & set(MODULES) - {module} for module, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports run in a circle: {' -> '.join(error.args[1])}")


def modules_after(code):
    """The names of heavy libraries that a fresh Python has loaded after running `code`."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return {"numpy", "torch", "matplotlib", "ipywidgets", "pooch", "tqdm", "nbformat"} & set(answer.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert modules_after("import course_utils") == set()


def test_cells_and_sequences_need_numpy_only():
    assert modules_after("import course_utils.cells, course_utils.sequence") == {"numpy"}


def test_every_module_but_the_torch_twins_imports_without_torch():
    names = sorted(module for module in MODULES if not module.endswith("_torch"))
    blocked = "import sys; sys.modules['torch'] = None\n"
    modules_after(blocked + "import matplotlib; matplotlib.use('agg')\nimport " + ", ".join(names))

"""The notebook that is run: the release's setup and checks, with the student's answers and own cells in their places.

Answers are found by cell id, and by the function they define where ids are lost. Checks always come from the release,
so editing, deleting, reordering or forging them changes nothing. Demonstrations of the lesson are left out: answers do not
depend on them.
"""

import ast
import json
from typing import NamedTuple

from ..exercises import exercises_of

__all__ = ["Assembled", "Plan", "assemble", "role_of"]


class Plan(NamedTuple):
    """One cell of the assembled notebook: where it is from, and the exercise it answers or checks."""

    role: str  # "setup", "answer", "check" or "own"
    exercise: str
    source: str


class Assembled(NamedTuple):
    """The plan, cell by cell, and the answers that were found: exercise -> source as the student wrote it."""

    plan: tuple
    answers: dict

    def notebook(self, labels):
        """The plan as the text of a notebook file, with no outputs, tags or metadata of the student's.

        Each check has the verdict of a right answer as its stored output, for nbval to compare with. labels: by exercise.
        """
        cells = [
            _code(f"cell-{k}", p.source, labels[p.exercise] if p.role == "check" else None)
            for k, p in enumerate(self.plan)
        ]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def _code(name, source, label):
    """A code cell; with a label, one whose output nbval checks."""
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    if label is not None:
        cell["metadata"] = {"tags": ["nbval-check-output"]}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": f"✓ {label}\n"}]
        cell["execution_count"] = 1
    return cell


def assemble(release, lesson, submitted):
    """Merge a submission's code cells (a sequence of collect.Cell) into the release, a student notebook as a dictionary."""
    code = [c for c in release["cells"] if c["cell_type"] == "code"]
    names = {e.number: e.name for e in exercises_of(lesson)}
    by_id = {}
    for cell in submitted:
        by_id.setdefault(cell.id, cell)
    answers = {c["id"]: _answer(c, by_id, submitted, names) for c in code if role_of(c) == "answer"}
    own = _own_cells(code, submitted, {cell for cell in answers.values() if cell})
    plan = [Plan("own", "", source) for source in own.get(None, ())]
    for cell in code:
        plan += _planned(cell, answers)
        plan += [Plan("own", "", source) for source in own.get(cell["id"], ())]
    found = {_exercise(c): answers[c["id"]].source for c in code if answers.get(c["id"])}
    return Assembled(tuple(plan), found)


def _planned(cell, answers):
    role, source = role_of(cell), "".join(cell["source"])
    if role == "answer":
        return [Plan("answer", _exercise(cell), answers[cell["id"]].source if answers[cell["id"]] else source)]
    return [Plan(role, _exercise(cell), source)] if role in ("setup", "check") else []


def _answer(released, by_id, submitted, names):
    """The student's cell for this answer, or None."""
    if released["id"] in by_id:
        return by_id[released["id"]]
    name = names.get(_exercise(released))
    return next((cell for cell in reversed(submitted) if _defines(cell.source, name)), None)


def _defines(source, name):
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"def {name}(" in source
    targets = {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    return name in targets | {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def _own_cells(code, submitted, used):
    """Sources of the student's own cells, by the id of the release's cell that they follow (None: before all)."""
    ids = {c["id"] for c in code}
    sources = {"".join(c["source"]).strip() for c in code}
    own, after = {}, None
    for cell in submitted:
        if cell.id in ids:
            after = cell.id
        elif cell not in used and cell.source.strip() and cell.source.strip() not in sources:
            own.setdefault(after, []).append(cell.source)
    return own


def role_of(cell):
    """What a cell of the release is for: "setup", "answer", "check", or something that grading does not run."""
    if "setup" in cell["metadata"].get("tags", ()):
        return "setup"
    return cell["metadata"].get("rnn_course", {}).get("role", "")


def _exercise(cell):
    return cell["metadata"].get("rnn_course", {}).get("exercise", "")

"""A cell's equations, written down by its own code: one step is run with letters in place of numbers.

    >>> print(*equations(CELLS["mgu"]), sep="\\n")
    f = σ(x W_xf + b_f + h' W_hf)
    n = tanh(x W_xn + b_n + (f ⊙ h') W_hn)
    h = (1 - f) ⊙ h' + f ⊙ n

What `step` returns in its trace and state is called by the name that it has there, everything else is written out. So a
table of equations cannot say anything but what the cells compute.
"""

from typing import NamedTuple

import numpy as np

from ..cells.gates import ROLES
from .letters import Letter, Stack, written

__all__ = ["Change", "changes", "equations", "table"]

GATES = {2: "fn", 3: "rzn", 4: "ifgo", 8: "01234567"}  # what a stack of so many gates is called, unless the cell says


class Change(NamedTuple):
    """How one cell's equations differ from another's: lines that are new or different, and names that are gone."""

    lines: list
    gone: list


def changes(cell, base):
    """What has to be changed in the equations of `base` to have those of `cell`: a Change."""
    ours, theirs = equations(cell), equations(base)
    defined = {line.split(" = ")[0] for line in ours}
    gone = [name for name in (line.split(" = ")[0] for line in theirs) if name not in defined]
    known = {_sorted_terms(line) for line in theirs}
    return Change([line for line in ours if _sorted_terms(line) not in known], gone)


def _sorted_terms(line):
    """A line without the order of its summands: h = a + b is the same as h = b + a."""
    name, _, expression = line.partition(" = ")
    return name, *sorted(expression.split(" + "))


def table(cells, base, D, H):
    """A text: for every cell its number of parameters and what differs from the equations of `base`."""
    rows = [f"{'cell':14}{'parameters':>10}   not as in {base}"]
    for cell in cells:
        change = changes(cell, base)
        gone = [f"no {', '.join(change.gone)}"] if change.gone else []
        first, *more = [*gone, *change.lines] or ["nothing"]
        count = sum(int(np.prod(shape)) for shape in cell.shapes(D, H).values())
        rows += [f"{cell!s:14}{count:>10}   {first}", *(f"{'':27}{line}" for line in more)]
    return "\n".join(rows)


def equations(cell):
    """The lines "name = expression" of one step of a cell, in the order in which they are needed: a list of str.

    Raises ValueError for a cell whose step does more than sums, products and functions of arrays.
    """
    before = cell.State(*(Letter(f"{name}'") for name in cell.State._fields))
    try:
        p = _parameters(cell)
        after, trace = cell.step(p, cell.project(p, Letter("x")), before)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise ValueError(f"{cell}: its step cannot be run with letters; those that can are gated ({error})") from error
    return _in_order(_results(after._asdict() | trace._asdict()))


def _parameters(cell):
    """Letters for every parameter: W_x[k] becomes W_xf, say, for the gate f."""
    shapes = cell.shapes(1, 1)
    made = {name: Letter(name) for name in shapes}
    for name, shape in shapes.items():
        if len(shape) == 3:
            start = {"b": "b_", "P": "p_"}.get(name, name)
            made[name] = Stack([Letter(f"{start}{k}") for k in _gates(cell, name, shape[0])])
        if len(shape) == 4:
            made[name] = Stack([Stack([Letter(f"{name}_{j}{k}") for k in "ifo"]) for j in "ifo"])
    return cell.Params(*made.values())


def _gates(cell, name, G):
    """The letters of the gates that a stack of G parameters belongs to."""
    if name == "P":
        return cell.peeping
    mutant = getattr(cell, "mutant", None)
    if mutant and name != "b":
        return mutant.reads if name == "W_x" else mutant.hears
    return getattr(cell, "gates", GATES[G])


def _results(named):
    """Expressions by name: gates, candidates and states, and nodes by number; what else a trace holds is written out."""
    found = {}
    for name, a in named.items():
        if isinstance(a, Stack):
            found |= {f"{name}_{k}": a_k for k, a_k in enumerate(a)}
        elif isinstance(a, Letter) and name in ROLES and a not in found.values():
            found[name] = a
    return found


def _in_order(results):
    """The lines of all results, each after those it needs."""
    names, lines, waiting = {id(a): name for name, a in results.items()}, [], dict(results)
    while waiting:
        name = next(n for n, a in waiting.items() if not _needs(a, names) & waiting.keys())
        lines.append(f"{name} = {written(waiting.pop(name), names)}")
    return lines


def _needs(a, names):
    found = set()
    for part in a.inner():
        found |= {names[id(part)]} if id(part) in names else _needs(part, names)
    return found

"""Equations that a cell writes of itself, read back and computed, give the cell's own states."""

import re

import numpy as np
import pytest

from course_utils.activations import sigmoid
from course_utils.cells import CELLS
from course_utils.cells.mut import repeated_identity
from course_utils.studies import equations

WRITTEN = [name for name in CELLS if re.match("elman|lstm(?!-layer)|gru(?!-layer)|mut|mgu|nas", name)]
FUNCTIONS = {"σ": sigmoid, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0)}


def computed(lines, values):
    """Run the lines as a program: juxtaposed matrices are products, ⊙ is *, a prime is part of a name."""
    values = dict(values)
    for line in lines:
        name, expression = line.replace("'", "_before").split(" = ")
        expression = re.sub(r"(?<=[\w)]) (?=[WRI])", " @ ", expression).replace("⊙", "*")
        values[name] = eval(expression, FUNCTIONS | values)
    return values


def gate_values(cell, p):
    """Every parameter under the name that it has in the equations."""
    letters = getattr(cell, "gates", {2: "fn", 3: "rzn", 4: "ifgo", 8: "01234567"}.get(len(p[0])))
    mutant = getattr(cell, "mutant", None)
    found = {}
    for name, a in p._asdict().items():
        if name in ("W_x", "W_h", "b"):
            own = {"W_x": mutant.reads, "W_h": mutant.hears}.get(name, "rzn") if mutant else letters
            found |= {f"{name if name != 'b' else 'b_'}{k}": a_k for k, a_k in zip(own, a, strict=True)}
        elif name == "P":
            found |= {f"p_{k}": a_k for k, a_k in zip((k for k in "ifo" if k in letters), a, strict=True)}
        elif name == "R":
            found |= {f"R_{j}{k}": a[m, q] for m, j in enumerate("ifo") for q, k in enumerate("ifo")}
        else:
            found[name] = a
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_the_lines_compute_what_the_step_computes(name, rng):
    cell, (B, D, H) = CELLS[name], (2, 3, 5)
    p, x = cell.init(rng, D, H), rng.standard_normal((B, D))
    before = cell.State(*rng.standard_normal((len(cell.State._fields), B, H)))
    after, _ = cell.step(p, cell.project(p, x), before)
    values = {f"{field}_before": a for field, a in before._asdict().items()} | {"x": x, "I": repeated_identity(D, H)}
    found = computed(equations.equations(cell), values | gate_values(cell, p))
    for field, a in after._asdict().items():
        np.testing.assert_allclose(found[field], a, rtol=0, atol=1e-12)


def test_a_change_is_what_is_not_in_the_base():
    change = equations.changes(CELLS["lstm-cifg"], CELLS["lstm-peephole"])
    assert change == (["f = 1 - i"], [])
    assert equations.changes(CELLS["lstm-o"], CELLS["lstm"]) == (["h = tanh(c)"], ["o"])
    assert equations.changes(CELLS["lstm-b"], CELLS["lstm"]) == ([], [])


def test_the_order_of_a_sum_is_no_change():
    assert equations.changes(CELLS["mut3"], CELLS["gru-before-writes"]).lines == ["z = σ(x W_xz + b_z + tanh(h') W_hz)"]


def test_the_table_has_each_cell_its_size_and_its_lines():
    text = equations.table([CELLS["lstm-f"], CELLS["lstm-b"]], CELLS["lstm"], 3, 5)
    assert text.splitlines()[1].split() == ["lstm-f", "135", "no", "f"]
    assert text.splitlines()[2].strip() == "c = c' + i ⊙ g"
    assert text.splitlines()[3].split() == ["lstm-b", "180", "nothing"]


def test_a_cell_that_does_more_than_sums_and_products_is_refused():
    with pytest.raises(ValueError, match="lru: its step cannot be run with letters"):
        equations.equations(CELLS["lru"])

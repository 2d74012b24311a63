"""The numbers of equations in a docstring are those in the comments of its code, in what stands around the cells too."""

import importlib
import inspect
import re

import pytest

AROUND = [
    "sequence.layers",
    "cells.carry",
    "cells.recurrent_dropout",
    "cells.layer_norm",
    "cells.hm_lstm",
    "cells.hm_layer",
]


def numbers(text):
    return set(map(int, re.findall(r"\((\d+)\)", text)))


def halves(name):
    """The docstring's indented lines, and the comments of the code."""
    module = importlib.import_module(f"course_utils.{name}")
    code = inspect.getsource(module).replace(module.__doc__, "")
    return [a for a in module.__doc__.splitlines() if a.startswith("    ")], " ".join(re.findall(r"# (.*)", code))


@pytest.mark.parametrize("name", AROUND)
def test_every_equation_has_its_line_of_code(name):
    equations, comments = halves(name)
    assert numbers(comments) == numbers("\n".join(equations)) != set()


def test_the_torch_half_of_a_layer_states_the_same_equations():
    pytest.importorskip("torch")
    ours, _ = halves("cells.hm_layer")
    theirs, comments = halves("cells.hm_layer_torch")
    assert numbers(comments) == numbers("\n".join(theirs)) == set(range(1, 9))
    for line, twin in zip(ours, theirs, strict=False):
        assert re.sub(r"(\(\d\)).*", r"\1", line).split() == twin.split()

"""Records of arrays: every array is reached, at its place, and records that do not fit each other are refused."""

from typing import NamedTuple

import numpy as np
import pytest

from course_utils.params import as_dtype, named_arrays, number_of_parameters, tree_map


class Cell(NamedTuple):
    W: np.ndarray
    b: np.ndarray


class Model(NamedTuple):
    E: np.ndarray
    cell: Cell
    b: np.ndarray


class Other(NamedTuple):
    W: np.ndarray
    bias: np.ndarray


@pytest.fixture
def model(rng):
    return Model(rng.standard_normal((7, 2)), Cell(rng.standard_normal((2, 5)), rng.standard_normal(5)), np.zeros(3))


def test_arrays_have_dotted_names_in_order(model):
    found = named_arrays(model)
    assert list(found) == ["E", "cell.W", "cell.b", "b"]
    assert all(a is b for a, b in zip(found.values(), (model.E, *model.cell, model.b), strict=True))


@pytest.mark.parametrize(
    "tree, names",
    [
        (np.zeros(3), [""]),
        ((), []),
        ((np.zeros(1), Cell(np.zeros(2), np.zeros(3))), ["0", "1.W", "1.b"]),
        (Model((), Cell(np.zeros(2), np.zeros(3)), np.zeros(4)), ["cell.W", "cell.b", "b"]),
    ],
)
def test_lone_arrays_empty_records_and_plain_tuples_are_records_too(tree, names):
    assert list(named_arrays(tree)) == names
    doubled = tree_map(lambda a: 2 * a, tree)
    assert type(doubled) is type(tree)
    assert list(named_arrays(doubled)) == names


def test_tree_map_meets_the_arrays_at_the_same_place(model, rng):
    grads = tree_map(lambda a: rng.standard_normal(a.shape), model)
    moved = tree_map(lambda w, g, h: w - 0.1 * g + h, model, grads, model)
    assert type(moved) is Model
    assert type(moved.cell) is Cell
    for name, a in named_arrays(moved).items():
        w, g = named_arrays(model)[name], named_arrays(grads)[name]
        assert np.array_equal(a, w - 0.1 * g + w), name


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda m: m._replace(cell=Other(*m.cell)), r"Cell\(W, b\) against Other\(W, bias\)"),
        (lambda m: m._replace(cell=tuple(m.cell)), r"Cell\(W, b\) against tuple\(0, 1\)"),
        (lambda m: m._replace(cell=m.cell.W), r"Cell\(W, b\) against an array \(2, 5\)"),
        (lambda m: m._replace(E=()), r"an array \(7, 2\) against tuple\(\)"),
        (lambda m: m._replace(b=np.zeros((4, 3))), r"an array \(3,\) against an array \(4, 3\)"),
        (lambda m: 0.5, r"Model\(E, cell, b\) against an array \(\)"),
    ],
)
def test_records_that_differ_are_refused(model, wrong, message):
    with pytest.raises(ValueError, match=f"the records differ: {message}; give gradients in the same NamedTuple"):
        tree_map(np.add, model, wrong(model))


def test_an_empty_part_is_not_an_array(model):
    with pytest.raises(ValueError, match=r"tuple\(\) against an array \(7, 2\)"):
        tree_map(np.add, model._replace(E=()), model)


@pytest.mark.parametrize("tree, n", [((), 0), (np.zeros(()), 1), (Cell(np.zeros((2, 5)), np.zeros(5)), 15)])
def test_number_of_parameters_counts_numbers(tree, n):
    assert number_of_parameters(tree) == n
    assert isinstance(number_of_parameters(tree), int)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_dtype_copies_every_array(model, dtype):
    before = tree_map(np.copy, model)
    copy = as_dtype(model, dtype)
    for name, a in named_arrays(copy).items():
        assert a.dtype == dtype
        assert np.array_equal(a, named_arrays(model)[name].astype(dtype))
        a += 1
    assert all(map(np.array_equal, named_arrays(before).values(), named_arrays(model).values()))

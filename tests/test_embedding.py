"""Embedding: a look-up equals a product with one-hot rows, its gradient equals the transposed product."""

import numpy as np
import pytest

from course_utils.embedding import OneHot, lookup, lookup_backward
from course_utils.gradcheck import gradient_check

# V, E and the shape of the ids: one token, V = 1, no axis at all, no tokens, more and fewer tokens than rows.
SIZES = [(6, 4, (7, 2)), (6, 4, (1, 1)), (1, 4, (7, 2)), (6, 1, (3,)), (6, 4, ()), (6, 4, (0, 2)), (3, 2, (50,))]
every_size = pytest.mark.parametrize("V, E, shape", SIZES)


@every_size
def test_lookup_equals_product_with_one_hot_rows(rng, V, E, shape):
    table, ids = rng.standard_normal((V, E)), rng.integers(0, V, shape)
    one_hot = np.eye(V)[ids]
    assert np.array_equal(lookup(table, ids), one_hot @ table)
    assert np.array_equal(OneHot(ids, V).dense(), one_hot)
    assert OneHot(ids, V).shape == one_hot.shape


@every_size
def test_gradient_equals_transposed_product_with_one_hot_rows(rng, V, E, shape):
    ids, d = rng.integers(0, V, shape), rng.standard_normal((*shape, E))
    expected = np.eye(V)[ids].reshape(-1, V).T @ d.reshape(-1, E)
    got = lookup_backward(d, ids, V)
    assert got.shape == (V, E)
    assert np.abs(got - expected).max() < 1e-13


@every_size
def test_gradient_equals_torch(rng, V, E, shape):
    torch = pytest.importorskip("torch")
    ids, d = rng.integers(0, V, shape), rng.standard_normal((*shape, E))
    table = torch.zeros(V, E, dtype=torch.float64, requires_grad=True)
    (torch.nn.functional.embedding(torch.from_numpy(np.asarray(ids)), table) * torch.from_numpy(d)).sum().backward()
    assert np.abs(lookup_backward(d, ids, V) - table.grad.numpy()).max() < 1e-13


def test_gradient_equals_central_differences(rng):
    table, ids, d = rng.standard_normal((6, 4)), rng.integers(0, 6, (7, 2)), rng.standard_normal((7, 2, 4))
    loss = lambda E: np.sum(np.sin(lookup(E, ids)) * d)  # noqa: E731
    report = gradient_check(loss, table, lookup_backward(np.cos(lookup(table, ids)) * d, ids, 6))
    assert report.ok, str(report)


def test_every_use_of_a_row_adds_and_unused_rows_get_nothing():
    d = np.array([[1.0, 10], [2, 20], [4, 40], [8, 80]])
    assert lookup_backward(d, np.array([2, 0, 2, 2]), 4).tolist() == [[2, 20], [0, 0], [13, 130], [0, 0]]


def test_stacks_of_matrices_are_looked_up_matrix_by_matrix(rng):
    ids, W, d = rng.integers(0, 6, 7), rng.standard_normal((3, 6, 5)), rng.standard_normal((3, 7, 5))
    one_hot = np.eye(6)[ids]
    assert np.array_equal(OneHot(ids, 6) @ W, one_hot @ W)
    assert np.abs(OneHot(ids, 6).T @ d - one_hot.T @ d).max() < 1e-13


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_nothing_given_is_changed(rng, dtype):
    table, ids = rng.standard_normal((6, 4)).astype(dtype), rng.integers(0, 6, (7, 2))
    d = rng.standard_normal((7, 2, 4)).astype(dtype)
    given = [table, ids, d]
    before = [a.copy() for a in given]
    found = lookup(table, ids)
    assert found.dtype == lookup_backward(d, ids, 6).dtype == OneHot(ids, 6).dense(dtype).dtype == dtype
    found += 1
    assert all(map(np.array_equal, given, before))


@pytest.mark.parametrize(
    "kind, act, message",
    [
        (TypeError, lambda: OneHot([0.0, 1.0], 6), "ids must be integers, got float64; token ids come from"),
        (TypeError, lambda: lookup(np.eye(2), [True, False]), "ids must be integers, got bool"),
        (ValueError, lambda: OneHot([0, 6], 6), r"ids must lie in 0\.\.5, got 0\.\.6; is V the vocabulary's size"),
        (ValueError, lambda: OneHot([-1, 3], 6), r"ids must lie in 0\.\.5, got -1\.\.3"),
        (ValueError, lambda: lookup(np.eye(6), [6]), r"ids must lie in 0\.\.5, got 6\.\.6"),
        (ValueError, lambda: OneHot([0, 3], 6) @ np.eye(5), r"must have V = 6 rows, one per token, got shape \(5, 5\)"),
        (ValueError, lambda: OneHot([0, 3], 6).T @ np.eye(3), r"one row per id, \(2,\) in all, got shape \(3, 3\)"),
        (ValueError, lambda: lookup_backward(np.zeros((2, 7, 4)), np.zeros((7, 2), int), 6), "d_embedded must have"),
        (ValueError, lambda: lookup_backward(np.zeros((2, 4)), np.array([0, 6]), 6), r"ids must lie in 0\.\.5"),
    ],
)
def test_bad_input_is_named(kind, act, message):
    with pytest.raises(kind, match=message):
        act()

"""Clipping equals torch's, shortens only what is too long, and keeps (by norm) or may turn (by value) the direction."""

from typing import NamedTuple

import numpy as np
import pytest

from course_utils.clipping import clip_by_norm, clip_by_value, global_norm
from course_utils.params import as_dtype, named_arrays, tree_map


class Inner(NamedTuple):
    W: np.ndarray
    b: np.ndarray


class Outer(NamedTuple):
    E: tuple
    cell: Inner
    b: np.ndarray


@pytest.fixture
def grads(rng):
    return Outer((), Inner(rng.standard_normal((3, 5)), rng.standard_normal(5)), rng.standard_normal(2))


def as_vector(tree):
    return np.concatenate([a.reshape(-1) for a in named_arrays(tree).values()])


def tensors(grads):
    torch = pytest.importorskip("torch")
    found = []
    for g in named_arrays(grads).values():
        w = torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64))
        w.grad = torch.from_numpy(g.copy())
        found.append(w)
    return torch, found


@pytest.mark.parametrize("limit", [1e-3, 0.5, 3.0, 1e3])
def test_clip_by_norm_equals_torch(grads, limit):
    torch, theirs = tensors(grads)
    norm = torch.nn.utils.clip_grad_norm_(theirs, limit).item()
    clipped, ours = clip_by_norm(grads, limit)
    assert abs(ours - norm) < 1e-12
    correction = (norm + 1e-6) / norm if limit < norm else 1  # torch divides by the norm plus 1e-6
    for a, w in zip(named_arrays(clipped).values(), theirs, strict=True):
        assert np.abs(a - correction * w.grad.numpy()).max() < 1e-12


@pytest.mark.parametrize("limit", [1e-3, 0.5, 3.0, 1e3])
def test_clip_by_value_equals_torch(grads, limit):
    torch, theirs = tensors(grads)
    torch.nn.utils.clip_grad_value_(theirs, limit)
    for a, w in zip(named_arrays(clip_by_value(grads, limit)).values(), theirs, strict=True):
        assert np.array_equal(a, w.grad.numpy())


def test_norm_is_that_of_one_long_vector_with_the_square_root(grads):
    assert abs(global_norm(grads) - np.linalg.norm(as_vector(grads))) < 1e-14
    assert global_norm(Inner(np.array([[3.0]]), np.array([4.0]))) == 5


def test_by_norm_keeps_the_direction_and_by_value_may_turn_it(grads):
    g = as_vector(grads)
    short, flat = as_vector(clip_by_norm(grads, 0.5)[0]), as_vector(clip_by_value(grads, 0.5))
    assert abs(np.linalg.norm(short) - 0.5) < 1e-14
    assert np.abs(short / 0.5 - g / np.linalg.norm(g)).max() < 1e-14
    assert np.abs(flat).max() == 0.5
    assert flat @ g / np.linalg.norm(flat) / np.linalg.norm(g) < 0.99


def test_short_and_zero_gradients_stay_as_they_are(grads):
    norm = global_norm(grads)
    assert np.array_equal(as_vector(clip_by_norm(grads, norm)[0]), as_vector(grads))
    none = tree_map(np.zeros_like, grads)
    clipped, norm = clip_by_norm(none, 1e-3)
    assert norm == 0
    assert not as_vector(clipped).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("limit", [0.5, 100, np.float64(0.5)], ids=repr)
def test_dtype_stays_and_nothing_given_is_changed(grads, dtype, limit):
    grads = as_dtype(grads, dtype)
    before = as_vector(grads)
    clipped, flat = clip_by_norm(grads, limit)[0], clip_by_value(grads, limit)
    assert {a.dtype for tree in (clipped, flat) for a in named_arrays(tree).values()} == {np.dtype(dtype)}
    for a in (*named_arrays(clipped).values(), *named_arrays(flat).values()):
        a += 1
    assert np.array_equal(as_vector(grads), before)


def test_norm_of_large_float32_numbers_does_not_overflow():
    big = Inner(np.full((2, 2), 1e30, np.float32), np.zeros(2, np.float32))
    clipped, norm = clip_by_norm(big, 1.0)
    assert abs(norm / 2e30 - 1) < 1e-6
    assert np.abs(clipped.W - 0.5).max() < 1e-6


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_named_by_array(grads, value):
    grads.cell.b[2] = value
    with pytest.raises(ValueError, match=r"gradients are not finite in cell\.b; lower the learning rate"):
        clip_by_norm(grads, 5)
    assert not np.isfinite(global_norm(grads))


def test_a_sum_of_squares_beyond_all_floats_is_named():
    with pytest.raises(ValueError, match="gradients are not finite in their sum of squares"):
        clip_by_norm(Inner(np.full((3, 5), 1e200), np.zeros(5)), 5)


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize("limit", [0, -5, np.nan])
def test_limit_must_be_positive(grads, clip, limit):
    with pytest.raises(ValueError, match=f"limit must be positive, got {limit}; 5 is the classic setting"):
        clip(grads, limit)

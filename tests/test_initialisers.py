"""Starting values: the moments, ranges and orthogonality that the docstrings promise, from the generator that is given."""

import numpy as np
import pytest

from course_utils.initialisers import glorot, identity, normal, orthogonal, uniform, zeros

DRAWN = {
    "uniform": lambda rng, shape: uniform(rng, shape, 0.3),
    "normal": normal,
    "glorot": glorot,
    "orthogonal": orthogonal,
}
ALL = DRAWN | {"zeros": zeros}
# Square, tall, wide, one row, one column, one number, stacks of matrices.
SHAPES = [(5, 5), (7, 3), (3, 7), (1, 5), (5, 1), (1, 1), (4, 7, 3), (2, 4, 3, 7)]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", SHAPES)
def test_shape_is_what_was_asked_for(name, shape, rng):
    assert ALL[name](rng, shape).shape == shape


@pytest.mark.parametrize("name", DRAWN)
def test_numbers_come_from_the_generator_alone(name):
    a, again, other = (DRAWN[name](np.random.default_rng(seed), (4, 5)) for seed in (1, 1, 2))
    assert np.array_equal(a, again)
    assert not np.array_equal(a, other)


@pytest.mark.parametrize("name", ["zeros", "identity"])
def test_rng_is_not_used_where_nothing_is_drawn(name):
    made = {"zeros": zeros, "identity": identity}[name](None, (3, 5, 5))
    assert np.array_equal(made, np.broadcast_to(np.eye(5) if name == "identity" else 0.0, (3, 5, 5)))
    made += 1  # an array of its own, not a view of one matrix
    assert np.array_equal(made[0], made[2])
    assert (made[0] == np.eye(5) + 1).all() or (made == 1).all()


@pytest.mark.parametrize("scale", [0.3, 1 / np.sqrt(128)])
def test_uniform_fills_its_range_evenly(rng, scale):
    a = uniform(rng, (300, 400), scale)
    assert -scale <= a.min() < -0.999 * scale
    assert 0.999 * scale < a.max() <= scale
    # 120,000 draws: a mean or variance beyond five standard errors has a chance below 1e-6
    assert abs(a.mean()) < 5 * scale / np.sqrt(3 * a.size)
    assert abs(np.mean(a**2) - scale**2 / 3) < 5 * scale**2 * np.sqrt(4 / 45 / a.size)


@pytest.mark.parametrize("scale, options", [(0.01, {}), (2.0, {"scale": 2.0})])
def test_normal_has_its_standard_deviation_and_tails(rng, scale, options):
    a = normal(rng, (300, 400), **options) / scale
    assert abs(a.mean()) < 5 / np.sqrt(a.size)
    assert abs(np.mean(a**2) - 1) < 5 * np.sqrt(2 / a.size)
    assert abs(np.mean(np.abs(a) < 1) - 0.682689) < 5 * np.sqrt(0.25 / a.size)


@pytest.mark.parametrize("shape", [(300, 100), (100, 300), (4, 300, 100)])
def test_glorot_equals_torch_in_range_and_variance_each_gate_by_itself(rng, shape):
    torch = pytest.importorskip("torch")
    a = glorot(rng, shape)
    bound = np.sqrt(6 / 400)
    assert 0.999 * bound < np.abs(a).max() <= bound
    assert np.abs(a.mean(axis=(-1, -2))).max() < 5 * np.sqrt(2 / 400 / 30_000)
    assert np.abs(np.mean(a**2, axis=(-1, -2)) - 2 / 400).max() < 5 * bound**2 * np.sqrt(4 / 45 / 30_000)
    torch.manual_seed(0)
    theirs = torch.nn.init.xavier_uniform_(torch.empty(shape[-2:])).abs().max().item()
    assert abs(np.abs(a).max() / theirs - 1) < 2e-3


@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_has_orthonormal_rows_or_columns(rng, shape):
    a = orthogonal(rng, shape)
    n = min(shape[-2:])
    short = a if shape[-2] <= shape[-1] else np.swapaxes(a, -1, -2)
    assert np.abs(short @ np.swapaxes(short, -1, -2) - np.eye(n)).max() < 1e-14
    assert np.abs(np.linalg.svd(a, compute_uv=False) - 1).max() < 1e-14


def test_orthogonal_keeps_lengths_over_a_thousand_steps(rng):
    W, h = orthogonal(rng, (5, 5)), rng.standard_normal(5)
    assert abs(np.linalg.norm(h @ np.linalg.matrix_power(W, 1000)) / np.linalg.norm(h) - 1) < 1e-11


def test_orthogonal_is_uniformly_distributed(rng):
    # The trace of a uniform orthogonal matrix has mean 0 and variance 1; a raw QR has a sign preference on the diagonal.
    a = orthogonal(rng, (20_000, 3, 3))
    trace = np.trace(a, axis1=-2, axis2=-1)
    assert abs(trace.mean()) < 5 / np.sqrt(20_000)
    assert abs(np.mean(trace**2) - 1) < 5 * np.sqrt(2 / 20_000)
    assert abs(np.mean(np.linalg.det(a))) < 5 / np.sqrt(20_000)
    assert np.abs(a.mean(axis=0)).max() < 5 * np.sqrt(1 / 3 / 20_000)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda rng: glorot(rng, (5,)), r"glorot fills matrices; shape must have at least two axes, got \(5,\)"),
        (lambda rng: orthogonal(rng, (5,)), r"orthogonal fills matrices; shape must have at least two axes"),
        (lambda rng: identity(rng, (5,)), "identity fills matrices; shape must have at least two axes"),
        (lambda rng: identity(rng, (3, 5)), r"identity needs a square matrix, got \(3, 5\)"),
        (lambda rng: identity(rng, [4, 3, 5]), r"identity needs a square matrix, got \(4, 3, 5\)"),
    ],
)
def test_shapes_that_are_no_matrices_are_refused(rng, make, message):
    with pytest.raises(ValueError, match=message):
        make(rng)

"""Jacobians equal differences, products equal the way back, and both bounds hold and are met where they should be."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.initialisers import orthogonal
from course_utils.studies.jacobians import (
    elman_jacobians,
    gradient_norms,
    norm_bounds,
    products,
    rescaled,
    singular_values,
    spectral_radius,
    step_jacobians,
)

T, B, D, H = 7, 2, 3, 5


def some_run(name, rng):
    cell = CELLS[name]
    p, x = cell.init(rng, D, H), rng.standard_normal((T, B, D))
    return cell, p, x, sequence.forward(cell, p, x)


@pytest.mark.parametrize("name", ["elman", "elman-relu", "elman-identity", "gru", "gru-before", "lstm", "mgu"])
@pytest.mark.parametrize("b", [0, 1])
def test_jacobian_of_a_step_equals_central_differences(name, b, rng):
    cell, p, x, run = some_run(name, rng)
    J = step_jacobians(cell, p, run, b)
    fields = cell.State._fields
    before = [sequence.forward(cell, p, x[:t]).last if t else cell.zero_state(p, B) for t in range(T)]

    def state_after(t, flat):
        given = cell.State(*(a[None] for a in np.split(flat, len(fields))))
        return np.concatenate([a[0] for a in sequence.forward(cell, p, x[t : t + 1, b : b + 1], given).last])

    for t in range(1, T):
        flat = np.concatenate([a[b] for a in before[t]])
        moves = 1e-6 * np.eye(len(flat))
        numerical = np.stack([(state_after(t, flat + m) - state_after(t, flat - m)) / 2e-6 for m in moves], axis=1)
        assert J[t].shape == numerical.shape
        assert np.abs(J[t] - numerical).max() < 1e-8


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_formula_of_the_elman_cell_equals_its_way_back(activation, rng):
    cell, p, _, run = some_run("elman" if activation == "tanh" else f"elman-{activation}", rng)
    assert np.abs(elman_jacobians(p.W_hh, run.h[:, 1], activation) - step_jacobians(cell, p, run, 1)).max() < 1e-14


def test_norms_by_lag_are_those_of_backpropagation_through_time(rng):
    cell, p, x, run = some_run("elman", rng)
    dh = np.zeros_like(run.h)
    dh[-1, 1] = rng.standard_normal(H)
    J = elman_jacobians(p.W_hh, run.h[:, 1])
    norms, P = gradient_norms(J, dh[-1, 1]), products(J)
    assert norms.shape == (T + 1,)
    assert len(P) == T + 1
    for lag in range(T):  # the whole way back from t = T to h_{T - lag}, by the library
        after = T - lag
        tail = sequence.forward(cell, p, x[after:], cell.State(run.h[after - 1])) if lag else None
        back = sequence.backward(cell, p, x[after:], tail, dh[after:]).state.h[1] if lag else dh[-1, 1]
        assert np.abs(dh[-1, 1] @ P[lag] - back).max() < 1e-14
        assert abs(norms[lag] - np.linalg.norm(back)) < 1e-14


def test_bounds_hold_for_every_direction_and_singular_values_lie_between(rng):
    J = rng.standard_normal((T, H, H))
    lower, upper = norm_bounds(J)
    assert lower[0] == upper[0] == 1
    s = singular_values(products(J))
    assert (s[:, 0] <= upper * (1 + 1e-12)).all()
    assert (s[:, -1] >= lower * (1 - 1e-12)).all()
    for dh in rng.standard_normal((20, H)):
        norms = gradient_norms(J, dh) / np.linalg.norm(dh)
        assert (lower * (1 - 1e-12) <= norms).all()
        assert (norms <= upper * (1 + 1e-12)).all()


def test_bounds_go_back_from_the_last_step(rng):
    J = np.stack([2 * np.eye(H), 3 * np.eye(H), 5 * np.eye(H)])
    for bound in norm_bounds(J):
        np.testing.assert_allclose(bound, [1, 5, 15, 30])


def test_an_orthogonal_product_keeps_every_norm(rng):
    J = orthogonal(rng, (T, H, H))
    for bound in (*norm_bounds(J), gradient_norms(J, np.eye(H)[2]), singular_values(products(J))):
        assert np.abs(bound - 1).max() < 1e-13


def test_singular_values_below_rounding_are_nan():
    s = singular_values(np.diag([1.0, 1e-3, 1e-20]))
    assert s[0] == 1 and abs(s[1] - 1e-3) < 1e-15 and np.isnan(s[2])


@pytest.mark.parametrize(
    ("W", "radius"),
    [([[0, -2], [2, 0]], 2), ([[-3, 0], [0, 1]], 3), ([[0.5, 9], [0, 0.5]], 0.5), ([[0, 1], [0, 0]], 0)],
)
def test_spectral_radius_is_the_largest_modulus(W, radius):
    assert abs(spectral_radius(np.array(W, float)) - radius) < 1e-7


def test_rescaling_gives_the_radius_and_leaves_the_matrix(rng):
    W = rng.standard_normal((H, H))
    before = W.copy()
    assert abs(spectral_radius(rescaled(W, 0.7)) - 0.7) < 1e-12
    assert np.array_equal(W, before)
    with pytest.raises(ValueError, match="all eigenvalues of W are zero"):
        rescaled(np.zeros((2, 2)), 1.0)


def test_bad_input_is_named(rng):
    with pytest.raises(ValueError, match=r"W_hh must be \(H, H\) with H = 5 as in h, got \(4, 4\)"):
        elman_jacobians(np.eye(4), np.zeros((T, H)))
    cell = CELLS["mlstm"]
    p = cell.init(rng, D, 4)
    run = sequence.forward(cell, p, rng.standard_normal((2, 1, D)))
    with pytest.raises(ValueError, match=r"the state of mlstm has parts that are not \(H,\)"):
        step_jacobians(cell, p, run)

"""MUT1 to MUT3 and the minimal gated unit: against the published equations, and as special cases of the GRU."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS, GRU, MUT
from course_utils.cells.mut import repeated_identity

T, B, D, H = 7, 2, 3, 5


def problem(cell, rng, D=D):
    return cell.init(rng, D, H), rng.standard_normal((T, B, D)), cell.State(rng.standard_normal((B, H)))


def mut1(x, h, p):
    (W_xr, W_xz), (W_hr, W_hh), (b_r, b_z, b_h) = p
    z = sigmoid(x @ W_xz + b_z)
    r = sigmoid(x @ W_xr + h @ W_hr + b_r)
    return np.tanh((r * h) @ W_hh + np.tanh(x) + b_h) * z + h * (1 - z)


def mut2(x, h, p):
    (W_xz, W_xh), (W_hr, W_hz, W_hh), (b_r, b_z, b_h) = p
    z = sigmoid(x @ W_xz + h @ W_hz + b_z)
    r = sigmoid(x + h @ W_hr + b_r)
    return np.tanh((r * h) @ W_hh + x @ W_xh + b_h) * z + h * (1 - z)


def mut3(x, h, p):
    (W_xr, W_xz, W_xh), (W_hr, W_hz, W_hh), (b_r, b_z, b_h) = p
    z = sigmoid(x @ W_xz + np.tanh(h) @ W_hz + b_z)
    r = sigmoid(x @ W_xr + h @ W_hr + b_r)
    return np.tanh((r * h) @ W_hh + x @ W_xh + b_h) * z + h * (1 - z)


@pytest.mark.parametrize("published", [mut1, mut2, mut3])
def test_with_input_as_wide_as_the_state_it_is_the_published_cell(published, rng):
    cell = CELLS[published.__name__]
    p, x, state = problem(cell, rng, D=H)
    run, h = sequence.forward(cell, p, x, state), state.h
    for t in range(T):
        h = published(x[t], h, p)
        assert np.abs(run.h[t] - h).max() < 1e-14


@pytest.mark.parametrize("width", [1, 3, 5, 12])
def test_mut2_is_a_gru_whose_reset_gate_has_a_fixed_input_matrix(width, rng):
    cell, gru = CELLS["mut2"], GRU("before", "writes")
    p, x, state = problem(cell, rng, width)
    as_gru = gru.Params(np.stack([repeated_identity(width, H), *p.W_x]), p.W_h, p.b)
    assert np.abs(sequence.forward(cell, p, x, state).h - sequence.forward(gru, as_gru, x, state).h).max() < 1e-14


def test_the_minimal_gated_unit_is_a_gru_whose_two_gates_are_one(rng):
    cell, gru = CELLS["mgu"], GRU("before", "writes")
    p, x, state = problem(cell, rng)
    as_gru = gru.Params(*(a[[0, 0, 1]] for a in p))
    dh = rng.standard_normal((T, B, H))
    run, expected = sequence.forward(cell, p, x, state), sequence.forward(gru, as_gru, x, state)
    assert np.abs(run.h - expected.h).max() < 1e-14
    ours, theirs = sequence.backward(cell, p, x, run, dh), sequence.backward(gru, as_gru, x, expected, dh)
    assert np.abs(ours.x - theirs.x).max() < 1e-13
    for a, b in zip(ours.p, theirs.p, strict=True):
        assert np.abs(a - np.stack([b[0] + b[1], b[2]])).max() < 1e-13


def test_every_input_is_heard_and_every_unit_hears(rng):
    assert np.array_equal(repeated_identity(4, 4), np.eye(4))
    for width in (1, 3, 5, 12):
        matrix = repeated_identity(width, H, np.float32)
        assert matrix.dtype == np.float32
        assert matrix.any(axis=0).all()
        assert matrix.any(axis=1).all()
        assert matrix.sum() == max(width, H)


def test_the_update_gate_of_mut1_does_not_know_the_past(rng):
    cell = CELLS["mut1"]
    p, x, state = problem(cell, rng)
    other = cell.State(rng.standard_normal((B, H)))
    one, two = (sequence.forward(cell, p, x, s).trace for s in (state, other))
    assert np.array_equal(one.z, two.z)
    assert not np.array_equal(one.r, two.r)


def test_an_unknown_mutant_is_refused():
    with pytest.raises(ValueError, match="name must be one of mut1, mut2, mut3, got 'mut4'"):
        MUT("mut4")

"""minGRU and minLSTM: the form used here is the published one, and what their gates can and cannot do."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS, MinGRU
from course_utils.cells.minrnn import CANDIDATES


def test_min_lstm_equals_the_published_quotients(rng):
    cell = CELLS["min-lstm"]
    p, x, h = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3)), np.zeros((2, 5))
    run = sequence.forward(cell, p, x)
    for x_t, h_t in zip(x, run.h, strict=True):
        f, i, n = (x_t @ W + b for W, b in zip(p.W_x, p.b, strict=True))
        f, i = sigmoid(f), sigmoid(i)
        h = f / (f + i) * h + i / (f + i) * n
        assert np.max(np.abs(h - h_t)) < 1e-12


def test_min_lstm_with_both_gates_shut_stays_finite(rng):
    cell = CELLS["min-lstm"]
    p = cell.init(rng, 3, 5, dtype=np.float32)
    p = p._replace(b=p.b - np.float32([[[200]], [[200]], [[0]]]))
    run = sequence.forward(cell, p, rng.standard_normal((7, 2, 3)).astype(np.float32))
    assert np.isfinite(run.h).all()
    assert 0.2 < run.trace.z.mean() < 0.8


def test_shut_update_gate_keeps_the_state_and_open_one_replaces_it(rng):
    cell = CELLS["min-gru"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3))
    state = cell.State(rng.standard_normal((2, 5)))
    shut = sequence.forward(cell, p._replace(b=p.b + np.array([[[-100.0]], [[0.0]]])), x, state)
    assert np.max(np.abs(shut.h - state.h)) < 1e-12
    wide = sequence.forward(cell, p._replace(b=p.b + np.array([[[100.0]], [[0.0]]])), x, state)
    assert np.max(np.abs(wide.h - wide.trace.n)) < 1e-12


def test_positive_candidate_is_continuous_positive_and_has_the_slope_it_states():
    g, slope = CANDIDATES["positive"]
    a = np.array([-30.0, -2, -1e-12, 0, 1e-12, 3])
    assert (g(a) > 0).all()
    assert np.ptp(g(a[2:5])) < 1e-11
    away = np.array([-5.0, -0.3, 0.4, 5])
    assert np.max(np.abs((g(away + 1e-6) - g(away - 1e-6)) / 2e-6 - slope(g(away)))) < 1e-9


def test_unknown_candidate_is_named():
    with pytest.raises(ValueError, match="candidate must be one of linear, positive, got 'tanh'"):
        MinGRU("tanh")

"""The selective state-space layer: what its step size decides, and what remains when nothing is selected."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, Selective


def test_step_size_near_zero_keeps_the_memory_and_a_large_one_replaces_it(rng):
    cell = CELLS["selective"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3))
    state = cell.State(np.zeros((2, 5)), rng.standard_normal((2, 5, cell.S)))
    kept = sequence.forward(cell, p._replace(b_dt=p.b_dt - 100), x, state)
    assert np.max(np.abs(kept.trace.s - state.s)) < 1e-12
    large = p._replace(b_dt=p.b_dt + 100)
    first, other = (sequence.forward(cell, large, x, s).trace.s for s in (state, None))
    assert np.max(np.abs(first - other)) < 1e-12


def test_without_selection_it_is_a_convolution_with_decaying_exponentials(rng):
    cell = CELLS["selective"]
    p = cell.init(rng, 2, 5)
    p = p._replace(W_dt=np.zeros_like(p.W_dt), W_B=np.ones_like(p.W_B), W_C=np.ones_like(p.W_C))
    x = rng.standard_normal((9, 1, 2))
    x[..., 1] = 1 - x[..., 0]  # the two inputs add up to 1, so that B = C = 1 at every step
    dt = np.logaddexp(0, p.b_dt)
    v = (x @ p.W_x)[:, 0]
    lags = np.arange(9)[:, None, None]
    K = dt * np.exp(-lags * dt[:, None] * np.exp(p.a)).sum(-1)  # (T, H)
    h = [sum(K[t - s] * v[s] for s in range(t + 1)) + p.k * v[t] for t in range(9)]
    assert np.max(np.abs(sequence.forward(cell, p, x).h[:, 0] - h)) < 1e-12


def test_start_is_the_published_one(rng):
    cell = Selective(S=4)
    p = cell.init(rng, 3, 500)
    assert np.allclose(cell.rates(p), [-1, -2, -3, -4], rtol=1e-14)
    dt = np.logaddexp(0, p.b_dt)
    assert 0.001 <= dt.min() < 0.0015
    assert 0.07 < dt.max() <= 0.1
    with pytest.raises(ValueError, match="Selective needs S >= 1"):
        Selective(S=0)

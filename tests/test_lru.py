"""The linear recurrent unit: where λ starts, what γ is for, and that the output is the published convolution."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, LRU


def test_eigenvalues_start_in_the_ring_and_gamma_completes_them(rng):
    cell = LRU(r_min=0.7, r_max=0.9, max_phase=0.5)
    lam, gamma = cell.ring(cell.init(rng, 3, 500))
    assert 0.7 <= np.abs(lam).min() < 0.72
    assert 0.88 < np.abs(lam).max() <= 0.9
    assert (0 <= np.angle(lam)).all()
    assert np.angle(lam).max() <= 0.5
    assert np.max(np.abs(gamma**2 + np.abs(lam) ** 2 - 1)) < 1e-12
    assert abs(np.mean(np.abs(lam) ** 2) - (0.7**2 + 0.9**2) / 2) < 0.01


def test_ring_may_be_given_by_name_and_a_starting_rule_leaves_it_alone(rng):
    cell = CELLS["lru"]
    p = cell.init(rng, 3, 5, initialise=lambda rng, shape: np.zeros(shape), theta=lambda rng, shape: np.ones(shape))
    assert (p.theta == 1).all()
    assert (p.B_re == 0).all()
    assert (np.abs(cell.ring(p)[0]) <= 0.99).all()
    with pytest.raises(ValueError, match="0 <= r_min < r_max < 1"):
        LRU(r_max=1.0)


def test_gamma_keeps_the_memory_as_large_as_its_input(rng):
    cell = LRU(r_min=0.5, r_max=0.98)
    p, x = cell.init(rng, 4, 6), rng.standard_normal((4000, 8, 4))
    run = sequence.forward(cell, p, x)
    power = np.mean(run.trace.s_re**2 + run.trace.s_im**2, axis=(0, 1))
    expected = (p.B_re**2 + p.B_im**2).sum(axis=0)
    assert np.max(np.abs(power / expected - 1)) < 0.15


def test_output_is_a_sum_over_the_past_with_powers_of_the_eigenvalue(rng):
    cell = CELLS["lru"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((9, 2, 3))
    lam, gamma = cell.ring(p)
    B, C = p.B_re + 1j * p.B_im, p.C_re + 1j * p.C_im
    for t in range(9):
        memory = sum(lam ** (t - s) * gamma * (x[s] @ B) for s in range(t + 1))
        assert np.max(np.abs(sequence.forward(cell, p, x).h[t] - ((memory @ C).real + x[t] @ p.W_xy))) < 1e-12

"""The state-space layers: recurrence and convolution are one, and the steps are exact for a held signal."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, S4D


@pytest.mark.parametrize("T", [1, 7, 200])
def test_recurrence_equals_convolution(rng, T):
    cell = CELLS["s4d"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((T, 2, 3))
    assert np.max(np.abs(cell.convolve(p, x) - sequence.forward(cell, p, x).h)) < 1e-12
    single = cell.init(rng, 3, 5, dtype=np.float32)
    assert cell.convolve(single, x.astype(np.float32)).dtype == np.float32


def test_kernel_is_the_answer_to_a_single_one(rng):
    cell = CELLS["s4d"]
    p = cell.init(rng, 1, 5)._replace(W_x=np.ones((1, 5)))
    x = np.zeros((30, 1, 1))
    x[0] = 1
    answer = sequence.forward(cell, p, x).h[:, 0]
    answer[0] -= p.k
    assert np.max(np.abs(answer - cell.kernel(p, 30))) < 1e-12


def test_steps_are_exact_for_a_signal_that_is_held(rng):
    cell = CELLS["s4d"]
    p = cell.init(rng, 1, 5)
    A, dt, _, _ = cell.discrete(p)
    run = sequence.forward(cell, p, np.ones((50, 1, 1)))
    s = run.trace.s_re[:, 0] + 1j * run.trace.s_im[:, 0]
    time = np.arange(1, 51)[:, None, None] * dt
    exact = (np.exp(A * time) - 1) / A * p.W_x[0][:, None]  # the solution of ds/dt = A s + u from s(0) = 0
    assert np.max(np.abs(s - exact)) < 1e-12


def test_half_the_step_and_each_input_twice_is_the_same_memory(rng):
    cell = CELLS["s4d"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3))
    half = p._replace(delta=p.delta - np.log(2))
    coarse, fine = sequence.forward(cell, p, x), sequence.forward(cell, half, np.repeat(x, 2, axis=0))
    assert np.max(np.abs(fine.trace.s_re[1::2] - coarse.trace.s_re)) < 1e-12


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="S4D needs S >= 1"):
        S4D(S=0)

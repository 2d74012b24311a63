"""What the scoreboard says about window models is exact where it claims to be, and keeps to what is possible."""

from itertools import product

import numpy as np
import pytest

from course_utils.params import tree_map
from course_utils.studies.scoreboard import exact_window_bits
from course_utils.tasks.processes import EVEN, PROCESSES
from course_utils.window_model import WindowLanguageModel

each = pytest.mark.parametrize("process", PROCESSES.values(), ids=str)


@each
@pytest.mark.parametrize("N", [1, 2, 3])
def test_exact_bits_equal_a_sum_over_every_window_and_next_token(process, N, rng):
    model = WindowLanguageModel(2, N, 3, 5)
    params = model.init(rng, np.float64)
    p = process.block_probabilities(N + 1)
    total = sum(p[block] * -model.log_prob(params, np.array(block))[0] for block in product(range(2), repeat=N + 1))
    assert exact_window_bits(process, model, params) == pytest.approx(total / np.log(2), abs=1e-12)


@each
def test_no_window_model_is_below_the_best_use_of_its_window(process, rng):
    model = WindowLanguageModel(2, 3, 2, 4)
    for _ in range(20):
        assert exact_window_bits(process, model, model.init(rng)) >= process.h(3)


def test_a_model_that_knows_the_shares_of_the_symbols_pays_the_entropy_of_one_symbol(rng):
    model = WindowLanguageModel(2, 2, 3, 4)
    params = tree_map(np.zeros_like, model.init(rng))
    knows = params._replace(b_y=np.log(EVEN.block_probabilities(1)))
    assert exact_window_bits(EVEN, model, knows) == pytest.approx(EVEN.h(0), abs=1e-12)
    assert exact_window_bits(EVEN, model, params) == pytest.approx(1)

"""The small search: equal budgets, a fair rank correlation, and results that a seed repeats."""

import itertools

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import number_of_parameters
from course_utils.studies import odyssey


@pytest.fixture(scope="module")
def tasks():
    return odyssey.tasks(np.random.default_rng(0))


@pytest.mark.parametrize("name", odyssey.PUBLISHED)
def test_every_cell_gets_as_many_units_as_the_budget_allows(name, rng):
    cell, V, limit = CELLS[odyssey.CELL_OF[name]], 12, 2000
    H = odyssey.width(cell, V, limit)
    sizes = [number_of_parameters(RecurrentLanguageModel(cell, V, k).init(rng)) for k in (H, H + 1)]
    assert sizes[0] <= limit < sizes[1]


def test_a_budget_below_one_unit_is_refused():
    with pytest.raises(ValueError, match="limit"):
        odyssey.width(CELLS["lstm"], 50, 100)


def test_batches_and_tests_fit_together_and_share_nothing(tasks):
    for task in tasks:
        for inputs, targets, *_ in itertools.islice(task.batches(np.random.default_rng(1)), 3):
            assert inputs.shape == targets.shape and inputs.shape[1] == 8
            assert inputs.max() < task.V and targets.max() < task.V
        assert task.test[0].shape == task.test[1].shape
        counts = np.bincount(task.test[1][task.test[1] >= 0])
        assert task.floor == pytest.approx(counts.max() / counts.sum())


def test_rank_correlation_of_known_orders():
    assert odyssey.rank_correlation([1, 2, 3, 4], [10, 20, 30, 99]) == pytest.approx(1)
    assert odyssey.rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert odyssey.rank_correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(1 - 6 * 4 / (5 * 24))
    assert odyssey.rank_correlation([1, 1, 2], [1, 2, 3]) == pytest.approx(np.corrcoef([1.5, 1.5, 3], [1, 2, 3])[0, 1])


def test_resampling_uses_one_seed_of_each_cell(rng):
    same = np.tile(np.array([0.1, 0.5, 0.3])[:, None], 4)
    np.testing.assert_allclose(odyssey.resampled(rng, same, [1, 3, 2], n=20), 1)
    mixed = np.array([[0.0, 1.0], [0.5, 0.5]])
    assert set(odyssey.resampled(rng, mixed, [1, 2], n=50).round()) == {-1.0, 1.0}


def test_random_orders_of_ten_reach_two_thirds_in_one_of_twenty(rng):
    low, high = np.quantile(odyssey.by_chance(rng, 10), (0.025, 0.975))
    assert -0.72 < low < -0.57 and 0.57 < high < 0.72  # the exact table says 0.648


def test_a_seed_repeats_the_search_and_training_beats_guessing(tasks):
    options = {"names": ("Tanh", "GRU"), "seeds": 1, "updates": 60, "progress": False}
    first, second = (odyssey.search(np.random.default_rng(3), tasks[1:2], **options) for _ in range(2))
    assert first.shape == (2, 1, 1)
    np.testing.assert_array_equal(first, second)
    assert (first > tasks[1].floor).all()

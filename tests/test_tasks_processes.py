"""The three sources keep their promises: exact entropies, exact predictions, samples that follow them."""

from itertools import product

import numpy as np
import pytest

from course_utils.tasks.processes import EVEN, GOLDEN_MEAN, PROCESSES, RRXOR, Process

each = pytest.mark.parametrize("process", PROCESSES.values(), ids=str)


def brute_force(process, block):
    """p(block) by summing over every path of states: slow, and written without the forward algorithm."""
    S = len(process.stationary)
    total = 0.0
    for path in product(range(S), repeat=len(block) + 1):
        p = process.stationary[path[0]]
        for v, i, j in zip(block, path, path[1:], strict=False):
            p *= process.T[v, i, j]
        total += p
    return total


@each
def test_the_entropy_rate_is_two_thirds_of_a_bit(process):
    assert process.entropy_rate == pytest.approx(2 / 3, abs=1e-12)


@each
def test_the_stationary_distribution_stays(process):
    np.testing.assert_allclose(process.stationary @ process.T.sum(axis=0), process.stationary, atol=1e-14)
    assert process.stationary.sum() == pytest.approx(1) and process.stationary.min() > 0


@each
def test_block_probabilities_equal_a_sum_over_all_paths_of_states(process):
    found = process.block_probabilities(4)
    assert found.shape == (2, 2, 2, 2)
    for block in product(range(2), repeat=4):
        assert found[block] == pytest.approx(brute_force(process, block), abs=1e-14)
    assert process.block_probabilities(0) == pytest.approx(1)


def test_block_probabilities_count_from_the_oldest_symbol():
    T = np.zeros((3, 3, 3))  # symbol v leads to state v; 0, 1, 2 go round in this order mostly
    for i in range(3):
        T[(i + 1) % 3, i, (i + 1) % 3], T[i, i, i] = 0.9, 0.1
    found = Process("round", T).block_probabilities(2)
    assert found[0, 1] == pytest.approx(0.3) and found[1, 0] == pytest.approx(0)


@pytest.mark.parametrize(
    ("process", "k", "bits"),
    [(GOLDEN_MEAN, 2, 2 / 3), (EVEN, 12, 0.6706), (RRXOR, 12, 0.7069), (RRXOR, 0, 1.0)],
    ids=str,
)
def test_h_k_has_the_published_value(process, k, bits):
    assert process.h(k) == pytest.approx(bits, abs=5e-5)


def test_one_symbol_of_context_is_enough_for_the_golden_mean_only():
    assert GOLDEN_MEAN.h(1) == pytest.approx(2 / 3, abs=1e-12)
    for process in (EVEN, RRXOR):
        values = [process.h(k) for k in range(14)]
        assert all(np.diff(values) <= 1e-12) and values[-1] > 2 / 3 + 1e-3


@each
@pytest.mark.parametrize("L", [0, 1, 4])
def test_block_entropy_equals_a_sum_over_all_blocks_and_all_paths(process, L):
    p = np.array([brute_force(process, block) for block in product(range(2), repeat=L)])
    assert p.sum() == pytest.approx(1)
    p = p[p > 0]
    assert process.block_entropy(L) == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-12)


@each
def test_predictions_are_ratios_of_block_probabilities(process):
    ids = process.sample(np.random.default_rng(3), 5)
    for t, p in enumerate(process.predict(ids)):
        past = tuple(ids[:t])
        expected = [brute_force(process, (*past, v)) / brute_force(process, past) for v in range(2)]
        np.testing.assert_allclose(p, expected, atol=1e-12)


@each
def test_the_best_predictor_pays_the_probability_of_the_whole(process):
    ids = process.sample(np.random.default_rng(8), 6)
    assert process.optimal_log2loss(ids).sum() == pytest.approx(-np.log2(brute_force(process, tuple(ids))))


@each
def test_the_best_predictor_reaches_the_entropy_rate(process):
    losses = process.optimal_log2loss(process.sample_batch(np.random.default_rng(1), 400, 200))[100:]
    standard_error = losses.mean(axis=0).std() / np.sqrt(200)
    assert abs(losses.mean() - 2 / 3) < 4 * standard_error


@each
def test_blocks_occur_as_often_as_they_should(process):
    x = process.sample_batch(np.random.default_rng(5), 7, 60_000)
    y = process.sample(np.random.default_rng(6), 180_000)
    codes = {"batch": 4 * x[3] + 2 * x[4] + x[5], "one long": 4 * y[:-2] + 2 * y[1:-1] + y[2:]}
    expected = [brute_force(process, block) for block in product(range(2), repeat=3)]
    for code in codes.values():
        np.testing.assert_allclose(np.bincount(code, minlength=8) / len(code), expected, atol=0.01)


def test_samples_obey_the_rule_that_names_them():
    rng = np.random.default_rng(2)
    assert "00" not in "".join(map(str, GOLDEN_MEAN.sample(rng, 2_000)))
    runs = "".join(map(str, EVEN.sample(rng, 2_000))).split("0")[1:-1]
    assert runs and all(len(run) % 2 == 0 for run in runs)
    x = RRXOR.sample(rng, 3_000)
    fits = [np.all((x[p:][:-2:3] ^ x[p:][1:-1:3])[:990] == x[p:][2::3][:990]) for p in range(3)]
    assert sum(fits) == 1


@each
def test_samples_come_from_the_given_generator_only(process):
    first, again = (process.sample(np.random.default_rng(4), 50) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.int64 and process.sample_batch(np.random.default_rng(4), 7, 2).shape == (7, 2)


def test_impossible_and_unknown_symbols_are_refused_with_their_place():
    with pytest.raises(ValueError, match="position 2 cannot occur"):
        GOLDEN_MEAN.predict(np.array([1, 0, 0]))
    with pytest.raises(ValueError, match="from 0 to 1"):
        EVEN.predict(np.array([0, 2]))
    with pytest.raises(ValueError, match="k: expected"):
        EVEN.h(-1)
    with pytest.raises(ValueError, match="L: expected 0 to 22"):
        EVEN.block_entropy(40)


def test_a_source_that_is_not_one_is_refused():
    with pytest.raises(ValueError, match="square matrix"):
        Process("flat", np.ones((2, 2)))
    with pytest.raises(ValueError, match="probability 1"):
        Process("leaks", np.full((2, 1, 1), 0.4))
    with pytest.raises(ValueError, match="one next state"):
        Process("splits", np.full((2, 2, 2), 0.25))
    with pytest.raises(ValueError, match="read-only"):
        EVEN.T[0, 0, 0] = 1

"""Cut ways back: weights of one are full backpropagation, no cut is no bias, and random weighted cuts average out to it."""

import itertools

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import named_arrays
from course_utils.studies import truncation
from course_utils.studies.truncation import Truncated, backward, bias_and_noise, randomised, regular, surviving

ELMAN = CELLS["elman"]


def setting(rng, cell, T=7, B=2, D=3, H=5):
    p, x, dh = cell.init(rng, D, H), rng.standard_normal((T, B, D)), rng.standard_normal((T, B, H))
    return p, x, sequence.forward(cell, p, x), dh


def flat(record):
    return np.concatenate([a.ravel() for a in named_arrays(record).values()])


@pytest.mark.parametrize("name", ["elman", "lstm", "gru"])
def test_without_a_cut_it_is_backpropagation_through_time(rng, name):
    cell = CELLS[name]
    given = setting(rng, cell)
    expected = flat(sequence.backward(cell, *given).p)
    for weights in (np.ones(6), np.ones((6, 2)), regular(7, 7), regular(7, 100), randomised(rng, 7, 2, 1.0)):
        np.testing.assert_allclose(flat(backward(cell, *given, weights)), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("K, offset", [(1, 0), (2, 1), (3, 0), (3, 2), (6, 4)])
def test_regular_cuts_are_chunks_with_the_state_carried_and_the_gradient_not(rng, K, offset):
    p, x, run, dh = setting(rng, ELMAN)
    starts = sorted({0, *range(K - offset, 7, K)})
    total, state = 0, None
    for a, b in itertools.pairwise([*starts, 7]):
        part = sequence.forward(ELMAN, p, x[a:b], state)
        total, state = total + flat(sequence.backward(ELMAN, p, x[a:b], part, dh[a:b]).p), part.last
    np.testing.assert_allclose(flat(backward(ELMAN, p, x, run, dh, regular(7, K, offset))), total, rtol=0, atol=1e-12)


def test_weighted_random_cuts_average_to_the_full_gradient_over_all_outcomes(rng):
    p, x, run, dh = setting(rng, ELMAN, T=4, B=1)
    full, keep, mean = flat(sequence.backward(ELMAN, p, x, run, dh).p), 0.3, 0
    for outcome in itertools.product((0, 1), repeat=3):
        chance = np.prod([keep if passes else 1 - keep for passes in outcome])
        mean = mean + chance * flat(backward(ELMAN, p, x, run, dh, np.array(outcome) / keep))
    np.testing.assert_allclose(mean, full, rtol=0, atol=1e-12)


def test_mean_of_many_draws_lies_within_its_standard_error(rng):
    p, x, run, dh = setting(rng, ELMAN, T=12, B=3)
    full = backward(ELMAN, p, x, run, dh, np.ones(11))
    draws = [backward(ELMAN, p, x, run, dh, randomised(rng, 12, 3, 0.7)) for _ in range(400)]
    error = bias_and_noise(draws, full)
    assert error.bias < 2 * error.chance < 0.5 * error.noise
    cut = [backward(ELMAN, p, x, run, dh, randomised(rng, 12, 3, 0.7, weighted=False)) for _ in range(400)]
    assert bias_and_noise(cut, full).bias > 3 * bias_and_noise(cut, full).chance


def test_weights_of_random_cuts_have_the_mean_they_claim(rng):
    weights = randomised(rng, 4001, 5, 0.4)
    assert set(np.unique(weights)) == {0.0, 2.5} and weights.mean() == pytest.approx(1, abs=0.05)
    plain = randomised(rng, 4001, 5, 0.4, weighted=False)
    assert set(np.unique(plain)) == {0.0, 1.0} and plain.mean() == pytest.approx(0.4, abs=0.02)


def test_surviving_share_is_that_of_products_of_weights():
    K, lag = 5, np.arange(8)
    found = [np.mean([np.prod(regular(50, K, o)[20 : 20 + n]) for o in range(K)]) for n in lag]
    np.testing.assert_allclose(surviving(lag, K=K), found, atol=1e-12)
    np.testing.assert_allclose(surviving(lag, p=0.5), 0.5**lag)


def test_bias_and_noise_of_known_draws():
    full = (np.array([3.0, 4.0]),)
    error = bias_and_noise([(np.array([3.0, 9.0]),), (np.array([3.0, 1.0]),)], full)
    assert error.bias == pytest.approx(1 / 5)
    assert error.noise == pytest.approx(np.sqrt(32) / 5) and error.chance == pytest.approx(4 / 5)


def test_a_truncated_model_with_nothing_cut_is_the_model(rng):
    model = RecurrentLanguageModel(ELMAN, V=6, H=5)
    params, ids = model.init(rng, dtype=np.float64), rng.integers(0, 6, (8, 2))
    whole = Truncated(model, lambda T, B: np.ones(T - 1)).loss_and_gradients(params, ids[:-1], ids[1:])
    expected = model.loss_and_gradients(params, ids[:-1], ids[1:])
    assert whole[0] == pytest.approx(expected[0], abs=1e-12)
    np.testing.assert_allclose(flat(whole[1]), flat(expected[1]), rtol=0, atol=1e-12)
    np.testing.assert_allclose(whole[2].h, expected[2].h, rtol=0, atol=1e-12)


def test_what_cannot_be_is_refused(rng):
    given = setting(rng, ELMAN)
    with pytest.raises(ValueError, match="weights must be"):
        backward(ELMAN, *given, np.ones(7))
    with pytest.raises(ValueError, match="K must be"):
        regular(7, 3, 3)
    with pytest.raises(ValueError, match="probability to go on"):
        randomised(rng, 7, 2, 0.0)
    with pytest.raises(ValueError, match="at least two"):
        bias_and_noise([(np.ones(2),)], (np.ones(2),))
    with pytest.raises(ValueError, match="one-hot"):
        Truncated(RecurrentLanguageModel(ELMAN, V=6, H=5, E=3), truncation.regular)

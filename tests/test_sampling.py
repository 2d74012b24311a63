"""Sampling: the token that a given u must give, frequencies that agree with the probabilities, and what cannot be drawn."""

import numpy as np
import pytest

from course_utils.losses import softmax
from course_utils.sampling import argmax, draw, inverse_transform, sample, with_temperature, with_top_k

LOGITS = np.array([2.0, -1.0, 0.5, 0.0, -3.0, 1.0])


def assert_frequencies(tokens, p):
    """Counts that a sound sampler exceeds about once in 100,000 seeds: Pearson's statistic, and nothing impossible."""
    n, possible = tokens.size, p > 0
    counts = np.bincount(tokens.reshape(-1), minlength=len(p))
    assert not counts[~possible].any()
    statistic = np.sum((counts[possible] - n * p[possible]) ** 2 / (n * p[possible]))
    degrees = possible.sum() - 1
    assert statistic <= degrees + 2 * np.sqrt(degrees * 11.5) + 2 * 11.5  # Laurent and Massart 2000: e^-11.5 = 1e-5


@pytest.mark.parametrize(
    "p, u, token",
    [
        ([0.2, 0.3, 0.5], 0.0, 0),
        ([0.2, 0.3, 0.5], 0.1999, 0),
        ([0.2, 0.3, 0.5], 0.2, 1),  # F_0 = u does not exceed u
        ([0.25, 0.25, 0.5], 0.5, 2),
        ([0.2, 0.3, 0.5], 1 - 2**-53, 2),
        ([0.0, 0.0, 1.0], 0.0, 2),  # what cannot be drawn is not drawn at u = 0,
        ([0.0, 1.0, 0.0], 1 - 2**-53, 1),  # nor at the largest u there is
        ([0, 1, 0], 0.5, 1),
        ([1.0], 0.999, 0),
        ([0.5, 0.5 - 1e-6, 0.0], 1 - 1e-9, 1),  # rounding in p does not open the door to a token that has none
    ],
)
def test_inverse_transform_takes_the_first_cumulative_probability_above_u(p, u, token):
    assert inverse_transform(p, u) == token


def test_inverse_transform_equals_torch_searchsorted(rng):
    torch = pytest.importorskip("torch")
    p, u = softmax(3 * rng.standard_normal((7, 2, 5))), rng.random((7, 2))
    F = torch.cumsum(torch.from_numpy(p), dim=-1)
    expected = torch.searchsorted(F, torch.from_numpy(u[..., None]), right=True)[..., 0].numpy()
    tokens = inverse_transform(p, u)
    assert np.array_equal(tokens, expected)
    assert np.issubdtype(tokens.dtype, np.integer)


def test_tokens_of_all_u_fill_shares_of_p(rng):
    p = softmax(LOGITS)
    u = (np.arange(100_000) + 0.5) / 100_000
    assert np.abs(np.bincount(inverse_transform(p, u)) / 100_000 - p).max() < 1.01e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tau, k", [(1.0, None), (0.5, None), (2.0, 3), (1.0, 1), (3.0, 6)])
def test_frequencies_agree_with_the_probabilities(rng, dtype, tau, k):
    tokens = sample(rng, np.tile(LOGITS.astype(dtype), (200, 100, 1)), tau, k)
    p = np.exp(LOGITS / tau)
    if k:
        p[np.argsort(LOGITS)[: len(p) - k]] = 0
    assert tokens.shape == (200, 100)
    assert_frequencies(tokens, p / p.sum())


def test_the_frequency_check_notices_a_wrong_temperature(rng):
    tokens = sample(rng, np.tile(LOGITS, (20_000, 1)), 1.1)
    with pytest.raises(AssertionError):
        assert_frequencies(tokens, softmax(LOGITS))


def test_rows_are_drawn_independently(rng):
    a, b = sample(rng, np.zeros((20_000, 2, 3))).T
    assert_frequencies(3 * a + b, np.full(9, 1 / 9))


def test_one_row_gives_one_token_and_a_seed_gives_it_again():
    draw = lambda seed: [int(sample(np.random.default_rng(seed), LOGITS)) for _ in range(3)]  # noqa: E731
    assert draw(1) == draw(1)
    many = [sample(np.random.default_rng(seed), np.tile(LOGITS, (50, 1))).tolist() for seed in (1, 1, 2)]
    assert many[0] == many[1] != many[2]


def test_temperature_divides_small_is_sharper_and_tends_to_argmax(rng):
    assert np.array_equal(with_temperature(LOGITS, 1), LOGITS)
    peaks = [softmax(with_temperature(LOGITS, tau)).max() for tau in (0.25, 0.5, 1, 2, 4)]
    assert peaks == sorted(peaks, reverse=True)
    assert (
        np.abs(softmax(with_temperature(LOGITS, 2)) - np.sqrt(softmax(LOGITS)) / np.sqrt(softmax(LOGITS)).sum()).max()
        < 1e-15
    )
    assert (sample(rng, np.tile(LOGITS, (1000, 1)), 1e-3) == argmax(LOGITS)).all()
    assert np.abs(softmax(with_temperature(LOGITS, 1e9)) - 1 / 6).max() < 1e-8


@pytest.mark.parametrize(
    "logits, k, kept",
    [
        (LOGITS, 1, {0}),
        (LOGITS, 3, {0, 2, 5}),
        (LOGITS, 6, {0, 1, 2, 3, 4, 5}),
        ([1.0, 3, 3, 3], 2, {1, 2}),  # of equals, the first
        ([0.0, 0, 0, 0], 1, {0}),
        ([-np.inf, 4, -np.inf], 2, {1}),
        ([7.0], 1, {0}),
    ],
)
def test_top_k_keeps_the_k_largest_as_they_are(logits, k, kept):
    found = with_top_k(logits, k)
    assert set(np.flatnonzero(np.isfinite(found))) == kept
    assert all(found[i] == logits[i] for i in kept)
    assert (found[[i for i in range(len(logits)) if i not in kept]] == -np.inf).all()


def test_top_k_works_row_by_row(rng):
    logits = rng.standard_normal((7, 2, 5))
    assert (np.isfinite(with_top_k(logits, 3)).sum(axis=-1) == 3).all()
    assert np.array_equal(argmax(with_top_k(logits, 1)), argmax(logits))


def test_argmax_takes_the_first_of_equals():
    assert argmax([[0, 2, 2], [5, 1, 5]]).tolist() == [1, 0]


@pytest.mark.parametrize("huge", [1e4, 1e300])
def test_huge_logits_are_drawn_without_overflow(rng, huge):
    assert (sample(rng, np.tile([-huge, huge, 0, huge], (100, 1))) % 2 == 1).all()


def test_a_vocabulary_of_one_is_always_drawn(rng):
    assert not sample(rng, np.zeros((7, 2, 1)), 0.5, 1).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_nothing_given_is_changed(rng, dtype):
    logits = LOGITS.astype(dtype)
    p = softmax(logits)
    p /= p.sum()
    given, before = (logits, p), (logits.copy(), p.copy())
    sample(rng, logits, 0.5, 2)
    inverse_transform(p, 0.5)
    assert with_temperature(logits, np.float64(0.5)).dtype == with_top_k(logits, 2).dtype == dtype
    assert all(map(np.array_equal, given, before))


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda: inverse_transform(LOGITS, 0.5), "p must be probabilities.*are these logits"),
        (lambda: inverse_transform([0.5, 0.6, -0.1], 0.5), "p must be probabilities"),
        (lambda: inverse_transform([0.5, 0.4999], 0.5), "each row summing to 1"),
        (lambda: inverse_transform([[0.5, 0.5], [0.5, 0.4]], [0.5, 0.5]), "each row summing to 1"),
        (lambda: inverse_transform([np.nan, 1.0], 0.5), "p must be probabilities"),
        (lambda: inverse_transform([0.5, 0.5], 1.0), r"u must lie in \[0, 1\); draw it with rng\.random\(\)"),
        (lambda: inverse_transform([0.5, 0.5], -0.1), r"u must lie in \[0, 1\)"),
        (lambda: inverse_transform([0.5, 0.5], np.nan), r"u must lie in \[0, 1\)"),
        (lambda: with_temperature(LOGITS, 0), "temperature must be positive, got 0; .* use argmax"),
        (lambda: with_temperature(LOGITS, -1), "temperature must be positive, got -1"),
        (lambda: with_top_k(LOGITS, 0), r"k must lie in 1\.\.6 \(the vocabulary's size\), got 0"),
        (lambda: with_top_k(LOGITS, 7), r"k must lie in 1\.\.6 \(the vocabulary's size\), got 7"),
        (lambda: sample(np.random.default_rng(0), LOGITS, temperature=0), "temperature must be positive"),
        (lambda: sample(np.random.default_rng(0), LOGITS, top_k=7), r"k must lie in 1\.\.6"),
    ],
)
def test_bad_input_is_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


SCALES = [(1, 0), (30, 0), (1, 60), (1, -60), (1, 5000), (1, -5000), (300, 0), (0, 0)]


@pytest.mark.parametrize("scale, shift", SCALES)
def test_draw_is_inverse_transform_of_the_softmax(scale, shift, rng):
    for u in [0.0, 1 - 2.0**-53, *rng.random(40)]:
        logits = scale * rng.standard_normal(7) + shift
        with np.errstate(over="ignore"):
            assert draw(logits, u) == inverse_transform(softmax(logits), u)


@pytest.mark.parametrize("scale, shift", SCALES)
def test_draw_from_float32_is_that_up_to_its_rounding(scale, shift, rng):
    for u in [0.0, 1 - 2.0**-53, *rng.random(40)]:
        logits = (scale * rng.standard_normal(7) + shift).astype(np.float32)
        with np.errstate(over="ignore"):
            token = draw(logits, u)
        F = np.cumsum(softmax(logits.astype(float)))
        assert (F[token - 1] if token else 0) - 1e-6 <= u <= F[token] + 1e-6


def test_draw_refuses_what_is_no_distribution():
    with pytest.raises(ValueError, match="p must be probabilities"):
        draw(np.array([0.0, np.nan]), 0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("likely", [0.0, 0.4, 0.69, 3.3])
def test_draw_never_takes_a_token_of_no_probability(dtype, likely):
    logits = np.array([-np.inf, likely, -np.inf], dtype)
    assert draw(logits, 1 - 2.0**-53) == 1
    assert draw(logits, 0.0) == 1

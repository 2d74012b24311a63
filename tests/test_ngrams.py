"""n-gram models against a slow dictionary version, their defining properties, and sources of known entropy."""

from collections import Counter
from time import process_time

import numpy as np
import pytest

from course_utils.ngrams import NGram
from course_utils.tasks.processes import EVEN, GOLDEN_MEAN
from course_utils.vocabulary import Vocabulary

SETTINGS = [(n, smoothing) for n in (1, 2, 3, 5) for smoothing in ("kneser-ney", "add-k", "none")]


def slow(ids, n, V, smoothing, k, context, w):
    """p(w | context) straight from the definitions, by walking over the text with tuples."""
    ids, u = tuple(ids), tuple(context)[max(len(context) - n + 1, 0) :]
    counts = Counter(ids[i : i + len(u) + 1] for i in range(len(ids) - len(u)))
    if smoothing != "kneser-ney":
        k = k if smoothing == "add-k" else 0
        total = sum(c for gram, c in counts.items() if gram[:-1] == u) + k * V
        return (counts[(*u, w)] + k) / total if total else 1 / V
    if len(u) < n - 1:
        before = {ids[i : i + len(u) + 2] for i in range(len(ids) - len(u) - 1)}
        counts = Counter(gram[1:] for gram in before)
    n1, n2 = (sum(c == times for c in counts.values()) for times in (1, 2))
    d = n1 / (n1 + 2 * n2) if n1 else 0.5
    lower = slow(ids, n, V, smoothing, k, u[1:], w) if u else 1 / V
    after = [c for gram, c in counts.items() if gram[:-1] == u]
    if not after:
        return lower
    return max(counts[(*u, w)] - d, 0) / sum(after) + d * len(after) / sum(after) * lower


@pytest.mark.parametrize(("n", "smoothing"), SETTINGS)
def test_probabilities_equal_the_definition_for_seen_and_unseen_contexts(n, smoothing):
    rng, V = np.random.default_rng(n), 6
    ids = rng.integers(0, V - 1, 60) // rng.integers(1, 3, 60)  # token 5 never occurs
    model = NGram(n, V, smoothing, k=0.3).fit(ids)
    for context in [
        *(ids[i : i + 4] for i in range(8)),
        np.array([5, 5, 5, 5]),
        np.array([0, 5, 1, 2]),
        ids[:2],
        ids[:0],
    ]:
        expected = [slow(ids, n, V, smoothing, 0.3, context, w) for w in range(V)]
        np.testing.assert_allclose(model.probs(context), expected, atol=1e-13)


@pytest.mark.parametrize(("n", "smoothing"), SETTINGS)
def test_probabilities_sum_to_one(n, smoothing):
    rng = np.random.default_rng(1)
    model = NGram(n, 7, smoothing).fit(rng.integers(0, 5, 200))
    for _ in range(30):
        assert model.probs(rng.integers(0, 7, rng.integers(0, 8))).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("n", "smoothing"), SETTINGS)
def test_scoring_a_text_equals_asking_token_by_token(n, smoothing):
    rng = np.random.default_rng(2)
    model, text = NGram(n, 4, smoothing).fit(rng.integers(0, 4, 90)), rng.integers(0, 4, 25)
    with np.errstate(divide="ignore"):
        expected = [np.log(model.probs(text[:t])[w]) for t, w in enumerate(text)]
    np.testing.assert_allclose(model.log_prob(text), expected, atol=1e-12)
    assert model.cross_entropy(text) == pytest.approx(-np.mean(expected))


def test_francisco_is_frequent_but_follows_san_only():
    text = ("san francisco " * 20 + "a pear the pear my pear one pear big pear").split()
    vocabulary = Vocabulary.from_tokens(text)
    ids, (francisco, pear, unknown) = vocabulary.encode(text), vocabulary.encode(["francisco", "pear", "<unk>"])
    counted = NGram(2, len(vocabulary), "add-k").fit(ids)
    knows = NGram(2, len(vocabulary), "kneser-ney").fit(ids)
    assert counted.probs([])[francisco] > counted.probs([])[pear]
    assert knows.probs([unknown])[pear] > 2 * knows.probs([unknown])[francisco]


def test_smoothed_models_never_give_zero_and_unsmoothed_ones_do():
    ids = np.array([0, 1, 0, 1, 2, 0, 1])
    text = np.array([2, 2, 3, 0])
    for smoothing in ("kneser-ney", "add-k"):
        assert np.isfinite(NGram(3, 4, smoothing).fit(ids).cross_entropy(text))
    assert NGram(3, 4, "none").fit(ids).cross_entropy(text) == np.inf


def test_a_bigram_reaches_the_floor_of_the_golden_mean_and_the_window_entropy_of_the_even_process():
    rng = np.random.default_rng(3)
    for process, n in [(GOLDEN_MEAN, 2), (EVEN, 2), (EVEN, 5)]:
        model = NGram(n, 2).fit(process.sample(rng, 100_000))
        bits = model.cross_entropy(process.sample(rng, 100_000)) / np.log(2)
        assert bits == pytest.approx(process.h(n - 1), abs=0.01)


def test_size_counts_the_stored_n_grams_of_all_orders():
    assert NGram(2, 3, "none").fit(np.array([0, 1, 0, 1, 2])).size == 3 + 3


def test_samples_follow_the_model_and_the_generator():
    model = NGram(2, 2).fit(GOLDEN_MEAN.sample(np.random.default_rng(4), 20_000))
    drawn = model.sample(np.random.default_rng(5), 3_000)
    assert drawn.shape == (3_000,) and drawn.dtype == np.int64
    assert drawn.mean() == pytest.approx(2 / 3, abs=0.03)
    assert np.mean((drawn[1:] == 0) & (drawn[:-1] == 0)) < 0.002
    np.testing.assert_array_equal(drawn, model.sample(np.random.default_rng(5), 3_000))
    assert model.sample(np.random.default_rng(6), 4, context=[1]).shape == (4,)


@pytest.mark.parametrize("V", [30, 300])
def test_a_hundred_thousand_tokens_are_scored_in_well_under_a_second(V):
    rng = np.random.default_rng(7)
    ids = (V * rng.random(200_000) ** 3).astype(int)
    model = NGram(5, V).fit(ids[:100_000])
    before = process_time()
    model.log_prob(ids[100_000:])
    assert process_time() - before < 0.8


def test_the_text_given_is_not_changed():
    ids = np.array([0, 1, 2, 0, 1], dtype=np.int16)
    NGram(2, 3).fit(ids).log_prob(ids)
    np.testing.assert_array_equal(ids, [0, 1, 2, 0, 1])


def test_bad_input_is_named():
    with pytest.raises(OverflowError, match=r"300\*\*8"):
        NGram(8, 300)
    with pytest.raises(ValueError, match="smoothing"):
        NGram(2, 3, "laplace")
    with pytest.raises(ValueError, match="k: expected"):
        NGram(2, 3, "add-k", k=0)
    with pytest.raises(ValueError, match="n, V"):
        NGram(0, 3)
    with pytest.raises(ValueError, match="fit"):
        NGram(2, 3).probs([0])
    with pytest.raises(ValueError, match="V - 1 = 2"):
        NGram(2, 3).fit(np.array([0, 3]))
    with pytest.raises(TypeError, match="integers"):
        NGram(2, 3).fit(np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="at least n = 4"):
        NGram(4, 3).fit(np.array([0, 1]))
    with pytest.raises(ValueError, match="at least one token"):
        NGram(1, 2).fit(np.array([0, 1])).cross_entropy([])

"""The engine's numbers are exact, shown on grammars small enough to enumerate."""

from itertools import product

import numpy as np
import pytest

from course_utils.tasks.pcfg import Grammar

# Three letters or fewer, then c: all texts can be written down.
FINITE = Grammar(
    {"S": {"Letter S2": 0.6, "C": 0.4}, "S2": {"": 0.25, "Letter@last": 0.75}},
    {"Letter": {"a": 0.7, "b": 0.3}, "C": {"c": 1.0}},
    "S",
)
ENDLESS = Grammar({"S": {"A S": 0.3, "B": 0.7}}, {"A": {"a": 1.0}, "B": {"b": 0.5, "c": 0.5}}, "S")
TWO_WAYS = Grammar({"S": {"A": 0.5, "B": 0.5}}, {"A": {"x": 1.0}, "B": {"x": 0.2, "y": 0.8}}, "S")


def probability(grammar, words):
    p, belief = 1.0, grammar.begin()
    for word in (*words, None):
        q, belief = grammar.read(belief, word)
        p *= q
    return p


def texts(letters, longest):
    return [words for n in range(longest + 1) for words in product(letters, repeat=n)]


def test_probabilities_of_all_texts_sum_to_one_and_give_the_entropy_and_the_length():
    p = np.array([probability(FINITE, words) for words in texts("abc", 3)])
    lengths = np.array([len(words) for words in texts("abc", 3)])
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert FINITE.length == pytest.approx(p @ lengths, abs=1e-12)
    p = p[p > 0]
    assert FINITE.entropy == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-12)


def test_right_recursion_is_summed_to_infinity():
    # A geometric number of a's, then one of two letters.
    p = 0.7 * 0.3 ** np.arange(80)
    assert ENDLESS.entropy == pytest.approx(-(p * np.log2(p)).sum() + 1, abs=1e-12)
    assert ENDLESS.length == pytest.approx(0.3 / 0.7 + 1, abs=1e-12)
    assert probability(ENDLESS, "aaab") == pytest.approx(0.3**3 * 0.7 * 0.5)


def test_all_derivations_of_an_ambiguous_text_count():
    assert probability(TWO_WAYS, "x") == pytest.approx(0.5 + 0.5 * 0.2)


def test_next_words_are_ratios_of_sums_over_texts():
    everything = {words: probability(FINITE, words) for words in texts("abc", 3)}
    _, belief = FINITE.read(FINITE.begin(), "b")
    total = sum(p for words, p in everything.items() if words[:1] == ("b",))
    for word, p in FINITE.next_words(belief).items():
        wanted = sum(q for words, q in everything.items() if words[0:1] == ("b",) and (*words, None)[1] == word)
        assert p == pytest.approx(wanted / total)
    assert set(FINITE.next_words(belief)) == {"a", "b", None}


def test_ambiguity_is_found_where_it_is_and_nowhere_else():
    assert FINITE.ambiguity() is None and ENDLESS.ambiguity() is None
    assert TWO_WAYS.ambiguity() is not None
    later = Grammar(
        {"S": {"A B": 0.5, "A C A": 0.5}, "C": {"": 0.5, "A": 0.5}}, {"A": {"a": 1.0}, "B": {"b": 1.0}}, "S"
    )
    assert later.ambiguity() is None
    merging = Grammar({"S": {"A A": 0.5, "A C": 0.5}, "C": {"": 0.5, "A": 0.5}}, {"A": {"a": 1.0}}, "S")
    assert merging.ambiguity() is not None


def test_readings_that_part_but_never_both_finish_are_no_ambiguity():
    parted = Grammar(
        {"S": {"X B": 0.5, "Y C": 0.5}}, {"X": {"a": 1.0}, "Y": {"a": 1.0}, "B": {"b": 1.0}, "C": {"c": 1.0}}, "S"
    )
    assert parted.ambiguity() is None


def test_derivations_are_drawn_as_often_as_they_should():
    rng = np.random.default_rng(0)
    drawn = ["".join(FINITE.derive(rng).words) for _ in range(20_000)]
    for words in texts("abc", 2):
        assert drawn.count("".join(words)) / 20_000 == pytest.approx(probability(FINITE, words), abs=0.015)


def test_a_derivation_knows_its_classes_phrases_and_probability():
    rng = np.random.default_rng(1)
    derivation = next(d for d in (FINITE.derive(rng) for _ in range(99)) if len(d.words) == 2)
    assert derivation.classes == ("Letter", "Letter@last")
    assert derivation.phrases == (("S2", 1, 2), ("S", 0, 2))
    assert derivation.log_prob == pytest.approx(np.log(probability(FINITE, derivation.words)))


def test_broken_tables_are_refused_by_name():
    with pytest.raises(ValueError, match="S: expected probabilities"):
        Grammar({"S": {"A": 0.5}}, {"A": {"a": 1.0}}, "S")
    with pytest.raises(ValueError, match="'B' has neither"):
        Grammar({"S": {"A B": 1.0}}, {"A": {"a": 1.0}}, "S")

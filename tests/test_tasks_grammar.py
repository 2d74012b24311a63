"""What the corpus says about itself is true: probabilities, entropy, agreement, tags, polarity, phrases."""

from collections import Counter, defaultdict
from functools import cache

import numpy as np
import pytest

from course_utils.tasks import grammar
from course_utils.tasks.grammar_rules import END, RULES, SENTENCE, WORDS, numbered, weighted
from course_utils.tasks.pcfg import Grammar


@pytest.fixture(scope="module")
def sentences():
    return grammar.corpus(np.random.default_rng(11), 3_000)


def inside(words):
    """p(words) by trying every way to cut the words into parts, from the tables alone."""
    rules, classes = numbered(RULES), weighted(WORDS)

    @cache
    def derives(symbols, start, stop):
        if not symbols:
            return float(start == stop)
        first, rest = symbols[0], symbols[1:]
        if first not in rules:
            p = classes[first.split("@")[0]].get(words[start], 0.0) if start < stop else 0.0
            return p and p * derives(rest, start + 1, stop)
        return sum(one(first, start, cut) * derives(rest, cut, stop) for cut in range(start, stop + 1))

    @cache
    def one(symbol, start, stop):
        return sum(p * derives(tuple(right.split()), start, stop) for right, p in rules[symbol].items())

    return one(SENTENCE, 0, len(words))


def test_no_text_has_two_derivations():
    assert grammar.GRAMMAR.ambiguity() is None


def test_a_word_that_made_texts_ambiguous_would_be_found():
    # "the dog that loves the light walks near the light walks": adjective or noun, noun or verb?
    words = dict(WORDS, Plain=WORDS["Plain"] + " light")
    ambiguous = Grammar(numbered(RULES), weighted(words), SENTENCE)
    assert ambiguous.ambiguity() is not None


def test_the_sum_over_all_derivations_is_the_probability_of_the_drawn_one(sentences):
    for sentence in sentences:
        assert grammar.sentence_log_prob(sentence.words) == pytest.approx(sentence.log_prob, abs=1e-10)


def test_the_forward_algorithm_equals_a_search_over_all_cuts(sentences):
    for sentence in sentences[:40]:
        assert np.log(inside(sentence.words)) == pytest.approx(sentence.log_prob, abs=1e-10)


def test_the_exact_entropy_is_the_mean_surprise_within_its_standard_error(sentences):
    bits = -np.array([sentence.log_prob for sentence in sentences]) / np.log(2)
    assert abs(bits.mean() - grammar.sentence_entropy()) < 3.5 * bits.std() / np.sqrt(len(bits))
    lengths = np.array([len(sentence.words) + 1 for sentence in sentences])
    assert abs(lengths.mean() - grammar.mean_length()) < 3.5 * lengths.std() / np.sqrt(len(bits))
    assert grammar.token_entropy() == pytest.approx(bits.sum() / lengths.sum(), rel=0.01)


def test_the_best_predictor_pays_the_probability_of_the_sentence(sentences):
    for sentence in sentences[:30]:
        stream = (*sentence.words, END)
        ids = grammar.VOCABULARY.encode(stream)
        predictions = [grammar.next_token_distribution(stream[:t]) for t in range(len(stream))]
        assert all(p.sum() == pytest.approx(1) for p in predictions)
        paid = [np.log(p[i]) for p, i in zip(predictions, ids, strict=True)]
        np.testing.assert_allclose(paid, grammar.token_log_probs(sentence.words), atol=1e-10)
        assert sum(paid) == pytest.approx(sentence.log_prob)


def test_the_sentences_shown_in_the_text_are_sentences():
    shown = [
        line.strip().split("    ")[0]
        for line in grammar.__doc__.splitlines()
        if line.startswith("    ") and " ." in line
    ]
    assert len(shown) == 2
    assert all(np.isfinite(grammar.sentence_log_prob(words.split())) for words in shown)


def test_agreement_names_a_noun_and_a_verb_of_its_number(sentences):
    forms = {"singular": ".s", "plural": ".p"}
    for words, tags, _, (subject, verb, number, distance, attractors), _, _ in sentences:
        assert verb - subject == distance >= 1
        assert tags[subject] in ("NOUN", "PRON") and tags[verb] in ("VERB", "AUX")
        nouns, verbs = (
            {
                w
                for name, listed in WORDS.items()
                if name.endswith(forms[number]) and name[:-2] in kinds
                for w in listed.split()
            }
            for kinds in (("Being", "Pronoun"), ("Sleep", "Watch", "Love", "Hate", "Be", "Do"))
        )
        assert words[subject] in nouns and words[verb] in verbs
        between = [w for w, tag in zip(words[subject:verb], tags[subject:verb], strict=True) if tag == "NOUN"]
        plural = [any(w in WORDS[name].split() for name in ("Being.p", "Thing.p")) for w in between]
        assert attractors == sum(p != (number == "plural") for p in plural)


def polarity_by_reading(words, verb):
    """From the agreeing verb on: the first word that decides, and the negations in front of it."""
    good = {w for c in ("Good", "Love.s", "Love.p") for w in WORDS[c].split()}
    bad = {w for c in ("Bad", "Hate.s", "Hate.p") for w in WORDS[c].split()}
    rest = [w for w in words[verb:] if w not in WORDS["Degree"].split() and w != "not"]
    main = rest[1] if rest[0] in ("is", "are", "do", "does") else rest[0]
    sign = (main in good) - (main in bad)
    negated = words[verb - 1] == "never" or words[verb + 1 : verb + 2] == ("not",)
    return ("neutral", "positive", "negative")[-sign if negated else sign]


def test_polarity_follows_from_the_words_of_the_main_predicate(sentences):
    for sentence in sentences:
        assert sentence.polarity == polarity_by_reading(sentence.words, sentence.agreement.verb)
    counts = Counter(sentence.polarity for sentence in sentences)
    assert min(counts.values()) > len(sentences) / 5


def test_quotes_come_in_pairs_around_a_clause(sentences):
    quoted = [sentence for sentence in sentences if '"' in sentence.words]
    assert len(quoted) > len(sentences) / 6
    for words, _, _, agreement, phrases, _ in quoted:
        opened, closed = (i for i, w in enumerate(words) if w == '"')
        assert opened < agreement.subject < agreement.verb < closed
        assert ("S", opened + 1, closed) in phrases


def test_phrases_nest_and_are_not_empty(sentences):
    for sentence in sentences[:300]:
        for _, a, b in sentence.phrases:
            assert 0 <= a < b <= len(sentence.words)
            assert all(d <= a or b <= c or (a <= c and d <= b) or (c <= a and b <= d) for _, c, d in sentence.phrases)
        assert {"S", "NP", "VP"} <= {phrase.label for phrase in sentence.phrases}


def test_many_words_carry_two_tags(sentences):
    seen = defaultdict(set)
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            seen[word].add(tag)
    assert {"NOUN", "VERB"} == seen["walks"] and {"DET", "PRON"} == seen["that"] and {"ADJ", "ADV"} == seen["fast"]
    assert sum(len(tags) > 1 for tags in seen.values()) >= 20


def test_the_corpus_has_the_size_that_lessons_count_on(sentences):
    lengths = [len(sentence.words) for sentence in sentences]
    assert 200 <= len(grammar.VOCABULARY) <= 300
    assert np.mean([5 <= n <= 20 for n in lengths]) > 0.75
    assert np.mean([sentence.agreement.distance >= 5 for sentence in sentences]) > 0.2


def test_stream_and_text_hold_the_same_words(sentences):
    stream = grammar.tokens(sentences[:50])
    assert stream == grammar.text(sentences[:50]).split() and stream.count(END) == 50
    np.testing.assert_array_equal(np.unique(grammar.VOCABULARY.encode(stream)) >= 0, True)
    assert grammar.text(sentences[:2]).count("\n") == 2


@pytest.mark.parametrize("distance", [1, 4, 9])
def test_only_the_right_verb_form_can_follow(distance):
    pairs = grammar.minimal_pairs(np.random.default_rng(2), distance, n=40)
    assert len(pairs) == 40
    for prefix, right, wrong, attractors in pairs:
        p = grammar.next_token_distribution(prefix)
        assert p[grammar.VOCABULARY.ids[right]] > 0 == p[grammar.VOCABULARY.ids[wrong]]
        assert 0 <= attractors < distance
    if distance > 1:
        assert any(pair.attractors for pair in pairs)


def test_the_same_seed_gives_the_same_corpus():
    assert grammar.corpus(np.random.default_rng(5), 20) == grammar.corpus(np.random.default_rng(5), 20)


def test_impossible_texts_have_no_probability_and_bad_input_is_named():
    assert grammar.sentence_log_prob(["the", "dogs", "sleeps"]) == -np.inf
    assert grammar.sentence_log_prob([]) == -np.inf
    assert np.isfinite(grammar.sentence_log_prob(["the", "dogs", "sleep", END]))
    with pytest.raises(ValueError, match="'sleeps' at position 2"):
        grammar.next_token_distribution(["the", "dogs", "sleeps"])
    with pytest.raises(ValueError, match="'zebra' at position 1"):
        grammar.sentence_log_prob(["the", "zebra"])
    with pytest.raises(TypeError, match="expected a list of words"):
        grammar.sentence_log_prob("the dogs sleep")
    with pytest.raises(ValueError, match="distance: 50 sentences"):
        grammar.minimal_pairs(np.random.default_rng(0), 40, n=1, tries=50)


def test_word_tags_hold_every_word_and_every_tag_that_texts_show(sentences):
    tags = grammar.word_tags()
    assert {*tags, END} == set(grammar.VOCABULARY.symbols)
    shown = {(word, tag) for s in sentences for word, tag in zip(s.words, s.tags, strict=True)}
    assert all(tag in tags[word] for word, tag in shown)
    assert sum(len(kinds) for kinds in tags.values()) - len(shown) < 20  # nearly all of them show in 3,000 sentences
    assert tags["cook"] == ("NOUN", "VERB") and tags["dog"] == ("NOUN",)

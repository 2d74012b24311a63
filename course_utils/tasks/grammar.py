"""A corpus of little English sentences about which everything is known: who agrees with whom, tags, polarity, entropy.

    the dogs near the garden are not very good .            negative; "dogs" and "are" agree over "garden"
    Anna said " the cook that the judges fear sleeps " .    neutral; "cook" and "judges" could be verbs

The rules and words are in `grammar_rules`, the engine in `pcfg`. Each sentence is drawn independently; in a stream of
tokens each is followed by END. Because no text has two derivations (tested), the entropy of the stream is exact:

    bits per token = H(sentence) / E[number of words + 1]

*Polarity.* The main predicate alone decides: `good` words and verbs of liking count +1, `bad` words and verbs of disliking
-1, and not, never turn the sign. Words of praise elsewhere ("the good cook is lazy") and a "not" in a neutral predicate
do not count. In direct speech it is the predicate of what is said.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from course_utils.tasks.grammar_rules import END, PHRASES, RULES, SENTENCE, TAGS, WORDS, numbered, weighted
from course_utils.tasks.pcfg import Grammar
from course_utils.vocabulary import Vocabulary


class Agreement(NamedTuple):
    """The subject's head and the verb that agrees with it."""

    subject: int  # place of the head noun or pronoun among the words
    verb: int  # place of the verb
    number: str  # "singular" or "plural"
    distance: int  # verb - subject: 1 if they are neighbours
    attractors: int  # nouns of the other number between them


class Phrase(NamedTuple):
    """The words start, ..., stop - 1 belong together: S, NP, VP, PP or RC (relative clause)."""

    label: str
    start: int
    stop: int


class Sentence(NamedTuple):
    """One sentence, without END, and all that is known about it."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    polarity: str  # "positive", "negative" or "neutral"
    agreement: Agreement
    phrases: tuple[Phrase, ...]
    log_prob: float  # nats, END included


class MinimalPair(NamedTuple):
    """The same beginning with a verb form that can follow and one that cannot."""

    prefix: tuple[str, ...]
    right: str
    wrong: str
    attractors: int


GRAMMAR = Grammar(numbered(RULES), weighted(WORDS), SENTENCE)
VOCABULARY = Vocabulary.from_tokens([END, *(w for words in GRAMMAR.classes.values() for w in words)], unknown=None)


def sample(rng: np.random.Generator) -> Sentence:
    """Draw one sentence."""
    words, classes, phrases, log_prob = GRAMMAR.derive(rng)
    tags = tuple(TAGS[c.split("@")[0].split(".")[0]] for c in classes)
    named = tuple(Phrase(PHRASES[s.split(".")[0]], a, b) for s, a, b in phrases if s.split(".")[0] in PHRASES)
    return Sentence(words, tags, _polarity(classes), _agreement(classes), named, log_prob)


def corpus(rng: np.random.Generator, n_sentences: int) -> list[Sentence]:
    """Draw `n_sentences` independent sentences."""
    return [sample(rng) for _ in range(n_sentences)]


def tokens(sentences: Iterable[Sentence]) -> list[str]:
    """One stream of words, END after each sentence."""
    return [word for sentence in sentences for word in (*sentence.words, END)]


def text(sentences: Iterable[Sentence]) -> str:
    """The same stream as a text with one sentence on each line."""
    return "".join(" ".join((*sentence.words, END)) + "\n" for sentence in sentences)


def word_tags() -> dict[str, tuple[str, ...]]:
    """All tags that each word can have, END left out: {"dog": ("NOUN",), "cook": ("NOUN", "VERB"), ...}."""
    found: dict[str, set] = {}
    for c, words in GRAMMAR.classes.items():
        for word in words:
            found.setdefault(word, set()).add(TAGS[c.split("@")[0].split(".")[0]])
    return {word: tuple(sorted(tags)) for word, tags in found.items()}


def sentence_entropy() -> float:
    """Exact entropy of a sentence, in bits."""
    return GRAMMAR.entropy


def mean_length() -> float:
    """Exact expected number of tokens of a sentence, END included."""
    return GRAMMAR.length + 1


def token_entropy() -> float:
    """Exact entropy of the stream in bits per token, END included: the floor under every language model."""
    return sentence_entropy() / mean_length()


def token_log_probs(words: Sequence[str]) -> np.ndarray:
    """log p(word | words before it) in nats, exactly, for one sentence and its END: (len(words) + 1,).

    An impossible word gets -inf, and so does all that follows it. `words` may carry its END.
    """
    words = _checked(words)
    words = words[:-1] if words and words[-1] == END else words
    belief, p = GRAMMAR.begin(), np.zeros(len(words) + 1)
    for t, word in enumerate((*words, None)):
        p[t], belief = GRAMMAR.read(belief, word)
    with np.errstate(divide="ignore"):
        return np.log(p)


def sentence_log_prob(words: Sequence[str]) -> float:
    """log p of a whole sentence with its END, in nats, over all derivations; -inf if the grammar cannot make it."""
    return float(token_log_probs(words).sum())


def next_token_distribution(prefix: Sequence[str]) -> np.ndarray:
    """p(next token | the sentence so far), exactly: (V,) in the order of VOCABULARY. `prefix` starts at a sentence's start.

    Raises ValueError if no sentence starts so, naming the word at which it fails.
    """
    belief = GRAMMAR.begin()
    for t, word in enumerate(_checked(prefix)):
        p, belief = GRAMMAR.read(belief, word)
        if not p:
            raise ValueError(
                f"prefix: no sentence goes on with {word!r} at position {t} after {' '.join(prefix[:t])!r}."
            )
    out = np.zeros(len(VOCABULARY))
    for word, p in GRAMMAR.next_words(belief).items():
        out[VOCABULARY.ids[END if word is None else word]] = p
    return out


def minimal_pairs(rng: np.random.Generator, distance: int, n: int = 100, tries: int = 200_000) -> list[MinimalPair]:
    """n beginnings of sentences that end just before a verb, `distance` words after its subject, with both verb forms.

    Raises ValueError if the grammar makes (almost) no such sentence within `tries` draws.
    """
    pairs = []
    for _ in range(tries):
        if len(pairs) == n:
            return pairs
        sentence = sample(rng)
        if sentence.agreement.distance == distance:
            pairs.append(minimal_pair(sentence))
    raise ValueError(
        f"distance: {tries} sentences gave {len(pairs)} of {n} pairs at distance {distance}; choose 1 to 12."
    )


def minimal_pair(sentence: Sentence) -> MinimalPair:
    """The pair at the verb that agrees with the sentence's subject."""
    at = sentence.agreement.verb
    verb = sentence.words[at]
    return MinimalPair(sentence.words[:at], verb, _other_forms()[verb], sentence.agreement.attractors)


@cache
def _other_forms():
    """{verb: the same verb in the other number}."""
    pairs = [(s, p) for c in ("Sleep", "Watch", "Love", "Hate", "Be", "Do")
             for s, p in zip(WORDS[c + ".s"].split(), WORDS[c + ".p"].split(), strict=True)]  # fmt: skip
    return dict(pairs) | {p: s for s, p in pairs}


def _polarity(classes):
    roles = [role for c in classes for role in c.split("@")[1:]]
    sign = roles.count("positive") - roles.count("negative")
    return ("neutral", "positive", "negative")[sign * (-1) ** roles.count("negation")]


def _agreement(classes):
    subject, verb = (next(i for i, c in enumerate(classes) if f"@{role}" in c) for role in ("subject", "verb"))
    number = classes[subject].split("@")[0][-1]
    other = {f"{noun}.{'p' if number == 's' else 's'}" for noun in ("Being", "Thing")}
    attractors = sum(c in other for c in classes[subject:verb])
    return Agreement(subject, verb, {"s": "singular", "p": "plural"}[number], verb - subject, attractors)


def _checked(words):
    if isinstance(words, str):
        raise TypeError("words: expected a list of words, got one str; split it first.")
    VOCABULARY.encode(words)
    return tuple(words)

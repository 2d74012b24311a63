"""Exercise 1.1: the log-probability of a sentence under a bigram model."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.1",
    points=2,
    hints=(
        "The chain rule is a product of one factor for each word; its logarithm is a sum. Which array holds which factor?",
        "The first word has nothing before it: first[ids[0]]. The pairs (word before, word) are ids[:-1] beside ids[1:].",
        "following[ids[:-1], ids[1:]] picks all T - 1 later factors at once: take logs, sum, and add the log of the first.",
    ),
)
def sentence_log_prob(ids: np.ndarray, first: np.ndarray, following: np.ndarray) -> float:
    """log p in nats of ids (T,), with first (V,) for the first word and following[u, w] (V, V) = p(w | u)."""
    return np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.cases
def _(rng):
    table = lambda V: rng.dirichlet(np.ones(V), size=V + 1)  # noqa: E731
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3], [0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
    yield case("three words, three factors", np.array([1, 0, 2]), p[0], p[1:])
    yield case("a single word has only the first factor", np.array([2]), p[0], p[1:])
    p = table(5)
    yield case("seven words", rng.permutation(7) % 5, p[0], p[1:])
    yield case("the same word again and again", np.full(6, 3), p[0], p[1:])
    yield case("200 words", rng.integers(0, 5, 200), p[0], p[1:])
    p = table(40)
    yield case("2,000 words: the probability is too small for a float, its logarithm is not",
               rng.integers(0, 40, 2000), p[0], p[1:])  # fmt: skip
    never = np.array([[0.5, 0.5], [0.0, 1.0], [0.5, 0.5]])
    yield case("one factor is 0: the text is impossible, log p = -inf", np.array([1, 0, 0, 1]), never[0], never[1:])


@sentence_log_prob.mistake("the first word is missing: its factor is first[ids[0]], because nothing stands before it")
def _(ids, first, following):
    return np.log(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.mistake(
    "the product of so many probabilities is rounded to 0, whose log is -inf: take logs first, then sum"
)
def _(ids, first, following):
    return np.log(first[ids[0]] * np.prod(following[ids[:-1], ids[1:]]))


@sentence_log_prob.mistake(
    "the table is read the wrong way round: following[u, w] has the word before first, then the word"
)
def _(ids, first, following):
    return np.log(first[ids[0]]) + np.log(following[ids[1:], ids[:-1]]).sum()


@sentence_log_prob.mistake(
    "each word is scored by following[word, word], as if it came after itself: shift the two by one place"
)
def _(ids, first, following):
    return np.log(first[ids[0]]) + np.log(following[ids[1:], ids[1:]]).sum()


@sentence_log_prob.mistake(
    "every word is scored by `first`, as if nothing stood before it: then the order of the words would not matter"
)
def _(ids, first, following):
    return np.log(first[ids]).sum()


@sentence_log_prob.mistake("this is the mean over the words; the score of a whole text is the sum")
def _(ids, first, following):
    return (np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum()) / len(ids)


@sentence_log_prob.mistake(
    "the sign is turned: log p of a text is not above 0, and a more probable text has the larger one"
)
def _(ids, first, following):
    return -(np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum())


@sentence_log_prob.mistake(
    "this is the probability itself, which is rounded to 0 for a long text; return its logarithm"
)
def _(ids, first, following):
    return first[ids[0]] * np.prod(following[ids[:-1], ids[1:]])


@sentence_log_prob.mistake(
    "something small is added before the log, so an impossible text seems possible: log 0 = -inf is the right answer"
)
def _(ids, first, following):
    return np.log(first[ids[0]] + 1e-12) + np.log(following[ids[:-1], ids[1:]] + 1e-12).sum()


@sentence_log_prob.mistake("these are bits, logarithms to base 2; nats take np.log, the natural logarithm")
def _(ids, first, following):
    return np.log2(first[ids[0]]) + np.log2(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.variant
def _(ids, first, following):
    total = np.log(first[ids[0]])
    for t in range(1, len(ids)):
        total = total + np.log(following[ids[t - 1], ids[t]])
    return total


@sentence_log_prob.variant
def _(ids, first, following):
    rows = np.vstack([first, following[ids[:-1]]])
    return np.log(rows[np.arange(len(ids)), ids]).sum()

"""Exercise 1.6: in how many contexts a word is found."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.6",
    points=1,
    hints=(
        "How often a pair occurred plays no part here, only whether it occurred at all.",
        "(C > 0) is True for each different pair. The words before w lie down the column w.",
        "kinds = (C > 0).sum(axis=0), one number for each word w; then divide by their sum, so that it is a distribution.",
    ),
)
def continuation(C: np.ndarray) -> np.ndarray:
    """Continuation probability (V,) of every word w: its share of the different pairs u w in the counts C[u, w] (V, V)."""
    kinds = (C > 0).sum(axis=0)
    return kinds / kinds.sum()


@continuation.cases
def _(rng):
    yield case("one pair 100 times, three others once", np.array([[0, 100, 0], [1, 0, 0], [0, 1, 1]]))
    yield case(
        "a word that comes after every other", np.array([[0, 3, 0, 1], [0, 1, 5, 0], [0, 2, 0, 0], [0, 4, 0, 0]])
    )
    yield case("seven words", rng.poisson(0.7, (7, 7)) + np.diag(np.arange(7)))
    yield case("a word that never follows anything gets 0", np.array([[0, 0], [2, 9]])[:, ::-1].copy())


@continuation.mistake("it sums how often each pair occurred; what counts is how many *different* words came before")
def _(C):
    return C.sum(axis=0) / C.sum()


@continuation.mistake("it counts the different words after each word; continuation asks for those before it")
def _(C):
    kinds = (C > 0).sum(axis=1)
    return kinds / kinds.sum()


@continuation.mistake("these are numbers of words; divide by their sum, so that they become probabilities")
def _(C):
    return (C > 0).sum(axis=0)


@continuation.mistake(
    "it divides by V, so the result does not sum to 1: divide by the number of different pairs in the whole table"
)
def _(C):
    return (C > 0).mean(axis=0)


@continuation.variant
def _(C):
    pairs = np.argwhere(C > 0)
    return np.bincount(pairs[:, 1], minlength=len(C)) / len(pairs)


@continuation.variant
def _(C):
    seen = np.minimum(C, 1)
    return np.einsum("uw->w", seen) / np.count_nonzero(C)

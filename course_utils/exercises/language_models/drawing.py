"""Exercise 1.3: a draw from a distribution by one uniform number."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.3",
    points=2,
    hints=(
        "Lay the probabilities end to end along the line from 0 to 1. Which piece does u fall into?",
        "np.cumsum(p) holds the right ends of the pieces, each not part of its piece. You want the first right end above u.",
        "np.argmax on booleans gives the place of the first True: compare F / F[-1] with u, strictly, where F = np.cumsum(p).",
    ),
)
def inverse_transform(p: np.ndarray, u: float) -> int:
    """The first index at which the cumulative sum of the probabilities p (V,) exceeds u, with 0 <= u < 1."""
    F = np.cumsum(p)
    return int(np.argmax(F / F[-1] > u))


@inverse_transform.cases
def _(rng):
    yield case("four tokens in no special order, u in the second piece", np.array([0.125, 0.5, 0.125, 0.25]), 0.3)
    p = np.array([0.25, 0.5, 0.125, 0.125])
    yield case("u in the middle of the second piece", p, 0.5)
    yield case("u near 1 falls into the last piece", p, 0.99)
    yield case("u = 0 falls into the first piece", p, 0.0)
    yield case("u exactly on the border of two pieces belongs to the second of them", p, 0.25)
    yield case("a token of probability 0 is never drawn, not even at u = 0", np.array([0.0, 0.5, 0.5]), 0.0)
    yield case("a token of probability 0 between two others", np.array([0.5, 0.0, 0.5]), 0.5)
    yield case("a single token", np.array([1.0]), 0.7)
    yield case("the largest probability comes first, and u is large", np.array([0.625, 0.25, 0.125]), 0.9)
    for u in (0.02, 0.13, 0.21, 0.34, 0.46, 0.58, 0.71, 0.83):
        yield case(f"seven tokens, u = {u}", rng.dirichlet(np.ones(7)), u)


@inverse_transform.mistake(
    "on a border the wrong piece wins, so a token of probability 0 can be drawn: the sum must *exceed* u, > and not >="
)
def _(p, u):
    return int(np.argmax(np.cumsum(p) >= u))


@inverse_transform.mistake("p is sorted first, so the index belongs to another token: add up p in the order given")
def _(p, u):
    return int(np.argmax(np.cumsum(np.sort(p)) > u))


@inverse_transform.mistake("p is sorted from high to low first, so the index belongs to another token: keep its order")
def _(p, u):
    return int(np.argmax(np.cumsum(np.sort(p)[::-1]) > u))


@inverse_transform.mistake("it compares u with the probabilities themselves; compare it with their cumulative sum")
def _(p, u):
    return int(np.argmax(p > u))


@inverse_transform.mistake("this is argmax: it never looks at u, so it draws the same token every time")
def _(p, u):
    return int(np.argmax(p))


@inverse_transform.mistake(
    "one too far back: this is the last index whose sum does not exceed u; the token drawn is the next one"
)
def _(p, u):
    return int(max(np.sum(np.cumsum(p) <= u) - 1, 0))


@inverse_transform.mistake(
    "this takes u as a place among the V tokens, as if all were equally likely: p has no say in it"
)
def _(p, u):
    return int(u * len(p))


@inverse_transform.mistake("this is the last index at which the sum exceeds u, always the last token; take the first")
def _(p, u):
    return int(np.flatnonzero(np.cumsum(p) > u)[-1])


@inverse_transform.variant
def _(p, u):
    return int(np.argmax(np.cumsum(p) > u))


@inverse_transform.variant
def _(p, u):
    return int(np.searchsorted(np.cumsum(p), u, side="right"))


@inverse_transform.variant
def _(p, u):
    total = 0.0
    for k, p_k in enumerate(p):
        total += p_k
        if total > u:
            return k


@inverse_transform.variant
def _(p, u):
    return np.sum(np.cumsum(p) <= u)

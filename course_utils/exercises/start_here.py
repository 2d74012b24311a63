"""Lesson 00: one warm-up exercise that shows the whole loop."""

import numpy as np

from .definition import case, exercise


@exercise(
    "0.1",
    points=1,
    hints=(
        "softmax(a) does not change when you add the same number to all scores. Which number makes exp safe?",
        "Subtract the largest score of each row first: a.max(axis=-1, keepdims=True) keeps the shape that subtracts.",
        "e = np.exp(a - a.max(axis=-1, keepdims=True)), then divide e by its sum over the last axis, keepdims=True again.",
    ),
)
def softmax(a: np.ndarray) -> np.ndarray:
    """Scores a (..., V) to probabilities (..., V): positive, summing to 1 over the last axis."""
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax.cases
def _(rng):
    yield case("one row of scores", rng.standard_normal(5))
    yield case("equal scores, equal probabilities", np.zeros(4))
    yield case("each row sums to 1", rng.standard_normal((3, 4)))
    yield case("as many rows as columns", rng.standard_normal((4, 4)))
    yield case("leading axes of any number", rng.standard_normal((2, 3, 5)))
    yield case("scores in the thousands", 1000 * rng.standard_normal((2, 3)))
    yield case("scores far below zero", -5000 + rng.standard_normal((2, 3)))
    yield case("one row far below another", rng.standard_normal((2, 3)) + np.array([[0.0], [3000.0]]))
    yield case("float32 stays float32", rng.standard_normal((2, 3)).astype(np.float32))


@softmax.mistake("it overflows: exp(1000) is too large for any float. Subtract the largest score of each row first")
def _(a):
    e = np.exp(a)
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake("the sum runs over all numbers, not over each row: a batch needs axis=-1")
def _(a):
    e = np.exp(a - a.max())
    return e / e.sum()


@softmax.mistake("it subtracts the largest score of the batch: a row far below it becomes 0 / 0. Take each row's own")
def _(a):
    e = np.exp(a - a.max())
    return e / e.sum(axis=-1, keepdims=True)


@softmax.mistake(
    "the sum runs over all numbers, not over each row; and exp(1000) overflows: subtract each row's largest score"
)
def _(a):
    e = np.exp(a)
    return e / e.sum()


@softmax.mistake("it normalises over the first axis; the scores of one prediction lie along the last")
def _(a):
    e = np.exp(a - a.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@softmax.mistake("it divides the scores themselves by their sum: the exponential that makes them positive is missing")
def _(a):
    return a / a.sum(axis=-1, keepdims=True)


@softmax.mistake("these are log-probabilities: take exp at the end")
def _(a):
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


@softmax.mistake("these are positive but do not sum to 1: divide them by the sum of their row")
def _(a):
    return np.exp(a)


@softmax.mistake("it changes the scores it was given: `a -= ...` writes into the caller's array. Write a = a - ...")
def _(a):
    a -= a.max(axis=-1, keepdims=True)
    e = np.exp(a)
    return e / e.sum(axis=-1, keepdims=True)


@softmax.variant
def _(a):
    a = a - a.max(axis=-1, keepdims=True)
    return np.exp(a - np.log(np.exp(a).sum(axis=-1, keepdims=True)))


@softmax.variant
def _(a):
    rows = a.reshape(-1, a.shape[-1])
    return np.stack([np.exp(r - r.max()) / np.exp(r - r.max()).sum() for r in rows]).reshape(a.shape)

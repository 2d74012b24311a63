"""Two languages that nobody can read without counting: aⁿbⁿ and aⁿbⁿcⁿ, with a start ^ and an end $. For n = 3:

    read        ^ a a a b b b
    predict     a a a b b b $
    settled     1 0 0 0 1 1 1      1 where only one symbol can follow

While a is read, a or b may follow: n is not known yet. From the first b on every symbol is settled by n, and so is the
first a, since n is at least 1. A network accepts a string if its most likely next symbol is right at every settled place.

Sources: Gers and Schmidhuber 2001 (the acceptance test), Weiss, Goldberg and Yahav 2018.
"""

from typing import NamedTuple

import numpy as np

from ..vocabulary import Vocabulary

__all__ = ["VOCABULARY", "Batch", "accepted", "batch", "batches", "settled", "string"]

VOCABULARY = Vocabulary(("^", "a", "b", "c", "$"), joined=True)


class Batch(NamedTuple):
    """Strings side by side, time-major; a target is -1 after the end of a string."""

    inputs: np.ndarray  # (T, B)
    targets: np.ndarray  # (T, B)
    settled: np.ndarray  # (T, B), True where the target is the only symbol that can follow


def string(n, letters="ab"):
    """The string of the language with this n: ids (len(letters) n + 2,), start and end included.

    >>> VOCABULARY.decode(string(2, "abc"))
    '^aabbcc$'
    """
    if letters not in ("ab", "abc"):
        raise ValueError(f"letters must be 'ab' or 'abc', got {letters!r}")
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"n must be a whole number of at least 1, got {n!r}")
    return VOCABULARY.encode("^" + "".join(letter * int(n) for letter in letters) + "$")


def settled(ids):
    """Where the next symbol is certain, given what has been read: ids (L,) of one string to booleans (L - 1,)."""
    return np.asarray(ids)[:-1] != VOCABULARY.ids["a"]


def batch(ns, letters="ab"):
    """The strings with these ns as a Batch, T as long as the longest of them needs; shorter ones are padded with $."""
    rows = [string(n, letters) for n in ns]
    T = max(map(len, rows)) - 1
    inputs, targets = np.full((T, len(rows)), VOCABULARY.ids["$"]), np.full((T, len(rows)), -1)
    for b, row in enumerate(rows):
        inputs[: len(row) - 1, b], targets[: len(row) - 1, b] = row[:-1], row[1:]
    return Batch(inputs, targets, (inputs != VOCABULARY.ids["a"]) & (targets >= 0))


def batches(rng, letters, largest, B):
    """Batches without end for course_utils.training, n drawn evenly from 1 to `largest`: (inputs, targets, fresh).

    Targets that are not settled are -1, as is padding: there is nothing in them to learn but how often each n comes.
    Every batch is as long as the longest string can be.
    """
    T = len(letters) * largest + 1
    while True:
        inputs, targets, certain = batch([*rng.integers(1, largest + 1, B - 1), largest], letters)
        yield inputs[:T], np.where(certain, targets, -1)[:T], True


def accepted(predicted, strings):
    """Which strings of a Batch are predicted (T, B) without error at every settled place: (B,) booleans."""
    if np.shape(predicted) != strings.targets.shape:
        raise ValueError(f"predicted must have the targets' shape {strings.targets.shape}, got {np.shape(predicted)}")
    return ((predicted == strings.targets) | ~strings.settled).all(axis=0)

"""Exercise 8.8: where in such a string the next number is certain."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "8.8",
    points=1,
    hints=(
        "Go through 0 1 1 2 2 with a pencil: after which of these numbers could the next one still be either of two?",
        "While 1 is read, another 1 or the first 2 may come. After the first 2, n is known, and so is everything else.",
        "The start settles the next number too, since n is at least 1. So one kind of input leaves it open, all others do not.",
    ),
)
def settled(inputs: np.ndarray) -> np.ndarray:
    """Inputs (T,) of one string, as in 8.7, n ≥ 1 unknown to the reader, to booleans (T,): can only one number follow?"""
    return inputs != 1


@settled.cases
def _(rng):
    yield case("0 1 1 2 2", np.array([0, 1, 1, 2, 2]))
    yield case("n = 1", np.array([0, 1, 2]))
    yield case("three letters", np.repeat([0, 1, 2, 3], [1, 3, 3, 3]))
    yield case("the beginning of a longer string", np.array([0, 1, 1, 1, 2]))
    n = int(rng.integers(4, 30))
    yield case("an n that you did not expect", np.repeat([0, 1, 2, 3], [1, n, n, n]))
    yield case("the start alone (T = 1)", np.array([0]))
    yield case("a long string (T = 201)", np.repeat([0, 1, 2], [1, 100, 100]))


settled.slip("the start settles the next number too: n is at least 1, so a 1 follows", {"!= 1": "> 1"})
settled.slip("marked the wrong way round: True belongs where only one number can follow", {"!= 1": "== 1"})
settled.slip(
    "after the last 1 nothing is settled either: the reader cannot know that it was the last",
    {"inputs != 1": "(inputs != 1) | np.append(inputs[1:] != 1, True)"},
)
settled.slip(
    "shifted by one: it is the input that has been read which settles what follows, not the target",
    {"inputs != 1": "np.append(inputs[1:] != 1, True)"},
)
settled.slip(
    "nothing is left open; while 1 is read, both another 1 and the first 2 may follow",
    {"inputs != 1": "np.ones(len(inputs), bool)"},
)
settled.slip(
    "only the end is marked; all that follows the first 2 is settled",
    {"inputs != 1": "np.arange(len(inputs)) == len(inputs) - 1"},
)
settled.slip(
    "after the first 1 the reader does not know n, nor after the last",
    {"inputs != 1": "(inputs != 1) | (np.arange(len(inputs)) == 1)"},
)
settled.slip(
    "only where a letter is new is True here; once the first 2 has come, all that follows is settled",
    {"inputs != 1": "np.append(True, inputs[1:] != inputs[:-1])"},
)
settled.slip(
    "after the last number the end must come: that is settled, too",
    {"inputs != 1": "np.append(inputs[:-1] != 1, False)"},
)
settled.slip(
    "from 3 on nothing is settled here; with three letters n is known there as well",
    {"inputs != 1": "(inputs == 0) | (inputs == 2)"},
)


@settled.variant
def _(inputs):
    found = []
    for read in inputs:
        found.append(bool(read == 0 or read >= 2))
    return found

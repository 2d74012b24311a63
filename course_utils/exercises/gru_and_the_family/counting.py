"""Exercise 8.7: a string that can only be read by counting."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "8.7",
    points=1,
    outputs=("inputs", "targets"),
    hints=(
        "Write down the whole string for n = 2 and two letters: 0 1 1 2 2 3. What is read, and what is to be predicted?",
        "np.repeat([1, 2], 2) is [1, 1, 2, 2]. The start stands before it, the end after it.",
        "Inputs are the string without its last number, targets the string without its first.",
    ),
)
def counting_example(n: int, letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets (T,), T = n · letters + 1, of: 0 (start), n times 1, n times 2, ..., letters + 1 (end)."""
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[:-1], ids[1:]


@counting_example.cases
def _(rng):
    yield case("n = 2, two letters", 2, 2)
    yield case("n = 3, three letters", 3, 3)
    yield case("n = 1, two letters", 1, 2)
    yield case("n = 1, one letter", 1, 1)
    yield case("an n that you did not expect", int(rng.integers(5, 60)), int(rng.integers(2, 6)))
    yield case("a long string (T = 201)", 100, 2)


counting_example.slip(
    "targets equal inputs: the target is what comes next, so it is shifted by one",
    {", [letters + 1]]": "]", "ids[:-1], ids[1:]": "ids, ids"},
)
counting_example.slip("the letters alternate, 1 2 1 2; each letter comes n times in a row", {"np.repeat": "np.tile"})
counting_example.slip(
    "the end is missing: without it, nobody sees whether the network knows when to stop", {", [letters + 1]]": "]"}
)
counting_example.slip("the start is missing: the first letter has nothing to be predicted from", {"[[0], np": "[np"})
counting_example.slip("inputs and targets have changed places", {"ids[:-1], ids[1:]": "ids[1:], ids[:-1]"})
counting_example.slip(
    "the whole string comes back twice; one number fewer is read, and one fewer predicted",
    {"ids[:-1], ids[1:]": "ids, ids"},
)
counting_example.slip("there are always two letters here, whatever `letters` says", {"letters + 1), n": "3), n"})
counting_example.slip(
    "the letters begin with 0, which is the start; they begin with 1", {"arange(1, letters + 1)": "arange(letters)"}
)
counting_example.slip(
    "the end has the last letter's number; it has its own, letters + 1", {", [letters + 1]]": ", [letters]]"}
)
counting_example.slip("the end has the start's number, 0; it has its own, letters + 1", {", [letters + 1]]": ", [0]]"})
counting_example.slip(
    "n and letters have changed places: n says how often each letter comes",
    {"np.arange(1, letters + 1), n)": "np.arange(1, n + 1), letters)"},
)


@counting_example.variant
def _(n, letters):
    ids = [0] + [letter for letter in range(1, letters + 1) for _ in range(n)]
    return ids, [*ids[1:], letters + 1]

"""Exercise 2.5: how many numbers the model learns."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "2.5",
    points=1,
    hints=(
        "Five arrays. Write down the shape of each; a bias counts, too.",
        "The table E is one and the same for all positions. Which of the five arrays knows how long the window is?",
        "V·E for the table, N·E·H + H for the hidden layer, and the read-out has H·V and V.",
    ),
)
def count_parameters(V: int, N: int, E: int, H: int) -> int:
    """How many numbers a window model learns: V tokens, a window of N, embeddings of size E, H hidden units."""
    return V * E + N * E * H + H + H * V + V


@count_parameters.cases
def _(rng):
    yield case("V, N, E, H = 10, 2, 3, 4", 10, 2, 3, 4)
    yield case("a window of one", 6, 1, 4, 5)
    yield case("a window twice as long", 6, 2, 4, 5)
    yield case("a vocabulary of words", 17_000, 4, 60, 50)
    yield case("sizes you have not seen", *(int(n) for n in rng.integers(3, 99, 4)))


@count_parameters.mistake("the biases are not counted: H of them in the hidden layer and V in the read-out")
def _(V, N, E, H):
    return V * E + N * E * H + H * V


@count_parameters.mistake("the table is counted once per position; all positions look up in one and the same E")
def _(V, N, E, H):
    return N * V * E + N * E * H + H + H * V + V


@count_parameters.mistake("W_eh has E rows for each of the N positions: N·E in all, not E")
def _(V, N, E, H):
    return V * E + E * H + H + H * V + V


@count_parameters.mistake("the embedding table is missing: it is learned like everything else")
def _(V, N, E, H):
    return N * E * H + H + H * V + V


@count_parameters.mistake("one-hot rows go straight into the hidden layer here; with a table it has N·E rows, not N·V")
def _(V, N, E, H):
    return V * E + N * V * H + H + H * V + V


@count_parameters.mistake("the bias of the hidden layer is missing: H more numbers")
def _(V, N, E, H):
    return V * E + N * E * H + H * V + V


@count_parameters.mistake("the bias of the read-out is missing: V more numbers")
def _(V, N, E, H):
    return V * E + N * E * H + H + H * V


@count_parameters.variant
def _(V, N, E, H):
    shapes = [(V, E), (N * E, H), (H,), (H, V), (V,)]
    return sum(int(np.prod(shape)) for shape in shapes)

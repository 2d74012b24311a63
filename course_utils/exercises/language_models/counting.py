"""Exercise 1.2: a bigram table from counts, smoothed by adding k."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.2",
    points=2,
    hints=(
        "Start from a table that is full of k, then add 1 for every pair of neighbours in ids.",
        "C[ids[:-1], ids[1:]] += 1 adds 1 only once, however often a pair occurs. np.add.at, or a loop, adds every time.",
        "C = np.full((V, V), float(k)); np.add.at(C, (ids[:-1], ids[1:]), 1); then divide each row by its own sum.",
    ),
)
def add_k(ids: np.ndarray, V: int, k: float) -> np.ndarray:
    """Bigram table p[u, w] = (c(u w) + k) / (c(u) + k V), (V, V), from the neighbours in ids (N,); k > 0."""
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=1, keepdims=True)


@add_k.cases
def _(rng):
    yield case("a b a b a, with k = 1", np.array([0, 1, 0, 1, 0]), 2, 1.0)
    yield case("a pair that occurs many times", np.array([0, 1, 1, 1, 1, 0, 2, 0, 1, 1]), 3, 0.5)
    yield case("a word that no text held", rng.permutation(np.arange(12) % 4), 6, 0.1)
    yield case("a single pair", np.array([2, 0]), 3, 2.0)
    yield case("200 tokens", rng.integers(0, 5, 200), 5, 0.01)


add_k.slip(
    "`C[a, b] += 1` with arrays counts each pair once, however often it occurs: NumPy adds to a place one time only",
    {"np.add.at(C, (ids[:-1], ids[1:]), 1)": "C[ids[:-1], ids[1:]] += 1"},
)


@add_k.mistake("the rows do not sum to 1: k goes to each of V words, so the divisor grows by k V")
def _(ids, V, k):
    C = np.zeros((V, V))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return (C + k) / (C.sum(axis=1, keepdims=True) + k)


add_k.slip("it divides by the sum of each column; p(w | u) sums to 1 over w, along each row", {"axis=1": "axis=0"})
add_k.slip(
    "the sums of the rows have shape (V,) and divide the columns: keepdims=True keeps them a column, (V, 1)",
    {", keepdims=True": ""},
)
add_k.slip(
    "the table lies on its side: row u is the word before, column w the word that follows",
    {"(ids[:-1], ids[1:])": "(ids[1:], ids[:-1])"},
)
add_k.slip(
    "c(u) counts u as a context: the last token of the text has nothing after it, and here its row sums to less than 1",
    {"C / C.sum(axis=1, keepdims=True)": "C / (np.bincount(ids, minlength=V)[:, None] + k * V)"},
)
add_k.slip("k is always 1 here: use the k that is given", {"float(k)": "1.0"})
add_k.slip(
    "this divides by the number of all pairs, which gives p(u, w); p(w | u) has a sum of 1 in every row",
    {"axis=1, keepdims=True": ""},
)


@add_k.variant
def _(ids, V, k):
    C = np.zeros((V, V))
    for t in range(1, len(ids)):
        C[ids[t - 1], ids[t]] += 1
    return (C + k) / (C.sum(axis=1, keepdims=True) + k * V)


@add_k.variant
def _(ids, V, k):
    C = np.bincount(ids[:-1] * V + ids[1:], minlength=V * V).reshape(V, V) + k
    return C / C.sum(axis=1)[:, None]


@add_k.variant
def _(ids, V, k):
    rows = np.eye(V)[ids]
    C = rows[:-1].T @ rows[1:] + k
    return np.array([row / row.sum() for row in C])

"""Exercise 2.2: the embeddings of a window side by side."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "2.2",
    points=1,
    hints=(
        "What does E[windows] give, and of which shape? Try it on a small table before you write anything else.",
        "E[windows] has shape (B, N, E). Concatenating the N rows of each window only joins the last two axes.",
        "reshape to (len(windows), -1): NumPy keeps the rows of one window side by side, oldest first.",
    ),
)
def embed(E: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The N embeddings of each window side by side: table E (V, E), windows (B, N), result (B, N·E)."""
    return E[windows].reshape(len(windows), -1)


@embed.cases
def _(rng):
    yield case("one window of three tokens", np.arange(12.0).reshape(6, 2), np.array([[4, 0, 1]]))
    yield case("the same token twice in a window", rng.standard_normal((5, 3)), np.array([[2, 2], [0, 4]]))
    yield case("a batch of windows", rng.standard_normal((6, 4)), rng.integers(0, 6, (7, 3)))
    yield case("a window of one", rng.standard_normal((6, 2)), rng.integers(0, 6, (3, 1)))
    yield case("embeddings of size one", rng.standard_normal((6, 1)), rng.integers(0, 6, (4, 3)))
    yield case("a long window", rng.standard_normal((5, 2)), rng.integers(0, 5, (2, 200)))
    yield case("float32 stays float32", rng.standard_normal((6, 4)).astype(np.float32), rng.integers(0, 6, (2, 3)))


@embed.mistake("the N embeddings are added up: then 'dog bites man' is 'man bites dog'. Put them side by side instead")
def _(E, windows):
    return E[windows].sum(axis=1)


@embed.mistake("the N embeddings are averaged: the order of the words is lost. Put them side by side instead")
def _(E, windows):
    return E[windows].mean(axis=1)


@embed.mistake("the rows are looked up, not yet concatenated: (B, N, E) has to become (B, N·E)")
def _(E, windows):
    return E[windows]


@embed.mistake(
    "the embeddings are interleaved: first all first components, then all second. Keep each row in one piece"
)
def _(E, windows):
    return E[windows].swapaxes(1, 2).reshape(len(windows), -1)


@embed.mistake("the newest token comes first; the window, and so its embeddings, go from oldest to newest")
def _(E, windows):
    return E[windows[:, ::-1]].reshape(len(windows), -1)


@embed.mistake(
    "these are one-hot rows, not yet embeddings: their product with E is missing, or the look-up that replaces it"
)
def _(E, windows):
    return np.eye(len(E), dtype=E.dtype)[windows].reshape(len(windows), -1)


@embed.variant
def _(E, windows):
    return np.concatenate([E[windows[:, k]] for k in range(windows.shape[1])], axis=1)


@embed.variant
def _(E, windows):
    one_hot = np.eye(len(E), dtype=E.dtype)[windows]
    return (one_hot @ E).reshape(len(windows), -1)

"""Exercise 2.3: the gradient of the table of embeddings."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "2.3",
    points=2,
    hints=(
        "The row of a word that was looked up five times gets five gradients. What does the sum rule do with them?",
        "Undo the concatenation first: one gradient of size E for each look-up. Then add each to the row of its token.",
        "np.add.at(dE, ids, d) adds again where ids repeat; dE[ids] += d does not. Or multiply by one-hot rows, transposed.",
    ),
)
def embed_backward(de: np.ndarray, windows: np.ndarray, V: int) -> np.ndarray:
    """Gradient (V, E) of the table, from the gradient de (B, N·E) of the embedded windows (B, N)."""
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE


@embed_backward.cases
def _(rng):
    yield case("every token once", np.array([[0.5, 10, 2, 20, 4, 40]]), np.array([[2, 0, 1]]), 3)
    yield case("two windows, no token twice", np.arange(12.0).reshape(2, 6), np.array([[5, 0, 2], [3, 1, 4]]), 6)
    yield case("rows that nobody looked up get zero", rng.standard_normal((1, 4)), np.array([[3, 1]]), 6)
    yield case("a token that comes again adds up", np.array([[1.0, 10, 2, 20, 4, 40]]), np.array([[2, 0, 2]]), 4)
    yield case(
        "a token of several windows adds up, too",
        rng.standard_normal((3, 4)),
        np.array([[0, 1], [1, 0], [1, 1]]),
        3,
    )
    yield case("a batch of windows", rng.standard_normal((7, 12)), rng.integers(0, 6, (7, 3)), 6)
    yield case("embeddings of size one", rng.standard_normal((4, 3)), np.array([[0, 1, 2]] * 4), 5)
    yield case("a window of one", rng.standard_normal((5, 2)), np.array([[1], [0], [1], [2], [1]]), 3)
    yield case("two hundred windows", rng.standard_normal((200, 6)), rng.integers(0, 4, (200, 2)), 4)
    yield case("float32", rng.standard_normal((2, 6)).astype(np.float32), np.array([[1, 1, 0], [2, 1, 0]]), 4)


embed_backward.slip(
    "a token that comes twice keeps one of its gradients only: dE[ids] += d writes each row once, the last one wins",
    {"np.add.at(dE, windows.reshape(-1), d)": "dE[windows.reshape(-1)] += d"},
)
embed_backward.slip(
    "a token that comes again gets the mean of its gradients; by the sum rule they add",
    {
        "return dE": (
            "seen = np.bincount(windows.reshape(-1), minlength=V)\n"
            "    return dE / np.maximum(seen, 1)[:, None].astype(de.dtype)"
        )
    },
)
embed_backward.slip(
    "only the newest token of each window gets its gradient; all N of them were looked up",
    {"de.reshape(windows.size, -1)": "de.reshape(*windows.shape, -1)[:, -1]", "windows.reshape(-1)": "windows[:, -1]"},
)


@embed_backward.mistake("the gradients reach the wrong tokens: de holds the embeddings of a window one after the other")
def _(de, windows, V):
    B, N = windows.shape
    d = de.reshape(B, -1, N).swapaxes(1, 2).reshape(B * N, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE


embed_backward.slip(
    "the tokens are read position by position, but de stands window by window: flatten both in the same order",
    {"windows.reshape(-1)": "windows.T.ravel()"},
)
embed_backward.slip(
    "the gradients are cut to whole numbers: tokens are integers, dE needs the type of de",
    {"de.dtype": "windows.dtype", "(-1), d)": "(-1), d.astype(windows.dtype))"},
)
embed_backward.slip(
    "it is divided by the number of windows; the mean is already in the gradient of the loss",
    {"return dE": "return dE / len(windows)"},
)
embed_backward.slip(
    "it has rows only for tokens that were looked up; the gradient has the table's shape, (V, E)",
    {"return dE": "return dE[np.unique(windows)]"},
)


@embed_backward.variant
def _(de, windows, V):
    one_hot = np.eye(V, dtype=de.dtype)[windows.reshape(-1)]
    return one_hot.T @ de.reshape(windows.size, -1)


@embed_backward.variant
def _(de, windows, V):
    B, N = windows.shape
    E = de.shape[1] // N
    dE = np.zeros((V, E))
    for b in range(B):
        for k in range(N):
            dE[windows[b, k]] += de[b, k * E : (k + 1) * E]
    return dE

"""Exercise 2.1: a text as windows, each with the token after it."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "2.1",
    points=1,
    outputs=("inputs", "targets"),
    hints=(
        "Write the text down and slide a ruler over it. A text of 7 tokens and N = 3: how many windows have a next token?",
        "Window i holds the tokens i, ..., i + N - 1, so its target is token i + N, one place to its right.",
        "i runs over range(len(ids) - N); stack ids[i : i + N] into one array, and the targets are a single slice of ids.",
    ),
)
def make_windows(ids: np.ndarray, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Every window of N tokens, oldest first (M, N), and the token after each (M,), of a text ids (M + N,)."""
    inputs = np.stack([ids[i : i + N] for i in range(len(ids) - N)])
    return inputs, ids[N:]


@make_windows.cases
def _(rng):
    yield case("seven tokens make four windows of three", np.array([5, 0, 2, 4, 1, 3, 6]), 3)
    yield case("a token may come again", np.array([1, 0, 1, 1, 0, 0, 1, 0]), 2)
    yield case("a window of one", np.arange(6)[::-1].copy(), 1)
    yield case("a text that holds just one window", np.array([4, 2, 7, 1, 0]), 4)
    yield case("a long text", rng.integers(0, 9, 200), 5)
    yield case("numbers of another integer type", rng.integers(0, 9, 11).astype(np.int32), 3)


make_windows.slip(
    "the target is not shifted: it is the last token *inside* the window, which the model already sees",
    {"ids[N:]": "ids[N - 1 : -1]"},
)
make_windows.slip(
    "the target lies inside its window: that window is one place too far to the right",
    {"ids[i : i + N]": "ids[i + 1 : i + 1 + N]"},
)
make_windows.slip(
    "the last window is missing: M tokens follow a window, so i runs to len(ids) - N, not one less",
    {"range(len(ids) - N)": "range(len(ids) - N - 1)", "ids[N:]": "ids[N:-1]"},
)
make_windows.slip(
    "the windows jump: the next one begins one token further on, not N tokens further on",
    {"range(len(ids) - N)": "range(0, len(ids) - N, N)", "ids[N:]": "ids[N::N]"},
)
make_windows.slip(
    "the windows are back to front: the oldest token comes first, the newest last",
    {"ids[i : i + N]": "ids[i : i + N][::-1]"},
)
make_windows.slip(
    "the last window has no next token, yet it is there: the text ends before its target",
    {"range(len(ids) - N)": "range(len(ids) - N + 1)"},
)


@make_windows.variant
def _(ids, N):
    rows = np.lib.stride_tricks.sliding_window_view(ids, N + 1)
    return rows[:, :-1], rows[:, -1]


@make_windows.variant
def _(ids, N):
    M = len(ids) - N
    return ids[np.arange(M)[:, None] + np.arange(N)], [ids[i + N] for i in range(M)]

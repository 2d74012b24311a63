"""Exercise 5.6: the broken program's way forward, mended."""

import numpy as np

from ...losses import softmax
from ..definition import case, exercise


@exercise(
    "5.6",
    points=2,
    outputs=("loss", "h"),
    hints=(
        "One bug stops the program, one is in how the weights are drawn, and one makes every state forget the last.",
        "An empty list has no place -1. Where should the state before the first step be kept, so that step t finds its own?",
        "standard_normal for random; start with a dictionary {-1: zeros} (or an array of T + 1 states); read hs[t - 1].",
    ),
)
def mended_forward(
    rng: np.random.Generator, V: int, H: int, inputs: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Draw W_xh, W_hh, W_hy (0.01 times normal numbers) in this order, read inputs (T, B): loss, states (T, B, H)."""
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    T, B = inputs.shape
    hs, loss = {-1: np.zeros((B, H))}, 0.0
    for t in range(T):
        hs[t] = np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh)
        p = softmax(hs[t] @ W_hy)
        loss -= np.log(p[np.arange(B), targets[t]]).mean() / T
    return loss, np.stack([hs[t] for t in range(T)])


@mended_forward.cases
def _(rng):
    for claim, T, B, V, H in (
        ("one step (T = 1)", 1, 2, 4, 300),  # many units: scores, and so losses, differ enough to tell
        ("three steps of two sequences", 3, 2, 5, 4),
        ("one sequence (B = 1)", 6, 1, 5, 7),
        ("all sizes equal", 4, 4, 4, 4),
        ("two hundred steps", 200, 2, 6, 5),
    ):
        ids = rng.integers(0, V, (T + 1, B))
        yield case(claim, np.random.default_rng(int(rng.integers(2**31))), V, H, ids[:-1], ids[1:])


@mended_forward.mistake("hs is still an empty list: hs[-1] is its last element, and there is none (IndexError)")
def _(rng, V, H, inputs, targets):
    hs = []
    hs[-1] = np.zeros((inputs.shape[1], H))
    return 0.0, np.stack(hs)


mended_forward.slip(
    "two bugs are left, in the start and in the states: the weights are all above zero, and hs[-1] is no h_{t-1}",
    {"rng.standard_normal": "rng.random", "hs[t - 1]": "hs[-1]"},
)
mended_forward.slip(
    "the states are mended, the start is not: rng.random is never negative, and its mean is 0.5",
    {"rng.standard_normal": "rng.random"},
)
mended_forward.slip(
    "the start is mended, the states are not: hs[-1] is the state before the *first* step, at every step",
    {"hs[t - 1]": "hs[-1]"},
)
mended_forward.slip(
    "all is mended but one thing: T + 1 states come back. The first of them was there before any token",
    {"hs[t] for t in range(T)": "hs[t] for t in range(-1, T)"},
)
mended_forward.slip(
    "the loss is summed over the steps now; it was a mean, and that was no bug", {".mean() / T": ".mean()"}
)
mended_forward.slip("the factor 0.01 is gone: the start was to be small", {"0.01 * rng": "rng"})
mended_forward.slip(
    "a list that starts with the zeros has h_t at its end, hs[-1]: hs[t] and hs[t - 1] are one step too old",
    {
        "{-1: np.zeros((B, H))}": "[np.zeros((B, H))]",
        "hs[t] = np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh)": (
            "hs.append(np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh))"
        ),
        "[hs[t] for t in range(T)]": "hs[1:]",
    },
)
mended_forward.slip(
    "all is mended, but the states come back one step late, with the zeros as their first",
    {"np.stack([hs[t] for": "np.stack([hs[t - 1] for"},
)
mended_forward.slip(
    "the scores come from h_{t-1}, which has not read the input of step t", {"softmax(hs[t] @": "softmax(hs[t - 1] @"}
)
mended_forward.slip(
    "the numbers have mean zero now, but all between -1 and 1 are equally likely: normal ones are asked for",
    {"rng.standard_normal(shape)": "(2 * rng.random(shape) - 1)"},
)
mended_forward.slip(
    "the three are drawn in another order: W_xh first, then W_hh, then W_hy",
    {"W_xh, W_hh, W_hy =": "W_hh, W_xh, W_hy =", "(V, H), (H, H), (H, V)": "(H, H), (V, H), (H, V)"},
)


@mended_forward.variant
def _(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    hs = [np.zeros((inputs.shape[1], H))]
    for x_t in inputs:
        hs.append(np.tanh(W_xh[x_t] + hs[-1] @ W_hh))
    hs = np.stack(hs[1:])
    p = softmax(hs @ W_hy)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), hs

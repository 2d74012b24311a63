"""Exercise 4.8: the broken way back, third function: all weights."""

import numpy as np

from ..definition import case, exercise
from .inputs import random_sequence


@exercise(
    "4.8",
    points=1,
    outputs=("dW_xh", "dW_hh", "db_h"),
    hints=(
        "With one step it is right, with two it is not. What does the second turn of the loop do to the result of the first?",
        "A weight that is used at every step is one that branches, so its gradients add. A bias is used by every row as well.",
        "Start from zeros before the loop and add in each turn, all three. Do the three lines agree with each other then?",
    ),
)
def repaired_c(dz: np.ndarray, x: np.ndarray, h_prev: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂z_t dz (T, B, H), x (T, B, D), h_prev (T, B, H), h_{t-1} of each step, to gradients of W_xh, W_hh and b_h (H,)."""
    (D, H), dtype = (x.shape[-1], dz.shape[-1]), dz.dtype
    dW_xh, dW_hh, db_h = np.zeros((D, H), dtype), np.zeros((H, H), dtype), np.zeros(H, dtype)
    for t in range(len(dz)):
        dW_xh += x[t].T @ dz[t]
        dW_hh += h_prev[t].T @ dz[t]
        db_h += dz[t].sum(axis=0)
    return dW_xh, dW_hh, db_h


@repaired_c.cases
def _(rng):
    for T, B, D, H, claim in (
        (1, 2, 3, 5, "one step (T = 1)"),
        (2, 3, 2, 4, "two steps"),
        (7, 2, 3, 5, "seven steps"),
        (7, 1, 3, 5, "one sequence (B = 1)"),
        (4, 4, 4, 4, "all sizes equal"),
        (200, 2, 3, 4, "a long text (T = 200)"),
    ):
        dz, x, _, h_prev, _, _ = random_sequence(rng, T=T, B=B, D=D, H=H)
        yield case(claim, dz, x, h_prev)


repaired_c.slip(
    "this is pass C as it was: W_hh gets the gradient of the last turn only. How often is W_hh used?",
    {"dW_hh += h_prev": "dW_hh = h_prev"},
)
repaired_c.slip(
    "now all three are overwritten in each turn; one line was wrong, the other two were right",
    {"dW_xh += x": "dW_xh = x", "dW_hh += h_prev": "dW_hh = h_prev", "db_h += dz": "db_h = dz"},
)
repaired_c.slip(
    "the parts are averaged over the steps; 1/T belongs to the loss, and dz holds it already. Here they add",
    {"return dW_xh, dW_hh, db_h": "return dW_xh / len(dz), dW_hh / len(dz), db_h / len(dz)"},
)
repaired_c.slip(
    "W_hh has the mean over the steps and the others their sum: every step uses W_hh, so its parts add as well",
    {"return dW_xh, dW_hh,": "return dW_xh, dW_hh / len(dz),"},
)


@repaired_c.variant
def _(dz, x, h_prev):
    rows = dz.reshape(-1, dz.shape[-1])
    dW_xh, dW_hh = (a.reshape(len(rows), -1).T @ rows for a in (x, h_prev))
    return [dW_xh, dW_hh, rows.sum(axis=0)]

"""Exercise 4.7: the broken way back, second function: the recurrent weights."""

import numpy as np

from ..definition import case, exercise
from .inputs import random_sequence


@exercise(
    "4.7",
    points=1,
    hints=(
        "Every factor of the way back is taken at the value that the way forward had there. Compare factor by factor.",
        "Which state is the result of the tanh that dz goes through, and which state did W_hh meet?",
        "The slope needs the state that this step's tanh gave, W_hh met the state before; only one of the two is wrong.",
    ),
)
def repaired_b(dh: np.ndarray, h0: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The whole ∂L/∂h_t, dh (T, B, H), the first state h0 (B, H) and the states h (T, B, H) to ∂L/∂W_hh (H, H)."""
    dW_hh, h_prev = np.zeros_like(dh[0].T @ dh[0]), h0
    for dh_t, h_t in zip(dh, h, strict=True):
        dz = dh_t * (1 - h_t**2)
        dW_hh = dW_hh + h_prev.T @ dz
        h_prev = h_t
    return dW_hh


@repaired_b.cases
def _(rng):
    for T, B, H, claim in (
        (1, 2, 3, "one step (T = 1)"),
        (2, 3, 4, "two steps"),
        (7, 2, 5, "seven steps"),
        (7, 1, 5, "one sequence (B = 1)"),
        (4, 4, 4, "all sizes equal"),
        (200, 2, 3, "a long text (T = 200)"),
    ):
        dh, _, h0, h, _, _ = random_sequence(rng, T=T, B=B, D=1, H=H)
        yield case(claim, dh, h0, h)
    yield case("from a state of zeros", dh, 0 * h0, h)


repaired_b.slip(
    "this is pass B as it was: look at what each factor would be at step 1, where h_prev is h0",
    {"1 - h_t**2": "1 - h_prev**2"},
)
repaired_b.slip(
    "now the slope is right and the other factor wrong: W_hh was multiplied with the state before, not with h_t",
    {"h_prev.T @ dz": "h_t.T @ dz"},
)
repaired_b.slip(
    "the slope is gone altogether; it belongs there, taken at the right state",
    {" * (1 - h_t**2)": ""},
)
repaired_b.slip(
    "h_prev moves on too early: at the product with dz it is already this step's state",
    {"\n        h_prev = h_t": "", "h_t**2)": "h_prev**2)\n        h_prev = h_t"},
)
repaired_b.slip(
    "h_prev never moves on: it is h0 at every step, and should be the state before each",
    {"        h_prev = h_t\n": ""},
)
repaired_b.slip(
    "the first step is left out: h0 met W_hh as well",
    {"h_prev.T @ dz": "(h_prev * (h_prev is not h0)).T @ dz"},
)
repaired_b.slip(
    "the product is turned round: row i of the gradient of W_hh belongs to unit i of h_prev, as pass B had it",
    {"h_prev.T @ dz": "dz.T @ h_prev"},
)


@repaired_b.variant
def _(dh, h0, h):
    return np.einsum("tbi,tbj->ij", np.concatenate([h0[None], h[:-1]]), dh * (1 - h**2))

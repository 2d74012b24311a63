"""Exercise 4.6: the broken way back, first function: gradients of the states."""

import numpy as np

from ..definition import case, exercise
from .inputs import random_sequence


@exercise(
    "4.6",
    points=1,
    hints=(
        "At the last step it is right, at the others it is not. Which value should survive from one turn to the next?",
        "dh_next is what the step after says about h_t. Follow its value from the end of one turn into the next.",
        "The zeros are right for the last step only, where no step comes after: they are a start, to be made once.",
    ),
)
def repaired_a(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """Gradients dh_out (T, B, H) from each step's own output, states h (T, B, H): to the whole ∂L/∂h_t, (T, B, H)."""
    dh, dh_next = np.zeros_like(h), np.zeros_like(h[0])
    for t in reversed(range(len(h))):
        dh[t] = dh_out[t] + dh_next
        dh_next = (dh[t] * (1 - h[t] ** 2)) @ W_hh.T
    return dh


@repaired_a.cases
def _(rng):
    dh_out, _, _, h, _, W_hh = random_sequence(rng, T=2, B=3, D=1, H=4)
    yield case("two steps", dh_out, h, W_hh)
    dh_out, _, _, h, _, W_hh = random_sequence(rng, T=7, B=2, D=1, H=5)
    yield case("seven steps", dh_out, h, W_hh)
    last = dh_out * (np.arange(7) == 6)[:, None, None]
    yield case("a loss at the last step only", last, h, W_hh)
    yield case("without recurrent weights nothing travels", dh_out, h, 0 * W_hh)
    yield case("one step (T = 1)", dh_out[:1], h[:1], W_hh)
    dh_out, _, _, h, _, W_hh = random_sequence(rng, T=200, B=2, D=1, H=3)
    yield case("a long text (T = 200)", dh_out, h, W_hh)


repaired_a.slip(
    "this is pass A as it was: at every step but the last it gives dh_out[t] alone. What is missing there?",
    {"dh[t] = dh_out": "dh_next = np.zeros_like(h[t])\n        dh[t] = dh_out"},
)
repaired_a.slip(
    "dh_next replaces dh_out[t]; the two sources of the gradient add",
    {"np.zeros_like(h[0])": "dh_out[-1]", "dh_out[t] + dh_next": "dh_next"},
)
repaired_a.slip(
    "the last step's own output counts twice: no step comes after the last, so its dh_next is zero",
    {"np.zeros_like(h[0])": "dh_out[-1]"},
)
repaired_a.slip(
    "the gradient travels one step and no further: dh_next has to be made from the whole dh[t], not from dh_out[t]",
    {"(dh[t] *": "(dh_out[t] *"},
)
repaired_a.slip(
    "dh_next piles up over all steps: each turn hands on its own and forgets the one it got, so here it is `=`, not `+=`",
    {"dh_next = (dh": "dh_next = dh_next + (dh"},
)
repaired_a.slip(
    "the transpose is gone: that part of pass A was right. W_hh is square, so no shape complains",
    {"W_hh.T": "W_hh"},
)
repaired_a.slip(
    "this is ∂L/∂z_t, one factor too far: asked for is ∂L/∂h_t, before the slope of the tanh",
    {"return dh": "return dh * (1 - h**2)"},
)
repaired_a.slip(
    "it changes dh_out in place: what a caller gives stays as it is",
    {"dh, dh_next = np.zeros_like(h)": "dh, dh_next = dh_out"},
)


@repaired_a.variant
def _(dh_out, h, W_hh):
    dh = dh_out.copy()
    for t in range(len(h) - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
    return dh

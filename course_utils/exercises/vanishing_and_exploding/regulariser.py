"""Exercise 6.7: a penalty on gradients that change their length, and its own gradient."""

import numpy as np

from ..definition import case, exercise
from .inputs import network, orthogonal_matrix


@exercise(
    "6.7",
    points=3,
    outputs=("Ω", "dΩ/dW_hh"),
    hints=(
        "Two lengths per step: of dh[t], and of what one step back makes of it, through the tanh and W_hh. Ω compares them.",
        "v = dh (1 - h²), back = v W_hhᵀ, ratio = ‖back‖/‖dh‖, step by step. And ∂‖back‖/∂W_hh[i, j] = back_i v_j/‖back‖.",
        "Each step adds 2 (ratio - 1)/(‖dh‖ ‖back‖) times the outer product of back and v: (weight[:, None] * back).T @ v.",
    ),
)
def pascanu_regulariser(dh: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> tuple[float, np.ndarray]:
    """∂L/∂h_t dh (T, H) and states h (T, H) of one sequence to Ω, and ∂Ω/∂W_hh (H, H) with dh and h held fixed."""
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    weight = 2 * off / (length * shorter)
    return np.sum(off**2), (weight[:, None] * back).T @ v


@pascanu_regulariser.cases
def _(rng):
    Q = orthogonal_matrix(rng, 4)
    dh = rng.standard_normal((3, 4))
    yield case("orthogonal, states of zero: lengths are kept, Ω and its gradient are 0", dh, np.zeros((3, 4)), Q)
    yield case("twice orthogonal: each of three steps doubles the length, so Ω = 3", dh, np.zeros((3, 4)), 2 * Q)
    for T, H, claim in (
        (1, 5, "one step (T = 1)"),
        (2, 5, "two steps"),
        (7, 5, "seven steps"),
        (6, 1, "one unit"),
        (4, 4, "as many steps as units"),
        (200, 3, "a long text (T = 200)"),
    ):
        W_hh, h = network(rng, T, H)
        yield case(claim, rng.uniform(0.5, 2, (T, 1)) * rng.standard_normal((T, H)), h, W_hh)


pascanu_regulariser.slip(
    "1 - h² is missing: on its way to the step before, the gradient goes through the tanh", {"dh * (1 - h**2)": "dh"}
)
pascanu_regulariser.slip(
    "W_hh is not transposed: a gradient goes back with W_hhᵀ. No shape complains",
    {"W_hh.T": "W_hh", "(weight[:, None] * back).T @ v": "v.T @ (weight[:, None] * back)"},
)
pascanu_regulariser.slip(
    "the gradient of Ω is transposed: row i belongs to unit i of the state before, as in W_hh",
    {"(weight[:, None] * back).T @ v": "v.T @ (weight[:, None] * back)"},
)
pascanu_regulariser.slip(
    "the -1 is missing: this pulls all lengths towards zero, which is vanishing on purpose",
    {"shorter / length - 1": "shorter / length"},
)
pascanu_regulariser.slip(
    "the square is missing in Ω: ratios above and below one would cancel", {"2 * off": "1", "off**2": "off"}
)
pascanu_regulariser.slip(
    "the mean over the steps is taken; Ω is their sum", {"np.sum(": "np.mean(", "back).T @ v": "back).T @ v / len(dh)"}
)
pascanu_regulariser.slip(
    "one norm is taken over all steps together; every step has a ratio of its own (axis=1)",
    {"(dh, axis=1)": "(dh)", "(back, axis=1)": "(back)", "weight[:, None]": "weight"},
)
pascanu_regulariser.slip("Ω is right; in its gradient the 2 of the square is missing", {"2 * off": "off"})
pascanu_regulariser.slip(
    "Ω is right; its gradient lacks 1/‖back‖: the derivative of a length is a row of length one",
    {"(length * shorter)": "length"},
)
pascanu_regulariser.slip(
    "Ω is right; its gradient lacks 1/‖dh‖, which stands under every ratio", {"(length * shorter)": "shorter"}
)
pascanu_regulariser.slip(
    "Ω is right; its gradient is made with dh where dh (1 - h²), what W_hh was multiplied with, belongs",
    {"back).T @ v": "back).T @ dh"},
)
pascanu_regulariser.slip(
    "the ratio is upside down: the length after the step back stands above, the one before it below",
    {"shorter / length - 1": "length / shorter - 1", "2 * off / (length * shorter)": "-2 * off * length / shorter**3"},
)
pascanu_regulariser.slip(
    "the ratio is one of squared lengths: the root is missing",
    {
        "np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)": "np.sum(dh**2, axis=1), np.sum(back**2, axis=1)",
        "2 * off / (length * shorter)": "4 * off / length",
    },
)
pascanu_regulariser.slip("1 - h is not the slope of tanh: its square is missing, as in 1 - h²", {"h**2": "h"})
pascanu_regulariser.slip(
    "Ω is right, a sum over the steps; its gradient is a mean over them", {"back).T @ v": "back).T @ v / len(dh)"}
)
pascanu_regulariser.slip(
    "on its way back the gradient meets the tanh first, then W_hhᵀ: the slopes belong to dh, not to the result",
    {"dh * (1 - h**2)": "dh", "v @ W_hh.T": "(v @ W_hh.T) * (1 - h**2)"},
)
pascanu_regulariser.slip(
    "the difference of the two lengths is squared; Ω compares them by their ratio, so that long gradients count no more",
    {"shorter / length - 1": "shorter - length", "(length * shorter)": "shorter"},
)


@pascanu_regulariser.variant
def _(dh, h, W_hh):
    omega, gradient = 0.0, np.zeros_like(W_hh)
    for d, s in zip(dh, h, strict=True):
        v = d * (1 - s**2)
        back = W_hh @ v
        ratio = np.sqrt(back @ back) / np.sqrt(d @ d)
        omega += (ratio - 1) ** 2
        gradient += 2 * (ratio - 1) * np.outer(back, v) / np.sqrt((back @ back) * (d @ d))
    return omega, gradient


@pascanu_regulariser.variant
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = np.einsum("tj,ij->ti", v, W_hh)
    length, after = (np.sqrt(np.einsum("ti,ti->t", a, a)) for a in (dh, back))
    off = after / length - 1
    return float(off @ off), np.einsum("t,ti,tj->ij", 2 * off / length / after, back, v)

"""Exercise 8.6: a cell that a search found, MUT1."""

import numpy as np

from ...activations import sigmoid
from ..definition import case, exercise


@exercise(
    "8.6",
    points=2,
    hints=(
        "Three lines, in the order z, r, h_t, each as it stands in the text. Nothing else is in MUT1.",
        "z is made of the input and a bias alone. The candidate takes tanh(x_t), without a matrix: that is why D = H.",
        "h_t = np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b_h) * z + h_prev * (1 - z).",
    ),
)
def mut1_step(
    x_t: np.ndarray,
    h_prev: np.ndarray,
    W_xz: np.ndarray,
    W_xr: np.ndarray,
    W_hr: np.ndarray,
    W_hh: np.ndarray,
    b: np.ndarray,
) -> np.ndarray:
    """x_t, h_prev (B, H) to h_t (B, H), D = H; all matrices (H, H); b (3, 1, H) holds b_z, b_r, b_h in this order."""
    z = sigmoid(x_t @ W_xz + b[0])
    r = sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)


@mut1_step.cases
def _(rng):
    args = _mutant(rng, B=2, H=5)
    yield case("one step of two sequences", *args)
    yield case("from a state of zeros", args[0], 0 * args[1], *args[2:])
    yield case("without input", 0 * args[0], *args[1:])
    yield case("a large input is squashed before it enters", 30 * args[0], *args[1:])
    yield case("one sequence (B = 1)", *_mutant(rng, B=1, H=3))
    yield case("all sizes equal", *_mutant(rng, B=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _mutant(rng, B=3, H=2)))


mut1_step.slip(
    "z hears of the state; in MUT1 the update gate sees the input only",
    {"x_t @ W_xz +": "x_t @ W_xz + h_prev @ W_hr +"},
)
mut1_step.slip("x_t enters the candidate as it is; MUT1 squashes it first: tanh(x_t)", {"np.tanh(x_t)": "x_t"})
mut1_step.slip(
    "z keeps here; in the mutants z writes: z goes with the candidate, 1 - z with h_prev",
    {" * z + h_prev * (1 - z)": " * (1 - z) + h_prev * z"},
)
mut1_step.slip(
    "the reset comes after the product, r (h' W_hh); the mutants have it before, (r h') W_hh",
    {"(r * h_prev) @ W_hh": "r * (h_prev @ W_hh)"},
)
mut1_step.slip("W_hr stands in the candidate; it belongs to r, the candidate has W_hh", {"@ W_hh": "@ W_hr"})
mut1_step.slip(
    "the biases of z and r have changed places: b holds b_z, b_r, b_h",
    {"+ b[0]": "+ b[1]", "W_hr + b[1]": "W_hr + b[0]"},
)
mut1_step.slip("the biases are forgotten", {" + b[0]": "", " + b[1]": "", " + b[2]": ""})
mut1_step.slip("the input never reaches the candidate: tanh(x_t) is missing there", {" + np.tanh(x_t)": ""})
mut1_step.slip(
    "the candidate's sum stands half outside its tanh: one tanh holds all three terms",
    {"np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])": "(np.tanh((r * h_prev) @ W_hh) + np.tanh(x_t) + b[2])"},
)
mut1_step.slip(
    "the outer tanh is missing: the whole sum is squashed once more",
    {"np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])": "((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])"},
)
mut1_step.slip(
    "a matrix stands before x_t in the candidate; there the input enters without one",
    {"np.tanh(x_t)": "np.tanh(x_t @ W_xz)"},
)
mut1_step.slip("r plays no part: the candidate hears the whole past", {"(r * h_prev)": "h_prev"})
mut1_step.slip(
    "W_xz and W_xr have changed places",
    {"x_t @ W_xz + b[0]": "x_t @ W_xr + b[0]", "x_t @ W_xr + h": "x_t @ W_xz + h"},
)
mut1_step.slip(
    "the matrices of the state are transposed: all are square, so no shape complains",
    {"@ W_hr": "@ W_hr.T", "@ W_hh": "@ W_hh.T"},
)


@mut1_step.variant
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    b_z, b_r, b_h = b[:, 0]
    z = 1 / (1 + np.exp(-x_t @ W_xz - b_z))
    shown = h_prev / (1 + np.exp(-(x_t @ W_xr + h_prev @ W_hr + b_r)))
    n = np.tanh(np.einsum("bi,ij->bj", shown, W_hh) + np.tanh(x_t) + b_h)
    return h_prev + z * (n - h_prev)


def _mutant(rng, B, H):
    """x_t, h_prev, four matrices, b."""
    x_t, h_prev = rng.standard_normal((B, H)), rng.uniform(-0.9, 0.9, (B, H))
    return x_t, h_prev, *(rng.standard_normal((4, H, H)) * H**-0.5), rng.standard_normal((3, 1, H))

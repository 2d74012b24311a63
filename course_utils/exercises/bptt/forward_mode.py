"""Exercise 4.5: one step of real-time recurrent learning."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "4.5",
    points=3,
    hints=(
        "Two ways lead from W_hh[i, j] to h[k]: directly, through z[j] at this step (only k = j), and through every h_prev[m].",
        "Directly: h_prev[i] where k = j, else zero. Through h_prev: S_prev[i, j, :] times W_hh. Both go through the tanh.",
        "direct = h_prev[:, None, None] * np.eye(H) has axes i, j, k, and so has S_prev @ W_hh; one slope, 1 - h², for both.",
    ),
)
def rtrl_step(h_prev: np.ndarray, h: np.ndarray, S_prev: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """From S_prev[i, j, k] = ∂h_prev[k]/∂W_hh[i, j], (H, H, H), to the same for h; one sequence: h_prev (H,), h (H,)."""
    direct = h_prev[:, None, None] * np.eye(len(h))
    return (direct + S_prev @ W_hh) * (1 - h**2)


@rtrl_step.cases
def _(rng):
    h_prev, h, S_prev, W_hh = _sensitivity(rng, 4)
    yield case("at the first step (S_prev = 0) only the direct part", h_prev, h, 0 * S_prev, W_hh)
    yield case("from a state of zeros only the part through time", 0 * h_prev, h, S_prev, W_hh)
    yield case("four units, both parts", h_prev, h, S_prev, W_hh)
    yield case("one unit: the scalar recursion", *_sensitivity(rng, 1))
    yield case("seven units", *_sensitivity(rng, 7))
    yield case("saturated units pass nothing on", h_prev, np.sign(h), S_prev, W_hh)


rtrl_step.slip(
    "only the direct part is there: what W_hh did at earlier steps, S_prev, is forgotten",
    {" + S_prev @ W_hh": ""},
)
rtrl_step.slip(
    "only the part through time is there: W_hh also acts directly at this step",
    {"direct + S_prev": "S_prev"},
)
rtrl_step.slip("1 - h² is missing: both parts go through the tanh of this step", {" * (1 - h**2)": ""})
rtrl_step.slip(
    "1 - h² is applied to the part through time only; the direct part goes through the same tanh",
    {"(direct + S_prev @ W_hh) *": "direct + S_prev @ W_hh *"},
)
rtrl_step.slip(
    "1 - h² is applied to the direct part only; what comes through h_prev goes through the same tanh",
    {"(direct + S_prev @ W_hh) * (1 - h**2)": "direct * (1 - h**2) + S_prev @ W_hh"},
)
rtrl_step.slip("the slope is taken at h_prev; the tanh of this step gave h", {"1 - h**2": "1 - h_prev**2"})
rtrl_step.slip(
    "the slope is on the wrong axis: 1 - h² belongs to the unit k that is affected, the last axis",
    {"(1 - h**2)": "(1 - h**2)[:, None, None]"},
)
rtrl_step.slip(
    "W_hh is missing from the part through time: h_prev[m] reaches h[k] by way of W_hh[m, k]",
    {"S_prev @ W_hh": "S_prev"},
)
rtrl_step.slip(
    "W_hh is transposed as on the way back; forward in time it is used as it stands",
    {"S_prev @ W_hh": "S_prev @ W_hh.T"},
)
rtrl_step.slip(
    "W_hh @ S_prev multiplies the wrong axis: the units m of h_prev are the last axis of S_prev, so W_hh stands on its right",
    {"S_prev @ W_hh": "W_hh @ S_prev"},
)
rtrl_step.slip(
    "the direct part is built with h; what W_hh is multiplied with at this step is h_prev",
    {"h_prev[:, None, None]": "h[:, None, None]"},
)
rtrl_step.slip(
    "in the direct part i and j are swapped: W_hh[i, j] is multiplied with h_prev[i] and goes to unit j",
    {"[:, None, None] * np.eye(len(h))": "[None, :, None] * np.eye(len(h))[:, None, :]"},
)
rtrl_step.slip(
    "the direct part is the same for every i: h_prev lies along the last axis here, and belongs to i, the first",
    {"h_prev[:, None, None]": "h_prev"},
)
rtrl_step.slip(
    "h_prev[i] reaches every unit k here; W_hh[i, j] leads to unit j only, so the rest of the direct part is zero",
    {" * np.eye(len(h))": ""},
)
rtrl_step.slip(
    "it changes S_prev in place; return a new array",
    {
        "return (direct + S_prev @ W_hh) * (1 - h**2)": "S_prev[:] = (direct + S_prev @ W_hh) * (1 - h**2)\n    return S_prev"
    },
)


@rtrl_step.variant
def _(h_prev, h, S_prev, W_hh):
    H = len(h)
    S = np.einsum("ijm,mk->ijk", S_prev, W_hh)
    for i in range(H):
        for j in range(H):
            S[i, j, j] += h_prev[i]
    return S * (1 - h * h)


@rtrl_step.variant
def _(h_prev, h, S_prev, W_hh):
    jacobian, H = W_hh * (1 - h**2), len(h)
    direct = np.einsum("i,jk->ijk", h_prev, np.diag(1 - h**2))
    return direct + (S_prev.reshape(H * H, H) @ jacobian).reshape(H, H, H)


def _sensitivity(rng, H):
    """h_prev, h (H,), S_prev (H, H, H), W_hh (H, H) with numbers of the same size."""
    h_prev, h = rng.uniform(0.2, 0.8, (2, H)) * rng.choice([-1, 1], (2, H))
    return h_prev, h, rng.standard_normal((H, H, H)), rng.standard_normal((H, H))

"""Exercise 5.5: a way back that is cut at random places and right on average."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "5.5",
    points=2,
    hints=(
        "Begin with pass A of lesson 04: each step's gradient is its own plus what the next step sends back.",
        "Only what step t + 1 sends back is multiplied by a weight: 1 / p where u[t] < p, and 0 elsewhere, for each sequence.",
        "weight = np.where(u[t] < p, 1 / p, 0)[:, None], and dh[t] = dh_out[t] + weight * ((...) @ W_hh.T).",
    ),
)
def randomised_backward(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray, u: np.ndarray, p: float) -> np.ndarray:
    """dh_out, h (T, B, H) to estimates of ∂L/∂h_t (T, B, H); u[t, b] < p: step t + 1 sends back to step t; u (T - 1, B)."""
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        sent = (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
        dh[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * sent
    return dh


def _way_back(rng, T, B, H, dtype=np.float64):
    arrays = rng.standard_normal((T, B, H)), rng.uniform(-0.9, 0.9, (T, B, H)), rng.standard_normal((H, H)) / H**0.5
    return *(a.astype(dtype) for a in arrays), rng.random((T - 1, B))


@randomised_backward.cases
def _(rng):
    *given, u = _way_back(rng, T=3, B=2, H=4)
    yield case("p = 1 is full backpropagation through time", *given, u, 1.0)
    yield case("nothing is sent back (all u above p)", *given, 0.5 + u / 2, 0.4)
    yield case("everything is sent back (all u below p)", *given, 0.3 * u, 0.3)
    yield case("seven steps, p = 0.7", *_way_back(rng, T=7, B=5, H=3), 0.7)
    yield case("one step (T = 1): there is nothing before it", *_way_back(rng, T=1, B=2, H=3), 0.5)
    yield case("one sequence (B = 1), p = 0.9", *_way_back(rng, T=12, B=1, H=4), 0.9)
    yield case("200 steps", *_way_back(rng, T=200, B=2, H=3), 0.6)
    yield case("all sizes equal", *_way_back(rng, T=4, B=4, H=4), 0.6)
    yield case("float32", *_way_back(rng, T=9, B=3, H=4, dtype=np.float32), 0.8)


randomised_backward.slip(
    "cut, but not weighted: what passes must be multiplied by 1/p, or the mean is too small", {"1 / p": "1"}
)
randomised_backward.slip(
    "what passes is multiplied by p; it must be divided by it, to make up for what is cut", {"1 / p": "p"}
)
randomised_backward.slip(
    "p is the probability to go on; here it serves as the probability to cut (and so does 1/(1 - p))",
    {"1 / p, 0": "0, 1 / max(1 - p, 1e-300)"},
)
randomised_backward.slip("cut and pass are swapped: u[t] < p means that the gradient passes", {"1 / p, 0": "0, 1 / p"})
randomised_backward.slip(
    "the weight 1/p stands where it passes, but where it is cut the gradient passes as well", {"1 / p, 0": "1 / p, 1"}
)
randomised_backward.slip(
    "the weight also hits the step's own gradient dh_out[t]; only what step t + 1 sends back has it",
    {"dh[t] += ": "dh[t] = ", "* sent": "* (dh_out[t] + sent)"},
)


@randomised_backward.mistake(
    "after the first cut nothing is sent any more; earlier steps draw anew whether to pass theirs on"
)
def _(dh_out, h, W_hh, u, p):
    dh, going = dh_out.copy(), np.ones(u.shape[1], bool)
    for t in reversed(range(len(h) - 1)):
        going = going & (u[t] < p)
        dh[t] += np.where(going, 1 / p, 0)[:, None] * ((dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T)
    return dh


randomised_backward.slip(
    "one draw serves all sequences; each has its own u[t, b]",
    {"np.where(u[t] < p, 1 / p, 0)[:, None]": "(u[t, 0] < p) / p"},
)
randomised_backward.slip(
    "u is read from the wrong end: u[t] belongs to what goes from step t + 1 to step t",
    {"u[t] < p, 1": "u[-1 - t] < p, 1"},
)
randomised_backward.slip(
    "nothing is cut: this is full backpropagation through time",
    {"np.where(u[t] < p, 1 / p, 0)[:, None] * sent": "sent"},
)
randomised_backward.slip(
    "step t + 1 sends on its own output's part only: hand on dh[t + 1], not dh_out[t + 1], and go from the last step back",
    {"sent = (dh[": "sent = (dh_out["},
)
randomised_backward.slip(
    "the slope is that of step t; what comes from step t + 1 went through its tanh: 1 - h[t + 1]²",
    {"1 - h[t + 1]": "1 - h[t]"},
)
randomised_backward.slip(
    "the slope of tanh is missing: 1 - h[t + 1]²", {"(dh[t + 1] * (1 - h[t + 1] ** 2))": "dh[t + 1]"}
)
randomised_backward.slip(
    "W_hh is not transposed: on the way back a row is multiplied by W_hh.T", {"W_hh.T\n": "W_hh\n"}
)
randomised_backward.slip("the caller's dh_out is changed: start from a copy of it", {".copy()": ""})
randomised_backward.slip(
    "the weight is 1/(1 - p), one over the probability to cut; what passes had the probability p",
    {"np.where(u[t] < p, 1 / p, 0)[:, None]": "(u[t] < p)[:, None] / np.float64(1 - p)"},
)
randomised_backward.slip("the slope of tanh is 1 - h², not 1 - h", {"h[t + 1] ** 2": "h[t + 1]"})


@randomised_backward.variant
def _(dh_out, h, W_hh, u, p):
    T, B, _ = h.shape
    dh = [list(rows) for rows in dh_out]
    for t in range(T - 2, -1, -1):
        for b in range(B):
            if u[t][b] < p:
                dh[t][b] = dh[t][b] + W_hh @ ((1 - h[t + 1][b] ** 2) * dh[t + 1][b]) / p
    return dh

"""Exercise 4.1: the gradient as a sum over paths, each term by itself."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "4.1",
    points=2,
    hints=(
        "Take one term, t = 3 and k = 1, and write its factors out by hand: which states occur in it?",
        "A term has three parts: dh_out of step t, one factor w_hh (1 - h_j²) for j = k+1, ..., t, and (1 - h_k²) h_{k-1}.",
        "Two loops, t from 1 to T and k from 1 to t; np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2)) is the product, 1 if empty.",
    ),
)
def path_terms(w_hh: float, h: np.ndarray, dh_out: np.ndarray) -> np.ndarray:
    """States h_0, ..., h_T (T + 1,) and dh_out (T,) to the terms of ∂L/∂w_hh (T, T): row t, column k, zero for k > t."""
    T = len(dh_out)
    terms = np.zeros((T, T))
    for t in range(1, T + 1):
        for k in range(1, t + 1):
            between = np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2))
            terms[t - 1, k - 1] = dh_out[t - 1] * between * (1 - h[k] ** 2) * h[k - 1]
    return terms


@path_terms.cases
def _(rng):
    yield case("one step has one term: dh_out (1 - h_1²) h_0", 0.9, *_scalars(rng, 1))
    h, dh_out = _scalars(rng, 3)
    yield case("no recurrence (w_hh = 0): only k = t is left", 0.0, h, dh_out)
    yield case("a gradient at the last step only: only the last row", 0.9, h, dh_out * [0, 0, 1])
    yield case("three steps, six terms", 0.9, h, dh_out)
    yield case("a negative weight", -1.3, *_scalars(rng, 5))
    yield case("a long text (T = 60)", 1.1, *_scalars(rng, 60))


path_terms.slip(
    "only k = t is there: no path runs through an earlier state. No gradient travels through time",
    {"range(1, t + 1)": "range(t, t + 1)"},
)
path_terms.slip(
    "the factor (1 - h_k²) of the step where the weight is used is missing",
    {" * (1 - h[k] ** 2)": ""},
)
path_terms.slip(
    "h_k stands where h_{k-1} belongs: at step k the weight is multiplied with the state before",
    {"* h[k - 1]": "* h[k]"},
)
path_terms.slip(
    "the product starts at j = k: the step from k - 1 to k is not on the way from k to t",
    {"k + 1 : t + 1": "k : t + 1"},
)
path_terms.slip(
    "the product stops one step too early: j runs up to t, and t itself belongs to it",
    {"k + 1 : t + 1": "k + 1 : t"},
)
path_terms.slip(
    "the product runs over j = k, ..., t - 1: one step too early at both ends. It is j = k + 1, ..., t",
    {"k + 1 : t + 1": "k:t"},
)
path_terms.slip(
    "w_hh is missing from the product: each step between contributes w_hh (1 - h_j²)",
    {"np.prod(w_hh * ": "np.prod("},
)
path_terms.slip(
    "(1 - h_j²) is missing from the product: each step between contributes w_hh (1 - h_j²)",
    {"np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2))": "w_hh ** (t - k)"},
)
path_terms.slip(
    "the tanh is taken once more: h[k] is already its result, so the slope is 1 - h²",
    {"1 - h[k + 1 : t + 1] ** 2": "1 - np.tanh(h[k + 1 : t + 1]) ** 2", "1 - h[k] ** 2": "1 - np.tanh(h[k]) ** 2"},
)
path_terms.slip(
    "rows and columns are swapped: row t, column k, so the upper right stays zero",
    {"terms[t - 1, k - 1]": "terms[k - 1, t - 1]"},
)
path_terms.slip(
    "there are terms with k > t: a weight that is used after step t cannot reach the loss of step t",
    {"range(1, t + 1)": "range(1, T + 1)"},
)
path_terms.slip(
    "this is their sum, the gradient itself; the single terms are asked for, (T, T)",
    {"return terms": "return terms.sum()"},
)
path_terms.slip(
    "the terms are divided by T once more: dh_out already holds the 1/T of the loss",
    {"return terms": "return terms / T"},
)
path_terms.slip(
    "the states are one step off: h[0] is h_0, so h_t is h[t] and the state before step 1 is h[0], never h[-1]",
    {
        "range(1, T + 1)": "range(T)",
        "range(1, t + 1)": "range(t + 1)",
        "terms[t - 1, k - 1] = dh_out[t - 1]": "terms[t, k] = dh_out[t]",
    },
)


@path_terms.variant
def _(w_hh, h, dh_out):
    terms = np.zeros((len(dh_out), len(dh_out)))
    for t in range(len(dh_out)):
        back = dh_out[t]
        for k in range(t, -1, -1):
            terms[t, k] = back * (1 - h[k + 1] ** 2) * h[k]
            back = back * w_hh * (1 - h[k + 1] ** 2)
    return terms


def _scalars(rng, T):
    """States h_0, ..., h_T (T + 1,) of one unit, and the gradients dh_out (T,) from its outputs."""
    return rng.uniform(0.2, 0.7, T + 1) * rng.choice([-1, 1], T + 1), rng.uniform(0.5, 1.5, T)

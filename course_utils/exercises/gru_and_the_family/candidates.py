"""Exercise 8.4: the reset gate after the product, and before it."""

import numpy as np

from ...activations import sigmoid  # noqa: F401 - for the edits of a mistake
from ..definition import case, exercise


@exercise(
    "8.4",
    points=1,
    outputs=("n with reset after", "n with reset before"),
    hints=(
        "Both candidates are tanh(u_n + something). In one r scales numbers of the state, in the other results of the product.",
        "After: r times (h_prev @ W + b_hn). Before: (r times h_prev) @ W; this form has no bias b_hn.",
        "W is W_h[2] in both: the candidate's own matrix in the order r, z, n.",
    ),
)
def two_candidates(
    u_n: np.ndarray, r: np.ndarray, h_prev: np.ndarray, W_h: np.ndarray, b_hn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """u_n, r, h_prev (B, H), W_h (3, H, H), b_hn (1, H) to the candidates n (B, H) with reset after, and reset before."""
    after = np.tanh(u_n + r * (h_prev @ W_h[2] + b_hn))
    before = np.tanh(u_n + (r * h_prev) @ W_h[2])
    return after, before


@two_candidates.cases
def _(rng):
    args = _candidate(rng, B=2, H=5)
    yield case("two sequences", *args)
    u_n, r, h_prev, W_h, b_hn = args
    yield case("with r at 1 they differ by the bias alone", u_n, r**0, h_prev, W_h, b_hn)
    yield case("with r at 0 both hear the input alone", u_n, 0 * r, h_prev, W_h, b_hn)
    yield case("from a state of zeros", u_n, r, 0 * h_prev, W_h, b_hn)
    yield case("one sequence (B = 1)", *_candidate(rng, B=1, H=3))
    yield case("all sizes equal", *_candidate(rng, B=3, H=3))


two_candidates.slip(
    "the two have changed places: reset after comes first", {"return after, before": "return before, after"}
)
two_candidates.slip("with reset after, b_hn belongs inside: r scales it too", {"W_h[2] + b_hn))": "W_h[2]) + b_hn)"})
two_candidates.slip(
    "b_hn stands in both; with reset before there is nothing it could do that b does not do already",
    {"(r * h_prev) @ W_h[2]": "(r * h_prev) @ W_h[2] + b_hn"},
)
two_candidates.slip(
    "W_h[0] is the reset gate's matrix, W_hr; the candidate has its own, W_h[2]",
    {"(h_prev @ W_h[2]": "(h_prev @ W_h[0]", "h_prev) @ W_h[2]": "h_prev) @ W_h[0]"},
)
two_candidates.slip(
    "both are the same form, reset after (the second without its bias): before means (r h') W",
    {"(r * h_prev) @ W_h[2]": "r * (h_prev @ W_h[2])"},
)
two_candidates.slip(
    "r scales u_n as well; what the input says is not reset",
    {"u_n + r * (h_prev": "r * (u_n + h_prev", "u_n + (r * h_prev)": "r * u_n + (r * h_prev)"},
)
two_candidates.slip("reset after has lost b_hn, which r scales together with the product", {" + b_hn": ""})
two_candidates.slip(
    "W_h[1] is the update gate's matrix; the order is r, z, n",
    {"(h_prev @ W_h[2]": "(h_prev @ W_h[1]", "h_prev) @ W_h[2]": "h_prev) @ W_h[1]"},
)
two_candidates.slip(
    "the matrix is transposed: it is square, so no shape complains",
    {"(h_prev @ W_h[2]": "(h_prev @ W_h[2].T", "h_prev) @ W_h[2]": "h_prev) @ W_h[2].T"},
)
two_candidates.slip("the tanh around both is missing", {"np.tanh(u_n + r": "(u_n + r", "np.tanh(u_n + (r": "(u_n + (r"})
two_candidates.slip(
    "r is a gate already, a share between 0 and 1; it goes through no second sigmoid",
    {"u_n + r *": "u_n + sigmoid(r) *", "(r * h_prev)": "(sigmoid(r) * h_prev)"},
)


@two_candidates.variant
def _(u_n, r, h_prev, W_h, b_hn):
    after = [np.tanh(u + s * (h @ W_h[2] + b_hn[0])) for u, s, h in zip(u_n, r, h_prev, strict=True)]
    return np.array(after), np.tanh(u_n + np.einsum("bi,bi,ij->bj", r, h_prev, W_h[2]))


def _candidate(rng, B, H):
    """u_n, r, h_prev, W_h, b_hn."""
    u_n, r, h_prev = rng.standard_normal((B, H)), rng.uniform(0.1, 0.9, (B, H)), rng.uniform(-0.9, 0.9, (B, H))
    return u_n, r, h_prev, rng.standard_normal((3, H, H)) * H**-0.5, rng.uniform(0.5, 1.5, (1, H))

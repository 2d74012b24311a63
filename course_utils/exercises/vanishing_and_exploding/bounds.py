"""Exercise 6.3: between which bounds the gradient's norm stays on its way back."""

import numpy as np

from ..definition import case, exercise
from .inputs import network, orthogonal_matrix


@exercise(
    "6.3",
    points=2,
    outputs=("lower", "upper"),
    hints=(
        "Write down the Jacobians first, one for each state, (n, H, H). From which end are they to be taken?",
        "np.linalg.svd(J, compute_uv=False) takes a whole stack and gives the singular values, largest first: (n, H).",
        "np.cumprod of the last column, and of the first; a 1 in front of each, for lag 0, where nothing is multiplied yet.",
    ),
)
def norm_bounds(W_hh: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """n states (n, H) in order of time to lower and upper bound of ‖∂L/∂h_{t-l}‖/‖∂L/∂h_t‖, each (n + 1,), by lag l."""
    J = (1 - h[::-1] ** 2)[:, :, None] * W_hh.T
    s = np.linalg.svd(J, compute_uv=False)
    lower, upper = (np.cumprod(np.append(1, s[:, k])) for k in (-1, 0))
    return lower, upper


@norm_bounds.cases
def _(rng):
    Q = orthogonal_matrix(rng, 4)
    yield case("orthogonal, states of zero: nothing is lost, both bounds are 1", Q, np.zeros((3, 4)))
    W_hh, h = network(rng, 1, 5)
    yield case("one step", W_hh, h)
    yield case("two steps of different slopes", *network(rng, 2, 5))
    yield case("seven steps", *network(rng, 7, 5))
    yield case("one unit: both bounds are the gradient itself", *network(rng, 5, 1))
    yield case("as many steps as units", *network(rng, 4, 4))
    yield case("a diagonal matrix", np.diag(rng.uniform(0.5, 1.5, 3)), rng.uniform(-0.5, 0.5, (4, 3)))
    yield case("a lopsided matrix", np.array([[0.9, 3.0], [0.0, 0.9]]), rng.uniform(-0.3, 0.3, (5, 2)))


norm_bounds.slip(
    "these are eigenvalues; how far a matrix stretches or shrinks a row is told by its singular values",
    {"np.linalg.svd(J, compute_uv=False)": "np.sort(np.abs(np.linalg.eigvals(J)))[:, ::-1]"},
)


@norm_bounds.mistake("these are powers of W_hh's singular values: the slopes of the tanh are missing")
def _(W_hh, h):
    s, lags = np.linalg.svd(W_hh, compute_uv=False), np.arange(len(h) + 1)
    return s[-1] ** lags, s[0] ** lags


@norm_bounds.mistake(
    "the slopes are missing in the lower bound; in both of them the singular values are those of J, not of W_hh"
)
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh.T, compute_uv=False)
    least = np.linalg.svd(W_hh, compute_uv=False)[-1]
    return least ** np.arange(len(h) + 1), np.cumprod(np.append(1, s[:, 0]))


norm_bounds.slip(
    "the steps are taken from the first on; lag 1 is the last step, since gradients come from the end", {"h[::-1]": "h"}
)
norm_bounds.slip(
    "lag 0 is missing: n steps have n + 1 lags, and at lag 0 both bounds are 1", {"np.append(1, s[:, k])": "s[:, k]"}
)
norm_bounds.slip("the singular values are added up; step after step they multiply", {"cumprod": "cumsum"})
norm_bounds.slip(
    "these are squares: the eigenvalues of J Jᵀ are the squared singular values",
    {"np.linalg.svd(J, compute_uv=False)": "np.linalg.eigvalsh(J @ J.transpose(0, 2, 1))[:, ::-1]"},
)
norm_bounds.slip("the two are swapped: the lower bound comes first", {"return lower, upper": "return upper, lower"})


@norm_bounds.mistake(
    "these are the singular values of the product, the exact extremes; the bounds are products of singular values, step by step"
)
def _(W_hh, h):
    P, lower, upper = np.eye(len(W_hh)), [1.0], [1.0]
    for h_j in h[::-1]:
        P = P @ np.diag(1 - h_j**2) @ W_hh.T
        s = np.linalg.svd(P, compute_uv=False)
        lower, upper = [*lower, s[-1]], [*upper, s[0]]
    return lower, upper


norm_bounds.slip(
    "these are the singular values of each step by itself; a lag of l has l steps, so they multiply",
    {"np.cumprod(np.append(1, s[:, k]))": "np.append(1, s[:, k])"},
)
norm_bounds.slip(
    "the slopes are on the wrong side of W_hh: the Jacobian is diag(1 - h²) W_hhᵀ, with W_hh transposed and a slope per row",
    {"W_hh.T": "W_hh"},
)
norm_bounds.slip(
    "the steps are taken from the first on, and the slopes are on the wrong side of W_hh: J is diag(1 - h²) W_hhᵀ",
    {"h[::-1]": "h", "W_hh.T": "W_hh"},
)


@norm_bounds.mistake(
    "these bounds hold, and are looser than they need be: take the singular values of J, slopes and weights together"
)
def _(W_hh, h):
    s, slopes = np.linalg.svd(W_hh, compute_uv=False), 1 - h[::-1] ** 2
    return np.cumprod(np.append(1, slopes.min(axis=1) * s[-1])), np.cumprod(np.append(1, slopes.max(axis=1) * s[0]))


@norm_bounds.variant
def _(W_hh, h):
    lower, upper = [1.0], [1.0]
    for h_j in reversed(h):
        J = np.diag(1 - h_j**2) @ W_hh.T
        lower.append(lower[-1] * np.linalg.norm(J, -2))
        upper.append(upper[-1] * np.linalg.norm(J, 2))
    return lower, upper


@norm_bounds.variant
def _(W_hh, h):
    J = W_hh * (1 - h**2)[:, None, :]  # transposed, which has the same singular values
    s = np.linalg.svd(J, compute_uv=False)[::-1]
    ones = np.ones((1, s.shape[1]))
    by_lag = np.cumprod(np.concatenate([ones, s]), axis=0)
    return by_lag.min(axis=1), by_lag.max(axis=1)

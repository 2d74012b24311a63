"""Exercise 6.1: how a late state depends on an early one."""

import numpy as np

from ..definition import case, exercise
from .inputs import network


@exercise(
    "6.1",
    points=2,
    hints=(
        "One factor first: what is ∂h_j/∂h_{j-1} for the Elman cell, as section 1 has it?",
        "Start from the identity, which is the product of no factors, and go through the states. On which side is a new one?",
        "for h_j in h: P = np.diag(1 - h_j**2) @ W_hh.T @ P. The latest step stands first, on the left.",
    ),
)
def jacobian_product(W_hh: np.ndarray, h: np.ndarray) -> np.ndarray:
    """States h_{k+1}, ..., h_t as rows (t - k, H) to ∂h_t/∂h_k (H, H): row a unit of h_t, column a unit of h_k."""
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - h_j**2) @ W_hh.T @ P
    return P


@jacobian_product.cases
def _(rng):
    W_hh, h = network(rng, 1, 5)
    yield case("one step: diag(1 - h²) W_hhᵀ", W_hh, h)
    yield case("no step at all (k = t): nothing has changed yet", W_hh, h[:0])
    yield case("states of zero, where tanh has slope one: the power of a matrix", W_hh, np.zeros((3, 5)))
    yield case("two steps", *network(rng, 2, 4))
    yield case("seven steps", *network(rng, 7, 5))
    yield case("one unit: a product of numbers", *network(rng, 4, 1))
    yield case("as many steps as units", *network(rng, 4, 4))
    yield case("a long way (200 steps)", *network(rng, 200, 3))
    yield case("float32", *(a.astype(np.float32) for a in network(rng, 6, 4)))


jacobian_product.slip(
    "the factors stand in the order of time; a gradient, a row from the left, meets the latest first",
    {"np.diag(1 - h_j**2) @ W_hh.T @ P": "P @ np.diag(1 - h_j**2) @ W_hh.T"},
)
jacobian_product.slip(
    "W_hh stands as on the way forward; with a row for each new unit it is transposed. No shape complains",
    {"W_hh.T": "W_hh"},
)


@jacobian_product.mistake("the slopes are missing: each step goes through the tanh, whose slope is 1 - h²")
def _(W_hh, h):
    return np.linalg.matrix_power(W_hh.T, len(h))


jacobian_product.slip(
    "the slope acts on the old unit here (the columns); it belongs to the unit that is new, to the rows",
    {"np.diag(1 - h_j**2) @ W_hh.T": "W_hh.T * (1 - h_j**2)"},
)
jacobian_product.slip(
    "this is the transpose: rows are to be units of h_t, columns units of h_k",
    {"np.diag(1 - h_j**2) @ W_hh.T @ P": "P @ W_hh * (1 - h_j**2)"},
)


@jacobian_product.mistake("the matrices are multiplied entry by entry; a chain of linear maps is a matrix product")
def _(W_hh, h):
    return np.prod((1 - h**2)[:, :, None] * W_hh.T, axis=0)


jacobian_product.slip(
    "the first of the states is left out: h holds h_{k+1} to h_t, and each of them is one factor",
    {"in h:": "in h[1:]:"},
)
jacobian_product.slip(
    "the last of the states is left out: h holds h_{k+1} to h_t, and each of them is one factor",
    {"in h:": "in h[:-1]:"},
)
jacobian_product.slip(
    "only the last step is there: each turn has to build on what the turns before have made", {" @ P": ""}
)
jacobian_product.slip(
    "the tanh is taken once more: h is already its result, so the slope is 1 - h²", {"h_j**2": "np.tanh(h_j) ** 2"}
)
jacobian_product.slip("1 - h is not the slope of tanh: its square is missing, as in 1 - h²", {"h_j**2": "h_j"})


@jacobian_product.mistake("the factors are added up; changes that pass through one step after the other multiply")
def _(W_hh, h):
    return np.eye(len(W_hh), dtype=W_hh.dtype) + sum(np.diag(1 - h_j**2) @ W_hh.T for h_j in h)


@jacobian_product.variant
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h[::-1]:
        P = P @ ((1 - h_j**2)[:, None] * W_hh.T)
    return P


@jacobian_product.variant
def _(W_hh, h):
    rows = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in reversed(h):
        rows = np.einsum("aj,j,kj->ak", rows, 1 - h_j**2, W_hh)
    return rows

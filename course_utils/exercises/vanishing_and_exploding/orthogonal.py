"""Exercise 6.4: a random orthogonal matrix, each as likely as another."""

import numpy as np

from ..definition import case, exercise
from .inputs import orthogonal_matrix


@exercise(
    "6.4",
    points=2,
    hints=(
        "Q, R = np.linalg.qr(A) gives A = Q R. Which freedom is left, if a column of Q changes its sign?",
        "If column j of Q and row j of R both change sign, Q R stays. Choose the signs so that R's diagonal is positive.",
        "Multiply the columns of Q with np.sign(np.diag(R)); a row of signs does that by broadcasting.",
    ),
)
def orthogonal_from(A: np.ndarray) -> np.ndarray:
    """A of independent N(0, 1) entries (H, H) to the Q (H, H) of A = Q R, R upper triangular with a positive diagonal."""
    Q, R = np.linalg.qr(A)
    return Q * np.sign(np.diag(R))


@orthogonal_from.cases
def _(rng):
    yield case("one unit, negative: A = Q R with R > 0", np.array([[-rng.uniform(1, 2)]]))
    yield case("the identity is its own Q", np.eye(4))
    yield case("a matrix that is orthogonal already stays as it is", orthogonal_matrix(rng, 3))
    yield case(
        "upper triangular with a positive diagonal is an R: Q is the identity", np.triu(rng.uniform(1, 2, (4, 4)))
    )
    A = rng.standard_normal((5, 5))
    yield case("five units", A)
    yield case("a thousand times as large, the same Q", 1000 * A)
    yield case("the opposite matrix has the opposite Q", -A)
    yield case("seven units", rng.standard_normal((7, 7)))
    yield case("eight units", rng.standard_normal((8, 8)))
    yield case("float32", rng.standard_normal((4, 4)).astype(np.float32))


@orthogonal_from.mistake("the signs are as the library happens to choose them: R has negative numbers on its diagonal")
def _(A):
    return np.linalg.qr(A)[0]


orthogonal_from.slip(
    "the signs are on the rows of Q; R's row j goes with Q's column j",
    {"Q * np.sign(np.diag(R))": "np.sign(np.diag(R))[:, None] * Q"},
)
orthogonal_from.slip(
    "the columns are stretched by R's diagonal; of it only the sign is wanted", {"np.sign(np.diag(R))": "np.diag(R)"}
)
orthogonal_from.slip(
    "this is Qᵀ, also orthogonal, but A = Q R is to hold", {"Q * np.sign(np.diag(R))": "(Q * np.sign(np.diag(R))).T"}
)


@orthogonal_from.mistake("this comes from a singular value decomposition; it is orthogonal, but A = Q R is to hold")
def _(A):
    U, _, V = np.linalg.svd(A)
    return U @ V


@orthogonal_from.mistake(
    "the columns have length one and are not at right angles to each other: QᵀQ is not the identity"
)
def _(A):
    return A / np.linalg.norm(A, axis=0)


@orthogonal_from.mistake(
    "dividing by the largest singular value makes one singular value 1; orthogonal means all of them"
)
def _(A):
    return A / np.linalg.norm(A, 2)


@orthogonal_from.mistake(
    "dividing by the spectral radius makes one eigenvalue's modulus 1; orthogonal asks for far more"
)
def _(A):
    return A / np.abs(np.linalg.eigvals(A)).max()


@orthogonal_from.mistake("the rows of A are made orthogonal here, the columns are asked for: A = Q R, not R Q")
def _(A):
    Q, R = np.linalg.qr(A.T)
    return (Q * np.sign(np.diag(R))).T


@orthogonal_from.mistake("this is R, the triangular factor; Q is the other one")
def _(A):
    R = np.linalg.qr(A)[1]
    return R * np.sign(np.diag(R))[:, None]


orthogonal_from.slip(
    "only the first entry's sign is looked at: each column has a sign of its own", {"np.diag(R)": "R[0, 0]"}
)
orthogonal_from.slip(
    "these are the signs of Q's own diagonal; it is R's diagonal that is to be positive",
    {"np.sign(np.diag(R))": "np.sign(np.diag(Q))"},
)
orthogonal_from.slip(
    "Q is multiplied entry by entry with the signs of all of R; of R only the diagonal is wanted, one sign per column",
    {"np.sign(np.diag(R))": "np.sign(R)"},
)
orthogonal_from.slip("A is transposed before it is split: this is the Q of another matrix", {"qr(A)": "qr(A.T)"})


@orthogonal_from.variant
def _(A):
    Q, R = np.linalg.qr(A)
    return Q @ np.diag(np.where(np.diag(R) < 0, -1.0, 1.0))


@orthogonal_from.variant
def _(A):
    Q, R = np.linalg.qr(A)
    Q = Q.copy()
    for j in range(len(A)):
        if R[j, j] < 0:
            Q[:, j] = -Q[:, j]
    return Q

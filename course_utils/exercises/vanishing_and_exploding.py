"""Lesson 06: Jacobian products, spectral radius, both bounds, orthogonal starts, the adding task, clipping, a regulariser."""

import numpy as np

from .definition import case, exercise


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
    W_hh, h = _network(rng, 1, 5)
    yield case("one step: diag(1 - h²) W_hhᵀ", W_hh, h)
    yield case("no step at all (k = t): nothing has changed yet", W_hh, h[:0])
    yield case("states of zero, where tanh has slope one: the power of a matrix", W_hh, np.zeros((3, 5)))
    yield case("two steps", *_network(rng, 2, 4))
    yield case("seven steps", *_network(rng, 7, 5))
    yield case("one unit: a product of numbers", *_network(rng, 4, 1))
    yield case("as many steps as units", *_network(rng, 4, 4))
    yield case("a long way (200 steps)", *_network(rng, 200, 3))
    yield case("float32", *(a.astype(np.float32) for a in _network(rng, 6, 4)))


@jacobian_product.mistake(
    "the factors stand in the order of time; a gradient, a row from the left, meets the latest first"
)
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = P @ np.diag(1 - h_j**2) @ W_hh.T
    return P


@jacobian_product.mistake(
    "W_hh stands as on the way forward; with a row for each new unit it is transposed. No shape complains"
)
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - h_j**2) @ W_hh @ P
    return P


@jacobian_product.mistake("the slopes are missing: each step goes through the tanh, whose slope is 1 - h²")
def _(W_hh, h):
    return np.linalg.matrix_power(W_hh.T, len(h))


@jacobian_product.mistake(
    "the slope acts on the old unit here (the columns); it belongs to the unit that is new, to the rows"
)
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = W_hh.T * (1 - h_j**2) @ P
    return P


@jacobian_product.mistake("this is the transpose: rows are to be units of h_t, columns units of h_k")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = P @ W_hh * (1 - h_j**2)
    return P


@jacobian_product.mistake("the matrices are multiplied entry by entry; a chain of linear maps is a matrix product")
def _(W_hh, h):
    return np.prod((1 - h**2)[:, :, None] * W_hh.T, axis=0)


@jacobian_product.mistake("the first of the states is left out: h holds h_{k+1} to h_t, and each of them is one factor")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h[1:]:
        P = np.diag(1 - h_j**2) @ W_hh.T @ P
    return P


@jacobian_product.mistake("the last of the states is left out: h holds h_{k+1} to h_t, and each of them is one factor")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h[:-1]:
        P = np.diag(1 - h_j**2) @ W_hh.T @ P
    return P


@jacobian_product.mistake("only the last step is there: each turn has to build on what the turns before have made")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - h_j**2) @ W_hh.T
    return P


@jacobian_product.mistake("the tanh is taken once more: h is already its result, so the slope is 1 - h²")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - np.tanh(h_j) ** 2) @ W_hh.T @ P
    return P


@jacobian_product.mistake("1 - h is not the slope of tanh: its square is missing, as in 1 - h²")
def _(W_hh, h):
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - h_j) @ W_hh.T @ P
    return P


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


@exercise(
    "6.2",
    points=1,
    hints=(
        "What is the spectral radius of a number times a matrix? Then which number do you need?",
        "np.linalg.eigvals gives the eigenvalues, complex in general. The size of a complex number is its modulus, np.abs.",
        "The factor is radius divided by np.abs(np.linalg.eigvals(W)).max().",
    ),
)
def rescale_to_radius(W: np.ndarray, radius: float) -> np.ndarray:
    """A square matrix W (H, H) times the positive number that gives it the spectral radius `radius`, (H, H)."""
    return W * (radius / np.abs(np.linalg.eigvals(W)).max())


@rescale_to_radius.cases
def _(rng):
    yield case("a diagonal matrix", np.diag(rng.uniform(0.2, 2.0, 4)), 0.9)
    yield case("the eigenvalue of largest size is negative", np.diag([0.4, -rng.uniform(2, 3), 1.1]), 0.9)
    turn = rng.uniform(0.5, 1.0)
    quarter = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    yield case("a rotation twice as long: two complex eigenvalues of modulus 2", 2 * quarter, 1.1)
    yield case("lopsided: eigenvalues of 0.5, a singular value above 4", np.array([[0.5, 4.0], [0.0, 0.5]]), 0.9)
    yield case("a Gaussian matrix", rng.standard_normal((7, 7)), 1.3)
    yield case("one unit, negative", np.array([[-rng.uniform(2, 3)]]), 0.5)
    yield case("radius 0 asks for zeros", rng.standard_normal((3, 3)), 0.0)
    yield case("float32", rng.standard_normal((5, 5)).astype(np.float32), 0.9)


@rescale_to_radius.mistake("this divides by the largest singular value; the spectral radius is made of eigenvalues")
def _(W, radius):
    return W * (radius / np.linalg.norm(W, 2))


@rescale_to_radius.mistake("the largest eigenvalue is not the one of largest size: -3 counts as 3")
def _(W, radius):
    return W * (radius / np.linalg.eigvals(W).real.max())


@rescale_to_radius.mistake("eigenvalues are complex in general: their size is the modulus, not that of the real part")
def _(W, radius):
    return W * (radius / np.abs(np.linalg.eigvals(W).real).max())


@rescale_to_radius.mistake(
    "eigvals gives complex numbers with a sign; without their modulus the factor is not a positive number"
)
def _(W, radius):
    return W * (radius / np.linalg.eigvals(W).max())


@rescale_to_radius.mistake("eigvalsh is for symmetric matrices and looks at one triangle only; W is any square matrix")
def _(W, radius):
    return W * (radius / np.abs(np.linalg.eigvalsh(W)).max())


@rescale_to_radius.mistake("W is multiplied by `radius` as it is; its own spectral radius has to be divided out first")
def _(W, radius):
    return W * radius


@rescale_to_radius.mistake("now every matrix has spectral radius one: where is `radius`?")
def _(W, radius):
    return W / np.abs(np.linalg.eigvals(W)).max()


@rescale_to_radius.mistake(
    "this divides by the norm of all entries (Frobenius); the spectral radius is made of eigenvalues"
)
def _(W, radius):
    return W * (radius / np.linalg.norm(W))


@rescale_to_radius.mistake("this divides by the largest entry; the spectral radius is made of eigenvalues")
def _(W, radius):
    return W * (radius / np.abs(W).max())


@rescale_to_radius.mistake("it changes W in place; return a new matrix")
def _(W, radius):
    W *= radius / np.abs(np.linalg.eigvals(W)).max()
    return W


rescale_to_radius.slip(
    "only the first eigenvalue is looked at: they come in no order, and the largest of them counts", {".max()": "[0]"}
)
rescale_to_radius.slip(
    "the factor is upside down: the larger `radius`, the smaller the matrix. It is wanted size over present size",
    {"radius / np.abs(np.linalg.eigvals(W)).max()": "np.abs(np.linalg.eigvals(W)).max() / radius"},
)


@rescale_to_radius.variant
def _(W, radius):
    values = np.linalg.eig(W)[0]
    return radius * W / np.sqrt(values.real**2 + values.imag**2).max()


@rescale_to_radius.variant
def _(W, radius):
    return (W / max(abs(v) for v in np.linalg.eigvals(W.T))) * radius


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
    Q = _orthogonal(rng, 4)
    yield case("orthogonal, states of zero: nothing is lost, both bounds are 1", Q, np.zeros((3, 4)))
    W_hh, h = _network(rng, 1, 5)
    yield case("one step", W_hh, h)
    yield case("two steps of different slopes", *_network(rng, 2, 5))
    yield case("seven steps", *_network(rng, 7, 5))
    yield case("one unit: both bounds are the gradient itself", *_network(rng, 5, 1))
    yield case("as many steps as units", *_network(rng, 4, 4))
    yield case("a diagonal matrix", np.diag(rng.uniform(0.5, 1.5, 3)), rng.uniform(-0.5, 0.5, (4, 3)))
    yield case("a lopsided matrix", np.array([[0.9, 3.0], [0.0, 0.9]]), rng.uniform(-0.3, 0.3, (5, 2)))


@norm_bounds.mistake(
    "these are eigenvalues; how far a matrix stretches or shrinks a row is told by its singular values"
)
def _(W_hh, h):
    size = np.sort(np.abs(np.linalg.eigvals((1 - h[::-1] ** 2)[:, :, None] * W_hh.T)), axis=1)
    return np.cumprod(np.append(1, size[:, 0])), np.cumprod(np.append(1, size[:, -1]))


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


@norm_bounds.mistake("the steps are taken from the first on; lag 1 is the last step, since gradients come from the end")
def _(W_hh, h):
    s = np.linalg.svd((1 - h**2)[:, :, None] * W_hh.T, compute_uv=False)
    return np.cumprod(np.append(1, s[:, -1])), np.cumprod(np.append(1, s[:, 0]))


@norm_bounds.mistake("lag 0 is missing: n steps have n + 1 lags, and at lag 0 both bounds are 1")
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh.T, compute_uv=False)
    return np.cumprod(s[:, -1]), np.cumprod(s[:, 0])


@norm_bounds.mistake("the singular values are added up; step after step they multiply")
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh.T, compute_uv=False)
    return np.cumsum(np.append(1, s[:, -1])), np.cumsum(np.append(1, s[:, 0]))


@norm_bounds.mistake("these are squares: the eigenvalues of J Jᵀ are the squared singular values")
def _(W_hh, h):
    J = (1 - h[::-1] ** 2)[:, :, None] * W_hh.T
    s = np.linalg.eigvalsh(J @ J.transpose(0, 2, 1))
    return np.cumprod(np.append(1, s[:, 0])), np.cumprod(np.append(1, s[:, -1]))


@norm_bounds.mistake("the two are swapped: the lower bound comes first")
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh.T, compute_uv=False)
    return np.cumprod(np.append(1, s[:, 0])), np.cumprod(np.append(1, s[:, -1]))


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


@norm_bounds.mistake("these are the singular values of each step by itself; a lag of l has l steps, so they multiply")
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh.T, compute_uv=False)
    return np.append(1, s[:, -1]), np.append(1, s[:, 0])


@norm_bounds.mistake(
    "the slopes are on the wrong side of W_hh: the Jacobian is diag(1 - h²) W_hhᵀ, with W_hh transposed and a slope per row"
)
def _(W_hh, h):
    s = np.linalg.svd((1 - h[::-1] ** 2)[:, :, None] * W_hh, compute_uv=False)
    return np.cumprod(np.append(1, s[:, -1])), np.cumprod(np.append(1, s[:, 0]))


@norm_bounds.mistake(
    "the steps are taken from the first on, and the slopes are on the wrong side of W_hh: J is diag(1 - h²) W_hhᵀ"
)
def _(W_hh, h):
    s = np.linalg.svd((1 - h**2)[:, :, None] * W_hh, compute_uv=False)
    return np.cumprod(np.append(1, s[:, -1])), np.cumprod(np.append(1, s[:, 0]))


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
    yield case("a matrix that is orthogonal already stays as it is", _orthogonal(rng, 3))
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


@orthogonal_from.mistake("the signs are on the rows of Q; R's row j goes with Q's column j")
def _(A):
    Q, R = np.linalg.qr(A)
    return np.sign(np.diag(R))[:, None] * Q


@orthogonal_from.mistake("the columns are stretched by R's diagonal; of it only the sign is wanted")
def _(A):
    Q, R = np.linalg.qr(A)
    return Q * np.diag(R)


@orthogonal_from.mistake("this is Qᵀ, also orthogonal, but A = Q R is to hold")
def _(A):
    Q, R = np.linalg.qr(A)
    return (Q * np.sign(np.diag(R))).T


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


@orthogonal_from.mistake("only the first entry's sign is looked at: each column has a sign of its own")
def _(A):
    Q, R = np.linalg.qr(A)
    return Q * np.sign(R[0, 0])


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


@exercise(
    "6.5",
    points=1,
    outputs=("x", "sums"),
    hints=(
        "Two layers of numbers: the values themselves, and as many zeros with two ones in each sequence. Stack them last.",
        "first[b] is the step that is marked in sequence b: the index pairs are (first, 0..B-1), so you need np.arange(B).",
        "each = np.arange(B); marks[first, each] = 1, likewise second. The sum: values[first, each] + values[second, each].",
    ),
)
def adding_task(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (T, B) and the marked steps of each sequence, (B,), (B,), to x (T, B, 2), number and mark, and sums (B,)."""
    each = np.arange(values.shape[1])
    marks = np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values[first, each] + values[second, each]


@adding_task.cases
def _(rng):
    yield case("two steps, both marked: the sum of all", *_marked(rng, 2, 3))
    yield case("one sequence (B = 1)", *_marked(rng, 7, 1))
    yield case("seven steps, three sequences", *_marked(rng, 7, 3))
    values, first, second = _marked(rng, 9, 4)
    yield case("the same two steps in every sequence", values, 0 * first + 2, 0 * second + 6)
    yield case("the first and the last step", values, 0 * first, 0 * second + 8)
    yield case("as many steps as sequences", *_marked(rng, 5, 5))
    yield case("a long sequence (T = 200)", *_marked(rng, 200, 2))
    values, first, second = _marked(rng, 6, 4)
    yield case("float32", values.astype(np.float32), first, second)


@adding_task.mistake("a mark of one sequence is set in all of them: each sequence has two steps of its own")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first] = marks[second] = 1
    return np.stack([values, marks], axis=-1), values[first, each] + values[second, each]


@adding_task.mistake(
    "a mark of one sequence is set in all of them, and counted: each sequence has two steps of its own"
)
def _(values, first, second):
    marks = np.zeros_like(values)
    marks[first] = marks[second] = 1
    return np.stack([values, marks], axis=-1), (values * marks).sum(axis=0)


@adding_task.mistake("the answer is the mean of the two marked numbers; their sum is asked for")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), (values[first, each] + values[second, each]) / 2


@adding_task.mistake("the answer is the product of the two marked numbers; their sum is asked for")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values[first, each] * values[second, each]


@adding_task.mistake("the answer adds all numbers; only the marked ones count")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values.sum(axis=0)


@adding_task.mistake(
    "the numbers without a mark are wiped out; without them nothing has to be chosen, and the task is too easy"
)
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values * marks, marks], axis=-1), (values * marks).sum(axis=0)


@adding_task.mistake("mark and number are swapped: the number comes first")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([marks, values], axis=-1), values[first, each] + values[second, each]


@adding_task.mistake(
    "number and mark stand on the first axis; they are the two inputs of a step, so they belong to the last: (T, B, 2)"
)
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks]), values[first, each] + values[second, each]


@adding_task.mistake("batch first, (B, T, 2); in this course time comes first, (T, B, 2)")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values.T, marks.T], axis=-1), values[first, each] + values[second, each]


@adding_task.mistake("the marks are one step late: `first` and `second` count from 0, as Python does")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[first - 1, each] = marks[second - 1, each] = 1
    return np.stack([values, marks], axis=-1), values[first - 1, each] + values[second - 1, each]


@adding_task.mistake("only the second number is marked and counted; that is a task without a long lag")
def _(values, first, second):
    each, marks = np.arange(values.shape[1]), np.zeros_like(values)
    marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values[second, each]


adding_task.slip(
    "values[first] takes the marked steps of every sequence for each of them; step first[b] goes with sequence b only",
    {"values[first, each] + values[second, each]": "values[first].sum(axis=0) + values[second].sum(axis=0)"},
)
adding_task.slip(
    "only the first number is marked and counted",
    {
        "marks[first, each] = marks[second, each] = 1": "marks[first, each] = 1",
        "values[first, each] + values[second, each]": "values[first, each]",
    },
)
adding_task.slip(
    "the second mark is a 2; both marks are 1",
    {"marks[first, each] = marks[second, each] = 1": "marks[first, each], marks[second, each] = 1, 2"},
)
adding_task.slip(
    "the sums are a column (B, 1); one number per sequence is wanted, (B,)",
    {"values[first, each] + values[second, each]": "(values[first, each] + values[second, each])[:, None]"},
)


@adding_task.variant
def _(values, first, second):
    T, B = values.shape
    x = np.zeros((T, B, 2), values.dtype)
    x[:, :, 0] = values
    sums = []
    for b in range(B):
        x[first[b], b, 1] = x[second[b], b, 1] = 1
        sums.append(values[first[b], b] + values[second[b], b])
    return x, np.array(sums)


@adding_task.variant
def _(values, first, second):
    steps = np.arange(len(values))[:, None]
    marks = ((steps == first) | (steps == second)).astype(values.dtype)
    return np.concatenate([values[..., None], marks[..., None]], axis=2), np.einsum("tb,tb->b", values, marks)


@exercise(
    "6.6",
    points=2,
    hints=(
        "Compare the symptoms with what a length is: how long is the row (3, 4), and what does the shipped code say?",
        "The norm of all arrays together is that of one long row made of all their numbers: Pythagoras, over everything.",
        "norm = np.sqrt(sum((g * g).sum() for g in grads)); the test and the factor limit / norm both use it.",
    ),
)
def clip_by_norm(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """All arrays together count as one vector: if it is longer than limit, make it that long, same direction; else as it is."""
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    scale = limit / norm if norm > limit else 1.0
    return [g * scale for g in grads]


@clip_by_norm.cases
def _(rng):
    g = rng.standard_normal((3, 4))
    unit = g / np.linalg.norm(g)
    yield case("far too long: as long as the limit, in the same direction", [20 * unit], 5.0)
    yield case("shorter than the limit: it stays as it is", [0.3 * unit], 5.0)
    yield case("length 2 under a limit of 3: it stays, although its square is 4", [2 * unit], 3.0)
    yield case("length 0.8 over a limit of 0.7: shortened, although its square is 0.64", [0.8 * unit], 0.7)
    several = [rng.standard_normal((3, 5)), rng.standard_normal((5, 5)), rng.standard_normal(5)]
    yield case("three arrays are one vector: one factor for all", several, 1.0)
    yield case("each array is short, all together are not", [0.8 * unit, 0.8 * unit[0], 0.8 * unit[:2]], 0.9)
    yield case("a gradient of zeros", [np.zeros(3), np.zeros((2, 2))], 1.0)
    yield case("float32", [(9 * unit).astype(np.float32)], 2.0)


@clip_by_norm.mistake(
    "this is the code as it was shipped: for length 20 and limit 5 it returns length 0.25. How long is (3, 4)?"
)
def _(grads, limit):
    norm = sum((g * g).sum() for g in grads)
    return [g * (limit / norm) for g in grads] if norm > limit else list(grads)


@clip_by_norm.mistake("the factor is right and the test is not: it compares the squared length with the limit")
def _(grads, limit):
    squares = sum((g * g).sum() for g in grads)
    return [g * (limit / np.sqrt(squares)) for g in grads] if squares > limit else list(grads)


@clip_by_norm.mistake("the test is right and the factor is not: limit / squared length makes it far too short")
def _(grads, limit):
    squares = sum((g * g).sum() for g in grads)
    return [g * (limit / squares) for g in grads] if np.sqrt(squares) > limit else list(grads)


@clip_by_norm.mistake("this is clipping by value: each number is cut by itself, so the direction turns")
def _(grads, limit):
    return [np.clip(g, -limit, limit) for g in grads]


@clip_by_norm.mistake(
    "every array is clipped by its own norm, so the direction of the whole turns; one norm, one factor for all"
)
def _(grads, limit):
    return [g * min(1.0, limit / max(np.linalg.norm(g), 1e-30)) for g in grads]


@clip_by_norm.mistake(
    "every gradient gets the length `limit`, short ones too: near a minimum the steps would never become small"
)
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    return [g * (limit / max(norm, 1e-30)) for g in grads]


@clip_by_norm.mistake("too long a gradient gets length one; it should get the length `limit`")
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    return [g / norm for g in grads] if norm > limit else list(grads)


@clip_by_norm.mistake("it changes the caller's arrays in place (`*=`); return new ones")
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    for g in grads:
        if norm > limit:
            g *= limit / norm
    return grads


@clip_by_norm.mistake(
    "a mean of squares in place of their sum: the limit would mean something else for each size of network"
)
def _(grads, limit):
    norm = np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))
    return [g * (limit / norm) for g in grads] if norm > limit else list(grads)


@clip_by_norm.mistake("this is the sum of absolute values; a length is the root of the sum of squares")
def _(grads, limit):
    norm = sum(np.abs(g).sum() for g in grads)
    return [g * (limit / norm) for g in grads] if norm > limit else list(grads)


@clip_by_norm.mistake("the lengths of the arrays are added up; lengths of parts add as squares, under one root")
def _(grads, limit):
    norm = sum(np.linalg.norm(g) for g in grads)
    return [g * (limit / norm) for g in grads] if norm > limit else list(grads)


@clip_by_norm.mistake(
    "a small number is added to the norm, as torch does; a norm above the limit cannot be zero, so leave it out"
)
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    return [g * min(1.0, limit / (norm + 1e-6)) for g in grads]


@clip_by_norm.mistake(
    "nothing is ever clipped: what the loop makes is bound to a name and lost. Collect the new arrays in a list"
)
def _(grads, limit):
    return grads


@clip_by_norm.mistake("the factor is upside down: what is too long gets longer still. It is limit / norm")
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    return [g * (norm / limit) for g in grads] if norm > limit else list(grads)


clip_by_norm.slip(
    "the longest of the arrays is taken for the whole; lengths of parts add as squares, under one root",
    {"np.sqrt(sum((g * g).sum() for g in grads))": "max(np.linalg.norm(g) for g in grads)"},
)
clip_by_norm.slip(
    "too long a gradient is multiplied by the limit; divide by its norm as well, and it has the length `limit`",
    {"limit / norm if": "limit if"},
)
clip_by_norm.slip(
    "the norm is returned as well, as the library does; here only the list of arrays is wanted",
    {"[g * scale for g in grads]": "[g * scale for g in grads], norm"},
)


@clip_by_norm.variant
def _(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    return [g * min(1, limit / norm) if norm > 0 else g.copy() for g in grads]


@clip_by_norm.variant
def _(grads, limit):
    squares = sum(np.vdot(g, g) for g in grads)
    return tuple(limit * g / squares**0.5 if squares > limit**2 else g for g in grads)


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
    Q = _orthogonal(rng, 4)
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
        W_hh, h = _network(rng, T, H)
        yield case(claim, rng.uniform(0.5, 2, (T, 1)) * rng.standard_normal((T, H)), h, W_hh)


@pascanu_regulariser.mistake("1 - h² is missing: on its way to the step before, the gradient goes through the tanh")
def _(dh, h, W_hh):
    back = dh @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ dh


@pascanu_regulariser.mistake("W_hh is not transposed: a gradient goes back with W_hhᵀ. No shape complains")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), v.T @ ((2 * off / (length * shorter))[:, None] * back)


@pascanu_regulariser.mistake("the gradient of Ω is transposed: row i belongs to unit i of the state before, as in W_hh")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), v.T @ ((2 * off / (length * shorter))[:, None] * back)


@pascanu_regulariser.mistake("the -1 is missing: this pulls all lengths towards zero, which is vanishing on purpose")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length
    return np.sum(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ v


@pascanu_regulariser.mistake("the square is missing in Ω: ratios above and below one would cancel")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    return np.sum(shorter / length - 1), ((1 / (length * shorter))[:, None] * back).T @ v


@pascanu_regulariser.mistake("the mean over the steps is taken; Ω is their sum")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.mean(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ v / len(dh)


@pascanu_regulariser.mistake("one norm is taken over all steps together; every step has a ratio of its own (axis=1)")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh), np.linalg.norm(back)
    off = shorter / length - 1
    return off**2, 2 * off / (length * shorter) * back.T @ v


@pascanu_regulariser.mistake("Ω is right; in its gradient the 2 of the square is missing")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((off / (length * shorter))[:, None] * back).T @ v


@pascanu_regulariser.mistake(
    "Ω is right; its gradient lacks 1/‖back‖: the derivative of a length is a row of length one"
)
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / length)[:, None] * back).T @ v


@pascanu_regulariser.mistake("Ω is right; its gradient lacks 1/‖dh‖, which stands under every ratio")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / shorter)[:, None] * back).T @ v


@pascanu_regulariser.mistake(
    "Ω is right; its gradient is made with dh where dh (1 - h²), what W_hh was multiplied with, belongs"
)
def _(dh, h, W_hh):
    back = (dh * (1 - h**2)) @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ dh


@pascanu_regulariser.mistake(
    "the ratio is upside down: the length after the step back stands above, the one before it below"
)
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = length / shorter - 1
    return np.sum(off**2), ((-2 * off * length / shorter**3)[:, None] * back).T @ v


@pascanu_regulariser.mistake("the ratio is one of squared lengths: the root is missing")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.sum(dh**2, axis=1), np.sum(back**2, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((4 * off / length)[:, None] * back).T @ v


@pascanu_regulariser.mistake("1 - h is not the slope of tanh: its square is missing, as in 1 - h²")
def _(dh, h, W_hh):
    v = dh * (1 - h)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ v


@pascanu_regulariser.mistake("Ω is right, a sum over the steps; its gradient is a mean over them")
def _(dh, h, W_hh):
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    return np.sum(off**2), ((2 * off / (length * shorter))[:, None] * back).T @ v / len(dh)


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


def _orthogonal(rng, H):
    Q, R = np.linalg.qr(rng.standard_normal((H, H)))
    return Q * np.sign(np.diag(R))


def _network(rng, n, H):
    """W_hh (H, H) and n states (n, H) whose Jacobian products neither vanish nor explode within 200 steps."""
    W_hh = _orthogonal(rng, H) * rng.uniform(0.95, 1.05, (H, 1)) + 0.02 * rng.standard_normal((H, H))
    return W_hh, rng.uniform(0.1, 0.3 if n < 100 else 0.12, (n, H)) * rng.choice([-1, 1], (n, H))


def _marked(rng, T, B):
    """Numbers (T, B), and for each sequence a step in its first half and one in its second half."""
    return rng.random((T, B)), rng.integers(0, T // 2, B), rng.integers(T // 2, T, B)

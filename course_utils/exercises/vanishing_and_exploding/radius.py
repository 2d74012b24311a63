"""Exercise 6.2: a matrix with a chosen spectral radius."""

import numpy as np

from ..definition import case, exercise


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

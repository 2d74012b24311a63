"""Lesson 08: the GRU forward and back, its conventions, a mutant, a coupled LSTM, and the language that asks for counting."""

import numpy as np

from ..activations import sigmoid
from .definition import case, exercise


@exercise(
    "8.1",
    points=2,
    hints=(
        "First the two gates, then the candidate that needs r, then the mixture that needs z.",
        "W_x[k], W_h[k] and b[k] belong to gate k; b[k] is (1, H) and broadcasts. The order is r, z, n.",
        "What r multiplies is everything that the past says to n, its bias b_hn included: r * (h_prev @ W_h[2] + b_hn).",
    ),
)
def gru_step(
    x_t: np.ndarray, h_prev: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray, b_hn: np.ndarray
) -> np.ndarray:
    """x_t (B, D), h_prev (B, H) to h_t (B, H); gates r, z, n in W_x (3, D, H), W_h (3, H, H), b (3, 1, H); b_hn (1, H)."""
    r = sigmoid(x_t @ W_x[0] + h_prev @ W_h[0] + b[0])
    z = sigmoid(x_t @ W_x[1] + h_prev @ W_h[1] + b[1])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.cases
def _(rng):
    args = _gru(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", *args)
    x_t, h_prev, W_x, W_h, b, b_hn = args
    yield case("from a state of zeros", x_t, 0 * h_prev, W_x, W_h, b, b_hn)
    far = np.array([0, 40, 0])[:, None, None]
    yield case("with z at 1 the old state stays", x_t, h_prev, W_x, W_h, b + far, b_hn)
    yield case("with z at 0 the candidate takes its place", x_t, h_prev, W_x, W_h, b - far, b_hn)
    yield case("with r at 0 the candidate hears the input alone", x_t, h_prev, W_x, W_h, b - far[[1, 0, 2]], b_hn)
    yield case("with r at 1 the candidate hears all of the past", x_t, h_prev, W_x, W_h, b + far[[1, 0, 2]], b_hn)
    yield case("one sequence (B = 1)", *_gru(rng, B=1, D=4, H=2))
    yield case("all sizes equal, so that no shape can tell", *_gru(rng, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _gru(rng, B=3, D=2, H=4)))


@gru_step.mistake("z is the wrong way round: here, as in torch, z keeps. z = 1 leaves the old state as it is")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return (1 - z) * h_prev + z * n


@gru_step.mistake("the first block is taken for z and the second for r; the order on the first axis is r, z, n")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    z, r = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake("b_hn stands outside the reset: r scales everything that comes from the past, its bias too")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2]) + b_hn)
    return z * h_prev + (1 - z) * n


@gru_step.mistake("the reset comes before the product, (r h') W; in this form it comes after, r (h' W + b_hn)")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + (r * h_prev) @ W_h[2] + b_hn)
    return z * h_prev + (1 - z) * n


@gru_step.mistake(
    "r scales what the input says as well; it is there to hide the past, so the input's share stays whole"
)
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(r * (x_t @ W_x[2] + b[2] + h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake("r plays no part: the candidate hears the whole past, whatever the reset gate says")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    _, z, _ = sigmoid(x_t @ W_x + h_prev @ W_h + b)
    n = np.tanh(x_t @ W_x[2] + b[2] + h_prev @ W_h[2] + b_hn)
    return z * h_prev + (1 - z) * n


@gru_step.mistake("b_hn is forgotten: torch's GRU has a second bias in its candidate")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2]))
    return z * h_prev + (1 - z) * n


@gru_step.mistake(
    "the candidate uses W_h[0], the reset gate's matrix: in some slides W_hr stands there, a slip for W_hn"
)
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[0] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake("the candidate goes through a sigmoid; it is a value that may be negative, so it takes tanh")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = sigmoid(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake("the gates go through tanh; a gate is a share between 0 and 1, so it takes the sigmoid")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = np.tanh(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake(
    "in the last line the new candidate stands where h_prev belongs: nothing old is kept, z has no effect"
)
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r = sigmoid(x_t @ W_x[0] + h_prev @ W_h[0] + b[0])
    return np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))


@gru_step.mistake("the old state is added whole; only its share z stays: z h' + (1 - z) n")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2] + b[:2])
    return h_prev + (1 - z) * np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))


@gru_step.mistake(
    "the recurrent matrices are transposed: they are square, so no shape complains. It is h_prev @ W_h[k]"
)
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2].transpose(0, 2, 1) + b[:2])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2].T + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.mistake("b is forgotten, the bias (3, 1, H) of all three; b_hn is one more, for the candidate alone")
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    r, z = sigmoid(x_t @ W_x[:2] + h_prev @ W_h[:2])
    n = np.tanh(x_t @ W_x[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n


@gru_step.variant
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    u_r, u_z, u_n = np.einsum("bd,gdh->gbh", x_t, W_x) + b
    v_r, v_z, v_n = np.einsum("bi,gih->gbh", h_prev, W_h)
    r, z = 1 / (1 + np.exp(-(u_r + v_r))), 1 / (1 + np.exp(-(u_z + v_z)))
    n = np.tanh(u_n + r * (v_n + b_hn))
    return n + z * (h_prev - n)


@gru_step.variant
def _(x_t, h_prev, W_x, W_h, b, b_hn):
    rows = []
    for x, h in zip(x_t, h_prev, strict=True):
        r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k, 0]) for k in (0, 1))
        rows.append(z * h + (1 - z) * np.tanh(x @ W_x[2] + b[2, 0] + r * (h @ W_h[2] + b_hn[0])))
    return np.stack(rows)


@exercise(
    "8.2",
    points=3,
    hints=(
        "Go through the forward lines from the last to the first. h_prev was used in four places: its gradients add.",
        "dz = dh * (h_prev - n), dn = dh * (1 - z); a gate's slope is s (1 - s), the candidate's 1 - n². m is where r acts.",
        "du_n = dn * (1 - n**2), dm = du_n * r, dr = du_n * m. The products hand du_r, du_z and dm back through W_h[k].T.",
    ),
)
def gru_step_backward(
    dh: np.ndarray, h_prev: np.ndarray, r: np.ndarray, z: np.ndarray, m: np.ndarray, n: np.ndarray, W_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂h_t dh (B, H) to gradients of h_prev (B, H), of u (3, B, H) for r, z, n, and of m = h_prev W_h[2] + b_hn (B, H)."""
    du_n = dh * (1 - z) * (1 - n**2)
    du_z = dh * (h_prev - n) * z * (1 - z)
    du_r, dm = du_n * m * r * (1 - r), du_n * r
    dh_prev = dh * z + du_r @ W_h[0].T + du_z @ W_h[1].T + dm @ W_h[2].T
    return dh_prev, np.stack([du_r, du_z, du_n]), dm


@gru_step_backward.cases
def _(rng):
    args = _backward(rng, B=2, H=5)
    yield case("one step of two sequences", *args)
    dh, h_prev, r, z, m, n, W_h = args
    yield case("with z at 1 the gradient goes straight back and nowhere else", dh, h_prev, r, z**0, m, n, W_h)
    yield case("with z at 0 nothing goes straight back", dh, h_prev, r, 0 * z, m, n, W_h)
    yield case("with r at 0 the candidate hands nothing back", dh, h_prev, 0 * r, z, m, n, W_h)
    yield case("a saturated candidate learns nothing", dh, h_prev, r, z, m, np.sign(n), W_h)
    yield case("without recurrent weights only the share z goes back", dh, h_prev, r, z, m, n, 0 * W_h)
    yield case("one sequence (B = 1)", *_backward(rng, B=1, H=3))
    yield case("all sizes equal", *_backward(rng, B=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _backward(rng, B=3, H=4)))


@gru_step_backward.mistake("the straight way is missing from dh_prev: h_prev is also kept, with the share z")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("only the straight way leads back here; h_prev also went into three matrix products")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z, du, du_n * r


@gru_step_backward.mistake("the candidate's product gets du_n; it stood behind the reset, so it gets dm = du_n r")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + du_n @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("dm is du_n here; the reset stands between them: m was multiplied with r, so dm = du_n r")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + np.einsum("gbh,gih->bi", du, W_h), du, du_n


@gru_step_backward.mistake("the ways through the two gates are missing in dh_prev: r and z were made from h_prev, too")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("the sign of z's gradient is turned: h = z h' + (1 - z) n grows with z by h' - n")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (n - h_prev) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("z's gradient hears of h_prev only; z also takes from the candidate: h' - n")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * h_prev * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("z and 1 - z have changed places: this is the way back of the form in which z writes")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * z * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (n - h_prev) * z * (1 - z), du_n])
    return dh * (1 - z) + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("the slope of the tanh, 1 - n², is missing from the candidate's gradient")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("the slopes of the two gates are missing: r (1 - r) and z (1 - z)")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m, dh * (h_prev - n), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("r was multiplied with m, so its gradient is du_n m; here h_prev stands for m")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * h_prev * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du, du_n * r


@gru_step_backward.mistake("the matrices stand as in the forward pass; on the way back it is W_h[k].T")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0] + du[1] @ W_h[1] + (du_n * r) @ W_h[2], du, du_n * r


@gru_step_backward.mistake("du comes in the order z, r, n; its first axis is r, z, n")
def _(dh, h_prev, r, z, m, n, W_h):
    du_n = dh * (1 - z) * (1 - n**2)
    du = np.stack([du_n * m * r * (1 - r), dh * (h_prev - n) * z * (1 - z), du_n])
    return dh * z + du[0] @ W_h[0].T + du[1] @ W_h[1].T + (du_n * r) @ W_h[2].T, du[[1, 0, 2]], du_n * r


@gru_step_backward.variant
def _(dh, h_prev, r, z, m, n, W_h):
    dz, dn = dh * (h_prev - n), dh * (1 - z)
    du_n = dn - dn * n * n
    dr, dm = du_n * m, du_n * r
    du = np.array([dr * (r - r**2), dz * (z - z**2), du_n])
    through = np.einsum("gbh,gih->bi", np.array([du[0], du[1], dm]), W_h)
    return through + z * dh, du, dm


@exercise(
    "8.3",
    points=1,
    hints=(
        "The update gate must become 1 - z at every input. Which a gives σ(a) = 1 - σ(of what it was)?",
        "σ(-a) = 1 - σ(a): everything that z is made of changes its sign. r and n must not notice.",
        "Copy all three; then, in each copy, the block with number 1 (r, z, n) is multiplied by -1, its bias as well.",
    ),
)
def turn_z(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights in the order r, z, n, W_x (3, D, H), W_h (3, H, H), b (3, 1, H), to those of the GRU whose z means 1 - z."""
    sign = np.array([1, -1, 1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, sign * b


@turn_z.cases
def _(rng):
    yield case("three gates of five units", *_weights(rng, D=3, H=5))
    yield case("one unit", *_weights(rng, D=2, H=1))
    yield case("all sizes equal", *_weights(rng, D=3, H=3))
    yield case("no bias", *(w * k for w, k in zip(_weights(rng, D=2, H=4), (1, 1, 0), strict=True)))
    yield case("float32", *(w.astype(np.float32) for w in _weights(rng, D=4, H=2)))


@turn_z.mistake("the bias of z keeps its sign: it is part of what goes into the sigmoid, so it turns too")
def _(W_x, W_h, b):
    sign = np.array([1, -1, 1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, b


@turn_z.mistake("all three gates are turned; r and n must stay as they are")
def _(W_x, W_h, b):
    return -W_x, -W_h, -b


@turn_z.mistake("block 0 is turned, which is the reset gate; the order is r, z, n")
def _(W_x, W_h, b):
    sign = np.array([-1, 1, 1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, sign * b


@turn_z.mistake("the candidate is turned, block 2; z is the block in the middle")
def _(W_x, W_h, b):
    sign = np.array([1, 1, -1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, sign * b


@turn_z.mistake("only the input's weights are turned; z also hears of the state and of its bias")
def _(W_x, W_h, b):
    return np.array([1, -1, 1], dtype=b.dtype)[:, None, None] * W_x, W_h, b


@turn_z.mistake("1 - W is not what is asked: 1 - σ(a) = σ(-a), so the weights change their sign")
def _(W_x, W_h, b):
    z = np.array([False, True, False])[:, None, None]
    return tuple(np.where(z, 1 - w, w) for w in (W_x, W_h, b))


@turn_z.mistake("it turns the caller's weights in place; give back new arrays")
def _(W_x, W_h, b):
    for w in (W_x, W_h, b):
        w[1] *= -1
    return W_x, W_h, b


@turn_z.variant
def _(W_x, W_h, b):
    turned = [w.copy() for w in (W_x, W_h, b)]
    for w in turned:
        w[1] = -w[1]
    return turned


@exercise(
    "8.4",
    points=1,
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


@two_candidates.mistake("the two have changed places: reset after comes first")
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(u_n + (r * h_prev) @ W_h[2]), np.tanh(u_n + r * (h_prev @ W_h[2] + b_hn))


@two_candidates.mistake("with reset after, b_hn belongs inside: r scales it too")
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(u_n + r * (h_prev @ W_h[2]) + b_hn), np.tanh(u_n + (r * h_prev) @ W_h[2])


@two_candidates.mistake(
    "b_hn stands in both; with reset before there is nothing it could do that b does not do already"
)
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(u_n + r * (h_prev @ W_h[2] + b_hn)), np.tanh(u_n + (r * h_prev) @ W_h[2] + b_hn)


@two_candidates.mistake("W_h[0] is the reset gate's matrix, W_hr; the candidate has its own, W_h[2]")
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(u_n + r * (h_prev @ W_h[0] + b_hn)), np.tanh(u_n + (r * h_prev) @ W_h[0])


@two_candidates.mistake("both are the same form, reset after (the second without its bias): before means (r h') W")
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(u_n + r * (h_prev @ W_h[2] + b_hn)), np.tanh(u_n + r * (h_prev @ W_h[2]))


@two_candidates.mistake("r scales u_n as well; what the input says is not reset")
def _(u_n, r, h_prev, W_h, b_hn):
    return np.tanh(r * (u_n + h_prev @ W_h[2] + b_hn)), np.tanh(r * u_n + (r * h_prev) @ W_h[2])


@two_candidates.variant
def _(u_n, r, h_prev, W_h, b_hn):
    after = [np.tanh(u + s * (h @ W_h[2] + b_hn[0])) for u, s, h in zip(u_n, r, h_prev, strict=True)]
    return np.array(after), np.tanh(u_n + np.einsum("bi,bi,ij->bj", r, h_prev, W_h[2]))


@exercise(
    "8.5",
    points=2,
    hints=(
        "Write the peephole LSTM of lesson 07 with three blocks, i, g, o, and one more line for f.",
        "What is not written is kept: f = 1 - i. The peephole of i looks at the memory before the step.",
        "The peephole of o looks at the memory after the step, so c comes before o: o = σ(... + P[1] * c).",
    ),
)
def cifg_step(
    x_t: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    P: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h, c; i, g, o in W_x (3, D, H), W_h (3, H, H), b (3, 1, H); P (2, 1, H): i, o."""
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    o = sigmoid(a_o + P[1] * c)
    return o * np.tanh(c), c


@cifg_step.cases
def _(rng):
    args = _coupled(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", *args)
    yield case("without peepholes", *args[:-1], 0 * args[-1])
    x_t, h_prev, c_prev, *weights = args
    yield case("from a state and a memory of zeros", x_t, 0 * h_prev, 0 * c_prev, *weights)
    yield case("one sequence (B = 1)", *_coupled(rng, B=1, D=4, H=2))
    yield case("all sizes equal", *_coupled(rng, B=3, D=3, H=3))
    yield case("float32", *(a.astype(np.float32) for a in _coupled(rng, B=3, D=2, H=4)))


@cifg_step.mistake("f = i here: the memory keeps what it also overwrites. Coupled means f = 1 - i")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = i * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * np.tanh(c), c


@cifg_step.mistake("i and 1 - i have changed places: i is how much is written, 1 - i how much is kept")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = i * c_prev + (1 - i) * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * np.tanh(c), c


@cifg_step.mistake("nothing is forgotten: f = 1 is the variant NFG. Coupled means f = 1 - i")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    c = c_prev + sigmoid(a_i + P[0] * c_prev) * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * np.tanh(c), c


@cifg_step.mistake("the candidate goes in whole; i says how much of it is written")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    c = (1 - sigmoid(a_i + P[0] * c_prev)) * c_prev + np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * np.tanh(c), c


@cifg_step.mistake("the output gate looks at the memory before the step; its peephole sees the new c")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c_prev) * np.tanh(c), c


@cifg_step.mistake("the peepholes are forgotten: P[0] * c_prev goes into i, P[1] * c into o")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    c = (1 - sigmoid(a_i)) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c), c


@cifg_step.mistake("the peepholes look at h; they are there to look at the memory itself, c_prev and c")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * h_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + P[1] * h_prev) * np.tanh(c), c


@cifg_step.mistake("the tanh around c is missing in the output: that would be NOAF as well")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * c, c


@cifg_step.mistake("the second block is read as the output gate and the third as the candidate; the order is i, g, o")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_o, a_g = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    return sigmoid(a_o + P[1] * c) * np.tanh(c), c


@cifg_step.mistake("c and h come in the wrong order: first the output h, then the memory c")
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    return c, sigmoid(a_o + P[1] * c) * np.tanh(c)


@cifg_step.variant
def _(x_t, h_prev, c_prev, W_x, W_h, b, P):
    a = [x_t @ W_x[k] + h_prev @ W_h[k] + b[k] for k in range(3)]
    f = 1 / (1 + np.exp(a[0] + P[0] * c_prev))
    g = np.tanh(a[1])
    c = g + f * (c_prev - g)
    return np.tanh(c) / (1 + np.exp(-a[2] - P[1] * c)), c


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


@mut1_step.mistake("z hears of the state; in MUT1 the update gate sees the input only")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + h_prev @ W_hr + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)


@mut1_step.mistake("x_t enters the candidate as it is; MUT1 squashes it first: tanh(x_t)")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + x_t + b[2]) * z + h_prev * (1 - z)


@mut1_step.mistake("z keeps here; in the mutants z writes: z goes with the candidate, 1 - z with h_prev")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2]) * (1 - z) + h_prev * z


@mut1_step.mistake("the reset comes after the product, r (h' W_hh); the mutants have it before, (r h') W_hh")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh(r * (h_prev @ W_hh) + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)


@mut1_step.mistake("W_hr stands in the candidate; it belongs to r, the candidate has W_hh")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hr + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)


@mut1_step.mistake("the biases of z and r have changed places: b holds b_z, b_r, b_h")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[1]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[0])
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)


@mut1_step.mistake("the biases are forgotten")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz), sigmoid(x_t @ W_xr + h_prev @ W_hr)
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t)) * z + h_prev * (1 - z)


@mut1_step.mistake("the input never reaches the candidate: tanh(x_t) is missing there")
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    z, r = sigmoid(x_t @ W_xz + b[0]), sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + b[2]) * z + h_prev * (1 - z)


@mut1_step.variant
def _(x_t, h_prev, W_xz, W_xr, W_hr, W_hh, b):
    b_z, b_r, b_h = b[:, 0]
    z = 1 / (1 + np.exp(-x_t @ W_xz - b_z))
    shown = h_prev / (1 + np.exp(-(x_t @ W_xr + h_prev @ W_hr + b_r)))
    n = np.tanh(np.einsum("bi,ij->bj", shown, W_hh) + np.tanh(x_t) + b_h)
    return h_prev + z * (n - h_prev)


@exercise(
    "8.7",
    points=1,
    hints=(
        "Write down the whole string for n = 2 and two letters: 0 1 1 2 2 3. What is read, and what is to be predicted?",
        "np.repeat([1, 2], 2) is [1, 1, 2, 2]. The start stands before it, the end after it.",
        "Inputs are the string without its last number, targets the string without its first.",
    ),
)
def counting_example(n: int, letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets (T,), T = n · letters + 1, of: 0 (start), n times 1, n times 2, ..., letters + 1 (end)."""
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[:-1], ids[1:]


@counting_example.cases
def _(rng):
    yield case("n = 2, two letters", 2, 2)
    yield case("n = 3, three letters", 3, 3)
    yield case("n = 1, two letters", 1, 2)
    yield case("n = 1, one letter", 1, 1)
    yield case("an n that you did not expect", int(rng.integers(5, 60)), int(rng.integers(2, 6)))
    yield case("a long string (T = 201)", 100, 2)


@counting_example.mistake("targets equal inputs: the target is what comes next, so it is shifted by one")
def _(n, letters):
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n)])
    return ids, ids


@counting_example.mistake("the letters alternate, 1 2 1 2; each letter comes n times in a row")
def _(n, letters):
    ids = np.concatenate([[0], np.tile(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[:-1], ids[1:]


@counting_example.mistake("the end is missing: without it, nobody sees whether the network knows when to stop")
def _(n, letters):
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n)])
    return ids[:-1], ids[1:]


@counting_example.mistake("the start is missing: the first letter has nothing to be predicted from")
def _(n, letters):
    ids = np.concatenate([np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[:-1], ids[1:]


@counting_example.mistake("inputs and targets have changed places")
def _(n, letters):
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[1:], ids[:-1]


@counting_example.mistake("the whole string comes back twice; one number fewer is read, and one fewer predicted")
def _(n, letters):
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids, ids


@counting_example.variant
def _(n, letters):
    ids = [0] + [letter for letter in range(1, letters + 1) for _ in range(n)]
    return ids, [*ids[1:], letters + 1]


@exercise(
    "8.8",
    points=1,
    hints=(
        "Go through 0 1 1 2 2 with a pencil: after which of these numbers could the next one still be either of two?",
        "While 1 is read, another 1 or the first 2 may come. After the first 2, n is known, and so is everything else.",
        "The start settles the next number too, since n is at least 1. So one kind of input leaves it open, all others do not.",
    ),
)
def settled(inputs: np.ndarray) -> np.ndarray:
    """Inputs (T,) of one string, as in 8.7, n ≥ 1 unknown to the reader, to booleans (T,): can only one number follow?"""
    return inputs != 1


@settled.cases
def _(rng):
    yield case("0 1 1 2 2", np.array([0, 1, 1, 2, 2]))
    yield case("n = 1", np.array([0, 1, 2]))
    yield case("three letters", np.repeat([0, 1, 2, 3], [1, 3, 3, 3]))
    yield case("the beginning of a longer string", np.array([0, 1, 1, 1, 2]))
    n = int(rng.integers(4, 30))
    yield case("an n that you did not expect", np.repeat([0, 1, 2, 3], [1, n, n, n]))
    yield case("the start alone (T = 1)", np.array([0]))
    yield case("a long string (T = 201)", np.repeat([0, 1, 2], [1, 100, 100]))


@settled.mistake("the start settles the next number too: n is at least 1, so a 1 follows")
def _(inputs):
    return inputs > 1


@settled.mistake("marked the wrong way round: True belongs where only one number can follow")
def _(inputs):
    return inputs == 1


@settled.mistake("after the last 1 nothing is settled either: the reader cannot know that it was the last")
def _(inputs):
    last = np.append(inputs[1:] != 1, True)
    return (inputs != 1) | last


@settled.mistake("shifted by one: it is the input that has been read which settles what follows, not the target")
def _(inputs):
    return np.append(inputs[1:] != 1, True)


@settled.mistake("nothing is left open; while 1 is read, both another 1 and the first 2 may follow")
def _(inputs):
    return np.ones(len(inputs), bool)


@settled.mistake("only the end is marked; all that follows the first 2 is settled")
def _(inputs):
    return np.arange(len(inputs)) == len(inputs) - 1


@settled.variant
def _(inputs):
    found = []
    for read in inputs:
        found.append(bool(read == 0 or read >= 2))
    return found


def _gru(rng, B, D, H):
    """x_t, h_prev, W_x, W_h, b, b_hn of one step, gates neither closed nor wide open."""
    x_t, h_prev = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H))
    return x_t, h_prev, *_weights(rng, D, H), rng.uniform(0.5, 1.5, (1, H))


def _weights(rng, D, H):
    """W_x (3, D, H), W_h (3, H, H), b (3, 1, H)."""
    return tuple(rng.standard_normal((3, rows, H)) * rows**-0.5 for rows in (D, H, 1))


def _backward(rng, B, H):
    """dh, h_prev, r, z, m, n, W_h of one step."""
    dh, m = rng.standard_normal((2, B, H))
    (r, z), (h_prev, n) = rng.uniform(0.1, 0.9, (2, B, H)), rng.uniform(-0.9, 0.9, (2, B, H))
    return dh, h_prev, r, z, m, n, rng.standard_normal((3, H, H))


def _candidate(rng, B, H):
    """u_n, r, h_prev, W_h, b_hn."""
    u_n, r, h_prev = rng.standard_normal((B, H)), rng.uniform(0.1, 0.9, (B, H)), rng.uniform(-0.9, 0.9, (B, H))
    return u_n, r, h_prev, rng.standard_normal((3, H, H)) * H**-0.5, rng.uniform(0.5, 1.5, (1, H))


def _mutant(rng, B, H):
    """x_t, h_prev, four matrices, b."""
    x_t, h_prev = rng.standard_normal((B, H)), rng.uniform(-0.9, 0.9, (B, H))
    return x_t, h_prev, *(rng.standard_normal((4, H, H)) * H**-0.5), rng.standard_normal((3, 1, H))


def _coupled(rng, B, D, H):
    """x_t, h_prev, c_prev, W_x, W_h, b, P."""
    x_t, h_prev, c_prev = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H)), rng.uniform(-2, 2, (B, H))
    return x_t, h_prev, c_prev, *_weights(rng, D, H), rng.uniform(0.5, 1.5, (2, 1, H))

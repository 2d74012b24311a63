"""Exercise 8.1: one step of a GRU, as torch computes it."""

import numpy as np

from ...activations import sigmoid
from ..definition import case, exercise
from .inputs import gate_weights


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


gru_step.slip(
    "z is the wrong way round: here, as in torch, z keeps. z = 1 leaves the old state as it is",
    {"z * h_prev + (1 - z) * n": "(1 - z) * h_prev + z * n"},
)
gru_step.slip(
    "the first block is taken for z and the second for r; the order on the first axis is r, z, n",
    {"r * (h_prev": "z * (h_prev", "z * h_prev + (1 - z) * n": "r * h_prev + (1 - r) * n"},
)
gru_step.slip(
    "b_hn stands outside the reset: r scales everything that comes from the past, its bias too",
    {"(h_prev @ W_h[2] + b_hn))": "(h_prev @ W_h[2]) + b_hn)"},
)
gru_step.slip(
    "the reset comes before the product, (r h') W; in this form it comes after, r (h' W + b_hn)",
    {"r * (h_prev @ W_h[2] + b_hn)": "(r * h_prev) @ W_h[2] + b_hn"},
)
gru_step.slip(
    "r scales what the input says as well; it is there to hide the past, so the input's share stays whole",
    {"x_t @ W_x[2] + b[2] + r * (h_prev @": "r * (x_t @ W_x[2] + b[2] + h_prev @"},
)
gru_step.slip(
    "r plays no part: the candidate hears the whole past, whatever the reset gate says", {"r * (h_prev": "(h_prev"}
)
gru_step.slip("b_hn is forgotten: torch's GRU has a second bias in its candidate", {" + b_hn": ""})
gru_step.slip(
    "the candidate uses W_h[0], the reset gate's matrix: in some slides W_hr stands there, a slip for W_hn",
    {"(h_prev @ W_h[2]": "(h_prev @ W_h[0]"},
)
gru_step.slip(
    "the candidate goes through a sigmoid; it is a value that may be negative, so it takes tanh",
    {"n = np.tanh(": "n = sigmoid("},
)
gru_step.slip(
    "the gates go through tanh; a gate is a share between 0 and 1, so it takes the sigmoid",
    {"r = sigmoid(": "r = np.tanh(", "z = sigmoid(": "z = np.tanh("},
)
gru_step.slip(
    "in the last line the new candidate stands where h_prev belongs: nothing old is kept, z has no effect",
    {"z * h_prev + (1 - z) * n": "z * n + (1 - z) * n"},
)
gru_step.slip(
    "r scales b_n as well; b[2] belongs to the input, only b_hn stands inside the reset",
    {" + b[2] + r * (h_prev": " + r * (b[2] + h_prev"},
)
gru_step.slip(
    "the old state is added whole; only its share z stays: z h' + (1 - z) n", {"return z * h_prev": "return h_prev"}
)
gru_step.slip(
    "the recurrent matrices are transposed: they are square, so no shape complains. It is h_prev @ W_h[k]",
    {
        "h_prev @ W_h[0]": "h_prev @ W_h[0].T",
        "h_prev @ W_h[1]": "h_prev @ W_h[1].T",
        "h_prev @ W_h[2]": "h_prev @ W_h[2].T",
    },
)
gru_step.slip(
    "b is forgotten, the bias (3, 1, H) of all three; b_hn is one more, for the candidate alone",
    {" + b[0]": "", " + b[1]": "", " + b[2]": ""},
)
gru_step.slip(
    "the candidate stands without its tanh: n may leave the range from -1 to 1, and the state with it",
    {
        "np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))": "x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn)"
    },
)
gru_step.slip(
    "the candidate is added whole; the share z that stays leaves it only 1 - z", {"h_prev + (1 - z) * n": "h_prev + n"}
)
gru_step.slip(
    "the gates hear the input only; the state goes into r and z as well",
    {" + h_prev @ W_h[0]": "", " + h_prev @ W_h[1]": ""},
)


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


def _gru(rng, B, D, H):
    """x_t, h_prev, W_x, W_h, b, b_hn of one step, gates neither closed nor wide open."""
    x_t, h_prev = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H))
    return x_t, h_prev, *gate_weights(rng, D, H), rng.uniform(0.5, 1.5, (1, H))

"""Exercise 8.2: one step of a GRU backwards."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "8.2",
    points=3,
    outputs=("dh_prev", "du", "dm"),
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


gru_step_backward.slip(
    "the straight way is missing from dh_prev: h_prev is also kept, with the share z", {"dh * z + du_r": "du_r"}
)
gru_step_backward.slip(
    "only the straight way leads back here; h_prev also went into three matrix products",
    {" + du_r @ W_h[0].T + du_z @ W_h[1].T + dm @ W_h[2].T": ""},
)
gru_step_backward.slip(
    "the candidate's product gets du_n; it stood behind the reset, so it gets dm = du_n r", {"dm @ W_h": "du_n @ W_h"}
)
gru_step_backward.slip(
    "dm is du_n here; the reset stands between them: m was multiplied with r, so dm = du_n r",
    {"(1 - r), du_n * r": "(1 - r), du_n"},
)
gru_step_backward.slip(
    "the ways through the two gates are missing in dh_prev: r and z were made from h_prev, too",
    {" + du_r @ W_h[0].T + du_z @ W_h[1].T": ""},
)
gru_step_backward.slip(
    "the sign of z's gradient is turned: h = z h' + (1 - z) n grows with z by h' - n", {"(h_prev - n)": "(n - h_prev)"}
)
gru_step_backward.slip(
    "z's gradient hears of h_prev only; z also takes from the candidate: h' - n", {"(h_prev - n)": "h_prev"}
)
gru_step_backward.slip(
    "z and 1 - z have changed places: this is the way back of the form in which z writes",
    {
        "dh * (1 - z) * (1 - n**2)": "dh * z * (1 - n**2)",
        "(h_prev - n)": "(n - h_prev)",
        "dh * z + du_r": "dh * (1 - z) + du_r",
    },
)
gru_step_backward.slip("the slope of the tanh, 1 - n², is missing from the candidate's gradient", {" * (1 - n**2)": ""})
gru_step_backward.slip(
    "the slopes of the two gates are missing: r (1 - r) and z (1 - z)", {" * z * (1 - z)": "", " * r * (1 - r)": ""}
)
gru_step_backward.slip(
    "r was multiplied with m, so its gradient is du_n m; here h_prev stands for m", {"du_n * m *": "du_n * h_prev *"}
)
gru_step_backward.slip(
    "the matrices stand as in the forward pass; on the way back it is W_h[k].T",
    {"W_h[0].T": "W_h[0]", "W_h[1].T": "W_h[1]", "W_h[2].T": "W_h[2]"},
)
gru_step_backward.slip(
    "du comes in the order z, r, n; its first axis is r, z, n", {"[du_r, du_z, du_n]": "[du_z, du_r, du_n]"}
)
gru_step_backward.slip(
    "du[2] is what dm should be; u_n stands outside the reset, so its gradient is not scaled by r",
    {"[du_r, du_z, du_n]": "[du_r, du_z, dm]"},
)


@gru_step_backward.variant
def _(dh, h_prev, r, z, m, n, W_h):
    dz, dn = dh * (h_prev - n), dh * (1 - z)
    du_n = dn - dn * n * n
    dr, dm = du_n * m, du_n * r
    du = np.array([dr * (r - r**2), dz * (z - z**2), du_n])
    through = np.einsum("gbh,gih->bi", np.array([du[0], du[1], dm]), W_h)
    return through + z * dh, du, dm


def _backward(rng, B, H):
    """dh, h_prev, r, z, m, n, W_h of one step."""
    dh, m = rng.standard_normal((2, B, H))
    (r, z), (h_prev, n) = rng.uniform(0.1, 0.9, (2, B, H)), rng.uniform(-0.9, 0.9, (2, B, H))
    return dh, h_prev, r, z, m, n, rng.standard_normal((3, H, H))

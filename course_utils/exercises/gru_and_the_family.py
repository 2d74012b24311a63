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


@exercise(
    "8.3",
    points=1,
    outputs=("W_x", "W_h", "b"),
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


turn_z.slip(
    "the bias of z keeps its sign: it is part of what goes into the sigmoid, so it turns too", {"sign * b": "b"}
)
turn_z.slip("all three gates are turned; r and n must stay as they are", {"[1, -1, 1]": "[-1, -1, -1]"})
turn_z.slip("block 0 is turned, which is the reset gate; the order is r, z, n", {"[1, -1, 1]": "[-1, 1, 1]"})
turn_z.slip("the candidate is turned, block 2; z is the block in the middle", {"[1, -1, 1]": "[1, 1, -1]"})
turn_z.slip(
    "only the input's weights are turned; z also hears of the state and of its bias", {"sign * W_h, sign * b": "W_h, b"}
)
turn_z.slip(
    "the input's weights keep their sign; they are part of what goes into the sigmoid as well",
    {"sign * W_x": "W_x"},
)
turn_z.slip(
    "the state's weights keep their sign; they are part of what goes into the sigmoid as well",
    {"sign * W_h": "W_h"},
)
turn_z.slip("r is turned as well as z; only z has two meanings", {"[1, -1, 1]": "[-1, -1, 1]"})
turn_z.slip(
    "the weights come back as they were; with them z writes where it should keep",
    {"sign * W_x, sign * W_h, sign * b": "W_x, W_h, b"},
)


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


@exercise(
    "8.5",
    points=2,
    outputs=("h", "c"),
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


cifg_step.slip(
    "f = i here: the memory keeps what it also overwrites. Coupled means f = 1 - i", {"(1 - i) * c_prev": "i * c_prev"}
)
cifg_step.slip(
    "i and 1 - i have changed places: i is how much is written, 1 - i how much is kept",
    {"(1 - i) * c_prev + i * np": "i * c_prev + (1 - i) * np"},
)
cifg_step.slip(
    "nothing is forgotten: f = 1 is the variant NFG. Coupled means f = 1 - i", {"(1 - i) * c_prev": "c_prev"}
)
cifg_step.slip("the candidate goes in whole; i says how much of it is written", {"i * np.tanh(a_g)": "np.tanh(a_g)"})
cifg_step.slip(
    "the output gate looks at the memory before the step; its peephole sees the new c", {"P[1] * c)": "P[1] * c_prev)"}
)
cifg_step.slip(
    "the peepholes are forgotten: P[0] * c_prev goes into i, P[1] * c into o",
    {" + P[0] * c_prev": "", " + P[1] * c": ""},
)
cifg_step.slip(
    "the peepholes look at h; they are there to look at the memory itself, c_prev and c",
    {"P[0] * c_prev": "P[0] * h_prev", "P[1] * c)": "P[1] * h_prev)"},
)
cifg_step.slip(
    "the tanh around c is missing in the output: that would be NOAF as well", {"o * np.tanh(c), c": "o * c, c"}
)
cifg_step.slip(
    "the second block is read as the output gate and the third as the candidate; the order is i, g, o",
    {"a_i, a_g, a_o": "a_i, a_o, a_g"},
)
cifg_step.slip(
    "c and h come in the wrong order: first the output h, then the memory c",
    {"return o * np.tanh(c), c": "return c, o * np.tanh(c)"},
)
cifg_step.slip("the input gate has lost its peephole, P[0] at the memory before the step", {" + P[0] * c_prev": ""})
cifg_step.slip("the output gate has lost its peephole, P[1] at the memory after the step", {" + P[1] * c)": ")"})
cifg_step.slip(
    "the peepholes have changed places: P[0] is that of i, P[1] that of o", {"P[0]": "P[1]", "P[1] * c)": "P[0] * c)"}
)
cifg_step.slip(
    "the candidate goes through a sigmoid; g may be negative, so it takes tanh", {"np.tanh(a_g)": "sigmoid(a_g)"}
)
cifg_step.slip("the output gate plays no part: h = o tanh(c)", {"return o * np.tanh(c)": "return np.tanh(c)"})
cifg_step.slip(
    "W_h is transposed: its blocks are square, so no shape complains",
    {"h_prev @ W_h": "h_prev @ np.swapaxes(W_h, 1, 2)"},
)
cifg_step.slip("b is forgotten", {" + h_prev @ W_h + b": " + h_prev @ W_h"})
cifg_step.slip(
    "the memory is handed on squashed; tanh belongs to the output only", {"* np.tanh(c), c": "* np.tanh(c), np.tanh(c)"}
)


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


mut1_step.slip(
    "z hears of the state; in MUT1 the update gate sees the input only",
    {"x_t @ W_xz +": "x_t @ W_xz + h_prev @ W_hr +"},
)
mut1_step.slip("x_t enters the candidate as it is; MUT1 squashes it first: tanh(x_t)", {"np.tanh(x_t)": "x_t"})
mut1_step.slip(
    "z keeps here; in the mutants z writes: z goes with the candidate, 1 - z with h_prev",
    {" * z + h_prev * (1 - z)": " * (1 - z) + h_prev * z"},
)
mut1_step.slip(
    "the reset comes after the product, r (h' W_hh); the mutants have it before, (r h') W_hh",
    {"(r * h_prev) @ W_hh": "r * (h_prev @ W_hh)"},
)
mut1_step.slip("W_hr stands in the candidate; it belongs to r, the candidate has W_hh", {"@ W_hh": "@ W_hr"})
mut1_step.slip(
    "the biases of z and r have changed places: b holds b_z, b_r, b_h",
    {"+ b[0]": "+ b[1]", "W_hr + b[1]": "W_hr + b[0]"},
)
mut1_step.slip("the biases are forgotten", {" + b[0]": "", " + b[1]": "", " + b[2]": ""})
mut1_step.slip("the input never reaches the candidate: tanh(x_t) is missing there", {" + np.tanh(x_t)": ""})
mut1_step.slip(
    "the candidate's sum stands half outside its tanh: one tanh holds all three terms",
    {"np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])": "(np.tanh((r * h_prev) @ W_hh) + np.tanh(x_t) + b[2])"},
)
mut1_step.slip(
    "the outer tanh is missing: the whole sum is squashed once more",
    {"np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])": "((r * h_prev) @ W_hh + np.tanh(x_t) + b[2])"},
)
mut1_step.slip(
    "a matrix stands before x_t in the candidate; there the input enters without one",
    {"np.tanh(x_t)": "np.tanh(x_t @ W_xz)"},
)
mut1_step.slip("r plays no part: the candidate hears the whole past", {"(r * h_prev)": "h_prev"})
mut1_step.slip(
    "W_xz and W_xr have changed places",
    {"x_t @ W_xz + b[0]": "x_t @ W_xr + b[0]", "x_t @ W_xr + h": "x_t @ W_xz + h"},
)
mut1_step.slip(
    "the matrices of the state are transposed: all are square, so no shape complains",
    {"@ W_hr": "@ W_hr.T", "@ W_hh": "@ W_hh.T"},
)


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
    outputs=("inputs", "targets"),
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


counting_example.slip(
    "targets equal inputs: the target is what comes next, so it is shifted by one",
    {", [letters + 1]]": "]", "ids[:-1], ids[1:]": "ids, ids"},
)
counting_example.slip("the letters alternate, 1 2 1 2; each letter comes n times in a row", {"np.repeat": "np.tile"})
counting_example.slip(
    "the end is missing: without it, nobody sees whether the network knows when to stop", {", [letters + 1]]": "]"}
)
counting_example.slip("the start is missing: the first letter has nothing to be predicted from", {"[[0], np": "[np"})
counting_example.slip("inputs and targets have changed places", {"ids[:-1], ids[1:]": "ids[1:], ids[:-1]"})
counting_example.slip(
    "the whole string comes back twice; one number fewer is read, and one fewer predicted",
    {"ids[:-1], ids[1:]": "ids, ids"},
)
counting_example.slip("there are always two letters here, whatever `letters` says", {"letters + 1), n": "3), n"})
counting_example.slip(
    "the letters begin with 0, which is the start; they begin with 1", {"arange(1, letters + 1)": "arange(letters)"}
)
counting_example.slip(
    "the end has the last letter's number; it has its own, letters + 1", {", [letters + 1]]": ", [letters]]"}
)
counting_example.slip("the end has the start's number, 0; it has its own, letters + 1", {", [letters + 1]]": ", [0]]"})
counting_example.slip(
    "n and letters have changed places: n says how often each letter comes",
    {"np.arange(1, letters + 1), n)": "np.arange(1, n + 1), letters)"},
)


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


settled.slip("the start settles the next number too: n is at least 1, so a 1 follows", {"!= 1": "> 1"})
settled.slip("marked the wrong way round: True belongs where only one number can follow", {"!= 1": "== 1"})
settled.slip(
    "after the last 1 nothing is settled either: the reader cannot know that it was the last",
    {"inputs != 1": "(inputs != 1) | np.append(inputs[1:] != 1, True)"},
)
settled.slip(
    "shifted by one: it is the input that has been read which settles what follows, not the target",
    {"inputs != 1": "np.append(inputs[1:] != 1, True)"},
)
settled.slip(
    "nothing is left open; while 1 is read, both another 1 and the first 2 may follow",
    {"inputs != 1": "np.ones(len(inputs), bool)"},
)
settled.slip(
    "only the end is marked; all that follows the first 2 is settled",
    {"inputs != 1": "np.arange(len(inputs)) == len(inputs) - 1"},
)
settled.slip(
    "after the first 1 the reader does not know n, nor after the last",
    {"inputs != 1": "(inputs != 1) | (np.arange(len(inputs)) == 1)"},
)
settled.slip(
    "only where a letter is new is True here; once the first 2 has come, all that follows is settled",
    {"inputs != 1": "np.append(True, inputs[1:] != inputs[:-1])"},
)
settled.slip(
    "after the last number the end must come: that is settled, too",
    {"inputs != 1": "np.append(inputs[:-1] != 1, False)"},
)
settled.slip(
    "from 3 on nothing is settled here; with three letters n is known there as well",
    {"inputs != 1": "(inputs == 0) | (inputs == 2)"},
)


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

"""Exercise 7.2: the LSTM whose gates see its memory, each with a matrix of its own."""

import numpy as np

from ...activations import sigmoid
from ..definition import case, exercise
from .inputs import step_inputs


@exercise(
    "7.2",
    points=2,
    outputs=("h", "c"),
    hints=(
        "i and f look at the old memory, o at the new one: so c has to be made before o can be.",
        "np.concatenate([c_prev, h_prev, x_t], axis=1) joins rows side by side, (B, 2H + D); np.stack would not.",
        "Write (i, f), then g from [h_prev, x_t], then c, then o from [c, h_prev, x_t], then h = o ⊙ tanh(c).",
    ),
)
def peephole_step(
    x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray, W: dict, b: dict
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h, c (B, H); W["i"], W["f"], W["o"] (2H + D, H), W["g"] (H + D, H), b[...] (H,)."""
    seen = np.concatenate([c_prev, h_prev, x_t], axis=1)
    i, f = sigmoid(seen @ W["i"] + b["i"]), sigmoid(seen @ W["f"] + b["f"])
    g = np.tanh(seen[:, c_prev.shape[1] :] @ W["g"] + b["g"])
    c = f * c_prev + i * g
    o = sigmoid(np.concatenate([c, h_prev, x_t], axis=1) @ W["o"] + b["o"])
    return o * np.tanh(c), c


@peephole_step.cases
def _(rng):
    x_t, h_prev, c_prev, W, b = _peephole(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", x_t, h_prev, c_prev, W, b)
    yield case("from states of zeros", x_t, 0 * h_prev, 0 * c_prev, W, b)
    yield case("the memory alone, no input and no hidden state", 0 * x_t, 0 * h_prev, c_prev, W, b)
    yield case("one sequence (B = 1)", *_peephole(rng, B=1, D=2, H=3))
    yield case("all sizes equal, so that no shape can tell", *_peephole(rng, B=4, D=4, H=4))
    x_t, h_prev, c_prev, W, b = _peephole(rng, B=3, D=2, H=4)
    halves = [{k: a.astype(np.float32) for k, a in d.items()} for d in (W, b)]
    yield case("float32", *(a.astype(np.float32) for a in (x_t, h_prev, c_prev)), *halves)


peephole_step.slip(
    "the output gate looks at the old memory; it is to see c_t, which this step has just written",
    {"np.concatenate([c, h_prev, x_t], axis=1) @": "seen @"},
)
peephole_step.slip(
    "the hidden state where the memory belongs: the first H columns that i, f and o read are c's",
    {"[c_prev, h_prev, x_t]": "[h_prev, h_prev, x_t]", "[c, h_prev": "[h_prev, h_prev"},
)
peephole_step.slip(
    "joined in another order: the rows of W are for c, then h, then x. Every order has the same shape",
    {
        "[c_prev, h_prev, x_t]": "[x_t, h_prev, c_prev]",
        "seen[:, c_prev.shape[1] :]": "np.concatenate([x_t, h_prev], axis=1)",
        "[c, h_prev, x_t]": "[x_t, h_prev, c]",
    },
)
peephole_step.slip(
    "h stands before c in what i, f and o read; the rows of their W are for c, then h, then x",
    {
        "[c_prev, h_prev, x_t]": "[h_prev, c_prev, x_t]",
        "seen[:, c_prev.shape[1] :]": "np.concatenate([h_prev, x_t], axis=1)",
        "[c, h_prev": "[h_prev, c",
    },
)
peephole_step.slip(
    "a sigmoid where the candidate has tanh",
    {"np.tanh(seen": "sigmoid(seen"},
)
peephole_step.slip(
    "the gates see tanh(c); a peephole looks at the memory as it is, which may be far from -1 and 1",
    {"[c_prev, h_prev, x_t]": "[np.tanh(c_prev), h_prev, x_t]", "[c, h_prev": "[np.tanh(c), h_prev"},
)
peephole_step.slip(
    "h = o ⊙ c: the tanh around c is missing",
    {"o * np.tanh(c)": "o * c"},
)
peephole_step.slip(
    "the biases are forgotten",
    {' + b["i"]': "", ' + b["f"]': "", ' + b["g"]': "", ' + b["o"]': ""},
)
peephole_step.slip(
    "the right two in another order: h comes first, then c",
    {"return o * np.tanh(c), c": "return c, o * np.tanh(c)"},
)
peephole_step.slip(
    "i and f have changed places: f keeps the old memory, i lets the candidate in",
    {"i, f = sigmoid": "f, i = sigmoid"},
)
peephole_step.slip(
    "the candidate reads [x, h]; the rows of its W are for h first, then x, as for the gates",
    {"seen[:, c_prev.shape[1] :]": "np.concatenate([x_t, h_prev], axis=1)"},
)
peephole_step.slip(
    "the gate's matrix gets all three summands, but no sigmoid: i and f have to lie between 0 and 1",
    {
        'sigmoid(seen @ W["i"] + b["i"]), sigmoid(seen @ W["f"] + b["f"])': 'seen @ W["i"] + b["i"], seen @ W["f"] + b["f"]'
    },
)
peephole_step.slip(
    "the output gate sees tanh(c); a peephole looks at the memory itself, which may be far from -1 and 1",
    {"concatenate([c, h_prev": "concatenate([np.tanh(c), h_prev"},
)
peephole_step.slip(
    "the output gate is given the new hidden state where h_prev belongs: that one is only made once o is known",
    {"concatenate([c, h_prev": "concatenate([c, np.tanh(c)"},
)


@peephole_step.variant
def _(x_t, h_prev, c_prev, W, b):
    H = h_prev.shape[1]
    i, f, o = (h_prev @ W[k][H : 2 * H] + x_t @ W[k][2 * H :] + b[k] for k in "ifo")
    g = np.tanh(h_prev @ W["g"][:H] + x_t @ W["g"][H:] + b["g"])
    c = sigmoid(f + c_prev @ W["f"][:H]) * c_prev + sigmoid(i + c_prev @ W["i"][:H]) * g
    return sigmoid(o + c @ W["o"][:H]) * np.tanh(c), c


@peephole_step.variant
def _(x_t, h_prev, c_prev, W, b):
    i, f = (sigmoid(np.hstack([c_prev, h_prev, x_t]) @ W[k] + b[k]) for k in "if")
    c = f * c_prev + i * np.tanh(np.hstack([h_prev, x_t]) @ W["g"] + b["g"])
    return np.tanh(c) * sigmoid(np.hstack([c, h_prev, x_t]) @ W["o"] + b["o"]), c


def _peephole(rng, B, D, H):
    x_t, h_prev, c_prev, *_ = step_inputs(rng, B, D, H)
    rows = {"i": 2 * H + D, "f": 2 * H + D, "g": H + D, "o": 2 * H + D}
    W = {k: 0.7 * rng.standard_normal((n, H)) for k, n in rows.items()}
    return x_t, h_prev, c_prev, W, {k: rng.standard_normal(H) for k in rows}

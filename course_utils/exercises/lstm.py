"""Lesson 07: the LSTM, one step forward and back, peepholes, a sequence, torch's layout, forget biases, a latch."""

from collections.abc import Callable

import numpy as np

from .. import sequence
from ..activations import sigmoid
from ..cells import lstm
from .definition import case, exercise


@exercise(
    "7.1",
    points=2,
    outputs=("h", "c"),
    hints=(
        "Three lines: the four sums at once, the memory from the old memory, and the output from the new memory.",
        "x_t @ W_x has shape (4, B, H), a row of sums for each gate in the order i, f, g, o: it unpacks into four names.",
        "i, f and o go through sigmoid, g through np.tanh. Then equation (5), then (6), with the c that (5) has just made.",
    ),
)
def lstm_step(
    x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h and c, (B, H) each; W_x (4, D, H), W_h (4, H, H), b (4, 1, H), gates i f g o."""
    i, f, g, o = x_t @ W_x + h_prev @ W_h + b
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


@lstm_step.cases
def _(rng):
    x_t, h_prev, c_prev, W_x, W_h, b = _cell(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", x_t, h_prev, c_prev, W_x, W_h, b)
    yield case("from states of zeros", x_t, 0 * h_prev, 0 * c_prev, W_x, W_h, b)
    keep = b + np.array([-50, 50, 0, 0])[:, None, None]
    yield case("with f = 1 and i = 0 the memory is kept", x_t, h_prev, c_prev, W_x, W_h, keep)
    write = b + np.array([50, -50, 0, 0])[:, None, None]
    yield case("with f = 0 and i = 1 it is the candidate", x_t, h_prev, c_prev, W_x, W_h, write)
    yield case("a memory of 30 is kept as it is, and shown as 1 at most", x_t, h_prev, 0 * c_prev + 30, W_x, W_h, b)
    yield case("one sequence (B = 1)", *_cell(rng, B=1, D=2, H=3))
    yield case("all sizes equal, so that no shape can tell", *_cell(rng, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _cell(rng, B=3, D=2, H=4)))


lstm_step.slip(
    "gates in another order: some texts stack i, f, o, g; ours, like torch's, are i, f, g, o",
    {"i, f, g, o = x_t": "i, f, o, g = x_t"},
)
lstm_step.slip(
    "a sigmoid where the candidate g has tanh: such a cell could only ever add to its memory",
    {"np.tanh(g), sigmoid(o)": "sigmoid(g), sigmoid(o)"},
)
lstm_step.slip(
    "tanh for all four: a gate has to lie between 0 and 1, so i, f and o take the sigmoid",
    {"sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)": "np.tanh(i), np.tanh(f), np.tanh(g), np.tanh(o)"},
)
lstm_step.slip(
    "the memory where the hidden state belongs: the gates hear h_prev through W_h, c_prev enters in (5) only",
    {"h_prev @ W_h": "c_prev @ W_h"},
)
lstm_step.slip(
    "the hidden state where the memory belongs: f decides how much of c_prev is kept, not of h_prev",
    {"f * c_prev": "f * h_prev"},
)
lstm_step.slip(
    "h is made from the old memory; the output shows c as it is after this step's writing",
    {"o * np.tanh(c)": "o * np.tanh(c_prev)"},
)
lstm_step.slip(
    "h = o ⊙ c: the tanh around c is missing, so what the gates hear next is no longer between -1 and 1",
    {"o * np.tanh(c)": "o * c"},
)
lstm_step.slip(
    "the memory goes out through a sigmoid; equation (6) has tanh(c)",
    {"o * np.tanh(c)": "o * sigmoid(c)"},
)
lstm_step.slip(
    "the right two in another order: h comes first, then c",
    {"return o * np.tanh(c), c": "return c, o * np.tanh(c)"},
)
lstm_step.slip(
    "only h comes back; the next step needs the memory c as well",
    {"np.tanh(c), c": "np.tanh(c)"},
)
lstm_step.slip(
    "nothing is ever forgotten: where is f? (So it was in 1997; the forget gate is from 2000)",
    {"f * c_prev": "c_prev"},
)
lstm_step.slip(
    "the candidate goes in ungated: where is i?",
    {"i * g": "g"},
)
lstm_step.slip(
    "i and f have changed places: f keeps the old memory, i lets the candidate in",
    {"f * c_prev + i * g": "i * c_prev + f * g"},
)
lstm_step.slip(
    "the bias b is forgotten",
    {" + b\n": "\n"},
)
lstm_step.slip(
    "the four matrices in W_h are transposed: they are square, so no shape complains. It is h_prev @ W_h",
    {"h_prev @ W_h": "h_prev @ W_h.transpose(0, 2, 1)"},
)
lstm_step.slip(
    "it writes into c_prev: `c_prev *= f` changes the caller's array. Make a new one, c = ...",
    {"c = f * c_prev + i * g": "c_prev *= f\n    c_prev += i * g\n    c = c_prev"},
)
lstm_step.slip(
    "tanh on top of a sigmoid: the candidate takes its sum through tanh alone, so that it can be negative",
    {"np.tanh(g), sigmoid(o)": "np.tanh(sigmoid(g)), sigmoid(o)"},
)
lstm_step.slip(
    "1 - f stands where i belongs: some cells couple the two (lesson 08), this one has a gate of its own for writing",
    {"i * g": "(1 - f) * g"},
)
lstm_step.slip(
    "the sums go into (5) as they are: i, f and o have to go through the sigmoid first, g through tanh",
    {"    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)\n": ""},
)
lstm_step.slip(
    "minus where (5) has plus: what is written is added; it is the candidate's sign that decides about up or down",
    {"+ i * g": "- i * g"},
)


@lstm_step.variant
def _(x_t, h_prev, c_prev, W_x, W_h, b):
    i, f, g, o = np.einsum("bd,kdh->kbh", x_t, W_x) + np.einsum("bg,kgh->kbh", h_prev, W_h) + b
    c = c_prev / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    return [np.tanh(c) / (1 + np.exp(-o)), c]


@lstm_step.variant
def _(x_t, h_prev, c_prev, W_x, W_h, b):
    W = np.concatenate([np.concatenate([W_h[k], W_x[k]]) for k in (0, 1, 3, 2)], axis=1)
    a = np.concatenate([h_prev, x_t], axis=1) @ W + np.concatenate([b[0], b[1], b[3], b[2]], axis=1)
    H = h_prev.shape[1]
    i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
    c = f * c_prev + i * np.tanh(a[:, 3 * H :])
    return o * np.tanh(c), c


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


@exercise(
    "7.3",
    points=1,
    outputs=("dc", "dc_prev"),
    hints=(
        "c_t branches: to c_{t+1}, from which dc has come back, and to h_t = o ⊙ tanh(c_t). Branches add.",
        "From h back to c it is two slopes: times o, times 1 - tanh²(c). Add that to dc and you have the whole.",
        "Then c_t = f ⊙ c_{t-1} + ...: back along it, the whole gradient is multiplied by one thing only.",
    ),
)
def memory_backward(
    dh: np.ndarray, dc: np.ndarray, f: np.ndarray, o: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """dh = ∂L/∂h_t, and dc, what c_t gets from step t + 1, (B, H), to the whole ∂L/∂c_t and to ∂L/∂c_{t-1}, (B, H) each."""
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    return dc, dc * f


@memory_backward.cases
def _(rng):
    dh, dc, f, o, c = _memory(rng, B=2, H=5)
    yield case("one step of two sequences", dh, dc, f, o, c)
    yield case("nothing comes from the output: only f", 0 * dh, dc, f, o, c)
    yield case("nothing comes from the future: the last step", dh, 0 * dc, f, o, c)
    yield case("with f = 1 the memory hands on all that it gets", dh, dc, f**0, o, c)
    yield case("with f = 0 it hands on nothing", dh, dc, 0 * f, o, c)
    yield case("a large memory, whose tanh is flat", dh, dc, f, o, 10 * c)
    yield case("one sequence (B = 1)", *_memory(rng, B=1, H=3))
    yield case("float32", *(a.astype(np.float32) for a in _memory(rng, B=3, H=4)))


memory_backward.slip(
    "f is left out: on the way from c_t to c_{t-1} the gradient is multiplied by f, as c was",
    {"dc * f": "dc"},
)
memory_backward.slip(
    "the way through the output is forgotten: h_t = o ⊙ tanh(c_t), so c_t also hears from dh",
    {"    dc = dc + dh * o * (1 - np.tanh(c) ** 2)\n": ""},
)
memory_backward.slip(
    "the future is forgotten: what comes from step t + 1 has to be added to what comes from the output",
    {"dc + dh": "dh"},
)
memory_backward.slip(
    "only dc goes on to c_{t-1}; the part from the output has to go on too: the whole, times f",
    {"dc = dc + dh": "whole = dc + dh", "return dc,": "return whole,"},
)
memory_backward.slip(
    "the slope of tanh is missing on the way from h_t to c_t",
    {" * (1 - np.tanh(c) ** 2)": ""},
)
memory_backward.slip(
    "o is missing: h_t shows only a part of tanh(c_t), and as much of dh comes back",
    {"dh * o *": "dh *"},
)
memory_backward.slip(
    "1 - c² is not the slope of tanh at c: it is 1 - tanh²(c)",
    {"np.tanh(c) ** 2": "c**2"},
)
memory_backward.slip(
    "tanh(c) itself stands where its slope belongs, 1 - tanh²(c)",
    {"(1 - np.tanh(c) ** 2)": "np.tanh(c)"},
)
memory_backward.slip(
    "f stands at the wrong end: dc has come from step t + 1 with f_{t+1} in it already; f_t is for the way to c_{t-1}",
    {"dc = dc + dh": "dc = f * dc + dh", "dc * f": "dc"},
)
memory_backward.slip(
    "f twice: dc has f_{t+1} in it already, and f_t belongs to the way to c_{t-1} only",
    {"dc = dc + dh": "dc = f * dc + dh"},
)
memory_backward.slip(
    "it changes dc in place: `dc += ...` writes into the caller's array. Write dc = dc + ...",
    {"dc = dc + dh": "dc += dh"},
)
memory_backward.slip(
    "the right two in another order: first ∂L/∂c_t, then ∂L/∂c_{t-1}",
    {"return dc, dc * f": "return dc * f, dc"},
)
memory_backward.slip(
    "only the whole ∂L/∂c_t comes back; asked for are both, it and ∂L/∂c_{t-1}",
    {"return dc, dc * f": "return dc"},
)
memory_backward.slip(
    "the two ways are not added: ∂L/∂c_t is what comes from h_t plus dc, and the sum, times f, goes on",
    {"dc = dc + dh": "whole = dh", "return dc,": "return whole,"},
)
memory_backward.slip(
    "1 - h² is Elman's slope, where h itself had come out of the tanh; here tanh was at c, so it is 1 - tanh²(c)",
    {"np.tanh(c) ** 2": "(o * np.tanh(c)) ** 2"},
)
memory_backward.slip(
    "the two ways are multiplied; where a value branches, what comes back along the branches is added",
    {"dc = dc + dh": "dc = dc * dh"},
)
memory_backward.slip(
    "the slope of the gate is put in too: c_t reaches the loss past o, not through it. o (1 - o) comes with do, in 7.4",
    {"dh * o *": "dh * o * (1 - o) *"},
)


@memory_backward.variant
def _(dh, dc, f, o, c):
    whole = dh * o / np.cosh(c) ** 2 + dc
    return [whole, f * whole]


@exercise(
    "7.4",
    points=3,
    outputs=("dx_t", "dh_prev", "dc_prev", "dW_x", "dW_h", "db"),
    hints=(
        "First the memory, as in 7.3. Then the gradient of each gate: what was it multiplied with on the way forward?",
        "di = dc g, df = dc c_prev, dg = dc i, do = dh tanh(c); each times the slope of its own activation makes du, stacked.",
        "du (4, B, H) is the gradient of the sums. To x and h: du @ W with each matrix transposed, added over the gates.",
    ),
)
def lstm_step_backward(
    dh: np.ndarray,
    dc: np.ndarray,
    x_t: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    gates: np.ndarray,
    c: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """dh, dc as in 7.3 and gates = i, f, g, o after activation (4, B, H) to gradients: x_t, h_prev, c_prev, W_x, W_h, b."""
    i, f, g, o = gates
    tanh_c = np.tanh(c)
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
    du = np.stack([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)])
    dx = (du @ W_x.transpose(0, 2, 1)).sum(axis=0)
    dh_prev = (du @ W_h.transpose(0, 2, 1)).sum(axis=0)
    return dx, dh_prev, dc * f, x_t.T @ du, h_prev.T @ du, du.sum(axis=1, keepdims=True)


@lstm_step_backward.cases
def _(rng):
    yield case("one step of two sequences", *_step_back(rng, B=2, D=3, H=5))
    dh, dc, *rest = _step_back(rng, B=2, D=3, H=5)
    yield case("no gradient in, none out", 0 * dh, 0 * dc, *rest)
    yield case("a gradient from the output only: the last step", dh, 0 * dc, *rest)
    yield case("a gradient along the memory only", 0 * dh, dc, *rest)
    yield case("one sequence (B = 1)", *_step_back(rng, B=1, D=3, H=5))
    yield case("all sizes equal, so that no shape can tell", *_step_back(rng, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _step_back(rng, B=3, D=2, H=4)))


lstm_step_backward.slip(
    "f is left out of the gradient of c_prev: c_t = f ⊙ c_prev + ..., so the way back multiplies by f",
    {"dh_prev, dc * f,": "dh_prev, dc,"},
)
lstm_step_backward.slip(
    "the way through the output is forgotten: c_t also reaches the loss through h_t = o ⊙ tanh(c_t)",
    {"    dc = dc + dh * o * (1 - tanh_c**2)\n": ""},
)
lstm_step_backward.slip(
    "dc, what comes from step t + 1 along the memory, is dropped where it has to be added",
    {"dc = dc + dh": "dc = dh"},
)
lstm_step_backward.slip(
    "the slopes of the gates are missing: after di = dc ⊙ g the gradient still has to go through the sigmoid, i (1 - i)",
    {"di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)": "di, df, dg, do"},
)
lstm_step_backward.slip(
    "the candidate's slope is that of the sigmoid, g (1 - g); g is a tanh, so it is 1 - g²",
    {"dg * (1 - g**2)": "dg * g * (1 - g)"},
)
lstm_step_backward.slip(
    "the slope of all four is that of tanh; i, f and o are sigmoids, with slope s (1 - s)",
    {
        "di * i * (1 - i)": "di * (1 - i**2)",
        "df * f * (1 - f)": "df * (1 - f**2)",
        "do * o * (1 - o)": "do * (1 - o**2)",
    },
)
lstm_step_backward.slip(
    "the forget gate is given the new memory: on the way forward f was multiplied with c_prev",
    {"dc * c_prev": "dc * c"},
)
lstm_step_backward.slip(
    "the output gate is given c: on the way forward o was multiplied with tanh(c)",
    {"dh * tanh_c": "dh * c"},
)
lstm_step_backward.slip(
    "the gradients of i and g have changed places: i was multiplied with g, so di = dc ⊙ g",
    {"dc * g, dc * c_prev, dc * i,": "dc * i, dc * c_prev, dc * g,"},
)
lstm_step_backward.slip(
    "the gates hear from dc as it came in, before the part from the output was added; they need the whole",
    {"dc = dc + dh": "whole = dc + dh", "dc * f,": "whole * f,"},
)
lstm_step_backward.slip(
    "W_x and W_h are not transposed on the way back; shapes complain for W_x only, W_h is four squares",
    {"du @ W_h.transpose(0, 2, 1)": "du @ W_h"},
)
lstm_step_backward.slip(
    "the memory where the hidden state belongs: W_h was multiplied with h_prev, not with c_prev",
    {"h_prev.T @ du": "c_prev.T @ du"},
)
lstm_step_backward.slip(
    "the four gates stay apart in the gradients of x_t and h_prev: each is one row, used by all gates, so add over them",
    {
        "(du @ W_x.transpose(0, 2, 1)).sum(axis=0)": "du @ W_x.transpose(0, 2, 1)",
        "(du @ W_h.transpose(0, 2, 1)).sum(axis=0)": "du @ W_h.transpose(0, 2, 1)",
    },
)
lstm_step_backward.slip(
    "gates in another order: du is to be stacked i, f, g, o, as W_x, W_h and b are",
    {"dg * (1 - g**2), do * o * (1 - o)]": "do * o * (1 - o), dg * (1 - g**2)]"},
)
lstm_step_backward.slip(
    "the gradient of b lost an axis: b is (4, 1, H), so keepdims=True",
    {", keepdims=True": ""},
)
lstm_step_backward.slip(
    "the gradient of b is summed over the wrong axis: the rows of the batch are axis 1 of du (4, B, H)",
    {"du.sum(axis=1,": "du.sum(axis=2,"},
)
lstm_step_backward.slip(
    "a mean over the batch: dh and dc already hold whatever the loss divides by, so here it is a sum",
    {"x_t.T @ du, h_prev.T @ du, du.sum(": "x_t.T @ du / len(dh), h_prev.T @ du / len(dh), du.mean("},
)
lstm_step_backward.slip(
    "it changes dc in place: `dc += ...` writes into the caller's array. Write dc = dc + ...",
    {"dc = dc + dh": "dc += dh"},
)
lstm_step_backward.slip(
    "the right six, in another order: x_t, h_prev, c_prev, then W_x, W_h, b",
    {"dx, dh_prev, dc * f,": "dx, dc * f, dh_prev,"},
)
lstm_step_backward.slip(
    "1 - c² is not the slope of tanh at c: it is 1 - tanh²(c)",
    {"tanh_c**2": "c**2"},
)
lstm_step_backward.slip(
    "o is missing on the way from h_t to c_t: h shows only a part of tanh(c), and as much of dh comes back",
    {"dh * o * (1 - tanh": "dh * (1 - tanh"},
)
lstm_step_backward.slip(
    "the output gate hears from the memory: o stands in h = o ⊙ tanh(c) only, so do = dh ⊙ tanh(c)",
    {"dh * tanh_c": "dc * tanh_c"},
)
lstm_step_backward.slip(
    "the gates go through their activations once more: what you are given are i, f, g, o after activation",
    {"i, f, g, o = gates": "i, f, g, o = sigmoid(gates[0]), sigmoid(gates[1]), np.tanh(gates[2]), sigmoid(gates[3])"},
)
lstm_step_backward.slip(
    "the gradients of W_h are transposed: they are squares, so no shape complains. It is h_prev.T @ du",
    {"h_prev.T @ du,": "(h_prev.T @ du).transpose(0, 2, 1),"},
)
lstm_step_backward.slip(
    "only the incoming dc goes on to c_prev: the part from the output has to go on too. The whole, times f",
    {"dc = dc + dh": "first, dc = dc, dc + dh", "dh_prev, dc * f,": "dh_prev, first * f,"},
)
lstm_step_backward.slip(
    "the candidate's slope is missing: g is a tanh, so dg times 1 - g²",
    {"dg * (1 - g**2)": "dg"},
)
lstm_step_backward.slip(
    "the slopes of the three sigmoids are missing: di times i (1 - i), and so on",
    {"di * i * (1 - i), df * f * (1 - f), dg": "di, df, dg", "do * o * (1 - o)": "do"},
)
lstm_step_backward.slip(
    "the gradient of b is not yet summed: one row of b served the whole batch, so add over the rows, axis 1",
    {"du.sum(axis=1, keepdims=True)": "du"},
)
lstm_step_backward.slip(
    "the gradient of b is summed over the gates: each gate has a bias of its own, add over the rows of the batch, axis 1",
    {"du.sum(axis=1, keepdims=True)": "du.sum(axis=0)"},
)
lstm_step_backward.slip(
    "a mean over the four gates: x_t and h_prev hear from all four, and what they hear is added",
    {
        "(du @ W_x.transpose(0, 2, 1)).sum(": "(du @ W_x.transpose(0, 2, 1)).mean(",
        "(du @ W_h.transpose(0, 2, 1)).sum(": "(du @ W_h.transpose(0, 2, 1)).mean(",
    },
)
lstm_step_backward.slip(
    "dh itself goes on to h_prev: an LSTM's h is made anew at each step, so h_prev hears through the gates only",
    {"dh_prev = (du": "dh_prev = dh + (du"},
)


@lstm_step_backward.variant
def _(dh, dc, x_t, h_prev, c_prev, gates, c, W_x, W_h):
    i, f, g, o = gates
    dc = dc + dh * o / np.cosh(c) ** 2
    each = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh * np.tanh(c) * o * (1 - o)
    dx, dh_prev = (sum(d @ W[k].T for k, d in enumerate(each)) for W in (W_x, W_h))
    dW_x, dW_h = ([a.T @ d for d in each] for a in (x_t, h_prev))
    return dx, dh_prev, f * dc, dW_x, dW_h, [d.sum(axis=0)[None] for d in each]


@lstm_step_backward.variant
def _(dh, dc, x_t, h_prev, c_prev, gates, c, W_x, W_h):
    (i, f, g, o), t = gates, np.tanh(c)
    dc = dh * o * (1 - t) * (1 + t) + dc
    slopes = np.concatenate([gates[:2] * (1 - gates[:2]), 1 - gates[2:3] ** 2, gates[3:] * (1 - gates[3:])])
    du = slopes * np.stack([dc * g, dc * c_prev, dc * i, dh * t])
    dx, dh_prev = np.einsum("kbh,kdh->bd", du, W_x), np.einsum("kbh,kgh->bg", du, W_h)
    return (
        dx,
        dh_prev,
        dc * f,
        np.einsum("bd,kbh->kdh", x_t, du),
        np.einsum("bg,kbh->kgh", h_prev, du),
        du.sum(1)[:, None],
    )


@exercise(
    "7.5",
    points=3,
    outputs=("h", "dx", "dh0", "dc0", "dW_x", "dW_h", "db"),
    hints=(
        "Two loops. Forward: h and c both go on to the next step, and you keep every h and every trace.",
        "Back, from the last trace to the first: dh_out[t] is added to the dh that came from step t + 1; dc comes along.",
        "dx_t, dh, dc, *d = step_back(dh_out[t] + dh, dc, traces[t]): note dx_t at its place, add d to what the weights have.",
    ),
)
def lstm_sequence(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, dh_out: np.ndarray, step: Callable, step_back: Callable
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x (T, B, D), h0, c0 (B, H), dh_out (T, B, H) to h (T, B, H) and the gradients of x, h0, c0, W_x, W_h, b."""
    h, c, states, traces = h0, c0, [], []
    for x_t in x:
        h, c, trace = step(x_t, h, c)
        states.append(h)
        traces.append(trace)
    dh, dc, dx, weights = np.zeros_like(h0), np.zeros_like(c0), np.zeros_like(x), 0
    for t in reversed(range(len(x))):
        dx[t], dh, dc, *d = step_back(dh_out[t] + dh, dc, traces[t])
        weights = [a + b for a, b in zip(weights, d, strict=True)] if weights else d
    return np.stack(states), dx, dh, dc, *weights


@lstm_sequence.cases
def _(rng):
    yield case("one step (T = 1)", *_sequence(rng, T=1, B=2, D=3, H=5))
    yield case("two steps", *_sequence(rng, T=2, B=2, D=3, H=5))
    x, h0, c0, dh_out, *steps = _sequence(rng, T=4, B=2, D=3, H=5)
    last = dh_out * (np.arange(4) == 3)[:, None, None]
    yield case("a loss at the last step only, whose gradient has to travel", x, h0, c0, last, *steps)
    yield case("seven steps, two sequences", *_sequence(rng, T=7, B=2, D=3, H=5))
    yield case("one sequence (B = 1)", *_sequence(rng, T=6, B=1, D=2, H=4))
    yield case("all sizes equal, so that no shape can tell", *_sequence(rng, T=4, B=4, D=4, H=4))
    yield case("a long text (T = 200)", *_sequence(rng, T=200, B=2, D=3, H=4))
    yield case("float32", *_sequence(rng, T=5, B=2, D=3, H=4, dtype=np.float32))


lstm_sequence.slip(
    "no gradient goes through time: dh and dc of step t + 1 are both dropped. (An answer key was once published so)",
    {"step_back(dh_out[t] + dh, dc, traces[t])": "step_back(dh_out[t], 0 * dc, traces[t])"},
)
lstm_sequence.slip(
    "the gradient goes back through h only: dc of step t + 1 is dropped, and with it the LSTM's whole point",
    {"step_back(dh_out[t] + dh, dc, traces[t])": "step_back(dh_out[t] + dh, 0 * dc, traces[t])"},
)
lstm_sequence.slip(
    "the gradient goes back along the memory only: what h_{t-1} did to the gates of step t is dropped",
    {"step_back(dh_out[t] + dh, dc, traces[t])": "step_back(dh_out[t], dc, traces[t])"},
)
lstm_sequence.slip(
    "only the last step's loss counts: dh_out[t] has to be added at every step, not only at the first turn",
    {"dh_out[t] + dh": "dh_out[t] * (t == len(x) - 1) + dh"},
)
lstm_sequence.slip(
    "the weight gradients are those of step 1 only: each turn overwrites them; every step uses the weights, so add",
    {"[a + b for a, b in zip(weights, d, strict=True)] if weights else d": "d"},
)
lstm_sequence.slip(
    "the weight gradients are those of the last step only: every step uses the weights, so all steps add to them",
    {"[a + b for a, b in zip(weights, d, strict=True)] if weights else d": "weights or d"},
)
lstm_sequence.slip(
    "a mean over time: whatever the loss divides by is in dh_out already, so the weight gradients are sums",
    {"*weights": "*(a / len(x) for a in weights)"},
)
lstm_sequence.slip(
    "the memory is not carried forward: every step starts from c0. Both h and c go on to the next step",
    {"step(x_t, h, c)": "step(x_t, h, c0)"},
)
lstm_sequence.slip(
    "the state is not carried forward: every step starts from h0 and c0, so nothing is remembered",
    {"step(x_t, h, c)": "step(x_t, h0, c0)"},
)
lstm_sequence.slip(
    "the memory where the hidden state belongs: the states to return are h, not c",
    {"states.append(h)": "states.append(c)"},
)
lstm_sequence.slip(
    "dh and dc have changed places on their way to the step before",
    {"dx[t], dh, dc, *d": "dx[t], dc, dh, *d"},
)
lstm_sequence.slip(
    "the traces are walked forward: the way back begins with the last step's",
    {"traces[t]": "traces[-1 - t]"},
)
lstm_sequence.slip(
    "dx stands in the order in which it was found, the last step first; its first entry belongs to x_1",
    {"np.stack(states), dx": "np.stack(states), dx[::-1]"},
)
lstm_sequence.slip(
    "only the last hidden state comes back; the states of all T steps are asked for, (T, B, H)",
    {"np.stack(states)": "h"},
)
lstm_sequence.slip(
    "right for the last 20 steps, and no gradient before them: the way back has to go on to the first step",
    {
        "        dx[t], dh, dc": "        near = t >= len(x) - 20\n        dx[t], dh, dc",
        "step_back(dh_out[t] + dh, dc,": "step_back(near * (dh_out[t] + dh), near * dc,",
    },
)
lstm_sequence.slip(
    "the gradients of h0 and c0 are missing: what is left in dh and dc after the first step belongs to them",
    {"dx, dh, dc, *weights": "dx, *weights"},
)
lstm_sequence.slip(
    "each state is noted before its step, not after: you return h_0, ..., h_{T-1}, and h_T is lost",
    {
        "h, c, trace = step(x_t, h, c)": "states.append(h)",
        "states.append(h)\n        traces": "h, c, trace = step(x_t, h, c)\n        traces",
    },
)
lstm_sequence.slip(
    "dh_out is added to dc as well: it belongs to h_t; the memory has no output of its own",
    {"step_back(dh_out[t] + dh, dc,": "step_back(dh_out[t] + dh, dc + dh_out[t],"},
)
lstm_sequence.slip(
    "the first states are zeros; they are given, h0 and c0",
    {"h, c, states, traces = h0, c0, [], []": "h, c, states, traces = 0 * h0, 0 * c0, [], []"},
)
lstm_sequence.slip(
    "the hidden state is not carried forward: every step starts from h0. Both h and c go on to the next step",
    {"step(x_t, h, c)": "step(x_t, h0, c)"},
)
lstm_sequence.slip(
    "h0 stands among the states: asked for are those of the steps 1 to T, (T, B, H)",
    {"h, c, states, traces = h0, c0, [], []": "h, c, states, traces = h0, c0, [h0], []"},
)
lstm_sequence.slip(
    "every step is given the last step's trace: the way back needs the trace of its own step",
    {"dc, traces[t])": "dc, trace)"},
)
lstm_sequence.slip(
    "the gradients of h0 and c0 have changed places: first h0, then c0",
    {"dx, dh, dc, *weights": "dx, dc, dh, *weights"},
)
lstm_sequence.slip(
    "the way back runs over time in the order of the way forward; it begins with the last step",
    {"in reversed(range(len(x))):": "in range(len(x)):"},
)


@lstm_sequence.variant
def _(x, h0, c0, dh_out, step, step_back):
    states, traces = [(h0, c0)], []
    for x_t in x:
        *state, trace = step(x_t, *states[-1])
        states.append(state)
        traces.append(trace)
    found, d_state = [], (0, 0)
    for dh_t, trace in zip(dh_out[::-1], traces[::-1], strict=True):
        found.append(step_back(dh_t + d_state[0], d_state[1], trace))
        d_state = found[-1][1:3]
    weights = [sum(a) for a in list(zip(*found, strict=True))[3:]]
    return [[h for h, _ in states[1:]], [d[0] for d in found[::-1]], *d_state, *weights]


@exercise(
    "7.6",
    points=2,
    outputs=("W_x", "W_h", "b"),
    hints=(
        "torch keeps the four gates below one another: rows 0 to H - 1 are i, the next H rows f, then g, then o.",
        "So first cut (4H, D) into four blocks (4, H, D), with reshape; only then turn each block into (D, H).",
        "w.reshape(4, H, -1).transpose(0, 2, 1) for both matrices; the two biases only ever appear as a sum: (4, 1, H).",
    ),
)
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (4H, D), weight_hh (4H, H) and biases (4H,), to our W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    H = weight_hh.shape[1]
    W_x, W_h = (w.reshape(4, H, -1).transpose(0, 2, 1) for w in (weight_ih, weight_hh))
    return W_x, W_h, (bias_ih + bias_hh).reshape(4, 1, H)


@from_torch_layout.cases
def _(rng):
    yield case("D = 3, H = 5", *_torch_weights(rng, D=3, H=5))
    yield case("one input, four units", *_torch_weights(rng, D=1, H=4))
    yield case("one unit", *_torch_weights(rng, D=3, H=1))
    yield case("as many inputs as units", *_torch_weights(rng, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _torch_weights(rng, D=2, H=3)))


from_torch_layout.slip(
    "W_h is not transposed: its blocks are square, so no shape complains. torch multiplies with weight_hh transposed",
    {"return W_x, W_h,": "return W_x, W_h.transpose(0, 2, 1),"},
)
from_torch_layout.slip(
    "neither matrix is transposed: torch has (4H, D), one row per unit; ours are (4, D, H), one row per input",
    {".transpose(0, 2, 1)": ""},
)
from_torch_layout.slip(
    "reshape where the axes should change places: .reshape(4, D, H) has the shape and scrambles the numbers",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.reshape(4, -1, H)"},
)
from_torch_layout.slip(
    "transposed before it was cut into gates: .T first mixes the four blocks. Cut into (4, H, D), then transpose each",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.T.reshape(4, -1, H)"},
)
from_torch_layout.slip(
    "every fourth row is taken for one gate: torch keeps the H rows of a gate together, (4, H, D) and not (H, 4, D)",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.reshape(H, 4, -1).transpose(1, 2, 0)"},
)
from_torch_layout.slip(
    "g and o have changed places: torch's order is i, f, g, o, and so is ours. Nothing is to be reordered",
    {
        "W_x, W_h = (w": "swap = [0, 1, 3, 2]\n    W_x, W_h = (w",
        ".transpose(0, 2, 1)": ".transpose(0, 2, 1)[swap]",
        ".reshape(4, 1, H)": ".reshape(4, 1, H)[swap]",
    },
)
from_torch_layout.slip(
    "one of the two biases is missing: torch adds both, so ours is their sum",
    {"(bias_ih + bias_hh)": "bias_ih"},
)
from_torch_layout.slip(
    "bias_hh alone: torch adds both biases, so ours is their sum",
    {"(bias_ih + bias_hh)": "bias_hh"},
)
from_torch_layout.slip(
    "the mean of the two biases; torch adds both, so ours is their sum",
    {"(bias_ih + bias_hh)": "(bias_ih / 2 + bias_hh / 2)"},
)
from_torch_layout.slip(
    "the bias lacks its middle axis: (4, 1, H), so that it adds to (4, B, H)",
    {"reshape(4, 1, H)": "reshape(4, H)"},
)
from_torch_layout.slip(
    "the bias is as torch has it, (4H,); ours has the gates on an axis of their own, (4, 1, H)",
    {".reshape(4, 1, H)": ""},
)
from_torch_layout.slip(
    "concatenated where it has to be stacked: one matrix (D, 4H); ours are four, on a first axis of their own",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.T"},
)
from_torch_layout.slip(
    "it writes into bias_ih: `+=` changes the caller's array, which is torch's own memory. Make a new one",
    {"    return W_x, W_h, (bias_ih + bias_hh)": "    bias_ih += bias_hh\n    return W_x, W_h, bias_ih"},
)
from_torch_layout.slip(
    "W_x is not transposed: torch has one row per unit, ours has one row per input, (4, D, H)",
    {"return W_x,": "return W_x.transpose(0, 2, 1),"},
)
from_torch_layout.slip(
    "W_x and W_h have changed places: weight_ih is for the input, weight_hh for the hidden state",
    {"return W_x, W_h,": "return W_h, W_x,"},
)


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    W_x, W_h = (np.stack([block.T for block in np.split(w, 4)]) for w in (weight_ih, weight_hh))
    return W_x, W_h, np.stack(np.split(bias_ih + bias_hh, 4))[:, None]


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = weight_hh.shape[1], weight_ih.shape[1]
    W_x, W_h = weight_ih.T.reshape(D, 4, H).swapaxes(0, 1), np.einsum("kij->kji", weight_hh.reshape(4, H, H))
    return [W_x, W_h, [[bias_ih[k * H : (k + 1) * H] + bias_hh[k * H : (k + 1) * H]] for k in range(4)]]


@exercise(
    "7.7",
    points=1,
    outputs=("bias_ih", "bias_hh"),
    hints=(
        "The biases have 4H entries in the order i, f, g, o. Which slice is the forget gate's?",
        "Only the sum of the two vectors counts. So it is enough that one of them starts at `start` there. And the other?",
        "Copy both; in the slice H to 2H set one copy to start and the other to 0; return both.",
    ),
)
def open_forget_gate(bias_ih: np.ndarray, bias_hh: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """torch's two biases (4H,), gates i f g o, to copies whose forget gate starts at `start` in bias_ih and 0 in bias_hh."""
    H = len(bias_ih) // 4
    bias_ih, bias_hh = bias_ih.copy(), bias_hh.copy()
    bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0
    return bias_ih, bias_hh


@open_forget_gate.cases
def _(rng):
    yield case("three units, start at 1", *rng.uniform(-1, 1, (2, 12)), 1.0)
    yield case("five units, start at 3", *rng.uniform(-1, 1, (2, 20)), 3.0)
    yield case("one unit", *rng.uniform(-1, 1, (2, 4)), 1.0)
    yield case("four units", *rng.uniform(-1, 1, (2, 16)), 2.0)
    yield case("float32", *rng.uniform(-1, 1, (2, 8)).astype(np.float32), 1.0)


open_forget_gate.slip(
    "both biases start there, so together they make twice as much: torch adds the two",
    {"= start, 0": "= start, start"},
)
open_forget_gate.slip(
    "`start` in bias_ih, but bias_hh still has its random numbers there: the two add up to something else",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] = start"},
)
open_forget_gate.slip(
    "`start` is added to what was there; the forget gate is to start at `start`, whatever chance put in",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] += start"},
)
open_forget_gate.slip(
    "that is the input gate, the first block: a gate that lets everything in. The forget gate is the second",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[:H], bias_hh[:H] = start, 0"},
)
open_forget_gate.slip(
    "that is the candidate, the third block; the forget gate is the second, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[2 * H : 3 * H], bias_hh[2 * H : 3 * H] = start, 0"},
)
open_forget_gate.slip(
    "that is the output gate, the last block; the forget gate is the second, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[3 * H :], bias_hh[3 * H :] = start, 0"},
)
open_forget_gate.slip(
    "every fourth entry: torch keeps the H entries of a gate together, so the forget gate is H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[1::4], bias_hh[1::4] = start, 0"},
)
open_forget_gate.slip(
    "all four gates start there; only the forget gate is meant",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[:], bias_hh[:] = start, 0"},
)
open_forget_gate.slip(
    "one entry only: the forget gate has H of them, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : H + 1], bias_hh[H : H + 1] = start, 0"},
)
open_forget_gate.slip(
    "from H to the end: the slice stops nowhere, and takes g and o along",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H:], bias_hh[H:] = start, 0"},
)
open_forget_gate.slip(
    "it writes into the caller's arrays; work on copies",
    {"    bias_ih, bias_hh = bias_ih.copy(), bias_hh.copy()\n": ""},
)
open_forget_gate.slip(
    "the other way round: `start` belongs into bias_ih, 0 into bias_hh. The sum is right, but not what is asked",
    {"= start, 0": "= 0, start"},
)
open_forget_gate.slip(
    "one vector, the sum of the two, comes back; torch has two, so return both",
    {"return bias_ih, bias_hh": "return bias_ih + bias_hh"},
)
open_forget_gate.slip(
    "half of `start` in each: the sum is right, but asked for are `start` in bias_ih and 0 in bias_hh",
    {"= start, 0": "= start / 2, start / 2"},
)
open_forget_gate.slip(
    "bias_ih makes up for bias_hh: the sum is right, but asked for are `start` in bias_ih and 0 in bias_hh",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] = start - bias_hh[H : 2 * H]"},
)
open_forget_gate.slip(
    "all of bias_hh is 0 now; only its forget gate is to be, the other three keep their numbers",
    {"bias_hh[H : 2 * H] = start, 0": "bias_hh[:] = start, 0"},
)
open_forget_gate.slip(
    "the right two in another order: first bias_ih, then bias_hh",
    {"return bias_ih, bias_hh": "return bias_hh, bias_ih"},
)
open_forget_gate.slip(
    "σ(start) stands where start belongs: the bias is what goes into the sigmoid",
    {"= start, 0": "= sigmoid(start), 0"},
)
open_forget_gate.slip(
    "the forget gate starts at 1 whatever `start` says",
    {"= start, 0": "= 1, 0"},
)
open_forget_gate.slip(
    "`start` is added to bias_ih; the forget gate is to start at `start`, whatever chance put in",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] += start\n    bias_hh[H : 2 * H] = 0"},
)


@open_forget_gate.variant
def _(bias_ih, bias_hh, start):
    forget = np.arange(len(bias_ih)) * 4 // len(bias_ih) == 1
    return np.where(forget, np.asarray(start, bias_ih.dtype), bias_ih), np.where(forget, 0, bias_hh)


@open_forget_gate.variant
def _(bias_ih, bias_hh, start):
    i, _, g, o = np.split(bias_ih, 4)
    return np.concatenate([i, 0 * i + start, g, o]), bias_hh * np.repeat([1, 0, 1, 1], len(i)).astype(bias_hh.dtype)


@exercise(
    "7.8",
    points=2,
    hints=(
        "Decide for each gate when it has to be open: i when w = 1, f when w = 0, o always. And g should say what v is.",
        "A gate that is open for w = 0 and shut for w = 1 needs a large positive bias and twice as large a negative weight.",
        "i: weight 20 on w, bias -10. f: -20 and 10. g: 5 on v. o: bias 10. W_x[k, 0, 0] reads v, W_x[k, 1, 0] reads w.",
    ),
)
def latch(read: Callable) -> np.ndarray:
    """Choose W_x (4, 2, 1), W_h (4, 1, 1), b (4, 1, 1) of a one-unit LSTM that latches a bit, and return read(W_x, W_h, b)."""
    W_x, W_h, b = np.zeros((4, 2, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1))
    W_x[0, 1], b[0] = 20, -10
    W_x[1, 1], b[1] = -20, 10
    W_x[2, 0] = 5
    b[3] = 10
    return read(W_x, W_h, b)


@latch.cases
def _(rng):
    yield case("a bit is written and read at once", _reader(rng, T=1))
    yield case("ten steps later, with noise on v all the while", _reader(rng, T=10))
    yield case("a second bit, which is to replace the first", _reader(rng, T=10, writes=(0, 5)))
    yield case("the memory after 1,000 steps", _reader(rng, T=1000))
    yield case("200 steps with v against the bit in every one of them", _reader(rng, T=200, against=True))
    yield case("100 steps with seven writes", _reader(rng, T=100, writes=(0, 1, 2, 3, 30, 31, 60)))


latch.slip(
    "f is 0.73 between the writes, as a bias of 1 makes it: half is gone after two steps. It has to be far closer to 1",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = -20, 1"},
)
latch.slip(
    "f is 0.9933 between the writes: much for a hundred steps, nothing for a thousand. Open the forget gate wider",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = -20, 5"},
)
latch.slip(
    "the input gate is always open, so whatever is on v gets in; it is to open when w = 1 only",
    {"W_x[0, 1], b[0] = 20, -10": "b[0] = 10"},
)
latch.slip(
    "the input gate is half open while w = 0: with W_x alone it is σ(0) there. A negative bias shuts it",
    {"W_x[0, 1], b[0] = 20, -10": "W_x[0, 1] = 20"},
)
latch.slip(
    "the forget gate is always open, so a new bit adds to the old one; when w = 1 the old one has to go",
    {"W_x[1, 1], b[1] = -20, 10": "b[1] = 10"},
)
latch.slip(
    "a step after the writing nothing is to be seen: while w = 0 the forget gate has to be open, and the output gate too",
    {"W_x[1, 1], b[1] = -20, 10": "W_x[1, 1], b[1] = 20, -10"},
)
latch.slip(
    "the input gate is shut while writing and open while waiting: the sign of its weights is wrong",
    {"W_x[0, 1], b[0] = 20, -10": "W_x[0, 1], b[0] = -20, 10"},
)
latch.slip(
    "the candidate reads w, the first input is v: what it writes is always the same",
    {"W_x[2, 0] = 5": "W_x[2, 1] = 5"},
)
latch.slip(
    "the bit comes out with the wrong sign: a positive v has to make a positive candidate",
    {"W_x[2, 0] = 5": "W_x[2, 0] = -5"},
)
latch.slip(
    "h is never far from 0, not even while w = 1: is the output gate shut, or is nothing written at all?",
    {"b[3] = 10": "b[3] = -10"},
)
latch.slip(
    "gates in another order: the first axis is i, f, g, o; what was meant for g went to o, and for o to g",
    {"W_x[2, 0] = 5": "W_x[3, 0] = 5", "b[3]": "b[2]"},
)
latch.slip(
    "the weights come back, not what `read` makes of them: end with return read(W_x, W_h, b)",
    {"= 10\n    return read(W_x, W_h, b)": "= 10\n    return W_x, W_h, b"},
)
latch.slip(
    "v and w have changed places: W_x[k, 0] reads v, the noise and the bit; W_x[k, 1] reads w, which says when",
    {"W_x[0, 1],": "W_x[0, 0],", "W_x[1, 1],": "W_x[1, 0],", "W_x[2, 0] =": "W_x[2, 1] ="},
)


@latch.variant
def _(read):
    W_x = np.array([[0, 50], [0, -60], [2, 0], [0, 0]])[..., None]
    return read(W_x, np.zeros((4, 1, 1)), np.array([-25, 30, 0, 0]).reshape(4, 1, 1))


@latch.variant
def _(read):
    W_x, W_h, b = np.zeros((4, 2, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1))
    W_x[:, 1, 0], b[:, 0, 0] = [30, -30, 0, 0], [-15, 15, 0, 3]
    W_x[2, 0], W_h[2, 0] = 9, 0.5
    return read(W_x, W_h, b)


def _cell(rng, B, D, H):
    x_t, h_prev, c_prev = rng.standard_normal((B, D)), rng.uniform(-1, 1, (B, H)), 2 * rng.standard_normal((B, H))
    return x_t, h_prev, c_prev, *(0.7 * rng.standard_normal(shape) for shape in ((4, D, H), (4, H, H), (4, 1, H)))


def _peephole(rng, B, D, H):
    x_t, h_prev, c_prev, *_ = _cell(rng, B, D, H)
    rows = {"i": 2 * H + D, "f": 2 * H + D, "g": H + D, "o": 2 * H + D}
    W = {k: 0.7 * rng.standard_normal((n, H)) for k, n in rows.items()}
    return x_t, h_prev, c_prev, W, {k: rng.standard_normal(H) for k in rows}


def _memory(rng, B, H):
    dh, dc, c = rng.standard_normal((3, B, H))
    return dh, dc, *rng.uniform(0.1, 0.9, (2, B, H)), c


def _step_back(rng, B, D, H):
    x_t, h_prev, c_prev, W_x, W_h, b = _cell(rng, B, D, H)
    dh, dc = rng.standard_normal((2, B, H))
    trace = lstm.LSTM().step(lstm.Params(W_x, W_h, b), x_t @ W_x + b, lstm.State(h_prev, c_prev))[1]
    return dh, dc, x_t, h_prev, c_prev, np.stack([trace.i, trace.f, trace.g, trace.o]), trace.c, W_x, W_h


def _sequence(rng, T, B, D, H, dtype=np.float64):
    """Arguments of 7.5: inputs, first states, gradients from the outputs, and the two functions of one step."""
    _, h0, c0, *weights = (a.astype(dtype) for a in _cell(rng, B, D, H))
    x, dh_out = rng.standard_normal((T, B, D)).astype(dtype), rng.standard_normal((T, B, H)).astype(dtype)
    return x, h0, c0, dh_out, *_steps(lstm.Params(*weights))


def _steps(p):
    """One step of an LSTM forward, (x_t, h, c) -> (h, c, trace), and back, (dh, dc, trace) -> six gradients."""
    cell = lstm.LSTM()

    def step(x_t, h_prev, c_prev):
        (h, c), trace = cell.step(p, cell.project(p, x_t), lstm.State(h_prev, c_prev))
        return h, c, (x_t, trace)

    def step_back(dh, dc, trace):
        x_t, trace = trace
        (dh_prev, dc_prev), d = cell.step_backward(p, lstm.State(dh, dc), trace)
        return cell.input_gradient(p, x_t, d), dh_prev, dc_prev, *cell.weight_gradients(p, x_t, trace, d)

    return step, step_back


def _torch_weights(rng, D, H):
    return tuple(rng.uniform(-1, 1, shape) for shape in ((4 * H, D), (4 * H, H), (4 * H,), (4 * H,)))


READABLE = 0.25  # an output closer to zero than this counts as 0, not as a bit


def latch_inputs(rng, T, B=16, writes=(0,), against=False):
    """x (T, B, 2): v is -1 or 1, w is 1 at the steps in `writes`; against: between the writes v is the other bit."""
    v, w = rng.choice([-1.0, 1.0], (T, B)), np.zeros((T, B))
    w[list(writes)] = 1
    if against:
        written = np.maximum.accumulate(np.where(w[:, 0] == 1, np.arange(T), 0))
        v = np.where(w == 1, v, -v[written])
    return np.stack([v, w], axis=-1)


def _reader(rng, **options):
    """The function that exercise 7.8 gets: it reads inputs with the weights it is given, and tells the bits shown."""
    x = latch_inputs(rng, **options)

    def read(W_x, W_h, b):
        p = lstm.Params(*(np.asarray(a, dtype=np.float64) for a in (W_x, W_h, b)))
        for name, a, shape in zip(p._fields, p, ((4, 2, 1), (4, 1, 1), (4, 1, 1)), strict=True):
            if a.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {a.shape}")
        h = sequence.forward(lstm.LSTM(), p, x).h[-1, :, 0]
        return np.where(np.abs(h) < READABLE, 0, np.sign(h)).astype(int)

    return read

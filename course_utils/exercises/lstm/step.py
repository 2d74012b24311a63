"""Exercise 7.1: one step of an LSTM."""

import numpy as np

from ...activations import sigmoid
from ..definition import case, exercise
from .inputs import step_inputs


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
    x_t, h_prev, c_prev, W_x, W_h, b = step_inputs(rng, B=2, D=3, H=5)
    yield case("one step of two sequences", x_t, h_prev, c_prev, W_x, W_h, b)
    yield case("from states of zeros", x_t, 0 * h_prev, 0 * c_prev, W_x, W_h, b)
    keep = b + np.array([-50, 50, 0, 0])[:, None, None]
    yield case("with f = 1 and i = 0 the memory is kept", x_t, h_prev, c_prev, W_x, W_h, keep)
    write = b + np.array([50, -50, 0, 0])[:, None, None]
    yield case("with f = 0 and i = 1 it is the candidate", x_t, h_prev, c_prev, W_x, W_h, write)
    yield case("a memory of 30 is kept as it is, and shown as 1 at most", x_t, h_prev, 0 * c_prev + 30, W_x, W_h, b)
    yield case("one sequence (B = 1)", *step_inputs(rng, B=1, D=2, H=3))
    yield case("all sizes equal, so that no shape can tell", *step_inputs(rng, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in step_inputs(rng, B=3, D=2, H=4)))


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

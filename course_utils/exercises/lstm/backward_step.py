"""Exercise 7.4: one step of an LSTM backwards."""

import numpy as np

from ...activations import sigmoid  # noqa: F401 - for the edits of a mistake
from ...cells import lstm
from ..definition import case, exercise
from .inputs import step_inputs


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


def _step_back(rng, B, D, H):
    x_t, h_prev, c_prev, W_x, W_h, b = step_inputs(rng, B, D, H)
    dh, dc = rng.standard_normal((2, B, H))
    trace = lstm.LSTM().step(lstm.Params(W_x, W_h, b), x_t @ W_x + b, lstm.State(h_prev, c_prev))[1]
    return dh, dc, x_t, h_prev, c_prev, np.stack([trace.i, trace.f, trace.g, trace.o]), trace.c, W_x, W_h

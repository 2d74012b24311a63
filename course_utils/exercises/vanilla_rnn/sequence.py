"""Exercise 3.2: an Elman network over a sequence."""

import numpy as np

from ..definition import case, exercise
from .inputs import network


@exercise(
    "3.2",
    points=2,
    hints=(
        "Keep one variable h. Each turn of the loop computes a new h from the old one, and remembers it.",
        "Time is the first axis, so `for x_t in x:` runs over the steps. What is h before the first turn?",
        "Start with h = h0 and an empty list; in each turn h = ... h ..., then append h; np.stack the list at the end.",
    ),
)
def elman_forward(x: np.ndarray, h0: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Inputs x (T, B, D) and the state before the first step h0 (B, H) to the states h_1, ..., h_T, (T, B, H)."""
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


@elman_forward.cases
def _(rng):
    yield case("two steps of three sequences, states (T, B, H)", *network(rng, T=2, B=3, D=4, H=5))
    yield case("seven steps", *network(rng, T=7, B=2, D=3, H=5))
    x, h0, *weights = network(rng, T=3, B=2, D=4, H=3)
    yield case("from a state of zeros", x, 0 * h0, *weights)
    yield case("an input only at the first step: the rest is memory", x * [[[1]], [[0]], [[0]]], h0, *weights)
    yield case("one step (T = 1)", *network(rng, T=1, B=3, D=2, H=4))
    yield case("one sequence (B = 1)", *network(rng, T=6, B=1, D=3, H=4))
    yield case("a long text (T = 200)", *network(rng, T=200, B=3, D=2, H=4))
    yield case("all sizes equal", *network(rng, T=4, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in network(rng, T=5, B=2, D=3, H=4)))


@elman_forward.mistake("the state is not carried: every step starts from h0, so nothing read earlier is remembered")
def _(x, h0, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h0 @ W_hh + b_h)


elman_forward.slip(
    "only the last state comes back; the states of all T steps are asked for, (T, B, H)", {"np.stack(states)": "h"}
)


@elman_forward.mistake("h0 plays no part: the first step starts from zeros. (h[t - 1] at t = 0 is h[-1], not h0)")
def _(x, h0, W_xh, W_hh, b_h):
    h = np.zeros((len(x), *h0.shape), x.dtype)
    for t in range(len(x)):
        h[t] = np.tanh(x[t] @ W_xh + h[t - 1] @ W_hh + b_h)
    return h


@elman_forward.mistake("h_t stands where h_{t-1} belongs: step t reads its own place in the array, which is still zero")
def _(x, h0, W_xh, W_hh, b_h):
    h = np.zeros((len(x), *h0.shape), x.dtype)
    h[0] = np.tanh(x[0] @ W_xh + h0 @ W_hh + b_h)
    for t in range(1, len(x)):
        h[t] = np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h)
    return h


elman_forward.slip(
    "each state is noted before its step, not after: you return h_0, ..., h_{T-1}, and h_T is lost",
    {
        "        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)\n        states.append(h)": (
            "        states.append(h)\n        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)"
        )
    },
)
elman_forward.slip("T + 1 states come back, h0 among them; the answer begins with h_1", {"= h0, []": "= h0, [h0]"})
elman_forward.slip(
    "batch comes first in your answer; time is the first axis here: (T, B, H), not (B, T, H)",
    {"(states)": "(states, axis=1)"},
)
elman_forward.slip(
    "the loop runs over the batch, as if x were (B, T, D): the steps are the first axis, x[0], x[1], ...",
    {"in x:": "in x.swapaxes(0, 1):"},
)
elman_forward.slip(
    "x is read as (B, T, D), and so are the states: the second axis, over which you loop, is the batch",
    {"in x:": "in x.swapaxes(0, 1):", "(states)": "(states, axis=1)"},
)


@elman_forward.mistake("right for the first 20 steps and zero after them: the loop has to go on for as long as x does")
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0, np.zeros((len(x), *h0.shape), x.dtype)
    for t in range(min(len(x), 20)):
        h = np.tanh(x[t] @ W_xh + h @ W_hh + b_h)
        states[t] = h
    return states


@elman_forward.mistake(
    "right for B = 1 only: the second sequence goes on from the end of the first, not from its row of h0"
)
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0[0], np.zeros((len(x), *h0.shape), x.dtype)
    for b in range(x.shape[1]):
        for t in range(len(x)):
            h = np.tanh(x[t, b] @ W_xh + h @ W_hh + b_h)
            states[t, b] = h
    return states


elman_forward.slip(
    "it writes into h0, the caller's array: h = ... makes a new array, h[:] = ... or h0[:] = ... does not",
    {"h = np.tanh": "h[:] = np.tanh", "append(h)": "append(h.copy())"},
)
elman_forward.slip(
    "every row is the last state: h[:] = ... writes into one array, and that same array was appended each time",
    {"= h0, []": "= h0.copy(), []", "h = np.tanh": "h[:] = np.tanh"},
)
elman_forward.slip(
    "all rows are the last state: the list holds one array T times, and h0 was overwritten on the way",
    {"h = np.tanh": "h[:] = np.tanh"},
)


@elman_forward.variant
def _(x, h0, W_xh, W_hh, b_h):
    u, h = x @ W_xh + b_h, np.empty((len(x) + 1, *h0.shape), x.dtype)
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(u[t] + h[t] @ W_hh)
    return h[1:]


@elman_forward.variant
def _(x, h0, W_xh, W_hh, b_h):
    T, B, _ = x.shape
    states = [[h0[b] for b in range(B)]]
    for t in range(T):
        states.append([np.tanh(x[t, b] @ W_xh + states[t][b] @ W_hh + b_h) for b in range(B)])
    return np.array(states[1:])

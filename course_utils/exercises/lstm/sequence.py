"""Exercise 7.5: an LSTM over a sequence, forward and back."""

from collections.abc import Callable

import numpy as np

from ...cells import lstm
from ..definition import case, exercise
from .inputs import step_inputs


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


def _sequence(rng, T, B, D, H, dtype=np.float64):
    """Arguments of 7.5: inputs, first states, gradients from the outputs, and the two functions of one step."""
    _, h0, c0, *weights = (a.astype(dtype) for a in step_inputs(rng, B, D, H))
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

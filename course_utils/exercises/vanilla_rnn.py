"""Lesson 03: the Elman network, one step, a sequence, one matrix or two, its size, its loss, and torch's layout."""

import numpy as np

from .definition import case, exercise


@exercise(
    "3.1",
    points=1,
    hints=(
        "Three things are added before the tanh: what the input says, what the state says, and a bias.",
        "A row times a matrix: x_t (B, D) @ W_xh (D, H) gives (B, H), and so does h_prev (B, H) @ W_hh (H, H).",
        "Read the equation from left to right; each product in it is an @, and np.tanh goes around the whole sum.",
    ),
)
def elman_step(x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Input x_t (B, D) and state h_prev (B, H) to the new state h_t (B, H); W_xh (D, H), W_hh (H, H), b_h (H,)."""
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@elman_step.cases
def _(rng):
    x_t, h_prev, W_xh, W_hh, b_h = _network(rng, T=1, B=2, D=3, H=5)
    yield case("one step of two sequences", x_t[0], h_prev, W_xh, W_hh, b_h)
    yield case("from a state of zeros", x_t[0], 0 * h_prev, W_xh, W_hh, b_h)
    yield case("without input, the state alone", 0 * x_t[0], h_prev, W_xh, W_hh, b_h)
    yield case("without input and state, the bias alone", 0 * x_t[0], 0 * h_prev, W_xh, W_hh, b_h)
    yield case("large numbers saturate at -1 and 1", 100 * x_t[0], h_prev, W_xh, W_hh, b_h)
    x_t, *rest = _network(rng, T=1, B=1, D=4, H=2)
    yield case("one sequence (B = 1)", x_t[0], *rest)
    x_t, *rest = _network(rng, T=1, B=4, D=4, H=4)
    yield case("all sizes equal, so that no shape can tell", x_t[0], *rest)
    x_t, *rest = (a.astype(np.float32) for a in _network(rng, T=1, B=3, D=2, H=4))
    yield case("float32", x_t[0], *rest)


@elman_step.mistake("the state plays no part: this is a hidden layer, it forgets everything at once. Where is h_prev?")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + b_h)


@elman_step.mistake("the tanh is missing: the sum itself is returned, and nothing keeps it between -1 and 1")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return x_t @ W_xh + h_prev @ W_hh + b_h


@elman_step.mistake("the bias b_h is forgotten")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh)


@elman_step.mistake("W_hh is transposed: it is square, so no shape complains. With row vectors it is h_prev @ W_hh")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh.T + b_h)


@elman_step.mistake("tanh is taken of the parts and the results are added; add first, then take one tanh of the sum")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh) + np.tanh(h_prev @ W_hh + b_h)


@elman_step.mistake(
    "a sigmoid stands where the equation has tanh: the state should reach from -1 to 1, not from 0 to 1"
)
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return 1 / (1 + np.exp(-(x_t @ W_xh + h_prev @ W_hh + b_h)))


@elman_step.mistake("the old state is added to the new one; it enters only through W_hh, inside the tanh")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return h_prev + np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


@elman_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(np.einsum("bd,dh->bh", x_t, W_xh) + np.einsum("bg,gh->bh", h_prev, W_hh) + b_h)


@elman_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    rows = [np.tanh(W_xh.T @ x + W_hh.T @ h + b_h) for x, h in zip(x_t, h_prev, strict=True)]
    return np.array(rows)


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
    yield case("two steps of three sequences, states (T, B, H)", *_network(rng, T=2, B=3, D=4, H=5))
    yield case("seven steps", *_network(rng, T=7, B=2, D=3, H=5))
    x, h0, *weights = _network(rng, T=3, B=2, D=4, H=3)
    yield case("from a state of zeros", x, 0 * h0, *weights)
    yield case("an input only at the first step: the rest is memory", x * [[[1]], [[0]], [[0]]], h0, *weights)
    yield case("one step (T = 1)", *_network(rng, T=1, B=3, D=2, H=4))
    yield case("one sequence (B = 1)", *_network(rng, T=6, B=1, D=3, H=4))
    yield case("a long text (T = 200)", *_network(rng, T=200, B=3, D=2, H=4))
    yield case("all sizes equal", *_network(rng, T=4, B=4, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _network(rng, T=5, B=2, D=3, H=4)))


@elman_forward.mistake("the state is not carried: every step starts from h0, so nothing read earlier is remembered")
def _(x, h0, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h0 @ W_hh + b_h)


@elman_forward.mistake("only the last state comes back; the states of all T steps are asked for, (T, B, H)")
def _(x, h0, W_xh, W_hh, b_h):
    h = h0
    for x_t in x:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
    return h


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


@elman_forward.mistake("each state is noted before its step, not after: you return h_0, ..., h_{T-1}, and h_T is lost")
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for x_t in x:
        states.append(h)
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
    return np.stack(states)


@elman_forward.mistake("T + 1 states come back, h0 among them; the answer begins with h_1")
def _(x, h0, W_xh, W_hh, b_h):
    states = [h0]
    for x_t in x:
        states.append(np.tanh(x_t @ W_xh + states[-1] @ W_hh + b_h))
    return np.stack(states)


@elman_forward.mistake("batch comes first in your answer; time is the first axis here: (T, B, H), not (B, T, H)")
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states, axis=1)


@elman_forward.mistake(
    "the loop runs over the batch, as if x were (B, T, D): the steps are the first axis, x[0], x[1], ..."
)
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


@elman_forward.mistake(
    "x is read as (B, T, D), and so are the states: the second axis, over which you loop, is the batch"
)
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states, axis=1)


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


@elman_forward.mistake(
    "it writes into h0, the caller's array: h = ... makes a new array, h[:] = ... or h0[:] = ... does not"
)
def _(x, h0, W_xh, W_hh, b_h):
    states = []
    for x_t in x:
        h0[:] = np.tanh(x_t @ W_xh + h0 @ W_hh + b_h)
        states.append(h0.copy())
    return np.stack(states)


@elman_forward.mistake(
    "every row is the last state: h[:] = ... writes into one array, and that same array was appended each time"
)
def _(x, h0, W_xh, W_hh, b_h):
    h, states = h0.copy(), []
    for x_t in x:
        h[:] = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


@elman_forward.mistake(
    "all rows are the last state: the list holds one array T times, and h0 was overwritten on the way"
)
def _(x, h0, W_xh, W_hh, b_h):
    states = []
    for x_t in x:
        h0[:] = np.tanh(x_t @ W_xh + h0 @ W_hh + b_h)
        states.append(h0)
    return np.stack(states)


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


@exercise(
    "3.3",
    points=1,
    hints=(
        "List the arrays of the network and their shapes: two that make the state, a bias, and the read-out with its bias.",
        "An array of shape (D, H) holds D · H numbers. Which of the shapes contains T?",
        "W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,): add up the five sizes.",
    ),
)
def rnn_parameters(D: int, H: int, V: int, T: int) -> int:
    """How many numbers an Elman network with a read-out over V tokens learns, when it is to read texts of T steps."""
    return D * H + H * H + H + H * V + V


@rnn_parameters.cases
def _(rng):
    yield case("the network of the hello example (D = 4, H = 3, V = 4), one step", 4, 3, 4, 1)
    yield case("the same network, a longer text", 4, 3, 4, 7)
    D, H, V = (int(n) for n in rng.choice(np.arange(2, 60), 3, replace=False))
    yield case(f"D = {D}, H = {H}, V = {V}", D, H, V, 20)
    yield case(f"D = {D}, H = {H}, V = {V} and T = 200", D, H, V, 200)
    yield case("one hidden unit", D, 1, V, 5)


@rnn_parameters.mistake(
    "every step gets weights of its own here. The RNN has one set, used again at each of the T steps"
)
def _(D, H, V, T):
    return T * (D * H + H * H + H + H * V + V)


@rnn_parameters.mistake("the recurrence is counted once per step: W_hh is one matrix, however often it is used")
def _(D, H, V, T):
    return D * H + T * H * H + H + H * V + V


@rnn_parameters.mistake("the input is counted for every step, as in the window model of lesson 02; here W_xh is shared")
def _(D, H, V, T):
    return T * D * H + H * H + H + H * V + V


@rnn_parameters.mistake("the two biases are missing: b_h (H,) and b_y (V,)")
def _(D, H, V, T):
    return D * H + H * H + H * V


@rnn_parameters.mistake("the bias of the read-out is missing: b_y (V,), one number for each token")
def _(D, H, V, T):
    return D * H + H * H + H + H * V


@rnn_parameters.mistake("the bias of the state is missing: b_h (H,), one number for each unit")
def _(D, H, V, T):
    return D * H + H * H + H * V + V


@rnn_parameters.mistake(
    "H too many: either the state has two biases in it, and b_h is one, or h_0, which is not learned here"
)
def _(D, H, V, T):
    return D * H + H * H + 2 * H + H * V + V


@rnn_parameters.mistake("the read-out is missing: W_hy (H, V) and b_y (V,) are learned as well")
def _(D, H, V, T):
    return D * H + H * H + H


@rnn_parameters.mistake("the matrix that makes this network recurrent is missing: W_hh (H, H)")
def _(D, H, V, T):
    return D * H + H + H * V + V


@rnn_parameters.variant
def _(D, H, V, T):
    return (D + H + 1) * H + (H + 1) * V


@exercise(
    "3.4",
    points=2,
    outputs=("W", "h"),
    hints=(
        "Write the product [h, x] W out for H = D = 1: which row of W meets h, and which meets x?",
        "Joining h and x puts columns side by side (axis=1); joining the matrices puts rows one below the other (axis=0).",
        "Whatever stands first in [h_prev, x_t] must meet its own matrix: the first H rows of W are W_hh.",
    ),
)
def one_matrix_step(
    x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The one matrix W (H + D, H), and the new state tanh([h_prev, x_t] W + b_h), (B, H); x_t (B, D), h_prev (B, H)."""
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)


@one_matrix_step.cases
def _(rng):
    x, *rest = _network(rng, T=1, B=2, D=3, H=5)
    yield case("W has H + D rows, and the state is the same as with two matrices", x[0], *rest)
    x, *rest = _network(rng, T=1, B=1, D=1, H=1)
    yield case("two numbers and two weights", x[0], *rest)
    x, *rest = _network(rng, T=1, B=3, D=3, H=3)
    yield case("all sizes equal, so that no shape can tell", x[0], *rest)
    x, *rest = _network(rng, T=1, B=1, D=6, H=2)
    yield case("more inputs than units", x[0], *rest)


@one_matrix_step.mistake(
    "h and x are joined in one order and their matrices in the other: h meets W_xh. No shape complains"
)
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_xh, W_hh], axis=0)
    return W, np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)


@one_matrix_step.mistake("h meets W_xh and x meets W_hh: [h, x] is asked for, [x, h] is what you joined")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.tanh(np.concatenate([x_t, h_prev], axis=1) @ W + b_h)


@one_matrix_step.mistake("the state is right, but this is [x, h] with W_xh on top; the order asked for is [h, x]")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_xh, W_hh], axis=0)
    return W, np.tanh(np.concatenate([x_t, h_prev], axis=1) @ W + b_h)


@one_matrix_step.mistake("the bias is forgotten: it is not part of W, add it as before")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W)


@one_matrix_step.mistake("the tanh is missing around [h, x] W + b")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.concatenate([h_prev, x_t], axis=1) @ W + b_h


@one_matrix_step.mistake("only the state comes back; two things are asked for: return W, h_t")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_hh, W_xh], axis=0)
    return np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)


@one_matrix_step.mistake("the two are swapped: W comes first, then the new state")
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.concatenate([W_hh, W_xh], axis=0)
    return np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h), W


@one_matrix_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    W = np.vstack([W_hh, W_xh])
    return W, np.tanh(np.hstack([h_prev, x_t]) @ W + b_h)


@one_matrix_step.variant
def _(x_t, h_prev, W_xh, W_hh, b_h):
    H = len(W_hh)
    W = np.empty((H + len(W_xh), H))
    W[:H], W[H:] = W_hh, W_xh
    return [W, np.tanh(h_prev @ W[:H] + x_t @ W[H:] + b_h)]


@exercise(
    "3.5",
    points=2,
    hints=(
        "After reading token t the network predicts token t + 1. Which logits have a target, and which have none?",
        "logits[:-1] belong to ids[1:]. From the scores to log-probabilities, then pick the target's entry in each row.",
        "Take log_softmax over the last axis; np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0] picks; then a minus.",
    ),
)
def next_token_losses(logits: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Scores (T, B, V) after reading each token of ids (T, B) to the losses (T - 1, B) of the next tokens, in nats."""
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.cases
def _(rng):
    yield case("two tokens, one loss", 2 * rng.standard_normal((2, 1, 4)), np.array([[1], [3]]))
    yield case("equal scores cost log V", np.zeros((5, 2, 3)), _tokens(rng, 5, 2, 3))
    yield case("seven tokens, two sequences", 2 * rng.standard_normal((7, 2, 5)), _tokens(rng, 7, 2, 5))
    sure = np.array([[0], [1], [2], [0]])
    yield case("sure of the next token, and right", 30 * np.eye(3)[np.roll(sure, -1, axis=0)], sure)
    yield case("one token repeated", rng.standard_normal((6, 1, 3)), np.ones((6, 1), int))
    yield case("scores in the thousands", 1000 * rng.standard_normal((4, 3, 5)), _tokens(rng, 4, 3, 5))
    yield case("as many steps as sequences and tokens", rng.standard_normal((4, 4, 4)), _tokens(rng, 4, 4, 4))
    yield case("a long text (T = 200)", rng.standard_normal((200, 2, 3)), _tokens(rng, 200, 2, 3))
    yield case("float32", rng.standard_normal((5, 2, 3)).astype(np.float32), _tokens(rng, 5, 2, 3))


@next_token_losses.mistake(
    "the target is not shifted: this asks for the token just read, which copying the input solves"
)
def _(logits, ids):
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[:-1, :, None], axis=-1)[..., 0]


@next_token_losses.mistake(
    "nothing is shifted, and T losses come back: the last token has no next one, the first no loss"
)
def _(logits, ids):
    a = logits - logits.max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("it shifts the wrong way: these scores are asked for the token before, not for the next")
def _(logits, ids):
    a = logits[1:] - logits[1:].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[:-1, :, None], axis=-1)[..., 0]


@next_token_losses.mistake(
    "np.roll wraps around: the last step is asked for the first token. Cut the last scores off instead"
)
def _(logits, ids):
    a = logits - logits.max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, np.roll(ids, -1, axis=0)[..., None], axis=-1)[..., 0]


@next_token_losses.mistake("these are log-probabilities, zero or below; a loss is minus that")
def _(logits, ids):
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("this is the mean; the loss of every single step is asked for, (T - 1, B)")
def _(logits, ids):
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[1:, :, None], axis=-1).mean()


@next_token_losses.mistake(
    "these are the targets' raw scores with a minus: they become log-probabilities by log softmax"
)
def _(logits, ids):
    return -np.take_along_axis(logits[:-1], ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake(
    "these are the targets' raw scores: they become log-probabilities by log softmax, then a minus"
)
def _(logits, ids):
    return np.take_along_axis(logits[:-1], ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("these are probabilities with a minus; the loss is minus their logarithm")
def _(logits, ids):
    e = np.exp(logits[:-1] - logits[:-1].max(axis=-1, keepdims=True))
    return -np.take_along_axis(e / e.sum(axis=-1, keepdims=True), ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("these are bits: log2 where the natural logarithm is asked for")
def _(logits, ids):
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = (a - np.log(np.exp(a).sum(axis=-1, keepdims=True))) / np.log(2)
    return -np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("the softmax runs over time; the V scores of one prediction lie along the last axis")
def _(logits, ids):
    a = logits[:-1] - logits[:-1].max(axis=0, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=0, keepdims=True))
    return -np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0]


@next_token_losses.mistake("it overflows: subtract each row's largest score before the exponential (lesson 00)")
def _(logits, ids):
    p = np.exp(logits[:-1]) / np.exp(logits[:-1]).sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, ids[1:, :, None], axis=-1)[..., 0])


@next_token_losses.variant
def _(logits, ids):
    top = logits.max(axis=-1)
    log_sum = top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))
    one_hot = np.eye(logits.shape[-1])[ids]
    return log_sum[:-1] - (logits[:-1] * one_hot[1:]).sum(axis=-1)


@next_token_losses.variant
def _(logits, ids):
    T, B, _ = logits.shape
    losses = np.zeros((T - 1, B))
    for t in range(T - 1):
        for b in range(B):
            a = logits[t, b] - logits[t, b].max()
            losses[t, b] = np.log(np.exp(a).sum()) - a[ids[t + 1, b]]
    return losses


@next_token_losses.variant
def _(logits, ids):
    losses = []
    for scores, targets in zip(logits[:-1], ids[1:], strict=True):
        a = scores - scores.max(axis=-1, keepdims=True)
        losses.append(np.log(np.exp(a).sum(axis=-1)) - a[np.arange(len(targets)), targets])
    return np.array(losses)


@exercise(
    "3.6",
    points=1,
    outputs=("W_xh", "W_hh", "b_h"),
    hints=(
        "Compare torch's equation with ours, product by product: what stands to the left of each @, what to the right?",
        "x Wᵀ in torch is x W here, so each weight is transposed, the square one too. What do two added constants make?",
        "W_xh = weight_ih.T, W_hh likewise, and the biases only ever appear as bias_ih + bias_hh.",
    ),
)
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (H, D), weight_hh (H, H) and two biases (H,) to our W_xh (D, H), W_hh (H, H), b_h (H,)."""
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh


@from_torch_layout.cases
def _(rng):
    yield case("D = 3 inputs, H = 5 units", *_torch_weights(rng, 3, 5))
    yield case("D = H = 4, so that no shape can tell", *_torch_weights(rng, 4, 4))
    yield case("more inputs than units", *_torch_weights(rng, 6, 2))
    yield case("one input, one unit", *_torch_weights(rng, 1, 1))
    yield case("float32", *(a.astype(np.float32) for a in _torch_weights(rng, 2, 3)))


@from_torch_layout.mistake("the weights are as torch stores them: it computes x Wᵀ, we compute x W, so transpose them")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih, weight_hh, bias_ih + bias_hh


@from_torch_layout.mistake(
    "weight_hh is not transposed: it is square, so no shape complains, and yet every state is wrong"
)
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh, bias_ih + bias_hh


@from_torch_layout.mistake("reshape gives the right shape and mixes up the entries: rows become columns by .T")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = weight_ih.shape
    return weight_ih.reshape(D, H), weight_hh.T, bias_ih + bias_hh


@from_torch_layout.mistake("bias_hh is forgotten: torch adds two biases, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_ih


@from_torch_layout.mistake("bias_ih is forgotten: torch adds two biases, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_hh


@from_torch_layout.mistake("this is the mean of the two biases; torch adds both, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, (bias_ih + bias_hh) / 2


@from_torch_layout.mistake("it changes bias_ih in place: `+=` writes into torch's own array. Write bias_ih + bias_hh")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    bias_ih += bias_hh
    return weight_ih.T, weight_hh.T, bias_ih


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return np.transpose(weight_ih), np.einsum("ij->ji", weight_hh), np.sum([bias_ih, bias_hh], axis=0)


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    W_xh, W_hh = (np.stack(list(w), axis=1) for w in (weight_ih, weight_hh))
    return [W_xh, W_hh, bias_hh + bias_ih]


def _network(rng, T, B, D, H):
    """x, h0, W_xh, W_hh, b_h with numbers that leave tanh neither linear nor saturated."""
    shapes = (T, B, D), (B, H), (D, H), (H, H), (H,)
    return [
        rng.standard_normal(s) * scale for s, scale in zip(shapes, (1, 0.7, D**-0.5, 0.8 * H**-0.5, 0.5), strict=True)
    ]


def _tokens(rng, T, B, V):
    return rng.integers(0, V, (T, B))


def _torch_weights(rng, D, H):
    return [rng.standard_normal(s) for s in ((H, D), (H, H), (H,), (H,))]

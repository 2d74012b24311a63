"""Lesson 02: a language model that sees the last N tokens through an embedding, forward, backward and counted."""

import numpy as np

from .definition import case, exercise


@exercise(
    "2.1",
    points=1,
    outputs=("inputs", "targets"),
    hints=(
        "Write the text down and slide a ruler over it. A text of 7 tokens and N = 3: how many windows have a next token?",
        "Window i holds the tokens i, ..., i + N - 1, so its target is token i + N, one place to its right.",
        "i runs over range(len(ids) - N); stack ids[i : i + N] into one array, and the targets are a single slice of ids.",
    ),
)
def make_windows(ids: np.ndarray, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Every window of N tokens, oldest first (M, N), and the token after each (M,), of a text ids (M + N,)."""
    inputs = np.stack([ids[i : i + N] for i in range(len(ids) - N)])
    return inputs, ids[N:]


@make_windows.cases
def _(rng):
    yield case("seven tokens make four windows of three", np.array([5, 0, 2, 4, 1, 3, 6]), 3)
    yield case("a token may come again", np.array([1, 0, 1, 1, 0, 0, 1, 0]), 2)
    yield case("a window of one", np.arange(6)[::-1].copy(), 1)
    yield case("a text that holds just one window", np.array([4, 2, 7, 1, 0]), 4)
    yield case("a long text", rng.integers(0, 9, 200), 5)
    yield case("numbers of another integer type", rng.integers(0, 9, 11).astype(np.int32), 3)


@make_windows.mistake(
    "the target is not shifted: it is the last token *inside* the window, which the model already sees"
)
def _(ids, N):
    return np.stack([ids[i : i + N] for i in range(len(ids) - N)]), ids[N - 1 : -1]


@make_windows.mistake("the target lies inside its window: that window is one place too far to the right")
def _(ids, N):
    return np.stack([ids[i + 1 : i + 1 + N] for i in range(len(ids) - N)]), ids[N:]


@make_windows.mistake("the last window is missing: M tokens follow a window, so i runs to len(ids) - N, not one less")
def _(ids, N):
    return np.stack([ids[i : i + N] for i in range(len(ids) - N - 1)]), ids[N:-1]


@make_windows.mistake("the windows jump: the next one begins one token further on, not N tokens further on")
def _(ids, N):
    starts = range(0, len(ids) - N, N)
    return np.stack([ids[i : i + N] for i in starts]), ids[N::N]


@make_windows.mistake("the windows are back to front: the oldest token comes first, the newest last")
def _(ids, N):
    return np.stack([ids[i : i + N][::-1] for i in range(len(ids) - N)]), ids[N:]


@make_windows.mistake("the last window has no next token, yet it is there: the text ends before its target")
def _(ids, N):
    return np.stack([ids[i : i + N] for i in range(len(ids) - N + 1)]), ids[N:]


@make_windows.variant
def _(ids, N):
    rows = np.lib.stride_tricks.sliding_window_view(ids, N + 1)
    return rows[:, :-1], rows[:, -1]


@make_windows.variant
def _(ids, N):
    M = len(ids) - N
    return ids[np.arange(M)[:, None] + np.arange(N)], [ids[i + N] for i in range(M)]


@exercise(
    "2.2",
    points=1,
    hints=(
        "What does E[windows] give, and of which shape? Try it on a small table before you write anything else.",
        "E[windows] has shape (B, N, E). Concatenating the N rows of each window only joins the last two axes.",
        "reshape to (len(windows), -1): NumPy keeps the rows of one window side by side, oldest first.",
    ),
)
def embed(E: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The N embeddings of each window side by side: table E (V, E), windows (B, N), result (B, N·E)."""
    return E[windows].reshape(len(windows), -1)


@embed.cases
def _(rng):
    yield case("one window of three tokens", np.arange(12.0).reshape(6, 2), np.array([[4, 0, 1]]))
    yield case("the same token twice in a window", rng.standard_normal((5, 3)), np.array([[2, 2], [0, 4]]))
    yield case("a batch of windows", rng.standard_normal((6, 4)), rng.integers(0, 6, (7, 3)))
    yield case("a window of one", rng.standard_normal((6, 2)), rng.integers(0, 6, (3, 1)))
    yield case("embeddings of size one", rng.standard_normal((6, 1)), rng.integers(0, 6, (4, 3)))
    yield case("a long window", rng.standard_normal((5, 2)), rng.integers(0, 5, (2, 200)))
    yield case("float32 stays float32", rng.standard_normal((6, 4)).astype(np.float32), rng.integers(0, 6, (2, 3)))


@embed.mistake("the N embeddings are added up: then 'dog bites man' is 'man bites dog'. Put them side by side instead")
def _(E, windows):
    return E[windows].sum(axis=1)


@embed.mistake("the N embeddings are averaged: the order of the words is lost. Put them side by side instead")
def _(E, windows):
    return E[windows].mean(axis=1)


@embed.mistake("the rows are looked up, not yet concatenated: (B, N, E) has to become (B, N·E)")
def _(E, windows):
    return E[windows]


@embed.mistake(
    "the embeddings are interleaved: first all first components, then all second. Keep each row in one piece"
)
def _(E, windows):
    return E[windows].swapaxes(1, 2).reshape(len(windows), -1)


@embed.mistake("the newest token comes first; the window, and so its embeddings, go from oldest to newest")
def _(E, windows):
    return E[windows[:, ::-1]].reshape(len(windows), -1)


@embed.mistake(
    "these are one-hot rows, not yet embeddings: their product with E is missing, or the look-up that replaces it"
)
def _(E, windows):
    return np.eye(len(E), dtype=E.dtype)[windows].reshape(len(windows), -1)


@embed.variant
def _(E, windows):
    return np.concatenate([E[windows[:, k]] for k in range(windows.shape[1])], axis=1)


@embed.variant
def _(E, windows):
    one_hot = np.eye(len(E), dtype=E.dtype)[windows]
    return (one_hot @ E).reshape(len(windows), -1)


@exercise(
    "2.3",
    points=2,
    hints=(
        "The row of a word that was looked up five times gets five gradients. What does the sum rule do with them?",
        "Undo the concatenation first: one gradient of size E for each look-up. Then add each to the row of its token.",
        "np.add.at(dE, ids, d) adds again where ids repeat; dE[ids] += d does not. Or multiply by one-hot rows, transposed.",
    ),
)
def embed_backward(de: np.ndarray, windows: np.ndarray, V: int) -> np.ndarray:
    """Gradient (V, E) of the table, from the gradient de (B, N·E) of the embedded windows (B, N)."""
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE


@embed_backward.cases
def _(rng):
    yield case("every token once", np.array([[0.5, 10, 2, 20, 4, 40]]), np.array([[2, 0, 1]]), 3)
    yield case("two windows, no token twice", np.arange(12.0).reshape(2, 6), np.array([[5, 0, 2], [3, 1, 4]]), 6)
    yield case("rows that nobody looked up get zero", rng.standard_normal((1, 4)), np.array([[3, 1]]), 6)
    yield case("a token that comes again adds up", np.array([[1.0, 10, 2, 20, 4, 40]]), np.array([[2, 0, 2]]), 4)
    yield case(
        "a token of several windows adds up, too",
        rng.standard_normal((3, 4)),
        np.array([[0, 1], [1, 0], [1, 1]]),
        3,
    )
    yield case("a batch of windows", rng.standard_normal((7, 12)), rng.integers(0, 6, (7, 3)), 6)
    yield case("embeddings of size one", rng.standard_normal((4, 3)), np.array([[0, 1, 2]] * 4), 5)
    yield case("a window of one", rng.standard_normal((5, 2)), np.array([[1], [0], [1], [2], [1]]), 3)
    yield case("two hundred windows", rng.standard_normal((200, 6)), rng.integers(0, 4, (200, 2)), 4)
    yield case("float32", rng.standard_normal((2, 6)).astype(np.float32), np.array([[1, 1, 0], [2, 1, 0]]), 4)


@embed_backward.mistake(
    "a token that comes twice keeps one of its gradients only: dE[ids] += d writes each row once, the last one wins"
)
def _(de, windows, V):
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    dE[windows.reshape(-1)] += d
    return dE


@embed_backward.mistake("a token that comes again gets the mean of its gradients; by the sum rule they add")
def _(de, windows, V):
    d, ids = de.reshape(windows.size, -1), windows.reshape(-1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, ids, d)
    return dE / np.maximum(np.bincount(ids, minlength=V), 1)[:, None].astype(de.dtype)


@embed_backward.mistake("only the newest token of each window gets its gradient; all N of them were looked up")
def _(de, windows, V):
    d = de.reshape(*windows.shape, -1)[:, -1]
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows[:, -1], d)
    return dE


@embed_backward.mistake("the gradients reach the wrong tokens: de holds the embeddings of a window one after the other")
def _(de, windows, V):
    B, N = windows.shape
    d = de.reshape(B, -1, N).swapaxes(1, 2).reshape(B * N, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE


@embed_backward.mistake(
    "the tokens are read position by position, but de stands window by window: flatten both in the same order"
)
def _(de, windows, V):
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.T.ravel(), d)
    return dE


@embed_backward.mistake("the gradients are cut to whole numbers: tokens are integers, dE needs the type of de")
def _(de, windows, V):
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), windows.dtype)
    np.add.at(dE, windows.reshape(-1), d.astype(windows.dtype))
    return dE


@embed_backward.mistake("it is divided by the number of windows; the mean is already in the gradient of the loss")
def _(de, windows, V):
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE / len(windows)


@embed_backward.mistake("it has rows only for tokens that were looked up; the gradient has the table's shape, (V, E)")
def _(de, windows, V):
    d, ids = de.reshape(windows.size, -1), windows.reshape(-1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, ids, d)
    return dE[np.unique(ids)]


@embed_backward.variant
def _(de, windows, V):
    one_hot = np.eye(V, dtype=de.dtype)[windows.reshape(-1)]
    return one_hot.T @ de.reshape(windows.size, -1)


@embed_backward.variant
def _(de, windows, V):
    B, N = windows.shape
    E = de.shape[1] // N
    dE = np.zeros((V, E))
    for b in range(B):
        for k in range(N):
            dE[windows[b, k]] += de[b, k * E : (k + 1) * E]
    return dE


@exercise(
    "2.4",
    points=2,
    hints=(
        "Three equations, three lines. Which line makes a shape (B, N·E), which (B, H), which (B, V)?",
        "The embedded windows are exercise 2.2. Equation (2) has a tanh around it, equation (3) has nothing around it.",
        "e = E[windows].reshape(len(windows), -1); then h = np.tanh(...) with W_eh and b_h; return h times W_hy plus b_y.",
    ),
)
def window_logits(
    E: np.ndarray, W_eh: np.ndarray, b_h: np.ndarray, W_hy: np.ndarray, b_y: np.ndarray, windows: np.ndarray
) -> np.ndarray:
    """Logits (B, V) of the token after each window (B, N); E (V, E), W_eh (N·E, H), b_h (H,), W_hy (H, V), b_y (V,)."""
    e = E[windows].reshape(len(windows), -1)
    h = np.tanh(e @ W_eh + b_h)
    return h @ W_hy + b_y


@window_logits.cases
def _(rng):
    def model(V, N, E, H, B, dtype=np.float64):
        shapes = [(V, E), (N * E, H), (H,), (H, V), (V,)]
        return *(rng.standard_normal(s).astype(dtype) for s in shapes), rng.integers(0, V, (B, N))

    yield case("one window", *model(6, 3, 4, 5, 1))
    yield case("a batch of windows", *model(6, 3, 4, 5, 7))
    yield case("a window of one", *model(6, 1, 4, 5, 2))
    yield case("all sizes equal", *model(4, 4, 4, 4, 4))
    yield case("the same token in every place", *model(6, 3, 4, 5, 2)[:-1], np.array([[2, 2, 2], [0, 0, 0]]))
    yield case("two hundred windows", *model(7, 2, 3, 4, 200))
    yield case("float32", *model(6, 3, 4, 5, 2, np.float32))


@window_logits.mistake(
    "the hidden layer is linear: tanh is missing in equation (2), so the two layers collapse into one"
)
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return (E[windows].reshape(len(windows), -1) @ W_eh + b_h) @ W_hy + b_y


@window_logits.mistake("the hidden layer uses the logistic sigmoid where equation (2) has tanh")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    a = E[windows].reshape(len(windows), -1) @ W_eh + b_h
    return 1 / (1 + np.exp(-a)) @ W_hy + b_y


@window_logits.mistake("the hidden layer cuts at zero (ReLU) where equation (2) has tanh")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return np.maximum(E[windows].reshape(len(windows), -1) @ W_eh + b_h, 0) @ W_hy + b_y


@window_logits.mistake("the bias b_h is missing inside the tanh")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return np.tanh(E[windows].reshape(len(windows), -1) @ W_eh) @ W_hy + b_y


@window_logits.mistake("the bias b_h is added after the tanh; it belongs inside, where it shifts the bend of each unit")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return (np.tanh(E[windows].reshape(len(windows), -1) @ W_eh) + b_h) @ W_hy + b_y


@window_logits.mistake("the bias b_y of the logits is missing")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return np.tanh(E[windows].reshape(len(windows), -1) @ W_eh + b_h) @ W_hy


@window_logits.mistake("these are probabilities; logits are what goes into the softmax")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    a = np.tanh(E[windows].reshape(len(windows), -1) @ W_eh + b_h) @ W_hy + b_y
    p = np.exp(a - a.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@window_logits.mistake("every position meets the same rows of W_eh: the N embeddings are added up, not concatenated")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return np.tanh(E[windows].sum(axis=1) @ W_eh[: E.shape[1]] + b_h) @ W_hy + b_y


@window_logits.mistake("the window is read back to front: the first E rows of W_eh belong to the oldest token")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    return np.tanh(E[windows[:, ::-1]].reshape(len(windows), -1) @ W_eh + b_h) @ W_hy + b_y


@window_logits.variant
def _(E, W_eh, b_h, W_hy, b_y, windows):
    blocks = W_eh.reshape(windows.shape[1], E.shape[1], -1)  # (N, E, H): the rows of each position
    return np.tanh(np.einsum("bne,neh->bh", E[windows], blocks) + b_h) @ W_hy + b_y


@window_logits.variant
def _(E, W_eh, b_h, W_hy, b_y, windows):
    hidden = (np.tanh(np.concatenate([E[w] for w in window]) @ W_eh + b_h) for window in windows)
    return np.stack([h @ W_hy + b_y for h in hidden])


@exercise(
    "2.5",
    points=1,
    hints=(
        "Five arrays. Write down the shape of each; a bias counts, too.",
        "The table E is one and the same for all positions. Which of the five arrays knows how long the window is?",
        "V·E for the table, N·E·H + H for the hidden layer, and the read-out has H·V and V.",
    ),
)
def count_parameters(V: int, N: int, E: int, H: int) -> int:
    """How many numbers a window model learns: V tokens, a window of N, embeddings of size E, H hidden units."""
    return V * E + N * E * H + H + H * V + V


@count_parameters.cases
def _(rng):
    yield case("V, N, E, H = 10, 2, 3, 4", 10, 2, 3, 4)
    yield case("a window of one", 6, 1, 4, 5)
    yield case("a window twice as long", 6, 2, 4, 5)
    yield case("a vocabulary of words", 17_000, 4, 60, 50)
    yield case("sizes you have not seen", *(int(n) for n in rng.integers(3, 99, 4)))


@count_parameters.mistake("the biases are not counted: H of them in the hidden layer and V in the read-out")
def _(V, N, E, H):
    return V * E + N * E * H + H * V


@count_parameters.mistake("the table is counted once per position; all positions look up in one and the same E")
def _(V, N, E, H):
    return N * V * E + N * E * H + H + H * V + V


@count_parameters.mistake("W_eh has E rows for each of the N positions: N·E in all, not E")
def _(V, N, E, H):
    return V * E + E * H + H + H * V + V


@count_parameters.mistake("the embedding table is missing: it is learned like everything else")
def _(V, N, E, H):
    return N * E * H + H + H * V + V


@count_parameters.mistake("one-hot rows go straight into the hidden layer here; with a table it has N·E rows, not N·V")
def _(V, N, E, H):
    return V * E + N * V * H + H + H * V + V


@count_parameters.mistake("the bias of the hidden layer is missing: H more numbers")
def _(V, N, E, H):
    return V * E + N * E * H + H * V + V


@count_parameters.mistake("the bias of the read-out is missing: V more numbers")
def _(V, N, E, H):
    return V * E + N * E * H + H + H * V


@count_parameters.variant
def _(V, N, E, H):
    shapes = [(V, E), (N * E, H), (H,), (H, V), (V,)]
    return sum(int(np.prod(shape)) for shape in shapes)


@exercise(
    "2.6",
    points=2,
    hints=(
        "For one row the answer is p - y, with y the one-hot row of the target. What does the mean over B rows add?",
        "Take the softmax of each row, stably, then lower by one the one entry per row that belongs to its target.",
        "p[np.arange(B), targets] -= 1 picks one entry per row (p[:, targets] would not); divide by B at the end.",
    ),
)
def cross_entropy_gradient(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Gradient (B, V), with respect to the logits (B, V), of the mean cross-entropy of targets (B,)."""
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


@cross_entropy_gradient.cases
def _(rng):
    yield case("one row of equal logits: p is 1/4 in each place, less 1 at the target", np.zeros((1, 4)), np.array([2]))
    yield case("a mean over two rows, each with a softmax of its own", np.zeros((2, 4)), np.array([0, 3]))
    yield case("one row of any logits", rng.standard_normal((1, 5)), np.array([1]))
    yield case("a batch", rng.standard_normal((7, 4)), rng.integers(0, 4, 7))
    yield case("as many rows as columns", rng.standard_normal((4, 4)), np.array([3, 0, 2, 2]))
    yield case("the same target in every row", rng.standard_normal((3, 5)), np.array([4, 4, 4]))
    yield case("logits in the thousands", 1000 * rng.standard_normal((3, 4)), np.array([0, 1, 3]))
    yield case("two hundred rows", rng.standard_normal((200, 3)), rng.integers(0, 3, 200))
    yield case("float32", rng.standard_normal((2, 5)).astype(np.float32), np.array([0, 2]))


@cross_entropy_gradient.mistake("this is the gradient of the sum; the loss is a mean over B rows, so divide by B")
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p


@cross_entropy_gradient.mistake(
    "the sign is turned round: it is p - y, so that a step against it raises the target's logit"
)
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return (np.eye(p.shape[1], dtype=p.dtype)[targets] - p) / len(targets)


@cross_entropy_gradient.mistake(
    "p[:, targets] -= 1 lowers whole columns, in every row; one entry per row is p[np.arange(B), targets]"
)
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[:, targets] -= 1
    return p / len(targets)


@cross_entropy_gradient.mistake("the logits themselves stand where the probabilities belong: take the softmax first")
def _(logits, targets):
    return (logits - np.eye(logits.shape[1], dtype=logits.dtype)[targets]) / len(targets)


@cross_entropy_gradient.mistake("the target is missing: these are the probabilities, divided by B")
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True) / len(targets)


@cross_entropy_gradient.mistake(
    "this is p: the one-hot row of the target is not subtracted, and the mean over B rows is missing"
)
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@cross_entropy_gradient.mistake(
    "the softmax runs over the whole array; each row has its own, axis=-1 and keepdims=True"
)
def _(logits, targets):
    p = np.exp(logits - logits.max())
    p /= p.sum()
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


@cross_entropy_gradient.mistake("the softmax runs down the batch; it belongs over the V logits of each row, axis=-1")
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=0, keepdims=True))
    p /= p.sum(axis=0, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


@cross_entropy_gradient.mistake(
    "it overflows where logits are large: subtract each row's largest logit before the exponential"
)
def _(logits, targets):
    p = np.exp(logits)
    p /= p.sum(axis=-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


@cross_entropy_gradient.mistake("it is divided by B·V; the mean runs over the B tokens only")
def _(logits, targets):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / p.size


@cross_entropy_gradient.variant
def _(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    p = np.exp(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
    return (p - np.eye(p.shape[1])[targets]) / len(targets)


@cross_entropy_gradient.variant
def _(logits, targets):
    rows = []
    for a, y in zip(logits, targets, strict=True):
        p = np.exp(a - a.max()) / np.exp(a - a.max()).sum()
        p[y] -= 1
        rows.append(p / len(targets))
    return np.array(rows)


@exercise(
    "2.7",
    points=2,
    outputs=("de", "dW_eh", "db_h"),
    hints=(
        "First go back through the tanh: its derivative, written with h, is 1 - h². Call the result du, (B, H).",
        "u = e W_eh + b_h. Each gradient has the shape of what it belongs to: de (B, N·E), dW_eh (N·E, H), db_h (H,).",
        "du = dh * (1 - h**2); then du times W_eh transposed, e transposed times du, and du summed over the batch.",
    ),
)
def hidden_backward(
    dh: np.ndarray, h: np.ndarray, e: np.ndarray, W_eh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of e (B, N·E), W_eh (N·E, H) and b_h (H,) from dh (B, H), where h = tanh(e W_eh + b_h) (B, H)."""
    du = dh * (1 - h**2)
    return du @ W_eh.T, e.T @ du, du.sum(axis=0)


@hidden_backward.cases
def _(rng):
    def layer(B, D, H, dtype=np.float64):
        dh, e, W, b = (rng.standard_normal(s) for s in ((B, H), (B, D), (D, H), (H,)))
        return tuple(a.astype(dtype) for a in (dh, np.tanh(0.3 * e @ W + b), 0.3 * e, W))

    yield case("one window", *layer(1, 6, 5))
    yield case("a batch: gradients of weights and bias add up over it", *layer(7, 6, 5))
    yield case("all sizes equal", *layer(4, 4, 4))
    yield case("one hidden unit", *layer(3, 4, 1))
    yield case("two hundred windows", *layer(200, 3, 2))
    yield case("float32", *layer(3, 4, 5, np.float32))


@hidden_backward.mistake("the factor 1 - h² is missing: the gradient does not go back through the tanh")
def _(dh, h, e, W_eh):
    return dh @ W_eh.T, e.T @ dh, dh.sum(axis=0)


@hidden_backward.mistake("h is not squared: the derivative of tanh, written with h, is 1 - h²")
def _(dh, h, e, W_eh):
    du = dh * (1 - h)
    return du @ W_eh.T, e.T @ du, du.sum(axis=0)


@hidden_backward.mistake("h is already the tanh of u: its derivative is 1 - h², not 1 - tanh(h)²")
def _(dh, h, e, W_eh):
    du = dh * (1 - np.tanh(h) ** 2)
    return du @ W_eh.T, e.T @ du, du.sum(axis=0)


@hidden_backward.mistake("h (1 - h) is the derivative of the logistic sigmoid; that of tanh is 1 - h²")
def _(dh, h, e, W_eh):
    du = dh * h * (1 - h)
    return du @ W_eh.T, e.T @ du, du.sum(axis=0)


@hidden_backward.mistake("the bias's gradient is averaged over the batch; it is a sum, the mean is already in the loss")
def _(dh, h, e, W_eh):
    du = dh * (1 - h**2)
    return du @ W_eh.T, e.T @ du, du.mean(axis=0)


@hidden_backward.mistake(
    "the bias's gradient is summed over the units; each unit has its own, summed over the batch (axis=0)"
)
def _(dh, h, e, W_eh):
    du = dh * (1 - h**2)
    return du @ W_eh.T, e.T @ du, du.sum(axis=1)


@hidden_backward.mistake("the gradient of W_eh is transposed: it has the shape of W_eh, (N·E, H)")
def _(dh, h, e, W_eh):
    du = dh * (1 - h**2)
    return du @ W_eh.T, du.T @ e, du.sum(axis=0)


@hidden_backward.mistake(
    "1 - h² reaches the weights and the bias, but de goes back without it: use the same du for all three"
)
def _(dh, h, e, W_eh):
    du = dh * (1 - h**2)
    return dh @ W_eh.T, e.T @ du, du.sum(axis=0)


@hidden_backward.variant
def _(dh, h, e, W_eh):
    du = dh - dh * h * h
    return np.einsum("bh,dh->bd", du, W_eh), np.einsum("bd,bh->dh", e, du), np.einsum("bh->h", du)


@hidden_backward.variant
def _(dh, h, e, W_eh):
    du = (1 - h) * (1 + h) * dh
    dW, db = np.zeros_like(W_eh), np.zeros_like(dh[0])
    for e_b, du_b in zip(e, du, strict=True):
        dW += np.outer(e_b, du_b)
        db += du_b
    return (W_eh @ du.T).T, dW, db

"""Exercise 2.4: the whole model, from windows to logits."""

import numpy as np

from ..definition import case, exercise


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


window_logits.slip(
    "the hidden layer is linear: tanh is missing in equation (2), so the two layers collapse into one",
    {"np.tanh(e @ W_eh + b_h)": "e @ W_eh + b_h"},
)
window_logits.slip(
    "the hidden layer uses the logistic sigmoid where equation (2) has tanh",
    {"np.tanh(e @ W_eh + b_h)": "1 / (1 + np.exp(-(e @ W_eh + b_h)))"},
)
window_logits.slip(
    "the hidden layer cuts at zero (ReLU) where equation (2) has tanh",
    {"np.tanh(e @ W_eh + b_h)": "np.maximum(e @ W_eh + b_h, 0)"},
)
window_logits.slip("the bias b_h is missing inside the tanh", {"e @ W_eh + b_h": "e @ W_eh"})
window_logits.slip(
    "the bias b_h is added after the tanh; it belongs inside, where it shifts the bend of each unit",
    {"np.tanh(e @ W_eh + b_h)": "np.tanh(e @ W_eh) + b_h"},
)
window_logits.slip("the bias b_y of the logits is missing", {" + b_y": ""})


@window_logits.mistake("these are probabilities; logits are what goes into the softmax")
def _(E, W_eh, b_h, W_hy, b_y, windows):
    a = np.tanh(E[windows].reshape(len(windows), -1) @ W_eh + b_h) @ W_hy + b_y
    p = np.exp(a - a.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


window_logits.slip(
    "every position meets the same rows of W_eh: the N embeddings are added up, not concatenated",
    {"reshape(len(windows), -1)": "sum(axis=1)", "e @ W_eh": "e @ W_eh[: E.shape[1]]"},
)
window_logits.slip(
    "the window is read back to front: the first E rows of W_eh belong to the oldest token",
    {"E[windows]": "E[windows[:, ::-1]]"},
)


@window_logits.variant
def _(E, W_eh, b_h, W_hy, b_y, windows):
    blocks = W_eh.reshape(windows.shape[1], E.shape[1], -1)  # (N, E, H): the rows of each position
    return np.tanh(np.einsum("bne,neh->bh", E[windows], blocks) + b_h) @ W_hy + b_y


@window_logits.variant
def _(E, W_eh, b_h, W_hy, b_y, windows):
    hidden = (np.tanh(np.concatenate([E[w] for w in window]) @ W_eh + b_h) for window in windows)
    return np.stack([h @ W_hy + b_y for h in hidden])

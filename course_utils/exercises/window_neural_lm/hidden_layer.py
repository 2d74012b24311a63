"""Exercise 2.7: the hidden layer backwards."""

import numpy as np

from ..definition import case, exercise


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


hidden_backward.slip(
    "the factor 1 - h² is missing: the gradient does not go back through the tanh", {"dh * (1 - h**2)": "dh"}
)
hidden_backward.slip("h is not squared: the derivative of tanh, written with h, is 1 - h²", {"h**2": "h"})
hidden_backward.slip(
    "h is already the tanh of u: its derivative is 1 - h², not 1 - tanh(h)²", {"h**2": "np.tanh(h) ** 2"}
)
hidden_backward.slip(
    "h (1 - h) is the derivative of the logistic sigmoid; that of tanh is 1 - h²", {"(1 - h**2)": "h * (1 - h)"}
)
hidden_backward.slip(
    "the bias's gradient is averaged over the batch; it is a sum, the mean is already in the loss",
    {"du.sum": "du.mean"},
)
hidden_backward.slip(
    "the bias's gradient is summed over the units; each unit has its own, summed over the batch (axis=0)",
    {"axis=0": "axis=1"},
)
hidden_backward.slip("the gradient of W_eh is transposed: it has the shape of W_eh, (N·E, H)", {"e.T @ du": "du.T @ e"})
hidden_backward.slip(
    "1 - h² reaches the weights and the bias, but de goes back without it: use the same du for all three",
    {"return du @": "return dh @"},
)


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

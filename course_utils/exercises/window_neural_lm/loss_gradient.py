"""Exercise 2.6: the gradient of the mean cross-entropy."""

import numpy as np

from ..definition import case, exercise


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


cross_entropy_gradient.slip(
    "this is the gradient of the sum; the loss is a mean over B rows, so divide by B", {"p / len(targets)": "p"}
)
cross_entropy_gradient.slip(
    "the sign is turned round: it is p - y, so that a step against it raises the target's logit",
    {"p / len(targets)": "-p / len(targets)"},
)
cross_entropy_gradient.slip(
    "p[:, targets] -= 1 lowers whole columns, in every row; one entry per row is p[np.arange(B), targets]",
    {"np.arange(len(targets)), targets": ":, targets"},
)


@cross_entropy_gradient.mistake("the logits themselves stand where the probabilities belong: take the softmax first")
def _(logits, targets):
    return (logits - np.eye(logits.shape[1], dtype=logits.dtype)[targets]) / len(targets)


cross_entropy_gradient.slip(
    "the target is missing: these are the probabilities, divided by B",
    {"    p[np.arange(len(targets)), targets] -= 1\n": ""},
)
cross_entropy_gradient.slip(
    "this is p: the one-hot row of the target is not subtracted, and the mean over B rows is missing",
    {"    p[np.arange(len(targets)), targets] -= 1\n": "", "p / len(targets)": "p"},
)
cross_entropy_gradient.slip(
    "the softmax runs over the whole array; each row has its own, axis=-1 and keepdims=True",
    {"logits.max(axis=-1, keepdims=True)": "logits.max()", "p.sum(axis=-1, keepdims=True)": "p.sum()"},
)
cross_entropy_gradient.slip(
    "the softmax runs down the batch; it belongs over the V logits of each row, axis=-1",
    {"max(axis=-1": "max(axis=0", "sum(axis=-1": "sum(axis=0"},
)
cross_entropy_gradient.slip(
    "it overflows where logits are large: subtract each row's largest logit before the exponential",
    {" - logits.max(axis=-1, keepdims=True)": ""},
)
cross_entropy_gradient.slip(
    "it is divided by B·V; the mean runs over the B tokens only", {"p / len(targets)": "p / p.size"}
)


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

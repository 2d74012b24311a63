"""Exercise 3.5: the loss of each next token."""

import numpy as np

from ..definition import case, exercise


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


next_token_losses.slip(
    "the target is not shifted: this asks for the token just read, which copying the input solves",
    {"ids[1:, ": "ids[:-1, "},
)
next_token_losses.slip(
    "nothing is shifted, and T losses come back: the last token has no next one, the first no loss",
    {"logits[:-1] - logits[:-1]": "logits - logits", "ids[1:, ": "ids[:, "},
)
next_token_losses.slip(
    "it shifts the wrong way: these scores are asked for the token before, not for the next",
    {"logits[:-1] - logits[:-1]": "logits[1:] - logits[1:]", "ids[1:, ": "ids[:-1, "},
)
next_token_losses.slip(
    "np.roll wraps around: the last step is asked for the first token. Cut the last scores off instead",
    {"logits[:-1] - logits[:-1]": "logits - logits", "ids[1:, :, None]": "np.roll(ids, -1, axis=0)[..., None]"},
)
next_token_losses.slip("these are log-probabilities, zero or below; a loss is minus that", {"return -": "return "})
next_token_losses.slip(
    "this is the mean; the loss of every single step is asked for, (T - 1, B)", {"[..., 0]": ".mean()"}
)
next_token_losses.slip(
    "these are the targets' raw scores with a minus: they become log-probabilities by log softmax",
    {"(logp, ": "(logits[:-1], "},
)
next_token_losses.slip(
    "these are the targets' raw scores: they become log-probabilities by log softmax, then a minus",
    {"-np.take_along_axis(logp, ": "np.take_along_axis(logits[:-1], "},
)
next_token_losses.slip(
    "these are probabilities with a minus; the loss is minus their logarithm", {"(logp, ": "(np.exp(logp), "}
)
next_token_losses.slip(
    "these are bits: log2 where the natural logarithm is asked for",
    {
        "a - np.log(np.exp(a).sum(axis=-1, keepdims=True))": (
            "(a - np.log(np.exp(a).sum(axis=-1, keepdims=True))) / np.log(2)"
        )
    },
)
next_token_losses.slip(
    "the softmax runs over time; the V scores of one prediction lie along the last axis",
    {"max(axis=-1": "max(axis=0", "sum(axis=-1": "sum(axis=0"},
)


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


def _tokens(rng, T, B, V):
    return rng.integers(0, V, (T, B))

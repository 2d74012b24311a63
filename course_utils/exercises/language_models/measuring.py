"""Exercise 1.5: perplexity, whatever the base of the logarithm."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.5",
    points=2,
    hints=(
        "Mean, minus, then undo the logarithm. Which function undoes a logarithm to base 2, to base e, to any base?",
        "The cross-entropy is minus the mean of log_p. A logarithm to a base is undone by raising that base to it.",
        "base ** (-mean of log_p): for base e it is exp(nats), for base 2 it is 2 to the bits, and both are equal.",
    ),
)
def perplexity(log_p: np.ndarray, base: float = np.e) -> float:
    """Perplexity of a text from log_p (T,), the logarithm to `base` of the probability of each of its tokens."""
    return base ** -np.mean(log_p)


@perplexity.cases
def _(rng):
    log_p = np.log(rng.dirichlet(np.ones(9)))
    yield case("a fair choice among 8 has perplexity 8", np.full(5, np.log(1 / 8)))
    yield case("a sure thing has perplexity 1", np.zeros(3))
    yield case("nine tokens, in nats", log_p)
    yield case("the same tokens in bits have the same perplexity", log_p / np.log(2), base=2.0)
    yield case("and to base 10", log_p / np.log(10), base=10.0)
    yield case("a single token", np.array([-1.5]))
    yield case("200 tokens", -rng.exponential(3.0, 200))
    yield case("a token of probability 0 makes it infinite", np.array([-1.0, -np.inf, -0.5]))
    yield case("float32", -rng.exponential(1.0, 6).astype(np.float32))


@perplexity.mistake(
    "np.exp undoes natural logarithms only: with log_p in bits, perplexity is 2 to the bits. Use `base`"
)
def _(log_p, base=np.e):
    return np.exp(-np.mean(log_p))


@perplexity.mistake("2 to the power of nats is no perplexity: the power must have the same base as the logarithm")
def _(log_p, base=np.e):
    return 2 ** -np.mean(log_p)


@perplexity.mistake("this is the sum where the mean belongs: a text twice as long would get the square")
def _(log_p, base=np.e):
    return base ** -np.sum(log_p)


@perplexity.mistake(
    "the minus is missing: this is the (geometric) mean probability of a token, perplexity is one over it"
)
def _(log_p, base=np.e):
    return base ** np.mean(log_p)


@perplexity.mistake("this is the cross-entropy; perplexity is `base` raised to it")
def _(log_p, base=np.e):
    return -np.mean(log_p)


@perplexity.mistake("the mean is taken after the logarithm was undone; average the logarithms, then undo them")
def _(log_p, base=np.e):
    return np.mean(base ** -np.asarray(log_p))


@perplexity.mistake("this averages the probabilities; average their logarithms, then undo the logarithm")
def _(log_p, base=np.e):
    return 1 / np.mean(base ** np.asarray(log_p))


@perplexity.variant
def _(log_p, base=np.e):
    return np.exp(-log_p.mean() * np.log(base))


@perplexity.variant
def _(log_p, base=np.e):
    return (1 / base) ** (log_p.sum() / len(log_p))

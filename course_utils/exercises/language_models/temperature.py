"""Exercise 1.4: probabilities from scores, at a temperature."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "1.4",
    points=1,
    hints=(
        "Temperature acts on the scores, before the softmax: which operation makes differences larger when tau is small?",
        "Divide the scores by tau, then take the softmax of lesson 00, with the largest score of each row subtracted.",
        "a = a / tau; e = np.exp(a - a.max(axis=-1, keepdims=True)); then divide e by its sum over the last axis.",
    ),
)
def softmax_at(a: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (..., V) of the scores a (..., V) at temperature tau > 0: softmax(a / tau)."""
    a = a / tau
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.cases
def _(rng):
    yield case("tau = 1 is the softmax itself", rng.standard_normal(4), 1.0)
    yield case("tau = 2 brings the shares closer together", np.array([2.0, 0.0, -1.0]), 2.0)
    yield case("tau = 0.5 drives them apart", np.array([2.0, 0.0, -1.0]), 0.5)
    yield case("rows of scores, each for itself", rng.standard_normal((2, 3)), 0.7)
    yield case("a very small tau, which makes large scores", np.array([3.0, 1.0, 2.0]), 0.001)
    yield case("scores in the thousands", np.array([2000.0, 1998.0, 1999.0]), 1.0)
    yield case("float32 stays float32", rng.standard_normal((2, 3)).astype(np.float32), 1.5)


softmax_at.slip(
    "it multiplies by tau, so a low temperature flattens and a high one sharpens: divide the scores by tau",
    {"a = a / tau": "a = a * tau"},
)
softmax_at.slip(
    "it divides the probabilities by tau, so they no longer sum to 1: divide the scores, before the softmax",
    {"    a = a / tau\n": "", "e / e.sum(axis=-1, keepdims=True)": "e / e.sum(axis=-1, keepdims=True) / tau"},
)
softmax_at.slip(
    "tau has no effect: a factor on e cancels when it is divided by its sum; divide the scores by tau",
    {"    a = a / tau\n": ""},
)
softmax_at.slip(
    "it overflows at a small tau: a / tau is large there. Subtract the largest score of each row, as in lesson 00",
    {" - a.max(axis=-1, keepdims=True)": ""},
)
softmax_at.slip(
    "it overflows at a small tau: what is subtracted must be the largest of a / tau, so divide first, then take the max",
    {"    a = a / tau\n": "", "np.exp(a -": "np.exp(a / tau -"},
)
softmax_at.slip("tau is squared here: divide the scores by it once", {"a = a / tau": "a = a / tau**2"})


@softmax_at.variant
def _(a, tau):
    e = np.exp((a - a.max(axis=-1, keepdims=True)) / tau)
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.variant
def _(a, tau):
    e = np.exp(a - a.max(axis=-1, keepdims=True)) ** (1 / tau)
    return e / e.sum(axis=-1, keepdims=True)

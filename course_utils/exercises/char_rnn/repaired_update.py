"""Exercise 5.8: the broken program's update, mended."""

import numpy as np

from ...studies.char_rnn import Weights, zeros
from ..definition import case, exercise
from .inputs import network, sums


@exercise(
    "5.8",
    points=1,
    outputs=("w", "s"),
    hints=(
        "Say aloud what the second line does with a weight whose gradient is zero. Should it do that?",
        "The gradient decides in which direction a weight moves, the sum of its squares how far.",
        "In the second line the numerator is a, the weight; its gradient g belongs there.",
    ),
)
def mended_update(w: Weights, s: Weights, grads: Weights, lr: float) -> tuple[Weights, Weights]:
    """One update by Adagrad: new weights and new sums of squares."""
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    w = Weights(*(a - lr * g / (np.sqrt(m) + 1e-8) for a, m, g in zip(w, s, grads, strict=True)))
    return w, s


@mended_update.cases
def _(rng):
    w, grads = network(rng, V=5, H=3), network(rng, V=5, H=3)
    yield case("a first update", w, zeros(w), grads, 0.1)
    yield case("a later update", w, sums(rng, w, 1.0), grads, 0.1)
    yield case("a gradient of zero leaves the weights where they are", w, sums(rng, w, 1.0), zeros(w), 0.1)
    w, grads = (network(rng, V=4, H=6, dtype=np.float32) for _ in range(2))
    yield case("float32", w, sums(rng, w, 1.0), grads, 0.5)


mended_update.slip(
    "the bug is still there: the parameter stands where its gradient belongs, so every weight shrinks",
    {"lr * g": "lr * a"},
)
mended_update.slip("the gradient is in its place, but now with the wrong sign: it is subtracted", {"a - lr": "a + lr"})
mended_update.slip(
    "the sums were right: s + g², one for every update so far",
    {"m + g * g for m, g in zip(s, grads, strict=True)": "g * g for g in grads"},
)
mended_update.slip("the square root was no bug: without it this is not Adagrad", {"np.sqrt(m)": "m"})
mended_update.slip("the mended line reads g * g, or g twice: one g above the root is enough", {"lr * g": "lr * g * g"})
mended_update.slip(
    "the gradient is where it belongs; the 1e-8 has moved into the root, and was no bug outside it",
    {"(np.sqrt(m) + 1e-8)": "np.sqrt(m + 1e-8)"},
)
mended_update.slip(
    "the weights are multiplied by the gradient: it replaces a above the root", {"lr * g /": "lr * a * g /"}
)
mended_update.slip(
    "the division by the root was no bug: without it this is plain descent", {" / (np.sqrt(m) + 1e-8)": ""}
)
mended_update.slip(
    "the weights move by the old sums: the new ones, with this gradient in them, were right",
    {"s = Weights(*(m": "new = Weights(*(m", "return w, s": "return w, new"},
)
mended_update.slip("the results are in another order: weights, then sums", {"return w, s": "return s, w"})
mended_update.slip("only the weights come back; the next update needs the sums as well", {"return w, s": "return w"})
mended_update.slip(
    "it writes into the sums it was given: m += g * g does, a new array m + g * g does not",
    {
        "    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))": (
            "    for m, g in zip(s, grads, strict=True):\n        m += g * g"
        )
    },
)


@mended_update.variant
def _(w, s, grads, lr):
    s = [m + np.square(g) for m, g in zip(s, grads, strict=True)]
    return [a - lr / (np.sqrt(m) + 1e-8) * g for a, m, g in zip(w, s, grads, strict=True)], s

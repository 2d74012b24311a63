"""Exercise 4.4: a gradient by central differences, to check others with."""

from collections.abc import Callable

import numpy as np

from ..definition import case, exercise


@exercise(
    "4.4",
    points=2,
    hints=(
        "One entry at a time: move it up by eps, take the loss; move it down by eps, take the loss. How far apart are the two?",
        "for k in np.ndindex(w.shape): two copies of w, one with +eps and one with -eps at k. The two points are 2 eps apart.",
        "up = w.copy(); up[k] += eps; down likewise; the entry k of the result is (loss(up) - loss(down)) / (2 * eps).",
    ),
)
def numerical_gradient(loss: Callable[[np.ndarray], float], w: np.ndarray, eps: float) -> np.ndarray:
    """The gradient of loss(w), a number, by central differences of step eps, one entry of w at a time; shaped like w."""
    gradient = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[k] += eps
        down[k] -= eps
        gradient[k] = (loss(up) - loss(down)) / (2 * eps)
    return gradient


@numerical_gradient.cases
def _(rng):
    yield case("a loss that is a sum: every derivative is 1", np.sum, rng.standard_normal((2, 3)), 1e-3)
    yield case("a row of one weight, the loss w³, a step so large that the scheme shows", _cubes, np.array([1.5]), 0.1)
    yield case("cubes of a row, a large step", _cubes, rng.uniform(0.5, 2, 5), 0.1)
    yield case("a loss in which the weights multiply each other", _product, rng.uniform(0.5, 1.5, (2, 3)), 0.1)
    yield case("a loss that is far from zero", _far, rng.standard_normal((3, 2)), 0.01)
    yield case("a single number in a matrix (1, 1)", _cubes, np.array([[-2.0]]), 0.1)
    yield case("200 weights", _cubes, rng.uniform(-2, 2, 200), 0.1)


numerical_gradient.slip(
    "this is a one-sided difference, (loss(w + eps) - loss(w)) / eps: its error is of order eps. Step to both sides",
    {"loss(down)) / (2 * eps)": "loss(w)) / eps"},
)
numerical_gradient.slip("twice too large: the two points are 2 eps apart, not eps", {"(2 * eps)": "eps"})
numerical_gradient.slip(
    "/ 2 * eps divides by 2 and multiplies with eps: put brackets around (2 * eps)",
    {"(2 * eps)": "2 * eps"},
)
numerical_gradient.slip(
    "the sign is turned round: loss(w + eps) - loss(w - eps), up minus down",
    {"loss(up) - loss(down)": "loss(down) - loss(up)"},
)
numerical_gradient.slip(
    "the argument eps is not used: this takes a step of its own, 1e-5",
    {"gradient = np": "eps = 1e-5\n    gradient = np"},
)
numerical_gradient.slip(
    "whole rows move at once: k runs along the first axis only. np.ndindex(w.shape) visits single entries",
    {"np.ndindex(w.shape)": "range(len(w))"},
)
numerical_gradient.slip(
    "up and down are the same array: `up = down = w.copy()` or `up = w` makes a second name, not a second copy",
    {"up, down = w.copy(), w.copy()": "up = down = w.copy()"},
)
numerical_gradient.slip(
    "up and down are both w itself: `up = w` makes a second name, not a copy, so the two moves undo each other",
    {"up, down = w.copy(), w.copy()": "up = down = w"},
)


@numerical_gradient.mistake(
    "the weights are moved in place and not put back: each entry is tried at a point where the ones before are shifted"
)
def _(loss, w, eps):
    gradient = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        w[k] += eps
        up = loss(w)
        w[k] -= 2 * eps
        gradient[k] = (up - loss(w)) / (2 * eps)
    return gradient


@numerical_gradient.mistake(
    "a moved weight is not put back, so each entry is tried at a point where the ones before it are shifted"
)
def _(loss, w, eps):
    gradient, w = np.zeros_like(w), w.copy()
    for k in np.ndindex(w.shape):
        w[k] += eps
        up = loss(w)
        w[k] -= 2 * eps
        gradient[k] = (up - loss(w)) / (2 * eps)
    return gradient


@numerical_gradient.mistake(
    "all weights move at once: that is one derivative for the whole array. Move a single entry each time"
)
def _(loss, w, eps):
    return np.full(w.shape, (loss(w + eps) - loss(w - eps)) / (2 * eps))


@numerical_gradient.variant
def _(loss, w, eps):
    flat = w.ravel()
    steps = eps * np.eye(flat.size)
    found = [(loss((flat + s).reshape(w.shape)) - loss((flat - s).reshape(w.shape))) / (2 * eps) for s in steps]
    return np.array(found).reshape(w.shape)


@numerical_gradient.variant
def _(loss, w, eps):
    work, gradient = np.array(w), np.empty(w.shape)
    for k in np.ndindex(*w.shape):
        kept = work[k]
        work[k] = kept + eps
        up = loss(work)
        work[k] = kept - eps
        gradient[k] = (up - loss(work)) / (2 * eps)
        work[k] = kept
    return gradient


def _cubes(w):
    return float(np.sum(w**3))


def _product(w):
    return float(np.sum(np.outer(w, w)) + np.prod(w))


def _far(w):
    return float(1000 + np.sum(w**2 * np.arange(1, w.size + 1).reshape(w.shape)))

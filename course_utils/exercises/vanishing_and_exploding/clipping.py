"""Exercise 6.6: all gradients shortened as one vector."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "6.6",
    points=2,
    hints=(
        "Compare the symptoms with what a length is: how long is the row (3, 4), and what does the code above say?",
        "The norm of all arrays together is that of one long row made of all their numbers: Pythagoras, over everything.",
        "norm = np.sqrt(sum((g * g).sum() for g in grads)); the test and the factor limit / norm both use it.",
    ),
)
def clip_by_norm(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """All arrays together count as one vector: if it is longer than limit, make it that long, same direction; else as it is."""
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    scale = limit / norm if norm > limit else 1.0
    return [g * scale for g in grads]


@clip_by_norm.cases
def _(rng):
    g = rng.standard_normal((3, 4))
    unit = g / np.linalg.norm(g)
    yield case("far too long: as long as the limit, in the same direction", [20 * unit], 5.0)
    yield case("shorter than the limit: it stays as it is", [0.3 * unit], 5.0)
    yield case("length 2 under a limit of 3: it stays, although its square is 4", [2 * unit], 3.0)
    yield case("length 0.8 over a limit of 0.7: shortened, although its square is 0.64", [0.8 * unit], 0.7)
    several = [rng.standard_normal((3, 5)), rng.standard_normal((5, 5)), rng.standard_normal(5)]
    yield case("three arrays are one vector: one factor for all", several, 1.0)
    yield case("each array is short, all together are not", [0.8 * unit, 0.8 * unit[0], 0.8 * unit[:2]], 0.9)
    yield case("a gradient of zeros", [np.zeros(3), np.zeros((2, 2))], 1.0)
    yield case("float32", [(9 * unit).astype(np.float32)], 2.0)


clip_by_norm.slip(
    "this is the code as it stands above: for length 20 and limit 5 it returns length 0.25. How long is (3, 4)?",
    {"np.sqrt(sum((g * g).sum() for g in grads))": "sum((g * g).sum() for g in grads)"},
)
clip_by_norm.slip(
    "the factor is right and the test is not: it compares the squared length with the limit",
    {"norm > limit": "norm**2 > limit"},
)
clip_by_norm.slip(
    "the test is right and the factor is not: limit / squared length makes it far too short",
    {"limit / norm": "limit / norm**2"},
)


@clip_by_norm.mistake("this is clipping by value: each number is cut by itself, so the direction turns")
def _(grads, limit):
    return [np.clip(g, -limit, limit) for g in grads]


@clip_by_norm.mistake(
    "every array is clipped by its own norm, so the direction of the whole turns; one norm, one factor for all"
)
def _(grads, limit):
    return [g * min(1.0, limit / max(np.linalg.norm(g), 1e-30)) for g in grads]


clip_by_norm.slip(
    "every gradient gets the length `limit`, short ones too: near a minimum the steps would never become small",
    {"limit / norm if norm > limit else 1.0": "limit / max(norm, 1e-30)"},
)
clip_by_norm.slip("too long a gradient gets length one; it should get the length `limit`", {"limit / norm": "1 / norm"})


@clip_by_norm.mistake("it changes the caller's arrays in place (`*=`); return new ones")
def _(grads, limit):
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    for g in grads:
        if norm > limit:
            g *= limit / norm
    return grads


clip_by_norm.slip(
    "a mean of squares in place of their sum: the limit would mean something else for each size of network",
    {
        "np.sqrt(sum((g * g).sum() for g in grads))": (
            "np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))"
        )
    },
)
clip_by_norm.slip(
    "this is the sum of absolute values; a length is the root of the sum of squares",
    {"np.sqrt(sum((g * g).sum() for g in grads))": "sum(np.abs(g).sum() for g in grads)"},
)
clip_by_norm.slip(
    "the lengths of the arrays are added up; lengths of parts add as squares, under one root",
    {"np.sqrt(sum((g * g).sum() for g in grads))": "sum(np.linalg.norm(g) for g in grads)"},
)
clip_by_norm.slip(
    "a small number is added to the norm, as torch does; a norm above the limit cannot be zero, so leave it out",
    {"limit / norm if norm > limit else 1.0": "min(1.0, limit / (norm + 1e-6))"},
)


@clip_by_norm.mistake(
    "nothing is ever clipped: what the loop makes is bound to a name and lost. Collect the new arrays in a list"
)
def _(grads, limit):
    return grads


clip_by_norm.slip(
    "the factor is upside down: what is too long gets longer still. It is limit / norm",
    {"limit / norm": "norm / limit"},
)
clip_by_norm.slip(
    "the longest of the arrays is taken for the whole; lengths of parts add as squares, under one root",
    {"np.sqrt(sum((g * g).sum() for g in grads))": "max(np.linalg.norm(g) for g in grads)"},
)
clip_by_norm.slip(
    "too long a gradient is multiplied by the limit; divide by its norm as well, and it has the length `limit`",
    {"limit / norm if": "limit if"},
)
clip_by_norm.slip(
    "the norm is returned as well, as the library does; here only the list of arrays is wanted",
    {"[g * scale for g in grads]": "[g * scale for g in grads], norm"},
)


@clip_by_norm.variant
def _(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    return [g * min(1, limit / norm) if norm > 0 else g.copy() for g in grads]


@clip_by_norm.variant
def _(grads, limit):
    squares = sum(np.vdot(g, g) for g in grads)
    return tuple(limit * g / squares**0.5 if squares > limit**2 else g for g in grads)

"""Three tasks that can only be solved by remembering: copy, adding and temporal order, with their exact chance levels.

    copy      reads  c a . . . . . > .     answers, at the last n = 2 steps:  c a
    adding    reads  .3 .8* .1 .5 .9 .2* .6    (two numbers are marked)     answers at the end:  1.0
    order     reads  E d a X b c a Y d b B                                  answers at the end:  XY, one of four

An answer is wanted at the last `answers` steps only. T is the number of steps read, answers included, and the lag grows
with it: in copy exactly T - n steps lie between a symbol and its answer; in adding one mark is in the first half of the
sequence, one in the second; in order the two symbols come at T/10..T/5 and T/2..3T/5.

    task          right without looking              loss without looking
    copy          1/S for each of S symbols          ln S nats
    adding        1 - 0.92² = 0.1536, by saying 1    1/6, the variance of the sum of two numbers from U[0, 1]
    order         1/4                                ln 4 nats

A number is right if it is off by less than 0.08. Sources: Hochreiter and Schmidhuber 1997 (adding, section 5.4, whose
sums are halved, so that their 0.04 is our 0.08; order, section 5.6, task 6a, there with T = 100 to 110); Arjovsky, Shah
and Bengio 2016 (copy in this form, and the marks of adding).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["CLOSE", "TASKS", "Batch", "Task", "adding", "copying", "right", "temporal_order"]

CLOSE = 0.08  # how far off a number may be
EVENTS = ("XX", "XY", "YX", "YY")
ORDER_SYMBOLS = ("a", "b", "c", "d", "X", "Y", "E", "B")


class Batch(NamedTuple):
    """Sequences side by side, time-major: x (T, B) tokens or (T, B, D) numbers; target (answers, B) classes or numbers."""

    x: np.ndarray
    target: np.ndarray


class Task(NamedTuple):
    """A task: `draw(rng, T, B)` gives a Batch; D inputs (symbols, if x holds tokens), `outputs` numbers per answer."""

    name: str
    D: int
    outputs: int
    kind: str  # "class": `outputs` scores, the target is one of them; "number": one number
    answers: int  # how many of the last steps have one
    chance: float  # the share of answers that are right without looking at the input
    loss_without_looking: float  # nats for classes, mean squared error for numbers
    shortest: int  # the smallest T
    draw: Callable


def copying(symbols=4, n=2):
    """The copy task: n of S symbols (tokens 1..S), blanks (0), a sign to answer (S + 1), and n answers (classes 0..S-1).

    >>> x, target = copying(symbols=4, n=2).draw(rng, T=9, B=3)
    >>> x[:2] - 1 == target                                     # what has to be remembered, T - n = 7 steps
    """
    _whole("symbols", symbols, 2)
    _whole("n", n, 1)

    def draw(rng, T, B):
        _sizes("copy", T, B, 2 * n + 1)
        x, target = np.zeros((T, B), np.int64), rng.integers(0, symbols, (n, B))
        x[:n] = target + 1
        x[T - n] = symbols + 1
        return Batch(x, target)

    return Task("copy", symbols + 2, symbols, "class", n, 1 / symbols, float(np.log(symbols)), 2 * n + 1, draw)


def adding():
    """The adding task: x[..., 0] numbers from U[0, 1], x[..., 1] one mark in each half; the answer is the marked sum.

    A network that catches the second mark only can reach a mean squared error of 1/12, half of that without looking.
    """

    def draw(rng, T, B):
        _sizes("adding", T, B, 2)
        x, half, each = np.zeros((T, B, 2)), T // 2, np.arange(B)
        x[..., 0] = rng.random((T, B))
        x[rng.integers(0, half, B), each, 1] = 1
        x[rng.integers(half, T, B), each, 1] = 1
        return Batch(x, (x[..., 0] * x[..., 1]).sum(axis=0, keepdims=True))

    return Task("adding", 2, 1, "number", 1, 1 - (1 - CLOSE) ** 2, 1 / 6, 2, draw)


def temporal_order():
    """Temporal order: X or Y early and X or Y late among random letters a-d, between E and B; class 2·[Y early] + [Y late]."""

    def draw(rng, T, B):
        _sizes("order", T, B, 10)
        code, each = {s: k for k, s in enumerate(ORDER_SYMBOLS)}, np.arange(B)
        x = rng.integers(0, 4, (T, B))
        x[0], x[-1] = code["E"], code["B"]
        early, late = rng.integers(0, 2, (2, B))
        x[rng.integers(T // 10, T // 5, B), each] = code["X"] + early
        x[rng.integers(T // 2, (3 * T) // 5, B), each] = code["X"] + late
        return Batch(x, (2 * early + late)[None])

    return Task("order", len(ORDER_SYMBOLS), len(EVENTS), "class", 1, 1 / 4, float(np.log(4)), 10, draw)


def right(task, outputs, target):
    """Which answers are right: outputs (answers, B, task.outputs) as a network gives them, to booleans (answers, B)."""
    if np.shape(outputs) != (*np.shape(target), task.outputs):
        raise ValueError(
            f"outputs must be (answers, B, {task.outputs}) for a target {np.shape(target)}, got {np.shape(outputs)}"
        )
    if task.kind == "class":
        return np.argmax(outputs, axis=-1) == target
    return np.abs(outputs[..., 0] - target) < CLOSE


def _sizes(name, T, B, shortest):
    if not isinstance(T, int | np.integer) or T < shortest:
        raise ValueError(f"T must be a whole number of at least {shortest} for {name}, got {T!r}")
    _whole("B", B, 1)


def _whole(name, value, least):
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


TASKS = {task.name: task for task in (copying(), adding(), temporal_order())}

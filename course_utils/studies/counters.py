"""Networks that learn to count: trained on aⁿbⁿ or aⁿbⁿcⁿ with small n, asked about larger ones.

Training goes through three stages: short strings to find out what is asked, all lengths with a large learning rate, and a
last stretch with a small one. The large rate matters: it drives the gates far into saturation, and a counter counts
evenly only where its gates are all but 0 and 1.
"""

from typing import NamedTuple

import numpy as np

from ..cells import CELLS
from ..optim import Adam
from ..tasks import counting
from ..training import train
from .marked import MarkedLanguageModel

__all__ = ["Counter", "Stage", "accepts", "best_of", "first_failure", "learn", "read"]


class Stage(NamedTuple):
    """So many updates with strings of n up to `largest`, at this learning rate."""

    largest: int
    updates: int
    lr: float


class Counter(NamedTuple):
    """A trained network, the letters of its language, and the largest n that it was trained on."""

    model: MarkedLanguageModel
    params: tuple
    letters: str
    largest: int


def learn(rng, cell, letters, stages, H=10, B=8):
    """Train a cell of H units, by its name in CELLS, on the language with these letters: a Counter."""
    model = MarkedLanguageModel(CELLS[cell], len(counting.VOCABULARY), H)
    params, optimiser = model.init(rng), Adam(stages[0].lr)
    for largest, updates, lr in stages:
        optimiser.lr = lr
        strings = counting.batches(rng, letters, largest, B)
        params = train(model, params, strings, optimiser, steps=updates, clip=1.0, progress=False).params
    return Counter(model, params, letters, stages[-1].largest)


def accepts(counter, ns):
    """Which strings the network predicts without an error at any settled place: booleans, one for each n."""
    strings = counting.batch(ns, counter.letters)
    return counting.accepted(counter.model.predicted(counter.params, strings.inputs), strings)


def first_failure(counter, furthest=400):
    """The smallest n that the network does not accept, furthest + 1 if it accepts all up to there."""
    failed = np.flatnonzero(~accepts(counter, range(1, furthest + 1)))
    return int(failed[0]) + 1 if len(failed) else furthest + 1


def best_of(rng, cell, letters, stages, tries=3, validation=2, **options):
    """The Counter that goes furthest of at most `tries` trained one after the other; options are those of `learn`.

    Strings of up to `validation` times the longest in training decide; who accepts them all ends the search.
    """
    best, furthest = None, 0
    for _ in range(tries):
        counter = learn(rng, cell, letters, stages, **options)
        until = validation * counter.largest
        if (failure := first_failure(counter, until)) > furthest:
            best, furthest = counter, failure
        if furthest > until:
            break
    return best


def read(counter, n, field=None):
    """What the network holds while the string with this n is read: (T, H), time from the start symbol on.

    `field` names a part of the cell's trace; without it, the memory c, or h where the cell has no other.
    """
    run = counter.model.run(counter.params, counting.string(n, counter.letters)[:-1, None])[1]
    return (getattr(run.trace, "c", run.h) if field is None else getattr(run.trace, field))[:, 0]

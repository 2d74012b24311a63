"""A small search odyssey: ten published cells, three tasks, one budget, and how well their order agrees with the paper's.

Each cell gets as many units as fit into the same number of parameters, the same batches, updates and learning rate.
The measure is that of the paper: how often the most likely next symbol is the right one, on a test that is held out.

The paper (Jozefowicz, Zaremba and Sutskever 2015, table 1) searched over 10,000 cells, with many settings for each.
Its third task was words of the Penn Treebank; ours is characters of Python's documentation. Its LSTMs have no peepholes
and its GRU resets before the product.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..cells import CELLS
from ..corpora import library_documentation
from ..optim import Adam
from ..tasks import arithmetic, xml_markup
from ..training import train
from ..vocabulary import Vocabulary, batches
from .marked import MarkedLanguageModel

__all__ = [
    "CELL_OF",
    "PUBLISHED",
    "Task",
    "by_chance",
    "parameters",
    "rank_correlation",
    "resampled",
    "search",
    "tasks",
    "width",
]

PUBLISHED = {  # next-step accuracy on Arithmetic, XML and words of the Penn Treebank
    "Tanh": (0.29493, 0.32050, 0.08782),
    "LSTM": (0.89228, 0.42470, 0.08912),
    "LSTM-f": (0.29292, 0.23356, 0.08808),
    "LSTM-i": (0.75109, 0.41371, 0.08662),
    "LSTM-o": (0.86747, 0.42117, 0.08933),
    "LSTM-b": (0.90163, 0.44434, 0.08952),
    "GRU": (0.89565, 0.45963, 0.09069),
    "MUT1": (0.92135, 0.47483, 0.08968),
    "MUT2": (0.89735, 0.47324, 0.09036),
    "MUT3": (0.90728, 0.46478, 0.09161),
}
CELL_OF = {name: name.lower() for name in PUBLISHED} | {"Tanh": "elman", "GRU": "gru-before"}


class Task(NamedTuple):
    """What one column of the table asks: V symbols, batches from a rng, and a test (inputs, targets)."""

    name: str
    V: int
    batches: Callable
    test: tuple
    floor: float  # accuracy of always saying the most frequent target
    ceiling: float  # accuracy of the best possible reader; nan where nobody knows


def tasks(rng, B=8, T=20):
    """Arithmetic with numbers of one digit, XML with two tags of two letters a to d, and characters: three Tasks."""
    xml = xml_markup.markup(rng, 120_000, depth=2, longest=2, letters="abcd")
    text = library_documentation()[:130_000]
    best = np.mean([a == b for a, b in zip(xml_markup.best_guess(xml), xml[1:], strict=False)])
    return [
        _arithmetic(rng, B),
        _stream("XML", xml_markup.VOCABULARY, xml, B, T, best),
        _stream("characters", Vocabulary.from_text(text), text, B, T, np.nan),
    ]


def _arithmetic(rng, B, n=6000, n_test=500):
    inputs, targets = arithmetic.batch([arithmetic.problem(rng, digits=1) for _ in range(n)])

    def draw(rng):
        while True:
            k = rng.integers(n_test, n, B)
            yield inputs[:, k], targets[:, k], True

    test = inputs[:, :n_test], targets[:, :n_test]
    return Task("arithmetic", len(arithmetic.VOCABULARY), draw, test, _most_frequent(test[1]), 1.0)


def _stream(name, vocabulary, text, B, T, ceiling, n_test=10_000):
    ids = vocabulary.encode(text)

    def draw(rng):
        while True:
            chunks = batches(ids[n_test + rng.integers(T) :], B, T)
            yield from ((*chunk, k == 0) for k, chunk in enumerate(chunks) if len(chunk[0]) == T)

    rows = ids[:n_test].reshape(10, -1).T
    return Task(name, len(vocabulary), draw, (rows[:-1], rows[1:]), _most_frequent(rows[1:]), float(ceiling))


def _most_frequent(targets):
    counts = np.bincount(targets[targets >= 0])
    return float(counts.max() / counts.sum())


def parameters(cell, V, H):
    """How many numbers a cell of H units and its read-out over V symbols hold."""
    return sum(int(np.prod(shape)) for shape in cell.shapes(V, H).values()) + H * V + V


def width(cell, V, limit):
    """The largest H for which cell and read-out hold at most `limit` parameters. Raises ValueError if one unit is too many."""
    H = 0
    while parameters(cell, V, H + 1) <= limit:
        H += 1
    if not H:
        raise ValueError(f"limit must allow at least one unit, {parameters(cell, V, 1)} parameters; got {limit}")
    return H


def search(rng, tasks, names=tuple(PUBLISHED), seeds=3, limit=6000, updates=320, lr=0.02, progress=True):
    """Test accuracy of every cell on every task with every seed: (names, tasks, seeds).

    names: of PUBLISHED, or of CELLS.
    """
    drawn = rng.integers(2**32, size=seeds)
    found = np.zeros((len(names), len(tasks), seeds))
    for a, k, s in _with_bar(list(np.ndindex(found.shape)), progress):
        task, own = tasks[k], np.random.default_rng([drawn[s], k])
        cell = CELLS[CELL_OF.get(names[a], names[a])]
        model = MarkedLanguageModel(cell, task.V, width(cell, task.V, limit))
        batches = task.batches(np.random.default_rng(drawn[s]))
        fit = train(model, model.init(own), batches, Adam(lr), steps=updates, clip=1.0, progress=False)
        found[a, k, s] = model.accuracy(fit.params, *task.test)
    return found


def rank_correlation(a, b):
    """Spearman's: the correlation of the ranks of a (N,) and b (N,); equal values share their mean rank."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def resampled(rng, accuracy, published, n=1000):
    """Rank correlations (n,) of published (N,) with accuracy (N, seeds), one seed of each cell drawn anew every time."""
    drawn = rng.integers(accuracy.shape[1], size=(n, len(accuracy)))
    return np.array([rank_correlation(accuracy[np.arange(len(accuracy)), k], published) for k in drawn])


def by_chance(rng, N, n=2000):
    """Rank correlations (n,) of N things put in a random order."""
    return np.array([rank_correlation(rng.permutation(N), np.arange(N)) for _ in range(n)])


def _ranks(a):
    a = np.asarray(a)
    return (a[:, None] > a).sum(axis=1) + (a[:, None] == a).sum(axis=1) / 2


def _with_bar(runs, progress):
    if not progress:
        return runs
    from tqdm.auto import tqdm

    return tqdm(runs, leave=False, unit="run")

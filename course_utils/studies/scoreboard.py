"""Four sources whose entropy is known exactly, and the bits per token that each kind of model reaches on them.

The golden mean, even and RRXOR processes (2/3 bit per symbol each) and the course's grammar corpus. A model is trained on
`train` and scored on `test`, in bits per token; `floor` is the source's entropy, which no model can beat in the long run.
On a test text of finite length the best possible predictor itself pays `best`, a little above or below the floor.
"""

from typing import NamedTuple

import numpy as np

from ..language_model import RecurrentLanguageModel
from ..losses import bits, log_softmax
from ..ngrams import NGram
from ..optim import Adam
from ..params import as_dtype
from ..tasks import grammar
from ..tasks.processes import PROCESSES
from ..training import train
from ..vocabulary import Vocabulary, batches
from ..window_model import WindowLanguageModel, windows

__all__ = [
    "Source",
    "exact_window_bits",
    "grammar_source",
    "ngram_bits",
    "process_source",
    "recurrent_bits",
    "sources",
    "train_recurrent",
    "train_window",
    "window_bits",
]


class Source(NamedTuple):
    """Texts from a source, as ids; its vocabulary's size; the exact floor and the best predictor's score, in bits."""

    name: str
    V: int
    train: np.ndarray
    test: np.ndarray
    floor: float
    best: float
    vocabulary: Vocabulary | None


def sources(rng, n_train=50_000, n_test=20_000):
    """All four sources by name, each with its own texts of about n_train and n_test tokens."""
    found = [process_source(rng, p, n_train, n_test) for p in PROCESSES.values()]
    return {s.name: s for s in [*found, grammar_source(rng, n_train, n_test)]}


def process_source(rng, process, n_train, n_test):
    """A Source from one of the processes with known entropy."""
    test = process.sample(rng, n_test)
    best = float(np.mean(process.optimal_log2loss(test)))
    return Source(str(process), process.V, process.sample(rng, n_train), test, process.entropy_rate, best, None)


def grammar_source(rng, n_train, n_test):
    """A Source of sentences from the grammar corpus, each closed by the end-of-sentence token."""
    make = lambda n: grammar.corpus(rng, round(n / grammar.mean_length()))  # noqa: E731
    train_text, test_text = make(n_train), make(n_test)
    best = -sum(s.log_prob for s in test_text) / len(grammar.tokens(test_text)) / np.log(2)
    ids = [grammar.VOCABULARY.encode(grammar.tokens(t)) for t in (train_text, test_text)]
    return Source("grammar", len(grammar.VOCABULARY), *ids, grammar.token_entropy(), best, grammar.VOCABULARY)


def ngram_bits(source, n, smoothing="kneser-ney"):
    """Test bits per token of an n-gram model."""
    return bits(NGram(n, source.V, smoothing).fit(source.train).cross_entropy(source.test))


def train_window(source, rng, N=4, E=8, H=64, epochs=3, B=64, lr=5e-3, **options):
    """A window model trained on a source: (model, Fit); further options (evaluate, evaluate_every) are those of train."""
    model = WindowLanguageModel(source.V, N, E, H)
    chunks = _window_batches(source.train, N, B, epochs, rng)
    return model, train(model, model.init(rng), chunks, Adam(lr), progress=False, **options)


def window_bits(source, rng, **options):
    """Test bits per token of a window model; options as in train_window."""
    model, fit = train_window(source, rng, **options)
    return bits(-np.mean(model.log_prob(fit.params, source.test)))


def train_recurrent(source, cell, rng, H=32, E=None, epochs=3, B=32, T=32, lr=5e-3):
    """A recurrent model trained on a source, with the state carried from chunk to chunk: (model, Fit)."""
    model = RecurrentLanguageModel(cell, source.V, H, E)
    chunks = ((*chunk, k == 0) for _ in range(epochs) for k, chunk in enumerate(batches(source.train, B, T)))
    return model, train(model, model.init(rng), chunks, Adam(lr), progress=False)


def exact_window_bits(process, model, params):
    """Bits per token of a window model over all V**N windows of a process, each weighted with its exact probability.

    There is no test text, hence no luck: the number is never below process.h(N), and equal to it only for the best model.
    """
    p = process.block_probabilities(model.N + 1).reshape(-1, process.V)  # p(window, next token)
    every = np.indices((process.V,) * model.N).reshape(model.N, -1).T
    logq = log_softmax(model.logits(as_dtype(params, np.float64), every))
    return bits(-np.sum(p * logq))


def recurrent_bits(source, cell, rng, **options):
    """Test bits per token of a recurrent model; options as in train_recurrent."""
    model, fit = train_recurrent(source, cell, rng, **options)
    return bits(-np.mean(model.log_prob(fit.params, source.test)))


def _window_batches(ids, N, B, epochs, rng):
    inputs, targets = windows(ids, N)
    for _ in range(epochs):
        order = rng.permutation(len(targets))
        for start in range(0, len(order) - B + 1, B):
            rows = order[start : start + B]
            yield inputs[rows], targets[rows]

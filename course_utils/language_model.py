"""A recurrent language model: tokens in, a distribution over the next token out.

    h_t = cell(onehot(w_t), h_{t-1})             (1)  or cell(E[w_t], h_{t-1}) with an embedding
    a_t = h_t W_hy + b_y                         (2)  logits of the next token
    L = mean of -log softmax(a_t)[w_{t+1}]       (3)

Tokens (T, B); h (T, B, H); logits (T, B, V). Losses are mean nats per token.
"""

from typing import NamedTuple

import numpy as np

from . import sequence
from .embedding import OneHot, lookup, lookup_backward
from .initialisers import uniform
from .losses import cross_entropy, log_softmax
from .sampling import draw, with_temperature, with_top_k
from .sequence.plan import Plans
from .sequence.stepper import Stepper
from .sequence.tape import NotRecordable

__all__ = ["LanguageModelParams", "RecurrentLanguageModel"]


class LanguageModelParams(NamedTuple):
    """Embedding (V, E), or () for one-hot input; the cell's parameters; read-out (H, V) and its bias (V,)."""

    E: np.ndarray
    cell: tuple
    W_hy: np.ndarray
    b_y: np.ndarray


class RecurrentLanguageModel:
    """A cell with a read-out over a vocabulary of V tokens; E = None feeds one-hot rows, a number an embedding."""

    def __init__(self, cell, V, H, E=None):
        self.cell, self.V, self.H, self.E = cell, V, H, E
        self._plans = Plans(cell)

    def init(self, rng, dtype=np.float32, **options):
        """Parameters; `options` go to cell.init (W_hh=orthogonal, say)."""
        s = self.H**-0.5
        table = rng.standard_normal((self.V, self.E)).astype(dtype) if self.E else ()
        cell = self.cell.init(rng, self.E or self.V, self.H, dtype=dtype, **options)
        W_hy = uniform(rng, (self.H, self.V), s).astype(dtype)
        return LanguageModelParams(table, cell, W_hy, np.zeros(self.V, dtype))

    def run(self, params, tokens, state=None):
        """Logits (T, B, V) of every next token, and the Run of the cell."""
        x = lookup(params.E, tokens) if self.E else tokens
        run = sequence.forward(self.cell, params.cell, x, state)  # (1)
        return run.h @ params.W_hy + params.b_y, run  # (2)

    def loss_and_gradients(self, params, inputs, targets, state=None, mask=None):
        """Mean loss (3), its gradients (a record like params), and the last state, to carry to the next chunk."""
        x = lookup(params.E, inputs) if self.E else np.asarray(inputs)
        plan = self._plans.of(params.cell, x)
        run = plan.forward(params.cell, x, state)  # (1)
        rows = run.h.reshape(-1, self.H)
        loss, d = cross_entropy(rows @ params.W_hy + params.b_y, *_as_rows(inputs, targets, mask))  # (2), (3)
        back = plan.backward(x, (d @ params.W_hy.T).reshape(run.h.shape))
        dE = lookup_backward(back.x, inputs, self.V) if self.E else ()
        last = type(run.last)(*map(np.array, run.last))  # a plan writes over its own at the next call
        return loss, LanguageModelParams(dE, back.p, rows.T @ d, d.sum(axis=0)), last

    def log_prob(self, params, ids, chunk=1000):
        """Log-probability in nats of every token of ids (N,) but the first, given all before it: (N - 1,)."""
        ids, state, found = np.asarray(ids), None, [np.zeros(0, params.b_y.dtype)]
        for start in range(0, len(ids) - 1, chunk):
            part = ids[start : start + chunk + 1]
            logits, run = self.run(params, part[:-1, None], state)
            state = run.last
            found.append(np.take_along_axis(log_softmax(logits[:, 0]), part[1:, None], axis=-1)[:, 0])
        return np.concatenate(found)

    def generate(self, rng, params, prompt, n, temperature=1.0, top_k=None):
        """n tokens (n,) drawn one by one after the prompt, a sequence of at least one id (ValueError if it is empty)."""
        if not len(prompt):
            raise ValueError("prompt must hold at least one token id to start from, got none")
        scaled = params._replace(
            W_hy=with_temperature(params.W_hy, temperature), b_y=with_temperature(params.b_y, temperature)
        )
        logits, run = self.run(scaled, np.asarray(prompt)[:, None])
        logits, read, tokens = logits[-1, 0].astype(np.float64), self._reader(scaled, run.last), []
        with np.errstate(over="ignore"):  # draw looks at what overflows
            for u in rng.random(n).tolist():
                tokens.append(draw(logits if top_k is None else with_top_k(logits, top_k), u))
                logits = read(tokens[-1])
        return np.array(tokens, dtype=np.int64)

    def _reader(self, params, state):
        """A function from a token to the logits (V,) of the next, which goes on from `state` with each call."""
        rows = params.E if self.E else OneHot(np.arange(self.V), self.V)
        try:
            stepper = Stepper(self.cell, params.cell, rows, state)
        except NotRecordable:
            return self._plain_reader(params, state)
        W = np.vstack([params.W_hy, params.b_y]).astype(params.W_hy.dtype)
        return lambda token: stepper.step(token).dot(W)  # (2)

    def _plain_reader(self, params, state):
        def read(token):
            nonlocal state
            logits, run = self.run(params, np.array([[token]]), state)
            state = run.last
            return logits[0, 0].astype(np.float64)

        return read


def _as_rows(inputs, targets, mask):
    """Targets and mask (T, B) as one row of T·B. Raises ValueError if their shape is not that of the inputs."""
    for name, a in (("targets", targets), ("mask", mask)):
        if a is not None and np.shape(a) != np.shape(inputs):
            raise ValueError(f"{name} must have the shape of the inputs, {np.shape(inputs)}, got {np.shape(a)}")
    return np.reshape(targets, -1), None if mask is None else np.reshape(mask, -1)

"""A language model with a fixed window: the last N tokens predict the next (Bengio, Ducharme, Vincent and Jauvin 2003).

    e = [E[w_{t-N+1}], ..., E[w_t]]              (1)  N embeddings side by side, (B, N·E)
    h = tanh(e W_eh + b_h)                       (2)  hidden layer (B, H)
    a = h W_hy + b_y                             (3)  logits (B, V)

W_eh (N·E, H) grows with the window: every position has rows of its own. Windows are integer arrays (B, N), oldest first.
"""

from typing import NamedTuple

import numpy as np

from .embedding import lookup, lookup_backward
from .initialisers import glorot
from .losses import cross_entropy, log_softmax

__all__ = ["WindowLanguageModel", "WindowParams", "windows"]


class WindowParams(NamedTuple):
    """Embedding (V, E), hidden layer (N·E, H) and (H,), read-out (H, V) and (V,)."""

    E: np.ndarray
    W_eh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


class WindowLanguageModel:
    """The model above for V tokens, a window of N, embeddings of size E, H hidden units."""

    def __init__(self, V, N, E, H):
        self.V, self.N, self.E, self.H = V, N, E, H

    def init(self, rng, dtype=np.float32):
        """Parameters: embeddings from N(0, 1), matrices by Glorot's rule, biases zero."""
        E = rng.standard_normal((self.V, self.E))
        W_eh, W_hy = glorot(rng, (self.N * self.E, self.H)), glorot(rng, (self.H, self.V))
        return WindowParams(*(a.astype(dtype) for a in (E, W_eh, np.zeros(self.H), W_hy, np.zeros(self.V))))

    def hidden(self, params, inputs):
        """The concatenated embeddings (B, N·E) and the hidden layer (B, H) for windows (B, N)."""
        e = lookup(params.E, inputs).reshape(len(inputs), -1)  # (1)
        return e, np.tanh(e @ params.W_eh + params.b_h)  # (2)

    def logits(self, params, inputs):
        """Logits (B, V) of the token after each window (B, N)."""
        _, h = self.hidden(params, inputs)
        return h @ params.W_hy + params.b_y  # (3)

    def loss_and_gradients(self, params, inputs, targets, state=None):
        """Mean loss in nats, its gradients (a record like params), and None: a window carries no state."""
        e, h = self.hidden(params, inputs)
        loss, da = cross_entropy(h @ params.W_hy + params.b_y, targets)
        du = (da @ params.W_hy.T) * (1 - h**2)
        de = (du @ params.W_eh.T).reshape(*inputs.shape, self.E)
        dE = lookup_backward(de, inputs, self.V)
        return loss, WindowParams(dE, e.T @ du, du.sum(axis=0), h.T @ da, da.sum(axis=0)), None

    def log_prob(self, params, ids, chunk=10_000):
        """Log-probability in nats of every token of ids from position N on, given the N before it: (len(ids) - N,)."""
        inputs, targets = windows(ids, self.N)
        found = []
        for start in range(0, len(targets), chunk):
            rows = log_softmax(self.logits(params, inputs[start : start + chunk]))
            found.append(np.take_along_axis(rows, targets[start : start + chunk, None], axis=-1)[:, 0])
        return np.concatenate(found)


def windows(ids, N):
    """Every window of N tokens (len - N, N) and the token after each (len - N,). Raises ValueError if ids are too short."""
    ids = np.asarray(ids)
    if N < 1 or len(ids) <= N:
        raise ValueError(f"a window of N = {N} needs N >= 1 and more than N tokens, got {len(ids)}")
    rows = np.lib.stride_tricks.sliding_window_view(ids, N + 1)
    return rows[:, :-1], rows[:, -1]

"""n-gram language models over arrays of token numbers: counting, add-k, and interpolated Kneser-Ney.

With c the counts and u the n - 1 tokens before w (fewer at the very start of a text):

    none           p(w | u) = c(u w) / c(u)                                                     (1)
    add-k          p(w | u) = (c(u w) + k) / (c(u) + k V)                                       (2)
    kneser-ney     p(w | u) = max(c(u w) - d, 0) / c(u) + d N(u ·) / c(u) · p(w | u')           (3)

u' is u without its oldest token, and N(u ·) the number of different tokens seen after u. The discount of each order is
d = n1 / (n1 + 2 n2), n1 and n2 being how many of its n-grams were counted once and twice (1/2 where n1 = 0).
Below the highest order, c is replaced by the *continuation count*, the number of different tokens seen before:
"Francisco" may be frequent, but it follows San only. The recursion ends in p(w) = 1 / V, so no token has probability 0.

Sources: H. Ney, U. Essen and R. Kneser (1994); S. F. Chen and J. Goodman (1999), section 2.7 and its notation.
"""

from typing import NamedTuple

import numpy as np

SMOOTHINGS = ("kneser-ney", "add-k", "none")


class Counts(NamedTuple):
    """All m-grams of one order, packed into one int64 key each (a number in base V), sorted."""

    grams: np.ndarray  # (G,) keys of m tokens
    count: np.ndarray  # (G,) how often, or after how many different tokens
    contexts: np.ndarray  # (C,) keys of the first m - 1 tokens
    total: np.ndarray  # (C,) sum of the counts over the last token
    kinds: np.ndarray  # (C,) number of different last tokens
    discount: float

    @classmethod
    def of(cls, grams: np.ndarray, count: np.ndarray, V: int) -> "Counts":
        contexts, first = np.unique(grams // V, return_index=True)
        total = np.add.reduceat(count, first) if len(first) else count
        kinds = np.diff(np.append(first, len(grams)))
        n1, n2 = (np.count_nonzero(count == c) for c in (1, 2))
        return cls(grams, count, contexts, total, kinds, n1 / (n1 + 2 * n2) if n1 else 0.5)


class NGram:
    """An n-gram model of V tokens: each token is predicted from the n - 1 before it.

    `smoothing` is "kneser-ney", "add-k" (with k) or "none"; n = 1 is the unigram model. Raises OverflowError where the
    V**n different n-grams cannot be numbered with 63 bits.
    """

    def __init__(self, n: int, V: int, smoothing: str = "kneser-ney", k: float = 1.0):
        if n < 1 or V < 1:
            raise ValueError(f"n, V: expected at least 1 each, got n = {n}, V = {V}.")
        if smoothing not in SMOOTHINGS:
            raise ValueError(f"smoothing: expected one of {', '.join(SMOOTHINGS)}, got {smoothing!r}.")
        if smoothing == "add-k" and not k > 0:
            raise ValueError(f"k: expected more than 0, got {k}; for no smoothing say smoothing='none'.")
        if V**n > 2**63:
            raise OverflowError(f"n, V: V**n = {V}**{n} does not fit into 63 bits; use a smaller n or fewer tokens.")
        self.n, self.V, self.smoothing, self.k = n, V, smoothing, k
        self.orders: list[Counts] = []

    def fit(self, ids: np.ndarray) -> "NGram":
        """Count the n-grams of one text (N,); returns the model itself."""
        ids = self._checked(ids)
        if len(ids) < self.n:
            raise ValueError(f"ids: expected at least n = {self.n} tokens to count, got {len(ids)}.")
        tables = [np.unique(_keys(ids, m, self.V), return_counts=True) for m in range(1, self.n + 1)]
        if self.smoothing == "kneser-ney":
            # What an order below the highest counts is how many different tokens stood before: one order up, each once.
            seen = [np.unique(grams % self.V**m, return_counts=True) for m, (grams, _) in enumerate(tables[1:], 1)]
            tables = [*seen, tables[-1]]
        self.orders = [Counts.of(grams, count, self.V) for grams, count in tables]
        return self

    @property
    def size(self) -> int:
        """How many n-grams of all orders are stored."""
        return sum(len(order.grams) for order in self._fitted())

    def probs(self, context: np.ndarray) -> np.ndarray:
        """p(next token | context), (V,); only the last n - 1 tokens of the context count, and it may be shorter.

        A context that was never seen falls back: Kneser-Ney to a shorter one, add-k and none to 1 / V.
        """
        context = self._checked(context)[max(len(context) - self.n + 1, 0) :]
        m = len(context) + 1
        key = int(_keys(context, m - 1, self.V)[0]) if m > 1 else 0
        return self._score(key * self.V + np.arange(self.V), m)

    def log_prob(self, ids: np.ndarray) -> np.ndarray:
        """log p of each token given those before it, in nats, (N,); the first n - 1 have shorter contexts."""
        ids = self._checked(ids)
        p = np.empty(len(ids))
        for t in range(min(self.n - 1, len(ids))):
            p[t] = self._score(_keys(ids[: t + 1], t + 1, self.V), t + 1)[0]
        if len(ids) >= self.n:
            p[self.n - 1 :] = self._score(_keys(ids, self.n, self.V), self.n)
        with np.errstate(divide="ignore"):
            return np.log(p)

    def cross_entropy(self, ids: np.ndarray) -> float:
        """Mean nats per token; infinite if an unsmoothed model meets an n-gram that it never saw."""
        if len(ids) == 0:
            raise ValueError("ids: expected at least one token, got none.")
        return float(-self.log_prob(ids).mean())

    def sample(self, rng: np.random.Generator, n: int, context: np.ndarray = ()) -> np.ndarray:
        """n tokens in a row, int64 (n,), going on from `context`."""
        ids = [int(i) for i in self._checked(context)]
        for u in rng.random(n):
            cdf = np.cumsum(self.probs(np.array(ids[max(len(ids) - self.n + 1, 0) :], np.int64)))
            ids.append(int(np.searchsorted(cdf, u * cdf[-1], side="right")))
        return np.array(ids[len(ids) - n :], np.int64)

    def _score(self, keys, m):
        """p of the last token of each key of m tokens given the m - 1 before it."""
        orders = self._fitted()
        if self.smoothing == "kneser-ney":
            p = np.full(len(keys), 1 / self.V)
            for j, order in enumerate(orders[:m], 1):
                p = _interpolated(order, keys % self.V**j if j < m else keys, self.V, p)
            return p
        k = self.k if self.smoothing == "add-k" else 0.0
        order = orders[m - 1]
        total = _look_up(order.contexts, order.total, keys // self.V) + k * self.V  # (1), (2)
        count = _look_up(order.grams, order.count, keys) + k
        return np.divide(count, total, out=np.full(len(keys), 1 / self.V), where=total > 0)

    def _fitted(self):
        if not self.orders:
            raise ValueError("the model has counted nothing yet; call fit(ids) first.")
        return self.orders

    def _checked(self, ids):
        ids = np.asarray(ids)
        if ids.ndim != 1 or (ids.size and not np.issubdtype(ids.dtype, np.integer)):
            raise TypeError(f"ids: expected integers of shape (N,), got {ids.dtype} of shape {ids.shape}.")
        if ids.size and (ids.min() < 0 or ids.max() >= self.V):
            raise ValueError(f"ids: expected numbers from 0 to V - 1 = {self.V - 1}, got {ids.min()} to {ids.max()}.")
        return ids.astype(np.int64)


def _interpolated(order, keys, V, lower):
    """One order of Kneser-Ney over the probabilities of the order below; contexts never seen keep those.  (3)"""
    total = _look_up(order.contexts, order.total, keys // V)
    kinds = _look_up(order.contexts, order.kinds, keys // V)
    count = _look_up(order.grams, order.count, keys)
    mixed = np.maximum(count - order.discount, 0) + order.discount * kinds * lower
    return np.divide(mixed, total, out=lower.copy(), where=total > 0)


def _keys(ids, m, V):
    """Every m tokens in a row as one number in base V, (N - m + 1,)."""
    keys = np.zeros(len(ids) - m + 1, np.int64)
    for j in range(m):
        keys = keys * V + ids[j : j + len(keys)]
    return keys


def _look_up(table, values, keys):
    """The value of each key in a sorted table, 0 where it is missing."""
    at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[at] == keys, values[at], 0)

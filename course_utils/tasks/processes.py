"""Three sources of 0s and 1s whose entropy is known, and whose memory differs: "is 1.59 good?" gets an answer.

A hidden-Markov source walks over S states. In each step it writes one symbol and goes on to a state:

    T[v][i, j] = p(write v and go to j | in i)                      V matrices (S, S)
    π = π Σ_v T[v]                                                  the stationary distribution of the states
    p(x_1 ... x_n) = π T[x_1] ... T[x_n] 1                          the forward algorithm
    H(L) = - Σ_{x_1 ... x_L} p log2 p,   h(k) = H(k + 1) - H(k)     bits

h(k) is the entropy of the next symbol given the k symbols before it: the best that a window of k can reach.
An n-gram model sees n - 1 symbols, so its floor is h(n - 1); h(0) is the best unigram.
h(k) falls with k towards the entropy rate, 2/3 bit for all three, a perplexity of 2**(2/3) = 1.5874.
For the golden mean h(1) is there already, so a bigram suffices; for the even process no finite k is (h(12) = 0.6706);
RRXOR hides its phase (h(12) = 0.7069).

Source: J. P. Crutchfield and D. P. Feldman, Regularities unseen, randomness observed (2003);
there h_μ(L) = H(L) - H(L - 1), so that our h(k) is their h_μ(k + 1).
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Process:
    """A stationary source: `T` (V, S, S), one matrix for each symbol; a state and a symbol settle the next state."""

    name: str
    T: np.ndarray

    def __post_init__(self):
        T = np.array(self.T, dtype=float)
        if T.ndim != 3 or T.shape[1] != T.shape[2]:
            raise ValueError(f"T: expected shape (V, S, S), got {T.shape}; give one square matrix for each symbol.")
        if (T < 0).any() or not np.allclose(T.sum(axis=(0, 2)), 1, atol=1e-12):
            raise ValueError(f"T: expected each state to leave with probability 1, got {T.sum(axis=(0, 2))}.")
        if ((T > 0).sum(axis=2) > 1).any():
            raise ValueError(
                "T: expected one next state for each state and symbol; otherwise the entropy rate is not exact."
            )
        T.setflags(write=False)
        object.__setattr__(self, "T", T)

    def __str__(self) -> str:
        return self.name

    @property
    def V(self) -> int:
        """How many symbols there are."""
        return self.T.shape[0]

    @cached_property
    def stationary(self) -> np.ndarray:
        """π (S,): how often each state is visited in the long run."""
        P = self.T.sum(axis=0)
        S = len(P)
        equations = np.vstack([(P - np.eye(S)).T, np.ones(S)])
        return np.linalg.lstsq(equations, np.append(np.zeros(S), 1), rcond=None)[0]

    @cached_property
    def entropy_rate(self) -> float:
        """Bits per symbol once the state is known, averaged over the states: the floor under every model."""
        return float(self.stationary @ _entropy(self.T.sum(axis=2).T))

    def block_probabilities(self, L: int) -> np.ndarray:
        """p(x_1 ... x_L) of every block, exactly, (V,) * L: entry [x_1, ..., x_L]."""
        if L < 0 or self.V**L > 2**22:
            raise ValueError(
                f"L: expected 0 to {int(22 / np.log2(self.V))}, got {L}; every one of V**L blocks is visited."
            )
        alpha = self.stationary  # (V,) * (symbols so far) + (S,)
        for _ in range(L):
            alpha = np.stack([alpha @ T_v for T_v in self.T], axis=-2)
        return alpha.sum(axis=-1)

    def block_entropy(self, L: int) -> float:
        """H(L) in bits, exactly, by walking through all V**L blocks."""
        return float(_entropy(self.block_probabilities(L).ravel()))

    def h(self, k: int) -> float:
        """Bits for the next symbol given the k symbols before it, best used; an n-gram model can reach h(n - 1)."""
        if k < 0:
            raise ValueError(f"k: expected at least 0 (nothing seen), got {k}.")
        return self.block_entropy(k + 1) - self.block_entropy(k)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n symbols in a row, int64 (n,), from a state drawn from the stationary distribution."""
        cdf = [list(row) for row in self._cdf]
        target = [list(row) for row in self._target]
        state = int(rng.choice(len(self.stationary), p=self.stationary))
        out = np.empty(n, np.int64)
        for t, u in enumerate(rng.random(n)):
            out[t] = v = bisect_right(cdf[state], u)
            state = target[state][v]
        return out

    def sample_batch(self, rng: np.random.Generator, T: int, B: int) -> np.ndarray:
        """B independent sequences side by side, int64 (T, B), time-major."""
        state = rng.choice(len(self.stationary), size=B, p=self.stationary)
        out = np.empty((T, B), np.int64)
        for t, u in enumerate(rng.random((T, B))):
            out[t] = (u[:, None] >= self._cdf[state]).sum(axis=1)
            state = self._target[state, out[t]]
        return out

    def predict(self, ids: np.ndarray) -> np.ndarray:
        """p(next symbol | the whole past), exactly: from ids (T, ...) to (T, ..., V); row t has seen ids[:t] only.

        Raises ValueError at the first symbol that cannot follow what came before it.
        """
        ids = self._checked(ids)
        write = self.T.sum(axis=2).T  # (S, V)
        belief = np.broadcast_to(self.stationary, (*ids.shape[1:], len(write)))
        p = np.empty((*ids.shape, self.V))
        for t, x_t in enumerate(ids):
            p[t] = belief @ write
            belief = (belief[..., None, :] @ self.T[x_t])[..., 0, :]
            total = belief.sum(axis=-1, keepdims=True)
            if (total <= 0).any():
                raise ValueError(f"ids: the symbol at position {t} cannot occur there in the {self.name} process.")
            belief = belief / total
        return p

    def optimal_log2loss(self, ids: np.ndarray) -> np.ndarray:
        """Bits that the best predictor pays for each symbol, shaped as ids; their mean tends to `entropy_rate`."""
        p = np.take_along_axis(self.predict(ids), np.asarray(ids)[..., None], axis=-1)
        return -np.log2(p[..., 0])

    @cached_property
    def _cdf(self):
        return np.cumsum(self.T.sum(axis=2).T, axis=1)[:, :-1]  # (S, V - 1)

    @cached_property
    def _target(self):
        return self.T.argmax(axis=2).T  # (S, V)

    def _checked(self, ids):
        ids = np.asarray(ids)
        if ids.size and not (np.issubdtype(ids.dtype, np.integer) and ids.min() >= 0 and ids.max() < self.V):
            raise ValueError(f"ids: expected integers from 0 to {self.V - 1}, got {ids.dtype} {np.unique(ids)[:5]}.")
        return ids


def _entropy(p):
    """- Σ p log2 p over the last axis, in bits, with 0 log 0 = 0."""
    return -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=-1)


def _process(name, S, arrows):
    """A process from its arrows (state, symbol, probability, next state)."""
    T = np.zeros((2, S, S))
    for state, symbol, probability, following in arrows:
        T[symbol, state, following] = probability
    return Process(name, T)


GOLDEN_MEAN = _process("golden mean", 2, [(0, 1, 0.5, 0), (0, 0, 0.5, 1), (1, 1, 1.0, 0)])  # never two 0s in a row
EVEN = _process("even", 2, [(0, 0, 0.5, 0), (0, 1, 0.5, 1), (1, 1, 1.0, 0)])  # 1s come in runs of even length

# Two coin tosses, then their exclusive or. States: nothing yet, saw a 0, saw a 1, must write 0, must write 1.
_FIRST_TOSS = [(0, 0, 0.5, 1), (0, 1, 0.5, 2)]
_SECOND_TOSS = [(1, 0, 0.5, 3), (1, 1, 0.5, 4), (2, 0, 0.5, 4), (2, 1, 0.5, 3)]
_EXCLUSIVE_OR = [(3, 0, 1.0, 0), (4, 1, 1.0, 0)]
RRXOR = _process("RRXOR", 5, _FIRST_TOSS + _SECOND_TOSS + _EXCLUSIVE_OR)

PROCESSES = {process.name: process for process in (GOLDEN_MEAN, EVEN, RRXOR)}

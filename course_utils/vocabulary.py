"""From text to numbers and back, and from one long array of numbers to chunks to learn from.

vocabulary = Vocabulary.from_text("hello")        # e h l o
ids = vocabulary.encode("hole")                   # [1, 3, 2, 0]
train, validation, test = split(ids)
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Vocabulary:
    """Symbols with a number each: the number is the place in `symbols`.

    `unknown` (one of the symbols, or None) stands for every symbol that is not listed.
    `joined` says that the symbols are characters, so that `decode` gives a text and not a list.
    """

    symbols: tuple[str, ...]
    unknown: str | None = None
    joined: bool = False
    ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "symbols", tuple(self.symbols))
        object.__setattr__(self, "ids", {symbol: i for i, symbol in enumerate(self.symbols)})
        if len(self.ids) != len(self.symbols):
            twice = next(s for s, n in Counter(self.symbols).items() if n > 1)
            raise ValueError(f"symbols: expected each symbol once, got {twice!r} more than once; list it once.")
        if self.unknown is not None and self.unknown not in self.ids:
            raise ValueError(f"unknown: expected one of the symbols, got {self.unknown!r}; add it to symbols.")

    @classmethod
    def from_text(cls, text: str) -> "Vocabulary":
        """The characters of a text, sorted."""
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, got {type(text).__name__}; for words use Vocabulary.from_tokens.")
        return cls(tuple(sorted(set(text))), joined=True)

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], min_count: int = 1, unknown: str | None = "<unk>") -> "Vocabulary":
        """The words that occur at least `min_count` times, sorted, after `unknown` (which gets number 0)."""
        if isinstance(tokens, str):
            raise TypeError(
                "tokens: expected a list of words, got one str; split it first, or use Vocabulary.from_text."
            )
        kept = {token for token, n in Counter(tokens).items() if n >= min_count} - {unknown}
        first = () if unknown is None else (unknown,)
        return cls(first + tuple(sorted(kept)), unknown=unknown)

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.ids

    def encode(self, symbols: Iterable[str]) -> np.ndarray:
        """Numbers, int64 (N,), of a text or of a list of words.

        Raises ValueError at a symbol that is not listed, if there is no `unknown` to stand for it.
        """
        if isinstance(symbols, str) and not self.joined:
            raise TypeError("symbols: expected a list of words, got one str; split it first.")
        symbols = list(symbols)
        other = -1 if self.unknown is None else self.ids[self.unknown]
        out = np.fromiter((self.ids.get(s, other) for s in symbols), np.int64, len(symbols))
        if (out < 0).any():
            at = int(np.argmax(out < 0))
            raise ValueError(
                f"symbols: {symbols[at]!r} at position {at} is not among the {len(self)} symbols of this vocabulary; "
                "build the vocabulary from a text that holds it, or leave it out."
            )
        return out

    def decode(self, ids: Iterable[int]) -> str | list[str]:
        """The text (characters) or the list of words with these numbers."""
        ids = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        if ids.size and not np.issubdtype(ids.dtype, np.integer):
            raise TypeError(
                f"ids: expected integers, got {ids.dtype}; scores are not ids, take argmax or a sample first."
            )
        outside = (ids < 0) | (ids >= len(self))
        if outside.any():
            at = int(np.argmax(outside))
            raise ValueError(f"ids: expected numbers from 0 to {len(self) - 1}, got {ids[at]} at position {at}.")
        symbols = [self.symbols[i] for i in ids]
        return "".join(symbols) if self.joined else symbols


class Split(NamedTuple):
    """Three neighbouring pieces of one array: learn on the first, choose on the second, report the third once."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(ids: np.ndarray, fractions: Sequence[float] = (0.8, 0.1, 0.1)) -> Split:
    """Cut an array into contiguous train, validation and test parts; together they are the whole, in order."""
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(f"fractions: expected three shares that sum to 1, got {tuple(fractions)}.")
    first = round(fractions[0] * len(ids))
    second = round((fractions[0] + fractions[1]) * len(ids))
    return Split(ids[:first], ids[first:second], ids[second:])


def batches(ids: np.ndarray, B: int, T: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Time-major chunks (inputs (T, B), targets (T, B)) of B parallel streams; a target is the next input.

    The array is cut into B contiguous streams. Row b of each chunk goes on where row b of the chunk before ended,
    so that the state of a network can be carried from chunk to chunk. The last chunk may be shorter than T;
    at most B - 1 tokens at the very end are not used.
    """
    ids = np.asarray(ids)
    for name, value in (("B", B), ("T", T)):
        if value < 1:
            raise ValueError(f"{name}: expected at least 1, got {value}.")
    if ids.ndim != 1:
        raise ValueError(f"ids: expected one axis (N,), got shape {ids.shape}; join the sequences first.")
    if len(ids) < B + 1:
        raise ValueError(f"ids: expected at least B + 1 = {B + 1} tokens, got {len(ids)}; use fewer streams B.")
    return _chunks(ids, B, T)


def _chunks(ids, B, T):
    length = (len(ids) - 1) // B
    inputs = ids[: B * length].reshape(B, length).T  # (length, B)
    targets = ids[1 : B * length + 1].reshape(B, length).T
    for t in range(0, length, T):
        yield inputs[t : t + T], targets[t : t + T]

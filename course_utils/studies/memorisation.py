"""Has a model learned, or copied? How long a piece of its text stands word for word in the text that it was trained on.

Any two texts in one language share short pieces, so the number means little alone: compare with a text that the model
has never seen, and has not written.
"""

from typing import NamedTuple

__all__ = ["Run", "longest_verbatim_run"]


class Run(NamedTuple):
    """A piece that stands in both texts, and where it begins in each."""

    text: str
    in_sample: int
    in_source: int


def longest_verbatim_run(sample: str, source: str) -> Run:
    """The longest piece of `sample` that stands in `source` as it is; the first of equals, empty if they share nothing.

    >>> longest_verbatim_run("a cat sat here", "the cat sat down")
    Run(text=' cat sat ', in_sample=1, in_source=3)
    """
    best = Run("", 0, 0)
    for start in range(len(sample)):
        end = start + len(best.text) + 1
        while end <= len(sample) and (at := source.find(sample[start:end])) >= 0:
            best, end = Run(sample[start:end], start, at), end + 1
    return best

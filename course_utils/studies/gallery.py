"""Five texts of five kinds for a character model to imitate, and their samples side by side.

All but the verse are on every machine that runs the course; the verse is fetched, and made up where it cannot be.
"""

from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import corpora
from ..tasks.markup import markup
from ..tasks.verse import verse

__all__ = ["Text", "c_headers", "in_columns", "texts", "verse_or_made_up"]


class Text(NamedTuple):
    """A text, what kind it is of, and where it comes from."""

    kind: str
    text: str
    origin: str


def texts(rng: np.random.Generator, n_chars: int = 300_000) -> list[Text]:
    """Verse, Python source, C headers, LaTeX-like markup and names; each at most n_chars characters."""
    verse_text, origin = verse_or_made_up(rng, n_chars)
    names = sorted({name.name for name in corpora.names()})
    return [
        Text("verse", verse_text, origin),
        Text("Python", corpora.library_source(n_chars), "this Python's library"),
        Text("C", c_headers(n_chars), "NumPy's headers"),
        Text("markup", markup(rng, n_chars), "made up by tasks.markup"),
        Text("names", "\n".join(rng.permutation(names))[:n_chars] + "\n", "datasets/names.csv"),
    ]


def verse_or_made_up(rng: np.random.Generator, n_chars: int) -> tuple[str, str]:
    """Shakespeare if the download is there or can be had, else ballads made up by a rule; and which of the two it is."""
    try:
        return corpora.read_text("tiny_shakespeare")[:n_chars], "Shakespeare, downloaded"
    except corpora.DataError:
        return verse(rng, n_chars), "ballads by tasks.verse, no network"


def c_headers(n_chars: int = 300_000) -> str:
    """The first n_chars characters of the C headers that NumPy installs, in alphabetical order; fewer if there are fewer."""
    found = sorted(Path(np.get_include()).rglob("*.h"))
    pieces = (path.read_bytes() for path in found)
    return "".join(p.decode("ascii").replace("\r\n", "\n") for p in pieces if p.isascii())[:n_chars]


def in_columns(pieces: dict[str, str], width: int = 27, height: int = 12, gap: str = " | ") -> str:
    """Texts side by side under their titles: the first `height` lines of each, broken at `width` characters at most."""
    columns = [[title, "-" * width, *_shown(text, width)[:height]] for title, text in pieces.items()]
    rows = zip_longest(*columns, fillvalue="")
    return "\n".join(gap.join(f"{cell:{width}.{width}}" for cell in row).rstrip() for row in rows)


def _shown(text, width):
    """Lines no longer than `width`: a longer one goes on in the next; characters that print as nothing become a dot."""
    lines = ("".join(c if c.isprintable() else "." for c in line) for line in text.expandtabs(4).split("\n"))
    return [piece for line in lines for piece in _broken(line, width)]


def _broken(line, width):
    """Pieces of a line, broken after the last space that leaves a piece more than half full, else inside a word."""
    pieces = []
    while len(line) > width:
        space = line.rfind(" ", width // 2, width + 1)
        cut = width if space < 0 else space + 1
        pieces.append(line[:cut].rstrip())
        line = line[cut:]
    return [*pieces, line]

"""Verse without a download: ballad stanzas of four lines, 8, 6, 8 and 6 syllables, the second and fourth rhyming.

Written by a few patterns from short lists of words, for a character model to learn line breaks, metre and rhyme from when
no real verse is at hand. It makes no more sense than it has to.
"""

import numpy as np

__all__ = ["RHYMES", "rhyme_of", "stanza", "verse"]

WORDS = {
    "n": "ship crow king storm bell wolf fox rose stone cloud child ghost road star hill oak moth lark",
    "v": "sailed slept sang wept burned leaned stood spoke sank rose turned danced hid fell called",
    "q": "old grey cold small pale lost bright slow wild lame dark poor proud last",
    "p": "above across beside along beneath around beyond behind",
}
WORDS = {kind: words.split() for kind, words in WORDS.items()}
RHYMES = [
    words.split()
    for words in (
        "sea tree key bee lea",
        "night light sight flight height",
        "day bay clay hay way",
        "rain lane plain grain train",
        "shore door moor floor oar",
        "stream dream gleam beam team",
    )
]
LONG = (
    "the {q} {n} {v} {p} the {m},",
    "o tell me, tell me where you {v},",
    "and when the {n} {v} {p} the {m}",
    "there was a {n} that {v} so {q},",
)
SHORT = (
    "and dreamed {p} the {r}",
    "and never saw the {r}",
    "as {q} as {n} and {r}",
    "but no one knew the {r}",
    "and followed to the {r}",
)


def stanza(rng: np.random.Generator) -> str:
    """Four lines, the first letter of each a capital."""
    second, fourth = rng.permutation(RHYMES[rng.integers(len(RHYMES))])[:2]
    lines = [_line(rng, LONG), _line(rng, SHORT, second) + ",", _line(rng, LONG), _line(rng, SHORT, fourth) + "."]
    return "".join(line[0].upper() + line[1:] + "\n" for line in lines)


def verse(rng: np.random.Generator, n_chars: int) -> str:
    """Stanzas with an empty line between them, cut to n_chars characters."""
    if n_chars < 1:
        raise ValueError(f"n_chars: expected at least 1, got {n_chars}.")
    pieces, length = [], 0
    while length < n_chars:
        pieces.append(stanza(rng))
        length += len(pieces[-1]) + 1
    return "\n".join(pieces)[:n_chars]


def rhyme_of(word: str) -> int | None:
    """The number of the rhyme that a word belongs to, or None."""
    return next((k for k, words in enumerate(RHYMES) if word in words), None)


def _line(rng, patterns, rhyme=""):
    drawn = {kind: words[rng.integers(len(words))] for kind, words in WORDS.items()}
    others = [word for word in WORDS["n"] if word != drawn["n"]]
    pattern = patterns[rng.integers(len(patterns))]
    return pattern.format(**drawn, m=others[rng.integers(len(others))], r=rhyme)

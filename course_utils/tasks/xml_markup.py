"""Well-formed markup: tags open, and close in the opposite order. <etdomp><pegs></pegs><auth></auth></etdomp>

While no tag is open, one opens. While the greatest depth is reached, the innermost closes. Else either happens with
probability 1/2. A name has 2 to 10 letters, all lengths and all letters alike.

Much of such a text is a matter of chance, and all the rest is settled by what was read: in a closing tag every letter, but
only for a reader who has kept the name that is still open. `best_guess` is that reader.

Source: Jozefowicz, Zaremba and Sutskever 2015, who print spaces between the tags and end a text by chance; here it goes on.
"""

import string

import numpy as np

from ..vocabulary import Vocabulary

__all__ = ["DEPTH", "VOCABULARY", "best_guess", "markup"]

VOCABULARY = Vocabulary(tuple("</>" + string.ascii_lowercase), joined=True)
DEPTH = 4
SHORTEST, LONGEST = 2, 10


def markup(rng, n_chars, depth=DEPTH, longest=LONGEST, letters=string.ascii_lowercase):
    """The first n_chars characters of a random text with at most `depth` tags open at once.

    A smaller task has shorter names (of 2 to `longest` letters) or fewer `letters`.
    """
    for name, value in (("n_chars", n_chars), ("depth", depth)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    pieces, length, open_tags = [], 0, []
    while length < n_chars:
        closes = len(open_tags) == depth or (open_tags and rng.random() < 0.5)
        if closes:
            piece = f"</{open_tags.pop()}>"
        else:
            open_tags.append(_name(rng, longest, letters))
            piece = f"<{open_tags[-1]}>"
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)[:n_chars]


def best_guess(text):
    """The most likely next character after each character of a text from its start: a string of the same length.

    Where all letters are alike it says "a". Raises ValueError for a text that `markup` does not write.
    """
    guesses, open_tags, tag = [], [], ""
    for c in text:
        tag = c if c == "<" else tag + c
        if c == ">":
            _close(open_tags, tag[2:-1]) if tag[1] == "/" else open_tags.append(tag[1:-1])
        guesses.append(_guess(tag, open_tags))
    return "".join(guesses)


def _guess(tag, open_tags):
    if tag.endswith(">"):
        return "<"
    if tag == "<":
        return "/" if open_tags else "a"
    if tag[1] == "/":
        return f"{open_tags[-1]}>"[len(tag) - 2]
    return ">" if len(tag) > SHORTEST else "a"  # from two letters on the end is likelier than any one letter


def _close(open_tags, name):
    if not open_tags or open_tags.pop() != name:
        raise ValueError(f"text must close the tag that was opened last, got </{name}>")


def _name(rng, longest, letters):
    return "".join(rng.choice(list(letters), rng.integers(SHORTEST, longest + 1)))

r"""LaTeX-like markup: environments that open and close, braces in formulas, and a judge of whether they match.

Nothing here is meant to be typeset. What a character model has to learn is the form: \begin{name} wants its \end{name},
{ wants }, $ comes in pairs.
"""

import re
from typing import NamedTuple

import numpy as np

__all__ = ["Matching", "markup", "matching"]


NAMES = "alpha beta gamma delta lambda mu phi sigma omega"
PLAIN = "the a map space group set proof bound limit sum norm basis ring field path class is has of in for with"
WORDS, LETTERS = PLAIN.split(), [*"abcdefghknmprstuvwxyz", *("\\" + name for name in NAMES.split())]
LISTS = ("itemize", "enumerate")
BLOCKS = ("theorem", "lemma", "proof", "remark")
SYMBOL = re.compile(r"\\begin\{(\w*)\}|\\end\{(\w*)\}")


class Matching(NamedTuple):
    """How many environments were opened, and how many of the closings named the one that was open."""

    opened: int
    closed: int
    closed_right: int


def markup(rng: np.random.Generator, n_chars: int) -> str:
    """Sections of text, lists and formulas, cut to n_chars characters."""
    if n_chars < 1:
        raise ValueError(f"n_chars: expected at least 1, got {n_chars}.")
    pieces, length = [], 0
    while length < n_chars:
        heading = f"\\section{{{_words(rng, 2, 4)}}}\n"
        pieces.append(heading + "".join(_block(rng, depth=0) for _ in range(rng.integers(2, 5))) + "\n")
        length += len(pieces[-1])
    return "".join(pieces)[:n_chars]


def matching(text: str) -> Matching:
    r"""Read \begin and \end in order, with a stack; a closing that names another environment closes nothing."""
    stack, opened, closed, right = [], 0, 0, 0
    for begin, end in SYMBOL.findall(text):
        if begin:
            stack.append(begin)
            opened += 1
        else:
            closed += 1
            if stack and stack[-1] == end:
                stack.pop()
                right += 1
    return Matching(opened, closed, right)


def _block(rng, depth):
    kind = rng.random()
    if kind < 0.4 or depth == 2:
        return _sentence(rng)
    if kind < 0.6:
        return _environment("equation", "  " * depth + _formula(rng, 2) + "\n", depth)
    if kind < 0.8:
        items = (f"{'  ' * depth}\\item {_sentence(rng)}" for _ in range(rng.integers(2, 4)))
        return _environment(_choice(rng, LISTS), "".join(items), depth)
    return _environment(_choice(rng, BLOCKS), _sentence(rng) + _block(rng, depth + 1), depth)


def _environment(name, body, depth):
    return f"\\begin{{{name}}}\n{body}\\end{{{name}}}\n"


def _sentence(rng):
    text = f"{_words(rng, 2, 6)} ${_formula(rng, 1)}$ {_words(rng, 1, 5)}.\n"
    return text[0].upper() + text[1:]


def _formula(rng, depth):
    kind = rng.random() if depth else 1.0
    if kind < 0.25:
        return f"\\frac{{{_formula(rng, depth - 1)}}}{{{_formula(rng, depth - 1)}}}"
    if kind < 0.45:
        return f"\\sqrt{{{_formula(rng, depth - 1)}}}"
    if kind < 0.7:
        return f"{_choice(rng, LETTERS)}_{{{_formula(rng, depth - 1)}}}"
    if kind < 0.95:
        return f"{_formula(rng, depth - 1)} = {_formula(rng, depth - 1)}"
    return _choice(rng, LETTERS)


def _words(rng, low, high):
    return " ".join(_choice(rng, WORDS) for _ in range(rng.integers(low, high)))


def _choice(rng, options):
    return options[rng.integers(len(options))]

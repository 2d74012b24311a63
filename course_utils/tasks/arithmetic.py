"""Sums to read past distractors and to answer digit by digit: 3e36d9-h1h39f94eeh43keg3c=-13991064.

    3 e3 6 d9 - h1 h3 9 f9 4 eeh4 3 keg3 c =      3369 - 13994433, with letters strewn in that mean nothing
    -13991064.                                    the answer; the full stop ends it

A number has 1 to `digits` digits, all lengths alike, and does not begin with 0 unless it is 0. A sign, + or -, joins the
two; the first may carry a minus. After every character of the question come 0 to 3 letters. The model reads everything,
its targets are marked after "=" only: while it writes a digit, it has seen the right ones before it.

Source: Jozefowicz, Zaremba and Sutskever 2015, with 8 digits and these 40 symbols. How many letters come is not printed
there; 0 to 3, evenly, suits their example.
"""

import string
from typing import NamedTuple

import numpy as np

from ..vocabulary import Vocabulary

__all__ = ["VOCABULARY", "Problem", "batch", "batches", "problem", "solve"]

VOCABULARY = Vocabulary(tuple("+-.=" + string.digits + string.ascii_lowercase), joined=True)
LETTERS = 3  # at most, after each character


class Problem(NamedTuple):
    """A question up to its "=", and the answer with its full stop."""

    question: str
    answer: str


def problem(rng, digits=8):
    """One Problem with numbers of at most `digits` digits, 1 to 8."""
    if not isinstance(digits, int | np.integer) or not 1 <= digits <= 8:
        raise ValueError(f"digits must be a whole number from 1 to 8, got {digits!r}")
    plain = rng.choice(["", "-"]) + _number(rng, digits) + rng.choice(["+", "-"]) + _number(rng, digits)
    letters = rng.choice(list(string.ascii_lowercase), (len(plain), LETTERS))
    counts = rng.integers(0, LETTERS + 1, len(plain))
    strewn = (c + "".join(row[:k]) for c, row, k in zip(plain, letters, counts, strict=True))
    question = "".join(strewn) + "="
    return Problem(question, f"{solve(question)}.")


def solve(question):
    """The number that a question asks for, by leaving its letters out.

    >>> solve("3e36d9-h1h39f94eeh43keg3c=")
    -13991064
    """
    plain = "".join(c for c in question if not c.islower()).removesuffix("=")
    at = max(plain.rfind("+"), plain.rfind("-"))
    if at < 1 or not plain[at + 1 :].isdigit() or not plain[:at].removeprefix("-").isdigit():
        raise ValueError(f"question must be two numbers joined by + or -, with letters between, got {question!r}")
    return int(plain[:at]) + int(plain[at:])


def batch(problems):
    """Inputs and targets (T, B), time-major, T as long as the longest needs; targets are -1 but in the answers."""
    rows = [(VOCABULARY.encode(q + a), len(q)) for q, a in problems]
    T = max(len(ids) for ids, _ in rows) - 1
    inputs, targets = np.full((T, len(rows)), VOCABULARY.ids["."]), np.full((T, len(rows)), -1)
    for b, (ids, start) in enumerate(rows):
        inputs[: len(ids) - 1, b] = ids[:-1]
        targets[start - 1 : len(ids) - 1, b] = ids[start:]
    return inputs, targets


def batches(rng, B, digits=8):
    """Fresh batches without end for course_utils.training: (inputs, targets, fresh), all of the greatest length."""
    T = longest(digits)
    while True:
        inputs, targets = batch([problem(rng, digits) for _ in range(B)])
        more = ((0, T - len(inputs)), (0, 0))
        yield np.pad(inputs, more, constant_values=VOCABULARY.ids["."]), np.pad(targets, more, constant_values=-1), True


def longest(digits):
    """The most steps that a problem can take: question and answer, less one."""
    return (2 * digits + 2) * (1 + LETTERS) + 1 + (digits + 3) - 1


def _number(rng, digits):
    size = int(rng.integers(1, digits + 1))
    return str(rng.integers(10 ** (size - 1) if size > 1 else 0, 10**size))

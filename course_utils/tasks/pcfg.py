"""The engine under the grammar corpus: a probabilistic grammar whose every number is exact.

A grammar rewrites symbols by rules with probabilities until only words are left. Read from left to right, the symbols
still to be rewritten are the whole memory, a *stack*; the forward algorithm carries a probability for each stack that
the words so far allow. If no text has two derivations (`ambiguity` looks for one, over all texts at once), the entropy
of texts is the entropy of derivations, and that follows from the rules:

    H(A) = Σ_r p_r (- log2 p_r + Σ_{B in r} H(B))        for a symbol A with rules r: a linear system
"""

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from itertools import accumulate
from math import log
from typing import NamedTuple

import numpy as np


class Derivation(NamedTuple):
    """How one text came to be: the words, the class each was drawn from, the phrases and the probability."""

    words: tuple[str, ...]
    classes: tuple[str, ...]
    phrases: tuple[tuple[str, int, int], ...]  # (symbol, first word, one past the last word)
    log_prob: float  # nats


class Grammar:
    """Rules `{symbol: {"right hand side": probability}}` and classes `{class: {word: probability}}`."""

    def __init__(self, rules: dict, classes: dict, start: str):
        self.start, self.classes = start, classes
        self.rules = {a: [(tuple(text.split()), p) for text, p in options.items()] for a, options in rules.items()}
        for symbol, options in {**rules, **classes}.items():
            if abs(sum(options.values()) - 1) > 1e-9:
                raise ValueError(f"{symbol}: expected probabilities that sum to 1, got {sum(options.values())}.")
        used = {b for options in self.rules.values() for right, _ in options for b in right} | {start}
        if unknown := sorted(b for b in used if b not in self.rules and _class(b) not in classes):
            raise ValueError(f"rules: {unknown[0]!r} has neither a rule nor a list of words; add one.")
        self._cdfs = {a: list(accumulate(options.values()))[:-1] for a, options in {**rules, **classes}.items()}
        self._options = self.rules | {c: list(words.items()) for c, words in classes.items()}
        self._arcs = {}

    def derive(self, rng: np.random.Generator) -> Derivation:
        """Draw one derivation."""
        words, classes, phrases, log_prob = [], [], [], 0.0
        agenda = [(self.start, None)]  # symbols to rewrite, and phrases to close that were opened at a word
        while agenda:
            symbol, opened = agenda.pop()
            if opened is not None:
                phrases.append((symbol, opened, len(words)))
                continue
            drawn, p = self._draw(symbol, rng)
            log_prob += log(p)
            if symbol in self.rules:
                agenda.append((symbol, len(words)))
                agenda.extend((child, None) for child in reversed(drawn))
            else:
                words.append(drawn)
                classes.append(symbol)
        filled = tuple(phrase for phrase in phrases if phrase[1] < phrase[2])
        return Derivation(tuple(words), tuple(classes), filled, log_prob)

    def _draw(self, symbol, rng):
        name = symbol if symbol in self.rules else _class(symbol)
        return self._options[name][bisect_right(self._cdfs[name], rng.random())]

    @cached_property
    def entropy(self) -> float:
        """Bits per derivation, exactly."""
        own = {a: _entropy(p for _, p in options) for a, options in self.rules.items()}
        return self._expected(own, lambda c: _entropy(self.classes[c].values()))

    @cached_property
    def length(self) -> float:
        """Expected number of words, exactly."""
        return self._expected(dict.fromkeys(self.rules, 0.0), lambda c: 1.0)

    def _expected(self, own, of_class):
        """Σ over a derivation of what each rewriting adds: solves x = own + M x over the symbols."""
        place = {a: i for i, a in enumerate(self.rules)}
        M, x = np.zeros((len(place), len(place))), np.array([own[a] for a in place])
        for a, options in self.rules.items():
            for b, p in ((b, p) for right, p in options for b in right):
                if b in place:
                    M[place[a], place[b]] += p
                else:
                    x[place[a]] += p * of_class(_class(b))
        return float(np.linalg.solve(np.eye(len(place)) - M, x)[place[self.start]])

    def arcs(self, stack: tuple[str, ...] | None) -> dict[str | None, list[tuple[tuple[str, ...] | None, float]]]:
        """What can come next: {word: [(stack after it, probability), ...]}; word and stack are None at the end."""
        if stack not in self._arcs:
            found = defaultdict(list)
            if stack is not None:
                self._expand(stack, 1.0, found)
            self._arcs[stack] = dict(found)
        return self._arcs[stack]

    def _expand(self, stack, p, found):
        if not stack:
            found[None].append((None, p))
        elif stack[0] in self.rules:
            for right, q in self.rules[stack[0]]:
                self._expand(right + stack[1:], p * q, found)
        else:
            for word, q in self.classes[_class(stack[0])].items():
                found[word].append((stack[1:], p * q))

    def begin(self) -> dict[tuple[str, ...], float]:
        """The belief before the first word: all of it on the start symbol."""
        return {(self.start,): 1.0}

    def next_words(self, belief: dict) -> dict[str | None, float]:
        """p(next word | words so far), exactly; None is the end of the text."""
        p = defaultdict(float)
        for stack, weight in belief.items():
            for word, arcs in self.arcs(stack).items():
                p[word] += weight * sum(q for _, q in arcs)
        return dict(p)

    def read(self, belief: dict, word: str | None) -> tuple[float, dict]:
        """One step of the forward algorithm: p(word | words so far), and the belief after it (empty if p is 0)."""
        after = defaultdict(float)
        for stack, weight in belief.items():
            for following, q in self.arcs(stack).get(word, ()):
                after[following] += weight * q
        p = sum(after.values())
        return p, {stack: weight / p for stack, weight in after.items()}

    def ambiguity(self) -> tuple[tuple, tuple] | None:
        """Two different ways to go on reading the same words to the same end, or None: then every text has one derivation.

        Follows all pairs of stacks that the same words reach. Ends only for grammars with finitely many stacks.
        """
        start = ((self.start,), (self.start,))
        back, todo, forks = defaultdict(set), [start], set()
        seen = {start}
        while todo:
            pair = todo.pop()
            for after, forked in self._pairs(*pair):
                back[after].add(pair)
                if forked:
                    forks.add(after)
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        finishing = _reach((None, None), back)
        return next((pair for pair in forks if pair in finishing), None)

    def _pairs(self, left, right):
        """The pairs of stacks after one more common word, and whether the two readings part there."""
        arcs, others = self.arcs(left), self.arcs(right)
        for word in arcs.keys() & others.keys():
            for i, (a, _) in enumerate(arcs[word]):
                for j, (b, _) in enumerate(others[word]):
                    yield (a, b), left == right and i != j


def _reach(target, back):
    """Everything from which `target` can be reached, `back` holding the steps in reverse."""
    found, todo = {target}, [target]
    while todo:
        for before in back[todo.pop()] - found:
            found.add(before)
            todo.append(before)
    return found


def _class(symbol):
    return symbol.split("@")[0]


def _entropy(probabilities):
    return -sum(p * np.log2(p) for p in probabilities)

"""Does a language model make the verb agree with its subject, and over how many words?

    the dogs near the old garden ___        are > is, four words after "dogs"

The test asks for no more than an order: the form that fits must get a higher probability than the other one. Half of the
answers are right by guessing. Source of the test: Linzen, Dupoux and Goldberg 2016; sentences from tasks.grammar.
"""

import itertools

import numpy as np

from ..tasks import grammar

__all__ = ["accuracy", "pairs_by_distance"]


def pairs_by_distance(sentences, edges):
    """Minimal pairs of sentences, grouped by the words from subject to verb: {(first, last): [pair, ...]}.

    edges: the first distance of each group and, at the end, one past the last; (1, 4, 9) makes 1-3 and 4-8.
    """
    groups = {(a, b - 1): [] for a, b in itertools.pairwise(edges)}
    for sentence in sentences:
        for (first, last), pairs in groups.items():
            if first <= sentence.agreement.distance <= last:
                pairs.append(grammar.minimal_pair(sentence))
    return groups


def accuracy(model, params, pairs):
    """The share of pairs in which a RecurrentLanguageModel gives the right verb form the higher score.

    Each prefix is read from its start, the state from zeros. Raises ValueError if there is no pair.
    """
    if not pairs:
        raise ValueError("pairs must hold at least one minimal pair; are there sentences at this distance?")
    code, each = grammar.VOCABULARY.encode, np.arange(len(pairs))
    last = np.array([len(p.prefix) - 1 for p in pairs])
    ids = np.zeros((last.max() + 1, len(pairs)), np.int64)  # what stands after a prefix is not looked at
    for k, pair in enumerate(pairs):
        ids[: last[k] + 1, k] = code(pair.prefix)
    logits, _ = model.run(params, ids)
    right, wrong = (logits[last, each, code([getattr(p, form) for p in pairs])] for form in ("right", "wrong"))
    return float((right > wrong).mean())

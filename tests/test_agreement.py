"""Agreement: the exact grammar is always right, a model without a past is not, and groups hold what their edges say."""

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.language_model import RecurrentLanguageModel
from course_utils.studies.agreement import accuracy, pairs_by_distance
from course_utils.tasks import grammar


class Exact:
    """The grammar's own probabilities behind the interface of a model."""

    def __init__(self, sign=1):
        self.sign = sign

    def run(self, params, ids):
        logits = np.zeros((*ids.shape, len(grammar.VOCABULARY)))
        for b in range(ids.shape[1]):
            words = grammar.VOCABULARY.decode(ids[:, b])
            words = words.split() if isinstance(words, str) else list(words)
            for t in range(len(words)):
                try:
                    logits[t, b] = self.sign * grammar.next_token_distribution(words[: t + 1])
                except ValueError:  # beyond the prefix
                    break
        return logits, None


@pytest.fixture
def groups(rng):
    return pairs_by_distance(grammar.corpus(rng, 300), (1, 2, 5, 9))


def test_groups_hold_the_distances_of_their_edges(rng):
    sentences = grammar.corpus(rng, 300)
    groups = pairs_by_distance(sentences, (1, 2, 5, 9))
    assert list(groups) == [(1, 1), (2, 4), (5, 8)]
    for (first, last), pairs in groups.items():
        assert len(pairs) == sum(first <= s.agreement.distance <= last for s in sentences) > 0


def test_the_grammar_itself_is_always_right_and_its_opposite_never(groups):
    for pairs in groups.values():
        assert accuracy(Exact(), None, pairs[:15]) == 1
        assert accuracy(Exact(-1), None, pairs[:15]) == 0


def test_an_untrained_model_is_scored_alike_in_any_company(groups, rng):
    model = RecurrentLanguageModel(CELLS["elman"], len(grammar.VOCABULARY), 6, 4)
    params, pairs = model.init(rng), groups[2, 4][:12]
    alone = [accuracy(model, params, [pair]) for pair in pairs]
    assert accuracy(model, params, pairs) == pytest.approx(np.mean(alone))


def test_no_pairs_are_named():
    with pytest.raises(ValueError, match="pairs must hold at least one minimal pair"):
        accuracy(None, None, [])

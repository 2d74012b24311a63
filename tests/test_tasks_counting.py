"""The counting languages: strings, what is settled in them, and who is accepted."""

import itertools

import numpy as np
import pytest

from course_utils.tasks import counting

IDS = counting.VOCABULARY.ids


def language(letters, most):
    """All strings of the language up to n = most, as text; an oracle that shares no code with the module."""
    return ["^" + "".join(c * n for c in letters) + "$" for n in range(1, most + 1)]


@pytest.mark.parametrize("letters", ["ab", "abc"])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_string_has_each_letter_n_times_in_order(letters, n):
    assert counting.VOCABULARY.decode(counting.string(n, letters)) == language(letters, n)[-1]


@pytest.mark.parametrize("letters", ["ab", "abc"])
def test_settled_is_where_all_strings_of_the_language_go_on_alike(letters):
    known = language(letters, 9)
    for text in known[:4]:
        found = counting.settled(counting.VOCABULARY.encode(text))
        for t in range(len(text) - 1):
            follow = {s[t + 1] for s in known if s.startswith(text[: t + 1])}
            assert found[t] == (len(follow) == 1), text[: t + 1]


def test_batch_pads_with_targets_that_do_not_count():
    batch = counting.batch([1, 3], "ab")
    assert batch.inputs.shape == batch.targets.shape == batch.settled.shape == (7, 2)
    assert (batch.targets[:, 0] >= 0).sum() == 3 and (batch.targets[:, 1] >= 0).all()
    assert not batch.settled[3:, 0].any()
    np.testing.assert_array_equal(batch.targets[:-1, 1], batch.inputs[1:, 1])


def test_training_batches_ask_only_for_what_is_settled():
    rng = np.random.default_rng(0)
    for inputs, targets, fresh in itertools.islice(counting.batches(rng, "abc", 5, 4), 20):
        assert inputs.shape == targets.shape == (16, 4) and fresh
        assert (targets[inputs == IDS["a"]] == -1).all()
        assert ((targets == IDS["$"]).sum(axis=0) == 1).all()


def test_one_error_at_a_settled_place_and_the_string_is_refused():
    batch = counting.batch([2, 4], "ab")
    assert counting.accepted(batch.targets, batch).tolist() == [True, True]
    for t in range(9):
        wrong = batch.targets.copy()
        wrong[t, 1] = (wrong[t, 1] + 1) % 5
        assert counting.accepted(wrong, batch).tolist() == [True, not batch.settled[t, 1]]


@pytest.mark.parametrize(
    "call", [lambda: counting.string(0), lambda: counting.string(1.5), lambda: counting.string(2, "ba")]
)
def test_what_is_no_string_is_refused(call):
    with pytest.raises(ValueError, match="must be"):
        call()


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="predicted"):
        counting.accepted(np.zeros((3, 2)), counting.batch([2, 4]))

"""Lesson 01's exercises where a student's answer may differ from the reference without being wrong, or be wrong unseen."""

import numpy as np
import pytest

from course_utils.exercises import language_models as ex
from course_utils.exercises.judge import judge
from course_utils.exercises.record import record


def verdict(exercise, answer):
    return judge(exercise, record(exercise, answer, 1), 1).line


def test_a_u_in_the_gap_that_rounding_leaves_below_1_draws_the_last_token():
    u = np.nextafter(1, 0)
    p = np.full(10, 0.1)
    assert np.cumsum(p)[-1] <= u
    assert ex.inverse_transform(p, u) == 9
    assert ex.inverse_transform(np.append(p, 0.0), u) == 9


@pytest.mark.parametrize("epsilon", [1e-300, 1e-20, 1e-15])
def test_anything_added_before_the_logarithm_is_refused_because_it_makes_the_impossible_possible(epsilon):
    def answer(ids, first, following):
        return np.log(first[ids[0]] + epsilon) + np.log(following[ids[:-1], ids[1:]] + epsilon).sum()

    assert "the text is impossible, log p = -inf: expected -inf" in verdict(ex.sentence_log_prob, answer)

"""Sums past distractors: questions in the paper's form, answers that Python's own arithmetic confirms."""

import itertools
import re

import numpy as np
import pytest

from course_utils.tasks import arithmetic

FORM = re.compile(r"-?(0|[1-9]\d{0,7})[+-](0|[1-9]\d{0,7})=")


def test_the_papers_example():
    assert arithmetic.solve("3e36d9-h1h39f94eeh43keg3c=") == -13991064


@pytest.mark.parametrize("digits", [1, 3, 8])
def test_problems_have_the_form_and_the_answer_of_python(digits, rng):
    lengths = set()
    for _ in range(300):
        question, answer = arithmetic.problem(rng, digits)
        plain = re.sub("[a-z]", "", question)
        assert FORM.fullmatch(plain), question
        assert answer == f"{eval(plain[:-1])}."
        assert max(map(len, re.findall("[a-z]+", question)), default=0) <= 3
        lengths |= {len(n) for n in re.findall(r"\d+", plain)}
    assert lengths == set(range(1, digits + 1))


def test_forty_symbols_as_in_the_paper():
    assert len(arithmetic.VOCABULARY) == 40


def test_batch_marks_the_answer_and_nothing_else(rng):
    problems = [arithmetic.problem(rng, 4) for _ in range(5)]
    inputs, targets = arithmetic.batch(problems)
    for b, (question, answer) in enumerate(problems):
        marked = targets[:, b][targets[:, b] >= 0]
        assert arithmetic.VOCABULARY.decode(marked) == answer
        text = arithmetic.VOCABULARY.decode(inputs[:, b])
        assert text.startswith(question + answer[:-1])
        assert np.flatnonzero(targets[:, b] >= 0)[0] == len(question) - 1


def test_training_batches_have_one_length_that_every_problem_fits(rng):
    for inputs, targets, fresh in itertools.islice(arithmetic.batches(rng, 6, 2), 30):
        assert inputs.shape == targets.shape == (arithmetic.longest(2), 6) and fresh


@pytest.mark.parametrize("question", ["", "12=", "1+=", "+3=", "1*2=", "1+2-="])
def test_what_is_no_question_is_refused(question):
    with pytest.raises(ValueError, match="question"):
        arithmetic.solve(question)


@pytest.mark.parametrize("digits", [0, 9, 2.0])
def test_digits_out_of_range_are_refused(digits, rng):
    with pytest.raises(ValueError, match="digits"):
        arithmetic.problem(rng, digits)

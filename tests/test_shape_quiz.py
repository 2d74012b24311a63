"""Every answer of the shape quiz is what torch itself says, and every known slip is a wrong answer with a reason."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.studies.shape_quiz import TOPICS, draw, verdict

EVALUATED = ("output", "h_n", "weights", "Linear", "packed data", "unpacked output", "batch sizes")
NAMES = {
    "torch": torch,
    "nn": nn,
    "pack_padded_sequence": pack_padded_sequence,
    "pad_packed_sequence": pad_packed_sequence,
}


def questions(topic, n=40):
    rng = np.random.default_rng(5)
    return [draw(rng, topic) for _ in range(n)]


def executed(question):
    """The names that the question's program leaves behind, with x random instead of zeros."""
    scope = dict(NAMES)
    exec(question.code.replace("torch.zeros", "torch.rand"), scope)
    return scope


@pytest.mark.parametrize("topic", EVALUATED)
def test_the_answer_is_what_torch_says(topic):
    for question in questions(topic):
        said = eval(question.ask, executed(question))
        assert tuple(map(int, said)) == question.answer, question


def test_the_entry_of_h_n_is_the_first_that_hears_from_that_cells_weights():
    for question in questions("entries of h_n"):
        net, scope = question.net, executed(question)
        layer = int(question.ask.split("layer ")[1][0])
        weight = f"weight_ih_l{layer}{'_reverse' * ('backward' in question.ask)}"
        with torch.no_grad():
            getattr(scope["rnn"], weight).mul_(-1)
            result = scope["rnn"](scope["x"])[1]
        after = result[0] if net.kind == "LSTM" else result
        changed = ((after - scope["h_n"]).abs() > 1e-4).flatten(1).any(dim=1)  # other kernels without gradients
        assert (int(changed.nonzero()[0]),) == question.answer, question


def test_the_step_at_which_a_half_is_done_is_the_one_where_output_equals_h_n():
    for question in questions("bidirectional halves"):
        scope, t_last = executed(question) | {"H": question.net.H}, question.net.T - 1
        left, right = question.ask.split(" equals ")
        right = right.split(" for one t")[0]
        same = [t for t in range(t_last + 1) if torch.equal(eval(left, scope), eval(right, scope | {"t": t}))]
        assert tuple(same) == question.answer, question


def test_the_last_real_step_is_the_last_that_is_not_zero_after_unpacking():
    for question in questions("last real step"):
        place = question.ask.split(" is the")[0]
        scope = executed(question)
        steps = scope["output"].shape[1 if question.net.batch_first else 0]
        alive = [t for t in range(steps) if eval(place, scope | {"t": t}).any()]
        assert (alive[-1],) == question.answer, question


@pytest.mark.parametrize("topic", TOPICS)
def test_right_answers_pass_and_each_slip_is_refused_with_its_reason(topic):
    for question in questions(topic, 15):
        assert verdict(question, f"torch.Size({list(question.answer)})").startswith("✓"), question
        assert question.slips, question
        for wrong, reason in question.slips.items():
            said = verdict(question, ", ".join(map(str, wrong)))
            assert said.startswith("✗") and said.endswith(reason), question


def test_an_answer_without_numbers_or_with_too_few_is_told_so():
    question = questions("output", 1)[0]
    assert "Write whole numbers" in verdict(question, "no idea")
    assert "3 numbers are asked for" in verdict(question, "1")
    assert "1 number is asked for" in verdict(questions("last real step", 1)[0], "99, 99")
    assert "not yet" in verdict(question, "99, 99, 99")


def test_the_same_generator_asks_the_same_questions_and_all_topics_come_up():
    asked = [[draw(rng) for _ in range(100)] for rng in (np.random.default_rng(3), np.random.default_rng(3))]
    assert asked[0] == asked[1]
    assert {q.topic for q in asked[0]} == set(TOPICS)
    with pytest.raises(ValueError, match="topic must be one of"):
        draw(np.random.default_rng(0), "colours")

"""Letters write what is done to them, in parentheses where they are needed and nowhere else."""

import numpy as np

from course_utils.activations import sigmoid
from course_utils.studies.letters import Letter, Stack

a, b, W = Letter("a"), Letter("b"), Letter("W")


def test_parentheses_stand_where_they_are_needed():
    assert str(a * (b + 1)) == "a ⊙ (b + 1)"
    assert str(a * b + 1) == "a ⊙ b + 1"
    assert str((a + b) @ W) == "(a + b) W"
    assert str(a @ W @ W + b) == "(a W) W + b"
    assert str(a - (b + W)) == "a - (b + W)"
    assert str((1 - a) * b) == "(1 - a) ⊙ b"


def test_what_needs_no_writing_is_worked_out():
    assert str(1 * a) == str(a * 1) == str(0 + a) == str(a + 0) == "a"
    assert str(1 - (1 - a)) == "a" and a**0 == 1


def test_functions_have_their_names_and_the_sigmoid_is_known():
    assert str(np.tanh(a + b)) == "tanh(a + b)" and str(np.maximum(a, 0)) == "relu(a)"
    assert str(sigmoid(a @ W)) == "σ(a W)"
    assert str(0.5 + 0.5 * np.tanh(a)) == "0.5 ⊙ tanh(a) + 0.5"


def test_a_stack_does_the_same_to_each():
    u, v = a @ Stack([Letter("P"), Letter("Q")]) + Stack([b, b])
    assert (str(u), str(v)) == ("a P + b", "a Q + b")
    assert [str(s) for s in sigmoid(Stack([a, b])[:1])] == ["σ(a)"]
    assert isinstance(np.stack([a, b]), Stack)

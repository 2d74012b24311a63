"""The hello set spells what it should."""

import numpy as np

from course_utils.tasks.hello import HELLO, hello


def test_hell_goes_in_and_ello_is_wanted():
    data = hello()
    assert HELLO.symbols == ("h", "e", "l", "o")
    assert HELLO.decode(data.inputs[:, 0]) == "hell" and HELLO.decode(data.targets[:, 0]) == "ello"
    assert data.inputs.shape == data.targets.shape == (4, 1)


def test_one_hot_rows_say_the_same_as_the_numbers():
    data = hello()
    assert data.x.shape == data.y.shape == (4, 1, 4)
    np.testing.assert_array_equal(data.x.argmax(-1), data.inputs)
    np.testing.assert_array_equal(data.y.argmax(-1), data.targets)
    assert (data.x.sum(-1) == 1).all() and set(np.unique(data.x)) == {0.0, 1.0}


def test_the_same_input_wants_two_targets_so_memory_is_needed():
    data = hello()
    wanted = data.targets[data.inputs == HELLO.encode("l")[0]]
    assert HELLO.decode(wanted) == "lo"


def test_each_call_gives_fresh_arrays():
    hello().inputs[0] = 9
    assert hello().inputs[0, 0] == 0

"""The widgets of lesson 03: moving a slider draws the picture of its value."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.explore import vanilla_rnn as explore


@pytest.fixture
def titles(monkeypatch):
    """The title of each picture shown, and its alternative text, in order."""
    found = []

    def shown(alt):
        found.append((plt.gca().get_title(loc="left") + plt.gca().get_title(), alt))
        plt.close("all")

    monkeypatch.setattr("course_utils.explore.explorer.show", shown)
    return found


def test_the_slider_unrolls_the_graph_to_its_value(titles):
    slider = explore.unrolled(longest=9).children[0]
    assert (slider.min, slider.max) == (1, 9)
    slider.value = 7
    assert "7 steps" in titles[-1][0] and "7 steps" in titles[-1][1]
    slider.value = 1
    assert "1 step," in titles[-1][0]


def test_the_path_grows_by_a_symbol_a_move(titles):
    symbols = np.array([0, 1, 1, 0])
    slider = explore.reading(np.zeros((4, 2)), symbols, np.zeros((2, 2)), first=2).children[0]
    assert titles[-1][0] == "Read so far: 0 1"
    slider.value = slider.max
    assert titles[-1][0] == "Read so far: 0 1 1 0"


def test_training_moments_come_in_order(titles):
    snapshots = [(k, np.zeros((2, 3)), np.zeros((2, 4)), np.full(2, 1.0 / (k + 1))) for k in (0, 3)]
    slider = explore.training("helo", [0, 2], [1, 3], snapshots).children[0]
    slider.value = 1
    assert [title for title, _ in titles] == ["After 0 updates", "After 3 updates"]
    assert "0.25, 0.25" in titles[-1][1]

"""The figures of lesson 08: each shows what it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots import gru_and_the_family as plots


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def texts(ax):
    ax.figure.canvas.draw()
    return [t.get_text() for t in ax.texts]


def test_one_unit_has_its_inputs_as_bars_and_its_states_as_a_curve():
    ax = plots.one_unit(np.array([0, 1, -0.5]), np.array([0, 0.2, 0.1]), 0.8, 0.5)
    assert [p.get_height() for p in ax.patches] == [0, 1, -0.5]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 0.2, 0.1])
    assert "0.80" in ax.get_title(loc="left") + ax.get_title() and "state $h_t$" in texts(ax)


def test_zoo_colours_what_matches_and_names_its_order():
    ax = plots.zoo({"one": {"x": "zrn", "y": ""}, "two": {"x": "", "y": ""}})
    filled = [p.get_xy() for p in ax.patches if p.get_facecolor()[:3] != (1, 1, 1)]
    assert filled == [(0, 0)] and "z r n" in texts(ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["one", "two"]


def test_sheet_colours_what_is_changed_and_says_what_is_gone():
    ax = plots.equations_sheet("title", ["a = x", "h = a"], ["h = a"], ["z"])
    assert texts(ax) == ["a = x", "h = a", "gone: z"]
    assert [t.get_color() for t in ax.texts] == ["#000000", "#D55E00", "#7F7F7F"]
    assert len(plots.equations_sheet("title", ["a = x"], [], []).texts) == 1


def test_ranks_go_from_the_papers_to_ours():
    left, right = plots.ranks(["Tanh", "LSTM", "GRU"], [[1, 1], [2, 3], [3, 2]], [[3, 1], [2, 3], [1, 2]], ["p", "q"])
    assert [line.get_ydata().tolist() for line in left.lines] == [[2, 0], [1, 1], [0, 2]]
    assert [line.get_ydata().tolist() for line in right.lines] == [[2, 2], [0, 0], [1, 1]]


def test_agreement_has_a_point_and_a_bar_for_each_task():
    ax = plots.agreement(["one", "two"], [0.5, 0.1], [(0.2, 0.7), (-0.3, 0.4)], (-0.6, 0.6))
    assert ax.lines[0].get_xdata().tolist() == [0.5, 0.1]
    assert [s[:, 0].tolist() for s in ax.collections[0].get_segments()] == [[0.2, 0.7], [-0.3, 0.4]]


def test_reach_has_a_tick_for_every_n():
    ax = plots.reach(
        [1, 2, 3], {"one": np.array([True, True, False]), "two": np.array([True, False, False])}, 2, "title"
    )
    assert [len(c.get_segments()) for c in ax.collections] == [1, 2, 2, 1]


def test_counters_mark_the_unit_that_goes_out_and_comes_back():
    c = np.array([[0, 0, 0], [1, 1, 0], [2, 2, 0], [3, 1, 0], [4, 0, 0]])
    left, right = plots.counters([c, -c], 2, ["one", "two"])
    np.testing.assert_array_equal(left.lines[3].get_ydata(), c[:, 1])
    np.testing.assert_array_equal(right.lines[3].get_ydata(), -c[:, 1])
    assert "2 × a" in texts(left)


def test_steps_are_drawn_on_a_log_axis_with_their_names():
    ax = plots.steps_between(np.arange(1, 4), {"LSTM": np.ones(3), "GRU": np.array([1, 0.1, 0.01])}, 2)
    assert ax.get_yscale() == "log" and {"LSTM", "GRU"} <= set(texts(ax))

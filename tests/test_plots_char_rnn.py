"""The figures and widgets of lesson 05: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch

from course_utils.explore import char_rnn as explore
from course_utils.losses import softmax
from course_utils.plots import char_rnn as plots
from course_utils.studies.truncation import Error

LENGTHS = (2, 5, 10)
TABLE = {
    rule: {K: Error(bias=b / K, chance=0.01 * K, noise=0.2 * b) for K in LENGTHS}
    for rule, b in (("regular", 1.0), ("unweighted", 2.0), ("randomised", 3.0))
}


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def texts(axes):
    axes.figure.canvas.draw()
    return [t.get_text() for t in axes.texts]


def test_six_parts_are_six_boxes_named_in_order():
    ax = plots.six_parts()
    assert sum(isinstance(p, FancyBboxPatch) for p in ax.patches) == 6
    names = sorted(t for t in texts(ax) if t[:1].isdigit())
    assert [n.split()[1] for n in names] == ["data", "parameters", "forward", "backward", "update", "sample"]


def test_learning_curve_carries_curve_marks_and_levels():
    ax = plots.learning_curve(np.arange(1, 4), np.array([6.0, 5.0, 4.0]), [(2, 5.0, "early")], {"unigram": 4.5})
    assert {"early", "unigram"} <= set(texts(ax))
    assert [4.5, 4.5] in [list(line.get_ydata()) for line in ax.lines]


@pytest.mark.parametrize("tau", [0.1, 1.0, 3.0])
def test_bars_are_the_softmax_at_temperature_one_and_at_tau(tau):
    logits, symbols = np.array([0.0, 2.0, 1.0]), ["a", " ", "\n"]
    ax = plots.temperature(symbols, logits, tau, "ab \n$\\x_{" * 20)
    heights = [bar.get_height() for bar in ax.patches]
    order = [1, 2, 0]
    np.testing.assert_allclose(heights[:3], softmax(logits)[order])
    np.testing.assert_allclose(heights[3:], softmax(logits / tau)[order])
    ax.figure.canvas.draw()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["␣", "⏎", "a"]


def test_names_of_close_curves_keep_their_distance():
    ax = plots.batch_sizes({1: ([1, 2], [5.0, 3.0]), 8: ([1, 2], [4.0, 2.5]), 32: ([1, 2], [4.0, 2.5])})
    ax.figure.canvas.draw()
    heights = sorted(t.xyann[1] for t in ax.texts)
    assert len(heights) == 3 and min(np.diff(heights)) > 0.1


def test_positions_and_guesses_are_drawn_as_given():
    ax = plots.loss_by_position(np.array([2.0, 2.1]), np.array([4.0, 2.2]))
    assert [list(line.get_ydata()) for line in ax.lines] == [[4.0, 2.2], [2.0, 2.1]]
    ax = plots.forced_and_free(np.array([0.5, 0.6]), np.array([0.5, 0.1]), 0.2)
    assert [0.5, 0.1] in [list(line.get_ydata()) for line in ax.lines]


@pytest.mark.parametrize("K", LENGTHS)
def test_truncation_panels_show_weights_bias_and_noise(K):
    left, middle, right = plots.truncations(TABLE, K)
    left.figure.canvas.draw()
    weights = [line.get_ydata() for line in left.lines]
    assert [w[1] for w in weights] == [1, 1 - 1 / K, 1 - 1 / K]
    assert [e.bias for e in TABLE["regular"].values()] in [list(line.get_ydata()) for line in middle.lines]
    assert [e.noise for e in TABLE["randomised"].values()] in [list(line.get_ydata()) for line in right.lines]


def test_gallery_has_a_bar_for_every_model_and_text():
    ax = plots.gallery({"verse": {"5-gram": 2.0, "GRU": 1.5}, "names": {"5-gram": 3.9, "GRU": 3.8}})
    assert sorted(bar.get_height() for bar in ax.patches) == [1.5, 2.0, 3.8, 3.9]


def test_widgets_redraw_and_say_the_numbers(monkeypatch):
    said = []

    def shown(alt):
        said.append(alt)
        plt.close("all")

    monkeypatch.setattr("course_utils.explore.explorer.show", shown)
    logits = np.array([0.0, 2.0, 1.0])
    slider = explore.temperature(["a", "b", "c"], logits, lambda tau: f"written at {tau}").children[0]
    slider.value = 2.0
    assert f"'b', has probability {softmax(logits / 2).max():.2f}" in said[-1]
    menu = explore.truncation(TABLE, first=5).children[0]
    menu.value = 10
    assert "10 steps" in said[-1] and "randomised: bias 0.30, noise 0.60" in said[-1]

"""The figures and the widget of lesson 02: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.explore import window_neural_lm as explore
from course_utils.plots import window_neural_lm as plots

WORDS = ["the", "dogs", "near", "the", "house"]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def lines(ax):
    """The points (x, y) of every curve: of all lines with more than two points."""
    ax.figure.canvas.draw()
    return [line.get_xydata() for line in ax.get_lines() if len(line.get_xdata()) > 2]


def written(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("N, sight", [(1, "out of"), (3, "out of"), (4, "in"), (5, "in"), (9, "in")])
def test_the_window_covers_the_last_words_and_says_whether_the_one_that_decides_is_seen(N, sight):
    ax = plots.window_on_sentence(WORDS, N, 1, 12345)
    ax.figure.canvas.draw()
    assert [t for t in written(ax) if t.startswith("$E$[")] == [f"$E$[{w}]" for w in WORDS[-N:]]
    title = ax.get_title(loc="left") + ax.get_title()
    assert title == f"A window of {N}: 12,345 parameters; the word that decides is {sight} sight"


def test_the_slider_reaches_from_one_word_to_the_whole_sentence():
    box = explore.window_size(WORDS, 1, lambda N: 10 * N)
    slider = box.children[0]
    assert (slider.min, slider.max) == (1, len(WORDS))
    slider.value = 4
    assert slider.description == "window N"


def test_the_gradient_is_what_was_said_minus_what_came():
    p = np.array([0.25, 0.6, 0.15])
    left, right = plots.probabilities_and_gradient(["a", "b", "c"], p, 0)
    right.figure.canvas.draw()
    np.testing.assert_allclose([bar.get_height() for bar in left.patches], [*p, 1])
    np.testing.assert_allclose([bar.get_height() for bar in right.patches], [-0.75, 0.6, 0.15])


def test_the_learning_curve_shows_both_texts_and_names_every_level():
    tokens, train, test = (10, 20, 30), (6, 5, 4.5), (6.1, 5.2, 4.8)
    ax = plots.learning_curve(tokens, train, test, {"5-gram": 5.0, "trigram": 4.9}, 4.0)
    np.testing.assert_allclose([xy[:, 1] for xy in lines(ax)], [train, test])
    assert {"window, train", "window, test", "5-gram", "trigram", "entropy floor"} == set(written(ax))


def test_scores_by_size_of_text_are_drawn_at_their_sizes():
    sizes, window, counted = (10, 100, 1000), [6, 5, 4], [5, 4.9, 4.7]
    ax = plots.text_size(sizes, window, counted, 3.9)
    np.testing.assert_allclose([xy[:, 1] for xy in lines(ax)], [counted, window])
    assert written(ax) == ["best n-gram", "window model", "entropy floor"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["10", "100", "1,000"]


def test_every_word_of_a_kind_is_a_dot_and_named_words_are_written_at_theirs(rng):
    xy, words = rng.standard_normal((7, 2)), [*"abcdefg"]
    ax = plots.embedding_map(xy, words, ["N", "V", "N", "V", "N", "V", "N"], ("N", "V"), named=["c"])
    dots = lines(ax)
    np.testing.assert_allclose(dots[0], xy[::2])
    np.testing.assert_allclose(dots[1], xy[1::2])
    assert tuple(next(t for t in ax.texts if t.get_text() == "c").xy) == tuple(xy[2])
    right = ax.get_window_extent().x1
    assert all(t.get_window_extent().x0 > right for t in ax.texts if t.get_text() in "NV"), "no kind's name hides a dot"


def test_stored_numbers_are_drawn_over_the_words_of_context():
    ax = plots.parameters([1, 2, 3], [30, 40, 50], [10, 20, 30], [9, 99, 999])
    np.testing.assert_allclose([xy[:, 1] for xy in lines(ax)], [[9, 99, 999], [30, 40, 50], [10, 20, 30]])


def test_agreement_has_one_curve_and_one_border_for_each_window():
    accuracy = {2: [1, 0.9, 0.5, 0.5], 4: [1, 0.9, 0.8, 0.8]}
    ax = plots.agreement(range(1, 5), accuracy)
    np.testing.assert_allclose([xy[:, 1] for xy in lines(ax)], list(accuracy.values()))
    borders = [line.get_xdata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"]
    assert borders == [2.5, 4.5]


def test_models_and_bounds_are_drawn_over_their_windows():
    ax = plots.window_and_entropy([1, 2, 3], [0.9, 0.8, 0.75], [0.88, 0.79, 0.74], 2 / 3)
    np.testing.assert_allclose([xy[:, 1] for xy in lines(ax)], [[0.88, 0.79, 0.74], [0.9, 0.8, 0.75]])
    assert ax.get_ylim()[0] < 2 / 3


def test_a_word_is_shown_at_every_place_from_the_oldest_to_the_newest(rng):
    added = rng.standard_normal((3, 5))
    ax = plots.one_word_at_every_place(added, "dogs")
    ax.figure.canvas.draw()
    np.testing.assert_array_equal(ax.images[0].get_array(), added)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["3 back", "2 back", "1 back"]

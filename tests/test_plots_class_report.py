"""Pictures of a class show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.class_report import exercise_outcomes, item_map, points_histogram


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_histogram_counts_every_student_once_and_marks_the_median():
    points = [0, 0, 3, 5, 5, 5, 7]
    ax = points_histogram(points, 7)
    heights = {round(p.get_x() + p.get_width() / 2): p.get_height() for p in ax.patches}
    assert {k: h for k, h in heights.items() if h} == {0: 2, 3: 1, 5: 3, 7: 1}
    assert list(ax.lines[0].get_xdata()) == [5, 5]
    assert sum(p.get_height() for p in points_histogram([0.5, 31.0], 40).patches) == 2


def test_each_exercise_is_one_bar_of_all_its_outcomes():
    counts = np.array([[7, 2, 1, 0], [0, 0, 3, 7]])
    ax = exercise_outcomes(["1.1 a", "1.2 b"], counts)
    widths = np.array([p.get_width() for p in ax.patches]).reshape(4, 2).T
    assert np.array_equal(widths, counts)
    assert [t.get_text() for t in ax.texts] == ["7", "2", "1", "3", "7"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "right",
        "named mistake",
        "other mistake",
        "not attempted",
    ]


def test_an_item_that_never_varies_stands_at_zero_and_near_items_share_a_label():
    ax = item_map(["1.1", "1.2", "1.3"], [1.0, 0.4, 0.41], [np.nan, 0.5, 0.52], 0.3, 0.95)
    assert np.allclose(ax.collections[-1].get_offsets(), [[1.0, 0], [0.4, 0.5], [0.41, 0.52]])
    assert [t.get_text() for t in ax.texts[:2]] == ["1.2, 1.3", "1.1"]


def test_labels_of_a_real_class_do_not_overlap():
    numbers = ["4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8"]
    shares = [0.469, 0.25, 0.219, 0.5625, 0.469, 0.656, 0.719, 0.781]
    ax = item_map(numbers, shares, [0.84, 0.69, 0.54, 0.76, 0.77, 0.69, 0.70, 0.48], 0.3, 0.95)
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()[:1].isdigit()]
    assert not [(a, b) for k, a in enumerate(boxes) for b in boxes[:k] if a.overlaps(b)]

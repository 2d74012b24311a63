"""The figures of lesson 07: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course_utils.plots import lstm as plots
from course_utils.plots.lstm_cell import lstm_cell


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def drawn(ax):
    ax.figure.canvas.draw()
    return ax


def texts(ax):
    return [t.get_text() for t in drawn(ax).texts]


def test_diagram_names_every_gate_and_only_the_second_has_peepholes():
    dashed = [
        sum(p.get_linestyle() == "--" for p in drawn(lstm_cell(peepholes)).patches) for peepholes in (False, True)
    ]
    assert dashed == [0, 3]
    assert {"$f$", "$i$", "$g$", "$o$", "$c_t$", "$h_t$", "$x_t$"} <= set(texts(lstm_cell()))


def test_gradient_curves_are_logarithmic_and_carry_their_names():
    ax = plots.gradient_curves(
        [("one", np.array([1, 0.1]), "k", 0), ("two", np.array([1, 0.2]), "r", 3)], "lag", "title"
    )
    assert ax.get_yscale() == "log"
    assert texts(ax) == ["one", "two"]
    assert ax.lines[1].get_ydata().tolist() == [1, 0.2]


def test_dashed_curves_have_no_name():
    ax = plots.gradient_curves([("one", np.array([1, 0.1]), "k", 0)], "lag", "title", [(np.array([1, 0.05]), "k")])
    assert texts(ax) == ["one"]
    assert [line.get_linestyle() for line in ax.lines] == ["--", "-"]


def test_latch_figure_marks_the_writes():
    x = np.array([[1.0, 1], [-1, 0], [1, 0], [-1, 1]])
    panels = plots.latched_bit(x, np.array([1.0, 1, 1, -1]), np.zeros(4))
    drawn(panels[0])
    marks = panels[0].lines[1]
    assert (marks.get_xdata().tolist(), marks.get_ydata().tolist()) == ([0, 3], [1, -1])
    assert panels[1].lines[0].get_ydata().tolist() == [1, 1, 1, -1]


def test_gate_grid_writes_every_number_in_a_square_of_its_own():
    unit = {name: np.array([0.1 * k, -0.5, 2.0]) for k, name in enumerate("ifgoch")}
    ax = plots.gates_over_words(["a", "b", "c"], unit)
    assert sum(isinstance(p, Rectangle) for p in ax.patches) == 18
    found = texts(ax)
    assert found.count("−0.50") == 6 and found.count("2.00") == 6 and "0.30" in found
    assert {"a", "b", "c", "forget gate $f$", "memory $c$"} <= set(found)


def test_twins_name_both_words_where_they_differ():
    ax = drawn(plots.twins([".", "the", "dogs"], [".", "the", "dog"], [0, 0, 1], [0, 0, -1]))
    assert [t.get_text() for t in ax.get_xticklabels()] == [".", "the", "dogs/dog"]
    assert [list(line.get_ydata()) for line in ax.lines[1:]] == [[0, 0, 1], [0, 0, -1]]


def test_names_of_curves_that_meet_stand_apart():
    ax = plots.success_by_length(
        [10, 20], [("a", [1, 0.25], "k"), ("b", [1, 0.24], "r"), ("c", [1, 1], "b")], 0.25, "t"
    )
    drawn(ax)
    heights = {t.get_text(): t.xy[1] for t in ax.texts}
    assert heights["a"] - heights["b"] >= plots.LINE and heights["c"] == 1

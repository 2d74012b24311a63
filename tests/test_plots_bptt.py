"""The figures of lesson 04: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch, Rectangle

from course_utils.plots import bptt as plots
from course_utils.studies import scalar_rnn

W = scalar_rnn.Weights(0.6, 0.9, 1.2)
RUN = scalar_rnn.forward(W, [1.0, -0.5], 0.3, [0.5, -0.5])
STOPS = scalar_rnn.backward(W, RUN)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def texts(axes):
    axes.figure.canvas.draw()
    return [t.get_text() for t in axes.texts]


def test_graph_has_a_node_for_every_value_and_no_gradient_at_the_start():
    ax = plots.backward_graph(RUN, STOPS, 0)
    assert sum(isinstance(p, FancyBboxPatch) for p in ax.patches) == 1 + 5 * 2
    assert f"$h_2$ = {RUN.h[2]:.3f}" in texts(ax)
    assert not any("partial L" in t or "y^*" in t for t in texts(ax))


@pytest.mark.parametrize("reached", range(1, len(STOPS) + 1))
def test_graph_shows_the_gradients_reached_and_the_last_one_in_its_title(reached):
    ax = plots.backward_graph(RUN, STOPS, reached)
    shown = [t for t in texts(ax) if t.startswith("$\\partial L")]
    numbers = [f"$\\partial L / \\partial {s.node}_{s.t}$ = {s.gradient:.3f}" for s in STOPS[:reached]]
    assert sorted(shown) == sorted(n.replace("-", "−") for n in numbers)
    assert f"$(y_2 - y^*_2) / {len(RUN.x)}$" in texts(ax)
    last = STOPS[reached - 1]
    assert f"{last.formula} = {last.gradient:.3f}" in ax.get_title(loc="left") + ax.get_title()


def test_triangle_writes_each_term_in_its_square_and_nothing_above():
    terms = np.array([[0.1, 0.0], [0.2, -0.3]])
    ax = plots.path_triangle(terms)
    found = {tuple(map(int, t.get_position())): t.get_text() for t in ax.texts}
    assert found == {(1, 1): "+0.1000", (1, 2): "+0.2000", (2, 2): "−0.3000"}  # (k, t)


def test_large_triangle_has_colours_only():
    assert not texts(plots.path_triangle(np.tri(9)))


def test_error_curves_carry_the_errors():
    eps, errors = np.array([1e-3, 1e-2, 1e-1]), np.array([3.0, 1.0, 2.0])
    ax = plots.error_curves(eps, [("one", errors, (1, 0, 0)), ("two", 2 * errors, (0, 0, 5))])
    assert texts(ax) == ["one", "two"]
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 2 * errors)


def test_costs_are_drawn_for_both_directions():
    left, right = plots.cost_of_directions([4, 8], {"back": [1, 2], "on": [3, 9]}, {"back": [4, 5], "on": [6, 7]}, T=5)
    assert [line.get_ydata().tolist() for line in left.lines] == [[1, 2], [3, 9]]
    assert texts(right) == ["back", "on"]


def test_table_fills_every_wrong_verdict():
    ax = plots.check_table(["right", "wrong"], ["weak", "good"], [[True, True], [True, False]])
    filled = [p.get_xy() for p in ax.patches if isinstance(p, Rectangle) and p.get_facecolor()[:3] != (1, 1, 1)]
    assert filled == [(0, 1)]
    assert texts(ax) == ["accepted", "accepted", "accepted", "refused"]

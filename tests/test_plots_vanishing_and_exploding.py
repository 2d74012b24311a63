"""The figures and the widget of lesson 06: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.explore import vanishing_and_exploding as explore
from course_utils.plots import vanishing_and_exploding as plots
from course_utils.studies import one_unit
from course_utils.studies.gradient_lab import GradientLab


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture
def lab(rng):
    return GradientLab(rng, H=4, T=10)


def texts(ax):
    ax.figure.canvas.draw()
    return [t.get_text() for t in ax.texts]


def test_norms_are_curves_with_their_names():
    ax = plots.norms_by_lag({"up": np.array([1.0, 2.0, 4.0]), "dead": np.array([1.0, 0.5, 0.0])}, "two")
    assert texts(ax)[:1] == ["up"]
    assert ax.lines[0].get_ydata().tolist() == [1, 2, 4]
    assert np.isnan(ax.lines[1].get_ydata()[2])


def test_a_trial_is_drawn_between_its_bounds(lab):
    trial = lab.run(1.3)
    ax = plots.bounds_of(trial, "title")
    ax.figure.canvas.draw()
    upper, lower, norms = (line.get_ydata() for line in ax.lines[:3])
    np.testing.assert_allclose(upper, trial.upper)
    np.testing.assert_allclose(lower, trial.lower)
    np.testing.assert_allclose(norms, trial.norms)


def test_a_bound_of_zero_can_be_drawn(lab):
    plots.bounds_of(lab.run(1.0, "relu"), "off units").figure.canvas.draw()


def test_panels_carry_their_settings(lab):
    panels = plots.norms_and_bounds({"ρ = 0.5": lab.run(0.5), "ρ = 2": lab.run(2.0)})
    assert [ax.get_title(loc="left") or ax.get_title() for ax in panels] == ["ρ = 0.5", "ρ = 2"]
    assert texts(panels[0]) == ["upper bound", "gradient", "lower bound"]


def test_every_singular_value_is_a_curve():
    panels = plots.singular_values({"a": np.ones((5, 3)), "b": np.full((5, 2), 0.1)})
    assert [len(ax.lines) for ax in panels] == [3, 2]
    panels[0].figure.canvas.draw()


def test_saturation_shows_shares_of_slopes(rng):
    _, right = plots.saturation({"small": rng.uniform(0.9, 1, (5, 4)), "large": rng.uniform(0, 0.1, (5, 4))})
    assert texts(right) == ["small", "large"]
    for steps in right.patches:
        assert abs(steps.get_data().values.sum() - 1) < 1e-12


def test_rates_have_a_row_for_each_setting():
    ax = plots.rates({"one": {"a": 0.5, "b": 1.2}, "two": {"c": 0.9}})
    ax.figure.canvas.draw()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c"]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"] == [0.5, 1.2, 0.9]


def test_gains_stand_beside_the_powers_of_their_radius():
    gains = np.array([1.0, 4.0, 2.0, 1.0, 0.5, 0.2, 0.1])
    ax = plots.transient({"A": gains, "B": gains[::-1]}, [0.5, 0.9])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 0.5 ** np.arange(7))
    assert texts(ax) == ["A", "B"]


def test_cliff_draws_the_paths_that_lie_inside():
    w, b = np.meshgrid(np.linspace(4, 6, 6), np.linspace(-3, 0, 7))
    free, clipped = one_unit.descend(4.8, -2.0, 0.5, 3), one_unit.descend(4.8, -2.0, 0.5, 3, clip=0.1)
    ax = plots.cliff(w, b, one_unit.loss_and_gradient(w, b)[0], {"free": free, "clipped": clipped})
    ax.figure.canvas.draw()
    assert [t.get_text() for t in ax.texts] == ["free", "clipped"]
    np.testing.assert_allclose(ax.lines[0].get_data_3d()[0], free.at[:, 0])


def test_clipping_shows_both_kinds():
    panels = plots.clipping(np.array([[3.0, 4.0], [0.1, 0.1]]), 1.0)
    panels[0].figure.canvas.draw()
    ends = [[a.xy for a in ax.texts] for ax in panels]
    np.testing.assert_allclose(ends[0], [[0.6, 0.8], [0.1, 0.1]])
    np.testing.assert_allclose(ends[1], [[1, 1], [0.1, 0.1]])


def test_success_has_a_panel_for_each_task_and_chance():
    table = {("copy", "a"): [1, 0.5], ("copy", "b"): [1, 1], ("order", "a"): [0.3, 0.2], ("order", "b"): [1, 0.9]}
    panels = plots.success(table, [10, 20], {"copy": 0.25, "order": 0.3})
    panels[0].figure.canvas.draw()
    assert [list(line.get_ydata()) for line in panels[1].lines] == [[0.3, 0.2], [1, 0.9], [0.3, 0.3]]


def test_agreement_names_its_distances():
    ax = plots.agreement([(1, 1), (2, 4)], {"far": [0.9, 0.7]})
    assert texts(ax) == ["far", "guessing"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2-4"]


def test_laboratory_follows_its_controls(lab, monkeypatch):
    found = []

    def shown(alt):
        found.append((plt.gca().get_title(loc="left") + plt.gca().get_title(), alt))
        plt.close("all")

    monkeypatch.setattr("course_utils.explore.explorer.show", shown)
    radius, activation, start, bias, horizon, _ = explore.laboratory(lab).children
    assert horizon.max == 10
    assert f"{lab.run(1.0).rate:.3f}" in found[-1][0]
    start.value, activation.value, radius.value = "orthogonal", "identity", 2.0
    assert "multiplied by 2.000" in found[-1][0] and "orthogonal start with spectral radius 2.00" in found[-1][1]
    activation.value, bias.value, horizon.value = "tanh", 1.5, 5
    assert f"{lab.run(2.0, 'tanh', 'orthogonal', 1.5, 5).rate:.3f}" in found[-1][0]
    assert "after 5 steps" in found[-1][1]

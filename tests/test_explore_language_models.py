"""The widgets of lesson 01: moving a slider draws the picture of its value."""

import numpy as np
import pytest

from course_utils.explore import language_models as explore


@pytest.fixture
def calls(monkeypatch):
    """What the plot functions were called with, in order."""
    found = []
    for name in ("cdf", "temperatures"):
        monkeypatch.setattr(explore.plots, name, lambda *args: found.append(args))
    return found


@pytest.fixture
def alts(monkeypatch):
    """The alternative texts shown, in order."""
    found = []
    monkeypatch.setattr("course_utils.explore.explorer.show", found.append)
    return found


def test_the_slider_for_u_marks_the_token_that_u_draws(calls, alts):
    widget = explore.draw_by_u(["a", "b", "c"], np.array([0.25, 0.5, 0.25]))
    widget.children[0].value = 0.9
    assert (calls[-1][2], calls[-1][3]) == (0.9, 2)
    assert "bar of c" in alts[-1]
    widget.children[0].value = 0.0
    assert calls[-1][3] == 0


def test_rounding_never_lets_the_slider_for_u_miss_the_last_token(calls, alts):
    widget = explore.draw_by_u(list("abcdefghij"), np.full(10, 0.1))
    widget.children[0].value = 0.99
    assert calls[-1][1][-1] == 1
    assert calls[-1][3] == 9


def test_a_lower_temperature_makes_the_best_token_surer(calls, alts):
    widget = explore.temperature(["a", "b"], np.log([0.6, 0.4]))
    shares = []
    for tau in (0.1, 1.0, 5.0):
        widget.children[0].value = tau
        shares.append(calls[-1][2][1][0])
    assert shares[0] > 0.95 > shares[1] > shares[2] > 0.5
    np.testing.assert_allclose(shares[1], 0.6)
    assert "token, a, has" in alts[-1]

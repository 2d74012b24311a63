"""The widgets of lesson 08: each control changes picture and words."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_counters import counter_by_hand

from course_utils.explore import gru_and_the_family as explore


@pytest.fixture
def shown(monkeypatch):
    """What the widgets show: (titles, alternative text), one after the other."""
    found = []

    def show(alt):
        found.append((" ".join(ax.get_title(loc="left") + ax.get_title() for ax in plt.gcf().axes), alt))
        plt.close("all")

    monkeypatch.setattr("course_utils.explore.explorer.show", show)
    return found


def controls(widget):
    """The controls of a widget by their description, wherever they stand in it."""
    children = getattr(widget, "children", ())
    found = {widget.description: widget} if hasattr(widget, "value") and getattr(widget, "description", "") else {}
    for child in children:
        found |= controls(child)
    return found


def test_gates_move_the_state(shown):
    widget = explore.gates(lambda x, z, r: np.full(len(x), z + r), np.zeros(3))
    controls(widget)["update gate z"].value = 0.25
    assert "0.25" in shown[-1][0] and "ends at 1.25" in shown[-1][1]


def test_menu_shows_what_differs(shown):
    widget = explore.variants([("lstm", "lstm"), ("lstm-cifg", "lstm-peephole")], (3, 5))
    assert "none" in shown[-1][1]
    controls(widget)["cell"].index = 1
    assert "lstm-cifg, 145 parameters" in shown[-1][0] and "f = 1 - i" in shown[-1][1]


def test_slider_reads_longer_strings(shown):
    widget = explore.counting({"by hand": counter_by_hand(), "again": counter_by_hand()}, 60)
    controls(widget)["n"].value = 60
    assert shown[-1][0] == "by hand: accepted again: accepted" and "n = 60" in shown[-1][1]

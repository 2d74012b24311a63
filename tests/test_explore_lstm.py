"""The widget of lesson 07: the slider chooses the unit, the list the sentence."""

import matplotlib.pyplot as plt
import numpy as np

from course_utils.explore import lstm as explore


def test_slider_and_list_choose_what_is_drawn(monkeypatch):
    found = []

    def shown(alt):
        found.append(
            (plt.gca().get_title(loc="left") + plt.gca().get_title(), [t.get_text() for t in plt.gca().texts], alt)
        )
        plt.close("all")

    def gates(words, unit):
        return {name: np.full(len(words), unit / 10) for name in "ifgoch"}

    monkeypatch.setattr("course_utils.explore.explorer.show", shown)
    widget = explore.gate_explorer({"first": ["a", "b"], "second": ["c", "d", "e"]}, gates, H=5, first=2)
    text, unit = widget.children[:2]
    assert (unit.min, unit.max, unit.value) == (0, 4, 2)
    assert found[-1][1].count("0.20") == 12 and "b 0.20" in found[-1][2]
    unit.value, text.value = 4, "second"
    title, drawn, alt = found[-1]
    assert "Unit 4" in title and drawn.count("0.40") == 18 and "unit 4" in alt and "e 0.40" in alt

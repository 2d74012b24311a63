"""The widget of lesson 04: the slider walks the way back."""

import matplotlib.pyplot as plt

from course_utils.explore import bptt as explore
from course_utils.studies import scalar_rnn


def test_slider_walks_from_no_gradient_to_the_first_state(monkeypatch):
    found = []

    def shown(alt):
        found.append((plt.gca().get_title(loc="left") + plt.gca().get_title(), alt))
        plt.close("all")

    monkeypatch.setattr("course_utils.explore.explorer.show", shown)
    w = scalar_rnn.Weights(0.6, 0.9, 1.2)
    run = scalar_rnn.forward(w, [1.0, -0.5], 0.3, [0.5, -0.5])
    stops = scalar_rnn.backward(w, run)
    slider = explore.backward_pass(run, stops).children[0]
    assert (slider.min, slider.max) == (0, len(stops))
    assert "no gradient" in found[-1][0] and "no gradient" in found[-1][1]
    slider.value = slider.max
    assert f"Stop {len(stops)} of {len(stops)}" in found[-1][0]
    assert f"{stops[-1].gradient:.3f}" in found[-1][1] and f"{stops[-1].totals.w_hh:.4f}" in found[-1][1]

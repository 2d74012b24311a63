"""The figures of lesson 09 draw from small data without a warning, each with the message in its title."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from course_utils.cells.gates import COLOURS, ROLES
from course_utils.plots import torch_in_practice as plots
from course_utils.plots import use_style


@pytest.fixture(autouse=True)
def one_look():
    with plt.rc_context():
        use_style()
        yield
        plt.close("all")


@pytest.mark.parametrize("kind, gates", [("lstm", "ifgo"), ("gru", "rzn"), ("rnn", "h")])
def test_the_layout_has_every_number_in_its_gates_colour(kind, gates):
    D, H = 2, 3
    ax = plots.weight_layout(kind, D, H)
    found = [to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    for gate in gates:
        assert found.count(COLOURS[ROLES[gate]].upper()) == H * (D + H + 2)
    assert len(found) == len(gates) * H * (D + H + 2)


def test_the_packed_picture_counts_who_still_runs():
    _, right = plots.batch_and_packed([3, 1, 2], T=4)
    assert [text.get_text() for text in right.get_xticklabels()] == ["3", "2", "1"]
    assert right.get_title(loc="left") == "Packed: 6 rows"


def test_only_the_two_final_states_are_filled():
    ax = plots.bidirectional_ends(3)
    texts = [text.get_text() for text in ax.texts if text.get_color() == "white"]
    assert texts == [r"$\overleftarrow{h}_0$", r"$\overrightarrow{h}_2$"]


def test_names_at_the_ends_of_curves_do_not_cover_each_other():
    table = {name: np.full((2, 4), 1.0) + 0.05 * k for k, name in enumerate("abcdef")}
    left, _ = plots.losses_by_scheme([("one", table, np.arange(4), 2.0, "chance")] * 2)
    left.figure.canvas.draw()
    boxes = [Text.get_window_extent(text) for text in left.texts if len(text.get_text()) == 1]
    heights = sorted(box.y0 for box in boxes)
    assert min(np.diff(heights)) > 8


def test_curves_that_end_together_share_one_name():
    table = {name: np.full((2, 4), 1.0) + 0.001 * k for k, name in enumerate("abcdef")}
    left, _ = plots.losses_by_scheme([("one", table, np.arange(4), 2.0, "chance")] * 2)
    assert [text.get_text() for text in left.texts] == ["chance", "all 6"]


def test_dear_operations_are_named_and_the_rest_is_summed():
    rows = {f"op{k}": (1, 20.0 - k) for k in range(12)}
    ax = plots.operations(rows)
    assert len(ax.patches) == plots.BARS + 1
    assert ax.patches[0].get_width() == sum(20.0 - k for k in range(plots.BARS, 12))


def test_the_other_figures_draw_and_return_their_axes():
    values = {name: np.linspace(0.1, 1, 20).reshape(4, 5) for name in "ab"}
    gradients = {name: np.geomspace(1, 1e-3, 9) for name in "ab"}
    assert len(plots.gradient_and_values(values, gradients)) == 2
    assert len(plots.masks_over_time({name: np.eye(5, 3) > 0 for name in "abc"})) == 3
    assert plots.spread_over_time(np.linspace(0.5, 1, 6), 0.8).get_ylim()[0] == 0
    assert len(plots.graph_growth({"a": [1, 2, 3], "b": [1, 1, 1]}).lines) == 2
    sizes = np.array([16, 32])
    assert len(plots.costs(sizes, [("ms", {"B = 1": sizes / 9}), ("rate", {"B = 1": sizes})])) == 2

"""Diagrams drawn by code: as many boxes and arrows as the graph has, whatever its length."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils.plots.diagrams import PATTERNS, five_patterns, rolled_graph, unrolled_graph
from course_utils.plots.style import BLUE, GREEN, ORANGE


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def boxes(ax):
    return [p for p in ax.patches if isinstance(p, FancyBboxPatch)]


def arrows(ax, color):
    return [p for p in ax.patches if isinstance(p, FancyArrowPatch) and to_hex(p.get_edgecolor()).upper() == color]


@pytest.mark.parametrize("T", [1, 2, 7, 12])
def test_unrolled_graph_has_three_boxes_and_three_arrows_a_step_and_one_h0(T):
    ax = unrolled_graph(T)
    ax.figure.canvas.draw()
    assert len(boxes(ax)) == 3 * T + 1
    assert [len(arrows(ax, c)) for c in (GREEN, ORANGE, BLUE)] == [T, T, T]
    texts = {t.get_text() for t in ax.texts}
    assert {"$h_0$", f"$x_{{{T}}}$", f"$h_{{{T}}}$", f"$y_{{{T}}}$"} <= texts


def test_arrows_of_the_recurrence_lead_from_each_state_to_the_next():
    ax = unrolled_graph(5)
    ax.figure.canvas.draw()
    tips = [a.get_path().vertices for a in arrows(ax, ORANGE)]
    shafts = [(round(float(v[0, 0])), round(float(v[2, 0]))) for v in tips]  # first and last point of the curve
    assert shafts == [(t, t + 1) for t in range(5)]


def test_rolled_graph_has_one_loop():
    ax = rolled_graph()
    ax.figure.canvas.draw()
    assert len(boxes(ax)) == 3
    assert [len(arrows(ax, c)) for c in (GREEN, ORANGE, BLUE)] == [1, 1, 1]


def test_five_patterns_show_each_wiring_with_its_name_and_its_task():
    ax = five_patterns()
    ax.figure.canvas.draw()
    assert len(PATTERNS) == 5
    assert len(arrows(ax, GREEN)) == sum(len(p.reads) for p in PATTERNS)
    assert len(arrows(ax, BLUE)) == sum(len(p.writes) for p in PATTERNS)
    assert len(arrows(ax, ORANGE)) == sum(p.T - 1 for p in PATTERNS)
    assert {p.name for p in PATTERNS} | {p.example for p in PATTERNS} <= {t.get_text() for t in ax.texts}


def test_patterns_are_what_their_names_say():
    by_name = {p.name.replace("\n", " "): p for p in PATTERNS}
    for name, p in by_name.items():
        reads, writes = name.split(",")[0].split(" to ")
        assert (len(p.reads) > 1, len(p.writes) > 1) == (reads == "many", writes == "many")
        assert set(p.reads) | set(p.writes) <= set(range(p.T))
    assert by_name["many to many, aligned"].reads == by_name["many to many, aligned"].writes
    assert max(by_name["many to many, encoder-decoder"].reads) < min(by_name["many to many, encoder-decoder"].writes)
    assert by_name["many to one"].writes == (by_name["many to one"].T - 1,)


def test_texts_of_the_five_patterns_stand_clear_of_each_other_and_below_the_title():
    ax = five_patterns()
    ax.figure.set_layout_engine("constrained")
    title = ax.set_title("Which steps read, and which write", loc="center")
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert max(b.y1 for b in boxes) < title.get_window_extent().y0
    assert all(0 <= b.x0 and b.x1 <= ax.figure.bbox.x1 and b.y0 >= 0 for b in boxes)

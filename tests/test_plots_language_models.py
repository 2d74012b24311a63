"""The figures of lesson 01: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from course_utils.plots import language_models as plots
from course_utils.plots.machines import machine, machines
from course_utils.plots.style import BLUE, GREEN, GREY, VERMILION
from course_utils.tasks.processes import PROCESSES


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def drawn(axes):
    axes.figure.canvas.draw()
    return axes


def test_the_piece_that_u_meets_is_marked_and_the_pieces_fill_the_interval():
    ax = drawn(plots.cdf(["a", "b", "c"], np.array([0.2, 0.5, 1.0]), 0.3, 1))
    pieces = [(p.get_y(), p.get_y() + p.get_height()) for p in ax.patches]
    np.testing.assert_allclose(pieces, [(0, 0.2), (0.2, 0.5), (0.5, 1.0)])
    assert [to_hex(p.get_facecolor()).upper() for p in ax.patches] == [BLUE, VERMILION, BLUE]
    assert "“b”" in ax.get_title(loc="left") + ax.get_title()


def test_every_model_of_the_scoreboard_starts_at_the_floor_and_ends_at_its_score():
    scores = {"x": {"unigram": 0.9, "window": 0.7}, "y": {"unigram": 6.0, "window": 4.5}}
    panels = plots.scoreboard(scores, {"x": 0.5, "y": 4.0})
    drawn(panels[0])
    for panel, floor, row in zip(panels, (0.5, 4.0), scores.values(), strict=True):
        segments = panel.collections[0].get_segments()
        assert [(s[0][0], s[1][0]) for s in segments] == [(floor, bits) for bits in row.values()]
        assert panel.get_xlim()[0] < floor < max(row.values()) < panel.get_xlim()[1]
        assert [to_hex(c).upper() for c in panel.collections[0].get_colors()] == [GREY, BLUE]


def test_a_family_of_models_has_the_same_colour_in_the_scoreboard_and_among_published_results():
    row = {"5-gram": 0.9, "window": 0.7}
    counted, window = plots.scoreboard({"x": row}, {"x": 0.5})[0].collections[0].get_colors()
    bars = plots.published([("a", "counting", 9.0, "A"), ("b", "window", 7.0, "B")]).patches
    assert [to_hex(bar.get_facecolor()) for bar in bars[:2]] == [to_hex(counted), to_hex(window)]


def test_published_results_are_sorted_from_worst_to_best_and_coloured_by_family():
    rows = [("small", "LSTM", 30.0, "A 2016"), ("large", "window", 91.0, "B 2015")]
    ax = drawn(plots.published(rows))
    widths = [p.get_width() for p in ax.patches[:2]]
    assert widths == [91.0, 30.0]
    assert [to_hex(p.get_facecolor()).upper() for p in ax.patches[:2]] == [BLUE, GREEN]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["large (B 2015)", "small (A 2016)"]


def test_frequencies_are_drawn_by_rank_on_log_axes_beside_one_over_rank():
    ax = drawn(plots.zipf({"a": [9, 4, 1], "b": list(range(300, 0, -1)), "c": [5, 5]}))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [(1, 9), (2, 4), (3, 1)])
    np.testing.assert_allclose(ax.lines[-1].get_xydata(), [(1, 9), (3, 3)])


def test_sparsity_draws_counts_against_length_and_shares_in_per_cent():
    left, right = plots.sparsity(np.array([10, 20]), {1: [5, 6], 2: [9, 15]}, {1: 0.1, 2: 0.5})
    drawn(left)
    np.testing.assert_array_equal(left.lines[2].get_ydata(), [9, 15])
    assert [p.get_height() for p in right.patches] == [10, 50]


def test_orders_temperatures_held_out_counts_and_continuations_hold_their_data():
    ax = drawn(plots.orders(["a b", "b a"], [-2.0, -5.0], named=1))
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), [(1, -2), (2, -5)])
    ax = drawn(plots.temperatures(["a", "b"], [0.5, 2], [[0.9, 0.1], [0.6, 0.4]]))
    assert [p.get_height() for p in ax.patches] == [0.9, 0.1, 0.6, 0.4]
    ax = drawn(plots.held_out_counts(np.array([1, 2]), [0.4, 1.2], 0.75))
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0.25, 1.25])
    ax = drawn(plots.continuations({"a": 9, "b": 4, "c": 100}, {"a": 3, "b": 4, "c": 2}, ["c"]))
    assert [t.get_text() for t in ax.texts] == ["c"]


def test_names_of_words_that_lie_on_one_another_do_not_overlap():
    words = ["be", "same", "clause", "version"]
    ax = plots.continuations(dict.fromkeys(words, 124) | {"the": 4000}, dict.fromkeys(words, 10) | {"the": 700}, words)
    drawn(ax)
    names = [Text.get_window_extent(text) for text in ax.texts]  # without the line, which leads to the dot
    assert len(names) == 4
    assert not any(a.overlaps(b) for k, a in enumerate(names) for b in names[:k])


def test_perplexity_and_memory_draw_a_line_at_the_floor():
    ax = drawn(plots.perplexity_against_n([1, 2], {"x": ([30, 20], [31, 33]), "y": ([9, 8], [12, 11])}, 10.0))
    assert any(set(line.get_ydata()) == {10.0} for line in ax.lines)
    ax = drawn(plots.memory({"x": [1.0, 0.9, 0.7]}, 2 / 3, {"x": {0: 1.0, 2: 0.71}}))
    assert any(set(line.get_ydata()) == {2 / 3} for line in ax.lines)
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [(0, 1.0), (2, 0.71)])


def test_a_strip_has_one_square_for_each_symbol():
    rows = plots.strips({"x": [0, 1, 1], "y": [1, 0, 1]})
    drawn(rows[0])
    np.testing.assert_array_equal(rows[0].collections[0].get_array().ravel(), [0, 1, 1])
    assert len(rows) == 2


@pytest.mark.parametrize("process", PROCESSES.values(), ids=str)
def test_a_machine_has_a_circle_for_each_state_and_an_arrow_for_each_step(process):
    _, ax = plt.subplots()
    drawn(machine(process.T, ax))
    circles = [p for p in ax.patches if isinstance(p, plt.Circle)]
    assert len(circles) == process.T.shape[1]
    assert len(ax.patches) - len(circles) == np.count_nonzero(process.T)
    texts = [t.get_text() for t in ax.texts][len(circles) :]
    assert sum(":" not in text for text in texts) == np.count_nonzero(process.T == 1)


def test_machines_stand_side_by_side_under_their_names():
    panels = machines({name: process.T for name, process in PROCESSES.items()})
    drawn(panels[0])
    assert [ax.get_title(loc="left") or ax.get_title() for ax in panels] == list(PROCESSES)


def test_a_state_that_cannot_be_reached_is_refused_by_name():
    T = np.array([[[1.0, 0.0], [0.0, 0.5]], [[0.0, 0.0], [0.5, 0.0]]])
    with pytest.raises(ValueError, match="T: state B cannot be reached from the first"):
        machines({"x": T})

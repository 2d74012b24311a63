"""The figures of lesson 03: each shows the numbers that it was given, without a warning."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course_utils.plots import vanilla_rnn as plots


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def drawn(axes):
    axes.figure.canvas.draw()
    return axes


def test_memory_curve_carries_the_bytes_and_parameters_are_level():
    ax = drawn(plots.memory_for_training(np.array([1, 10, 100]), [20, 110, 1010], 400))
    assert [line.get_ydata().tolist() for line in ax.lines] == [[20, 110, 1010], [400, 400, 400]]


def test_hello_figure_frames_the_target_of_each_step_and_prints_its_loss(rng):
    h, logits, targets = rng.standard_normal((2, 3)), rng.standard_normal((2, 4)), [1, 3]
    ax = drawn(plots.hello_steps("helo", [0, 2], targets, h, logits, np.array([0.25, 1.5])))
    frames = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_linewidth() == 3]
    assert len(frames) == 2
    texts = [(t.get_text(), *t.get_position()) for t in ax.texts]
    for t, frame in enumerate(frames):
        x, y = frame.get_xy()
        inside = [s for s, a, b in texts if x < a < x + frame.get_width() and y < b < y + frame.get_height()]
        assert inside == [f"{logits[t, targets[t]]:+.1f}"]
    assert any("loss 0.250" in s for s, *_ in texts) and any('reads "l"' in s for s, *_ in texts)


def test_states_are_split_by_what_is_certain(rng):
    h = rng.uniform(-1, 1, (9, 2))
    certain = np.arange(9) % 3 == 0
    ax = drawn(plots.states_in_the_plane(h, certain))
    may, must = (c.get_offsets().data for c in ax.collections)
    np.testing.assert_allclose(may, h[~certain])
    np.testing.assert_allclose(must, h[certain])


def test_path_has_an_arrow_for_each_symbol_but_the_first(rng):
    h, symbols = rng.uniform(-1, 1, (5, 2)), np.array([0, 1, 1, 0, 1])
    ax = drawn(plots.path_of_states(h, symbols, h))
    found = [t for t in ax.texts if getattr(t, "arrow_patch", None) is not None]
    assert [tuple(t.xy) for t in found] == [tuple(row) for row in h[1:]]
    assert [t.get_text() for t in ax.texts if t.get_text()] == ["a 0 was read", "a 1 was read"]
    for (low, high), values in zip((ax.get_xlim(), ax.get_ylim()), h.T, strict=True):
        assert low < values.min() and values.max() < high < values.max() + 1
    assert "0 1 1 0 1" in ax.get_title(loc="left") + ax.get_title()


def test_path_of_a_single_symbol_is_a_point():
    drawn(plots.path_of_states(np.zeros((1, 2)), np.array([1]), np.zeros((3, 2))))


def test_counting_figure_holds_three_curves():
    k = np.arange(6)
    ax = drawn(plots.counting_ones(k, 0.5 + 0.5 * (k % 2), np.full(6, 0.7), 0.5 + 0.4 * (k % 2)))
    assert len(ax.lines) == 3
    assert {"exact", "5-gram", "RNN"} <= {t.get_text() for t in ax.texts}


def test_windows_figure_draws_the_rnn_and_the_entropy_rate_as_levels():
    ax = drawn(plots.windows_and_state([1, 2, 5], [0.9, 0.8, 0.7], [0.9, 0.79, 0.69], 0.68, 2 / 3))
    levels = [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1]
    assert levels == [2 / 3, 0.68]


def test_scoreboard_has_a_panel_for_each_source_and_a_dot_for_each_model():
    board = {"x": {"unigram": 0.9, "RNN": 0.7}, "y": {"unigram": 6.0, "RNN": 4.5}}
    panels = plots.scoreboard(board, {"x": 0.5, "y": 4.0})
    drawn(panels[0])
    for panel, row, floor in zip(panels, board.values(), (0.5, 4.0), strict=True):
        assert panel.collections[0].get_offsets()[:, 0].tolist() == list(row.values())
        assert panel.lines[0].get_xdata()[0] == floor


def test_forgetting_holds_both_curves_on_a_logarithmic_axis():
    fresh, trained = [1.0, 0.1], [2.0, 0.3]
    ax = drawn(plots.forgetting(np.array([1, 2]), fresh, trained))
    assert ax.get_yscale() == "log"
    assert [line.get_ydata().tolist() for line in ax.lines] == [fresh, trained]
    assert {"fresh weights", "trained"} <= {text.get_text() for text in ax.texts}


def test_rolled_and_unrolled_stand_side_by_side():
    left, right = plots.rolled_and_unrolled(3)
    drawn(left)
    assert left.figure is right.figure
    assert left.get_position().x1 <= right.get_position().x0

"""Widgets redraw when a control moves, say what they show, and use only what ipywidgets 7.7 and 8 both have."""

import ast
import inspect
import pathlib

import ipywidgets
import matplotlib.pyplot as plt
import pytest

from course_utils import explore as room
from course_utils.explore import explore, explorer, float_slider, int_slider, options
from course_utils.plots import style

ROOT = pathlib.Path(__file__).parents[1]
FILES = [path for folder in ("course_utils", "solutions") for path in sorted((ROOT / folder).rglob("*.py"))]
# What the course uses of ipywidgets: the same names and keywords in 7.7, which Colab has, and in 8.
BOTH_MAJORS = {
    "IntSlider": {"value", "min", "max", "step", "description", "style", "layout", "continuous_update"},
    "FloatSlider": {"value", "min", "max", "step", "description", "style", "layout", "continuous_update"},
    "Dropdown": {"options", "description", "style", "layout"},
    "Text": {"description", "placeholder", "continuous_update", "style", "layout"},
    "Button": {"description"},
    "HTML": set(),
    "interactive_output": set(),
    "VBox": set(),
}


@pytest.fixture
def shown(monkeypatch):
    """The pairs (values drawn, alt text shown), in order; the picture itself goes nowhere."""
    pairs = []
    monkeypatch.setattr(explorer, "show", lambda alt: (pairs.append((drawn[-1], alt)), plt.close("all")))
    drawn = []

    def draw(**values):
        drawn.append(values)
        plt.figure()

    yield draw, pairs
    plt.close("all")


def test_the_picture_is_drawn_at_once_and_again_at_each_change(shown):
    draw, pairs = shown
    n, tau = int_slider("n", 1, 9, 3), float_slider("τ", 0.1, 2.0, 1.0)
    explore(draw, lambda n, tau: f"{n} at {tau:.1f}.", n=n, tau=tau)
    n.value = 4
    tau.value = 0.5
    n.value = 4
    assert pairs == [
        ({"n": 3, "tau": 1.0}, "3 at 1.0."),
        ({"n": 4, "tau": 1.0}, "4 at 1.0."),
        ({"n": 4, "tau": 0.5}, "4 at 0.5."),
    ]


def test_the_widget_has_its_controls_in_order_above_one_picture(shown):
    draw, _ = shown
    n, which = int_slider("n", 1, 9, 3), options("cell", ["RNN", "LSTM"], "LSTM")
    widget = explore(draw, lambda n, which: "A picture.", n=n, which=which)
    assert isinstance(widget, ipywidgets.VBox)
    assert widget.children[:2] == (n, which)
    assert isinstance(widget.children[2], ipywidgets.Output) and len(widget.children) == 3


def test_a_widget_without_words_is_an_error_and_not_a_silent_picture(monkeypatch):
    monkeypatch.setattr(style, "_display", lambda markup: pytest.fail("shown without words"))
    with pytest.raises(ValueError, match="alt must say"):
        explore(lambda n: plt.figure(), lambda n: "", n=int_slider("n", 1, 9, 3))
    plt.close("all")


def test_nothing_drawn_before_stays_open(shown):
    draw, _ = shown
    plt.figure()
    explore(draw, lambda n: "A picture.", n=int_slider("n", 1, 9, 3))
    assert plt.get_fignums() == []


@pytest.mark.parametrize("control", [int_slider("n", 1, 9, 3), float_slider("τ", 0.1, 2.0, 1.0), options("x", ["a"])])
def test_every_control_has_a_name_and_fits_a_narrow_page(control):
    assert control.description and control.layout.max_width == "100%"
    assert getattr(control, "continuous_update", False) is False, "a picture for every pixel of the way is too slow"


def test_a_slider_has_the_range_that_was_asked_for():
    slider = float_slider("τ", 0.1, 2.0, 1.0, 0.05)
    assert (slider.min, slider.max, slider.value, slider.step) == (0.1, 2.0, 1.0, 0.05)
    assert options("cell", [("one", 1), ("two", 2)], 2).value == 2
    assert options("cell", ["a", "b"]).value == "a"


def uses(path):
    """The (name, keywords) that a file takes from ipywidgets, and files that import it in another way."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {id(node.func): {k.arg for k in node.keywords} for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ipywidgets":
            yield node.attr, calls.get(id(node), set())
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ipywidgets":
            yield from ((alias.name, {"from ... import"}) for alias in node.names)


def test_only_what_both_majors_of_ipywidgets_have_is_used():
    used = [(path.name, name, keywords) for path in FILES for name, keywords in uses(path)]
    assert used, "nothing found: the search is broken"
    wrong = [use for use in used if use[1] not in BOTH_MAJORS or not use[2] <= BOTH_MAJORS[use[1]]]
    assert wrong == [], "check ipywidgets 7.7 for these, then add them to the table"
    assert {name for _, name, _ in used} == set(BOTH_MAJORS), "the table lists what nobody uses"


def test_only_the_room_of_widgets_knows_ipywidgets():
    users = {path.relative_to(ROOT).as_posix() for path in FILES if any(True for _ in uses(path))}
    assert users == {"course_utils/explore/explorer.py"}


def test_the_room_offers_what_lessons_need():
    assert all(inspect.getdoc(getattr(room, name)) for name in room.__all__)

"""Figures are shown with words for those who cannot see them, once, and leave nothing behind."""

import base64
import io
import re
import subprocess
import sys
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots import show, style, use_style

HOSTILE = "a < b & \"c\" 'd' </figure><script>alert(1)</script> ∂L/∂h → 0"


class Tags(HTMLParser):
    """What a browser would make of some HTML: names of the tags and their attributes."""

    def __init__(self, markup):
        super().__init__()
        self.names, self.attributes = [], {}
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes[tag] = dict(attrs)


@pytest.fixture
def markup(monkeypatch):
    """What was shown, one string for each call."""
    shown = []
    monkeypatch.setattr(style, "_display", shown.append)
    yield shown
    plt.close("all")


def pixels(markup):
    """The picture inside the markup as an array (height, width, channels)."""
    data = Tags(markup).attributes["img"]["src"].removeprefix("data:image/png;base64,")
    return plt.imread(io.BytesIO(base64.b64decode(data)), format="png")


@pytest.mark.parametrize("alt", ["A line.", HOSTILE])
def test_a_browser_reads_exactly_the_alt_text_and_one_picture(markup, alt):
    plt.figure().add_subplot().plot([1, 2])
    show(alt)
    found = Tags(markup[0])
    assert found.names == ["figure", "img"]
    assert found.attributes["img"]["alt"] == alt


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_no_figure_is_shown_without_words(markup, alt):
    plt.figure()
    with pytest.raises(ValueError, match="alt must say in a sentence what the figure shows"):
        show(alt)
    assert markup == [] and len(plt.get_fignums()) == 1


def test_the_figure_shown_is_closed_and_no_other(markup):
    first = plt.figure(1)
    plt.figure(2)
    show("The current one.")
    assert plt.get_fignums() == [1]
    plt.figure(3)
    show("The one given.", figure=first)
    assert plt.get_fignums() == [3]


def test_the_picture_has_the_figures_shape_and_what_was_drawn(markup):
    plt.figure(figsize=(3, 2)).set_facecolor("#0072B2")
    show("A blue field.", dpi=50)
    picture = pixels(markup[0])
    assert picture.shape[:2] == (100, 150)
    np.testing.assert_allclose(picture[50, 75, :3], [0, 0x72 / 255, 0xB2 / 255], atol=1e-6)
    assert "width: 300px" in markup[0] and "max-width: 100%" in markup[0]


def test_plain_python_shows_nothing():
    code = "from course_utils.plots import show; import matplotlib.pyplot as plt; plt.figure(); show('A figure.')"
    plain = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, "", "")


def test_a_kernel_publishes_one_html_output(markup, monkeypatch):
    monkeypatch.undo()
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    try:
        InteractiveShell.instance()
        with capture_output() as captured:
            plt.figure()
            show("A figure.")
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert output.data["text/html"].startswith("<figure") and "image/png" not in output.data


def test_the_style_is_set_for_all_figures_that_follow(markup):
    with plt.rc_context():
        use_style()
        ax = style.axes()
        assert tuple(ax.figure.get_size_inches()) == (6.4, 3.0)
        assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"][0] == style.BLUE


def test_axes_given_are_drawn_on_and_axes_missing_are_made(markup):
    given = plt.figure().add_subplot()
    assert style.axes(given) is given
    made = style.axes(figsize=(2, 5), projection="polar")
    assert tuple(made.figure.get_size_inches()) == (2, 5) and made.name == "polar"


def test_a_label_stands_at_the_end_of_its_curve_in_its_colour(markup):
    ax = style.axes()
    style.label_end(ax, [1, 2, 3], np.array([4, 5, 7]), "loss", color=style.GREEN)
    (text,) = ax.texts
    assert text.xy == (3, 7) and text.get_text() == "loss" and text.get_color() == style.GREEN


def test_every_colour_is_one_of_okabe_and_ito():
    palette = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}
    names = [name for name in style.__all__ if name.isupper() and name != "GREY"]
    assert {getattr(style, name) for name in names} <= palette
    assert all(re.fullmatch("#[0-9A-F]{6}", getattr(style, name)) for name in names)

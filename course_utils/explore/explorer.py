"""A widget is a plot function with sliders: `explore(draw, alt, n=slider)` redraws whenever a control moves."""

import ipywidgets
import matplotlib.pyplot as plt

from ..plots.style import show

__all__ = ["explore", "float_slider", "int_slider", "options"]

WIDE = {"description_width": "12em"}
LAYOUT = {"width": "34em", "max_width": "100%"}


def int_slider(description, low, high, value, step=1):
    """A slider over whole numbers; `description` stands beside it and names it for screen readers."""
    return ipywidgets.IntSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        style=WIDE,
        layout=LAYOUT,
        continuous_update=False,
    )


def float_slider(description, low, high, value, step=0.01):
    """A slider over real numbers."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        style=WIDE,
        layout=LAYOUT,
        continuous_update=False,
    )


def options(description, choices, value=None):
    """A drop-down list of choices, or of (label, value) pairs; the first is chosen unless `value` says otherwise."""
    menu = ipywidgets.Dropdown(options=choices, description=description, style=WIDE, layout=LAYOUT)
    if value is not None:
        menu.value = value
    return menu


def explore(draw, alt, **controls):
    """Controls above a picture that `draw(**values)` draws anew at each change; `alt(**values)` says it in words.

    `draw` uses pyplot's current figure (any function of course_utils.plots does). The picture's output is silent about
    everything else. Returns the widget, which the notebook shows.
    """

    def redraw(**values):
        draw(**values)
        show(alt(**values))

    plt.close("all")
    picture = ipywidgets.interactive_output(redraw, controls)
    return ipywidgets.VBox([*controls.values(), picture])

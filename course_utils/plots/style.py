"""One look for every figure of the course, and one way to show it: as an image with alternative text.

Colours are those of Okabe and Ito (2008), safe for readers with any kind of colour vision; roles of gates have theirs in
`course_utils.cells.gates`.
"""

import base64
import html
import io

import matplotlib.pyplot as plt

__all__ = [
    "BLACK",
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "axes",
    "label_end",
    "show",
    "use_style",
]

BLACK, GREY = "#000000", "#7F7F7F"
GREEN, VERMILION, BLUE, PURPLE = "#009E73", "#D55E00", "#0072B2", "#CC79A7"
ORANGE, SKY = "#E69F00", "#56B4E9"

STYLE = {
    "figure.figsize": (6.4, 3.0),
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": plt.cycler(color=[BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK]),
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "image.cmap": "viridis",
}


def use_style():
    """Set the course's look for all figures that follow."""
    plt.rcParams.update(STYLE)


def axes(ax=None, **options):
    """The axes given, or those of a new figure; `options` (figsize, projection) are for the new one."""
    if ax is not None:
        return ax
    figsize = options.pop("figsize", None)
    return plt.figure(figsize=figsize).add_subplot(**options)


def label_end(ax, x, y, text, color=None, dx=4, dy=0):
    """Write a curve's name beside its last point (x[-1], y[-1]), in its colour; dx, dy move it, in points."""
    ax.annotate(
        text,
        (x[-1], y[-1]),
        xytext=(dx, dy),
        textcoords="offset points",
        color=color,
        va="center",
        annotation_clip=False,
    )


def show(alt, figure=None, dpi=150):
    """Show a figure (default: the current one) with alternative text for those who do not see it, and close it.

    The image is part of an HTML <figure>, because JupyterLab, Colab and the web page all read alt text there.
    Raises ValueError for an empty text.
    """
    if not alt or not alt.strip():
        raise ValueError("alt must say in a sentence what the figure shows, for those who cannot see it")
    figure = figure or plt.gcf()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    width = round(figure.get_figwidth() * 100)
    plt.close(figure)
    _display(
        f'<figure style="margin: 0"><img alt="{html.escape(alt)}" style="width: {width}px; max-width: 100%" '
        f'src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"></figure>'
    )


def _display(markup):
    """Show HTML in a notebook; a lesson that runs as a plain script shows nothing."""
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
    except ModuleNotFoundError:
        return
    if get_ipython() is not None:
        display(HTML(markup))

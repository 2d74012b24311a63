"""The LSTM cell as a diagram: the memory runs along the top, the gates stand below it, each in its own colour.

Round nodes work element by element, boxes are a product with weights and the activation that is written in them.
"""

from matplotlib.patches import Circle, FancyArrowPatch

from ..cells.gates import COLOURS, ROLES
from .diagrams import box
from .style import BLACK, GREY, axes

__all__ = ["lstm_cell"]

TOP, GATES, BUS = 3.0, 1.25, 0.35  # heights of the memory, of the gates, and of what the gates read
PLACES = {"f": 1.5, "i": 2.7, "g": 3.7, "o": 4.9}
JOIN, SHOW = 3.2, 5.9  # where the candidate is written into the memory, and where the memory is shown
MEMORY = COLOURS["memory"]


def lstm_cell(peepholes=False, ax=None):
    """One step of an LSTM; with peepholes (dashed), i and f look at the memory before the step and o at that after it."""
    ax = axes(ax, figsize=(6.4, 3.3))
    _memory(ax)
    _gates(ax)
    _output(ax)
    if peepholes:
        for start, gate in ((0.75, "f"), (0.75, "i"), (4.25, "o")):
            _arrow(ax, (start, TOP), (PLACES[gate] - 0.18, GATES + 0.27), MEMORY, linestyle="--", bend=0.12)
    ax.set_title("The LSTM with peepholes: the gates look at the memory" if peepholes else "One step of an LSTM")
    ax.set(xlim=(-0.55, 7.35), ylim=(-0.7, 3.45), aspect="equal")
    ax.axis("off")
    return ax


def _memory(ax):
    """c' times f plus i times g is c, along the top."""
    _line(ax, [(0, TOP), (PLACES["f"] - 0.2, TOP)], MEMORY)
    _arrow(ax, (PLACES["f"] + 0.2, TOP), (JOIN - 0.2, TOP), MEMORY)
    _arrow(ax, (JOIN + 0.2, TOP), (6.8, TOP), MEMORY)
    _node(ax, PLACES["f"], TOP, "×")
    _node(ax, JOIN, TOP, "+")
    _node(ax, JOIN, 2.25, "×")
    _arrow(ax, (JOIN, 2.45), (JOIN, TOP - 0.2), BLACK)
    ax.text(-0.08, TOP, "$c_{t-1}$", color=MEMORY, ha="right", va="center", fontsize=12)
    ax.text(6.88, TOP, "$c_t$", color=MEMORY, va="center", fontsize=12)


def _gates(ax):
    """The four boxes, what they read from below, and where they lead."""
    _line(ax, [(0, BUS), (PLACES["o"], BUS)], BLACK)
    _arrow(ax, (0.55, -0.3), (0.55, BUS), BLACK)
    ax.text(-0.08, BUS, "$h_{t-1}$", ha="right", va="center", fontsize=12)
    ax.text(0.55, -0.34, "$x_t$", ha="center", va="top", fontsize=12)
    for gate, x in PLACES.items():
        color = COLOURS[ROLES[gate]]
        _arrow(ax, (x, BUS), (x, GATES - 0.25), BLACK)
        box(ax, x, GATES, "tanh" if gate == "g" else "σ", color, size=9 if gate == "g" else 12)
        ax.text(x + 0.32, GATES + 0.02, f"${gate}$", color=color, va="center", fontsize=12)
        ax.text(x + 0.1, BUS - 0.12, ROLES[gate].replace(" ", "\n"), color=color, ha="center", va="top", fontsize=8)
    _arrow(ax, (PLACES["f"], GATES + 0.25), (PLACES["f"], TOP - 0.2), COLOURS["forget gate"])
    _arrow(ax, (PLACES["i"], GATES + 0.25), (JOIN - 0.15, 2.12), COLOURS["input gate"])
    _arrow(ax, (PLACES["g"], GATES + 0.25), (JOIN + 0.15, 2.12), COLOURS["candidate"])


def _output(ax):
    """h = o tanh(c): the memory comes down through tanh, the output gate meets it."""
    _arrow(ax, (SHOW, TOP), (SHOW, 2.25), MEMORY)
    ax.text(SHOW, 2.1, "tanh", color=MEMORY, ha="center", va="center", fontsize=9)
    _arrow(ax, (SHOW, 1.95), (SHOW, GATES + 0.2), MEMORY)
    _node(ax, SHOW, GATES, "×")
    _arrow(ax, (PLACES["o"] + 0.52, GATES), (SHOW - 0.2, GATES), COLOURS["output gate"])
    _arrow(ax, (SHOW + 0.2, GATES), (6.8, GATES), BLACK)
    ax.text(6.88, GATES, "$h_t$", va="center", fontsize=12)


def _node(ax, x, y, text):
    ax.add_patch(Circle((x, y), 0.2, edgecolor=GREY, facecolor="white", linewidth=1.4, zorder=3))
    ax.text(x, y, text, ha="center", va="center_baseline", fontsize=13, zorder=4)


def _line(ax, points, color):
    ax.plot(*zip(*points, strict=True), color=color, linewidth=1.8, solid_capstyle="round")


def _arrow(ax, start, end, color, linestyle="-", bend=0.0):
    style = {"arrowstyle": "-|>", "mutation_scale": 10, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    arc = f"arc3,rad={bend}"
    ax.add_patch(FancyArrowPatch(start, end, color=color, linestyle=linestyle, connectionstyle=arc, **style))

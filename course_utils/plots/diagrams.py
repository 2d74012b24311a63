"""Graphs of recurrent networks, drawn by code: one step with its loop, the same unrolled over T steps, and the wirings.

What is read is green, the state black, what is written blue; an arrow is a matrix, and arrows of one colour are the same
matrix: W_xh green, W_hh orange, W_hy blue.
"""

from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, axes

__all__ = ["PATTERNS", "Pattern", "arrow", "box", "five_patterns", "rolled_graph", "unrolled_graph"]

SIDE = 0.5  # of a box; columns and rows are 1 apart
GAP = 0.8  # between the columns of the small wirings
NARROWEST = 1.2  # a small wiring's room, for its name and its task
LABELS_UP_TO = 6  # steps; in longer graphs the colour of an arrow has to do without its letter
CONDENSED = 9  # from this length on, letters shrink


class Pattern(NamedTuple):
    """How a network of T steps is wired: the steps that read an input and those that write an output."""

    name: str
    T: int
    reads: tuple
    writes: tuple
    example: str


PATTERNS = (
    Pattern("one to one", 1, (0,), (0,), "image classification"),
    Pattern("one to many", 3, (0,), (0, 1, 2), "captioning"),
    Pattern("many to one", 3, (0, 1, 2), (2,), "sentiment,\naction recognition"),
    Pattern("many to many,\naligned", 3, (0, 1, 2), (0, 1, 2), "tagging,\nlabel per video frame"),
    Pattern("many to many,\nencoder-decoder", 4, (0, 1), (2, 3), "translation"),
)


def box(ax, x, y, text, color, size=12, fill="white"):
    """A box of side 0.5 around (x, y) with a text in it."""
    corner = (x - SIDE / 2, y - SIDE / 2)
    style = "round,pad=0,rounding_size=0.08"
    ax.add_patch(FancyBboxPatch(corner, SIDE, SIDE, boxstyle=style, edgecolor=color, facecolor=fill, linewidth=1.6))
    ax.text(x, y, text, color=color, fontsize=size, ha="center", va="center")


def arrow(ax, start, end, color, text="", bend=0.0, at=(0.0, 0.0), size=9):
    """An arrow from point to point, with a text at its middle moved by `at`."""
    style = f"arc3,rad={bend}"
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            color=color,
            linewidth=1.6,
            connectionstyle=style,
            shrinkA=0,
            shrinkB=0,
        )
    )
    middle = ((start[0] + end[0]) / 2 + at[0], (start[1] + end[1]) / 2 + at[1])
    ax.text(*middle, text, color=color, fontsize=size, ha="center", va="center")


def rolled_graph(ax=None):
    """One step of an RNN as a graph with a loop: the new state is the next step's old state."""
    ax = axes(ax, figsize=(2.4, 3.0))
    _column(ax, 0, "t", size=13, label=True)
    arrow(ax, (SIDE / 2, 1.12), (SIDE / 2, 0.88), ORANGE, "$W_{hh}$", bend=-3.2, at=(0.62, 0), size=10)
    ax.set_title("Rolled: one step and a loop")
    return _finish(ax, (-0.9, 1.3), (-0.4, 2.4))


def unrolled_graph(T, ax=None):
    """The same network, one column for each of T steps, from h_0 on the left. Arrows of one colour are the same weights."""
    ax = axes(ax)
    size = 12 if T < CONDENSED else 9
    box(ax, 0, 1, "$h_0$", GREY, size)
    for t in range(1, T + 1):
        label = T <= LABELS_UP_TO
        _column(ax, t, t, size, label)
        over = "$W_{hh}$" if label else ""
        arrow(ax, (t - 1 + SIDE / 2, 1), (t - SIDE / 2, 1), ORANGE, over, at=(0, 0.16), size=8)
    steps = f"{T} step" if T == 1 else f"{T} steps"
    ax.set_title(f"Unrolled: {steps}, the same three matrices")
    return _finish(ax, (-0.4, max(T, 3) + 0.4), (-0.4, 2.4))


def five_patterns(patterns=PATTERNS, ax=None):
    """Wirings side by side: which steps read (green) and which write (blue), with the name above and a task below."""
    ax = axes(ax, figsize=(8.6, 2.75))
    left = 0.0
    for p in patterns:
        width = max(GAP * (p.T - 1), NARROWEST)
        middle = left + width / 2
        _wiring(ax, p, middle - GAP * (p.T - 1) / 2)
        ax.text(middle, 2.45, p.name, ha="center", va="bottom", fontsize=9, weight="bold")
        ax.text(middle, -0.42, p.example, ha="center", va="top", fontsize=9, color=GREY)
        left += width + 1.3
    ax.set_title("Which steps read, and which write")
    return _finish(ax, (-0.75, left - 0.55), (-0.95, 3.15))


def _column(ax, x, subscript, size, label):
    """One step: input below, state, output above, and the two arrows between them."""
    box(ax, x, 0, f"$x_{{{subscript}}}$", GREEN, size)
    box(ax, x, 1, f"$h_{{{subscript}}}$", BLACK, size, fill="#EEEEEE")
    box(ax, x, 2, f"$y_{{{subscript}}}$", BLUE, size)
    W_xh, W_hy = ("$W_{xh}$", "$W_{hy}$") if label else ("", "")
    arrow(ax, (x, SIDE / 2), (x, 1 - SIDE / 2), GREEN, W_xh, at=(0.22, 0), size=8)
    arrow(ax, (x, 1 + SIDE / 2), (x, 2 - SIDE / 2), BLUE, W_hy, at=(0.22, 0), size=8)


def _wiring(ax, pattern, left):
    for t in range(pattern.T):
        x = left + GAP * t
        box(ax, x, 1, "", BLACK, fill="#EEEEEE")
        if t:
            arrow(ax, (x - GAP + SIDE / 2, 1), (x - SIDE / 2, 1), ORANGE)
        if t in pattern.reads:
            box(ax, x, 0, "", GREEN, fill=GREEN)
            arrow(ax, (x, SIDE / 2), (x, 1 - SIDE / 2), GREEN)
        if t in pattern.writes:
            box(ax, x, 2, "", BLUE, fill=BLUE)
            arrow(ax, (x, 1 + SIDE / 2), (x, 2 - SIDE / 2), BLUE)


def _finish(ax, xlim, ylim):
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return ax

"""Sources drawn as machines: circles are hidden states, arrows are steps, each with the symbol written and its probability."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch

from .style import BLACK, BLUE, GREY

__all__ = ["machine", "machines"]

RADIUS, WIDE = 0.24, 2.0  # of a circle; from column to column
LETTERS = "ABCDEFGHIJ"
COLOURS = (GREY, BLUE)  # of an arrow that writes 0, and of one that writes 1
LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def machines(processes):
    """Each source (name -> T (V, S, S)) as a machine, side by side. Returns the axes."""
    columns = [max(_columns(T)) for T in processes.values()]
    _, panels = plt.subplots(
        1, len(processes), figsize=(8.4, 2.2), squeeze=False, width_ratios=[1 + c for c in columns]
    )
    for ax, (name, T) in zip(panels[0], processes.items(), strict=True):
        machine(T, ax)
        ax.set_title(name)
    return panels[0]


def machine(T, ax):
    """One source: T[v][i, j] is the probability to write v and go from state i to state j."""
    columns = _columns(T)
    at = [(WIDE * c, _row(columns, state)) for state, c in enumerate(columns)]
    for state, (x, y) in enumerate(at):
        ax.add_patch(plt.Circle((x, y), RADIUS, facecolor="white", edgecolor=BLACK, linewidth=1.4, zorder=3))
        ax.text(x, y, LETTERS[state], ha="center", va="center", zorder=4)
    for symbol, step in enumerate(T):
        for i, j in zip(*step.nonzero(), strict=True):
            text = f"{symbol}" if step[i, j] == 1 else f"{symbol} : {step[i, j]:g}"
            if i == j:
                _loop(ax, at[i], text, COLOURS[symbol])
            else:
                _step(ax, at[i], at[j], text, COLOURS[symbol])
    ax.set(aspect="equal", xlim=(-0.6, WIDE * max(columns) + 0.4), ylim=(-1.45, 1.45))
    ax.axis("off")
    return ax


def _step(ax, start, end, text, color):
    """An arrow bent to its left, so that there and back do not meet; the way home bends around what lies between."""
    (x0, y0), (x1, y1) = start, end
    back = x1 < x0 - WIDE
    bend = (0.45 if y0 > 0 else -0.45) if back else (-0.25 if y0 == y1 else 0)
    style = f"arc3,rad={bend}"
    options = {"shrinkA": 13, "shrinkB": 13, "mutation_scale": 11, "linewidth": 1.4, "color": color}
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", connectionstyle=style, **options))
    share = 0.5 if y0 == y1 or back else 0.34
    x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    away = bend * (x1 - x0) / 2 + (0.02 if y0 == y1 or back else 0)
    ax.text(x, y - (1.0 if back else 1.1) * away, text, color=color, fontsize=8, ha="center", va="center", bbox=LABEL)


def _loop(ax, at, text, color):
    """An arrow from a state to itself, on its upper left."""
    x, y = at
    options = {"mutation_scale": 11, "linewidth": 1.4, "color": color, "connectionstyle": "arc3,rad=-1.6"}
    ax.add_patch(FancyArrowPatch((x - 0.2, y + 0.16), (x + 0.2, y + 0.16), arrowstyle="-|>", **options))
    ax.text(x, y + 0.62, text, color=color, fontsize=8, ha="center", va="center", bbox=LABEL)


def _columns(T):
    """How many steps each state is away from the first."""
    reached, columns, c = {0}, [0] * len(T[0]), 0
    while len(reached) < len(columns):
        c += 1
        found = {int(j) for i in reached for j in T.sum(axis=0)[i].nonzero()[0]} - reached
        if not found:
            lost = min(set(range(len(columns))) - reached)
            raise ValueError(f"T: state {LETTERS[lost]} cannot be reached from the first state, A; leave it out")
        for j in found:
            columns[j] = c
        reached |= found
    return columns


def _row(columns, state):
    """Heights of the states of one column, centred."""
    same = [s for s, c in enumerate(columns) if c == columns[state]]
    return 1.5 * ((len(same) - 1) / 2 - same.index(state))

"""Figures of lesson 04."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, axes, label_end

__all__ = ["backward_graph", "check_table", "cost_of_directions", "error_curves", "path_triangle"]

WIDE, HIGH = 1.5, 0.62  # of a node
COLUMN, ROW = 2.3, 1.05  # between nodes
ROWS = {"x": 0, "z": 1, "h": 2, "y": 3, "L": 4}
COLORS = {"x": GREEN, "z": GREY, "h": BLACK, "y": BLUE, "L": PURPLE}


def backward_graph(run, stops, reached, ax=None):
    """The unrolled graph of a scalar_rnn.Run with all its numbers, and the gradients of the first `reached` stops."""
    T = len(run.x)
    ax = axes(ax, figsize=(8.6, 5.6))
    gradients = {(s.node, s.t): s.gradient for s in stops[:reached]}
    last = stops[reached - 1] if reached else None
    _wires(ax, T, gradients, last)
    _node(ax, "h", 0, run.h[0], gradients, last)
    for t in range(1, T + 1):
        z = np.arctanh(run.h[t])
        values = {"x": run.x[t - 1], "z": z, "h": run.h[t], "y": run.y[t - 1], "L": run.losses[t - 1]}
        for name, value in values.items():
            _node(ax, name, t, value, gradients, last)
    ax.set(xlim=(-1.0, COLUMN * T + 1.0), ylim=(-1.05, 4 * ROW + 0.45))
    ax.text(COLUMN * T / 2, -0.75, _sums(last), ha="center", va="center", color=VERMILION)
    ax.set_title(_headline(last, reached, len(stops)))
    ax.axis("off")
    return ax


def path_triangle(terms, ax=None):
    """The terms (T, T) of a gradient as a sum over paths: row t the loss, column k the step where the weight was used."""
    T = len(terms)
    ax = axes(ax, figsize=(4.6, 3.6))
    shown, limit = np.where(np.tri(T, dtype=bool), terms, np.nan), np.abs(terms).max()
    picture = ax.imshow(shown, cmap="PuOr", vmin=-limit, vmax=limit, extent=(0.5, T + 0.5, T + 0.5, 0.5))
    if T <= 6:
        for t, k in zip(*np.tril_indices(T), strict=True):
            color = "white" if abs(terms[t, k]) > 0.6 * limit else BLACK
            ax.text(k + 1, t + 1, f"{terms[t, k]:+.4f}".replace("-", "−"), ha="center", va="center", color=color)
        ax.set(xticks=range(1, T + 1), yticks=range(1, T + 1))
    ax.set(xlabel="$k$: the step where the weight was used", ylabel="$t$: the step whose loss it reaches")
    ax.set_title("One term for every path")
    ax.figure.colorbar(picture, ax=ax, label="contribution")
    return ax


def error_curves(eps, curves, ax=None):
    """Error of numerical gradients against the step size; curves: (name, errors, (index, dx, dy)), where to name it."""
    ax = axes(ax, figsize=(6.4, 3.8))
    for (name, errors, (at, dx, dy)), color in zip(curves, (BLUE, ORANGE, VERMILION, GREEN), strict=False):
        ax.loglog(eps, errors, color=color)
        ax.annotate(name, (eps[at], errors[at]), (dx, dy), textcoords="offset points", color=color, ha="center")
    ax.set(xlabel="step size ε", ylabel="error / size of gradient", ylim=(None, 1e2))
    ax.set_title("Not too large, not too small: the error against the step size")
    return ax


def cost_of_directions(H, seconds, kept, T):
    """Two panels against H, for the way back and for forward mode over T steps: seconds, and numbers kept. Dicts by name."""
    _, panels = plt.subplots(1, 2, figsize=(8.6, 3.2))
    for ax, table, label in zip(panels, (seconds, kept), ("seconds", "numbers kept"), strict=True):
        for (name, values), color in zip(table.items(), (BLUE, VERMILION), strict=True):
            ax.loglog(H, values, "o-", color=color)
            label_end(ax, H, values, name, color)
        ax.set(xlabel="hidden units $H$", ylabel=label, title=f"{label} for {T} steps".capitalize())
        ax.set_xticks(H, [str(n) for n in H])
        ax.minorticks_off()
    return panels


def check_table(wrong, checks, accepted, ax=None):
    """Which check accepts which way back: accepted (rows, columns) of booleans; the first row is the right one."""
    ax = axes(ax, figsize=(8.2, 0.62 * len(wrong) + 1.0))
    for (i, j), ok in np.ndenumerate(np.asarray(accepted)):
        good = ok == (i == 0)
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor="white" if good else VERMILION, edgecolor="#BBBBBB", alpha=0.9))
        text = "accepted" if ok else "refused"
        ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=BLACK if good else "white")
    ax.set(xlim=(0, len(checks)), ylim=(len(wrong), 0))
    ax.set_xticks(np.arange(len(checks)) + 0.5, checks)
    ax.set_yticks(np.arange(len(wrong)) + 0.5, wrong)
    ax.tick_params(length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title("Filled: the verdict is wrong", pad=10)
    return ax


def _node(ax, name, t, value, gradients, last):
    x, y = COLUMN * t, ROW * ROWS[name]
    here = last is not None and (last.node, last.t) == (name, t)
    style = "round,pad=0,rounding_size=0.08"
    fill = "#FCE5D6" if here else "white"
    edge = {"edgecolor": COLORS[name], "facecolor": fill, "linewidth": 2.4 if here else 1.4}
    ax.add_patch(FancyBboxPatch((x - WIDE / 2, y - HIGH / 2), WIDE, HIGH, boxstyle=style, zorder=2, **edge))
    known = (name, t) in gradients
    top = y + (0.14 if known else 0)
    ax.text(x, top, f"${name}_{t}$ = {_signed(value)}", ha="center", va="center", color=COLORS[name], zorder=3)
    if known:
        g = gradients[name, t]
        name = f"$\\partial L / \\partial {name}_{t}$"
        ax.text(x, y - 0.15, f"{name} = {_signed(g)}", ha="center", va="center", color=VERMILION, fontsize=9, zorder=3)


def _signed(value):
    """Three digits, with a minus as wide as a plus."""
    return f"{value:.3f}".replace("-", "−")


def _wires(ax, T, gradients, last):
    """Every arrow of the way forward, and over it the way back where a gradient has come through."""
    for t in range(1, T + 1):
        wires = [
            (("x", t), ("z", t), "$w_{xh}$"),
            (("h", t - 1), ("z", t), "$w_{hh}$"),
            (("z", t), ("h", t), "tanh"),
            (("h", t), ("y", t), "$w_{hy}$"),
            (("y", t), ("L", t), f"$(y_{t} - y^*_{t}) / {T}$" if ("y", t) in gradients else ""),
        ]
        for start, end, text in wires:
            travelled = start in gradients and (end in gradients or end[0] == "L")
            now = last is not None and start == (last.node, last.t)
            _wire(ax, start, end, text, travelled, now)


def _wire(ax, start, end, text, travelled, now):
    (x0, y0), (x1, y1) = (_edge(start, end), _edge(end, start))
    color, width = (VERMILION, 2.6 if now else 1.4) if travelled else ("#AAAAAA", 1.4)
    points = ((x1, y1), (x0, y0)) if travelled else ((x0, y0), (x1, y1))
    arrow = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(*points, color=color, linewidth=width, zorder=1, **arrow))
    beside = (0.12, 0.0) if x0 == x1 else (0.1, 0.12)
    ax.text((x0 + x1) / 2 + beside[0], (y0 + y1) / 2 + beside[1], text, fontsize=9, color=GREY, va="center")


def _edge(node, towards):
    """Where the wire from `node` towards another leaves its box."""
    (name, t), (other, u) = node, towards
    x, y = COLUMN * t, ROW * ROWS[name]
    if u != t:
        return (x + WIDE / 2 if u > t else x - WIDE / 2), y
    return x, y + (HIGH / 2 if ROWS[other] > ROWS[name] else -HIGH / 2)


def _headline(last, reached, stops):
    if last is None:
        return "The way forward: all values, no gradient yet"
    name = f"\\partial L / \\partial {last.node}_{last.t}"
    return f"Stop {reached} of {stops}:  ${name}$ = {last.formula} = {last.gradient:.3f}"


def _sums(last):
    if last is None:
        return "the three sums start at zero"
    names = ("w_{xh}", "w_{hh}", "w_{hy}")
    parts = [f"$\\partial L / \\partial {n}$ = {v:.4f}" for n, v in zip(names, last.totals, strict=True)]
    return "sums so far:    " + "      ".join(parts)

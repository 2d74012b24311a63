"""Figures of lesson 06."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle, Rectangle

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, axes, label_end

__all__ = [
    "agreement",
    "bounds_of",
    "cliff",
    "clipping",
    "norms_and_bounds",
    "norms_by_lag",
    "rates",
    "saturation",
    "singular_values",
    "success",
    "transient",
]

FLOOR = 1e-18  # log axes end here: what is smaller is nothing to float64's sums
COLORS = (BLUE, SKY, BLACK, ORANGE, VERMILION, PURPLE, GREEN)


def norms_by_lag(norms, title, colors=COLORS, ax=None):
    """Gradient norm against lag on a log axis: {label: norms (n + 1,)}; labels at the ends."""
    ax = axes(ax)
    for (label, values), color in zip(norms.items(), colors, strict=False):
        lags = np.arange(len(values))
        ax.semilogy(lags, np.where(values > 0, values, np.nan), color=color)
        label_end(ax, lags, values, label, color)
    ax.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    ax.set(xlabel="lag (steps back)", ylabel="norm of the gradient", title=title)
    return ax


def bounds_of(trial, title, ax=None):
    """One gradient_lab.Trial: gradient norm by lag between its lower and upper bound."""
    ax = axes(ax)
    lags = np.arange(len(trial.norms))
    low, norms, high = (np.maximum(a, 1e-300) for a in (trial.lower, trial.norms, trial.upper))
    ax.fill_between(lags, low, high, color=GREY, alpha=0.15, linewidth=0)
    ax.semilogy(lags, high, color=VERMILION, linewidth=1.2)
    ax.semilogy(lags, low, color=BLUE, linewidth=1.2)
    ax.semilogy(lags, norms, color=BLACK)
    ax.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    ax.set(xlabel="lag (steps back)", ylabel="norm of the gradient", title=title)
    top = max(1e3, 10 * norms.max(), min(high.max(), 1e9))
    bottom = min(1e-3, max(0.1 * norms.min(), FLOOR))
    ax.set(ylim=(bottom, top), xlim=(0, lags[-1]))
    return ax


def norms_and_bounds(trials, ax=None):
    """A panel for each setting, {title: gradient_lab.Trial}: norm by lag, and both bounds."""
    _, panels = plt.subplots(1, len(trials), figsize=(9.6, 3.2), sharey=True)
    for panel, (title, trial) in zip(panels, trials.items(), strict=True):
        bounds_of(trial, title, panel)
    for panel in panels:
        panel.set(ylim=(1e-18, 1e12))
    for panel in panels[1:]:
        panel.set_ylabel("")
    for y, text, color in ((0.95, "upper bound", VERMILION), (0.87, "gradient", BLACK), (0.79, "lower bound", BLUE)):
        panels[0].text(0.98, y, text, color=color, ha="right", va="top", transform=panels[0].transAxes)
    return panels


def singular_values(spectra, ax=None):
    """A panel for each start: every singular value (n + 1, H) of the Jacobian product by lag; {title: values}."""
    _, panels = plt.subplots(1, len(spectra), figsize=(8.6, 3.2), sharey=True)
    for panel, (title, values) in zip(panels, spectra.items(), strict=True):
        colors = plt.cm.viridis(np.linspace(0, 0.9, values.shape[1]))
        for column, color in zip(values.T, colors, strict=True):
            panel.semilogy(column, color=color, linewidth=1.1)
        panel.set(xlabel="lag (steps back)", title=title)
    panels[0].set_ylabel("singular values")
    return panels


def saturation(slopes, ax=None):
    """Left, tanh and its slope; right, how the slopes of a network's units are spread: {label: slopes (T, H)}."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.0))
    z = np.linspace(-4, 4, 201)
    left.plot(z, np.tanh(z), color=GREY)
    left.plot(z, 1 - np.tanh(z) ** 2, color=BLACK)
    left.text(4.1, 1, "tanh", color=GREY, va="center")
    left.text(4.1, 0.03, "slope", color=BLACK, va="center")
    left.set(xlabel="$z$", title="Flat on both sides", ylim=(-1.15, 1.15))
    edges = np.linspace(0, 1, 21)
    for (label, values), color in zip(slopes.items(), (BLUE, ORANGE, VERMILION), strict=False):
        share = np.histogram(values, edges)[0] / np.size(values)
        right.stairs(share, edges, color=color, linewidth=1.8)
        k = int(np.argmax(share))
        side = ("left", 4) if k < 10 else ("right", -4)
        right.annotate(
            label, (edges[k + (k < 10)], share[k]), (side[1], 0), textcoords="offset points", color=color, ha=side[0]
        )
    right.set(xlabel="slope $1 - h^2$ of a unit at a step", ylabel="share", title="Large weights, small slopes")
    return left, right


def rates(groups, ax=None):
    """What the gradient is multiplied by per step, for settings in named groups: {group: {setting: rate}}."""
    rows = [(name, label, value) for name, group in groups.items() for label, value in group.items()]
    ax = axes(ax, figsize=(7.4, 0.27 * len(rows) + 1.0))
    colors = dict(zip(groups, COLORS, strict=False))
    for k, (name, _, value) in enumerate(rows):
        ax.plot([1, value], [k, k], color=colors[name], linewidth=1.2)
        ax.plot(value, k, "o", color=colors[name])
    ax.axvline(1, color=GREY, linewidth=0.8)
    ax.set_yticks(range(len(rows)), [label for _, label, _ in rows])
    for (name, _, _), tick in zip(rows, ax.get_yticklabels(), strict=True):
        tick.set_color(colors[name])
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlabel="factor on the gradient's norm per step")
    ax.set_title("Left of the line the gradient vanishes, right of it it explodes")
    return ax


def transient(gains, radii, ax=None):
    """The largest gain by lag of matrices that first do one thing and then another, {label: gains}; dotted: ρ^lag."""
    ax = axes(ax)
    for (label, values), radius, color in zip(gains.items(), radii, (VERMILION, BLUE), strict=True):
        lags = np.arange(len(values))
        ax.semilogy(lags, values, "o-", markersize=3, color=color)
        ax.semilogy(lags, radius**lags, color=color, linewidth=1, linestyle=":")
        k = max(5, int(np.argmax(values)))
        ax.annotate(label, (k, values[k]), (6, 5), textcoords="offset points", color=color)
    ax.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    ax.set(xlabel="lag (steps back)", ylabel="largest gain of a gradient", ylim=(1e-4, 60))
    ax.set_title("All eigenvalues below one: a rise before the fall")
    return ax


def cliff(W, B, loss, paths, ax=None):
    """A loss over places W, B (all (m, n)) in 3-D, with one_unit.Paths on it: {label: path}, the free one first."""
    ax = axes(ax, figsize=(7.6, 5.0), projection="3d", computed_zorder=False)
    options = {"cmap": "Greys", "vmin": -0.15, "vmax": 0.75, "alpha": 0.9, "linewidth": 0, "antialiased": False}
    ax.plot_surface(W, B, loss, rcount=200, ccount=120, zorder=1, **options)
    for k, ((label, path), color) in enumerate(zip(paths.items(), (VERMILION, BLUE), strict=True)):
        inside = (path.at >= (W.min(), B.min())).all(axis=1) & (path.at <= (W.max(), B.max())).all(axis=1)
        x, y, z = np.column_stack([path.at, path.loss + 0.006])[inside].T
        ax.plot(x, y, z, "o-", color=color, markersize=3, linewidth=1.4, zorder=3)
        ax.text2D(0.02, 0.9 - 0.06 * k, label, color=color, transform=ax.transAxes)
    ax.set(xlabel="$w$", ylabel="$b$", title="A cliff, and two ways to meet it")
    ax.set_zlabel("loss", labelpad=8)
    ax.view_init(elev=32, azim=58)
    return ax


def clipping(gradients, limit, ax=None):
    """Two panels in the plane of two weights: gradients (n, 2) and what clipping by norm and by value makes of them."""
    _, panels = plt.subplots(1, 2, figsize=(8.2, 3.9), sharex=True, sharey=True)
    length = np.linalg.norm(gradients, axis=1, keepdims=True)
    shortened = gradients * np.minimum(1, limit / length), np.clip(gradients, -limit, limit)
    fences = Circle((0, 0), limit), Rectangle((-limit, -limit), 2 * limit, 2 * limit)
    for ax, made, fence, name in zip(panels, shortened, fences, ("norm", "value"), strict=True):
        fence.set(facecolor=GREY, alpha=0.15, edgecolor="none")
        ax.add_patch(fence)
        for g, c, color in zip(gradients, made, (BLUE, VERMILION, GREEN, PURPLE), strict=False):
            ax.plot([0, g[0]], [0, g[1]], color=color, linewidth=1, linestyle=":")
            ax.annotate("", c, (0, 0), arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0})
        ax.set(title=f"Clipped by {name}", xlabel="first weight's gradient", aspect="equal")
    panels[0].set_ylabel("second weight's gradient")
    return panels


def success(table, lengths, chances, ax=None):
    """A panel for each task: the share of right answers against T. table {(task, start): shares}, chances {task: share}."""
    _, panels = plt.subplots(1, len(chances), figsize=(9.4, 3.1), sharey=True)
    starts = list(dict.fromkeys(start for _, start in table))
    for ax, (task, chance) in zip(panels, chances.items(), strict=True):
        for start, color, marker in zip(starts, (VERMILION, BLUE, GREEN), "osD", strict=False):
            ax.plot(lengths, table[task, start], marker + "-", color=color, markersize=4, clip_on=False)
        ax.axhline(chance, color=GREY, linewidth=1, linestyle=":")
        ax.set(xlabel="steps $T$", title=task.capitalize(), ylim=(0, 1.02), xscale="log")
        ax.set_xticks(lengths, [str(T) for T in lengths])
        ax.minorticks_off()
    panels[0].set_ylabel("share of right answers")
    panels[0].text(lengths[0], chances[next(iter(chances))] - 0.03, "chance", color=GREY, va="top")
    for k, (start, color) in enumerate(zip(starts, (VERMILION, BLUE, GREEN), strict=False)):
        panels[-1].text(1.04, 0.9 - 0.13 * k, start, color=color, transform=panels[-1].transAxes)
    return panels


def agreement(groups, curves, ax=None):
    """Share of right verb forms against the words from subject to verb; groups [(first, last)], {label: shares}."""
    ax = axes(ax)
    names = [f"{a}" if a == b else f"{a}-{b}" for a, b in groups]
    for (label, values), color in zip(curves.items(), (BLUE, VERMILION, GREEN), strict=False):
        ax.plot(values, "o-", color=color, markersize=4)
        label_end(ax, range(len(values)), values, label, color, dx=8)
    ax.axhline(0.5, color=GREY, linewidth=1, linestyle=":")
    ax.text(0, 0.49, "guessing", color=GREY, va="top")
    ax.set_xticks(range(len(names)), names)
    ax.set(xlabel="words from subject to verb", ylabel="right form preferred", ylim=(0.4, 1.02))
    ax.set_title("What the gradient never reached is hard to keep")
    return ax

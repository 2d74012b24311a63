"""Figures of lesson 09."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from ..cells.gates import COLOURS, GATE_ORDER, ROLES
from .diagrams import SIDE, arrow, box
from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, axes, label_end

__all__ = [
    "batch_and_packed",
    "bidirectional_ends",
    "costs",
    "gradient_and_values",
    "graph_growth",
    "losses_by_scheme",
    "masks_over_time",
    "operations",
    "spread_over_time",
    "weight_layout",
]

SCHEME_COLOURS = (GREY, SKY, BLUE, ORANGE, VERMILION, PURPLE)
BARS = 8
TOGETHER = 0.04  # of the axes' height


def weight_layout(kind, D, H, ax=None):
    """torch's four arrays of one layer, number by number, each gate in its colour: kind "lstm", "gru" or "rnn"."""
    ax = axes(ax, figsize=(6.4, 4.2))
    gates = GATE_ORDER.get(kind, ("h",))
    n, at = len(gates) * H, 0.0
    for name, columns in (("weight_ih", D), ("weight_hh", H), ("bias_ih", 1), ("bias_hh", 1)):
        for k, gate in enumerate(gates):
            _block(ax, at, n - (k + 1) * H, columns, H, COLOURS[ROLES[gate]])
            if name == "weight_ih":
                ax.text(-0.4, n - (k + 0.5) * H, f"{gate}  {ROLES[gate]}", ha="right", va="center")
        shape = f"({n},)" if name.startswith("bias") else f"({n}, {columns})"
        ax.text(at + columns / 2, -0.25 * n / 8, f"{name}\n{shape}", ha="center", va="top", fontsize=9)
        at += columns + max(1.6, 0.14 * n)
    ax.set(xlim=(-0.55 * n - 1, at), ylim=(-0.14 * n - 0.4, n + 0.2))
    ax.set_title(
        f"One layer of nn.{kind.upper()}({D}, {H}): {len(gates)} gate{'s' * (len(gates) > 1)} below one another"
    )
    ax.axis("off")
    return ax


def gradient_and_values(values, gradients):
    """Two panels: singular values (4, H) of the gates' recurrent blocks, gradient norms (T,) against lag. Dicts by scheme."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6), width_ratios=(1, 1.25))
    for k, ((name, s), color) in enumerate(zip(values.items(), SCHEME_COLOURS, strict=False)):
        left.plot(s.ravel(), np.full(s.size, -k), "|", color=color, markersize=11, alpha=0.7)
        right.semilogy(gradients[name], color=color)
    left.set_yticks(range(0, -len(values), -1), values)
    left.set(xlabel="singular value of a gate's block", xlim=(0, None), ylim=(0.6 - len(values), 0.5))
    left.set_title("How a gate's block stretches")
    _name_ends(right, gradients)
    right.set(xlabel="lag in steps", ylabel="norm of the gradient", title="What the last state still hears")
    return left, right


def losses_by_scheme(panels):
    """One panel for each task (title, {scheme: losses (seeds, moments)}, moments, level, its name): medians, seeds as dots."""
    _, both = plt.subplots(1, len(panels), figsize=(8.6, 3.8), sharey=True)
    both[0].set_ylim(0, 1.06 * max(losses.max() for _, table, *_ in panels for losses in table.values()))
    for ax, (title, table, at, level, label) in zip(both, panels, strict=True):
        curves = {name: np.median(losses, axis=0) for name, losses in table.items()}
        for (name, losses), color in zip(table.items(), SCHEME_COLOURS, strict=False):
            ax.plot(at, curves[name], color=color)
            ax.plot(np.full(len(losses), at[-1]), losses[:, -1], ".", color=color, markersize=5)
        ax.axhline(level, color=BLACK, linestyle=":", linewidth=1)
        ax.annotate(label, (at[-1], level), (0, 4), textcoords="offset points", fontsize=8, ha="right")
        _name_ends(ax, curves, at)
        ax.set(xlabel="updates", title=title)
    both[0].set_ylabel("loss in nats, same scale")
    return both


def _name_ends(ax, curves, at=None):
    """Names right of the axes, in the order of the curves' ends, moved apart; one for all where the ends lie together."""
    ax.set_ylim(ax.get_ylim())  # from here on the places of the ends stand
    at = range(len(next(iter(curves.values())))) if at is None else at
    place = ax.transData + ax.transAxes.inverted()
    ends = {name: place.transform((at[-1], curve[-1]))[1] for name, curve in curves.items()}
    order = sorted(ends, key=ends.get)
    if ends[order[-1]] - ends[order[0]] < TOGETHER:
        middle = (ends[order[-1]] + ends[order[0]]) / 2
        ax.text(1.04, middle, f"all {len(order)}", transform=ax.transAxes, fontsize=8, va="center")
        return
    heights = _apart(np.array([ends[name] for name in order]), 0.085)
    colors = dict(zip(curves, SCHEME_COLOURS, strict=False))
    for name, height in zip(order, heights, strict=True):
        arrow = {"arrowstyle": "-", "color": colors[name], "linewidth": 0.6, "relpos": (0, 0.5)}
        end, text = (at[-1], curves[name][-1]), (1.06, height)
        style = {"color": colors[name], "fontsize": 8, "va": "center", "arrowprops": arrow, "annotation_clip": False}
        ax.annotate(name, end, text, textcoords="axes fraction", **style)


def _apart(heights, gap):
    """Rising heights pushed apart until neighbours are `gap` from each other."""
    heights = heights.copy()
    for _ in range(500):
        push = np.maximum(gap - np.diff(heights), 0) / 2
        heights[:-1] -= push
        heights[1:] += push
    return heights


def bidirectional_ends(T, ax=None):
    """A bidirectional layer over T steps, with the final state of each half filled."""
    ax = axes(ax, figsize=(7.2, 3.2))
    for t in range(T):
        box(ax, 1.2 * t, 0, f"$x_{t}$", GREEN)
        for y, color, last in ((1, BLUE, t == T - 1), (2, VERMILION, t == 0)):
            fill = color if last else "white"
            letter = "\\overrightarrow{h}" if y == 1 else "\\overleftarrow{h}"
            box(ax, 1.2 * t, y, f"${letter}_{t}$", "white" if last else color, fill=fill)
        arrow(ax, (1.2 * t, SIDE / 2), (1.2 * t, 1 - SIDE / 2), GREEN)
        arrow(ax, (1.2 * t - 0.15, SIDE / 2), (1.2 * t - 0.15, 2 - SIDE / 2), GREEN, bend=-0.35)
        if t:
            arrow(ax, (1.2 * t - 1.2 + SIDE / 2, 1), (1.2 * t - SIDE / 2, 1), BLUE)
            arrow(ax, (1.2 * t - SIDE / 2, 2), (1.2 * t - 1.2 + SIDE / 2, 2), VERMILION)
    end = 1.2 * (T - 1)
    ax.add_patch(Rectangle((end - 0.5, 0.62), 0.92, 1.76, fill=False, edgecolor=GREY, linestyle="--"))
    ax.text(end, 2.5, "output[:, -1]", ha="center", color=GREY)
    ax.text(0, 2.5, "h_n[-1]", ha="center", color=VERMILION)
    ax.text(end + 0.5, 1, "h_n[-2]", va="center", color=BLUE)
    ax.set(xlim=(-0.6, end + 1.2), ylim=(-0.4, 2.8), aspect="equal")
    ax.set_title("Filled: where each half has read everything")
    ax.axis("off")
    return ax


def batch_and_packed(lengths, T):
    """Two panels: a padded batch with its real steps coloured, and the same steps packed, column by column."""
    lengths, order = np.asarray(lengths), np.argsort(-np.asarray(lengths), kind="stable")
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 2.8))
    colors = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
    for b, n in enumerate(lengths):
        for t in range(T):
            color = colors[b % len(colors)] if t < n else "#EEEEEE"
            left.add_patch(Rectangle((t, -b), 0.9, 0.9, color=color))
    sizes = []
    for t in range(lengths.max()):
        running = [b for b in order if lengths[b] > t]
        for row, b in enumerate(running):
            right.add_patch(Rectangle((t, -row), 0.9, 0.9, color=colors[b % len(colors)]))
        sizes.append(len(running))
    left.set_title(f"Padded: {len(lengths)} × {T} = {len(lengths) * T} places")
    right.set_title(f"Packed: {lengths.sum()} rows")
    for ax, ticks, label in ((left, range(T), "step"), (right, sizes, "batch_sizes: how many still run")):
        ax.set_xticks(np.arange(len(ticks)) + 0.45, ticks)
        ax.set(xlim=(-0.1, T), ylim=(0.85 - len(lengths), 1), yticks=[], aspect="equal", xlabel=label)
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
    left.set_ylabel("sequence")
    return left, right


def masks_over_time(masks):
    """Which units are left untouched at which step, a panel for each kind of noise: masks is {name: (T, H) of 0 and 1}."""
    _, panels = plt.subplots(1, len(masks), figsize=(8.6, 2.9), sharey=True)
    for ax, (name, mask) in zip(panels, masks.items(), strict=True):
        ax.imshow(mask.T, cmap="Greys_r", vmin=-0.3, vmax=1, aspect="auto", interpolation="nearest")
        ax.set(title=name, xlabel="step", yticks=[])
    panels[0].set_ylabel("unit")
    return panels


def spread_over_time(by_step, running, ax=None):
    """Standard deviation over the batch of what a batch norm sees, step by step (T,), and the one it uses at test time."""
    ax, at = axes(ax), np.arange(1, len(by_step) + 1)
    ax.plot(at, by_step, "o-", color=BLUE, markersize=3)
    ax.axhline(running, color=VERMILION, linestyle="--")
    below = {"textcoords": "offset points", "va": "top"}
    ax.annotate("one average for all steps", (at[-1], running), (0, -5), color=VERMILION, ha="right", **below)
    ax.annotate("at this step", (at[1], by_step[1]), (8, 0), color=BLUE, **below)
    ax.set(xlabel="step", ylabel="standard deviation", ylim=(0, None))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_title("The first steps are not like the others")
    return ax


def graph_growth(nodes, ax=None):
    """How many operations backward() would visit, after each chunk; nodes: {name: counts}."""
    ax = axes(ax)
    for (name, counts), color in zip(nodes.items(), (VERMILION, BLUE), strict=False):
        at = range(1, len(counts) + 1)
        ax.plot(at, counts, "o-", color=color, markersize=4)
        label_end(ax, at, counts, name, color)
    ax.set(xlabel="chunk", ylabel="operations kept in the graph", ylim=(0, None))
    ax.set_title("A state that is not detached keeps all the past")
    return ax


def operations(rows, ax=None):
    """Bars of the dearest operations of a profile: {name: (calls, milliseconds)}, dearest first; the rest is summed."""
    shown = dict(list(rows.items())[:BARS])
    rest = sum(ms for _, ms in list(rows.values())[BARS:])
    ax = axes(ax, figsize=(7.2, 3.2))
    names = [f"{name} ×{calls}" for name, (calls, _) in shown.items()] + [f"{len(rows) - len(shown)} others"]
    spent = [ms for _, ms in shown.values()] + [rest]
    colors = [VERMILION if "rnn" in name or "lstm" in name.lower() else GREY for name in names]
    ax.barh(names[::-1], spent[::-1], color=colors[::-1])
    ax.set(xlabel="milliseconds in this operation alone")
    ax.set_title("Where one training step spends its time (coloured: the LSTM itself)", x=-0.55)
    return ax


def costs(H, panels):
    """Two panels against H, curves by batch size: panels is [(label, {name: values})], log axes."""
    _, both = plt.subplots(1, len(panels), figsize=(8.6, 3.4))
    colors = (SKY, BLUE, GREEN, ORANGE, VERMILION, PURPLE)
    for ax, (label, table) in zip(np.atleast_1d(both), panels, strict=True):
        for (name, values), color in zip(table.items(), colors, strict=False):
            ax.loglog(H, values, "o-", color=color, markersize=4)
            label_end(ax, H, values, name, color)
        ax.set(xlabel="hidden units $H$", title=label)
        ax.set_xticks(H, [str(n) for n in H])
        ax.minorticks_off()
    return both


def _block(ax, x, y, columns, H, color):
    for row in range(H):
        for column in range(columns):
            ax.add_patch(Rectangle((x + column, y + row), 1, 1, facecolor=color, edgecolor="white", linewidth=1))

"""Figures of lesson 08."""

import matplotlib.pyplot as plt
import numpy as np

from ..cells.gates import COLOURS
from .style import BLACK, BLUE, GREEN, GREY, VERMILION, axes, label_end

__all__ = [
    "agreement",
    "counters",
    "equations_sheet",
    "one_unit",
    "ranks",
    "reach",
    "steps_between",
    "zoo",
]

MEMORY = COLOURS["memory"]


def one_unit(x, h, z, r, ax=None):
    """The inputs x (T,) of one unit as bars and its states h (T,) as a curve; z and r stand in the title."""
    ax, t = axes(ax), np.arange(1, len(x) + 1)
    ax.bar(t, x, color="#CCCCCC", width=0.6)
    ax.plot(t, h, "o-", color=BLACK, markersize=4)
    ax.annotate("input", (t[np.argmax(x)], max(x)), (14, -4), textcoords="offset points", color=GREY)
    label_end(ax, t, h, "state $h_t$", BLACK, dx=8)
    ax.set(xlabel="step $t$", ylim=(-1.15, 1.15), xlim=(0.4, len(x) + 0.6))
    ax.set_title(f"One unit with its gates held at $z$ = {z:.2f} and $r$ = {r:.2f}")
    return ax


def zoo(table, ax=None):
    """Which form each implementation has: table[implementation][form] is the order of its gates, or "" for no match."""
    forms = list(next(iter(table.values())))
    ax = axes(ax, figsize=(7.6, 0.55 + 0.42 * (len(table) + 1)))
    for y, row in enumerate(table.values()):
        for x, form in enumerate(forms):
            ax.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=GREEN if row[form] else "white", edgecolor="#CCCCCC"))
            ax.text(x + 0.5, y + 0.5, " ".join(row[form]), ha="center", va="center", color="white", weight="bold")
    ax.set(xlim=(0, len(forms)), ylim=(len(table), 0))
    ax.set_xticks(np.arange(len(forms)) + 0.5, forms)
    ax.set_yticks(np.arange(len(table)) + 0.5, table)
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.spines[:].set_visible(False)
    return ax


def equations_sheet(title, lines, changed, gone, ax=None):
    """A cell's equations, one a line; those in `changed` are coloured, and names in `gone` follow, struck out."""
    ax = axes(ax, figsize=(6.4, 0.9 + 0.26 * (len(lines) + bool(gone))))
    for k, line in enumerate(lines):
        ax.text(
            0, -k, line, family="monospace", fontsize=10, va="center", color=VERMILION if line in changed else BLACK
        )
    if gone:
        ax.text(0, -len(lines), f"gone: {', '.join(gone)}", family="monospace", fontsize=9, va="center", color=GREY)
    ax.set(xlim=(0, 1), ylim=(-len(lines) - bool(gone) + 0.4, 0.6))
    ax.set_title(title)
    ax.axis("off")
    return ax


def ranks(names, published, ours, titles):
    """Ranks of N cells on K tasks, in the paper and here: published, ours (N, K) accuracies. One panel a task."""
    _, panels = plt.subplots(1, len(titles), figsize=(8.6, 3.3))
    for ax, title, theirs, here in zip(panels, titles, np.transpose(published), np.transpose(ours), strict=True):
        left, right = (np.argsort(np.argsort(-np.asarray(a), kind="stable")) for a in (theirs, here))
        for name, a, b in zip(names, left, right, strict=True):
            colour = BLUE if name.startswith("LSTM") else BLACK if name == "Tanh" else VERMILION
            ax.plot([0, 1], [a, b], "o-", color=colour, markersize=4, linewidth=1.2)
            ax.text(-0.06, a, name, ha="right", va="center", color=colour, fontsize=9)
            ax.text(1.06, b, name, ha="left", va="center", color=colour, fontsize=9)
        ax.set(xlim=(-0.75, 1.75), ylim=(len(names) - 0.4, -1.1), title=title)
        ax.text(0, -0.75, "paper", ha="center", va="center", color=GREY)
        ax.text(1, -0.75, "here", ha="center", va="center", color=GREY)
        ax.axis("off")
    return panels


def agreement(names, mean, spread, chance, ax=None):
    """Rank correlation of each task: of mean accuracies (K,), its spread over seeds (K, 2), and what chance gives (2,)."""
    ax, y = axes(ax, figsize=(6.4, 2.2)), np.arange(len(names))
    ax.axvspan(*chance, color="#EEEEEE")
    ax.hlines(y, *np.transpose(spread), color=BLUE, linewidth=5, alpha=0.4)
    ax.plot(mean, y, "o", color=BLUE)
    ax.text(np.mean(chance), -0.62, "random orders", ha="center", va="center", color=GREY)
    ax.set(xlim=(-1, 1), ylim=(len(names) - 0.5, -0.95), xlabel="rank correlation with the published table")
    ax.set_yticks(y, names)
    ax.set_title("Agreement with the paper, and how far the seeds move it")
    return ax


def reach(ns, accepted, largest, title, ax=None):
    """For every network by name the n that it accepts: ns (N,) and accepted[name] (N,) booleans; trained to `largest`."""
    ax = axes(ax, figsize=(6.4, 1.9))
    for y, ok in enumerate(accepted.values()):
        ax.vlines(np.asarray(ns)[~ok], y - 0.32, y + 0.32, color="#DDDDDD", linewidth=1.5)
        ax.vlines(np.asarray(ns)[ok], y - 0.32, y + 0.32, color=GREEN, linewidth=1.5)
    ax.axvline(largest, color=BLACK, linewidth=1)
    ax.annotate("longest in training", (largest, -0.72), (4, 0), textcoords="offset points", va="center")
    ax.set(xlabel="$n$", ylim=(len(accepted) - 0.5, -1), xlim=(0, max(ns) + 1))
    ax.set_yticks(range(len(accepted)), accepted)
    ax.set_title(title)
    return ax


def counters(memories, n, titles):
    """What networks hold while they read n times a, then n times b: memories, a list of (T, H). One panel a network."""
    _, panels = plt.subplots(1, len(memories), figsize=(8.6, 3.0))
    for ax, c, title in zip(panels, memories, titles, strict=True):
        t = np.arange(len(c))
        best = np.argmax((c[0] - c[n]) * (c[2 * n] - c[n]))  # far out during the a and far back during the b
        ax.plot(t, c, color="#CCCCCC", linewidth=1)
        ax.plot(t, c[:, best], color=MEMORY, linewidth=2.5)
        ax.axvline(n, color=GREY, linewidth=1, linestyle="--")
        ax.axvline(2 * n, color=GREY, linewidth=1, linestyle="--")
        bottom, top = ax.get_ylim()
        top += 0.13 * (top - bottom)
        ax.annotate(f"{n} × a", (n, top), (-4, -2), textcoords="offset points", ha="right", va="top", color=GREY)
        ax.annotate(f"{n} × b", (2 * n, top), (-4, -2), textcoords="offset points", ha="right", va="top", color=GREY)
        ax.set(xlabel="symbols read after the start", title=title, ylim=(bottom, top))
    return panels


def steps_between(n, distances, largest, ax=None):
    """How far one more a moves the state, against the number n (N,) of those read: distances[name] (N,), log axis."""
    ax = axes(ax)
    for (name, d), colour in zip(distances.items(), (MEMORY, BLACK), strict=False):
        ax.semilogy(n, d, color=colour)
        label_end(ax, n, d, name, colour)
    ax.axvline(largest, color=GREY, linewidth=1, linestyle="--")
    ax.annotate(
        "longest in training",
        (largest, 0.02),
        (4, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        color=GREY,
    )
    ax.set(xlabel="number of a read so far", ylabel="change of the memory")
    ax.set_title("How far one more a moves the memory")
    return ax

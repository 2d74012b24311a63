"""Figures of lesson 05."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import LogLocator

from ..losses import softmax
from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, axes, label_end

__all__ = [
    "batch_sizes",
    "forced_and_free",
    "gallery",
    "learning_curve",
    "loss_by_position",
    "six_parts",
    "temperature",
    "truncations",
]

METHODS = {"regular": BLUE, "unweighted": ORANGE, "randomised": VERMILION}
PARTS = (
    (0.0, 0.0, GREEN, "1  data", "ids, vocabulary,\nchunks"),
    (2.5, 1.3, BLACK, "2  parameters", "five arrays"),
    (2.5, 0.0, BLUE, "3  forward", "states, p, loss"),
    (5.0, 0.0, VERMILION, "4  backward", "five gradients"),
    (5.0, 1.3, PURPLE, "5  update", "clip, Adagrad"),
    (0.0, 1.3, ORANGE, "6  sample", "text"),
)
ARROWS = ((0, 2, ""), (1, 2, ""), (2, 3, ""), (3, 4, ""), (4, 1, "next chunk"), (1, 5, "to write"))


def six_parts(ax=None):
    """The six parts of a character RNN as boxes, with what goes from one to the next."""
    ax = axes(ax, figsize=(6.4, 2.6))
    for x, y, color, name, what in PARTS:
        ax.add_patch(FancyBboxPatch((x - 0.75, y - 0.4), 1.5, 0.8, boxstyle="round,pad=0.05", ec=color, fc="white"))
        ax.text(x, y + 0.2, name, ha="center", va="center", color=color, weight="bold")
        ax.text(x, y - 0.14, what, ha="center", va="center", fontsize=9)
    for start, end, text in ARROWS:
        (x0, y0), (x1, y1) = PARTS[start][:2], PARTS[end][:2]
        step = np.array([np.sign(x1 - x0) * 0.84, np.sign(y1 - y0) * 0.49])
        tail, head = np.array([x0, y0]) + step, np.array([x1, y1]) - step
        ax.add_patch(FancyArrowPatch(tail, head, arrowstyle="-|>", mutation_scale=11, color=GREY, shrinkA=0, shrinkB=0))
        ax.text((x0 + x1) / 2, (y0 + y1) / 2 + 0.09, text, ha="center", va="bottom", fontsize=8, color=GREY)
    arc = {"arrowstyle": "-|>", "mutation_scale": 11, "color": BLUE, "connectionstyle": "arc3,rad=-0.4"}
    ax.add_patch(FancyArrowPatch((2.95, -0.46), (2.05, -0.46), shrinkA=0, shrinkB=0, **arc))
    ax.text(2.5, -0.76, "carry $h$", ha="center", va="top", fontsize=9, color=BLUE)
    ax.set(xlim=(-0.95, 5.95), ylim=(-1.0, 1.85))
    ax.axis("off")
    return ax


def learning_curve(characters, bits, marks, levels, ax=None):
    """Smoothed bits per character (N,) against characters read; marks: [(characters, bits, text)]; levels: {name: bits}."""
    ax = axes(ax)
    for name, level in levels.items():
        ax.axhline(level, color=GREY, linestyle="--", linewidth=1)
        ax.annotate(name, (characters[-1], level), (0, 3), textcoords="offset points", color=GREY, ha="right")
    ax.plot(characters, bits, color=BLUE)
    for x, y, text in marks:
        ax.plot(x, y, "o", color=VERMILION, markersize=5)
        ax.annotate(text, (x, y), (7, 5), textcoords="offset points", color=VERMILION)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set(xlabel="characters read", ylabel="bits per character, smoothed")
    ax.set_title("The smoothed training loss, and where samples were taken")
    return ax


def temperature(symbols, logits, tau, text, ax=None, shown=14):
    """Probabilities of the likeliest next characters at temperature tau, and a text (a str) written at it."""
    ax = axes(ax, figsize=(6.4, 3.6))
    order = np.argsort(-logits, kind="stable")[:shown]
    ax.bar(range(len(order)), softmax(logits)[order], width=0.8, color="#CCCCCC")
    ax.bar(range(len(order)), softmax(logits / tau)[order], width=0.45, color=VERMILION)
    ax.set_xticks(range(len(order)), [_visible(symbols[k]) for k in order], family="monospace")
    ax.set(ylabel="p(next)", ylim=(0, 1))
    written = "\n".join(textwrap.wrap("".join(map(_visible, text)), 54, drop_whitespace=False)[:5])
    look = {"family": "monospace", "fontsize": 8.5, "parse_math": False, "color": VERMILION}
    ax.text(0.24, 0.95, written, transform=ax.transAxes, va="top", **look)
    ax.set_title(f"Temperature {tau:.2f} (red; grey: 1), and what is written at it")
    return ax


def batch_sizes(curves, ax=None):
    """Bits per character on held-out text against seconds of training; curves: {batch size: (seconds, bits)}."""
    ax = axes(ax, figsize=(6.4, 3.3))
    colors = (PURPLE, BLUE, GREEN, ORANGE, SKY)
    for (seconds, bits), color in zip(curves.values(), colors, strict=False):
        ax.plot(seconds, bits, "o-", color=color, markersize=3.5)
    ends = {B: bits[-1] for B, (_, bits) in curves.items()}
    for (B, end), color in zip(ends.items(), colors, strict=False):
        x = curves[B][0]
        place = _spread(ends, B, 0.07 * (max(ax.get_ylim()) - min(ax.get_ylim())))
        ax.annotate(f"B = {B}", (x[-1], end), (x[-1] * 1.03, place), color=color, va="center", annotation_clip=False)
    ax.set(xlabel="seconds of training", ylabel="held-out bits per character", xlim=(0, None))
    ax.set_title("One text, one network, four batch sizes")
    return ax


def loss_by_position(carried, reset, ax=None):
    """Mean bits (T,) at each place of a chunk, with the state carried into the chunk and with zeros instead."""
    ax = axes(ax)
    t = np.arange(1, len(carried) + 1)
    ax.plot(t, reset, "o-", color=VERMILION, markersize=3.5)
    ax.plot(t, carried, "o-", color=BLUE, markersize=3.5)
    label_end(ax, t, reset, "state reset", VERMILION, dx=6, dy=7)
    label_end(ax, t, carried, "state carried", BLUE, dx=6, dy=-5)
    ax.set(xlabel="place in the chunk", ylabel="bits per character")
    ax.set_title("What a reset costs is paid in the first characters of every chunk")
    return ax


def truncations(table, K):
    """Three panels: mean weight of a path against its lag for chunks of K, then bias and noise against mean length.

    table[method][length] is a course_utils.studies.truncation.Error. K is marked.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.0, 3.2), width_ratios=[1, 1.1, 1.1])
    _path_weights(left, K)
    drawn = table["randomised"]
    middle.loglog(sorted(drawn), [drawn[k].chance for k in sorted(drawn)], color=GREY, linestyle="--", zorder=3)
    for panel, part in ((middle, "bias"), (right, "noise")):
        for method, color in METHODS.items():
            lengths = sorted(table[method])
            errors = [getattr(table[method][k], part) for k in lengths]
            drawn = [(k, e) for k, e in zip(lengths, errors, strict=True) if e > 0]
            panel.loglog(*zip(*drawn, strict=True), "o-", color=color, markersize=3.5)
        panel.axvline(K, color=GREY, linewidth=1, linestyle=":")
        panel.set(xlabel="mean length between cuts", title=f"{part} / length of gradient".capitalize())
        panel.set_xticks(lengths, lengths)
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.minorticks_off()
    _legend(figure)
    return left, middle, right


def forced_and_free(forced, free, chance, ax=None):
    """Share of characters that agree with the text, by place (N,): reading the text, and reading its own output."""
    ax = axes(ax)
    t = np.arange(1, len(forced) + 1)
    ax.plot(t, forced, color=BLUE)
    ax.plot(t, free, color=VERMILION)
    ax.axhline(chance, color=GREY, linestyle="--", linewidth=1)
    label_end(ax, t, forced, "teacher\nforcing", BLUE)
    label_end(ax, t, free, "free\nrunning", VERMILION)
    ax.annotate("always the commonest", (t[-1], chance), (0, 4), textcoords="offset points", color=GREY, ha="right")
    ax.set(xlabel="characters since the prompt", ylabel="share guessed right", ylim=(0, None))
    ax.set_title("Off the text once, it reads its own mistake")
    return ax


def gallery(bits, ax=None):
    """Held-out bits per character of several models on several texts; bits[text][model]."""
    ax = axes(ax, figsize=(6.4, 2.8))
    models = list(next(iter(bits.values())))
    for k, (model, color) in enumerate(zip(models, (PURPLE, BLACK), strict=True)):
        places = np.arange(len(bits)) + (k - 0.5) * 0.38
        heights = [row[model] for row in bits.values()]
        ax.bar(places, heights, width=0.36, color=color, label=model)
        for x, y in zip(places, heights, strict=True):
            ax.text(x, y, f"{y:.2f}", ha="center", va="bottom", fontsize=8)
    ax.set_xticks(range(len(bits)), bits)
    ax.set(ylabel="held-out bits per character")
    ax.legend(ncols=2, loc="upper left", bbox_to_anchor=(0, 1.02))
    ax.set_ylim(top=1.25 * max(max(row.values()) for row in bits.values()))
    ax.set_title("The same network on five texts")
    return ax


def _path_weights(ax, K):
    """The mean weight of a path against its length, K > 1; for the weighted rule also the standard deviation around it."""
    lag, p = np.arange(0, 61), 1 - 1 / K
    ax.plot(lag, np.ones(len(lag)), color=VERMILION)
    ax.plot(lag, np.maximum(0, 1 - lag / K), color=BLUE)
    ax.plot(lag, p**lag, color=ORANGE)
    spread = np.sqrt(p ** -lag.astype(float) - 1)
    ax.fill_between(lag, np.maximum(1 - spread, 0), 1 + spread, color=VERMILION, alpha=0.15, linewidth=0)
    ax.set(xlabel="steps back", ylim=(0, 3), title=f"Weight of a path, $K$ = {K}")


def _legend(figure):
    names = {"regular": "regular chunks", "unweighted": "random cuts", "randomised": "random cuts, weighted"}
    handles = [plt.Line2D([], [], color=color, label=names[method]) for method, color in METHODS.items()]
    handles.append(plt.Line2D([], [], color=GREY, linestyle="--", label="chance"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)


def _spread(ends, name, gap):
    """Where to write a curve's name so that names keep a distance of `gap`: ends {name: height}."""
    placed = {}
    for other in sorted(ends, key=ends.get):
        placed[other] = max(ends[other], max(placed.values(), default=-np.inf) + gap)
    return placed[name]


def _visible(symbol):
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(symbol, symbol)

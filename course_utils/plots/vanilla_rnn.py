"""Figures of lesson 03."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from .diagrams import rolled_graph, unrolled_graph
from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, axes, label_end

__all__ = [
    "counting_ones",
    "forgetting",
    "hello_steps",
    "memory_for_training",
    "path_of_states",
    "rolled_and_unrolled",
    "scoreboard",
    "states_in_the_plane",
    "windows_and_state",
]

CELL = 0.42  # height of one number in the hello figure
WIDTH = 0.8
READ = (BLUE, VERMILION)  # colours of the symbols 0 and 1


def rolled_and_unrolled(T):
    """The graph with its loop beside the same graph over T steps. Returns the two axes."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2), width_ratios=[1, 2.2])
    return rolled_graph(left), unrolled_graph(T, right)


def memory_for_training(T, states, parameters, ax=None):
    """Bytes of the states kept for the way back (one number per T) and of the parameters (one number), against T."""
    ax = axes(ax)
    ax.loglog(T, states, "o-", color=BLACK)
    ax.loglog(T, np.full(len(T), parameters), color=ORANGE)
    label_end(ax, T, states, "states kept\nfor training", BLACK)
    label_end(ax, T, [parameters] * len(T), "parameters", ORANGE)
    ax.set(xlabel="steps $T$", ylabel="bytes")
    ax.set_title("The model does not grow with the text, the memory to train it does")
    return ax


def hello_steps(vocabulary, inputs, targets, h, logits, losses, ax=None):
    """One column for each step: input row, state (T, H), logits (T, V) with the target framed, and the loss (T,)."""
    ax = axes(ax, figsize=(6.4, 5.0))
    V, H = logits.shape[1], h.shape[1]
    y_h, y_a = (V + 1) * CELL, (V + H + 2) * CELL
    top = y_a + V * CELL
    for t, (i, y) in enumerate(zip(inputs, targets, strict=True)):
        x = 1.4 * t
        _numbers(ax, x, 0, np.eye(V)[i], "{:.0f}")
        _numbers(ax, x, y_h, h[t], "{:+.2f}")
        _numbers(ax, x, y_a, logits[t], "{:+.1f}")
        ax.add_patch(Rectangle((x, top - (y + 1) * CELL), WIDTH, CELL, fill=False, edgecolor=GREEN, linewidth=3))
        ax.text(x + WIDTH / 2, -0.12, f'reads "{vocabulary[i]}"', ha="center", va="top")
        ax.text(x + WIDTH / 2, top + 0.1, f'next "{vocabulary[y]}"\nloss {losses[t]:.3f}', ha="center", va="bottom")
        _upward(ax, x + WIDTH / 2, V * CELL, y_h)
        _upward(ax, x + WIDTH / 2, y_h + H * CELL, y_a)
        if t:
            middle = y_h + H * CELL / 2
            ax.annotate("", (x, middle), (x - 1.4 + WIDTH, middle), arrowprops={"arrowstyle": "-|>", "color": ORANGE})
    for y, rows, text in ((0, V, "one-hot\n$x_t$"), (y_h, H, "state\n$h_t$"), (y_a, V, "logits\n$a_t$")):
        ax.text(-0.75, y + rows * CELL / 2, text, ha="center", va="center", color=GREY)
    for y0 in (0, y_a):
        for k, symbol in enumerate(vocabulary):
            ax.text(-0.12, y0 + (V - k - 0.5) * CELL, symbol, ha="center", va="center", family="monospace")
    ax.set(xlim=(-1.1, 1.4 * len(inputs) - 0.4), ylim=(-0.5, top + 0.75))
    ax.set_title("Four steps: the framed logit belongs to the next character")
    ax.axis("off")
    return ax


def states_in_the_plane(h, certain, ax=None):
    """States (N, 2), coloured by what is true of the source there: certain (N,) is True where a 1 has to follow."""
    ax = _plane(h, ax)
    middle = (h.min(axis=0) + h.max(axis=0)) / 2
    for rows, color, text in ((~certain, BLUE, "0 or 1 may follow"), (certain, VERMILION, "a 1 has to follow")):
        ax.scatter(*h[rows].T, s=14, color=color, alpha=0.35, linewidth=0)
        place = np.median(h[rows], axis=0)
        left = place[0] > middle[0]  # towards the middle, so that it stays inside
        side = {"xytext": (-12, 0), "ha": "right"} if left else {"xytext": (12, 0), "ha": "left"}
        ax.annotate(text, place, textcoords="offset points", color=color, va="center", **side)
    ax.set_title("Two units find the two states of the source")
    return ax


def path_of_states(h, symbols, cloud, ax=None):
    """The way of the state through the plane: h (N, 2) after reading each of N symbols; cloud (M, 2) in the background."""
    ax = _plane(np.concatenate([cloud, h]), ax)
    ax.scatter(*cloud.T, s=14, color="#DDDDDD", linewidth=0)
    for t in range(1, len(h)):
        style = {"color": READ[symbols[t]], "alpha": 0.25 + 0.75 * t / len(h), "connectionstyle": "arc3,rad=0.2"}
        ax.annotate("", h[t], h[t - 1], arrowprops={"arrowstyle": "-|>", **style})
    ax.scatter(*h[-1], s=90, facecolor="none", edgecolor=BLACK, linewidth=2, zorder=3)
    for symbol in (0, 1):
        _name_longest_arrow(ax, h, symbols, symbol)
    ax.set_title("Read so far: " + " ".join(map(str, symbols)))
    return ax


def counting_ones(k, truth, ngram, rnn, ax=None):
    """p(next is 1) after a 0 and k ones: exactly, by a 5-gram model, and by the RNN; each (K,)."""
    ax = axes(ax)
    ax.plot(k, truth, color="#CCCCCC", linewidth=6)
    ax.plot(k, ngram, color=PURPLE)
    ax.plot(k, rnn, "o-", color=BLACK, markersize=3.5, linewidth=1)
    peak = np.flatnonzero(truth == max(truth))[-1] + 1
    label_end(ax, k[:peak], truth[:peak], "exact", GREY, dx=14)
    label_end(ax, k, ngram, "5-gram", PURPLE)
    label_end(ax, k, rnn, "RNN", BLACK, dx=8)
    ax.set(xlabel="ones read since the last 0", ylabel="p(next is 1)", ylim=(0.3, 1.05))
    ax.set_title("A window of four loses count, a state does not")
    return ax


def windows_and_state(n, ngram, floors, rnn, entropy_rate, ax=None):
    """Bits per symbol of n-gram models (and the best possible ones, `floors`) against n, with the RNN as a line."""
    ax = axes(ax)
    ax.plot(n, floors, color=GREY, linestyle=":")
    ax.plot(n, ngram, "o-", color=PURPLE)
    ax.axhline(entropy_rate, color=GREY, linewidth=1)
    ax.axhline(rnn, color=BLACK, linestyle="--")
    label_end(ax, n, ngram, "n-gram", PURPLE, dy=9)
    ax.annotate("best window of $n - 1$ symbols", (n[1], floors[1]), (12, 4), textcoords="offset points", color=GREY)
    ax.annotate("RNN", (n[0], rnn), (0, 4), textcoords="offset points")
    ax.annotate("entropy rate", (n[0], entropy_rate), (0, -11), textcoords="offset points", color=GREY)
    ax.set(xlabel="$n$", ylabel="bits per symbol")
    ax.set_title("Even process: a state of fixed size against windows of growing size")
    ax.set_ylim(bottom=entropy_rate - 0.03)
    return ax


def scoreboard(board, floors):
    """Bits per token of each model on each source; board[source][model], floors[source]. One panel a source."""
    _, panels = plt.subplots(1, len(board), figsize=(8.6, 2.6), sharey=True)
    for ax, (source, row) in zip(panels, board.items(), strict=True):
        bits, places = np.array(list(row.values())), np.arange(len(row))[::-1]
        ax.axvline(floors[source], color=GREY, linestyle="--", linewidth=1)
        ax.scatter(bits, places, color=[BLACK if m == "RNN" else BLUE for m in row], zorder=3)
        reach = bits.max() - floors[source]
        for x, y in zip(bits, places, strict=True):
            ax.text(x + 0.07 * reach, y, f"{x:.3f}", va="center", fontsize=9)
        ax.set(title=source, xlabel="bits per token", yticks=places, yticklabels=row)
        ax.set_xlim(floors[source] - 0.12 * reach, bits.max() + 0.5 * reach)
    return panels


def forgetting(lag, fresh, trained, ax=None):
    """Distance of two states (N,) `lag` words after the one that differs, with fresh weights and with trained ones."""
    ax = axes(ax)
    for distance, name, color in ((fresh, "fresh weights", ORANGE), (trained, "trained", BLACK)):
        ax.semilogy(lag, distance, color=color)
        label_end(ax, lag, distance, name, color)
    ax.set(xlabel="words read since the one that differs", ylabel="distance of the two states")
    ax.set_title("Within a sentence: trained weights forget more slowly")
    return ax


def _plane(points, ax):
    """Axes for states of two units, cropped to the points."""
    ax = axes(ax, figsize=(6.4, 3.4))
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * (high - low) + 0.02
    (left, bottom), (right, top) = low - margin, high + margin
    ax.set(xlabel="first unit of $h_t$", ylabel="second unit of $h_t$", xlim=(left, right), ylim=(bottom, top))
    return ax


def _name_longest_arrow(ax, h, symbols, symbol):
    """Write what was read in the middle of the longest arrow of this symbol, if it has one."""
    steps = [t for t in range(1, len(h)) if symbols[t] == symbol]
    if steps:
        t = max(steps, key=lambda t: np.linalg.norm(h[t] - h[t - 1]))
        gap = {"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1}
        place = (h[t] + h[t - 1]) / 2
        ax.text(*place, f"a {symbol} was read", color=READ[symbol], ha="center", va="center", bbox=gap)


def _numbers(ax, x, y, values, form):
    """A column of numbers in tinted cells, the first on top; (x, y) is its lower left corner."""
    for k, value in enumerate(values):
        low = y + (len(values) - 1 - k) * CELL
        tint = BLUE if value > 0 else VERMILION
        ax.add_patch(Rectangle((x, low), WIDTH, CELL, facecolor=tint, alpha=0.45 * min(abs(value) / 3, 1), linewidth=0))
        ax.add_patch(Rectangle((x, low), WIDTH, CELL, fill=False, edgecolor="#BBBBBB", linewidth=0.8))
        ax.text(x + WIDTH / 2, low + CELL / 2, form.format(value), ha="center", va="center", fontsize=9)


def _upward(ax, x, low, high):
    ax.annotate("", (x, high), (x, low), arrowprops={"arrowstyle": "-|>", "color": GREY})

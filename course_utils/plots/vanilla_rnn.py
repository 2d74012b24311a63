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
    ax.set(
        xlabel="steps $T$", ylabel="bytes", title="The model does not grow with the text, the memory to train it does"
    )
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
    for y, text in (
        (V * CELL / 2, "one-hot\n$x_t$"),
        (y_h + H * CELL / 2, "state\n$h_t$"),
        (y_a + V * CELL / 2, "logits\n$a_t$"),
    ):
        ax.text(-0.75, y, text, ha="center", va="center", color=GREY)
    for y0 in (0, y_a):
        for k, symbol in enumerate(vocabulary):
            ax.text(-0.12, y0 + (V - k - 0.5) * CELL, symbol, ha="center", va="center", family="monospace")
    ax.set(xlim=(-1.1, 1.4 * len(inputs) - 0.4), ylim=(-0.5, top + 0.75))
    ax.set_title("Four steps: the framed logit belongs to the next character")
    ax.axis("off")
    return ax


def states_in_the_plane(h, certain, ax=None):
    """States (N, 2), coloured by what is true of the source there: certain (N,) is True where a 1 has to follow."""
    ax = axes(ax, figsize=(5.0, 4.2))
    for rows, color, text in ((~certain, BLUE, "0 or 1 may follow"), (certain, VERMILION, "a 1 has to follow")):
        ax.scatter(*h[rows].T, s=14, color=color, alpha=0.35, linewidth=0)
        x, y = h[rows].mean(axis=0)
        place = (x - 0.3 * np.sign(x), y - 0.15 * np.sign(y))  # towards the middle, so that it stays inside
        ax.text(*place, text, color=color, ha="right" if x > 0 else "left", va="center")
    ax.set(
        xlabel="first unit of $h_t$", ylabel="second unit of $h_t$", xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal"
    )
    ax.set_title("Two units find the two states of the source")
    return ax


def path_of_states(h, symbols, cloud, ax=None):
    """The way of the state through the plane: h (N, 2) after reading each of N symbols; cloud (M, 2) in the background."""
    ax = axes(ax, figsize=(5.0, 4.2))
    ax.scatter(*cloud.T, s=14, color="#DDDDDD", linewidth=0)
    for t in range(1, len(h)):
        color = BLUE if symbols[t] == 0 else VERMILION
        style = {
            "arrowstyle": "-|>",
            "color": color,
            "connectionstyle": "arc3,rad=0.2",
            "alpha": 0.25 + 0.75 * t / len(h),
        }
        ax.annotate("", h[t], h[t - 1], arrowprops=style)
    ax.scatter(*h[-1], s=90, facecolor="none", edgecolor=BLACK, linewidth=2, zorder=3)
    ax.set(
        xlabel="first unit of $h_t$", ylabel="second unit of $h_t$", xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal"
    )
    ax.set_title("Read so far: " + " ".join(map(str, symbols)))
    ax.text(0.5, 0.55, "arrow: a 0 was read", color=BLUE, transform=ax.transAxes, ha="center")
    ax.text(0.5, 0.47, "arrow: a 1 was read", color=VERMILION, transform=ax.transAxes, ha="center")
    return ax


def counting_ones(k, truth, ngram, rnn, ax=None):
    """p(next is 1) after a 0 and k ones: exactly, by a 5-gram model, and by the RNN; each (K,)."""
    ax = axes(ax)
    ax.plot(k, truth, color="#CCCCCC", linewidth=6)
    ax.plot(k, ngram, color=PURPLE)
    ax.plot(k, rnn, "o-", color=BLACK, markersize=3.5, linewidth=1)
    label_end(ax, k, truth, "exact", GREY, dy=-14)
    label_end(ax, k, ngram, "5-gram", PURPLE)
    label_end(ax, k, rnn, "RNN", BLACK, dy=6)
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
    ax.set(
        xlabel="$n$",
        ylabel="bits per symbol",
        title="Even process: a state of fixed size against windows of growing size",
    )
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


def forgetting(distance, ax=None):
    """How far two states are apart, on average, after texts that differ in their first word only: {name: (T,)}."""
    ax = axes(ax)
    for (name, d), color in zip(distance.items(), (ORANGE, BLACK), strict=False):
        lag = np.arange(len(d))
        ax.semilogy(lag, d, color=color)
        label_end(ax, lag, d, name, color)
    ax.set(xlabel="words read since the one that differs", ylabel="distance of the two states")
    ax.set_title("What the first word changed is soon hardly there")
    return ax


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

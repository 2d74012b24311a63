"""Figures of lesson 07; the diagram of the cell is in lstm_cell.py."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from ..cells.gates import COLOURS, ROLES
from .style import BLACK, BLUE, GREY, ORANGE, PURPLE, SKY, VERMILION, axes, label_end

__all__ = ["gates_over_words", "gradient_curves", "latched_bit", "success_by_length", "twins"]

ROWS = "ifgoch"  # the rows of the gate figure, from top to bottom
LINE = 0.085  # room for a curve's name, as a share of right answers
CURVES = {0: SKY, 1: BLUE, 3: PURPLE}  # a colour for each start of the forget gate's bias


def gradient_curves(curves, xlabel, title, dashed=(), ax=None):
    """Norms (N,), log axis; curves: (name, norms, colour, shift of the name in points); dashed: (norms, colour)."""
    ax = axes(ax)
    for norms, color in dashed:
        ax.semilogy(np.arange(len(norms)), norms, "--", color=color, linewidth=1)
    for name, norms, color, dy in curves:
        steps = np.arange(len(norms))
        ax.semilogy(steps, norms, color=color)
        label_end(ax, steps, norms, name, color, dy=dy)
    ax.set(xlabel=xlabel, ylabel="gradient norm,\nrelative to the end")
    ax.set_title(title)
    return ax


def latched_bit(x, c, h_rnn):
    """Inputs v, w of one sequence, x (T, 2), the LSTM's memory c (T,), the state of an RNN's unit h_rnn (T,): 3 panels."""
    _, panels = plt.subplots(3, 1, figsize=(6.4, 4.2), sharex=True)
    steps, writes = np.arange(len(x)), np.flatnonzero(x[:, 1] == 1)
    panels[0].plot(steps, x[:, 0], ".", color=GREY, markersize=1.5)
    panels[0].plot(writes, x[writes, 0], "v", color=BLACK, markersize=7)
    panels[0].set_title("Input $v$: noise, but for the triangles, where $w = 1$ says: write")
    panels[1].plot(steps, c, color=ORANGE)
    panels[1].set_title("The LSTM's memory $c$ holds each bit until the next is written")
    panels[2].plot(steps, h_rnn, color=BLACK, linewidth=0.5)
    panels[2].set_title("An RNN's unit that can be written to is overwritten by the noise")
    for ax in panels:
        ax.set_ylim(-1.35, 1.35)
        ax.set_yticks([-1, 0, 1])
    panels[2].set_xlabel("step")
    return panels


def gates_over_words(words, unit, ax=None):
    """One unit while it reads: unit maps i, f, g, o, c, h to numbers (T,), one square each; hatched grey is negative."""
    ax = axes(ax, figsize=(8.6, 3.2))
    for row, name in enumerate(ROWS):
        y, values = len(ROWS) - 1 - row, np.asarray(unit[name], float)
        top = max(1.0, np.abs(values).max())
        for t, value in enumerate(values):
            color, hatch = (COLOURS[ROLES[name]], None) if value >= 0 else ("#999999", "////")
            alpha = 0.85 * abs(value) / top
            ax.add_patch(Rectangle((t, y), 1, 1, facecolor=color, alpha=alpha, edgecolor="white", hatch=hatch))
            dark = alpha > 0.5 and value >= 0 and name == "h"
            text = f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
            ax.text(t + 0.5, y + 0.5, text, color="white" if dark else BLACK, ha="center", va="center", fontsize=7)
        ax.text(-0.15, y + 0.5, f"{ROLES[name]} ${name}$", color=COLOURS[ROLES[name]], ha="right", va="center")
    for t, word in enumerate(words):
        ax.text(t + 0.5, -0.15, word, ha="right", va="top", rotation=40, rotation_mode="anchor", fontsize=9)
    ax.set(xlim=(-0.1, len(words)), ylim=(-1.1, len(ROWS)))
    ax.axis("off")
    return ax


def twins(words, others, h, h_other, ax=None):
    """One unit's hidden state over two sentences, h and h_other (T,), that differ in some words; both stand below."""
    ax = axes(ax, figsize=(8.6, 3.2))
    steps = np.arange(len(words))
    ax.axhline(0, color="#CCCCCC", linewidth=1)
    for y, color in ((h, BLACK), (h_other, VERMILION)):
        ax.plot(steps, y, "o-", color=color, markersize=4)
    widest = np.abs(np.subtract(h, h_other)).argmax()
    for y, name, color in ((h, words, BLACK), (h_other, others, VERMILION)):
        above = y[widest] > min(h[widest], h_other[widest])
        place = {"xytext": (0, 7 if above else -15), "textcoords": "offset points", "ha": "center"}
        ax.annotate(" ".join(name[1:3]) + " ...", (widest, y[widest]), color=color, **place)
    both = [a if a == b else f"{a}/{b}" for a, b in zip(words, others, strict=True)]
    ax.set(ylabel="hidden state $h$", ylim=(-1.25, 1.25))
    ax.set_xticks(steps, both, rotation=40, ha="right", rotation_mode="anchor", fontsize=9)
    return ax


def success_by_length(lengths, curves, chance, title, ax=None):
    """Share of right answers (N,) against T; curves: a list of (name, shares, colour). Names that meet move apart."""
    ax = axes(ax)
    ax.plot([lengths[0], lengths[-1]], [chance, chance], ":", color=GREY, linewidth=1.2)
    ax.annotate("chance", (lengths[0], chance), (0, -11), textcoords="offset points", color=GREY)
    place = -LINE
    for name, shares, color in sorted(curves, key=lambda curve: curve[1][-1]):
        ax.plot(lengths, shares, "o-", color=color, markersize=4)
        place = max(place + LINE, shares[-1])
        label_end(ax, lengths, [place], name, color, dx=8)
    ax.set(xlabel="steps $T$", ylabel="right answers", ylim=(0, 1.08), xticks=lengths)
    ax.set_title(title)
    return ax

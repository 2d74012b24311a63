"""Figures of lesson 00."""

import matplotlib.pyplot as plt

from .style import BLUE, VERMILION, axes

__all__ = ["gate_colours", "scores_and_probabilities"]


def scores_and_probabilities(names, scores, p):
    """Bars of the scores beside bars of their probabilities, both (V,). Returns the two axes."""
    _, (left, right) = plt.subplots(1, 2)
    left.bar(names, scores, color=BLUE)
    left.axhline(0, color="black", linewidth=0.8)
    left.set(title="A score may be any number", ylabel="score $a_v$")
    right.bar(names, p, color=VERMILION)
    right.set(title="Softmax makes it a share of one", ylabel="probability $p_v$", ylim=(0, 1))
    return left, right


def gate_colours(roles, colours, ax=None):
    """The letter of every gate and state (a dictionary letter -> role) on a tile of its role's colour."""
    ax = axes(ax, figsize=(6.4, 1.7))
    for k, (letter, role) in enumerate(roles.items()):
        ax.add_patch(plt.Rectangle((k, 0), 0.9, 1, color=colours[role]))
        ax.text(k + 0.45, 0.5, letter, color="white", fontsize=18, ha="center", va="center")
        ax.text(k + 0.45, -0.12, role.replace(" ", "\n"), ha="center", va="top")
    ax.set(xlim=(-0.1, len(roles)), ylim=(-0.75, 1.05), title="One colour for one role")
    ax.axis("off")
    return ax

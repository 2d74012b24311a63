"""Figures of lesson 02: the window model is blue, n-grams grey, the entropy floor a dashed black line."""

import matplotlib.pyplot as plt
import numpy as np

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, axes, label_end

__all__ = [
    "agreement",
    "embedding_map",
    "learning_curve",
    "one_word_at_every_place",
    "parameters",
    "probabilities_and_gradient",
    "text_size",
    "window_and_entropy",
    "window_on_sentence",
]

WINDOWS = (GREEN, BLUE, "#00324F")  # from short to long


def window_on_sentence(words, N, key, n_parameters, ax=None):
    """The model above a sentence: its last N words are seen, the others grey; words[key] decides what comes next."""
    ax = axes(ax, figsize=(7.2, 3.6))
    seen = range(max(len(words) - N, 0), len(words))
    for k, word in enumerate(words):
        colour = BLACK if k in seen else GREY
        ax.text(k, 0, word, ha="center", va="center", color=colour, bbox=_mark(k == key))
        if k in seen:
            _block(ax, (k - 0.48, 0.75), (0.96, 0.5), SKY, f"$E$[{word}]")
            ax.plot([k, k], [0.25, 0.75], color=GREY, linewidth=1)
            ax.plot([k, np.mean(seen)], [1.25, 1.95], color=GREY, linewidth=1)
    _upper_layers(ax, np.mean(seen), len(words))
    title = f"A window of {N}: {n_parameters:,} parameters; the word that decides is {'in' if key in seen else 'out of'} sight"
    ax.set(xlim=(-2.2, len(words) + 0.6), ylim=(-0.5, 3.75), title=title)
    ax.axis("off")
    return ax


def _upper_layers(ax, centre, last):
    _block(ax, (centre - 1, 1.95), (2, 0.45), "#BFE3D6", r"$h = \tanh(e\,W_{eh} + b_h)$", wide=True)
    _block(ax, (centre - 1, 2.95), (2, 0.45), "#F3D9B1", r"softmax$(h\,W_{hy} + b_y)$", wide=True)
    ax.plot([centre, centre], [2.4, 2.95], color=GREY, linewidth=1)
    arrow = {"arrowstyle": "->", "color": VERMILION, "connectionstyle": "angle,angleA=0,angleB=90"}
    ax.annotate("", (last, 0.25), (centre + 1.25, 3.17), arrowprops=arrow)
    ax.text(last, 0, "?", ha="center", va="center", color=VERMILION, fontsize=14)
    for y, name in ((0, "words"), (1, "embeddings $e$"), (2.17, "hidden layer"), (3.17, "next word")):
        ax.text(-2.2, y, name, va="center", color=GREY)


def _block(ax, corner, size, colour, text, wide=False):
    grow = 0.25 if wide else 0
    ax.add_patch(plt.Rectangle((corner[0] - grow, corner[1]), size[0] + 2 * grow, size[1], color=colour, zorder=2))
    centre = corner[0] + size[0] / 2, corner[1] + size[1] / 2
    ax.text(*centre, text, ha="center", va="center", fontsize=9 if wide else 7, zorder=3)


def _mark(decides):
    return {"boxstyle": "round,pad=0.2", "facecolor": "#FCE9C8", "edgecolor": ORANGE} if decides else None


def probabilities_and_gradient(words, p, target):
    """Bars of p (V,) and of p - y for the target's number, above and below zero. Returns the two axes."""
    _, (left, right) = plt.subplots(1, 2)
    gradient = p - np.eye(len(p))[target]
    left.bar(words, p, color=BLUE)
    left.bar(words[target], 1, fill=False, edgecolor=VERMILION, linewidth=1.8)
    left.set(title="What it says (filled), what came (outline)", ylabel="probability", ylim=(0, 1.05))
    right.bar(words, gradient, color=[VERMILION if k == target else BLUE for k in range(len(p))])
    right.axhline(0, color=BLACK, linewidth=0.8)
    right.set(title="The gradient is the difference", ylabel=r"$\partial L / \partial a_v$", ylim=(-1.05, 1.05))
    for ax in (left, right):
        ax.tick_params(axis="x", rotation=30)
    return left, right


def learning_curve(tokens, train_bits, test_bits, references, floor, ax=None):
    """Bits per token against tokens read; `references` are {name: bits} of models drawn as level lines, worst first."""
    ax = axes(ax)
    for values, colour, name in ((train_bits, SKY, "window, train"), (test_bits, BLUE, "window, test")):
        ax.plot(tokens, values, color=colour)
        label_end(ax, tokens, values, name, colour, dy=-5 if colour == SKY else 5)
    for (name, value), dy in zip(references.items(), (7, -6), strict=False):
        ax.hlines(value, 0, tokens[-1], color=GREY, linewidth=1.2)
        label_end(ax, tokens, [value], name, GREY, dy=dy)
    _floor(ax, tokens, floor)
    ax.set(title="The window model passes the n-grams before its first pass ends", ylabel="bits per token")
    ax.set(xlabel="tokens read in training", xlim=(0, tokens[-1]), ylim=(floor - 0.2, None))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return ax


def text_size(sizes, window, counted, floor, ax=None):
    """Test bits per token against the tokens of the training text: of the window model and of the best n-gram."""
    ax = axes(ax)
    for values, marker, colour, name in ((counted, "s", GREY, "best n-gram"), (window, "o", BLUE, "window model")):
        ax.plot(sizes, values, f"{marker}-", color=colour, markersize=4)
        label_end(ax, sizes, values, name, colour, dx=6)
    _floor(ax, sizes, floor)
    ax.set(xscale="log", xlim=(sizes[0] * 0.9, sizes[-1] * 1.02), ylabel="test bits per token")
    ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
    ax.set_xticks([], minor=True)
    ax.set(xlabel="tokens in the training text", title="Counting wins on little text, sharing on more")
    return ax


def embedding_map(xy, words, groups, kinds, named=(), ax=None):
    """Points xy (n, 2), one per word, coloured by its group (n,), one of `kinds`; `named` words are written out."""
    ax = axes(ax, figsize=(6.4, 4.2))
    colours = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
    for k, (kind, colour, marker) in enumerate(zip(kinds, colours, "o^sDvP", strict=False)):
        rows = np.array([g == kind for g in groups])
        ax.plot(*xy[rows].T, marker, color=colour, markersize=4, alpha=0.8)
        ax.plot(1.04, 0.95 - 0.08 * k, marker, color=colour, transform=ax.transAxes, clip_on=False)
        ax.text(1.07, 0.95 - 0.08 * k, kind, color=colour, va="center", transform=ax.transAxes)
    for word in named:
        _name_point(ax, word, xy[list(words).index(word)])
    ax.set(xlabel="first principal component", ylabel="second principal component")
    ax.set(title="Words of one kind lie together, though no tag was ever shown")
    return ax


def _name_point(ax, word, at):
    ax.plot(*at, "o", markerfacecolor="none", markeredgecolor=BLACK, markersize=8)
    box = {"facecolor": "white", "alpha": 0.6, "edgecolor": "none", "pad": 1}
    ax.annotate(word, at, xytext=(7, -9), textcoords="offset points", fontsize=9, bbox=box, zorder=5)


def parameters(N, window, per_place, ngrams, ax=None):
    """Numbers stored for N words of context: the window model's, those in W_eh alone, and the n-grams counted."""
    ax = axes(ax)
    for name, values, colour in (("n-grams counted", ngrams, GREY), ("window model", window, BLUE)):
        ax.plot(N, values, "o-", color=colour, markersize=4)
        label_end(ax, N, values, name, colour)
    ax.plot(N, per_place, "o-", color=SKY, markersize=4)
    label_end(ax, N, per_place, "$W_{eh}$ alone", SKY)
    ax.set(yscale="log", xlabel="words of context $N$", ylabel="numbers stored", xticks=N)
    ax.set(title="Weights grow by one block per word, the list of n-grams far faster")
    return ax


def agreement(distances, accuracy, ax=None):
    """Share of right verb forms against the distance from subject to verb; `accuracy` is {N: shares}."""
    ax = axes(ax, figsize=(6.4, 3.4))
    for (N, shares), colour, marker in zip(accuracy.items(), WINDOWS, "os^", strict=False):
        ax.plot(distances, shares, f"{marker}-", color=colour, markersize=4)
        ax.axvline(N + 0.5, color=colour, linewidth=1.5, linestyle=":")
        ax.text(N + 0.42, 1.045, f"$N$ = {N}", color=colour, ha="right", va="bottom")
    ax.axhline(0.5, color=BLACK, linestyle="--", linewidth=1)
    ax.text(distances[-1] + 0.35, 0.5, "a coin", va="center")
    ax.set_xlim(distances[0] - 0.3, distances[-1] + 0.25)
    ax.set(xlabel="words from subject to verb", ylabel="right verb form", ylim=(0.3, 1.04), xticks=distances)
    ax.set_title("Beyond the window, agreement is a coin toss", pad=18)
    return ax


def window_and_entropy(N, measured, h, rate, ax=None):
    """Bits of window models of N tokens above h(N), the best that a window of N can do, and the entropy rate below."""
    ax = axes(ax)
    ax.plot(N, h, "_-", color=BLACK, linewidth=1, markersize=12)
    ax.plot(N, measured, "o", color=BLUE)
    ax.axhline(rate, color=BLACK, linestyle="--", linewidth=1)
    label_end(ax, N, measured, "window model", BLUE, dx=12, dy=9)
    label_end(ax, N, h, "$h(N)$, exact", BLACK, dx=12)
    ax.annotate("entropy rate", (N[0], rate), xytext=(0, 3), textcoords="offset points", va="bottom")
    ax.set(xlabel="window $N$", ylabel="bits per symbol", xticks=N, xlim=(N[0] - 0.3, N[-1] + 0.25))
    ax.set(ylim=(rate - 0.02, None), title="Every window has its own floor; none reaches the last")
    return ax


def one_word_at_every_place(contributions, word, ax=None):
    """What one word adds to the hidden layer at each place of the window: contributions (N, H), oldest place first."""
    ax = axes(ax, figsize=(6.4, 2.2))
    limit = np.abs(contributions).max()
    image = ax.imshow(contributions, aspect="auto", cmap="RdBu_r", vmin=-limit, vmax=limit)
    N = len(contributions)
    ax.set(yticks=range(N), yticklabels=[f"{N - k} back" for k in range(N)], xlabel="hidden unit")
    ax.set(title=f"The same word, {word!r}, met by other weights in every place")
    ax.figure.colorbar(image, ax=ax, label="added to $u$")
    return ax


def _floor(ax, x, floor):
    ax.hlines(floor, 0, x[-1], color=BLACK, linestyle="--", linewidth=1)
    label_end(ax, x, [floor], "entropy floor", BLACK)

"""Figures of lesson 01."""

import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap
from matplotlib.ticker import NullFormatter, ScalarFormatter

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, axes, label_end

__all__ = [
    "cdf",
    "continuations",
    "held_out_counts",
    "memory",
    "orders",
    "perplexity_against_n",
    "published",
    "scoreboard",
    "sparsity",
    "strips",
    "temperatures",
    "zipf",
]

LIGHT_AND_DARK = ListedColormap(["#DDDDDD", BLUE])
FAMILIES = {"counting": GREY, "window": BLUE, "vanilla RNN": ORANGE, "LSTM": GREEN}


def orders(texts, log_p, named=2, ax=None):
    """One dot for each order of the same words, best first; texts and log_p (nats) sorted, the first few named."""
    ax = axes(ax)
    ax.scatter(range(1, len(log_p) + 1), log_p, color=[VERMILION, *[BLUE] * (len(log_p) - 1)])
    for k in range(named):
        ax.annotate(texts[k], (k + 1, log_p[k]), xytext=(8, 3), textcoords="offset points")
    ax.annotate(texts[-1], (len(log_p), log_p[-1]), xytext=(4, -15), textcoords="offset points", ha="right")
    ax.margins(y=0.12)
    ax.set(xlabel="rank among all orders", ylabel="log p of the text, nats", title="Same words, different orders")
    return ax


def zipf(frequencies, ax=None):
    """Frequencies, each sorted from high to low, by rank on log axes, with the line 1 / rank; {name: array}."""
    ax = axes(ax)
    for k, ((name, f), color) in enumerate(zip(frequencies.items(), (BLUE, VERMILION, GREEN), strict=False)):
        rank = (8, 250, 20)[k] if len(f) > 250 or k == 2 else 1
        ax.plot(range(1, len(f) + 1), f, color=color)
        below = {"xytext": (-4, -6), "ha": "right", "va": "top"} if k == 0 else {"xytext": (6, 6)}
        ax.annotate(name, (rank, f[min(rank, len(f)) - 1]), textcoords="offset points", color=color, **below)
    first = next(iter(frequencies.values()))
    ax.plot([1, len(first)], [first[0], first[0] / len(first)], color=GREY, linestyle=":")
    ax.annotate(
        "1 / rank", (30, first[0] / 30), xytext=(0, -8), textcoords="offset points", color=GREY, ha="right", va="top"
    )
    ax.set(xscale="log", yscale="log", xlabel="rank of the word", ylabel="how often it occurs")
    ax.set_title("A few words are everywhere, most are rare")
    return ax


def sparsity(lengths, distinct, unseen):
    """Left: distinct n-grams {n: counts} against words read (lengths); right: {n: share of new n-grams held out}."""
    _, (left, right) = plt.subplots(1, 2)
    left.plot([0, lengths[-1]], [0, lengths[-1]], color=GREY, linestyle=":")
    left.text(0.02 * lengths[-1], 0.9 * lengths[-1], "dotted: every one new", color=GREY)
    for (n, counts), color in zip(distinct.items(), (BLUE, VERMILION, GREEN, PURPLE, ORANGE), strict=False):
        left.plot(lengths, counts, color=color)
        label_end(left, lengths, counts, f"n = {n}", color)
    left.set(xlabel="words read", ylabel="different n-grams", title="New n-grams keep coming", ylim=(0, None))
    left.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:.0f}k")
    left.yaxis.set_major_formatter(lambda x, _: f"{x / 1000:.0f}k")
    right.bar([str(n) for n in unseen], [100 * share for share in unseen.values()], color=BLUE)
    right.set(xlabel="n", ylabel="% never seen in training", ylim=(0, 100), title="Most of the future is new")
    return left, right


def cdf(names, F, u, chosen, ax=None):
    """Each token's piece of [0, 1) as a bar from F_{k-1} to F_k; the line at u meets the one that is drawn."""
    ax = axes(ax)
    starts = [0, *F[:-1]]
    colours = [VERMILION if k == chosen else BLUE for k in range(len(F))]
    ax.bar(names, [b - a for a, b in zip(starts, F, strict=True)], bottom=starts, color=colours, width=0.8)
    ax.hlines(
        F[:-1], [k + 0.4 for k in range(len(F) - 1)], [k + 0.6 for k in range(len(F) - 1)], color=BLACK, linewidth=1
    )
    ax.axhline(u, color=VERMILION, linestyle="--", linewidth=1.2)
    ax.text(len(F) - 0.35, u, f"u = {u:.2f}", color=VERMILION, va="center", clip_on=False)
    ax.set(ylim=(0, 1), xlim=(-0.5, len(F) - 0.4), ylabel="cumulative probability $F_k$")
    ax.set_title(f"u = {u:.2f} falls into the piece of “{names[chosen]}”")
    return ax


def temperatures(names, taus, p, ax=None):
    """Bars of the same scores at several temperatures, p (len(taus), V); cold is blue, hot vermilion."""
    ax = axes(ax)
    width = 0.8 / len(taus)
    for k, (tau, row) in enumerate(zip(taus, p, strict=True)):
        color = GREY if tau == 1 else BLUE if tau < 1 else VERMILION
        places = [v + (k - (len(taus) - 1) / 2) * width for v in range(len(names))]
        ax.bar(places, row, width, color=color, label=f"τ = {tau:g}")
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="probability", ylim=(0, 1), title="Cold is sure of itself, hot is undecided")
    ax.legend()
    return ax


def held_out_counts(r, later, d, ax=None):
    """What pairs counted r times in one half do in the other (later), beside r itself and r - d."""
    ax = axes(ax, figsize=(5, 3))
    ax.plot(r, r, color=GREY, linestyle=":")
    label_end(ax, r, r, "the same again", GREY)
    ax.plot(r, [x - d for x in r], color=VERMILION)
    label_end(ax, r, [x - d for x in r], f"r - {d:.2f}", VERMILION, dx=10)
    ax.plot(r, later, "o", color=BLUE)
    ax.set(xlabel="count r in one half of a text", ylabel="mean count in the other half")
    ax.set_title("Each count promises a little too much")
    return ax


def continuations(frequency, kinds, named, ax=None):
    """How often each word occurs and after how many different words (dictionaries); `named` are written out."""
    ax = axes(ax, figsize=(6.4, 3.4))
    words = list(frequency)
    ax.scatter([frequency[w] for w in words], [kinds[w] for w in words], s=6, color=BLUE, alpha=0.4, linewidths=0)
    line = {"arrowstyle": "-", "color": VERMILION, "linewidth": 0.8}
    for k, word in enumerate(sorted(named, key=lambda word: (-kinds[word], word))):  # one below the other: no overlap
        at, place = (frequency[word], kinds[word]), (0.84, 0.42 - 0.12 * k)
        ax.plot(*at, "o", color=VERMILION, markersize=4)
        ax.annotate(word, at, place, textcoords="axes fraction", color=VERMILION, va="center", arrowprops=line)
    top = max(frequency.values())
    ax.plot([1, top], [1, top], color=GREY, linestyle=":")
    ax.set(xscale="log", yscale="log", xlabel="occurrences of the word", ylabel="different words before it")
    ax.set_title("Frequent, and yet tied to few neighbours")
    return ax


def perplexity_against_n(orders_tried, curves, floor, ax=None):
    """Perplexity on training and validation text: curves {name: (training, validation)}, and the source's floor."""
    ax = axes(ax, figsize=(6.4, 3.4))
    for (name, pair), color in zip(curves.items(), (BLUE, VERMILION), strict=True):
        for values, style, part in zip(pair, ("--", "-"), ("training", "validation"), strict=True):
            ax.plot(orders_tried, values, style, marker="o", markersize=4, color=color)
            label_end(ax, orders_tried, values, f"{name}, {part}", color, dx=8)
    ax.axhline(floor, color=BLACK, linewidth=1)
    ax.annotate(f"floor {floor:.2f}", (orders_tried[0], floor), xytext=(0, -12), textcoords="offset points")
    ax.set(yscale="log", xlabel="n", ylabel="perplexity", title="On new text, more context soon stops helping")
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks([5, 10, 20, 50, 100, 200])
    ax.set_xticks(list(orders_tried))
    return ax


def strips(samples):
    """Symbols 0 and 1 of several sources as strips of light and dark squares: {name: (n,)}. Returns the axes."""
    _, rows = plt.subplots(len(samples), 1, figsize=(6.4, 1.7), squeeze=False)
    for ax, (name, symbols) in zip(rows[:, 0], samples.items(), strict=True):
        ax.pcolormesh([symbols], cmap=LIGHT_AND_DARK, vmin=0, vmax=1, edgecolors="white", linewidth=1)
        ax.set_aspect("equal")
        ax.axis("off")
        ax.set_title(name)
    return rows[:, 0]


def memory(h, floor, measured, ax=None):
    """Exact entropy h(k) of the next symbol after k symbols, {name: (K,)}, and bits that n-grams reached, {name: {k: bits}}."""
    ax = axes(ax, figsize=(6.4, 3.4))
    for (name, values), color in zip(h.items(), (BLUE, VERMILION, GREEN), strict=False):
        k = range(len(values))
        ax.plot(k, values, color=color)
        ax.plot(list(measured[name]), list(measured[name].values()), "o", color=color, markersize=5, mfc="white")
        ax.annotate(name, (2, values[2]), xytext=(6, 8), textcoords="offset points", color=color)
    ax.axhline(floor, color=BLACK, linewidth=1)
    ax.annotate("floor, 2/3 bit", (0, floor), xytext=(0, -12), textcoords="offset points")
    ax.set(xlabel="symbols k that the model may see", ylabel="bits per symbol", ylim=(0.62, 1.03))
    ax.set_title("One floor, three memories (lines exact, circles counted)")
    return ax


def scoreboard(scores, floors):
    """Bits per token of every model on every source, {source: {model: bits}}, beside the source's floor {source: bits}."""
    figure, panels = plt.subplots(1, len(scores), figsize=(8.4, 2.8), sharey=True, squeeze=False)
    for ax, (source, row) in zip(panels[0], scores.items(), strict=True):
        models = list(row)
        colours = [FAMILIES["window" if m == "window" else "counting"] for m in models]
        ax.hlines(models, floors[source], list(row.values()), color=colours, linewidth=1.5)
        ax.scatter(list(row.values()), models, color=colours, zorder=3)
        ax.axvline(floors[source], color=BLACK, linewidth=1)
        reach = max(row.values()) - floors[source]
        ax.set(
            title=source, xlabel="bits per token", xlim=(floors[source] - 0.06 * reach, max(row.values()) + 0.1 * reach)
        )
    panels[0, 0].invert_yaxis()
    figure.suptitle("How far above the floor (the line at the left) each model stays", x=0.01, ha="left", fontsize=10)
    return panels[0]


def published(rows, ax=None):
    """Published test perplexities, rows (model, family, perplexity, source), as bars sorted from worst to best."""
    rows = sorted(rows, key=lambda row: -row[2])
    ax = axes(ax, figsize=(7.4, 3.8))
    names = [f"{model} ({source})" for model, _, _, source in rows]
    ax.barh(names, [row[2] for row in rows], color=[FAMILIES[row[1]] for row in rows])
    for k, row in enumerate(rows):
        ax.text(row[2] + 1, k, f"{row[2]:.1f}", va="center")
    for family, color in FAMILIES.items():
        ax.barh(names[:1], 0, color=color, label=family)
    ax.legend(loc="lower right")
    ax.invert_yaxis()
    ax.tick_params(axis="y", labelsize=8, length=0)
    ax.set(xlabel="perplexity per word on the test set", title="One Billion Word: LSTMs left counting behind")
    ax.set_xlim(0, 125)
    return ax

"""Pictures of a class for its instructor: how points spread, what became of each exercise, which exercises are odd."""

import numpy as np

from .style import BLUE, GREEN, GREY, ORANGE, VERMILION, axes

__all__ = ["exercise_outcomes", "item_map", "points_histogram"]

OUTCOMES = {"right": GREEN, "named mistake": ORANGE, "other mistake": VERMILION, "not attempted": "#C8C8C8"}


def points_histogram(points, out_of, ax=None):
    """How many students have how many points. points: numbers, one per student; out_of: the most there is."""
    ax = axes(ax, figsize=(6.4, 2.4))
    whole = out_of <= 30 and all(float(p).is_integer() for p in points)
    edges = np.arange(-0.5, out_of + 1) if whole else np.linspace(0, out_of, 16)
    ax.hist(points, bins=edges, color=BLUE, rwidth=0.85)
    middle = float(np.median(points)) if len(points) else 0.0
    ax.axvline(middle, color=VERMILION)
    ax.set_title(f"Half of the {len(points)} students have {middle:g} points or more")
    ax.set(xlabel=f"points, of {out_of:g}", ylabel="students")
    ax.yaxis.get_major_locator().set_params(integer=True)
    return ax


def exercise_outcomes(labels, counts, ax=None):
    """One bar per exercise. counts (exercises, 4): right, named mistake, other mistake, not attempted."""
    counts = np.asarray(counts, float).reshape(len(labels), 4)
    ax = axes(ax, figsize=(6.4, 1.1 + 0.32 * len(labels)))
    left = np.zeros(len(labels))
    for (name, colour), width in zip(OUTCOMES.items(), counts.T, strict=True):
        ax.barh(labels, width, left=left, color=colour, height=0.7, label=name)
        for y, (start, w) in enumerate(zip(left, width, strict=True)):
            if w >= 0.03 * counts.sum(axis=1).max():
                ax.text(start + w / 2, y, f"{w:.0f}", ha="center", va="center", fontsize=9)
        left = left + width
    ax.invert_yaxis()
    ax.legend(
        ncols=4,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        fontsize=9,
        handlelength=0.8,
        handletextpad=0.4,
        columnspacing=1,
    )
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("students")
    return ax


def item_map(numbers, shares, discriminations, hard, easy, ax=None):
    """Each exercise by the share that solved it and how well it goes with the other points; outer zones are shaded."""
    ax = axes(ax, figsize=(6.4, 3.0))
    ax.axvspan(0, hard, color=GREY, alpha=0.15, lw=0)
    ax.axvspan(easy, 1.04, color=GREY, alpha=0.15, lw=0)
    heights = np.nan_to_num(np.asarray(discriminations, float))
    ax.scatter(shares, heights, color=BLUE, zorder=3)
    groups = _near(numbers, shares, heights)
    for point, names in groups:
        side, aside = ("right", -6) if "," in names else ("left", 5)  # long labels to the left, where earlier ones end
        down = 15 * _has_one_above(point, [p for p, _ in groups])
        ax.annotate(names, point, xytext=(aside, 4 - down), textcoords="offset points", ha=side)
    ax.text(0.01, 1.02, "too hard?", va="bottom", transform=ax.get_xaxis_transform())
    ax.text(1.04, 1.02, "too easy?", va="bottom", ha="right", transform=ax.get_xaxis_transform())
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlim=(0, 1.04), ylim=(min(-0.2, heights.min(initial=0) - 0.1), 1.05))
    ax.set(xlabel="share of students who solved it", ylabel="goes with the rest\n(correlation)")
    return ax


def _has_one_above(point, others):
    """Whether the nearest other point is a higher one, so near that this one's label belongs below."""
    x, y = point
    near = [(abs(a - x) + abs(b - y), b > y) for a, b in others if (a, b) != (x, y) and abs(a - x) < 0.12]
    return min(near, default=(0, False))[1]


def _near(numbers, xs, ys):
    """(rightmost point, numbers as one label) of each group of points that lie so near that their labels would overlap."""
    groups = []
    for number, x, y in sorted(zip(numbers, xs, ys, strict=True), key=lambda point: point[1:]):
        near = (g for g in groups if x - g[-1][1] < 0.04 and abs(g[-1][2] - y) < 0.08)
        group = next(near, None)
        if group is None:
            groups.append([(number, x, y)])
        else:
            group.append((number, x, y))
    return [(g[-1][1:], ", ".join(sorted(number for number, _, _ in g))) for g in groups]

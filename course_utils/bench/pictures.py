"""The benchmark drawn: ratios to torch.nn, growth with T, recurrences in parallel."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from ..plots.style import BLACK, GREEN, GREY, ORANGE, SKY, VERMILION, axes, use_style

__all__ = ["draw", "growth", "ratios", "save"]

COLOURS = {
    "ours, NumPy": VERMILION,
    "ours, torch": SKY,
    "torch.nn": BLACK,
    "ours, autograd": GREEN,
    "torch.nn cells": GREY,
    "classic loop": ORANGE,
    "scan": VERMILION,
    "step loop": GREY,
    "minGRU by scan, NumPy": VERMILION,
    "torch.nn.GRU": BLACK,
    "causal attention, torch": GREEN,
}


def draw(rows, folder):
    """Draw what the rows hold as PNG files into a folder, and return their paths."""
    use_style()
    by_suite = {name: [r for r in rows if r["suite"] == name] for name in {r["suite"] for r in rows}}
    made = []
    if "steps" in by_suite:
        made.append(save(ratios(by_suite["steps"]), folder, "benchmark_steps"))
    titles = {
        "length": ("Training an LSTM: time grows in step with T", "CPU time of a step (ms)"),
        "scans": ("A scan overtakes the step loop", "CPU time, forward (ms)"),
        "parallel": ("Only attention's time grows with the square of T", "CPU time, there and back (ms)"),
    }
    for name, (title, label) in titles.items():
        if name in by_suite:
            ax = growth(by_suite[name], "cpu_ms")
            ax.set(title=title, ylabel=label)
            made.append(save(ax, folder, f"benchmark_{name}"))
    if "length" in by_suite:
        ax = growth(by_suite["length"], "mib")
        ax.set(title="Training an LSTM: memory grows in step with T", ylabel="peak memory of a step (MiB)")
        made.append(save(ax, folder, "benchmark_length_memory"))
    return made


def ratios(rows, ax=None):
    """CPU time of a training step as a multiple of torch.nn's, rows of the suite "steps"."""
    ax = axes(ax, figsize=(6.4, 3.6))
    places = list(dict.fromkeys((r["cell"], tuple(r["size"])) for r in rows))
    for who in dict.fromkeys(r["who"] for r in rows):
        mine = [r for r in rows if r["who"] == who]
        at = [places.index((r["cell"], tuple(r["size"]))) for r in mine]
        ax.plot(at, [r["ratio"] for r in mine], "o", color=COLOURS[who], label=who, ms=5)
    ax.axhline(1, color=BLACK, lw=0.8)
    ax.set_yscale("log", base=2)
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:g} ×")
    ax.set_xticks(
        range(len(places)), [f"{c} {T}, {B}, {H}" for c, (T, B, H, _) in places], rotation=60, ha="right", fontsize=7
    )
    ax.set(title="A training step in NumPy costs less than torch.nn's at most sizes", ylabel="CPU time, torch.nn = 1")
    ax.legend(loc="upper right", ncols=2, fontsize=8)
    return ax


def growth(rows, what, ax=None):
    """A measured number of every contestant against T, both on log scales."""
    ax = axes(ax)
    for who in dict.fromkeys(r["who"] for r in rows):
        mine = [r for r in rows if r["who"] == who and r.get(what) is not None]
        if mine:
            T, y = np.array([(r["T"], r[what]) for r in mine]).T
            ax.plot(T, y, "o-", color=COLOURS[who], label=who, ms=4)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set(xlabel="steps T")
    ax.legend(fontsize=8)
    return ax


def save(ax, folder, name):
    """Write the figure of these axes as a PNG file, close it, and return the path."""
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    ax.figure.savefig(path, dpi=120)
    plt.close(ax.figure)
    return path

"""What the measurements say: a table for each suite in Markdown, and the bars that this course sets itself."""

from typing import NamedTuple

import numpy as np

__all__ = ["Bar", "bars", "markdown", "suite_table"]

OURS, OURS_TORCH, TORCH, CLASSIC = "ours, NumPy", "ours, torch", "torch.nn", "classic loop"
COLUMNS = {
    "ratio": "of torch.nn's",
    "cpu_ms": "CPU ms",
    "wall_ms": "clock ms",
    "per_s": "characters/s",
    "mib": "peak MiB",
    "error": "error",
}


class Bar(NamedTuple):
    """A claim, the number found, and the number it must not pass (at most, or at least)."""

    claim: str
    found: float
    bound: float
    at_most: bool = True

    @property
    def met(self):
        return self.found <= self.bound if self.at_most else self.found >= self.bound


def bars(rows):
    """The bars that these rows can judge, a list of Bar."""
    suites = {row["suite"]: [r for r in rows if r["suite"] == row["suite"]] for row in rows}
    return [bar for name, judge in JUDGES.items() if name in suites for bar in judge(suites[name])]


def _steps(rows):
    ours = [r["ratio"] for r in rows if r["who"] == OURS]
    yield Bar("NumPy training step, of torch.nn's CPU time, geometric mean", float(np.exp(np.mean(np.log(ours)))), 0.65)
    yield Bar("NumPy training step, of torch.nn's CPU time, largest", max(ours), 1.05)
    for cell, bound in (("elman", 1.0), ("gru", 1.0), ("lstm", 1.4)):
        batched = [r["ratio"] for r in rows if r["who"] == OURS_TORCH and r["cell"] == cell and r["size"][1] >= 32]
        yield Bar(f"our {cell} in torch, of torch.nn's CPU time at batch 32 and more, largest", max(batched), bound)
    times = {r["who"]: r["cpu_ms"] for r in rows if r["cell"] == "elman" and r["size"][1] == 1}
    yield Bar(
        "NumPy against the classic loop at (25, 1, 100, 65), times as fast", times[CLASSIC] / times[OURS], 5, False
    )


def _sampling(rows):
    speed = {(r["cell"], r["who"]): r["per_s"] for r in rows}
    lstm = speed["lstm", OURS] / speed["lstm", "torch.nn cell"]
    yield Bar("LSTM writing against a loop over torch.nn.LSTMCell, times as fast", lstm, 8, False)
    yield Bar(
        "RNN writing against the classic loop, times as fast",
        speed["elman", OURS] / speed["elman", CLASSIC],
        3.5,
        False,
    )


def _memory(rows):
    yield Bar("peak memory of a NumPy training step, of torch.nn's, largest", max(_ours(rows, "ratio")), 1.5)


def _length(rows):
    for what, name in (("cpu_ms", "time"), ("mib", "memory")):
        first, last = [r for r in rows if r["who"] == OURS][-2:]
        growth = np.log(last[what] / first[what]) / np.log(last["T"] / first["T"])
        yield Bar(f"{name} of a step as a power of T, last doubling (1 is linear)", float(growth), 1.1)


def _scans(rows):
    longest = max(r["T"] for r in rows)
    times = {r["who"]: r["cpu_ms"] for r in rows if r["T"] == longest}
    yield Bar(
        f"scan against the step loop at T = {longest:,}, times as fast", times["step loop"] / times["scan"], 15, False
    )
    yield Bar("error of the scan in float32", max(r["error"] for r in rows), 1e-6)


def _parallel(rows):
    long = [r for r in rows if r["T"] >= 256]
    gru, ours = ([r["cpu_ms"] for r in long if r["who"].startswith(who)] for who in ("torch.nn.GRU", "minGRU"))
    least = min(a / b for a, b in zip(gru, ours, strict=True))
    yield Bar("minGRU by scan against torch.nn.GRU, T of 256 and more, times as fast, least", least, 1, False)


def _imports(rows):
    numpy, package, first = (r["cpu_ms"] for r in rows)
    yield Bar("import course_utils over import numpy, CPU ms", package - numpy, 5)
    yield Bar("all imports and the first NumPy step, CPU ms", first, 100)


def _ours(rows, what):
    return [r[what] for r in rows if r["who"] == OURS]


JUDGES = {
    "steps": _steps,
    "sampling": _sampling,
    "memory": _memory,
    "length": _length,
    "scans": _scans,
    "parallel": _parallel,
    "imports": _imports,
}


def markdown(rows, about):
    """The report as text: what was measured on (a dictionary), the bars, and a table for each suite."""
    found = ["".join(f"- {name}: {value}\n" for name, value in about.items())]
    found += ["## Bars\n\n" + _table(["", "claim", "found", "bar"], [_judged(bar) for bar in bars(rows)])]
    for suite in dict.fromkeys(row["suite"] for row in rows):
        found.append(f"## {suite.capitalize()}\n\n" + suite_table([r for r in rows if r["suite"] == suite]))
    return "\n".join(found)


def suite_table(rows):
    """The rows of one suite: what it is about in the first columns, then what was found."""
    about = [name for name in ("cell", "size", "T", "who") if name in rows[0]]
    numbers = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)]
    heads = [{"size": "T, B, H, V"}.get(name, name) for name in about] + [COLUMNS[name] for name in numbers]
    return _table(heads, [[_text(r.get(name)) for name in about + numbers] for r in rows])


def _judged(bar):
    return ["✓" if bar.met else "✗", bar.claim, _text(bar.found), f"{'≤' if bar.at_most else '≥'} {bar.bound:g}"]


def _text(value):
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.1e}" if 0 < abs(value) < 0.001 else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return "" if value is None else str(value)


def _table(heads, lines):
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [heads, ["---"] * len(heads), *lines])

"""The table of the grading benchmark, and the picture of the cost per submission."""

import json
import pathlib

__all__ = ["bars", "picture", "table", "write_report"]

INTRODUCTION = """# What grading a class costs

Made by `course bench grading --nbgrader COMMAND --most 2000 --report docs`. Each contestant grades the same submissions of the
sample class of a lesson, in turn; numbers are medians over the rounds, on one processor core unless said otherwise.
CPU time is that of the whole command, start-up included, and of everything it starts. "each further" leaves the start-up
out: what one more submission takes once the class has been graded. nbgrader runs the same cells, its tests call the same judge.
Memory is what the processes hold, pages that several share divided among them; two workers share most of it.
"""
SOLO, PAIR, THEIRS = "course grade, 1 at a time", "course grade, 2 at a time", "nbgrader autograde"
HEAD = [
    "lesson",
    "who",
    "CPU s a submission",
    "nbgrader's is",
    "each further, CPU s",
    "each further, s",
    "s a submission",
    "first verdict, s",
    "MB a worker",
]


def write_report(folder, rows, lines, remark=""):
    """The table as text, the bars, and a remark on the conditions.

    Into `folder`, if there is one, also grading.md, grading.json and grading_cost.png.
    """
    text = "\n".join([table(rows), *bars(rows), *(["", remark] if remark else [])]) + "\n"
    if lines:
        cost = ", ".join(f"{1000 * seconds:.1f} ms at {k:,}" for k, seconds in lines)
        text += f"\nCPU time of one more submission along one run: {cost}.\n"
    if folder:
        folder = pathlib.Path(folder)
        shown = (
            "\n![The cost of a submission does not depend on how many came before.](grading_cost.png)\n"
            if lines
            else ""
        )
        (folder / "grading.md").write_text(f"{INTRODUCTION}\n{text}{shown}", encoding="utf-8")
        (folder / "grading.json").write_text(
            json.dumps({"rows": rows, "long run": lines}, indent=1) + "\n", encoding="utf-8"
        )
        if lines:
            picture(lines).figure.savefig(folder / "grading_cost.png", dpi=150)
    return text


def table(rows):
    """rows: {lesson: {who: measured}} as a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD)]
    for lesson, found in rows.items():
        theirs = found.get(THEIRS, {}).get("cpu")
        for who, m in found.items():
            ratio = f"{theirs / m['cpu']:.0f} ×" if theirs else ""
            lines.append([lesson, who, f"{m['cpu']:.3f}", ratio, _number(m, "each_cpu", 3)])
            lines[-1] += [
                _number(m, "each_wall", 3),
                f"{m['wall']:.3f}",
                _number(m, "first", 1),
                f"{m['memory'] / 1e6:.0f}" if "memory" in m else "",
            ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def bars(rows):
    """What this grader is held to, and whether it was met, a line of a list each."""
    for lesson, found in rows.items():
        solo, pair = found[SOLO], found[PAIR]
        if THEIRS in found:
            ratio = found[THEIRS]["cpu"] / solo["cpu"]
            yield _bar(
                lesson, "CPU a submission, start-up included", f"{ratio:.0f} × less than nbgrader", "20", ratio >= 20
            )
        gain = solo["each_wall"] / pair["each_wall"]
        yield _bar(lesson, "throughput of two workers", f"{gain:.2f} × that of one", "1.6", gain >= 1.6)
        yield _bar(lesson, "first verdict", f"after {solo['first']:.1f} s", "3 s", solo["first"] <= 3)
        yield _bar(lesson, "memory", f"{solo['memory'] / 1e6:.0f} MB for one worker", "300 MB", solo["memory"] <= 300e6)


def _bar(lesson, what, measured, bar, met):
    return f"- {lesson}: {what}: {measured} (bar: {bar}): **{'met' if met else 'missed'}**"


def picture(lines, ax=None):
    """CPU milliseconds of one more submission against how many came before."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from ..plots import use_style

    use_style()
    ax = ax or plt.subplots()[1]
    ax.plot([k for k, _ in lines], [1000 * seconds for _, seconds in lines], "o-", color="black")
    ax.set(xscale="log", ylim=(0, 2000 * max(seconds for _, seconds in lines)), xlabel="submissions graded in this run")
    ax.set(ylabel="CPU ms for one more", title="The cost of a submission does not grow")
    return ax


def _number(measured, key, digits):
    return f"{measured[key]:.{digits}f}" if key in measured else ""

"""The benchmark compares like with like, runs from the command line, and reports what it found."""

import json

import numpy as np
import pytest

from course_utils.bench import classic
from course_utils.bench.report import Bar, bars, markdown, suite_table
from course_utils.cells import CELLS
from course_utils.cli import main
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import as_dtype


def test_the_classic_loop_finds_our_loss_and_gradients(rng):
    model = RecurrentLanguageModel(CELLS["elman"], 4, 5)
    params = as_dtype(model.init(rng), np.float64)
    tokens = rng.integers(0, 4, 8)
    loss, grads, last = model.loss_and_gradients(params, tokens[:-1, None], tokens[1:, None])
    total, found, h = classic.loss_and_gradients(classic.weights_of(params), tokens[:-1], tokens[1:], np.zeros((5, 1)))
    assert abs(total / 7 - loss) < 1e-12
    assert np.abs(h[:, 0] - last.h[0]).max() < 1e-12
    for ours, theirs in zip(classic.weights_of(grads), found, strict=True):
        assert np.abs(7 * ours - theirs).max() < 1e-12


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("B", [1, 2])
def test_all_contestants_of_a_step_find_one_loss(cell, B, rng):
    pytest.importorskip("torch")
    from course_utils.bench.steps_torch import contestants

    losses = [step() for step in contestants(cell, 7, B, 5, 4, rng).values()]
    assert len(losses) == (6 if (cell, B) == ("elman", 1) else 5)
    assert np.ptp(losses) < 1e-6


def row(suite, who, **found):
    return {"suite": suite, "who": who, **found}


def steps(ratio):
    """Rows of the suite "steps" in which ours takes `ratio` of torch.nn's time, and the classic loop 6 times ours."""
    for cell in ("elman", "lstm", "gru"):
        for size in ((25, 1, 100, 65), (50, 32, 128, 65)):
            for who, factor in (
                ("ours, NumPy", ratio),
                ("ours, torch", 1.2),
                ("torch.nn", 1),
                ("classic loop", 6 * ratio),
            ):
                yield row("steps", who, cell=cell, size=size, cpu_ms=2 * factor, ratio=factor)


def test_bars_are_judged_by_the_numbers_of_the_rows():
    judged = {bar.claim: bar for bar in bars(list(steps(0.5)))}
    assert [bar.met for bar in judged.values()] == [True, True, False, False, True, True]
    assert judged["NumPy training step, of torch.nn's CPU time, geometric mean"].found == pytest.approx(0.5)
    assert judged["NumPy against the classic loop at (25, 1, 100, 65), times as fast"].found == pytest.approx(6)
    assert not bars(list(steps(1.2)))[1].met


def test_bars_at_most_and_at_least():
    assert Bar("", 2.0, 2).met
    assert not Bar("", 2.1, 2).met
    assert Bar("", 2.0, 2, at_most=False).met
    assert not Bar("", 1.9, 2, at_most=False).met


def test_growth_is_the_power_of_t_in_the_last_doubling():
    rows = [row("length", "ours, NumPy", T=T, cpu_ms=0.1 * T, mib=0.1 * T**2) for T in (64, 128, 256)]
    time, memory = bars(rows)
    assert (time.found, memory.found) == (pytest.approx(1), pytest.approx(2))
    assert time.met
    assert not memory.met


def test_the_table_has_a_line_for_every_row_and_names_what_was_measured():
    rows = [
        row("scans", "scan", T=64, cpu_ms=1234.5, error=3.8e-7),
        row("scans", "step loop", T=64, cpu_ms=2.0, error=None),
    ]
    assert suite_table(rows).splitlines() == [
        "| T | who | CPU ms | error |",
        "| --- | --- | --- | --- |",
        "| 64 | scan | 1,234 | 3.8e-07 |",
        "| 64 | step loop | 2 |  |",
    ]
    assert "- Threads: 1\n" in markdown(list(steps(0.5)), {"Threads": 1})


@pytest.mark.slow
def test_the_quick_benchmark_runs_and_its_json_has_all_rows(tmp_path, capfd):
    pytest.importorskip("torch")
    file, folder = tmp_path / "found.json", tmp_path / "docs"
    assert main(["bench", "--quick", "--json", str(file), "--report", str(folder)]) == 0
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    count = {name: sum(r["suite"] == name for r in rows) for name in {r["suite"] for r in rows}}
    assert count == {"steps": 31, "sampling": 7, "memory": 6, "length": 6, "scans": 6, "parallel": 9, "imports": 3}
    assert all(value > 0 for r in rows for name, value in r.items() if name in ("cpu_ms", "ratio", "per_s"))
    pictures = {path.name for path in folder.glob("*.png")}
    text = (folder / "benchmark.md").read_text(encoding="utf-8")
    assert len(pictures) == 5
    assert all(f"]({name})" in text for name in pictures)
    assert "| cell | T, B, H, V | who |" in capfd.readouterr().out


def test_a_suite_that_does_not_exist_is_refused_by_name(capfd):
    pytest.importorskip("torch")
    assert main(["bench", "speed"]) == 2
    assert "no suite is called speed; there are steps, sampling" in capfd.readouterr().err

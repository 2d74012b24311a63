"""The benchmark of grading says what was met and what was not, and measures the same work for all."""

import json
import sys

import pytest

from course_utils.bench.grading import _grade_here, _median
from course_utils.bench.grading_report import PAIR, SOLO, THEIRS, bars, write_report

ROWS = {
    "01_some_lesson": {
        SOLO: {"cpu": 0.05, "wall": 0.1, "first": 2.0, "memory": 200e6, "each_cpu": 0.03, "each_wall": 0.03},
        PAIR: {"cpu": 0.05, "wall": 0.1, "first": 3.5, "memory": 150e6, "each_cpu": 0.03, "each_wall": 0.02},
        THEIRS: {"cpu": 1.5, "wall": 1.6},
    }
}


def test_each_bar_is_said_to_be_met_or_missed():
    cpu, gain, first, memory = bars(ROWS)
    assert "30 × less than nbgrader (bar: 20): **met**" in cpu
    assert "1.50 × that of one (bar: 1.6): **missed**" in gain
    assert "after 2.0 s (bar: 3 s): **met**" in first
    assert "200 MB for one worker (bar: 300 MB): **met**" in memory
    assert len(list(bars({"01_some_lesson": {k: v for k, v in ROWS["01_some_lesson"].items() if k != THEIRS}}))) == 3


def test_the_report_has_a_line_for_everyone_and_the_bars(tmp_path):
    text = write_report(tmp_path, ROWS, [])
    assert text.splitlines()[2].split(" | ")[2:6] == ["0.050", "30 ×", "0.030", "0.030"]
    assert text in (tmp_path / "grading.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "grading.json").read_text(encoding="utf-8"))["rows"] == ROWS


def test_the_median_turn_is_taken_for_each_number():
    assert _median([{"cpu": 3, "first": 1}, {"cpu": 1, "first": 2}, {"cpu": 2, "first": 9}]) == {"cpu": 2, "first": 2}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_worker_tells_its_first_verdict_and_memory_or_what_one_more_takes(tmp_path, capsys):
    from course_utils.bench.grading import _notebooks

    solved, _ = _notebooks("00_start_here")
    (tmp_path / "someone.ipynb").write_text(json.dumps(solved), encoding="utf-8")
    _grade_here("00_start_here", tmp_path, "1", "0")
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == {"first"}
    _grade_here("00_start_here", tmp_path, "2", "5")
    told = json.loads(capsys.readouterr().out)
    assert 0 < told["each_cpu"] < 1
    assert told["memory"] > 20e6
    assert told["each_wall"] > 0

"""Executing lessons: who passes, who does not, and that nothing is left behind."""

import nbformat
import pytest

from course_utils.lessons.execute import execute, table
from course_utils.lessons.script import Lesson


@pytest.fixture
def checkout(tmp_path):
    """A checkout with two lessons: one that runs to its end and one whose second cell fails."""
    (tmp_path / "solutions").mkdir()
    for name, cells in {"00_good": ["x = 1", "assert x"], "01_bad": ["x = 1", "assert not x"]}.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, tmp_path / "solutions" / f"{name}.ipynb")
    return tmp_path


@pytest.mark.slow
def test_a_lesson_passes_if_every_cell_does_and_the_table_says_so(checkout):
    lessons, seen = [Lesson(name, "?", 10, (), ()) for name in ("01_bad", "00_good")], []
    executions = execute(checkout, lessons, kernels=2, report=seen.append)
    assert [(e.lesson, e.passed) for e in executions] == [("00_good", True), ("01_bad", False)]
    assert sorted(e.lesson for e in seen) == ["00_good", "01_bad"]
    assert "assert not x" in executions[1].said or "AssertionError" in executions[1].said
    assert table(executions, 12.3).splitlines()[-1] == "| all 2, side by side | 12 | |"
    assert sorted(p.name for p in (checkout / "solutions").iterdir()) == ["00_good.ipynb", "01_bad.ipynb"]

"""A pytest plugin beside nbval: after each cell, write what it produced as one line of JSON.

nbval collects the notebook, runs the cells and gives each one its verdict; this plugin only reports them, in a form that
the grader reads even if the run is cut short. Loaded with `-p course_utils.grading.nbval_results`.
"""

import json

import pytest

OUTPUT_LIMIT = 2_000_000  # characters of one cell's outputs that are kept


def pytest_addoption(parser):
    parser.addoption("--results", help="file to write one line of JSON per cell to")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and hasattr(item, "test_outputs"):
        error = getattr(call.excinfo, "value", None)
        line = {"cell": item.cell_num, "passed": error is None, "error": str(error) if error else None}
        line["outputs"] = _kept(item.test_outputs or [])
        with open(item.config.getoption("--results"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report


def _kept(outputs):
    """The outputs up to the limit: a flood of prints does not reach the grader."""
    kept, size = [], 0
    for output in outputs:
        size += len(json.dumps(output))
        if size > OUTPUT_LIMIT:
            break
        kept.append(output)
    return kept

"""`.ci/run` ends with pytest's summary line and exits with pytest's status."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Stands in for make: a test run that ends as told, followed by the remark that make adds to a failure.
MAKE = """#!/bin/sh
test "$*" = test || exit 9
test -z "$PYTEST_STATUS" && {{ echo "no suitable Python"; exit 2; }}
mkdir -p .venv && echo "$PYTEST_STATUS" > .venv/pytest-status
echo "{summary}"
test "$PYTEST_STATUS" = 0 || {{ echo "make: *** [Makefile:41: test] Error $PYTEST_STATUS" >&2; exit 2; }}
"""
SUMMARY = "===== 1 failed, 41 passed in 3.14s ====="


def run_ci(folder, status):
    """Run a copy of `.ci/run` beside a stand-in for make."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
    (folder / "bin").mkdir()
    (folder / "bin/make").write_text(MAKE.format(summary=SUMMARY), encoding="utf-8")
    (folder / "bin/make").chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name != "VENV"}
    env |= {"PATH": f"{folder / 'bin'}:{env['PATH']}", "PYTEST_STATUS": status}
    command = [str(folder / ".ci/run")]
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("status", [0, 1, 5])
def test_ci_ends_with_the_summary_and_the_status_of_pytest(tmp_path, status):
    answer = run_ci(tmp_path, str(status))
    assert answer.returncode == status
    assert answer.stdout.splitlines()[-1] == SUMMARY


def test_a_failed_set_up_is_not_taken_for_an_old_success(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pytest-status").write_text("0", encoding="utf-8")
    answer = run_ci(tmp_path, "")
    assert answer.returncode == 2
    assert "no suitable Python" in answer.stdout

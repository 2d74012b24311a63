"""Looking for a browser never fails a test run, and asks for nothing where one is there."""

import re
import shutil
import subprocess
from pathlib import Path

import find_browser
import pytest

SCRIPT = Path(__file__).with_name("install_browser.sh")
NEEDED = ("sh", "grep", "mktemp", "timeout", "tail", "rm")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="needs the usual POSIX commands")


@pytest.fixture
def machine(tmp_path):
    """A folder that is all of the PATH: the usual commands, and whatever a test adds."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(shutil.which(name))
    return tmp_path


def command(machine, name, text):
    """Add a command to a machine."""
    (machine / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (machine / name).chmod(0o755)


def install(machine):
    """What the script prints on this machine; it must succeed."""
    shell = str(machine / "sh")
    answer = subprocess.run([shell, str(SCRIPT)], env={"PATH": str(machine)}, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


@pytest.mark.parametrize("browser", find_browser.NAMES)
def test_with_a_browser_nothing_is_said_or_done(machine, browser):
    command(machine, browser, "exit 0")
    command(machine, "apt-get", 'echo called >> "$0.log"')
    assert install(machine) == ""
    assert not (machine / "apt-get.log").exists()


def test_an_ordinary_user_is_told_what_to_install(machine):
    command(machine, "id", "echo 1000")
    assert "install Chromium" in install(machine)


def test_a_failed_installation_is_told_and_forgiven(machine):
    command(machine, "id", "echo 0")
    command(machine, "apt-get", "echo no network; exit 100")
    assert "install Chromium" in install(machine)


def test_script_and_tests_look_for_the_same_browsers():
    names = re.search(r"for name in ([a-z -]+);", SCRIPT.read_text(encoding="utf-8")).group(1).split()
    assert tuple(names) == find_browser.NAMES

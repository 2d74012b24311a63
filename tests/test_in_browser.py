"""In a browser tqdm is told that it is in a notebook, and its warning about threads is silenced; elsewhere nothing happens."""

import subprocess
import sys
import types
import warnings

import pytest
from traitlets.config import Config

import course_utils
from course_utils.in_browser import settle


@pytest.fixture
def shell(monkeypatch):
    """An IPython that was not started by an ordinary kernel."""
    shell = types.SimpleNamespace(config=Config())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    return shell


def test_ipythons_settings_know_the_kernel_that_tqdm_looks_for(shell):
    assert "IPKernelApp" not in shell.config
    with warnings.catch_warnings():
        settle()
        assert "IPKernelApp" in shell.config


def test_settings_that_are_there_stay(shell):
    shell.config.IPKernelApp.extra = 7
    with warnings.catch_warnings():
        settle()
    assert shell.config.IPKernelApp.extra == 7


def test_only_the_warning_about_threads_is_silenced(shell):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        settle()
        warnings.warn("tqdm:disabling monitor support (monitor_interval = 0) due to:\nno threads", stacklevel=1)
        warnings.warn("tqdm: something else", stacklevel=1)
    assert [str(warning.message) for warning in heard] == ["tqdm: something else"]


@pytest.mark.parametrize(("platform", "expected"), [("emscripten", "True"), ("linux", "False")])
def test_importing_the_course_settles_it_in_a_browser_alone(platform, expected):
    code = (
        f"import sys; sys.platform = {platform!r}; import course_utils; print('course_utils.in_browser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == expected, done.stderr
    assert course_utils.__version__

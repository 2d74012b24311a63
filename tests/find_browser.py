"""Finds the browser that the browser tests drive; install_browser.sh looks for the same names.

from find_browser import BROWSER, needs_browser

@needs_browser
def test_slider_moves():
    with sync_playwright() as p:
        p.chromium.launch(executable_path=BROWSER)
"""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no browser: install Chromium or Google Chrome and put it on the PATH, then run again"
)

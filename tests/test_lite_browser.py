"""Lessons in a browser that can reach nothing but the built site: Python starts, a slider moves, the course is imported.

What would be asked of another machine is written down and compared with what the page of welcome says.
"""

import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

import pytest
from find_browser import BROWSER, needs_browser
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL
from run_axe import serious_problems
from run_jupyter import as_root
from serve_folder import served

from course_utils.corpora import capitals

ROOT = pathlib.Path(__file__).parents[1]
pytestmark = [pytest.mark.slow, needs_browser]
SECOND = 1000
START = 120 * SECOND  # Python starts in a fifth of this
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
SERVER = urllib.parse.urlsplit(PYODIDE_CDN_URL).hostname
READY = """() => {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
  return session?.kernel?.status === "idle";
}"""
BELOW = "() => window.jupyterapp.commands.execute('notebook:insert-cell-below')"
SLIDER = """\
import ipywidgets

@ipywidgets.interact(n=(0, 5))
def shown(n=3):
    print("its square is", n * n)"""
BAR = """\
import course_utils
from tqdm.auto import tqdm
print(sum(tqdm(range(5), leave=False, unit="step")))"""
COURSE = """\
from course_utils import corpora
print(len(corpora.capitals()), len(corpora.library_source(100_000)))"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "lite"
    command = [sys.executable, "-m", "course_utils.cli", "lite", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode and " npm" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    settings = folder / "jupyter-lite.json"
    page = json.loads(settings.read_text(encoding="utf-8"))
    page["jupyter-config-data"]["exposeAppInBrowser"] = True  # for the tests: window.jupyterapp
    settings.write_text(json.dumps(page), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page(built):
    """The page of welcome; `page.asked` has the addresses on other machines, `page.wrong` what failed."""
    from playwright.sync_api import sync_playwright

    arguments = [ALONE, *(["--no-sandbox"] if as_root() else [])]
    with served(built) as address, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=BROWSER, args=arguments).new_page()
        page.asked, page.wrong = set(), []
        page.context.on(
            "request", lambda r: page.asked.add(r.url) if not r.url.startswith((address, "data:", "blob:")) else 0
        )
        page.on("response", lambda r: page.wrong.append(r.url) if r.status >= 400 else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.goto(address, wait_until="networkidle")
        yield page


@pytest.fixture(scope="module")
def lesson(page):
    """The first lesson of the page of welcome, its kernel running."""
    page.get_by_role("link").first.click()
    page.wait_for_function(READY, timeout=START)
    return page


def run(page, source):
    """Type a new cell, run it by keyboard, and return it."""
    page.evaluate(BELOW)
    cell = page.locator(".jp-Notebook .jp-mod-active.jp-CodeCell")
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    return cell


def test_the_page_of_welcome_lists_the_lessons_and_names_the_one_other_machine(page, built):
    text = page.locator("main").inner_text()
    copies = sorted((built / "files").glob("*.ipynb"))
    for path in copies:
        title = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0].strip("# \n")
        assert f"{path.stem[:2]} {title}" in text
    assert page.get_by_role("link").count() == len(copies) + 1
    assert re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:net|org|com|io)\b", text) == [SERVER]


def test_nobody_who_reads_by_ear_or_keyboard_is_shut_out(page):
    assert serious_problems(page) == []


def test_it_fits_a_telephone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_a_slider_moved_by_keyboard_is_answered_by_python_in_the_page(lesson):
    from playwright.sync_api import expect

    cell = run(lesson, SLIDER)
    expect(cell.locator(".jp-Cell-outputArea")).to_contain_text("its square is 9", timeout=START)
    cell.locator(".noUi-handle").press("ArrowRight")
    expect(cell.locator(".jp-Cell-outputArea")).to_contain_text("its square is 16", timeout=START)


def test_until_then_no_other_machine_was_asked_and_nothing_failed(lesson):
    assert lesson.asked == set()
    assert lesson.wrong == []


def test_importing_the_course_installs_it_and_asks_pyodides_server_for_the_rest(lesson, built):
    from playwright.sync_api import expect

    cell = run(lesson, COURSE)
    expect(cell.locator(".jp-Cell-outputArea")).to_contain_text(f"{len(capitals())} 100000", timeout=START)
    assert lesson.asked == abroad(built)
    assert {urllib.parse.urlsplit(address).hostname for address in lesson.asked} == {SERVER}


def test_a_progress_bar_is_drawn_in_the_page_and_warns_of_nothing(lesson):
    from playwright.sync_api import expect

    cell = run(lesson, BAR)
    expect(cell.locator(".jp-Cell-outputArea")).to_contain_text("10", timeout=START)
    assert "Warning" not in cell.inner_text()
    assert cell.locator("[data-mime-type*=stderr]").count() == 0


def abroad(built):
    """The addresses, on another machine, of what the course needs, by the site's own lock file."""
    packages = json.loads((built / "static" / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    todo, seen = ["rnn-course"], set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += packages[name]["depends"]
    files = {packages[name]["file_name"] for name in seen}
    assert any("/numpy-" in file for file in files) and any("/matplotlib-" in file for file in files)
    return {file for file in files if "/" in file}

"""The lessons in a real browser: everything runs, a check answers, sliders move pictures, nothing leaves the machine.

RNN_COURSE_SCREENSHOTS=folder keeps pictures of every page, 1280 pixels wide, for people to look at.
"""

import json
import os
import pathlib
import shutil
import urllib.parse
from typing import NamedTuple

import pytest
from find_browser import BROWSER, needs_browser
from run_jupyter import as_root, running

from course_utils.exercises import exercises_of
from course_utils.lessons.build import source_digest
from course_utils.lessons.script import lesson_paths

ROOT = pathlib.Path(__file__).parents[1]
LESSONS = [path.stem for path in lesson_paths(ROOT)]
pytestmark = [pytest.mark.slow, needs_browser]
SECOND = 1000
WIDE, HIGH = 1280, 1500

READY = """() => {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
  return window.jupyterapp?.shell.currentWidget?.context?.isReady && session?.kernel?.status === "idle";
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
CELLS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells"
IMAGES = """() => Array.from(document.querySelectorAll('.jp-OutputArea-output img'),
  (img) => [img.alt, img.complete && img.naturalWidth])"""
SCROLL = """(top) => {
  const panel = document.querySelector('.jp-WindowedPanel-outer');
  panel.scrollTop = top;
  return Array.from(panel.querySelectorAll('.jp-Cell')).pop().getBoundingClientRect().bottom > window.innerHeight;
}"""


class Shown(NamedTuple):
    """A lesson in the browser: its name, its page, its file, and what the page asked for and complained about."""

    lesson: str
    page: object
    file: pathlib.Path
    hosts: set
    errors: list


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if as_root() else []
        yield playwright.chromium.launch(executable_path=BROWSER, args=arguments)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab over a folder with a fresh copy of every student's notebook."""
    work, own = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("jupyter")
    for name in LESSONS:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", work)
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", work / "typed.ipynb")
    with running(["-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"], work, own) as found:
        yield found, work


def open_page(browser, server, name):
    """The notebook `name` in a page of its own, its kernel idle."""
    (url, token), work = server
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
    hosts, errors = set(), []
    page.on("request", lambda request: hosts.add(urllib.parse.urlsplit(request.url).hostname))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{url}doc/tree/{name}.ipynb?token={token}")
    page.wait_for_function(READY, timeout=60 * SECOND)
    return Shown(name, page, work / f"{name}.ipynb", hosts, errors)


@pytest.fixture(scope="module", params=LESSONS)
def shown(request, browser, server):
    """A lesson after "Run all" on an untouched copy."""
    shown = open_page(browser, server, request.param)
    shown.page.set_default_timeout(120 * SECOND)
    shown.page.evaluate(RUN_ALL)
    shown.page.wait_for_function(READY)
    shown.page.wait_for_load_state("networkidle")
    keep_screenshots(shown.page, shown.lesson)
    yield shown
    shown.page.close()


def keep_screenshots(page, name):
    """Pictures of the page from top to bottom, if somebody wants to see them."""
    folder = os.environ.get("RNN_COURSE_SCREENSHOTS")
    more, k = bool(folder), 0
    while more:
        more = page.evaluate(SCROLL, k * (HIGH - 100))
        page.wait_for_timeout(300)
        page.screenshot(path=pathlib.Path(folder) / f"{name}_{k:02}.png")
        k += 1


def outputs(cell):
    return [output for output in cell.get("outputs", []) if output["output_type"] != "display_data"]


def text(cell):
    """What a cell printed."""
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def test_run_all_reaches_the_end_without_a_red_cell(shown):
    code = [cell for cell in shown.page.evaluate(CELLS) if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    said = [output for cell in code for output in outputs(cell)]
    assert not [output for output in said if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert shown.page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0


def test_every_check_of_an_untouched_copy_says_not_attempted_yet(shown):
    cells = shown.page.evaluate(CELLS)
    checks = [cell for cell in cells if cell["metadata"].get("rnn_course", {}).get("role") == "check"]
    assert [text(cell) for cell in checks] == [f"· {e.label}: not attempted yet\n" for e in exercises_of(shown.lesson)]


def test_every_picture_is_there_and_has_words_for_those_who_cannot_see_it(shown):
    images = shown.page.evaluate(IMAGES)
    assert images, "a lesson without a picture"
    for alt, width in images:
        assert alt.strip().endswith("."), f"no sentence: {alt!r}"
        assert width > 0, f"not drawn: {alt!r}"


def test_no_formula_fails_to_render(shown):
    assert shown.page.locator("mjx-container").count() > 0
    wrong = shown.page.locator("mjx-merror, [data-mjx-error]")
    assert wrong.all_inner_texts() == []


def test_every_slider_moved_by_keyboard_changes_its_picture(shown):
    for slider in shown.page.locator(".widget-slider").all():
        picture = slider.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')][1]").locator("img")
        value, before = slider.inner_text(), picture.get_attribute("src")
        for key in ("ArrowRight", "ArrowLeft"):  # the first does nothing where the slider is at its end
            slider.locator(".noUi-handle").press(key)
            if slider.inner_text() != value:
                break
        assert slider.inner_text() != value, f"{value!r} cannot be moved"
        expect_change(picture, "src", before)
        assert picture.get_attribute("src") != before
        assert picture.get_attribute("alt").strip()


def expect_change(locator, attribute, before):
    """Wait until an attribute is another than it was; a picture is taken out and put in again while it is redrawn."""
    from playwright.sync_api import expect

    expect(locator).not_to_have_attribute(attribute, before, timeout=15 * SECOND)


def test_nothing_is_asked_of_another_machine(shown):
    assert shown.hosts - {None, "127.0.0.1", "localhost"} == set()
    assert shown.errors == []


def test_running_and_saving_leaves_the_copy_untouched_for_the_next_release(shown):
    shown.page.evaluate(SAVE)
    saved = json.loads(shown.file.read_text(encoding="utf-8"))
    assert any(cell.get("execution_count") for cell in saved["cells"])
    assert source_digest(saved) == saved["metadata"]["rnn_course"]["built"]


def answer(shown, line):
    """Write `line` where the lesson says so, run the answer and its check by keyboard, and return the verdict."""
    ids = [cell["id"] for cell in shown.page.evaluate(CELLS)]
    cell = shown.page.locator(".jp-Notebook .jp-Cell").nth(ids.index("answer-0-1"))
    cell.locator(".cm-line").last.click()
    shown.page.keyboard.press("End")
    shown.page.keyboard.press("Shift+Home")
    shown.page.keyboard.insert_text(line)
    for _ in range(2):
        shown.page.keyboard.press("Shift+Enter")
    verdict = shown.page.locator(".jp-Notebook .jp-Cell").nth(ids.index("check-0-1")).locator(".jp-OutputArea-output")
    return verdict


WRONG = "return np.exp(a)"  # as the lesson proposes
NAMED = "these are positive but do not sum to 1: divide them by the sum of their row"
RIGHT = "return np.exp(a - a.max(-1, keepdims=True)) / np.exp(a - a.max(-1, keepdims=True)).sum(-1, keepdims=True)"


def test_a_wrong_answer_typed_in_is_told_what_is_wrong_and_the_right_one_passes(browser, server):
    from playwright.sync_api import expect

    shown = open_page(browser, server, "typed")
    shown.page.evaluate(RUN_ALL)
    expect(answer(shown, WRONG)).to_have_text(f"✗ 0.1 softmax: {NAMED}", timeout=30 * SECOND)
    keep_screenshots(shown.page, "typed_wrong")
    expect(answer(shown, RIGHT)).to_have_text("✓ 0.1 softmax", timeout=30 * SECOND)
    keep_screenshots(shown.page, "typed_right")
    shown.page.evaluate(SAVE)
    saved = json.loads(shown.file.read_text(encoding="utf-8"))
    assert source_digest(saved) != saved["metadata"]["rnn_course"]["built"]
    shown.page.close()

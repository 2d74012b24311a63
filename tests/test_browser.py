"""The lessons in a real browser: everything runs, a check answers, sliders move pictures, nothing leaves the machine.

A few lessons stand for all; RNN_COURSE_BROWSER=all (`make browser`) opens every one, RNN_COURSE_BROWSER="3 7" those.
RNN_COURSE_SCREENSHOTS=folder keeps pictures of every page, 1280 and 600 pixels wide, for people to look at.
"""

import json
import os
import pathlib
import shutil
import urllib.parse
from typing import NamedTuple

import pytest
from find_browser import BROWSER, needs_browser
from run_axe import serious_problems
from run_jupyter import as_root, running

from course_utils.exercises import exercises_of
from course_utils.exercises.definition import LOCAL_SEED
from course_utils.exercises.judge import judge
from course_utils.exercises.record import record
from course_utils.grading.samples import answer_source
from course_utils.lessons.build import source_digest
from course_utils.lessons.checkout import lesson_path
from course_utils.lessons.script import lesson_paths

ROOT = pathlib.Path(__file__).parents[1]
WANTED = os.environ.get("RNN_COURSE_BROWSER", "0 3").split()
EVERY = [path.stem for path in lesson_paths(ROOT)]
LESSONS = EVERY if WANTED == ["all"] else [lesson_path(ROOT, name).stem for name in WANTED]
pytestmark = [pytest.mark.slow, needs_browser]
SECOND = 1000
WIDE, NARROW, HIGH = 1280, 600, 1500

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
    """Pictures of the page from top to bottom, wide and narrow, if somebody wants to see them."""
    folder = os.environ.get("RNN_COURSE_SCREENSHOTS")
    for width in (NARROW, WIDE) if folder else ():
        page.set_viewport_size({"width": width, "height": HIGH})
        more, k = True, 0
        while more:
            more = page.evaluate(SCROLL, k * (HIGH - 100))
            page.wait_for_timeout(300)
            page.screenshot(path=pathlib.Path(folder) / f"{name}_{width}_{k:02}.png")
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


def test_every_list_chosen_from_changes_what_is_shown(shown):
    for menu in shown.page.locator(".widget-dropdown select").all():
        widget = menu.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')][1]")
        before = widget.inner_html()
        menu.select_option(index=(menu.evaluate("menu => menu.selectedIndex") + 1) % menu.locator("option").count())
        for _ in range(20):
            if widget.inner_html() != before:
                break
            shown.page.wait_for_timeout(SECOND / 2)
        assert widget.inner_html() != before


# What is not ours: sliders of ipywidgets have no name that axe sees, and JupyterLab's theme chose the colours of code.
UPSTREAM = [".noUi-handle", ".widget-readout", ".highlight", ".jp-RenderedHTMLCommon pre"]
OURS = [".jp-MarkdownOutput", ".jp-OutputArea-output"]


def test_nothing_of_ours_shuts_out_those_who_read_by_ear_or_keyboard(shown):
    assert serious_problems(shown.page, OURS, UPSTREAM) == []


def typed(shown, exercise, source):
    """Type an answer over what is in the exercise's cell, run it and its check by keyboard, and return the verdict."""
    number = exercise.number.replace(".", "-")
    ids = [cell["id"] for cell in shown.page.evaluate(CELLS)]
    cell = shown.page.locator(".jp-Notebook .jp-Cell").nth(ids.index(f"answer-{number}"))
    cell.locator(".cm-line").last.click()
    shown.page.keyboard.press("ControlOrMeta+a")
    shown.page.keyboard.insert_text(source)
    for _ in range(2):
        shown.page.keyboard.press("Shift+Enter")
    return (
        shown.page.locator(".jp-Notebook .jp-Cell").nth(ids.index(f"check-{number}")).locator(".jp-OutputArea-output")
    )


def test_a_wrong_answer_typed_in_is_told_what_is_wrong_and_the_right_one_passes(shown):
    from playwright.sync_api import expect

    exercise = exercises_of(shown.lesson)[0]
    wrong = exercise.mistakes[0].answer
    line = judge(exercise, record(exercise, wrong, LOCAL_SEED), LOCAL_SEED).line
    assert line.startswith(f"✗ {exercise.label}: ")
    expect(typed(shown, exercise, answer_source(exercise, wrong))).to_have_text(line, timeout=60 * SECOND)
    right = answer_source(exercise, exercise.reference)
    expect(typed(shown, exercise, right)).to_have_text(f"✓ {exercise.label}", timeout=60 * SECOND)
    shown.page.evaluate(SAVE)
    saved = json.loads(shown.file.read_text(encoding="utf-8"))
    assert source_digest(saved) != saved["metadata"]["rnn_course"]["built"]

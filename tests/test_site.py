"""The web page: it needs nobody else's machine, finds what is searched for, folds its solutions, and fits a telephone.

Built here from two lessons; RNN_COURSE_SITE=all builds every lesson, or names some: RNN_COURSE_SITE="3 7".
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import pytest
from find_browser import BROWSER, needs_browser
from run_axe import serious_problems
from run_jupyter import as_root
from serve_folder import served

from course_utils.exercises import exercises_of
from course_utils.lessons.build import repository
from course_utils.lessons.checkout import lesson_path
from course_utils.lessons.script import lesson_paths
from course_utils.losses import cross_entropy
from course_utils.site.links import broken_links

ROOT = pathlib.Path(__file__).parents[1]
WANTED = os.environ.get("RNN_COURSE_SITE", "0 4").split()
LESSONS = [p.stem for p in (lesson_paths(ROOT) if WANTED == ["all"] else [lesson_path(ROOT, name) for name in WANTED])]
pytestmark = pytest.mark.slow
PAGES = ["index", *(f"notebooks/{lesson}" for lesson in LESSONS), "reference/cells/gru"]
FORMULAS_DRAWN = "async () => { await window.MathJax?.startup?.promise; }"
# Formulas of which a part is cut off and cannot be scrolled to.
OUT_OF_REACH = """() => Array.from(document.querySelectorAll("div.math"))
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "auto")
  .map((box) => box.innerText)"""
# MathJax puts words behind its drawings by itself; one word of code of each colour, in and outside of boxes, stands for all.
UNFOLDED_AND_THINNED = """() => {
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  document.querySelectorAll("mjx-container").forEach((formula) => formula.remove());
  const seen = new Set();
  for (const word of document.querySelectorAll(".highlight span[class]")) {
    const kind = `${word.className} ${Boolean(word.closest(".admonition"))}`;
    if (seen.has(kind)) word.replaceWith(word.textContent);
    seen.add(kind);
  }
}"""
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 1000}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "site"
    command = [sys.executable, "-m", "course_utils.cli", "site", "--output", str(folder), *LESSONS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode and " npm" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(built):
    """Where the page is served, with nothing behind it."""
    with served(built) as address:
        yield address


@pytest.fixture(scope="module")
def windows():
    """A window of the browser for each colour scheme; the pages opened in it share what they have fetched."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"] if as_root() else [])
        yield {scheme: browser.new_context(color_scheme=scheme) for scheme in ("light", "dark")}


@pytest.fixture
def opened(windows, address):
    """Opens a page at a size; at the end no page may have asked another machine, missed a file, or thrown an error."""
    asked, wrong, pages = set(), [], []

    def open_page(path, size=DESK, scheme="light"):
        page = windows[scheme].new_page()
        page.set_viewport_size(size)
        page.on("request", lambda request: asked.add(urllib.parse.urlsplit(request.url).hostname))
        page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address + path)
        page.evaluate(FORMULAS_DRAWN)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.wait_for_load_state("networkidle")
        page.close()
    assert asked <= {"127.0.0.1", None, ""}
    assert wrong == []


def test_every_link_leads_somewhere_and_every_picture_has_words(built):
    assert broken_links(built) == []


def test_every_solution_and_hint_is_there_and_folded(built):
    for lesson in LESSONS:
        page = (built / "notebooks" / f"{lesson}.html").read_text(encoding="utf-8")
        folds = re.findall(r'<details class="\w+ admonition"( open)?', page)
        assert folds == [""] * (4 * len(exercises_of(lesson))), "three hints and a solution each, all closed"
        for exercise in exercises_of(lesson):
            assert f"Build {exercise.label} (" in page
            assert f"✓ {exercise.label}\n" in page


def test_buttons_open_the_students_copy_in_colab_and_binder(built):
    slug = repository(ROOT).removeprefix("https://github.com/")
    for lesson in LESSONS:
        page = (built / "notebooks" / f"{lesson}.html").read_text(encoding="utf-8")
        assert f"https://colab.research.google.com/github/{slug}/blob/main/notebooks/{lesson}.ipynb" in page
        assert f"https://mybinder.org/v2/gh/{slug}/main?urlpath=lab/tree/notebooks/{lesson}.ipynb" in page


def test_the_reference_describes_a_function_by_its_docstring(built):
    page = (built / "reference" / "losses.html").read_text(encoding="utf-8")
    assert 'id="course_utils.losses.cross_entropy"' in page
    first_line = cross_entropy.__doc__.splitlines()[0].replace("`", "")
    assert first_line.split(":")[0] in re.sub(r"<[^>]+>", "", page)


@needs_browser
@pytest.mark.parametrize("lesson", LESSONS)
def test_formulas_are_drawn_without_an_error(opened, lesson):
    page = opened(f"notebooks/{lesson}.html")
    assert page.locator("mjx-merror, [data-mjx-error]").all_inner_texts() == []
    assert page.locator("mjx-container").count() == page.locator(".math").count()


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_on_a_telephone(opened, path, scheme):
    page = opened(f"{path}.html", PHONE, scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(OUT_OF_REACH) == []


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "reference/index", "grading", "search"])
def test_nothing_shuts_out_those_who_read_by_ear_or_keyboard(opened, path, scheme):
    page = opened("search.html?q=gate" if path == "search" else f"{path}.html", DESK, scheme)
    if path == "search":
        page.wait_for_selector("#search-results li a .highlighted")
    page.wait_for_load_state("networkidle")  # by then the theme has made what scrolls reachable by keyboard
    page.evaluate(UNFOLDED_AND_THINNED)
    assert serious_problems(page) == []


@needs_browser
def test_search_finds_a_lesson_and_a_function(opened):
    page = opened("search.html?q=softmax")
    page.wait_for_selector("#search-results li a")
    found = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.getAttribute('href'))")
    assert any(link.startswith(f"notebooks/{LESSONS[0]}") for link in found)
    assert any(link.startswith("reference/") for link in found)


@needs_browser
def test_a_click_opens_the_solution(opened):
    page = opened(f"notebooks/{LESSONS[0]}.html")
    solution = page.locator("details", has=page.locator("summary", has_text="Solution")).first
    answer = solution.locator(".highlight").first
    assert not answer.is_visible()
    solution.locator("summary").click()
    assert answer.is_visible()


@needs_browser
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_widget_moves_by_keyboard_without_a_kernel_and_says_what_needs_one(opened, lesson):
    page = opened(f"notebooks/{lesson}.html")
    for figure in page.locator("figure.stills").all():
        assert "needs a running kernel" in figure.inner_text()
        shown = figure.locator("img:not([hidden])")
        for slider in figure.locator("input").all():
            before = shown.get_attribute("src")
            slider.focus()
            at_the_end = slider.input_value() == slider.get_attribute("max")
            slider.press("ArrowLeft" if at_the_end else "ArrowRight")
            assert shown.count() == 1
            assert shown.get_attribute("src") != before


def test_scripts_are_pinned_by_version_and_checksum():
    lock = json.loads((ROOT / "docs" / "site" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(
        package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages.values()
    )

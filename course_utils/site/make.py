"""The whole page: lessons executed (or taken from the cache), reference and texts laid out, scripts fetched, Sphinx run.

Nothing that a page loads comes from another machine. Warnings are errors, and so are links that lead nowhere.
"""

import json
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

from ..lessons.build import repository, solved_notebook, student_notebook
from ..lessons.checkout import lesson_path
from ..lessons.script import lesson_paths, read_lesson
from .execution import executed_all
from .fetched import from_npm
from .links import broken_links, rewritten
from .pages import lesson_page
from .reference import reference_pages

__all__ = ["SiteFailed", "build_site"]

# Files of the checkout that are pages of their own: (file, page).
TEXTS = {
    "README.md": "index.md",
    "solutions/README.md": "teach.md",
    "CONTRIBUTING.md": "contribute.md",
    "CHANGELOG.md": "changelog.md",
    "datasets/README.md": "data.md",
    "docs/benchmark.md": "benchmark.md",
    "docs/grading.md": "grading.md",
}
SCRIPTS = {"mathjax/es5/tex-svg-full.js": "mathjax"}
BRANCH = "main"
OUTPUT, KEPT = "build/site", "build/site-parts"
IN_BROWSER = "lite"  # the folder of the page that has the lessons for the browser


class SiteFailed(Exception):
    """The page could not be built; the text says what to do."""


class Folders(NamedTuple):
    """Where things go: the finished pages, and what is kept between builds or thrown away."""

    output: pathlib.Path
    executed: pathlib.Path
    scripts: pathlib.Path
    source: pathlib.Path


def build_site(root, output=None, chosen=(), report=print, build_lessons_for_browser=None):
    """Build the page of the checkout at `root` into `output` (default build/site) and return that folder.

    `chosen` are lessons, by name, number or word (default: all). `build_lessons_for_browser(root, folder)`, if given, builds
    those that need only NumPy once more, and their pages link to them. Raises SiteFailed, NotFetched or LessonFailed.
    """
    root = pathlib.Path(root)
    output = pathlib.Path(output or root / OUTPUT).resolve()
    kept = root / KEPT
    folders = Folders(output, kept / "executed", kept / "npm", output.with_name(output.name + "-source"))
    paths = [lesson_path(root, name) for name in chosen] or lesson_paths(root)
    lessons = [read_lesson(path) for path in paths]
    in_browser = {e.name for e in lessons if e.needs == ("numpy",)} if build_lessons_for_browser else set()
    _stage(root, lessons, folders, report, in_browser)
    _sphinx(root, folders)
    if build_lessons_for_browser:
        build_lessons_for_browser(root, output / IN_BROWSER)
    problems = broken_links(output)
    if problems:
        raise SiteFailed("\n".join(problems))
    return output


def _stage(root, lessons, folders, report, in_browser):
    """Lay out everything that Sphinx reads."""
    shutil.rmtree(folders.source, ignore_errors=True)
    for name in ("notebooks", "_static/figures"):
        (folders.source / name).mkdir(parents=True)
    shutil.copytree(root / "docs" / "site" / "static", folders.source / "_static", dirs_exist_ok=True)
    modules = from_npm(root / "docs" / "site", folders.scripts)
    for script, place in SCRIPTS.items():
        (folders.source / "_static" / place).mkdir(exist_ok=True)
        shutil.copy(modules / script, folders.source / "_static" / place)
    _stage_lessons(root, lessons, folders, report, in_browser)
    _stage_texts(root, lessons, folders.source)
    for name, text in reference_pages(root).items():
        path = folders.source / "reference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _stage_lessons(root, lessons, folders, report, in_browser):
    address, names = repository(root), [lesson.name for lesson in lessons]
    solved = {lesson.name: solved_notebook(lesson, address) for lesson in lessons}
    ran = executed_all(
        root, solved, folders.executed, report=lambda n, fresh: report(f"{n}: {'ran' if fresh else 'kept'}")
    )
    for lesson in lessons:
        student = student_notebook(lesson, address)
        link = f"../{IN_BROWSER}/lab/index.html?path={lesson.name}.ipynb" if lesson.name in in_browser else ""
        figures = folders.source / "_static" / "figures"
        page = lesson_page(lesson.name, student, ran[lesson.name], figures, names, link)
        (folders.source / "notebooks" / f"{lesson.name}.ipynb").write_text(json.dumps(page), encoding="utf-8")


def _stage_texts(root, lessons, source):
    names = [lesson.name for lesson in lessons]
    pages = {file: page for file, page in TEXTS.items() if (root / file).exists()}
    inside = pages | {f"notebooks/{name}.ipynb": f"notebooks/{name}.ipynb" for name in names} | _pictures(root)
    inside["notebooks/README.md"] = "index.md"
    for file, page in pages.items():
        text = rewritten((root / file).read_text(encoding="utf-8"), file, inside, f"{repository(root)}/blob/{BRANCH}")
        text = text + _contents(lessons, pages) if page == "index.md" else text
        (source / page).write_text(text, encoding="utf-8")
    for file, page in _pictures(root).items():
        (source / page).parent.mkdir(exist_ok=True)
        shutil.copy(root / file, source / page)


def _pictures(root):
    """Pictures of the texts, and the benchmark's data, all in docs/: by file, where the page has them."""
    return {f"docs/{path.name}": f"pictures/{path.name}" for path in sorted((root / "docs").glob("*.png"))}


def _contents(lessons, pages):
    def block(caption, entries):
        lines = "\n".join(entry.removesuffix(".md") for entry in entries)
        return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n"

    about = [page for page in pages.values() if page != "index.md"]
    return (
        block("Lessons", [_entry(lesson) for lesson in lessons])
        + block("Reference", ["reference/index"])
        + block("About", about)
    )


def _entry(lesson):
    return f"{lesson.name[:2]} {lesson.title} <notebooks/{lesson.name}>"


def _sphinx(root, folders):
    """Run Sphinx; what it warns of is printed and fails the build."""
    shutil.rmtree(folders.output, ignore_errors=True)
    doctrees = folders.source.with_name(folders.source.name + "-doctrees")
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-c", str(root / "docs" / "site"), "-d", str(doctrees)]
    command += ["-D", f"html_static_path={folders.source / '_static'}", str(folders.source), str(folders.output)]
    done = subprocess.run([sys.executable, *command])
    if done.returncode:
        raise SiteFailed("Sphinx warned of what is printed above; every warning is an error here")
    shutil.rmtree(doctrees)

"""What the site for the browser is made of: which lessons, what their copies say, and where each package comes from."""

import copy
import hashlib
import json
import pathlib
import re
import shutil
import zipfile

import pytest
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from packaging.requirements import Requirement

from course_utils import cli
from course_utils.lessons.build import repository, solved_notebook, student_notebook
from course_utils.lessons.script import lesson_paths, read_lesson
from course_utils.lite import make
from course_utils.lite.copies import browser_copy, browser_lessons
from course_utils.lite.lock import browser_lock
from course_utils.site.fetched import NotFetched, from_npm
from course_utils.site.pages import lesson_page

ROOT = pathlib.Path(__file__).parents[1]
WHEELS = (ROOT / "docs" / "lite" / "wheels.txt").read_text(encoding="utf-8").splitlines()
CDN = "https://cdn.example/v7"
# An environment marker for each way in which a browser is no ordinary machine.
METADATA = """Metadata-Version: 2.1
Name: Rnn_Course
Version: 1.2
Requires-Dist: NumPy>=2
Requires-Dist: small_one
Requires-Dist: pooch; sys_platform != "emscripten"
Requires-Dist: six; platform_system == "Emscripten" and python_version >= "3.14"
Requires-Dist: torch; extra == "torch"
Requires-Dist: requests
"""


def wheel(folder, name, metadata, *files):
    """A wheel with empty files."""
    path = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.dist-info/METADATA", metadata)
        for file in files:
            archive.writestr(file, "")
    return path


@pytest.fixture
def pyodide():
    """A lock file of a Pyodide with three packages."""
    known = {name: {"name": name, "file_name": f"{name}.whl", "depends": []} for name in ("numpy", "six", "pydoc-data")}
    return {"info": {"python": "3.14.2"}, "packages": known}


@pytest.fixture
def wheels(tmp_path):
    ours = wheel(tmp_path, "rnn_course-1.2", METADATA, "course_utils/__init__.py", "course_utils/a/b.py", "data/x.csv")
    return [ours, wheel(tmp_path, "small_one-3", "Metadata-Version: 2.1\nName: small.one\nVersion: 3\n", "small.py")]


@pytest.fixture(scope="module")
def lessons():
    return browser_lessons(ROOT)


def test_a_wheel_is_found_by_what_it_can_import_and_brings_what_it_needs_in_a_browser(pyodide, wheels):
    made = browser_lock(pyodide, wheels, CDN)["packages"]["rnn-course"]
    assert made["imports"] == ["course_utils"]
    assert made["depends"] == ["numpy", "small-one", "six", "pydoc-data"]
    assert made["version"] == "1.2" and made["file_name"] == "rnn_course-1.2-py3-none-any.whl"
    assert made["sha256"] == hashlib.sha256(wheels[0].read_bytes()).hexdigest()


def test_a_package_of_which_we_have_no_wheel_comes_from_pyodides_server(pyodide, wheels):
    before = copy.deepcopy(pyodide)
    made = browser_lock(pyodide, wheels, CDN + "/")
    assert made["packages"]["numpy"] == {**before["packages"]["numpy"], "file_name": f"{CDN}/numpy.whl"}
    assert made["packages"]["small-one"]["file_name"] == "small_one-3-py3-none-any.whl"
    assert made["info"] == before["info"] and pyodide == before


def test_a_wheel_of_ours_replaces_pyodides_own(pyodide, tmp_path):
    six = wheel(tmp_path, "six-9", "Metadata-Version: 2.1\nName: six\nVersion: 9\n", "six.py")
    assert browser_lock(pyodide, [six], CDN)["packages"]["six"]["file_name"] == six.name


def test_a_need_that_nobody_has_is_named(pyodide, wheels):
    with pytest.raises(ValueError, match=r"rnn_course-1\.2.*: Pyodide has no small-one"):
        browser_lock(pyodide, wheels[:1], CDN)


def test_the_lessons_are_those_that_never_ask_for_torch(lessons):
    def asks_for_torch(lesson):
        code = "\n".join(cell.source for cell in lesson.cells if cell.kind == "code")
        return re.search(r"^(import torch|from torch\b|from course_utils.*_torch\b)", code, re.MULTILINE)

    every = [read_lesson(path) for path in lesson_paths(ROOT)]
    assert [lesson.name for lesson in lessons] == [e.name for e in every if not asks_for_torch(e)]
    assert 0 < len(lessons) < len(every)


def test_a_copy_says_where_numpy_comes_from_before_the_first_cell_that_runs(lessons):
    for lesson in lessons:
        original = student_notebook(lesson, repository(ROOT))
        before = copy.deepcopy(original)
        made = browser_copy(original, "a.server")
        assert original == before
        (note,) = (cell for cell in made["cells"] if cell["id"] == "browser-note")
        assert "`a.server`" in "".join(note["source"])
        ours = [cell for cell in made["cells"] if cell != note]
        assert ours == [cell for cell in before["cells"] if cell["id"] not in ("colab-badge", "colab-setup")]
        first_code = next(k for k, cell in enumerate(made["cells"]) if cell["cell_type"] == "code")
        assert made["cells"].index(note) < first_code
        assert made["metadata"]["kernelspec"]["name"] == "python"


@pytest.mark.parametrize("address", ["", "../lite/lab/index.html?path=a.ipynb"])
def test_the_web_page_of_a_lesson_links_to_it_in_the_browser_where_it_runs_there(lessons, address, tmp_path):
    lesson, at = lessons[0], repository(ROOT)
    page = lesson_page(lesson.name, student_notebook(lesson, at), solved_notebook(lesson, at), tmp_path, [], address)
    found = [cell["source"] for cell in page["cells"] if "Run this lesson in your browser" in "".join(cell["source"])]
    assert len(found) == bool(address) and all(f'href="{address}"' in source for source in found)


def test_every_wheel_has_one_version_and_a_checksum():
    lines = [line for line in WHEELS if line and not line.startswith("#")]
    assert lines and not [e for e in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9.a-z]+ --hash=sha256:[0-9a-f]{64}", e)]


def pins(lines):
    """Versions by name."""
    found = [Requirement(line.split(" --hash")[0]) for line in lines if line and not line.startswith("#")]
    return {requirement.name: str(requirement.specifier) for requirement in found}


def test_widgets_have_the_same_version_in_the_kernel_as_in_the_page():
    ours = pins((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    assert pins(WHEELS)["ipywidgets"] == ours["ipywidgets"]


def test_python_in_the_page_is_the_one_that_the_kernel_was_made_for():
    manifest = json.loads((ROOT / "docs" / "lite" / "package.json").read_text(encoding="utf-8"))
    assert manifest["dependencies"] == {"pyodide": PYODIDE_VERSION}


def test_a_python_that_does_not_fit_the_kernel_is_refused_before_anything_is_built(tmp_path, monkeypatch):
    (tmp_path / "npm" / "pyodide").mkdir(parents=True)
    (tmp_path / "npm" / "pyodide" / "package.json").write_text('{"version": "0.1.2"}', encoding="utf-8")
    monkeypatch.setattr(make, "from_npm", lambda manifest, kept: tmp_path / "npm")
    (tmp_path / "lite").mkdir()
    with pytest.raises(make.LiteFailed, match=rf"names Pyodide 0\.1\.2.*needs {re.escape(PYODIDE_VERSION)}"):
        make.build_lite(ROOT, tmp_path / "lite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lite", "npm"]


def test_without_npm_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NotFetched, match=r"npm, which is not installed: install Node\.js"):
        from_npm(ROOT / "docs" / "lite", tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())


def test_without_its_packages_the_command_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lite"]) == 2
    assert "`make lite` installs them" in capsys.readouterr().err

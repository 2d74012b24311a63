"""From script to notebooks: reading, building, refusing, and the rules that `course verify` holds lessons to."""

import json
import pathlib
import re
import shutil

import pytest

from course_utils.exercises import exercises_of
from course_utils.lessons.build import EditedNotebook, build, repository, solved_notebook, student_notebook
from course_utils.lessons.checkout import NoCheckout, find_root, lesson_path
from course_utils.lessons.script import lesson_paths, read_lesson
from course_utils.lessons.syllabus import syllabus
from course_utils.lessons.verify import SECTIONS, lesson_problems, stale_files, verify

ROOT = pathlib.Path(__file__).parents[1]
SCRIPTS = [path.name for path in lesson_paths(ROOT)]
SMALL = '''# %% [markdown] minutes=20 needs=["numpy"]
r"""
# Does it build?

**After this lesson** you can ...
"""

# %% tags=["setup"]
import numpy as np
from course_utils.exercises import start_here as ex

# %% [markdown]
r"""
A text.
"""

# %%
print(np.arange(3))

# %% [markdown]
r"""
Build.
"""

# %% answer="0.1"
def softmax(a: np.ndarray) -> np.ndarray:
    """Scores a (..., V) to probabilities (..., V): positive, summing to 1 over the last axis."""
    ### BEGIN SOLUTION
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION

# %% check="0.1"
ex.softmax.check(softmax)

# %% [markdown] solution="0.1"
r"""
**Why this and not that.**
"""

# %% [markdown]
r"""
## What we learned

## Go further

**Next:** more.
"""
'''


def text_of(cell):
    return "".join(cell["source"])


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def ids(path):
    return [cell["id"] for cell in load(path)["cells"]]


@pytest.fixture
def tree(tmp_path):
    """What a build reads, with lesson 00 alone and no notebooks."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "course_utils").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "solutions" / "00_start_here.py", tmp_path / "solutions")
    return tmp_path


@pytest.fixture
def small(tmp_path):
    """Reads the small lesson with one piece of it replaced: small("20", "x")."""

    def made(*pairs):
        text = SMALL
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "00_start_here.py"
        path.write_text(text, encoding="utf-8")
        return read_lesson(path)

    return made


def test_a_script_is_read_as_its_author_meant_it(small):
    lesson = small()
    assert lesson[:4] == ("00_start_here", "Does it build?", 20, ("numpy",))
    assert [(c.kind, c.role, c.exercise) for c in lesson.cells[5:8]] == [
        ("code", "answer", "0.1"),
        ("code", "check", "0.1"),
        ("markdown", "solution", "0.1"),
    ]
    assert [c.id for c in lesson.cells[5:8]] == ["answer-0-1", "check-0-1", "solution-0-1"]
    assert lesson.cells[0].source.startswith("# Does it build?") and '"""' not in lesson.cells[0].source
    assert lesson.cells[1].tags == ("setup",)


UNREADABLE = {
    "no minutes": (' minutes=20 needs=["numpy"]', "", "first cell must be the title"),
    "code first": ('# %% [markdown] minutes=20 needs=["numpy"]\nr"""', '# %% minutes=20\nr"""', "first cell must be"),
    "two answers": ('# %% check="0.1"', '# %% answer="0.1"', "two answer cells for exercise 0.1"),
    "a raw cell": ("# %%\nprint(np.arange(3))", "# %% [raw]\n# x", "a raw cell"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_script_that_cannot_be_a_lesson_is_refused_by_file_and_reason(small, case):
    old, new, reason = UNREADABLE[case]
    with pytest.raises(ValueError, match=rf"^00_start_here\.py: .*{reason}"):
        small((old, new))


def test_an_empty_script_is_refused(tmp_path):
    path = tmp_path / "00_empty.py"
    for text in ("", "# %% [markdown] minutes=3\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"00_empty\.py: the first cell"):
            read_lesson(path)


def test_the_two_copies_differ_only_in_answers_reasons_and_verdicts(small):
    lesson = small()
    student, solved = (
        {c["id"]: c for c in make(lesson, "https://github.com/a/b")["cells"]}
        for make in (student_notebook, solved_notebook)
    )
    assert set(solved) - set(student) == {"solution-0-1"} and set(student) <= set(solved)
    assert {k for k in student if student[k] != solved[k]} == {"answer-0-1", "check-0-1", "colab-badge"}
    stub = exercises_of("00_start_here")[0].stub_source()
    assert text_of(student["answer-0-1"]) == stub
    assert "keepdims" not in text_of(student["answer-0-1"]) and "###" not in text_of(solved["answer-0-1"])
    assert solved["check-0-1"]["outputs"][0]["text"] == ["✓ 0.1 softmax\n"]
    assert student["check-0-1"]["outputs"] == []


def test_the_copies_name_the_repository_that_pyproject_names(small, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/fork/x"\n', "utf-8")
    made = student_notebook(small(), repository(tmp_path))
    assert "github/fork/x/blob/main/notebooks/00_start_here.ipynb" in text_of(made["cells"][0])
    assert 'git+https://github.com/fork/x"' in text_of(made["cells"][2])


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_new_cell_gives_every_other_cell_the_id_that_it_had(tree, name):
    script, built = tree / "solutions" / name, tree / "notebooks" / f"{name[:-3]}.ipynb"
    shutil.copy(ROOT / "solutions" / name, script)
    build(tree, [name])
    before = ids(built)
    starts = [m.start() for m in re.finditer(r"^# %% \[markdown\]\n", script.read_text("utf-8"), re.MULTILINE)]
    middle, text = starts[len(starts) // 2], script.read_text("utf-8")
    script.write_text(text[:middle] + '# %% [markdown]\nr"""\nA new one.\n"""\n\n' + text[middle:], "utf-8")
    build(tree, [name])
    after = ids(built)
    (new,) = set(after) - set(before)
    assert [x for x in after if x != new] == before
    assert 0 < after.index(new) < len(after) - 1


def test_an_edited_text_changes_no_other_id(small):
    before = [c.id for c in small().cells]
    after = [c.id for c in small(("A text.", "Another text.")).cells]
    assert [k for k, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [2]


def test_cells_with_the_same_text_get_ids_of_their_own(small):
    found = [c.id for c in small(("\nBuild.\n", "\nA text.\n")).cells]
    assert len(set(found)) == len(found)


def test_building_again_changes_nothing_and_a_missing_file_comes_back(tree):
    assert len(build(tree)) == 3
    before = {path: path.read_bytes() for path in tree.rglob("*.ipynb")}
    assert build(tree) == []
    victim = next(iter(before))
    victim.unlink()
    assert build(tree) == [victim]
    assert {path: path.read_bytes() for path in tree.rglob("*.ipynb")} == before


def edit(path, change):
    """Write a notebook back after `change` was made to its dictionary."""
    notebook = load(path)
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def add_to_text(notebook):
    notebook["cells"][3]["source"].append("\n# mine")


EDITS = {
    "a changed cell": add_to_text,
    "an own cell": lambda nb: nb["cells"].insert(2, {"cell_type": "markdown", "id": "mine", "source": ["x"]}),
    "a deleted cell": lambda nb: nb["cells"].pop(),
    "two cells that changed places": lambda nb: nb["cells"].append(nb["cells"].pop(2)),
    "no mark of a build": lambda nb: nb.pop("metadata"),
    "cells that are no cells": lambda nb: nb.update(cells=["text"]),
}


@pytest.mark.parametrize("case", EDITS)
@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_an_edited_notebook_is_refused_and_nothing_is_written(tree, folder, case):
    build(tree, ["0"])
    victim = tree / folder / "00_start_here.ipynb"
    edit(victim, EDITS[case])
    script = tree / "solutions" / "00_start_here.py"
    script.write_text(script.read_text("utf-8").replace("scores", "points"), "utf-8")
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    with pytest.raises(EditedNotebook, match=r"00_start_here\.ipynb holds changes .* nothing was written.*my_work"):
        build(tree)
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_a_file_that_is_no_notebook_is_refused(tree):
    build(tree, ["0"])
    (tree / "notebooks" / "00_start_here.ipynb").write_bytes(b"<<<<<<< \xff")
    with pytest.raises(EditedNotebook):
        build(tree)


def run_all(notebook):
    """What running a notebook leaves in it."""
    for count, cell in enumerate(c for c in notebook["cells"] if c["cell_type"] == "code"):
        cell |= {"execution_count": count + 1, "outputs": [{"name": "stdout", "output_type": "stream", "text": "x"}]}
    notebook["metadata"]["widgets"] = {}


def test_a_notebook_that_was_merely_run_is_built_again(tree):
    build(tree, ["0"])
    victim = tree / "notebooks" / "00_start_here.ipynb"
    before = victim.read_bytes()
    edit(victim, run_all)
    assert build(tree, ["0"]) == [victim]
    assert victim.read_bytes() == before


@pytest.mark.parametrize("name", ["00_start_here", "00", "0", "start_here", "00_start_here.py", "00_start_here.ipynb"])
def test_a_lesson_is_found_by_each_of_its_names(tree, name):
    assert lesson_path(tree, name) == tree / "solutions" / "00_start_here.py"
    assert {path.stem for path in build(tree, [name])} == {"00_start_here", "README"}


@pytest.mark.parametrize("wanted", [["99"], ["0", "no_such"], [""], ["../00_start_here"]])
def test_an_unknown_lesson_is_refused_with_the_names_there_are(tree, wanted):
    with pytest.raises(ValueError, match=rf"no lesson is called '{wanted[-1]}'; there are 00_start_here"):
        build(tree, wanted)
    assert not (tree / "notebooks").exists()


def test_a_clone_is_found_from_the_package_and_from_inside_it(tree, tmp_path_factory, monkeypatch):
    assert find_root() == ROOT
    from course_utils.lessons import checkout

    monkeypatch.setattr(checkout, "__file__", str(tmp_path_factory.mktemp("installed") / "a" / "b" / "checkout.py"))
    (tree / "solutions" / "deep").mkdir()
    monkeypatch.chdir(tree / "solutions" / "deep")
    assert find_root() == tree
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(NoCheckout, match="needs a clone of the course"):
        find_root()


def test_the_syllabus_adds_up(small):
    lesson = small()
    page = syllabus([lesson, lesson._replace(name="99_unwritten", title="What else?", minutes=70)])
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in page.splitlines() if row.startswith("| [")]
    assert rows == [
        ["[00_start_here](00_start_here.ipynb)", "Does it build?", "20", "1", "1", "numpy"],
        ["[99_unwritten](99_unwritten.ipynb)", "What else?", "70", "0", "0", "numpy"],
    ]
    assert "2 lessons, 1.5 hours" in page


def test_the_small_lesson_breaks_no_rule(small):
    assert lesson_problems(small()) == []


LINES = "\n".join(f"a{k} = {k}" for k in range(31))
RULES = {
    "title": ("# Does it build?", "# It builds.", "the title is not a question: 'It builds.'"),
    "two code cells": ("# %%\nprint(np.arange(3))", "# %%\n1\n\n# %%\n2", "no text before the code '2'"),
    "code after the reason": (
        '**Why this and not that.**\n"""\n',
        '**Why this and not that.**\n"""\n\n# %%\n3',
        "no text before the code '3'",
    ),
    "a long cell": ("print(np.arange(3))", "\n".join(LINES.splitlines()[:16]), "1 of 4 code cells are longer than 15"),
    "a very long cell": ("print(np.arange(3))", LINES, "a code cell of 31 lines: 'a0 = 0'"),
    "setup": ("import numpy as np", "import numpy as np\n" + "import sys\n" * 5, "the setup has 7 lines, more than 6"),
    "no markers": ("    ### BEGIN SOLUTION\n", "", "the answer to 0.1 has no ### BEGIN SOLUTION and ### END SOLUTION"),
    "global seed": ("print(np.arange(3))", "np.random.seed(0)", "np.random.seed in 'np.random.seed(0)'"),
    "answer used": ("print(np.arange(3))", "print(softmax([1.0]))", "'print(softmax([1.0]))' uses the answer softmax"),
    "saved figure": ("print(np.arange(3))", 'plt.savefig("x")', "savefig( in 'plt.savefig"),
    "no check": (
        '# %% check="0.1"',
        '# %% [markdown]\nr"""\nx\n"""\n# %%',
        "check cells are for [], the exercises are",
    ),
    "no answer": ('# %% answer="0.1"', "# %%", "answer cells are for [], the exercises are ['0.1']"),
    "no reason": ('solution="0.1"', "", "solution cells are for [], the exercises are ['0.1']"),
    "wrong number": ('# %% answer="0.1"', '# %% answer="0.2"', "answer cells are for ['0.2'], the exercises are"),
    "signature": ("softmax(a: np.ndarray)", "softmax(b: np.ndarray)", "answer 0.1: signature or docstring differ"),
    "annotation": ("-> np.ndarray:", "-> float:", "answer 0.1: signature or docstring differ"),
    "docstring": ("positive, summing", "summing", "answer 0.1: signature or docstring differ"),
    "another check": ("ex.softmax.check(softmax)", "check(softmax)", "the check of 0.1 does not call .softmax.check("),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_be_broken_and_says_so(small, rule):
    old, new, message = RULES[rule]
    problems = lesson_problems(small((old, new)))
    assert [p for p in problems if p.startswith(f"00_start_here: {message}")], problems
    assert all(p.startswith("00_start_here: ") for p in problems)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_section_is_named(small, section):
    assert f"00_start_here: no section or line {section!r}" in lesson_problems(small((section, "...")))


def test_stale_missing_and_orphaned_files_are_named(tree):
    build(tree)
    lessons = [read_lesson(path) for path in lesson_paths(tree)]
    assert stale_files(tree, lessons) == []
    (tree / "notebooks" / "00_start_here.ipynb").unlink()
    (tree / "solutions" / "00_start_here.ipynb").write_text("{}", encoding="utf-8")
    (tree / "notebooks" / "README.md").write_text("old", encoding="utf-8")
    (tree / "notebooks" / "98_gone.ipynb").write_text("{}", encoding="utf-8")
    found = stale_files(tree, lessons)
    stale = ["notebooks/README.md", "notebooks/00_start_here.ipynb", "solutions/00_start_here.ipynb"]
    assert found == [f"{name} is not what its script builds: run `course build`" for name in stale] + [
        "notebooks/98_gone.ipynb has no script: remove it"
    ]
    assert verify(tree) == found

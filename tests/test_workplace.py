"""The student's folder: new lessons arrive, untouched ones are renewed, and nothing of a student's is ever lost."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.lessons.build import notebook_text, source_digest
from course_utils.lessons.workplace import update_workplace


def notebook(*sources):
    """A built notebook with these cells."""
    cells = [
        {"cell_type": "code", "id": f"c{k}", "metadata": {}, "source": [s], "outputs": [], "execution_count": None}
        for k, s in enumerate(sources)
    ]
    made = {"cells": cells, "nbformat": 4, "nbformat_minor": 5}
    return made | {"metadata": {"rnn_course": {"built": source_digest(made)}}}


@pytest.fixture
def course(tmp_path):
    """Two folders: notebooks/ with lessons 00 and 01, and my_work/, which does not exist yet."""
    originals = tmp_path / "notebooks"
    originals.mkdir()
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (originals / name).write_text(notebook_text(notebook(name, "old")), encoding="utf-8")
    (originals / "README.md").write_text("no lesson", encoding="utf-8")
    return originals, tmp_path / "my_work"


def release(originals):
    """A new version of every lesson."""
    for path in originals.glob("*.ipynb"):
        path.write_text(notebook_text(notebook(path.name, "new")), encoding="utf-8")


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lessons(originals):
    return {name: data for name, data in content(originals).items() if name.endswith(".ipynb")}


def test_the_first_call_copies_every_lesson_and_a_second_does_nothing(course):
    originals, work = course
    assert update_workplace(originals, work) == []
    assert content(work) == lessons(originals)
    before = {path: path.stat().st_mtime_ns for path in work.iterdir()}
    assert update_workplace(originals, work) == []
    assert {path: path.stat().st_mtime_ns for path in work.iterdir()} == before


def test_a_new_lesson_arrives_beside_the_students_own_files(course):
    originals, work = course
    update_workplace(originals, work)
    (work / "notes.txt").write_bytes(b"mine")
    (work / "scratch.ipynb").write_bytes(b"mine, too")
    (originals / "02_c.ipynb").write_text(notebook_text(notebook("c")), encoding="utf-8")
    update_workplace(originals, work)
    mine = {"notes.txt": b"mine", "scratch.ipynb": b"mine, too"}
    assert content(work) == lessons(originals) | mine


def test_an_untouched_copy_is_renewed_also_after_it_was_run(course):
    originals, work = course
    update_workplace(originals, work)
    ran = json.loads((work / "01_b.ipynb").read_text("utf-8"))
    ran["cells"][0] |= {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    (work / "01_b.ipynb").write_text(json.dumps(ran), encoding="utf-8")
    release(originals)
    assert update_workplace(originals, work) == []
    assert content(work) == lessons(originals)


def test_a_changed_copy_is_kept_and_the_student_is_told(course):
    originals, work = course
    update_workplace(originals, work)
    mine = notebook_text(json.loads((work / "00_a.ipynb").read_text("utf-8"))).replace('"old"', '"my answer"')
    (work / "00_a.ipynb").write_text(mine, encoding="utf-8")
    assert update_workplace(originals, work) == [], "no word as long as the course has nothing newer"
    release(originals)
    assert update_workplace(originals, work) == [
        "00_a.ipynb: your copy is kept; the course has a newer one in notebooks/"
    ]
    assert content(work) == lessons(originals) | {"00_a.ipynb": mine.encode()}


NOT_OURS = {
    "empty": b"",
    "text": b"my diary",
    "not utf-8": b"\xff\xfe",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no metadata": b'{"cells": []}',
    "strange metadata": b'{"cells": [], "metadata": []}',
    "strange mark": b'{"cells": [], "metadata": {"rnn_course": ["built"]}}',
    "strange cells": b'{"cells": ["x"], "metadata": {"rnn_course": {"built": "1"}}}',
    "strange source": b'{"cells": [{"source": 3}], "metadata": {"rnn_course": {"built": "1"}}}',
    "cells missing": b'{"metadata": {"rnn_course": {"built": "1"}}}',
}


@pytest.mark.parametrize("case", NOT_OURS)
def test_what_is_no_copy_of_a_lesson_is_the_students_and_stays(course, case):
    originals, work = course
    work.mkdir()
    (work / "00_a.ipynb").write_bytes(NOT_OURS[case])
    for _ in range(2):
        assert len(update_workplace(originals, work)) == 1
        assert (work / "00_a.ipynb").read_bytes() == NOT_OURS[case]
        release(originals)


ACTIONS = st.lists(st.sampled_from(["release", "update", "run", "edit", "add", "delete cell"]), max_size=12)


def act(action, originals, path, n):
    """One thing that happens to a student's copy; returns whether it left work of theirs in it."""
    if action == "release":
        for original in originals.glob("*.ipynb"):
            original.write_text(notebook_text(notebook(original.name, f"version {n}")), encoding="utf-8")
    if action in ("release", "update") or not path.exists():
        return None
    copy = json.loads(path.read_text("utf-8"))
    if action == "run":
        copy["cells"][0]["execution_count"] = n
    elif action == "edit":
        copy["cells"][-1]["source"] = [f"work {n}"]
    elif action == "add":
        copy["cells"].append({"cell_type": "markdown", "id": f"m{n}", "metadata": {}, "source": [f"note {n}"]})
    elif action == "delete cell":
        copy["cells"] = copy["cells"][:1]
    path.write_text(json.dumps(copy), encoding="utf-8")
    return source_digest(copy) != copy["metadata"]["rnn_course"]["built"]


@settings(deadline=None, max_examples=40)
@given(ACTIONS)
def test_whatever_happens_no_byte_of_the_students_work_is_lost(tmp_path_factory, actions):
    originals, work = tmp_path_factory.mktemp("c") / "notebooks", tmp_path_factory.mktemp("w") / "my_work"
    originals.mkdir()
    (originals / "00_a.ipynb").write_text(notebook_text(notebook("a", "first")), encoding="utf-8")
    touched = False
    copy, original = work / "00_a.ipynb", originals / "00_a.ipynb"
    for n, action in enumerate(actions):
        before = copy.read_bytes() if touched else None
        if action == "update":
            update_workplace(originals, work)
            if touched:
                assert copy.read_bytes() == before
            else:
                assert source_digest(json.loads(copy.read_text("utf-8"))) == source_digest(
                    json.loads(original.read_text("utf-8"))
                )
        else:
            work_left = act(action, originals, copy, n)
            touched = touched if work_left is None else work_left

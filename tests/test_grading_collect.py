"""What is handed in: every file ends as a row with its reason, honest work is read however it was saved, nothing is touched."""

import datetime
import json
import os
import pathlib
import stat
import subprocess
import sys
import zipfile

import pytest

from course_utils.grading.collect import collect, lateness
from course_utils.grading.grade import problem_of
from course_utils.grading.reading import CODE_LIMIT, LARGE, LIMIT, read_notebook

LESSON = "00_start_here"
ANSWER = "def softmax(a):\n    return 'é'"
CELL = {"cell_type": "code", "id": "answer-0-1", "metadata": {}, "source": ANSWER, "outputs": []}
NOTEBOOK = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def text(**changes):
    return json.dumps(NOTEBOOK | changes, ensure_ascii=False)


def with_cell(**changes):
    return text(cells=[{k: v for k, v in (CELL | changes).items() if v is not None}])


BROKEN = {
    "empty file": (b"", "not a complete notebook"),
    "html": (b"\xef\xbb\xbf\n <!doctype html>", "it is a web page, not a notebook: hand in the file that ends in .ipynb"),
    "half a file": (text().encode()[:40], "breaks off or is damaged at line 1"),
    "a list": (b"[]", "not a notebook: it has no list of cells"),
    "a number": (b"7", "not a notebook"),
    "format 3 without sheets": (b'{"worksheets": [], "nbformat": 3}', "notebook format 4 is needed"),
    "cells that are text": (b'{"cells": "many"}', "not a notebook"),
    "no code": (b'{"cells": [{"cell_type": "markdown", "source": "hi"}]}', "it has no code cells"),
    "cells that are none": (b'{"cells": [1, null, "x", []]}', "it has no code cells"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "a merge conflict": (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n]}', "merge conflict"),
    "another lesson": (
        text(metadata={"rnn_course": {"lesson": "09_x"}}).encode(),
        "it is lesson 09_x, not 00_start_here",
    ),
    "too much code": (with_cell(source="#" * (CODE_LIMIT + 1)).encode(), "more than the 1,000,000"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_graded_is_a_row_with_its_reason(kind, tmp_path):
    data, reason = BROKEN[kind]
    (tmp_path / "someone.ipynb").write_bytes(data)
    (found,) = collect(tmp_path)
    assert reason in problem_of(found, LESSON)
    assert found.student == "someone"


SAVED = {
    "utf-8": (text().encode(), ""),
    "a byte-order mark": (text().encode("utf-8-sig"), ""),
    "utf-16": (text().encode("utf-16"), "UTF-16"),
    "latin-1": (text().encode("latin-1"), "Latin-1"),
    "source as lines": (with_cell(source=ANSWER.splitlines(keepends=True)).encode(), ""),
    "no format numbers": (json.dumps({"cells": [CELL]}).encode(), ""),
    "a future format": (text(nbformat=99).encode(), ""),
    "a format that is text": (text(nbformat="4").encode(), ""),
    "metadata that is a list": (text(metadata=[]).encode(), ""),
    "Colab": (
        with_cell(id=None, metadata={"id": "answer-0-1", "outputId": "1a2b", "colab": {"height": 35}}).encode(),
        "",
    ),
    "VS Code": (with_cell(metadata={"vscode": {"languageId": "python"}}, execution_count=3).encode(), ""),
    "PyCharm": (with_cell(metadata={"pycharm": {"name": "#%%\n"}, "jupyter": {"is_executing": True}}).encode(), ""),
    "a kernel of one's own": (
        text(metadata={"kernelspec": {"name": "conda-env-rnn-py", "language": "python"}}).encode(),
        "",
    ),
    "a foreign kernel": (text(metadata={"kernelspec": {"name": "ir", "language": "R"}}).encode(), "its language is R"),
    "format 3": (
        json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ANSWER, "id": "answer-0-1"}]}]}).encode(),
        "format 3",
    ),
}


@pytest.mark.parametrize("kind", SAVED)
def test_however_an_editor_saved_it_the_work_is_read(kind):
    data, remark = SAVED[kind]
    found = read_notebook(data)
    assert (found.problem, [tuple(c) for c in found.cells]) == (None, [("answer-0-1", ANSWER)])
    assert remark in " ".join(found.remarks) and len(found.remarks) == bool(remark)


def test_half_a_surrogate_does_not_reach_the_reports():
    found = read_notebook(b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}')
    assert found.cells[0].source.encode("utf-8") == b"x = '?'"


@pytest.mark.slow
def test_a_hundred_megabytes_of_figures_do_not_cost_the_work_and_a_bomb_of_brackets_not_the_grader():
    large = text(padding="A" * 100_000_000).encode()
    assert read_notebook(large).cells[0].source == ANSWER
    brackets = b'{"cells": [' + b"[]," * 33_000_000 + b"[]]}"
    assert "more" in (read_notebook(brackets).problem or "no code cells: more than enough memory")
    assert len(brackets) > LARGE


def test_more_than_the_limit_is_not_even_read(tmp_path):
    with open(tmp_path / "big.ipynb", "wb") as file:
        file.truncate(LIMIT + 1)
    assert "more than the 150,000,000" in collect(tmp_path)[0].problem


def test_links_pipes_and_archives_are_rows_with_a_reason_and_are_not_followed(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    (tmp_path / "secret.ipynb").write_text(text())
    os.symlink(tmp_path / "secret.ipynb", folder / "link.ipynb")
    os.symlink("/etc", folder / "folder")
    os.symlink(folder, folder / "circle")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "more.zip").write_bytes(b"PK")
    problems = {s.file: s.problem for s in collect(folder)}
    assert all("is a link" in problems[name] for name in ("link.ipynb", "folder", "circle"))
    assert "special file" in problems["pipe.ipynb"]
    assert "unpack it first" in problems["more.zip"]


def put(folder, *names, data=None):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data or text(), encoding="utf-8")


def test_students_are_named_after_their_file_or_folder_and_never_share_a_name(tmp_path):
    put(
        tmp_path,
        "ann.ipynb",
        "bob/00_start_here.ipynb",
        "eve/00_start_here.ipynb",
        "two/ann.ipynb",
        "Ünï cødé 🙂.ipynb",
    )
    put(tmp_path, f"{'x' * 200}.ipynb", "tab\tand\nline.ipynb", "saved.IPYNB", "mail.ipynb.txt", "a/b/c/d/deep.ipynb")
    put(tmp_path, ".ipynb_checkpoints/ann-checkpoint.ipynb", "__MACOSX/._x.ipynb", "notes.txt")
    names = {s.student for s in collect(tmp_path)}
    assert names == {
        "ann",
        "bob",
        "eve",
        "two/ann",
        "Ünï cødé 🙂",
        "x" * 200,
        "tab\tand\nline",
        "saved",
        "mail",
        "deep",
    }


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems refuse such names")
def test_a_file_whose_name_is_no_text_is_graded_all_the_same(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.ipynb", "w") as file:
        file.write(text())
    (found,) = collect(tmp_path)
    assert found.problem is None
    assert found.student.encode() and found.file.encode()


PLATFORMS = {
    "millerann_4711_90210_00_start_here.ipynb": ("millerann", "4711", "Canvas", False),
    "millerann_LATE_4711_90210_00_start_here-2.ipynb": ("millerann", "4711", "Canvas", True),
    "Ann Miller_12345_assignsubmission_file_/my work.ipynb": ("Ann Miller", "12345", "Moodle", False),
    "Ann Miller_12345_assignsubmission_file/00_start_here.ipynb": ("Ann Miller", "12345", "Moodle", False),
    "Zoë O'Neil_77_assignsubmission_file_final.ipynb": ("Zoë O'Neil", "77", "Moodle", False),
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_names_of_moodle_and_canvas_tell_who_sent_it(name, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(name, text())
    (found,) = collect(tmp_path / "class.zip")
    who = found.sender
    assert (found.student, who.id, who.platform, who.late) == PLATFORMS[name]
    assert [c.source for c in found.cells] == [ANSWER]


def test_two_people_of_one_name_stay_two_and_who_sent_no_notebook_has_a_row(tmp_path):
    put(tmp_path, "Ann_1_assignsubmission_file_/a.ipynb", "Ann_2_assignsubmission_file_/a.ipynb")
    put(tmp_path, "Bob_3_assignsubmission_file_/report.pdf", "Ann_1_assignsubmission_file_/notes.pdf")
    found = {s.student: s.problem for s in collect(tmp_path)}
    assert found == {"Ann": None, "Ann (2)": None, "Bob": "it is not a notebook: hand in the file that ends in .ipynb"}


def test_of_several_files_of_one_student_the_last_that_can_be_read_counts_and_the_others_say_so(tmp_path):
    put(tmp_path, "ann_1_10_x.ipynb", "ann_1_11_x-1.ipynb", "bob.ipynb")
    put(tmp_path, "ann_1_12_x-2.ipynb", "bob (1).ipynb", data="{broken")
    counting = {s.file: s.counts for s in collect(tmp_path)}
    assert [name for name, counts in counting.items() if counts] == ["ann_1_11_x-1.ipynb", "bob.ipynb"]
    problems = {s.file: s.problem for s in collect(tmp_path)}
    assert problems["ann_1_10_x.ipynb"] == "it does not count: of 3 files of this student, ann_1_11_x-1.ipynb does"
    assert "damaged" in problems["bob (1).ipynb"]


def test_the_newer_of_two_files_counts_and_a_notebook_of_another_lesson_never_does(tmp_path):
    put(tmp_path, "eve/00_start_here.ipynb", "eve/00_start_here_final.ipynb")
    put(tmp_path, "eve/01_other.ipynb", data=text(metadata={"rnn_course": {"lesson": "01_other"}}))
    for age, name in enumerate(["01_other", "00_start_here", "00_start_here_final"]):
        os.utime(tmp_path / "eve" / f"{name}.ipynb", (0, 1_000_000 - age))
    assert [s.file for s in collect(tmp_path, LESSON) if s.counts] == ["eve/00_start_here.ipynb"]


def test_an_archive_is_a_folder_whose_traps_are_rows(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann_12345/00_start_here.ipynb", text())
        archive.writestr("../../slip.ipynb", text())
        archive.writestr("/root.ipynb", text())
        archive.writestr("bomb.ipynb", b"0" * 50_000_000)
        archive.writestr("inner.zip", b"PK")
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/._x.ipynb", "junk")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("ann_12345/00_start_here.ipynb", text())
    found = {s.file: s.problem or "" for s in collect(tmp_path / "class.zip")}
    assert len(found) == 7
    assert found["ann_12345/00_start_here.ipynb (number 2 of this name)"] == ""
    assert "does not count" in found["ann_12345/00_start_here.ipynb"]
    assert "leads out" in found["../../slip.ipynb"] and "leads out" in found["/root.ipynb"]
    assert "claims to unpack to 50,000,000" in found["bomb.ipynb"]
    assert "is a link" in found["link.ipynb"] and "unpack it first" in found["inner.zip"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["class.zip"]


def test_a_member_of_an_archive_that_is_damaged_costs_no_other(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("liar.ipynb", text(padding=[k * k for k in range(2000)]))
        archive.writestr("good.ipynb", text())
    data = bytearray(path.read_bytes())
    data[500:510] = bytes(range(10))  # in the stream of the first
    path.write_bytes(data)
    found = {s.student: s.problem for s in collect(path)}
    assert found["good"] is None
    assert "download it again" in found["liar"]


def test_nothing_to_grade_is_said(tmp_path):
    with pytest.raises(ValueError, match="does not exist; give a folder"):
        collect(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no notebook"):
        collect(tmp_path)
    (tmp_path / "class.zip").write_text("not one")
    with pytest.raises(ValueError, match="is not a zip file, or a damaged one; download it again"):
        collect(tmp_path / "class.zip")


def test_a_late_file_says_how_late_and_a_platforms_word_is_kept(tmp_path):
    due = datetime.datetime(2026, 12, 1, 18, tzinfo=datetime.UTC)
    put(tmp_path, "ann.ipynb", "bob.ipynb", "eve_LATE_4_5_x.ipynb", "punctual.ipynb")
    for name, seconds in (("ann", 7380), ("bob", 90_000), ("eve_LATE_4_5_x", -9), ("punctual", 0)):
        os.utime(tmp_path / f"{name}.ipynb", (0, due.timestamp() + seconds))
    told = {s.student: lateness(s, due) for s in collect(tmp_path)}
    assert told["ann"] == "2 h 03 min late (file of 2026-12-01 20:03)"
    assert told["bob"].startswith("1 d 1 h 00 min late")
    assert told["eve"] == "late, says Canvas"
    assert told["punctual"] == ""
    assert {lateness(s, None) for s in collect(tmp_path)} == {"", "late, says Canvas"}


WATCHED = """
import sys
folder, opened = sys.argv[1], []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & 0o3:
        opened.append(str(arguments[0]))
    if event.split(".")[0] == "os" and event not in ("os.listdir", "os.scandir", "os.walk", "os.putenv", "os.unsetenv"):
        opened.append(event)
sys.addaudithook(watch)
from course_utils.grading.collect import collect
print(len(collect(folder)))
opened = [o for o in opened if folder in o or o.startswith("os.")]
sys.exit(f"it wrote: {opened}" if opened else 0)
"""


def snapshot(folder):
    """All that can be seen of a folder from outside, but for times of reading."""
    paths = [folder, *sorted(folder.rglob("*"))]
    return [(p.name, p.stat().st_mode, p.stat().st_mtime_ns, p.read_bytes() if p.is_file() else b"") for p in paths]


def test_collecting_opens_nothing_for_writing_and_changes_nothing(tmp_path):
    put(tmp_path, "ann.ipynb", "bob/00_start_here.ipynb", "eve.ipynb.txt")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("x.ipynb", text())
    before = snapshot(tmp_path)
    root = pathlib.Path(__file__).parent.parent
    for target in (tmp_path, tmp_path / "more.zip"):
        command = [sys.executable, "-B", "-c", WATCHED, str(target)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert snapshot(tmp_path) == before

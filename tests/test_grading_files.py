"""Every file that is handed in ends as the row it must get: work is kept where it can be read, and the rest has its reason."""

import copy
import csv
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

from course_utils.exercises import exercises_of
from course_utils.grading.samples import answer_source, with_answers

ROOT = pathlib.Path(__file__).parent.parent
EXERCISE = exercises_of("00_start_here")[0]
RELEASE = json.loads((ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
ANSWER = "# naïve\n" + answer_source(EXERCISE, EXERCISE.reference)
RIGHT = with_answers(RELEASE, {"0.1": ANSWER})
WRONG = with_answers(RELEASE, {"0.1": "def softmax(a):\n    return a"})
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage needs Linux")]


def text(notebook, **changes):
    return json.dumps(notebook | changes, ensure_ascii=False)


def resaved(edit, **metadata):
    """The right notebook as another program writes it: `edit` changes each cell."""
    made = copy.deepcopy(RIGHT)
    for k, cell in enumerate(made["cells"]):
        edit(k, cell)
    return text(made, metadata=made["metadata"] | metadata).encode()


def colab(k, cell):
    cell["metadata"] = {"id": cell.pop("id"), "outputId": f"{k:x}", "colab": {"base_uri": "https://localhost:8080/"}}


def vs_code(k, cell):
    cell["id"], cell["metadata"] = f"{k:08x}", {"vscode": {"languageId": "python"}}


def pycharm(k, cell):
    cell["id"] = f"{k:016x}"
    cell["metadata"] = {"collapsed": False, "pycharm": {"name": "#%%\n"}, "ExecuteTime": {"end_time": "2026-11-20"}}


def in_format_3():
    cells = [dict(c, input=c["source"], language="python", prompt_number=None) for c in RIGHT["cells"]]
    for cell in cells:
        del cell["source"]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


FULL, NONE = ("graded", "1", ""), "invalid"
R = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
OTHER = {"kernelspec": {"name": "conda-env-rnn-py", "display_name": "rnn", "language": "python"}}
PICTURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 100_000_000}}
FILES = {
    "utf8.ipynb": (text(RIGHT).encode(), FULL),
    "mark.ipynb": (text(RIGHT).encode("utf-8-sig"), FULL),
    "wide.ipynb": (text(RIGHT).encode("utf-16"), ("graded", "1", "UTF-16")),
    "latin.ipynb": (text(RIGHT, cells=[RIGHT["cells"][0], *[c for c in RIGHT["cells"] if c["cell_type"] == "code"]])
                    .encode("latin-1", "replace"), ("graded", "1", "Latin-1")),
    "colab.ipynb": (resaved(colab, colab={"provenance": []}, accelerator="GPU"), FULL),
    "vscode.ipynb": (resaved(vs_code), FULL),
    "pycharm.ipynb": (resaved(pycharm), FULL),
    "kernel.ipynb": (resaved(lambda k, c: None, **OTHER), FULL),
    "foreign.ipynb": (resaved(lambda k, c: None, **R), ("graded", "1", "its language is R")),
    "old.ipynb": (in_format_3(), ("graded", "1", "format 3")),
    "future.ipynb": (text(RIGHT, nbformat=99).encode(), FULL),
    "figures.ipynb": (text(RIGHT, cells=[*RIGHT["cells"], {"cell_type": "code", "id": "fig", "metadata": {}, "source": "1",
                                                         "outputs": [PICTURE], "execution_count": 1}]).encode(), FULL),
    "mail.ipynb.txt": (text(RIGHT).encode(), FULL),
    "a name with spaces.ipynb": (text(RIGHT).encode(), FULL),
    "Zoë 🙂 李.ipynb": (text(RIGHT).encode(), FULL),
    f"{'n' * 200}.ipynb": (text(RIGHT).encode(), FULL),
    "deep/in/many/folders/dora.ipynb": (text(RIGHT).encode(), FULL),
    "one/ann.ipynb": (text(RIGHT).encode(), FULL),
    "two/ann.ipynb": (text(WRONG).encode(), ("graded", "0", "")),
    "bob/00_start_here.ipynb": (text(RIGHT).encode(), FULL),
    "eve.ipynb": (text(WRONG).encode(), (NONE, "0", "it does not count: of 2 files of this student, eve (1).ipynb does")),
    "eve (1).ipynb": (text(RIGHT).encode(), FULL),
    "half.ipynb": (text(RIGHT).encode()[:900], (NONE, "0", "not a complete notebook")),
    "nested.ipynb": (b"[" * 200_000, (NONE, "0", "nested too deeply")),
    "page.ipynb": (b"<html>Sign in</html>", (NONE, "0", "it is a web page")),
    "other.ipynb": (text(RIGHT, metadata={"rnn_course": {"lesson": "07_lstm"}}).encode(), (NONE, "0", "it is lesson 07_lstm")),
    "nothing.ipynb": (b"", (NONE, "0", "it is empty")),
}  # fmt: skip
LINKED = (NONE, "0", "it is a link, which is not followed")


def graded(handed_in, out, *more):
    """Rows of `course grade` by file."""
    grade = [sys.executable, "-m", "course_utils.cli", "grade", "0", str(handed_in), "--output", str(out), *more]
    done = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def test_each_kind_of_file_gets_its_row(tmp_path):
    folder = tmp_path / "class"
    for name, (data, _) in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.utime(folder / "eve.ipynb", (0, 1_000_000))
    os.symlink(folder / "utf8.ipynb", folder / "link.ipynb")
    rows = graded(folder, tmp_path / "out")
    assert rows.keys() == FILES.keys() | {"link.ipynb"}
    wanted = {name: row for name, (_, row) in FILES.items()} | {"link.ipynb": LINKED}
    for name, (status, points, says) in wanted.items():
        found = rows[name]
        assert (found["status"], found["points"]) == (status, points), found
        assert says in found["note"] if says else not found["note"], found
    assert len({row["student"] for row in rows.values()}) == len(rows) - 1, "eve alone has two files"


MOODLE = {
    "Ann Miller_12345_assignsubmission_file_/my work.ipynb": (RIGHT, "Ann Miller", "1", "yes"),
    "Ann Miller_777_assignsubmission_file_/my work.ipynb": (WRONG, "Ann Miller (777)", "0", "yes"),
    "Zoë O'Neil_77_assignsubmission_file_final.ipynb": (RIGHT, "Zoë O'Neil", "1", "yes"),
}
CANVAS = {
    "millerann_4711_90210_00_start_here.ipynb": (WRONG, "millerann", "0", "no"),
    "millerann_LATE_4711_90211_00_start_here-1.ipynb": (RIGHT, "millerann", "1", "yes"),
    "jonesbob_4712_90212_00_start_here.ipynb": (RIGHT, "jonesbob", "1", "yes"),
}


@pytest.mark.parametrize("names", [MOODLE, CANVAS], ids=["Moodle", "Canvas"])
def test_an_archive_of_a_platform_becomes_rows_and_a_file_to_import(names, tmp_path):
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (notebook, *_) in names.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 1, 18, 0, 0)), text(notebook))
    rows = graded(tmp_path / "submissions.zip", tmp_path / "out", "--due", "2026-12-01T12:00")
    for name, (_, student, points, counts) in names.items():
        row = rows[name]
        expected = (student, points if counts == "yes" else "0", counts)
        assert (row["student"], row["points"], row["counts"]) == expected
        assert row["late"].startswith(("6 h 00 min late", "late, says Canvas"))
    with open(tmp_path / "out" / "gradebook_to_import.csv", encoding="utf-8", newline="") as file:
        made = list(csv.reader(file))
    points = [line[-1] if names is CANVAS else line[2] for line in made[1 + (names is CANVAS) :]]
    assert sorted(points) == sorted(p for _, _, p, counts in names.values() if counts == "yes")

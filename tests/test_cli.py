"""The command `course`, as a person types it."""

import csv
import json
import os
import pathlib
import subprocess
import sys

import pytest

from course_utils.cli import main
from course_utils.grading.assignment import read_assignment
from course_utils.grading.samples import with_answers
from course_utils.lessons.build import repository, student_notebook
from course_utils.lessons.script import read_lesson

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture
def release():
    lesson = read_lesson(ROOT / "solutions" / "00_start_here.py")
    return student_notebook(lesson, repository(ROOT))


def said(capsys):
    out = capsys.readouterr()
    return out.out + out.err


@pytest.mark.slow
def test_check_prints_the_same_line_as_the_notebook_and_the_points(tmp_path, release, capsys):
    answer = "def softmax(a):\n    e = np.exp(a)\n    return e / e.sum(axis=-1, keepdims=True)"
    file = tmp_path / "mine.ipynb"
    file.write_text(json.dumps(with_answers(release, {"0.1": answer})), encoding="utf-8")
    before = file.read_bytes()
    assert main(["check", str(file)]) == 1
    assert said(capsys).startswith("✗ 0.1 softmax: it overflows")
    assert file.read_bytes() == before


@pytest.mark.slow
def test_a_sample_class_is_written_and_graded_into_a_table_and_pages(tmp_path, capsys):
    assert main(["sample", "0", str(tmp_path / "class")]) == 0
    assert main(["sample", "0", str(tmp_path / "class")]) == 2
    assert "is not empty, and nothing in it will be overwritten" in said(capsys)
    for path in (tmp_path / "class").glob("*.ipynb"):
        if path.stem not in ("right", "empty", "mistakes_01", "broken_not_a_notebook"):
            path.unlink()
    assert main(["grade", "start_here", str(tmp_path / "class"), "--output", str(tmp_path / "out"), "--seed", "3"]) == 3
    text = said(capsys)
    assert "4 of 4 submissions graded, seed 3" in text
    assert "broken_not_a_notebook.ipynb: it is a web page, not a notebook" in text
    with open(tmp_path / "out" / "gradebook.csv", encoding="utf-8-sig") as file:
        points = {row["student"]: row["points"] for row in csv.DictReader(file)}
    assert points == {"right": "1", "empty": "0", "mistakes_01": "0", "broken_not_a_notebook": "0"}
    page = (tmp_path / "out" / "feedback" / "mistakes_01.html").read_text(encoding="utf-8")
    assert "it overflows" in page
    assert "Hint:" in page
    assert "broken_not_a_notebook" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


REFUSED = [
    (["grade", "77", "x"], "no lesson is called '77'; there are 00_start_here"),
    (["grade", "0", "no/such/folder"], "does not exist; give a folder of notebooks"),
    (["check", "no_such.ipynb"], "does not exist"),
    (["build", "77"], "no lesson is called '77'"),
    (["grade", "0", "x", "--due", "soon"], "'soon' is not a date and time; write 2026-12-01T18:00"),
    (["grade", "0", "x", "--assignment", "nowhere"], "is not an assignment"),
    (["release", "0", "--due", "2026-12-01"], "give lessons, --due, and a new folder"),
    (
        ["release", "0", "solutions", "--due", "2026-12-01"],
        "is there already and is not an empty folder; give a new one",
    ),
    (["release", "0", "x", "--due", "2026-12-01", "--points", "0.1"], "write EXERCISE=POINTS, like 7.1=3"),
    (["release", "0", "x", "--due", "2026-12-01", "--points", "9.9=1"], "there is no exercise 9.9; there are 0.1"),
    (["release", "0", "--dew", "x", "--due", "2026-12-01"], "there is no option --dew"),
]


@pytest.mark.parametrize("arguments, message", REFUSED)
def test_what_cannot_be_done_is_said_in_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    text = said(capsys)
    assert message in text
    assert len(text.splitlines()) == 1


def test_reports_never_go_into_the_folder_of_submissions(tmp_path, release, capsys):
    (tmp_path / "a.ipynb").write_text(json.dumps(release), encoding="utf-8")
    for output in (tmp_path, tmp_path / "grades"):
        assert main(["grade", "0", str(tmp_path), "--output", str(output)]) == 2
        assert "choose another with --output" in said(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_a_release_says_due_date_and_points_and_is_what_grade_reads(tmp_path, capsys, release):
    arguments = ["release", "0", "language_models", "--due", "2026-12-01T18:00+01:00", "--points", "0.1=4"]
    assert main([*arguments, str(tmp_path / "week1")]) == 0
    assert "course grade 00_start_here SUBMISSIONS --assignment" in said(capsys)
    names = ["00_start_here.ipynb", "01_language_models.ipynb", "README.md", "assignment.json"]
    assert sorted(path.name for path in (tmp_path / "week1").iterdir()) == names
    readme = (tmp_path / "week1" / "README.md").read_text(encoding="utf-8")
    assert "**Due Tuesday 01 December 2026, 18:00 (UTC+01:00).**" in readme
    assert "| [00_start_here](00_start_here.ipynb) | 0.1 softmax | 4 |" in readme
    assert json.loads((tmp_path / "week1" / names[0]).read_text(encoding="utf-8")) == json.loads(json.dumps(release))
    found = read_assignment(tmp_path / "week1")
    assert (found.due.isoformat(), found.points["0.1"]) == ("2026-12-01T18:00:00+01:00", 4)
    assert set(found.digests) == {"00_start_here", "01_language_models"}


def test_verify_finds_the_committed_notebooks_up_to_date(capsys):
    assert main(["verify"]) == 0, said(capsys)


def test_help_names_every_command_and_starts_fast():
    code = (
        "import sys, course_utils.cli as cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'torch', 'matplotlib', 'jupytext', 'nbval', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert all(command in done.stdout for command in ("lab", "check", "grade", "sample", "build", "verify", "run"))


@pytest.mark.slow
def test_the_instructors_worked_example_prints_what_the_guide_shows(tmp_path):
    guide = (ROOT / "solutions" / "README.md").read_text(encoding="utf-8")
    commands, shown = guide.split("## Grade")[1].split("```")[1::2][:2]
    printed = ""
    for line in commands.strip().splitlines()[1:]:
        command = [sys.executable, "-m", "course_utils.cli", *line.split()[1:]]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode in (0, 3), done.stderr
        printed = done.stdout
        for path in tmp_path.glob("my_class/*"):
            os.utime(path, (0, 1_700_000_000))  # in time, whenever this runs
    assert printed == shown.removeprefix("text\n")


@pytest.mark.slow
def test_run_executes_a_lesson_and_says_what_it_takes(capsys):
    assert main(["run", "start_here"]) == 0
    lines = said(capsys).splitlines()
    assert lines[0] == "| lesson | seconds | every cell passed |"
    assert lines[2].startswith("| 00_start_here | ") and lines[2].endswith(" | yes |")

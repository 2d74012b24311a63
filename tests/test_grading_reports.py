"""What people get to read: nothing of a student's acts on the page or the spreadsheet, and all that matters is there."""

import csv
import io
from urllib.parse import unquote

import numpy as np
import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.judge import Verdict
from course_utils.grading.collect import Submission
from course_utils.grading.gradebook import gradebook, platform_of, platform_table
from course_utils.grading.marking import Entry
from course_utils.grading.platforms import sender
from course_utils.grading.progress import shown, summary, table
from course_utils.grading.report import class_page, page_names, student_page, write_reports
from course_utils.grading.rows import GRADED, INVALID, TIMED_OUT, Grade, Isolation
from course_utils.grading.statistics import counting, items, mistakes

LESSON = "00_start_here"
EXERCISE = exercises_of(LESSON)[0]
EVIL = "<script>alert(1)</script>"
SAFE = Isolation(("namespaces",), ("Landlock",), True)
RIGHT = Verdict(EXERCISE.label, "right", 1, 1)
WRONG = Verdict(EXERCISE.label, "wrong", 0, 1, EVIL)
NAMED = Verdict(EXERCISE.label, "wrong", 0, 1, EXERCISE.mistakes[0].message, 0)


def entry(student, verdict=RIGHT, status=GRADED, note="", file=None, late="", counts=True, **changes):
    file = file or f"{student}.ipynb"
    row = Grade(student, file, status, (verdict,), {"0.1": EVIL}, note, isolation=SAFE)._replace(**changes)
    return Entry(Submission(student, file, (), None, None, sender=sender(file), counts=counts), row, late)


def some_entries():
    return [
        entry("=cmd()"),
        entry("a/b", WRONG, note=EVIL, status=TIMED_OUT, late="2 h 00 min late"),
        entry("a b", NAMED, INVALID, "broken", isolation=Isolation()),
        entry("a b", WRONG, INVALID, "it does not count", file="a b (1).ipynb", counts=False),
        entry(EVIL, NAMED, isolation=Isolation()),
    ]


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_reports_escape_everything_that_came_from_a_student():
    entries = some_entries()
    pages = [class_page(LESSON, "Why?", entries), *(student_page(LESSON, "Why?", e) for e in entries)]
    assert not any(EVIL in page for page in pages)
    assert "&lt;script&gt;" in pages[0] and "1 of 1 points" in pages[1]
    assert all("default-src 'none'" in page for page in pages)  # and if it were not: no script runs, nothing is fetched


def test_a_students_page_has_points_the_mistake_hints_and_the_students_own_code():
    page = student_page(
        LESSON, "Why?", entry("ann", NAMED, late="2 h 00 min late", answers={"0.1": "def mine(): 1 < 2"})
    )
    assert "0 of 1 points" in page and "2 h 00 min late" in page
    assert EXERCISE.mistakes[0].message[:20] in page
    assert all(hint[:30].replace("'", "&#39;") in page for hint in EXERCISE.hints)
    assert "def mine(): 1 &lt; 2" in page
    assert "machine by: namespaces" in page
    assert "was not isolated" in student_page(LESSON, "Why?", entry("ann", isolation=Isolation()))
    invalid = student_page(LESSON, "Why?", some_entries()[2])
    assert "could not be graded: broken" in invalid and "hand in the file that ends in" in invalid


def test_the_class_page_says_what_to_look_at_what_does_not_count_and_who_was_not_isolated():
    page = class_page(LESSON, "Why?", some_entries())
    assert "1 of the runs: NOT ISOLATED" in page
    assert "runs: namespaces; not available: Landlock" in page
    assert "Files that do not count" in page and "a b (1).ipynb" in page
    assert page.index('id="look"') < page.index("<img") < page.index('id="submissions"'), "what needs work comes first"
    anchors = {part.split('"')[0] for part in page.split('href="#')[1:]}
    assert anchors and all(f'id="{name}"' in page for name in anchors)
    assert page.count("data:image/svg+xml;base64,") == 3
    assert page.count("<img") == page.count(" alt=")
    assert class_page(LESSON, "Why?", some_entries()) == page, "it is not the same twice"


def test_a_class_of_which_nothing_could_be_read_has_a_page_too():
    page = class_page(LESSON, "Why?", [entry("ann", WRONG, INVALID, "broken")])
    assert "None was run." in page and "<img" not in page


def test_the_gradebook_has_a_row_per_file_and_no_formulas():
    rows = read(gradebook(LESSON, some_entries()))
    assert [r["student"] for r in rows] == ["'=cmd()", "a/b", "a b", "a b", EVIL]
    assert [r["points"] for r in rows] == ["1", "0", "0", "0", "0"]
    assert [r["counts"] for r in rows] == ["yes", "yes", "yes", "no", "yes"]
    assert [r["isolated"] for r in rows] == ["yes", "yes", "", "", "no"]
    assert rows[0]["0.1 softmax"] == "1" and rows[0]["percent"] == "100.0"
    assert rows[1]["late"] == "2 h 00 min late"


def test_no_two_students_share_a_page_and_files_are_where_the_class_page_links(tmp_path):
    names = page_names(some_entries())
    assert (names["a/b"], names["a b"]) == ("a_b.html", "a_b.2.html")
    assert len(set(names.values())) == 4
    page = write_reports(tmp_path, LESSON, "Why?", [*some_entries(), entry("ñ 🙂 " * 60)])
    linked = {part.split('"')[0] for part in page.read_text(encoding="utf-8").split('href="feedback/')[1:]}
    assert {unquote(name) for name in linked} == {p.name for p in (tmp_path / "feedback").iterdir()}


CANVAS_EXPORT = """Student,ID,SIS User ID,SIS Login ID,Section,Essay (1),00_start_here (88)
    Points Possible,,,,,5,10
"Miller, Ann",4711,s1,amiller,A,3,
"Jones, Bob",4712,s2,bob,A,4,7
"""
MOODLE_SHEET = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 12345,Ann Miller,ann@x.org,Submitted,,"20,00",
Participant 7,Bob Jones,bob@x.org,No submission,,"20,00",
"""


def test_canvas_gets_its_own_lines_with_one_column_on_its_own_scale():
    entries = [entry("millerann", file="millerann_4711_90210_x.ipynb"), entry("stranger")]
    text, unknown = platform_table("Canvas", LESSON, entries, CANVAS_EXPORT)
    rows = read(text)
    assert [r["00_start_here (88)"] for r in rows] == ["10", "10.0", "7"]  # Bob's stays
    assert [r["ID"] for r in rows] == ["", "4711", "4712"] and "Essay (1)" not in rows[0]
    assert unknown == ["stranger"]


def test_who_has_no_number_is_found_by_a_login_that_stands_there_once():
    text, unknown = platform_table("Canvas", "New one", [entry("BOB")], CANVAS_EXPORT)
    assert [r["New one"] for r in read(text)] == ["1", "", "1"] and unknown == []
    twice = CANVAS_EXPORT + '"Other, Bob",4713,s3,bob,A,1,\n'
    assert platform_table("Canvas", "New one", [entry("bob")], twice)[1] == ["bob"]


def test_moodle_gets_its_worksheet_back_with_grades_and_comments():
    entries = [entry("Ann Miller", WRONG, file="Ann Miller_12345_assignsubmission_file_/x.ipynb")]
    rows = read(platform_table("Moodle", LESSON, entries, MOODLE_SHEET)[0])
    assert [r["Grade"] for r in rows] == ["0.0", ""]
    assert rows[0]["Feedback comments"] == "✗ 0.1 softmax: &lt;script&gt;alert(1)&lt;/script&gt;"
    assert rows[1]["Status"] == "No submission"


def test_without_a_roster_the_platforms_columns_are_made_from_the_files_names():
    canvas = [entry("millerann", file="millerann_4711_90210_x.ipynb"), entry("plain")]
    text, unknown = platform_table(platform_of(canvas), LESSON, canvas)
    assert [(r["Student"].strip(), r["ID"], r[LESSON]) for r in read(text)] == [
        ("Points Possible", "", "1"),
        ("millerann", "4711", "1"),
    ]
    assert unknown == ["plain"]
    moodle = [entry("Ann", file="Ann_12_assignsubmission_file_/x.ipynb")]
    (row,) = read(platform_table(platform_of(moodle), LESSON, moodle)[0])
    assert (row["Identifier"], row["Grade"], row["Maximum Grade"]) == ("Participant 12", "1", "1")
    assert platform_of([entry("plain")]) == platform_of([]) == platform_of([*canvas, entry("other")]) == ""


def test_a_roster_that_is_none_says_which_one_is_needed():
    with pytest.raises(ValueError, match=r"export the gradebook from Canvas, or download the grading worksheet"):
        platform_table("Canvas", LESSON, [], "name;points\n")


def class_of(*rights):
    """Rows of a class by which exercises (of three) each student solved."""
    out = []
    for solved in rights:
        verdicts = tuple(Verdict(f"1.{k} e", "right" if r else "wrong", 2 * r, 2, "", 0) for k, r in enumerate(solved))
        out.append(Grade("s", "s.ipynb", GRADED, verdicts, {}))
    return out


def test_an_item_is_judged_by_its_share_and_by_its_correlation_with_the_rest():
    rows = class_of(*[(1, 0, 1)] * 4, *[(1, 0, 0)] * 5, (1, 1, 1))
    found = items(exercises_of("01_language_models")[:3], rows)
    assert [(i.right, i.named, i.n) for i in found] == [(10, 0, 10), (1, 9, 10), (5, 5, 10)]
    assert [i.remark for i in found] == ["too easy, or given away", "too hard, or unclear", ""]
    solved = np.array([[v.points for v in row.verdicts] for row in rows])
    assert np.isclose(found[2].discrimination, np.corrcoef(solved[:, 2], solved[:, :2].sum(axis=1))[0, 1])
    assert np.isnan(found[0].discrimination)
    assert items(exercises_of("01_language_models")[:3], rows[:3])[1].remark == ""  # too few to tell


def test_mistakes_are_counted_by_what_was_said_and_unreadable_files_say_nothing():
    entries = [entry("a", NAMED), entry("b", NAMED), entry("c", WRONG), entry("d", NAMED, INVALID)]
    assert mistakes(counting(entries), EXERCISE.label) == [(NAMED.message, 2, True), (EVIL, 1, False)]


def test_a_terminal_shows_every_student_of_a_small_class_and_who_needs_a_look_of_a_large_one():
    lines = table(some_entries())
    assert len(lines) == 4
    assert any("timed out" in line and "2 h 00 min late" in line for line in lines)
    assert len(table([entry(f"s{k}") for k in range(100)] + [entry("odd", status=TIMED_OUT)])) == 1
    assert summary(some_entries()) == [
        "2 graded, 1 timed out, 1 invalid; 1 files do not count; 1 late",
        "points: median 0, mean 0.3, of 1",
        "2 need a look: the class page begins with them",
    ]
    assert summary([entry("odd", status=TIMED_OUT)])[-1] == "1 needs a look: the class page begins with them"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_shows_rate_and_time_left_and_no_file_name_can_move_the_cursor():
    out = Terminal()
    told = list(shown([entry("a\x1b[2J\nb", status=TIMED_OUT, note="x"), *[entry("c")] * 3], 4, out))
    assert len(told) == 4
    assert "4/4" in out.getvalue() and "notebook/s" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert "\x1b" not in "".join(table([entry("a\x1b[2Jb", note="\x1b[2J")]))

"""The cage holds as root and as an ordinary user; what could not be had is said, and too little of it is no cage."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import pytest
from hostile import leaks

from course_utils.exercises import exercises_of
from course_utils.grading import linux, warm
from course_utils.grading.collect import collect
from course_utils.grading.pool import Pool
from course_utils.grading.rows import Limits
from course_utils.grading.samples import answer_source, with_answers
from course_utils.grading.warm import NotIsolated

ROOT = pathlib.Path(__file__).parent.parent
LESSON = "00_start_here"
EXERCISE = exercises_of(LESSON)[0]
RELEASE = json.loads((ROOT / "notebooks" / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
ANSWERS = {
    "right": answer_source(EXERCISE, EXERCISE.reference),
    "wrong": "def softmax(a):\n    return a",
    "walks": leaks.CASES["other submissions"].answer,
    "connects": leaks.CASES["the machine itself over the network"].answer,
    "reads": leaks.CASES["the exercises' file"].answer,
}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the cage needs Linux")]


def hand_in(folder, names=ANSWERS):
    """A class folder with these answers."""
    folder.mkdir()
    for name in names:
        made = with_answers(RELEASE, {"0.1": ANSWERS[name]})
        (folder / f"{name}.ipynb").write_text(json.dumps(made), encoding="utf-8")
    return folder


WAY_IN = f"""
import os, pathlib, sys
sys.path.insert(0, {str(ROOT)!r})
from course_utils.grading import linux
needed = {{*map(os.path.realpath, ({str(ROOT)!r}, sys.prefix, sys.base_prefix)), sys.prefix, sys.base_prefix}}
outermost_closed = (next((p for p in [*pathlib.Path(n).parents][::-1] if not p.stat().st_mode & 1), None) for n in needed)
closed = {{str(folder) for folder in outermost_closed if folder}}
if closed:  # what only root may enter gets a way in, in this process's view alone
    linux.unshare(linux.NEWNS)
    linux.mount(None, "/", None, linux.PRIVATE | linux.REC)
for folder in closed:
    inner = {{path: os.open(path, os.O_PATH) for path in needed if pathlib.Path(path).is_relative_to(folder)}}
    linux.mount("way-in", folder, "tmpfs", 0, "mode=755")
    for path, fd in inner.items():
        os.makedirs(path, exist_ok=True)
        linux.mount(f"/proc/self/fd/{{fd}}", path, None, linux.BIND | linux.REC)
"""

# Where something cannot be had: what the warm parent asks the kernel for is refused.

REFUSED = {
    "namespaces": WAY_IN
    + "def no(*a): raise PermissionError(1, 'unshare: Operation not permitted')\nlinux.unshare = no\n",
    "Landlock": "linux.landlock_version = lambda: 0\n",
    "old Landlock": "linux.landlock_version = lambda: 5\n",
    "libseccomp": "cage.compiled = lambda: None\n",
    "an identity": "def not_mine(paths): raise PermissionError(13, '')\ncage.try_identity = not_mine\n",
    "Linux": "import types\ncage.sys = types.SimpleNamespace(platform='darwin')\n",
}
SAID = {
    "namespaces": "namespaces (mount, pid, network, ipc)",
    "Landlock": "Landlock (this kernel has none)",
    "libseccomp": "a filter of system calls (libseccomp is not installed)",
    "an identity": "an identity of its own (only root may read the folders of Python and the course)",
    "Linux": "isolation: it needs Linux",
}


def start_without(*layers):
    """The warm parent's start, on a machine that refuses these layers."""
    patch = "from course_utils.grading import cage, linux\n" + "".join(REFUSED[layer] for layer in layers)
    run_it = f"exec({patch!r}); from course_utils".replace("{", "{{").replace("}", "}}")  # START is a template
    return warm.START.replace("from course_utils", run_it, 1)


def rows_without(layers, folder, monkeypatch, isolated=True):
    monkeypatch.setattr(warm, "START", start_without(*layers))
    with Pool(RELEASE, LESSON, limits=Limits(cell=20, total=40), isolated=isolated) as pool:
        return {row.student: row for row in pool.grades(collect(hand_in(folder)), 7)}


ENOUGH = [(), ("libseccomp",), ("Landlock",), ("Landlock", "libseccomp"), ("namespaces",)]
HOGS = {
    "one disk": "for k in itertools.count(): open(f'{k}', 'wb').write(bytes(10**6))",
    "many files": "for k in itertools.count(): open(f'{k}', 'wb').close()",
    "deep folders": "for k in itertools.count(): os.mkdir('d'); os.chdir('d'); time.sleep(1e-5)",
}


@pytest.mark.parametrize("hog", HOGS)
def test_files_are_limited_without_a_file_system_of_ones_own_and_all_are_removed(hog, tmp_path, monkeypatch):
    if linux.landlock_version() < 6:
        pytest.skip("this kernel's Landlock is too old to be a cage alone")
    monkeypatch.setattr(warm, "START", start_without("namespaces"))
    monkeypatch.setattr("course_utils.grading.scratch.MOST_FILES", 2_000)
    cell = {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "source": f"import itertools, os, time\n{HOGS[hog]}",
        "outputs": [],
    }
    (tmp_path / "class").mkdir()
    made = RELEASE | {"cells": [*RELEASE["cells"], cell]}
    (tmp_path / "class" / "hog.ipynb").write_text(json.dumps(made), encoding="utf-8")
    with Pool(RELEASE, LESSON, limits=Limits(cell=100, total=100, scratch=20_000_000)) as pool:
        (row,) = pool.grades(collect(tmp_path / "class"), 7)
        folder = pool.parent.scratch.name
    assert (row.status, row.note[:28]) == ("killed", "ended because its files took"), row
    assert not os.path.exists(folder)


def test_the_children_of_two_graders_are_different_users():
    """The kernel counts processes by user: a bomb in one class must not cost a student of another."""
    parents = [warm.WarmParent(["json"]) for _ in range(2)]
    children = [parent.fork(Limits()) for parent in parents for _ in range(2)]
    try:
        for child in children:  # once it says something, it is in its cage
            child.channel.send(("start", "x", [], 1000))
            child.channel.send(("run", "1"))
            child.channel.receive(time.monotonic() + 60)
        users = {os.stat(f"/proc/{child.host_pid}").st_uid for child in children}
    finally:
        for child in children:
            child.end()
        for parent in parents:
            parent.close()
    assert len(users) == (4 if os.geteuid() == 0 else 1)


TOO_LITTLE = [
    ("namespaces", "an identity"),
    ("namespaces", "libseccomp"),
    ("namespaces", "Landlock"),
    ("namespaces", "old Landlock"),
    ("namespaces", "Landlock", "libseccomp"),
    ("Linux",),
]


@pytest.mark.parametrize("layers", ENOUGH, ids=str)
def test_where_enough_is_left_it_grades_and_says_what_could_not_be_had(layers, tmp_path, monkeypatch):
    if "namespaces" in layers and linux.landlock_version() < 6:
        pytest.skip("this kernel's Landlock is too old to be a cage alone")
    rows = rows_without(layers, tmp_path / "class", monkeypatch)
    for name, row in rows.items():
        assert (row.status, row.points, row.isolation.isolated) == ("graded", name == "right", True), row
        missing = "; ".join(row.isolation.missing)
        assert all(SAID[layer] in missing for layer in layers), missing
        assert all(f"not available: {SAID[layer]}" in row.isolation.line for layer in layers)
        assert layers or not missing


@pytest.mark.parametrize("layers", TOO_LITTLE, ids=str)
def test_where_too_little_is_left_it_refuses_and_says_what_to_do(layers, tmp_path, monkeypatch):
    with pytest.raises(NotIsolated, match="cannot be isolated here") as refused:
        rows_without(layers, tmp_path / "class", monkeypatch)
    assert all(SAID[layer] in str(refused.value) for layer in layers if layer in SAID)
    assert "or, for people you trust, say --not-isolated" in str(refused.value)


@pytest.mark.parametrize("layers", [("namespaces", "Landlock", "libseccomp"), ("Linux",)], ids=str)
def test_with_the_flag_it_grades_and_each_report_says_that_nothing_was_isolated(layers, tmp_path):
    folder, out = hand_in(tmp_path / "class", ["right", "wrong"]), tmp_path / "out"
    driver = f"import sys\nimport course_utils.grading.warm as warm\nwarm.START = {start_without(*layers)!r}\n"
    driver += "from course_utils.cli import main\nsys.exit(main(sys.argv[1:]))"
    grade = [sys.executable, "-c", driver, "grade", "0", str(folder), "--output", str(out)]
    refused = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2 and "say --not-isolated" in refused.stderr, refused.stderr
    assert "Traceback" not in refused.stderr
    done = subprocess.run([*grade, "--not-isolated"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        rows = [(r["student"], r["points"], r["isolated"]) for r in csv.DictReader(file)]
    assert rows == [("right", "1", "no"), ("wrong", "0", "no")]
    assert "2 of the runs: NOT ISOLATED" in (out / "index.html").read_text(encoding="utf-8")
    for name in ("right", "wrong"):
        assert "was not isolated" in (out / "feedback" / f"{name}.html").read_text(encoding="utf-8")


WINDOWS = """
import os, signal, sys
sys.modules.update(resource=None, fcntl=None, pwd=None, grp=None)
for name in ("fork", "geteuid", "getuid", "setsid", "wait4", "killpg", "memfd_create", "O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
for name in ("SIGKILL", "SIGCHLD", "pthread_sigmask", "set_wakeup_fd"):
    delattr(signal, name)
from course_utils.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("flag", [[], ["--not-isolated"]], ids=str)
def test_on_windows_it_says_in_one_sentence_what_to_do(flag, tmp_path):
    """Its Python has neither fork nor limits; here they are taken away."""
    grade = [
        sys.executable,
        "-c",
        WINDOWS,
        "grade",
        "0",
        str(hand_in(tmp_path / "class")),
        "--output",
        str(tmp_path / "out"),
    ]
    done = subprocess.run([*grade, *flag], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert (
        done.stderr.strip() == "course grade: grading needs Linux or macOS; on Windows, run the same command inside WSL"
    )


# As an ordinary user, whatever user runs the tests.

BECOME = f"""
import os, sys
{WAY_IN}
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
os.chdir({str(ROOT)!r})
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def home():
    """A folder of which anybody may make a home."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="home-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def as_ordinary_user(home, *arguments):
    """Run Python with these arguments as nobody, or as the user of the tests if that is not root."""
    root = [sys.executable, "-c", BECOME] if os.geteuid() == 0 else [sys.executable]
    own = {"HOME": str(home), "TMPDIR": str(home), "PATH": os.defpath, "OMP_NUM_THREADS": "1"}
    return subprocess.run([*root, *arguments], cwd=ROOT, env=own, capture_output=True, text=True)


def test_an_ordinary_user_gets_the_same_cage(home):
    who = as_ordinary_user(
        home, "-c", "import os; print(os.geteuid(), open('/proc/self/status').read().count('0' * 16))"
    )
    assert who.returncode == 0, who.stderr
    assert int(who.stdout.split()[0]) != 0, "root cannot be left here, so there is nothing to see"
    hand_in(home / "class")
    out = home / "out"
    done = as_ordinary_user(home, "-m", "course_utils.cli", "grade", "0", str(home / "class"), "--output", str(out))
    assert done.returncode == 0, done.stderr
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        rows = {r["student"]: (r["status"], r["points"], r["isolated"]) for r in csv.DictReader(file)}
    assert rows == {name: ("graded", str(int(name == "right")), "yes") for name in ANSWERS}
    page = (out / "feedback" / "right.html").read_text(encoding="utf-8")
    assert "namespaces" in page and "an identity without rights" in page and "not available" not in page
    assert not [*home.glob("course-*")], "a folder was left"

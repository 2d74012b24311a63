"""What a submission sees is an allow-list: Python, the course without its references, and an empty folder to write to."""

import json
import os
import pathlib
import sys
import time

import pytest

from course_utils.grading.jail import DEVICES, HIDDEN, visible_paths
from course_utils.grading.rows import Limits
from course_utils.grading.warm import WarmParent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")
ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "course_utils"
LIMITS = Limits(scratch=3_000_000, file_size=2_000_000, memory=300_000_000)


def test_the_rules_name_each_part_of_the_package_but_the_references():
    rules = dict(visible_paths(PACKAGE))
    assert rules[str(PACKAGE)] == "list", "not to be read as a whole, or the references could be"
    parts = {path.name for path in PACKAGE.iterdir()} - {HIDDEN}
    assert {p.name for p in map(pathlib.Path, rules) if p.parent == PACKAGE} == parts
    assert {path for path, rights in rules.items() if rights == "write"} == set(DEVICES)


def test_no_rule_opens_a_folder_that_holds_what_must_not_be_seen():
    readable = [pathlib.Path(path) for path, rights in visible_paths(PACKAGE) if rights != "list"]
    secret = [ROOT / "solutions", ROOT / "tests", ROOT / "notebooks", PACKAGE / HIDDEN, pathlib.Path("/etc/shadow")]
    for path in (*secret, pathlib.Path.home() / ".ssh", pathlib.Path("/var"), pathlib.Path("/run")):
        assert not any(path.is_relative_to(seen) for seen in readable), path


def test_a_package_that_is_installed_among_the_systems_libraries_is_not_opened_with_them(tmp_path):
    package = tmp_path / "usr" / "course_utils"
    (package / HIDDEN).mkdir(parents=True)
    (package / "cells").mkdir()
    rules = dict(visible_paths(package))
    assert str(package / HIDDEN) not in rules and rules[str(package / "cells")] == "read"
    inside = pathlib.Path("/usr/lib/course_utils")
    assert not any(inside.is_relative_to(p) for p, _ in visible_paths_of(inside)), (
        "as part of /usr it would be readable"
    )


def visible_paths_of(package):
    """The rules for a package that need not be there."""
    from course_utils.grading import jail

    return [(p, "read") for p in (*jail._roots(package), *jail.CONFIGURATION) if not jail._contains(p, package)]


LOOK = """
import json, os
def names(path):
    try: return sorted(os.listdir(path))
    except OSError as error: return type(error).__name__
def writes(path, size=1):
    try:
        with open(path, "wb") as file: file.write(b"x" * size)
    except OSError as error: return type(error).__name__
    return "written"
import course_utils
package = course_utils.__path__[0]
seen = {p: names(p) for p in ("/", "/etc", "/dev", "/scratch", package + "/exercises", os.path.dirname(package))}
processes = [name for name in os.listdir("/proc") if name.isdigit()]
seen["home"], seen["who"] = os.environ["HOME"], [os.getuid() == 0, os.getpid(), len(processes)]
places = ("/x", "/etc/x", "/usr/x", "/dev/x", "/proc/x", package + "/x", package + "/exercises/x", os.__file__)
seen["writes"] = [writes(p) for p in places]
seen["scratch"] = [writes("a"), writes(os.environ["TMPDIR"] + "/b"), writes("c", 2_500_000)]
seen["scratch"] += [writes("d", 1_900_000), writes("e", 1_900_000)]
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen():
    """What a child in its cage finds."""
    parent = WarmParent(["numpy"])
    child = parent.fork(LIMITS)
    try:
        child.channel.send(("start", "course_utils.exercises.start_here", [], 100_000))
        child.channel.send(("run", LOOK))
        text = ""
        while (message := child.channel.receive(time.monotonic() + 60))["kind"] != "idle":
            assert message["kind"] == "stream", message
            text += message["text"]
    finally:
        child.end()
        parent.close()
    if "namespaces (mount, pid, network, ipc)" not in parent.isolation.active:
        pytest.skip("no namespaces can be had here")
    return json.loads(text)


def test_its_root_holds_nothing_but_what_python_needs(seen):
    own = {pathlib.Path(path).parts[1] for path in (ROOT, sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix))}
    system = {"bin", "sbin", "usr", "lib", "lib32", "lib64", "nix", "gnu"}
    assert set(seen["/"]) <= own | system | {"etc", "dev", "proc", "scratch", "tmp"}
    assert set(seen["/etc"]) <= {"ld.so.cache", "localtime", "alternatives", "passwd"}
    assert set(seen["/dev"]) <= {pathlib.Path(device).name for device in DEVICES}


def test_of_the_course_it_sees_the_package_without_references_and_the_data(seen):
    assert seen[str(PACKAGE / "exercises")] in ([], "PermissionError")
    assert set(seen[str(ROOT)]) <= {"course_utils", "datasets"} | {p.parts[len(ROOT.parts)] for p in inside_root()}


def inside_root():
    """Python's own folders, where they are inside the repository (.venv)."""
    return [path for path in map(pathlib.Path, (sys.prefix, sys.base_prefix)) if path.is_relative_to(ROOT)]


def test_it_is_alone_and_nobody(seen):
    assert seen["who"][1:] == [1, 1] and not seen["who"][0]
    assert seen["home"] == "/scratch" and seen["/scratch"] == []


def test_it_writes_to_its_own_folder_alone_and_no_more_than_it_may(seen):
    assert "written" not in seen["writes"]
    assert seen["scratch"][:2] == ["written", "written"]
    assert seen["scratch"][2] == "OSError", "one file is limited"
    assert "OSError" in seen["scratch"][3:], "and all together"

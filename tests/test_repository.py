"""Rules for every file of the repository: no machine's paths, no registry's hosts, no module without a name of its own."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMELESS = {"utils", "helpers", "common", "misc"}
FOLDERS = ("work", "tmp", "root", "opt", "home", "Users", "mnt", "srv")
HOSTS = ("pypi", "pythonhosted", "download.pytorch", "conda.anaconda", "registry." + "npmjs", "repo.anaconda")
OPTIONS = ("index-url", "extra-index-url", "find-links", "trusted-host")

# A folder at the root of a machine's disk: not part of a longer path, an address, a fraction, or encoded data.
MACHINE_PATH = re.compile(rf"(?<![\w./:~+$}}\])-])/(?:{'|'.join(FOLDERS)})(?=/|[\s\"'`),;:]|$)", re.MULTILINE)
REGISTRY = re.compile(
    "|".join([rf"\b{re.escape(host)}\.(?:org|com)\b" for host in HOSTS] + [rf"--{o}\b" for o in OPTIONS])
)


def tracked_texts():
    """The text files that git tracks, by name; without git, or outside a checkout, the test is skipped."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listing.decode().split("\0") if name]
    contents = {path: path.read_bytes() for path in paths if path.is_file()}
    return {p.relative_to(ROOT).as_posix(): c.decode(errors="replace") for p, c in contents.items() if b"\0" not in c}


def found(pattern):
    """Every match of a pattern in the tracked files, as `file:line: match`."""
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in tracked_texts().items()
        for match in pattern.finditer(text)
    ]


def test_no_file_names_a_path_of_one_machine():
    assert found(MACHINE_PATH) == []


def test_no_file_names_a_registry():
    assert found(REGISTRY) == []


def test_only_pyproject_the_citation_and_what_is_built_name_the_repository():
    address = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
    names = {entry.split(":")[0] for entry in found(re.compile(re.escape(address.removeprefix("https://github.com/"))))}
    by_hand = {name for name in names if not name.endswith(".ipynb") and not name.startswith("notebooks/")}
    assert by_hand == {"pyproject.toml", "CITATION.cff"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_search_for_paths_finds_them_and_nothing_else(folder):
    path = "/" + folder
    for text in (f"cd {path}", f'"{path}/data"', f"file={path}/x", f"({path}/a b)", f"\n{path}\n", f"a:{'x'} `{path}`"):
        assert MACHINE_PATH.search(text), text
    for text in (f"and{path}", f"https://x.org{path}", f"~{path}", f"..{path}/data", f"{path}ation", f"$HOME{path}/x"):
        assert not MACHINE_PATH.search(text), text


@pytest.mark.parametrize(
    "text", [f"https://{h}.{end}/x" for h in HOSTS for end in ("org", "com")] + [f"--{o} x" for o in OPTIONS]
)
def test_the_search_for_registries_finds_them(text):
    assert REGISTRY.search(text)


def test_every_module_has_a_name_of_its_own():
    modules = [path.relative_to(ROOT) for path in (ROOT / "course_utils").rglob("*")]
    assert not [str(path) for path in modules if NAMELESS & {part.removesuffix(".py") for part in path.parts[1:]}]


def test_test_files_have_names_of_their_own():
    names = [path.name for path in (ROOT / "tests").rglob("*.py")]
    assert len(names) == len(set(names))
    assert "__init__.py" not in names

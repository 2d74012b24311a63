"""The files that describe the course to pip, conda, make, CI and those who cite it say the same thing."""

import json
import re
import statistics
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import course_utils
from course_utils.bench.report import OURS
from course_utils.exercises.start_here import softmax

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# Where conda-forge names the same package differently.
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base", "playwright": "playwright-python"}


def requirements():
    """Every direct dependency of the course, extras included, by name."""
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def constraints():
    """The lines of constraints.txt as requirements."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def conda():
    """environment.yml as Python values."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def test_conda_installs_the_same_names_and_floors_as_pip():
    listed = [
        entry for entry in conda()["dependencies"] if isinstance(entry, str) and entry not in ("python=3.12", "pip")
    ]
    expected = [f"{CONDA_NAMES.get(name, name)}{r.specifier}" for name, r in requirements().items()]
    assert sorted(listed) == sorted(expected)


def test_conda_uses_one_channel_and_a_python_that_binder_reads():
    environment = conda()
    assert environment["channels"] == ["conda-forge"]
    assert "python=3.12" in environment["dependencies"]
    assert "3.12" in Requirement(f"python{PROJECT['requires-python']}").specifier
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


def test_every_direct_dependency_is_pinned_at_or_above_its_floor():
    pins = {canonicalize_name(r.name): next(iter(r.specifier)) for r in constraints()}
    for name, requirement in requirements().items():
        assert name in pins, f"{name} is in pyproject.toml but not in constraints.txt"
        assert pins[name].version in requirement.specifier, f"{name} is pinned below its floor"


def test_constraints_are_exact_and_fit_every_build():
    seen = constraints()
    assert [len(r.specifier) for r in seen] == [1] * len(seen)
    assert {s.operator for r in seen for s in r.specifier} == {"=="}
    assert not [str(r) for r in seen if "+" in str(r) or "*" in str(r) or r.url]
    assert len({canonicalize_name(r.name) for r in seen}) == len(seen)


def test_a_lesson_that_needs_only_numpy_installs_no_torch():
    names = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert "numpy" in names and "torch" not in names
    assert PROJECT["optional-dependencies"]["torch"][0].startswith("torch")


def test_citation_agrees_with_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    licences = PROJECT["license"].split(" AND ")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"] == course_utils.__version__
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert citation["license"] == licences[0]
    assert all(licence in citation["abstract"] for licence in licences)
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_both_licences_are_there_and_the_changelog_knows_the_version():
    first_lines = [(ROOT / name).read_text(encoding="utf-8").splitlines()[0] for name in PROJECT["license-files"]]
    assert first_lines == ["MIT License", "Creative Commons Attribution 4.0 International (CC BY 4.0)"]
    assert f"\n## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_readme_shows_the_two_commands_and_ci_runs_the_second():
    block = re.search(r"```sh\n(.*?)```", README, re.DOTALL).group(1)
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make lab", "make test"]
    assert f"\n{commands[1]} 2>&1 |" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_readme_shows_what_a_check_really_prints(capsys):
    answers = [softmax.reference, softmax.mistakes[0].answer, untouched]
    for answer in answers:
        softmax.check(answer)
    assert f"```text\n{capsys.readouterr().out}```" in README


def test_readme_tells_the_numbers_that_were_measured():
    rows = json.loads((ROOT / "docs" / "benchmark.json").read_text(encoding="utf-8"))["rows"]
    ratios = [row["ratio"] for row in rows if (row["suite"], row["who"]) == ("steps", OURS)]
    mean, least, most = statistics.geometric_mean(ratios), min(ratios), max(ratios)
    steps = f"takes {mean:.2f} of torch.nn's CPU time (geometric mean of {len(ratios)} sizes, from {least:.2f} to {most:.2f})"
    costs = json.loads((ROOT / "docs" / "grading.json").read_text(encoding="utf-8"))["rows"]["01_language_models"]
    ours, theirs = (costs[who]["cpu"] for who in ("course grade, 1 at a time", "nbgrader autograde"))
    grading = f"takes {ours:.2f} s of CPU time, with nbgrader {theirs:.2f} s"
    for sentence in (steps, grading):
        assert sentence in README, f"README.md should say: {sentence}"


def untouched(a):
    """The start of an exercise, as the student gets it."""
    raise NotImplementedError("write your answer here")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_relative_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing

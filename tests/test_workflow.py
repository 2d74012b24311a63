"""The workflow that publishes the page has the shape that GitHub reads, and may do no more than it must."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_utils.site import make

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "site.yml").read_text(encoding="utf-8"))
TRIGGERS = WORKFLOW[True]  # YAML 1.1 reads the word "on" as a truth value, and GitHub does not mind
JOBS = WORKFLOW["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
# The first major version of each action that runs on Node.js 24: runners lost Node.js 20 in September 2026.
ON_NODE_24 = {
    "checkout": 5,
    "setup-python": 6,
    "setup-node": 5,
    "cache": 5,
    "upload-pages-artifact": 5,
    "deploy-pages": 5,
}


def using(action):
    """The one step that uses an action of GitHub's own."""
    (step,) = [step for step in STEPS if step.get("uses", "").startswith(f"actions/{action}@")]
    return step


def test_every_step_runs_a_command_or_uses_an_action_and_nothing_is_misspelt():
    assert set(WORKFLOW) == {"name", True, "permissions", "concurrency", "jobs"}
    for job in JOBS.values():
        assert {"runs-on", "timeout-minutes", "steps"} <= set(job)
        assert set(job) <= {"runs-on", "timeout-minutes", "steps", "env", "if", "needs", "permissions", "environment"}
    for step in STEPS:
        assert len({"run", "uses"} & set(step)) == 1
        assert set(step) <= {"run", "uses", "with", "id"}


@pytest.mark.parametrize("used", [step["uses"] for step in STEPS if "uses" in step])
def test_every_action_is_githubs_own_and_runs_on_a_node_that_runners_have(used):
    owner, name, version = re.fullmatch(r"(\w+)/([\w-]+)@v(\d+)", used).groups()
    assert owner == "actions"
    assert int(version) >= ON_NODE_24[name]


def test_the_page_is_built_by_the_one_command_that_builds_it_and_published_from_where_that_puts_it():
    assert [step["run"] for step in STEPS if "run" in step] == ["make site ARGS=--lite"]
    assert re.search(
        r"^site: [^\n]*\n\t[^\n]*/course site ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert using("upload-pages-artifact")["with"]["path"] == make.OUTPUT
    assert using("cache")["with"]["path"] == make.KEPT


def test_it_builds_pull_requests_and_publishes_main_alone():
    assert set(TRIGGERS) == {"push", "pull_request", "workflow_dispatch"}
    assert TRIGGERS["push"] == {"branches": ["main"]}
    publish = JOBS["publish"]
    assert publish["if"] == "github.ref == 'refs/heads/main'" and publish["needs"] == "build"
    assert publish["environment"]["url"] == "${{ steps." + using("deploy-pages")["id"] + ".outputs.page_url }}"


def test_only_the_job_that_publishes_may_write_and_it_runs_nothing_of_ours():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOBS["build"]
    assert JOBS["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert JOBS["publish"]["steps"] == [using("deploy-pages")]


def test_what_runs_before_the_command_brings_a_python_and_a_node_that_the_course_takes():
    assert using("setup-python")["with"]["python-version"] in SpecifierSet(PROJECT["requires-python"])
    names = [
        step.get("uses", step.get("run")).partition("@")[0].removeprefix("actions/") for step in JOBS["build"]["steps"]
    ]
    assert names == ["checkout", "setup-python", "setup-node", "cache", "make site ARGS=--lite", "upload-pages-artifact"]
    assert int(using("setup-node")["with"]["node-version"]) >= 22


def test_a_codespace_sets_itself_up_with_a_python_that_the_course_takes():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert container["postCreateCommand"] == "make setup"
    assert container["image"].rpartition(":")[2] in SpecifierSet(PROJECT["requires-python"])

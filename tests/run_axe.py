"""Asks axe-core, which knows the rules of accessibility, what on a page shuts people out.

assert serious_problems(page) == []
"""

import functools
from pathlib import Path

import pytest

from course_utils.site.fetched import NotFetched, from_npm

ROOT = Path(__file__).parents[1]
RUN = "context => axe.run(context, {resultTypes: ['violations'], preload: false})"


@functools.cache
def _source():
    try:
        modules = from_npm(ROOT / "docs" / "site", ROOT / "build" / "site-parts" / "npm")
    except NotFetched as error:
        pytest.skip(str(error))
    return (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def serious_problems(page, include=("html",), exclude=()):
    """What axe calls serious or critical, as (rule, markup), inside and outside of lists of selectors."""
    page.evaluate(_source())
    there = [part for part in exclude if page.locator(part).count()]
    found = page.evaluate(RUN, {"include": list(include), "exclude": there})["violations"]
    serious = [problem for problem in found if problem["impact"] in ("serious", "critical")]
    return [(problem["id"], node["html"][:200]) for problem in serious for node in problem["nodes"]]

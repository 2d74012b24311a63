"""Where the course's files lie: building and grading need a clone, not just the installed package."""

import pathlib

__all__ = ["NoCheckout", "find_root", "lesson_path"]


class NoCheckout(Exception):
    """There is no clone of the course around the package or the working folder."""


def find_root():
    """The root of the clone: the one the package was installed from, else the one around the working folder."""
    here = pathlib.Path.cwd()
    for folder in (pathlib.Path(__file__).parents[2], here, *here.parents):
        if (
            (folder / "pyproject.toml").exists()
            and (folder / "solutions").is_dir()
            and (folder / "course_utils").is_dir()
        ):
            return folder
    raise NoCheckout(
        "this needs a clone of the course: change into its folder, or install with `pip install -e .` there"
    )


def lesson_path(root, name):
    """The script of a lesson, by its whole name, its number, or its word: "07_lstm", "7", "lstm"."""
    paths = sorted((pathlib.Path(root) / "solutions").glob("[0-9][0-9]_*.py"))
    wanted = name.removesuffix(".ipynb").removesuffix(".py").lower()
    for path in paths:
        number, _, word = path.stem.partition("_")
        if wanted in (path.stem, word, number) or (wanted.isdecimal() and int(wanted) == int(number)):
            return path
    raise ValueError(f"no lesson is called {name!r}; there are {', '.join(p.stem for p in paths)}")

"""Exercises that know their mistakes: per lesson a package, `course_utils.exercises.<lesson's name without number>`.

Each exercise stands in a file of its own, inputs that several share in another; a short lesson is a single module.
"""

import importlib

from .definition import Exercise, case, exercise, exercises_in

__all__ = ["Exercise", "case", "exercise", "exercises_in", "exercises_of"]


def exercises_of(lesson):
    """The exercises of a lesson by its file's name ("01_language_models"), in order; [] if it has none."""
    name = lesson.partition("_")[2]
    try:
        module = importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{__name__}.{name}":
            return []
        raise
    return exercises_in(module)

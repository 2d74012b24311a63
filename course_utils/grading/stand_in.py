"""What `course_utils.exercises.LESSON` is in a caged child: exercises without references, cases, mistakes or hints.

A stand-in's check hands the grader what the student's function returns on the cases that the grader sends. Calling it asks the
grader for the reference's value; it is given for exercises of earlier lessons, and of this one once their check has run.
"""

import base64
import importlib.abc
import importlib.machinery
import json
import sys

from ..exercises.record import globals_read, outcome, parameter_names, value_outcome
from ..exercises.values import fingerprint
from .parcel import pack, unpack

__all__ = ["StandIn", "install"]

PACKAGE = "course_utils.exercises."


class StandIn:
    """An exercise by name. `link` reaches the grader; nothing of the exercise itself is here."""

    def __init__(self, link, module, name, label="", is_value=False):
        self._link, self._module, self.name = link, module, name
        self.label, self.is_value = label or name, is_value
        self.__name__ = name

    def __repr__(self):
        return f"<exercise {self.label}>"

    def __call__(self, *args, **kwargs):
        given = base64.b64encode(pack((args, kwargs))).decode()
        kind, content = self._link.request(kind="ask", module=self._module, name=self.name, given=given)
        if kind == "refused":
            raise RuntimeError(content)
        return unpack(base64.b64decode(content))

    def check(self, answer):
        """Hand over what the answer gives on each case; no verdict comes back."""
        kind, *content = self._link.request(kind="check", module=self._module, name=self.name)
        if kind == "cases":
            self._link.request(kind="outcomes", **self._outcomes(answer, *content))
        else:
            print(f"{self.label}: this check is run when its own cell is graded")

    def hint(self):
        """Hints are for people."""

    def stub(self):
        """Stubs are for people."""

    def _outcomes(self, answer, parcels, limit):
        if self.is_value:
            return {"outcomes": _limited([value_outcome(answer)], limit), "globals": [], "names": []}
        outcomes = []
        for parcel in parcels:
            args, kwargs = unpack(parcel)
            got = outcome(answer, args, kwargs, self.name)
            if "value" in got:
                got["after"] = fingerprint(args, kwargs)
            outcomes.append(got)
            if "not attempted" in got or not callable(answer):
                break
        return {
            "outcomes": _limited(outcomes, limit),
            "globals": globals_read(answer),
            "names": parameter_names(answer),
        }


def _limited(outcomes, limit):
    """Outcomes that fit into one message; what does not is an error that says so."""
    left, kept = limit, []
    for got in outcomes:
        size = len(json.dumps(got))
        left -= size
        fits = left >= 0
        kept.append(got if fits else {"error": "TooLarge", "text": f"it returns {size:,} bytes in all", "line": None})
    return kept


def install(link, lesson_module, table):
    """Make the modules of the exercises importable as stand-ins. table: (name, label, is_value) of this lesson's."""
    loader = _Loader(link, lesson_module, table)
    sys.meta_path.insert(0, loader)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, link, lesson_module, table):
        self.link, self.lesson_module, self.table = link, lesson_module, table

    def find_spec(self, fullname, path=None, target=None):
        ours = fullname.startswith(PACKAGE) and fullname not in sys.modules
        return importlib.machinery.ModuleSpec(fullname, self) if ours else None

    def exec_module(self, module):
        name = module.__name__
        if name == self.lesson_module:
            for exercise, label, is_value in self.table:
                setattr(module, exercise, StandIn(self.link, name, exercise, label, is_value))
        else:  # of other lessons only the grader knows what there is
            module.__getattr__ = lambda attribute: _other(self.link, name, attribute)


def _other(link, module, attribute):
    if attribute.startswith("_"):
        raise AttributeError(f"module {module!r} has no attribute {attribute!r}")
    return StandIn(link, module, attribute)

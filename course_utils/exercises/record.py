"""Run an answer on the cases of an exercise and write down what came back, as plain data.

This is all that happens next to a student's code. Whether it is right is decided elsewhere (judge.py), in a graded run
in another process. The record is a dictionary that JSON can hold: {"outcomes": [one per case], "globals": [names]}.
An outcome is {"value": ..., "changed": [names]} or {"error": type, "text": ..., "line": ...} or {"not attempted": true}.
"""

import contextlib
import inspect
import io
import types
import warnings

import numpy as np

from .values import TooLarge, encode

__all__ = ["record"]


def record(exercise, answer, seed):
    """What `answer` does on the cases of this seed. Nothing that the answer raises, prints or warns gets out."""
    if exercise.is_value:
        return {"outcomes": [_value_outcome(answer)], "globals": []}
    if not callable(answer):
        return {
            "outcomes": [{"error": "TypeError", "text": f"{exercise.name} is not a function", "line": None}],
            "globals": [],
        }
    outcomes = []
    for made, fresh in zip(exercise.cases_for(seed), exercise.cases_for(seed), strict=True):
        outcomes.append(_outcome(answer, made, fresh))
        if "not attempted" in outcomes[-1]:
            break
    return {"outcomes": outcomes, "globals": _globals_read(answer)}


def _outcome(answer, made, fresh):
    try:
        with _silence():
            value = encode(answer(*made.args, **made.kwargs))
    except NotImplementedError:
        return {"not attempted": True}
    except TooLarge as error:
        return {"error": "TooLarge", "text": f"it returns {error}", "line": None}
    except (Exception, SystemExit) as error:  # whatever a student's code does, the check goes on
        return {"error": type(error).__name__, "text": str(error)[:300], "line": _line(error, answer)}
    return {"value": value, "changed": _changed(answer, made, fresh)}


def _value_outcome(answer):
    if answer is None or answer is NotImplemented or answer is Ellipsis:
        return {"not attempted": True}
    try:
        return {"value": encode(answer), "changed": []}
    except TooLarge as error:
        return {"error": "TooLarge", "text": f"it is {error}", "line": None}


def _changed(answer, made, fresh):
    """Names of the arguments that no longer equal a fresh copy of themselves; generators are meant to move on."""
    given = [*made.args, *made.kwargs.values()]
    before = [*fresh.args, *fresh.kwargs.values()]
    try:
        names = [*inspect.signature(answer).parameters]
    except (TypeError, ValueError):
        names = []
    names = (names + [f"argument {k + 1}" for k in range(len(names), len(given))])[: len(made.args)] + list(made.kwargs)
    pairs = zip(names, given, before, strict=False)
    return [name for name, a, b in pairs if not isinstance(a, np.random.Generator) and encode(a) != encode(b)]


def _globals_read(answer):
    """Notebook variables (not functions, modules or constants in capitals) that the answer reads."""
    code, scope = getattr(answer, "__code__", None), getattr(answer, "__globals__", {})
    names = [name for name in getattr(code, "co_names", ()) if name in scope and not name.isupper()]
    ignored = (types.ModuleType, type)
    return [name for name in names if not callable(scope[name]) and not isinstance(scope[name], ignored)]


def _line(error, answer):
    """The line of the student's own function, counted in its cell, on which the error arose."""
    code, line, step = getattr(answer, "__code__", None), None, error.__traceback__
    while step is not None and code is not None:
        line = step.tb_lineno if step.tb_frame.f_code.co_filename == code.co_filename else line
        step = step.tb_next
    return line


@contextlib.contextmanager
def _silence():
    """A check prints one line; prints, warnings and NumPy's complaints inside the answer are for its author's own calls."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield

"""Run an answer on the cases of an exercise and write down what came back, as plain data.

This is all that happens next to a student's code. Whether it is right is decided elsewhere (judge.py), in a graded run
in another process. The record is a dictionary that JSON can hold: {"outcomes": [one per case], "globals": [names],
"names": [of parameters]}. An outcome is {"value": ..., "changed": [positions of arguments]},
{"error": type, "text": ..., "line": ...} or {"not attempted": true}.
"""

import contextlib
import copy
import inspect
import io
import types
import warnings

import numpy as np

from .values import TooLarge, encode, fingerprint

__all__ = ["changed", "globals_read", "outcome", "parameter_names", "record", "value_outcome"]


def record(exercise, answer, seed):
    """What `answer` does on the cases of this seed. Nothing that the answer raises, prints or warns gets out."""
    if exercise.is_value:
        return {"outcomes": [value_outcome(answer)], "globals": [], "names": []}
    outcomes = []
    for made in exercise.cases_for(seed):
        args, kwargs = copy.deepcopy(
            (made.args, made.kwargs)
        )  # fresh ones for each call, though cases may share arrays
        got = outcome(answer, args, kwargs, exercise.name)
        if "value" in got:
            got["changed"] = changed(fingerprint(args, kwargs), fingerprint(made.args, made.kwargs))
        outcomes.append(got)
        if "value" not in got and ("not attempted" in got or not callable(answer)):
            break
    return {"outcomes": outcomes, "globals": globals_read(answer), "names": parameter_names(answer)}


def outcome(answer, args, kwargs, name="answer"):
    """What one call gives: {"value": ...}, {"error": ...} or {"not attempted": true}."""
    if not callable(answer):
        return {"error": "TypeError", "text": f"{name} is not a function", "line": None}
    try:
        with _silence():
            return {"value": encode(answer(*args, **kwargs))}
    except NotImplementedError:
        return {"not attempted": True}
    except TooLarge as error:
        return {"error": "TooLarge", "text": f"it returns {error}", "line": None}
    except (Exception, SystemExit) as error:  # whatever a student's code does, the check goes on
        return {"error": type(error).__name__, "text": _text(error), "line": _line(error, answer)}


def value_outcome(answer):
    """The outcome of an exercise whose answer is a value."""
    if answer is None or answer is NotImplemented or answer is Ellipsis:
        return {"not attempted": True}
    try:
        return {"value": encode(answer), "changed": []}
    except TooLarge as error:
        return {"error": "TooLarge", "text": f"it is {error}", "line": None}


def parameter_names(answer):
    """What the answer calls its arguments."""
    try:
        return [*inspect.signature(answer).parameters]
    except (TypeError, ValueError):
        return []


def changed(after, before):
    """Positions of the arguments whose fingerprints differ; all of them if there are not as many as there were."""
    if not isinstance(after, list) or len(after) != len(before):
        return [*range(len(before))]
    return [k for k, (a, b) in enumerate(zip(after, before, strict=True)) if a != b]


def globals_read(answer):
    """Notebook variables (not functions, modules or constants in capitals) that the answer reads."""
    code, scope = getattr(answer, "__code__", None), getattr(answer, "__globals__", {})
    names = [name for name in getattr(code, "co_names", ()) if name in scope and not name.isupper()]
    ignored = (types.ModuleType, type)
    return [name for name in names if not callable(scope[name]) and not isinstance(scope[name], ignored)]


def _text(error):
    try:
        return str(error)[:300]
    except Exception:  # an error whose text is itself an error
        return "its text cannot be read"


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

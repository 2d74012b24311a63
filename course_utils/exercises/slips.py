"""A wrong answer as a small edit of the right one: the reference with a few words of its source replaced.

Most mistakes in a function of ten lines are one wrong line. Written out they hide it among nine right ones; as an edit
the mistake is all there is to read. The edited function has a source of its own, as if it stood in a file, so that
tracebacks show it and sample submissions are made from it.
"""

import ast
import inspect
import linecache
import textwrap

__all__ = ["body_source", "edited"]


def body_source(function):
    """The source of a function without its decorators, dedented."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines(keepends=True)
    return "".join(lines[ast.parse("".join(lines)).body[0].lineno - 1 :])


def edited(function, edits, name):
    """The function with each key of `edits` in its source replaced by the value; `name` tells its source from others.

    Raises ValueError for a key that does not stand in the source exactly once, since an edit that does nothing, or two
    things at once, is not the mistake that was meant.
    """
    source = body_source(function)
    for old, new in edits.items():
        if source.count(old) != 1:
            raise ValueError(
                f"edits of {function.__name__} must each stand once in it; {old!r} stands {source.count(old)} times"
            )
        source = source.replace(old, new)
    file, scope = f"<{name}>", {}
    exec(compile(source, file, "exec"), function.__globals__, scope)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # None: no file to look at again
    return scope[function.__name__]

"""Run cells in a caged child as a notebook would: last expression shown, prints and errors reported, magics understood.

Plain Python runs as it is. What is not Python goes through IPython's own translation; then magics that configure the
notebook are passed over, those that time code run it, and shell commands are refused with a sentence.
"""

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import linecache
import re
import sys
import traceback
import types

from .identity import reserve

__all__ = ["Cells"]

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
PIP = re.compile(r"^([ \t]*)%pip .*$", re.MULTILINE)  # nothing is installed when a notebook is graded


class Cells:
    """The namespace of one notebook. `send(kind=..., ...)` reports what cells produce, at most `limit` characters in all."""

    def __init__(self, send, limit):
        self.send, self.left, self.count, self.open_reserve = send, limit, 0, reserve()
        self.module = types.ModuleType("__main__")
        self.names = vars(self.module)
        self.names |= {"__builtins__": builtins, "get_ipython": lambda: _Shell(self), "display": self.display}
        sys.modules["__main__"] = self.module
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")

    def run(self, source):
        """Run one cell and report all it does; whatever it raises is reported, too."""
        self.count += 1
        try:
            value = self._execute(source, f"<cell {self.count}>")
            if value is not None and not source.rstrip().endswith(";"):
                self.names["_"] = value
                self.show("result", {"text/plain": _repr(value)})
        except BaseException as error:
            if isinstance(error, MemoryError):
                self.open_reserve()
            self._flush()
            lines = traceback.format_exception(type(error), error, _outside(error.__traceback__), limit=20, chain=False)
            self.report("error", ename=type(error).__name__, evalue=_text(error), traceback=["".join(lines)[-4000:]])
        self._flush()

    def report(self, kind, **content):
        """Send something shown, as long as the limit of output is not reached."""
        size = sum(len(str(v)) for v in content.values())
        if self.left > 0 or kind == "error":
            self.left -= size
            self.send(kind=kind, **content)

    def show(self, kind, data):
        self._flush()
        self.report(kind, data={name: content for name, content in data.items() if isinstance(content, str)})

    def display(self, *objects, **options):
        for thing in objects:
            self.show("display", {"text/plain": _repr(thing)})

    def translated(self, source):
        """The source as Python: as it is, or through IPython's translation of magics and shell commands."""
        try:
            return ast.parse(source, "<cell>"), source
        except SyntaxError:
            if not any(mark in source for mark in "%!?") and not source[:1].isspace():
                raise
        with contextlib.suppress(SyntaxError):  # a release's setup is like that in every run
            plain = PIP.sub(r"\1pass", source)
            return ast.parse(plain, "<cell>"), plain
        from IPython.core.inputtransformer2 import TransformerManager

        source = TransformerManager().transform_cell(source)
        return ast.parse(source, "<cell>"), source

    def _execute(self, source, name):
        tree, source = self.translated(source)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        self._evaluate(compile(tree, name, "exec", FLAGS, True))
        return None if last is None else self._evaluate(compile(ast.Expression(last.value), name, "eval", FLAGS, True))

    def _evaluate(self, code):
        value = eval(code, self.names)
        return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value

    def _flush(self):
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _Stream):
                stream.flush()


class _Stream(io.TextIOBase):
    """sys.stdout or sys.stderr: text goes to the grader in pieces, up to the limit."""

    def __init__(self, cells, name):
        self.cells, self.name, self.parts, self.size = cells, name, [], 0

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.cells.left > self.size:
            self.parts.append(text[: self.cells.left])
            self.size += len(text)
        if self.size > 8_000:
            self.flush()
        return len(text)

    def flush(self):
        parts, self.parts, self.size = self.parts, [], 0
        if parts:
            self.cells.report("stream", name=self.name, text="".join(parts))


class _Shell:
    """What `get_ipython()` gives: enough of IPython's shell for translated magics."""

    def __init__(self, cells):
        self.cells, self.user_ns = cells, cells.names

    def run_line_magic(self, name, line, *rest):
        if name in ("time", "prun"):
            exec(self.cells.translated(line)[1], self.cells.names)

    def run_cell_magic(self, name, line, cell):
        if name in ("time", "prun", "capture"):
            exec(self.cells.translated(cell)[1], self.cells.names)

    def system(self, command):
        print("shell commands are not run when a notebook is graded", file=sys.stderr)

    def getoutput(self, command, *rest):
        self.system(command)
        return []


def _outside(step):
    """The traceback from the cell on, without the frames of this file."""
    while step is not None and step.tb_frame.f_code.co_filename == __file__:
        step = step.tb_next
    return step


def _repr(value):
    try:
        return repr(value)[:10_000]
    except Exception as error:
        return f"<{type(value).__name__} whose repr raises {type(error).__name__}>"


def _text(error):
    try:
        return str(error)[:1000]
    except Exception:
        return ""

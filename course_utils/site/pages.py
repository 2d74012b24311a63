"""A lesson's page: the executed solved notebook, its exercises as stubs with hints and the solution folded behind a click.

Nothing runs here. Pictures leave the notebook and become files, so that a page is small and a browser can wait with them.
"""

import base64
import hashlib
import itertools
import re

from ..exercises import exercises_of

__all__ = ["lesson_page", "with_lesson_links"]

PICTURE = re.compile(r'<img ([^>]*?)src="data:image/png;base64,([^"]+)"')
DROPPED = {"colab-badge", "colab-setup"}
RUN_HERE = '<a href="{}">Run this lesson in your browser</a>, with nothing to install.'
LESSON = re.compile(r"\b[Ll]essons? \d\d\b(?! [a-z]*_)(?:(?:, | and | to )\d\d\b)*")
NUMBER = re.compile(r"(?:[Ll]esson )?(\d\d)")
VERBATIM = re.compile(
    r"(```.*?```|~~~.*?~~~|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$|^#.*?$|\[[^\]]*\]\([^)]*\))", re.DOTALL | re.MULTILINE
)


def lesson_page(name, student, executed, figures, names, in_browser=""):
    """The notebook of a lesson's page, as a dictionary.

    `student` is the student's notebook, `executed` the solved one with outputs; `figures` a folder that takes the pictures;
    `names` the lessons on the page, to which "lesson 07" becomes a link; `in_browser` where this one runs with nothing
    installed, if it does.
    """
    exercises = {e.number: e for e in exercises_of(name)}
    stubs = {c["id"]: _text(c) for c in student["cells"]}
    told = {_exercise(c): _text(c) for c in executed["cells"] if _role(c) == "solution"}
    said = {_exercise(c): _printed(c) for c in executed["cells"] if _role(c) == "check"}
    cells = []
    for cell in executed["cells"]:
        if cell["id"] == "colab-setup" and in_browser:
            cells.append(_markdown(cell, RUN_HERE.format(in_browser)))
        if cell["id"] in DROPPED or _role(cell) in ("check", "solution"):
            continue
        if _role(cell) == "answer":
            number = _exercise(cell)
            reason = with_lesson_links(told.get(number, ""), names)
            text = _exercise_text(exercises[number], stubs[cell["id"]], _text(cell), said[number], reason)
            cells.append(_markdown(cell, text))
        elif cell["cell_type"] == "markdown":
            cells.append(_markdown(cell, with_lesson_links(_text(cell), names)))
        else:
            cells.append(_shown(cell, figures))
    metadata = {name: executed["metadata"][name] for name in ("kernelspec", "language_info")}  # no state of widgets
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def with_lesson_links(text, names):
    """Markdown in which "lesson 07" is a link, outside of code, formulas, headings and other links.

    >>> with_lesson_links("as in lesson 07", ["07_lstm"])
    'as in [lesson 07](07_lstm.ipynb)'
    """
    files = {name[:2]: f"{name}.ipynb" for name in names}

    def linked(match):
        return f"[{match[0]}]({files[match[1]]})" if match[1] in files else match[0]

    parts = VERBATIM.split(text)
    prose = (LESSON.sub(lambda named: NUMBER.sub(linked, named[0]), part) for part in parts[::2])
    return "".join(itertools.chain(*itertools.zip_longest(prose, parts[1::2], fillvalue="")))


def _exercise_text(exercise, stub, answer, verdict, reason):
    points = f"{exercise.points} point{'s' * (exercise.points > 1)}"
    folds = [_fold(f"Hint {k} of 3", hint, "hint") for k, hint in enumerate(exercise.hints, 1)]
    solution = f"```python\n{answer}\n```\n\n```text\n{verdict}```\n\n{reason}"
    folds.append(_fold("Solution", solution, "seealso"))
    head = f"::::::{{admonition}} Build {exercise.label} ({points})\n:class: tip exercise"
    return "\n\n".join([head, f"```python\n{stub}\n```", *folds, "::::::"])


def _fold(title, text, kind):
    return f":::::{{admonition}} {title}\n:class: {kind}\n:collapsible: closed\n\n{text}\n:::::"


def _shown(cell, figures):
    """A code cell with its pictures as files, without progress bars and warnings."""
    outputs = [output for output in cell["outputs"] if _is_kept(output)]
    for output in outputs:
        if "text/html" in output.get("data", {}):
            output["data"] = {"text/html": _with_files("".join(output["data"]["text/html"]), figures)}
    return {**cell, "outputs": outputs, "execution_count": None, "metadata": {}}


def _is_kept(output):
    return output.get("name") != "stderr" and "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


def _with_files(markup, figures):
    def moved(match):
        data = base64.b64decode(match[2])
        path = figures / f"{hashlib.sha256(data).hexdigest()[:16]}.png"
        path.write_bytes(data)
        width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
        return f'<img loading="lazy" width="{width}" height="{height}" {match[1]}src="../_static/figures/{path.name}"'

    return PICTURE.sub(moved, markup)


def _markdown(cell, text):
    return {"cell_type": "markdown", "id": cell["id"], "metadata": {}, "source": text}


def _text(cell):
    return "".join(cell["source"])


def _printed(cell):
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def _role(cell):
    return cell["metadata"].get("rnn_course", {}).get("role")


def _exercise(cell):
    return cell["metadata"]["rnn_course"]["exercise"]

"""A lesson as the browser gets it: the student's notebook, with a word on where it runs in place of the setup for Colab."""

import copy

from ..lessons.script import lesson_paths, read_lesson

__all__ = ["browser_copy", "browser_lessons"]

KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
NOTE = """\
Python runs inside this page, and nothing is installed.
The first cell of code fetches NumPy and Matplotlib from `{host}`, so it needs the network and some seconds.
What you write is kept in this browser only; *File → Download* makes a copy that is yours.
Computing takes several times as long here as in JupyterLab on your own machine."""


def browser_lessons(root):
    """The lessons of a checkout that need only NumPy, in order: their scripts say so in the title cell's `needs`."""
    return [lesson for lesson in map(read_lesson, lesson_paths(root)) if lesson.needs == ("numpy",)]


def browser_copy(notebook, host):
    """The student's notebook for the browser: no badge, a note for the setup cell, the browser's own kernel.

    `host` is where NumPy comes from. All other cells keep their ids, so that the copy can be handed in and graded.
    """
    made = copy.deepcopy(notebook)
    note = {"cell_type": "markdown", "id": "browser-note", "metadata": {}}
    note["source"] = NOTE.format(host=host).splitlines(keepends=True)
    cells = [note if cell["id"] == "colab-setup" else cell for cell in made["cells"]]
    made["cells"] = [cell for cell in cells if cell["id"] != "colab-badge"]
    made["metadata"]["kernelspec"] = dict(KERNEL)
    return made

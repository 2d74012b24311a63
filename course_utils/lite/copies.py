"""A lesson as the browser gets it: the student's notebook, with a word on where it runs in place of what is for Colab."""

import copy

from ..lessons.script import lesson_paths, read_lesson

__all__ = ["browser_copy", "browser_lessons"]

KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
NOTE = """\
You are in your browser: Python itself runs in this page, and nothing is installed.
The first cell with an import fetches NumPy and Matplotlib from `{host}`, once, which takes some seconds and a network.
What you write is kept in this browser only; *File → Download* makes a copy that is yours.
Computations take several times as long as in JupyterLab on your own machine."""


def browser_lessons(root):
    """The lessons of a checkout that need only NumPy, in order: their scripts say so in the title cell's `needs`."""
    return [lesson for lesson in map(read_lesson, lesson_paths(root)) if lesson.needs == ("numpy",)]


def browser_copy(notebook, host):
    """The student's notebook for the browser: a note for the badge, no setup for Colab, the browser's own kernel.

    `host` is where NumPy comes from. All other cells keep their ids, so that the copy can be handed in and graded.
    """
    made = copy.deepcopy(notebook)
    cells = [cell for cell in made["cells"] if cell["id"] != "colab-setup"]
    for cell in cells:
        if cell["id"] == "colab-badge":
            cell["source"] = NOTE.format(host=host).splitlines(keepends=True)
    made["cells"] = cells
    made["metadata"]["kernelspec"] = dict(KERNEL)
    return made

"""The student's own copies: new lessons are added, untouched ones renewed, changed ones left exactly as they are."""

import json
import os
import pathlib

from .build import source_digest

__all__ = ["update_workplace"]


def update_workplace(originals, work):
    """Copy each notebook of `originals` into `work` unless the student changed the copy there. Returns lines to print."""
    originals, work = pathlib.Path(originals), pathlib.Path(work)
    work.mkdir(exist_ok=True)
    lines = []
    for original in sorted(originals.glob("*.ipynb")):
        copy = work / original.name
        if not copy.exists():
            _copy(original, copy)
        elif _built(copy) != _built(original):
            if _untouched(copy):
                _copy(original, copy)
            else:
                lines.append(f"{copy.name}: your copy is kept; the course has a newer one in {originals.name}/")
    return lines


def _copy(original, copy):
    """Copy whole or not at all: a copy cut short would count as the student's from then on."""
    part = copy.with_name(copy.name + ".part")
    part.write_bytes(original.read_bytes())
    os.replace(part, copy)


def _built(path):
    """The digest that the build wrote into the notebook; None if there is none or the file cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["rnn_course"]["built"]
    except (ValueError, KeyError, TypeError):
        return None


def _untouched(path):
    """Whether the notebook's sources are those it was built with; a file that cannot be read counts as touched."""
    try:
        return _built(path) == source_digest(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False

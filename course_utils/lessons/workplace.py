"""The student's own copies: new lessons are added, untouched ones renewed, changed ones left exactly as they are."""

import json
import pathlib
import shutil

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
            shutil.copyfile(original, copy)
        elif _built(copy) != _built(original):
            if _untouched(copy):
                shutil.copyfile(original, copy)
            else:
                lines.append(f"{copy.name}: your copy is kept; the course has a newer one in {originals.name}/")
    return lines


def _built(path):
    return _metadata(path).get("built")


def _untouched(path):
    """Whether the notebook's sources are those it was built with; a file that cannot be read counts as touched."""
    try:
        return _built(path) == source_digest(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError):
        return False


def _metadata(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["rnn_course"]
    except (ValueError, KeyError, TypeError):
        return {}

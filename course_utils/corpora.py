"""Real text: what every Python installation has, what this course ships, and what it fetches, checked, when asked.

library_source(), library_documentation()      no network: program text and prose of the Python that runs this
capitals(), names()                            no network: small tables in datasets/
read_text("tiny_shakespeare"), ...             fetched once by `downloads`, checked, kept in a cache folder
"""

import csv
import importlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from course_utils.downloads import DOWNLOADS, DataChanged, DataError, DataMissing, download, read_text

__all__ = [
    "DOWNLOADS",
    "Capital",
    "DataChanged",
    "DataError",
    "DataMissing",
    "Name",
    "TaggedSentence",
    "capitals",
    "dataset_path",
    "download",
    "library_documentation",
    "library_source",
    "names",
    "read_conllu",
    "read_text",
]


class Capital(NamedTuple):
    """One line of capitals.csv."""

    country: str
    capital: str
    continent: str


class Name(NamedTuple):
    """One line of names.csv: a given name and a language in which it is at home."""

    name: str
    language: str


class TaggedSentence(NamedTuple):
    """Words and their universal part-of-speech tags, one for each word."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def library_source(n_chars: int = 1_000_000) -> str:
    """The first `n_chars` characters of Python's own library, its modules in alphabetical order.

    Only the modules at the top that are plain ASCII. The text differs a little between versions of Python.
    """
    if n_chars < 1:
        raise ValueError(f"n_chars: expected at least 1, got {n_chars}.")
    library = _library()
    pieces, length = [], 0
    files = [path for path in library.iterdir() if path.name.endswith(".py")]
    for path in sorted(files, key=lambda path: path.name):
        piece = path.read_bytes()
        if length < n_chars and piece.isascii():
            pieces.append(piece.decode("ascii").replace("\r\n", "\n"))
            length += len(pieces[-1])
    if length < n_chars:
        raise DataMissing(
            f"n_chars: this Python's library in {library} has {length} characters of ASCII source, {n_chars} were asked for; "
            "ask for fewer, or use course_utils.tasks.grammar.text(sentences)."
        )
    return "".join(pieces)[:n_chars]


def _library():
    """Where Python's own library lies: a folder, or the inside of a zip file where Python runs in a browser."""
    home = Path(os.__file__).parent
    return zipfile.Path(home) if home.is_file() else home


def library_documentation() -> str:
    """The text behind help("TOPIC") of the Python that runs this, all topics in alphabetical order: about 0.5 MB."""
    try:
        topics = importlib.import_module("pydoc_data.topics").topics
    except ImportError as error:
        raise DataMissing(
            "this Python was installed without its help topics (the module pydoc_data.topics); "
            "use course_utils.corpora.library_source(), or install Python from python.org or conda-forge."
        ) from error
    return "\n".join(topics[name] for name in sorted(topics))


def dataset_path(name: str) -> Path:
    """Where a file of datasets/ lies: beside the package in a clone, inside it once installed."""
    here = Path(__file__).resolve().parent
    places = [here / "datasets" / name, here.parent / "datasets" / name]
    for place in places:
        if place.is_file():
            return place
    raise DataMissing(f"{name} is in none of {', '.join(map(str, places))}; install the course again.")


def capitals() -> list[Capital]:
    """The 195 member and observer states of the United Nations, their capitals and continents."""
    return [Capital(*row) for row in _rows("capitals.csv")]


def names() -> list[Name]:
    """Some 1,300 given names from 25 languages, in Latin letters."""
    return [Name(*row) for row in _rows("names.csv")]


def _rows(name):
    with dataset_path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def read_conllu(path: str | os.PathLike) -> list[TaggedSentence]:
    """The sentences of a CoNLL-U file; spans of several words ("1-2") and empty nodes ("8.1") are left out."""
    with open(path, encoding="utf-8") as file:
        return list(_sentences(file, path))


def _sentences(lines, path) -> Iterator[TaggedSentence]:
    words, tags = [], []
    for number, line in enumerate([*lines, "\n"], 1):
        columns = line.rstrip("\n").split("\t")
        if line.isspace() and words:
            yield TaggedSentence(tuple(words), tuple(tags))
            words, tags = [], []
        if line.isspace() or line.startswith("#"):
            continue
        if len(columns) != 10:
            raise DataError(f"{path}, line {number}: expected 10 columns between tabs, got {len(columns)}.")
        if columns[0].isdigit():
            words.append(columns[1])
            tags.append(columns[3])

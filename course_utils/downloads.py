"""Public data sets, fetched once, checked by sha256, and kept in a cache folder; nothing of the user's is ever replaced.

    path = download("tiny_shakespeare")

The cache folder is the environment variable RNN_COURSE_DATA, or the user's cache folder of this system if it is not set.
Every address is pinned to one commit, so that everybody reads the same bytes. Offline, the error says where to put the
file by hand, and which text of the course serves instead.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import NamedTuple


class DataError(RuntimeError):
    """A text or data set cannot be had as it should be; the message says what to do."""


class DataMissing(DataError):
    """It is not there, and could not be fetched."""


class DataChanged(DataError):
    """It is there, or came, with other bytes than the course knows."""


class Download(NamedTuple):
    """A public file: where from (pinned to one commit), where to in the cache folder, and what it must be."""

    url: str
    file: str
    bytes: int
    sha256: str
    licence: str
    instead: str  # the call that serves without a network


_RAW = "https://raw.githubusercontent.com/"
_EWT = _RAW + "UniversalDependencies/UD_English-EWT/15d613d8447b3478787d4c278730a1e48a945efb/en_ewt-ud-"
_GRAMMAR = "course_utils.tasks.grammar.corpus(rng, n), sentences with exact tags"

DOWNLOADS = {
    "tiny_shakespeare": Download(
        _RAW + "karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
        "tiny_shakespeare.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "public domain",
        "course_utils.corpora.library_documentation()",
    ),
    "names": Download(
        _RAW + "karpathy/makemore/988aa59e4d8fefa526d06f3b453ad116258398d4/names.txt",
        "names.txt",
        228_145,
        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
        "MIT; US government data",
        "course_utils.corpora.names()",
    ),
    "ud_ewt_train": Download(
        _EWT + "train.conllu",
        "ud_english_ewt/en_ewt-ud-train.conllu",
        14_203_025,
        "3fb78e2b55482c8ee00caa653af436c88c9e5bc9a73ce26e4ae3ddc79d2b7e7b",
        "CC BY-SA 4.0",
        _GRAMMAR,
    ),
    "ud_ewt_dev": Download(
        _EWT + "dev.conllu",
        "ud_english_ewt/en_ewt-ud-dev.conllu",
        1_805_545,
        "531a54ff90d6ab12201c5a50c3e78e6ddac4de69abc4bce5d275d3cd29efe2b6",
        "CC BY-SA 4.0",
        _GRAMMAR,
    ),
    "ud_ewt_test": Download(
        _EWT + "test.conllu",
        "ud_english_ewt/en_ewt-ud-test.conllu",
        1_804_515,
        "e266e515a0a7547657ed3d90d9ba46487d6bd251f27ad4269d4e8a427c8555cd",
        "CC BY-SA 4.0",
        _GRAMMAR,
    ),
}


def cache_folder() -> Path:
    """Where downloads are kept: RNN_COURSE_DATA, or the user's cache folder of this system."""
    if chosen := os.environ.get("RNN_COURSE_DATA"):
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("rnn-course"))


def download(name: str) -> Path:
    """The path of a public data set, fetched at the first call; see DOWNLOADS for names, sizes and licences.

    Raises DataMissing if it can neither be found nor fetched, DataChanged if its bytes are not the known ones;
    a file that is there is never replaced or deleted.
    """
    if name not in DOWNLOADS:
        raise ValueError(f"name: expected one of {', '.join(DOWNLOADS)}, got {name!r}.")
    wanted = DOWNLOADS[name]
    path = cache_folder() / wanted.file
    if not path.exists():
        _fetch(name, wanted, path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted.sha256:
        raise DataChanged(
            f"{name}: {path} has sha256 {found}, expected {wanted.sha256}. It was left as it is; "
            f"move it away and call download({name!r}) again, or use {wanted.instead}."
        )
    return path


def _fetch(name, wanted, path):
    if sys.platform == "emscripten":
        raise DataMissing(f"{name}: Python in a browser fetches no data from elsewhere. Without it: {wanted.instead}.")
    import pooch

    pooch.get_logger().setLevel("WARNING")  # its notice would stand in a lesson's page, with a path of this machine
    try:
        pooch.retrieve(
            wanted.url,
            known_hash="sha256:" + wanted.sha256,
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=30),
        )
    except OSError as error:  # every failure of the network and of the disk, a wrong proxy setting included
        reason = type(error).__name__
        raise DataMissing(f"{name}: could not fetch {wanted.url} ({reason}). {_by_hand(wanted, path)}") from error
    except ValueError as error:
        raise DataChanged(
            f"{name}: what came from {wanted.url} does not have sha256 {wanted.sha256}, and was not kept; "
            f"a proxy or a login page may stand in between. {_by_hand(wanted, path)}"
        ) from error


def _by_hand(wanted, path):
    return (
        f"By hand: save that address as {path} ({wanted.bytes:,} bytes, sha256 {wanted.sha256}). "
        f"Without it: {wanted.instead}."
    )


def read_text(name: str) -> str:
    """The text of a download, for example read_text("tiny_shakespeare")."""
    return download(name).read_text(encoding="utf-8")

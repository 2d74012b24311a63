"""Downloads: the known bytes are found and read, other bytes refused, and without a network the error says what to do.

The real files are taken from the folder in RNN_COURSE_TEST_DATA, or from ../shared/data beside the repository;
tests that need them are skipped where there is neither. No test uses the network.
"""

import os
import shutil
import sys
from pathlib import Path

import pooch
import pytest
import requests

from course_utils.corpora import read_conllu, read_text
from course_utils.downloads import DOWNLOADS, DataChanged, DataMissing, cache_folder, download

REAL = Path(os.environ.get("RNN_COURSE_TEST_DATA") or Path(__file__).parent.parent.parent / "shared" / "data")
needs_real_data = pytest.mark.skipif(
    not all((REAL / wanted.file).is_file() for wanted in DOWNLOADS.values()),
    reason="the public data sets are not on this machine; name their folder in RNN_COURSE_TEST_DATA",
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and a network that is never there."""
    monkeypatch.setenv("RNN_COURSE_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(requests, "get", _offline)
    return tmp_path / "cache"


def _offline(*args, **kwargs):
    raise requests.exceptions.ConnectionError("no network in tests")


@pytest.fixture
def serve(monkeypatch):
    """serve(content): from now on the network delivers these bytes."""

    def start(content):
        def downloader(timeout):
            return lambda url, output_file, pooch: Path(output_file).write_bytes(content)

        monkeypatch.setattr(pooch, "HTTPDownloader", downloader)

    return start


@pytest.mark.parametrize("name", DOWNLOADS)
def test_offline_the_error_says_what_from_where_to_where_and_what_serves_instead(cache, name):
    wanted = DOWNLOADS[name]
    with pytest.raises(DataMissing) as caught:
        download(name)
    message = str(caught.value)
    for part in (name, wanted.url, str(cache / wanted.file), wanted.sha256, f"{wanted.bytes:,}", wanted.instead):
        assert part in message
    assert not (cache / wanted.file).exists()


def test_other_bytes_in_the_cache_are_refused_by_name_and_left_alone(cache):
    cache.mkdir()
    (cache / "names.txt").write_text("my own notes")
    with pytest.raises(DataChanged, match=r"names: .*names\.txt has sha256 [0-9a-f]{64}, expected 0a30b555"):
        download("names")
    assert (cache / "names.txt").read_text() == "my own notes"


def test_other_bytes_from_the_network_are_refused_and_not_kept(cache, serve):
    serve(b"<html>please log in</html>")
    with pytest.raises(DataChanged, match=r"names: what came from .* was not kept"):
        download("names")
    assert not (cache / "names.txt").exists()


@needs_real_data
def test_the_right_bytes_from_the_network_are_kept(cache, serve):
    serve((REAL / "names.txt").read_bytes())
    assert download("names") == cache / "names.txt"
    assert len(read_text("names").split()) == 32_033
    serve(b"now broken")
    assert len(read_text("names").split()) == 32_033


@needs_real_data
@pytest.mark.parametrize("name", DOWNLOADS)
def test_known_bytes_in_the_cache_are_used_without_a_network(cache, name):
    wanted = DOWNLOADS[name]
    (cache / wanted.file).parent.mkdir(parents=True)
    (cache / wanted.file).symlink_to((REAL / wanted.file).resolve())
    path = download(name)
    assert path.stat().st_size == wanted.bytes


@needs_real_data
def test_tiny_shakespeare_begins_as_it_should(cache):
    cache.mkdir()
    shutil.copy(REAL / "tiny_shakespeare.txt", cache)
    assert read_text("tiny_shakespeare").startswith("First Citizen:")


@needs_real_data
@pytest.mark.parametrize(("part", "n"), [("dev", 2001), ("test", 2077)])
def test_english_ewt_has_its_published_number_of_sentences(part, n):
    sentences = read_conllu(REAL / DOWNLOADS[f"ud_ewt_{part}"].file)
    assert len(sentences) == n
    assert all(len(sentence.words) == len(sentence.tags) > 0 for sentence in sentences)
    assert {tag for sentence in sentences for tag in sentence.tags} <= set(
        "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()  # noqa: SIM905
    )


def test_in_a_browser_nothing_is_fetched_and_the_error_says_what_serves_instead(cache, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(DataMissing, match=r"in a browser.*Without it: course_utils\."):
        read_text("tiny_shakespeare")


def test_addresses_are_pinned_to_a_commit():
    for wanted in DOWNLOADS.values():
        assert len(wanted.url.split("/")[5]) == 40 and len(wanted.sha256) == 64


def test_the_cache_folder_is_the_users_own_unless_it_is_named(monkeypatch):
    monkeypatch.delenv("RNN_COURSE_DATA", raising=False)
    assert cache_folder().name == "rnn-course"
    monkeypatch.setenv("RNN_COURSE_DATA", "~/course")
    assert cache_folder() == Path.home() / "course"


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="tiny_shakespeare, names"):
        download("shakespeare")

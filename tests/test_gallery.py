"""Texts to imitate are there without a network, made-up ones keep their rules, and columns keep their width."""

import re

import numpy as np
import pytest

from course_utils.corpora import DataMissing
from course_utils.studies import gallery
from course_utils.tasks import markup, verse


@pytest.fixture
def offline(monkeypatch):
    def missing(name):
        raise DataMissing(name)

    monkeypatch.setattr(gallery.corpora, "read_text", missing)


def test_five_kinds_of_text_without_a_network(rng, offline):
    found = gallery.texts(rng, 20_000)
    assert [t.kind for t in found] == ["verse", "Python", "C", "markup", "names"]
    assert all(5_000 < len(t.text) <= 20_001 for t in found)
    assert "no network" in found[0].origin
    assert "typedef" in found[2].text and "\\begin{" in found[3].text and "import" in found[1].text


def test_verse_is_real_where_it_can_be_had(rng, monkeypatch):
    monkeypatch.setattr(gallery.corpora, "read_text", lambda name: f"{name} " * 100)
    assert gallery.verse_or_made_up(rng, 16) == ("tiny_shakespeare", "Shakespeare, downloaded")


def test_names_come_once_each_in_an_order_from_the_generator(offline):
    one, two = (gallery.texts(np.random.default_rng(seed), 20_000)[4].text.split() for seed in (0, 1))
    assert one != two and sorted(one) == sorted(two) and len(set(one)) == len(one)


def test_columns_are_as_wide_as_said_and_cut_long_lines_instead_of_losing_them():
    shown = gallery.in_columns({"left": "abcdefghij\nk", "right": "x\ty\n\nz"}, width=4, height=4, gap="|")
    assert shown.split("\n") == ["left|righ", "----|----", "abcd|x", "efgh|y", "ij  |", "k   |z"]


def test_stanzas_have_four_lines_and_rhyme(rng):
    for _ in range(50):
        lines = verse.stanza(rng).splitlines()
        assert len(lines) == 4 and all(line[0].isupper() for line in lines)
        second, fourth = (re.findall(r"\w+", line)[-1] for line in (lines[1], lines[3]))
        assert verse.rhyme_of(second) == verse.rhyme_of(fourth) is not None and second != fourth


def test_made_up_texts_are_as_long_as_asked_and_come_from_the_generator():
    for make in (verse.verse, markup.markup):
        texts = [make(np.random.default_rng(seed), 3_000) for seed in (0, 0, 1)]
        assert len(texts[0]) == 3_000 and texts[0] == texts[1] != texts[2]
        with pytest.raises(ValueError, match="n_chars"):
            make(np.random.default_rng(0), 0)


def test_every_environment_of_the_markup_closes_and_braces_match(rng):
    text = markup.markup(rng, 60_000)
    whole = text[: text.rindex("\\section")]
    counts = markup.matching(whole)
    assert counts.opened == counts.closed == counts.closed_right > 100
    assert whole.count("{") == whole.count("}") and whole.count("$") % 2 == 0


def test_matching_sees_what_is_wrong():
    assert markup.matching("\\begin{a}\\begin{b}\\end{a}\\end{b}") == (2, 2, 1)
    assert markup.matching("\\end{a}\\begin{a}") == (1, 1, 0)


def test_a_long_line_breaks_after_a_space_where_one_is_near_and_loses_no_word():
    shown = gallery.in_columns({"verse": "one that hath always\nloved"}, width=9, height=9)
    assert shown.split("\n")[2:] == ["one that", "hath", "always", "loved"]

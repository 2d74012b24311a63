"""Random markup: well formed, of limited depth, and with a best guess that is one."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from course_utils.tasks import xml_markup


def closed(text):
    """The text up to its last complete tag, with the tags that are still open closed: something a parser can read."""
    text, open_tags = text[: text.rindex(">") + 1], []
    for slash, name in re.findall("<(/?)([a-z]+)>", text):
        open_tags.pop() if slash else open_tags.append(name)
    return "<root>" + text + "".join(f"</{name}>" for name in reversed(open_tags)) + "</root>"


def depth_of(element):
    return 1 + max(map(depth_of, element), default=0)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_parser_reads_it_and_finds_the_depth(depth, rng):
    text = xml_markup.markup(rng, 5000, depth)
    assert len(text) == 5000
    root = ElementTree.fromstring(closed(text))
    assert depth_of(root) == depth + 1
    names = {len(e.tag) for e in root.iter() if e is not root}
    assert names == set(range(2, 11))


def test_smaller_tasks_have_shorter_names_and_fewer_letters(rng):
    names = re.findall("</([a-z]+)>", xml_markup.markup(rng, 3000, longest=3, letters="xyz"))
    assert set("".join(names)) == set("xyz") and set(map(len, names)) == {2, 3}


def test_no_other_guess_is_right_more_often(rng):
    """Each kind of place, told from the text by other means, has no symbol that follows it more often than the guess."""
    text = xml_markup.markup(rng, 60_000)
    guesses = xml_markup.best_guess(text)
    after_end = np.array([c == ">" for c in text[:-1]])
    right = np.array([a == b for a, b in zip(guesses, text[1:], strict=False)])
    assert right[after_end].all()
    closing = np.zeros(len(text), bool)
    for m in re.finditer("</[a-z]+>", text):
        closing[m.start() + 1 : m.end() - 1] = True
    assert right[closing[:-1]].all(), "in a closing tag every letter is settled"
    opening = [text[k - 1] == "<" and text[k].islower() for k in range(1, len(text) - 1)]
    assert not right[1:][np.array(opening) & (np.array(list(guesses[1:-1])) == ">")].any(), "a name has two letters"


@pytest.mark.parametrize("text", ["<ab></ba>", "</ab>"])
def test_text_that_is_not_well_formed_is_refused(text):
    with pytest.raises((ValueError, IndexError)):
        xml_markup.best_guess(text + "<")


@pytest.mark.parametrize("sizes", [(0, 4), (10, 0), (1.5, 4)])
def test_sizes_below_one_are_refused(sizes, rng):
    with pytest.raises(ValueError, match="must be"):
        xml_markup.markup(rng, *sizes)

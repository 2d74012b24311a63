"""The longest verbatim run is the longest, by a search over all pieces."""

import numpy as np
import pytest

from course_utils.studies.memorisation import longest_verbatim_run


def slowly(sample, source):
    pieces = {sample[a:b] for a in range(len(sample)) for b in range(a + 1, len(sample) + 1)}
    return max((len(piece) for piece in pieces if piece in source), default=0)


@pytest.mark.parametrize("letters", ["ab", "abcd", "abcdefghijklmnop"])
def test_it_is_as_long_as_a_search_over_all_pieces_finds(rng, letters):
    for _ in range(40):
        sample, source = ("".join(rng.choice(list(letters), n)) for n in (25, 60))
        run = longest_verbatim_run(sample, source)
        assert len(run.text) == slowly(sample, source)
        assert sample[run.in_sample :].startswith(run.text) and source[run.in_source :].startswith(run.text)


def test_a_copy_is_found_whole_and_strangers_share_nothing():
    text = "to be or not to be"
    assert longest_verbatim_run(text, "he said: " + text + ".") == (text, 0, 9)
    assert longest_verbatim_run("xyz", text).text == "" == longest_verbatim_run("", text).text


def test_of_equals_the_first_one_counts():
    assert longest_verbatim_run("ab_cd", "cd ab") == ("ab", 0, 3)


def test_a_long_text_is_searched_in_little_time():
    source = "".join(np.random.default_rng(0).choice(list("abcdefgh"), 200_000))
    assert longest_verbatim_run(source[1000:1500], source).text == source[1000:1500]

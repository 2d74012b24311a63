"""Numbers and symbols are each other's inverse, and chunks never lose their place."""

import numpy as np
import pytest

from course_utils.vocabulary import Vocabulary, batches, split


def test_characters_are_numbered_in_sorted_order():
    vocabulary = Vocabulary.from_text("hello")
    assert vocabulary.symbols == ("e", "h", "l", "o")
    np.testing.assert_array_equal(vocabulary.encode("hole"), [1, 3, 2, 0])
    assert vocabulary.encode("hole").dtype == np.int64
    assert vocabulary.decode([1, 3, 2, 0]) == "hole"


def test_decode_undoes_encode_for_any_text():
    text = "naïve → “quotes”\n\ttabs"
    vocabulary = Vocabulary.from_text(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert vocabulary.decode([]) == "" and vocabulary.encode("").shape == (0,)


def test_rare_words_become_the_unknown_word():
    vocabulary = Vocabulary.from_tokens(["the", "cat", "the", "dog", "the", "cat"], min_count=2)
    assert vocabulary.symbols == ("<unk>", "cat", "the")
    assert vocabulary.decode(vocabulary.encode(["the", "bird", "cat"])) == ["the", "<unk>", "cat"]


def test_an_unknown_symbol_is_named_with_its_position():
    with pytest.raises(ValueError, match=r"'z' at position 2"):
        Vocabulary.from_text("abc").encode("abz")
    with pytest.raises(ValueError, match=r"'bird' at position 1"):
        Vocabulary.from_tokens(["cat"], unknown=None).encode(["cat", "bird"])


@pytest.mark.parametrize("ids", [[4], [-1], np.array([0, 9])])
def test_a_number_out_of_range_is_refused(ids):
    with pytest.raises(ValueError, match="from 0 to 3"):
        Vocabulary.from_text("hello").decode(ids)


def test_wrong_kinds_are_refused_by_name():
    words = Vocabulary.from_tokens(["cat"])
    with pytest.raises(TypeError, match="symbols"):
        words.encode("cat")
    with pytest.raises(TypeError, match="tokens"):
        Vocabulary.from_tokens("cat")
    with pytest.raises(TypeError, match="text"):
        Vocabulary.from_text(["cat"])
    with pytest.raises(TypeError, match="ids"):
        words.decode([0.5])
    with pytest.raises(ValueError, match="'a' more than once"):
        Vocabulary(("a", "b", "a"))


def test_a_vocabulary_cannot_be_changed():
    with pytest.raises(AttributeError):
        Vocabulary.from_text("ab").symbols = ("c",)


def test_vocabularies_with_the_same_symbols_are_equal():
    assert Vocabulary.from_text("abab") == Vocabulary.from_text("ba")
    assert len(Vocabulary.from_text("abab")) == 2 and "a" in Vocabulary.from_text("abab")


@pytest.mark.parametrize("N", [0, 1, 7, 10, 1003])
def test_the_three_parts_are_the_whole_in_order(N):
    parts = split(np.arange(N))
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(N))
    assert abs(len(parts.train) - 0.8 * N) <= 1


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.9, 0.2, 0.1), (1.2, -0.1, -0.1)])
def test_shares_that_do_not_fit_are_refused(fractions):
    with pytest.raises(ValueError, match="fractions"):
        split(np.arange(10), fractions)


@pytest.mark.parametrize(("N", "B", "T"), [(100, 3, 7), (101, 5, 4), (8, 7, 5), (50, 1, 49)])
def test_each_row_of_the_chunks_is_one_contiguous_stream(N, B, T):
    ids = np.arange(N)
    chunks = list(batches(ids, B, T))
    inputs = np.concatenate([x for x, _ in chunks])
    targets = np.concatenate([y for _, y in chunks])
    length = (N - 1) // B
    for b in range(B):
        np.testing.assert_array_equal(inputs[:, b], ids[b * length : (b + 1) * length])
    np.testing.assert_array_equal(targets, inputs + 1)
    assert all(x.shape == y.shape == (T, B) for x, y in chunks[:-1])


def test_chunks_of_bad_size_are_refused_before_the_first_chunk():
    for bad in [{"B": 0, "T": 3}, {"B": 2, "T": 0}, {"B": 9, "T": 3}]:
        with pytest.raises(ValueError, match="expected at least"):
            batches(np.arange(9), **bad)
    with pytest.raises(ValueError, match="one axis"):
        batches(np.zeros((3, 2), int), 1, 1)

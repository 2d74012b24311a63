"""Implementations with habits of their own are recognised by what they compute."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.studies import zoo

EXPECTED = {
    "Keras GRU": [("gru", "zrn")],
    "Chung et al. 2014": [("gru-before-writes", "zrn")],
    "a slide": [],
    "TensorFlow 1 LSTM": [("lstm, f + 1", "igfo")],
    "CS231n LSTM": [("lstm", "ifog")],
    "Graves 2013": [("lstm-peephole", "ifgo")],
}


@pytest.mark.parametrize("implementation", zoo.IMPLEMENTATIONS, ids=lambda i: i.name)
def test_each_is_found_in_one_form_and_one_order(implementation, rng):
    assert zoo.matches(rng, implementation) == EXPECTED[implementation.name]


@pytest.mark.parametrize("form", zoo.FORMS[3])
def test_our_own_cells_are_found_under_their_names(form, rng):
    def run(w, x):
        U, V, a, d = (np.moveaxis(m.reshape(*m.shape[:-1], 3, -1), -2, 0) for m in w[:4])
        cell = CELLS[form]
        p = (U, V, (a + [[1], [1], [0]] * d)[:, None], d[2:]) if cell.reset == "after" else (U, V, (a + d)[:, None])
        return sequence.forward(cell, cell.Params(*p), x).h

    assert zoo.matches(rng, zoo.Implementation("ours", 3, 2, False, run)) == [(form, "rzn")]


@pytest.mark.parametrize("layer, G, expected", [("GRU", 3, ("gru", "rzn")), ("LSTM", 4, ("lstm", "ifgo"))])
def test_torchs_layers_are_found(layer, G, expected, rng):
    torch = pytest.importorskip("torch")

    def run(w, x):
        rnn = getattr(torch.nn, layer)(3, 4, dtype=torch.float64)
        with torch.no_grad():
            for own, given in zip(rnn.parameters(), (w.U.T, w.V.T, w.a, w.d), strict=True):
                own.copy_(torch.from_numpy(given.copy()))
            return rnn(torch.from_numpy(x))[0].numpy()

    assert zoo.matches(rng, zoo.Implementation(layer, G, 2, False, run)) == [expected]


def test_the_table_says_which_form_and_which_not(rng):
    table = zoo.table(rng, zoo.IMPLEMENTATIONS[:3])
    assert table["Keras GRU"] == {"gru": "zrn", "gru-writes": "", "gru-before": "", "gru-before-writes": ""}
    assert not any(table["a slide"].values())


def test_a_table_in_words_names_form_and_order_or_none():
    words = zoo.in_words({"one": {"gru": "zrn", "gru-writes": ""}, "two": {"gru": "", "gru-writes": ""}})
    assert words == "one: gru in the order z r n; two: none."

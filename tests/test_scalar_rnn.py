"""The network of single numbers: its way back equals central differences and the library's."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.studies.scalar_rnn import Weights, backward, forward

W = Weights(0.6, 0.9, 1.2)
X, TARGET, H0 = np.array([1.0, -0.5, 0.8, 0.3]), np.array([0.5, -0.5, 1.0, 0.1]), 0.3


def mean_loss(w, h0=H0):
    return forward(w, X, h0, TARGET).losses.mean()


@pytest.mark.parametrize("name", W._fields)
def test_totals_equal_central_differences(name):
    def at(by):
        return mean_loss(W._replace(**{name: getattr(W, name) + by}))

    total = getattr(backward(W, forward(W, X, H0, TARGET))[-1].totals, name)
    assert abs(total - (at(1e-5) - at(-1e-5)) / 2e-5) < 1e-9


def test_last_stop_is_the_gradient_of_the_first_state():
    last = backward(W, forward(W, X, H0, TARGET))[-1]
    assert (last.node, last.t) == ("h", 0)
    assert abs(last.gradient - (mean_loss(W, H0 + 1e-5) - mean_loss(W, H0 - 1e-5)) / 2e-5) < 1e-9


def test_stops_walk_from_the_last_output_to_the_first_state():
    stops = backward(W, forward(W, X, H0, TARGET))
    assert " ".join(f"{s.node}{s.t}" for s in stops) == "y4 h4 z4 y3 h3 z3 y2 h2 z2 y1 h1 z1 h0"


def test_formula_of_each_stop_gives_its_gradient():
    for stop in backward(W, forward(W, X, H0, TARGET)):
        value = eval(stop.formula.replace("·", "*").replace("²", "**2"))
        assert abs(value - stop.gradient) < 5e-3


def test_equals_the_elman_cell_with_one_unit():
    run, cell = forward(W, X, H0, TARGET), CELLS["elman"]
    p = cell.Params(np.array([[W.w_xh]]), np.array([[W.w_hh]]), np.zeros(1))
    theirs = sequence.forward(cell, p, X[:, None, None], cell.State(np.array([[H0]])))
    np.testing.assert_allclose(theirs.h.ravel(), run.h[1:], rtol=0, atol=1e-15)
    dh = ((run.y - run.target) / 4 * W.w_hy)[:, None, None]
    back, totals = sequence.backward(cell, p, X[:, None, None], theirs, dh), backward(W, run)[-1].totals
    np.testing.assert_allclose([back.p.W_xh.item(), back.p.W_hh.item()], totals[:2], rtol=0, atol=1e-15)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="same T"):
        forward(W, X, H0, TARGET[:2])

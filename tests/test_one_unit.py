"""One unit over fifty steps: its gradient equals differences, its loss has a cliff, and clipping limits every step."""

import numpy as np
import pytest

from course_utils.studies.one_unit import TARGET, descend, edge, loss_and_gradient


@pytest.mark.parametrize(("w", "b"), [(4.8, -2.0), (5.5, -2.5), (3.0, 0.4), (-2.0, 1.0)])
@pytest.mark.parametrize("n", [1, 3, 50])
def test_gradient_equals_central_differences(w, b, n):
    _, dw, db = loss_and_gradient(w, b, n)
    e = 1e-6
    by_w = (loss_and_gradient(w + e, b, n)[0] - loss_and_gradient(w - e, b, n)[0]) / (2 * e)
    by_b = (loss_and_gradient(w, b + e, n)[0] - loss_and_gradient(w, b - e, n)[0]) / (2 * e)
    assert abs(dw - by_w) < 1e-8 and abs(db - by_b) < 1e-8


def test_one_step_is_the_formula():
    s = 1 / (1 + np.exp(-0.5))
    h = 2.0 * s - 1.0
    assert abs(loss_and_gradient(2.0, -1.0, 1)[0] - (1 / (1 + np.exp(-h)) - TARGET) ** 2) < 1e-15


def test_arrays_give_what_numbers_give():
    w, b = np.array([4.0, 5.0]), np.array([[-2.0], [-2.5], [-3.0]])
    many = loss_and_gradient(w, b)
    assert many[0].shape == (3, 2)
    one = loss_and_gradient(5.0, -2.5)
    assert all(abs(m[1, 1] - o) < 1e-15 for m, o in zip(many, one, strict=True))


def test_the_loss_has_a_cliff_where_the_pull_changes():
    b = np.array([-2.62, -2.60])
    low, high = loss_and_gradient(5.0, b)[0]
    assert low > 0.3 and high < 0.05
    assert np.abs(loss_and_gradient(5.0, np.linspace(-2.62, -2.60, 401))[2]).max() > 30


def test_clipping_limits_every_step_and_nothing_else():
    free, clipped = descend(4.8, -2.0, 0.5, 40), descend(4.8, -2.0, 0.5, 40, clip=0.5)
    assert free.at.shape == (41, 2) and free.loss.shape == (41,) and free.norm.shape == (40,)
    moves = np.linalg.norm(np.diff(clipped.at, axis=0), axis=1)
    assert moves.max() <= 0.5 * 0.5 + 1e-12
    short = clipped.norm <= 0.5
    assert np.allclose(moves[short], 0.5 * clipped.norm[short], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(np.diff(free.at, axis=0), axis=1), 0.5 * free.norm, rtol=1e-9)
    _, *g = loss_and_gradient(*free.at[0])
    assert np.allclose(free.at[1], free.at[0] - 0.5 * np.array(g), rtol=0, atol=1e-15)


def test_the_edge_is_where_the_loss_changes_most():
    w = np.array([4.5, 5.0, 6.0])
    at = edge(w)
    assert at.shape == (3,)
    below, above = loss_and_gradient(w, at - 1e-3)[0], loss_and_gradient(w, at + 1e-3)[0]
    assert (below > 0.15).all() and (above < 0.06).all()
    assert abs(edge(5.0) - at[1]) < 1e-12

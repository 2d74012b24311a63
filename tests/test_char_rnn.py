"""The classic character network: its gradients are the library's, and its start is what the docstring says."""

import numpy as np
import pytest

from course_utils.exercises.char_rnn import chunk_loss
from course_utils.studies.char_rnn import chunk_gradients, in_library, start, zeros


def chunk(rng, T, B, V, H):
    w = start(rng, V, H, scale=0.6, dtype=np.float64)
    w = w._replace(b_h=rng.standard_normal(H), b_y=rng.standard_normal(V))
    return w, rng.integers(0, V, (T, B)), rng.integers(0, V, (T, B)), rng.uniform(-0.9, 0.9, (B, H))


@pytest.mark.parametrize("T, B, V, H", [(7, 2, 6, 5), (1, 3, 4, 2), (40, 1, 3, 4), (4, 4, 4, 4)])
def test_loss_and_gradients_are_those_of_the_language_model(rng, T, B, V, H):
    w, inputs, targets, h0 = chunk(rng, T, B, V, H)
    loss, p, h = chunk_loss(w, inputs, targets, h0)
    model, params = in_library(w)
    expected, grads, last = model.loss_and_gradients(params, inputs, targets, model.cell.State(h0))
    assert loss == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(h[-1], last.h, rtol=0, atol=1e-12)
    ours = chunk_gradients(w, inputs, targets, h0, p, h)
    for a, b in zip(ours, (*grads.cell, grads.W_hy, grads.b_y), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


def test_gradients_change_nothing_and_keep_float32(rng):
    w, inputs, targets, h0 = chunk(rng, 5, 2, 6, 3)
    w, h0 = type(w)(*(a.astype(np.float32) for a in w)), h0.astype(np.float32)
    _, p, h = chunk_loss(w, inputs, targets, h0)
    before = [a.copy() for a in (*w, p, h, h0)]
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    assert all(g.dtype == np.float32 and g.shape == a.shape for g, a in zip(grads, w, strict=True))
    for a, b in zip((*w, p, h, h0), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_start_is_small_normal_numbers_and_zero_biases(rng):
    w = start(rng, V=40, H=60)
    assert [a.shape for a in w] == [(40, 60), (60, 60), (60,), (60, 40), (40,)]
    assert all(a.dtype == np.float32 for a in w)
    for matrix in (w.W_xh, w.W_hh, w.W_hy):
        assert abs(matrix.mean()) < 1e-3 and matrix.std() == pytest.approx(0.01, rel=0.1)
    assert not w.b_h.any() and not w.b_y.any()
    assert not any(a.any() for a in zeros(w))

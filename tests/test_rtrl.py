"""Real-time recurrent learning gives the gradients of backpropagation through time."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.studies import rtrl

ELMAN = CELLS["elman"]


@pytest.mark.parametrize("T, B, D, H", [(7, 2, 3, 5), (1, 2, 3, 5), (40, 1, 2, 4), (3, 4, 1, 1)])
def test_forward_mode_equals_the_way_back(rng, T, B, D, H):
    p, x, h0 = ELMAN.init(rng, D, H), rng.standard_normal((T, B, D)), rng.standard_normal((B, H))
    dh = rng.standard_normal((T, B, H))
    run = sequence.forward(ELMAN, p, x, ELMAN.State(h0))
    back = sequence.backward(ELMAN, p, x, run, dh).p
    for ours, theirs in zip(rtrl.gradients(p, x, h0, dh), back, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_nothing_given_is_changed(rng):
    p, x, h0, dh = ELMAN.init(rng, 3, 5), *(rng.standard_normal(s) for s in ((7, 2, 3), (2, 5), (7, 2, 5)))
    given = [x, h0, dh, *p]
    before = [a.copy() for a in given]
    rtrl.gradients(p, x, h0, dh)
    for a, b in zip(given, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_gradient_of_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match="dh must be"):
        rtrl.gradients(ELMAN.init(rng, 3, 5), np.zeros((7, 2, 3)), np.zeros((2, 5)), np.zeros((7, 5)))


def test_costs_are_those_of_a_count_by_hand():
    assert rtrl.sensitivity_size(2, 3) == 6 * 3 * 3
    assert rtrl.products_forward(4, 2, 3) == 4 * (6 * 3) * 3 * 3  # 18 rows of S times a 3 × 3 matrix, four times
    assert rtrl.products_back(4, 2, 3) == 4 * (9 + 9 + 6 + 6)

"""Difference schemes have the order of error that they claim."""

import numpy as np
import pytest

from course_utils.finite_differences import error, estimate


def loss(w):
    return np.sum(w**3)


@pytest.fixture
def w(rng):
    return rng.uniform(0.5, 1.5, (3, 2))


@pytest.mark.parametrize(
    "scheme, offset", [("forward", lambda w: 0.3 * w + 0.01), ("central", lambda w: 0.01), ("complex", lambda w: -0.01)]
)
def test_error_on_a_cube_is_the_one_of_the_formula(w, scheme, offset):
    found = estimate(loss, w, 0.1, scheme)
    np.testing.assert_allclose(found, 3 * w**2 + offset(w), rtol=0, atol=1e-12)


def test_complex_step_is_exact_to_rounding_however_small_the_step(w):
    assert error(loss, w, 3 * w**2, 1e-100, "complex") < 1e-15


def test_too_small_a_step_ruins_a_difference_and_float32_earlier(w):
    assert error(loss, w, 3 * w**2, 1e-14) > 1e-3
    assert error(loss, w, 3 * w**2, 1e-5, dtype=np.float32) > 1e3 * error(loss, w, 3 * w**2, 1e-5)


def test_weights_are_not_changed(w):
    before = w.copy()
    estimate(loss, w, 1e-5)
    np.testing.assert_array_equal(w, before)


@pytest.mark.parametrize("bad, word", [({"scheme": "backward"}, "scheme"), ({"eps": 0}, "eps")])
def test_bad_input_is_named(w, bad, word):
    with pytest.raises(ValueError, match=word):
        estimate(loss, w, **{"eps": 1e-5, **bad})

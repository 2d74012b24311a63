"""Calls on a tape that were shortened leave every array as the whole calls would, whoever reads it."""

import numpy as np
import pytest

from course_utils.sequence import ahead
from course_utils.sequence.tape import Tape

G, H = 3, 5


def recorded(rng, B, read_again=()):
    """A tape with a stack of products (G, B, H), their sum over the stack, and twice the products if asked for."""
    tape, rows, stack = Tape(), rng.standard_normal((G, B, H)), rng.standard_normal((G, H, H))
    products = tape.reading(rows) @ tape.reading(stack)
    found = {"sum": products.sum(axis=0), "products": products}
    if "twice" in read_again:
        found["twice"] = products * 2
    tape.bind([products] if "products" in read_again else [])
    return tape, rows, stack, {name: a.view(np.ndarray) for name, a in found.items()}


@pytest.mark.parametrize("B", [1, 2])
@pytest.mark.parametrize("read_again", ["", "twice", "products"])
def test_the_sum_of_a_stack_of_products_and_all_that_is_read_is_right_at_replay(rng, B, read_again):
    tape, rows, stack, found = recorded(rng, B, [read_again])
    rows[:] = rng.standard_normal(rows.shape)
    tape.replay()
    np.testing.assert_allclose(found["sum"], (rows @ stack).sum(axis=0), rtol=1e-12)
    if read_again == "twice":
        np.testing.assert_allclose(found["twice"], 2 * (rows @ stack), rtol=1e-12)
    if read_again == "products":
        np.testing.assert_allclose(found["products"], rows @ stack, rtol=1e-12)


def test_single_rows_that_nobody_reads_again_are_one_product(rng):
    assert np.matmul in [call for call, _ in recorded(rng, 1, ["twice"])[0].calls]
    assert np.matmul not in [call for call, _ in recorded(rng, 1)[0].calls]


def test_only_operations_that_need_nothing_but_what_is_given_are_independent(rng):
    tape, given, later = Tape(), rng.standard_normal((2, H)), rng.standard_normal((2, H))
    a, b = tape.reading(given), tape.reading(later)
    slope = a * (1 - a)  # operations 0 and 1
    b * slope  # 2 waits for b
    slope.sum(axis=0)  # 3 is no operation by element
    np.maximum(slope, 0.1)  # 4
    assert ahead.independent(tape, [given]) == {0, 1, 4}

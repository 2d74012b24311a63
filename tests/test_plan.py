"""A plan computes what the plain sequence computes, and only what it can repeat is ever planned."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.params import as_dtype, named_arrays
from course_utils.sequence.plan import Plan, Plans, _Plain
from course_utils.sequence.tape import NotRecordable, Tape

PLANNED = [CELLS[name] for name in ("elman", "elman-relu", "elman-identity", "lstm")]
every_cell = pytest.mark.parametrize("cell", PLANNED, ids=str)


def inputs(cell, rng, T, B, D, H):
    p = cell.init(rng, D, H)
    state = cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values()))
    d_last = cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values()))
    return p, rng.standard_normal((T, B, D)), state, rng.standard_normal((T, B, H)), d_last


def assert_same(a, b):
    ours, theirs = named_arrays(a), named_arrays(b)
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array is None if theirs[name] is None else np.allclose(array, theirs[name], rtol=1e-12, atol=1e-12), name


@every_cell
@pytest.mark.parametrize("T, B, D, H", [(7, 2, 3, 5), (1, 2, 3, 5), (2, 1, 1, 1), (40, 3, 4, 2)])
def test_a_plan_equals_the_plain_computation_again_and_again(cell, rng, T, B, D, H):
    plan = Plan(cell, cell.init(rng, D, H), T, B)
    for _ in range(3):
        p, x, state, dh, d_last = inputs(cell, rng, T, B, D, H)
        run = sequence.forward(cell, p, x, state)
        assert_same(plan.forward(p, x, state), run)
        assert_same(plan.backward(x, dh, d_last), sequence.backward(cell, p, x, run, dh, d_last))


@every_cell
def test_a_plan_reads_tokens_by_row_and_starts_at_zero(cell, rng):
    p, tokens = cell.init(rng, 4, 5), rng.integers(0, 4, (7, 2))
    plan = Plan(cell, p, 7, 2)
    plan.forward(p, rng.integers(0, 4, (7, 2)), cell.State(*(np.ones((2, 5)) for _ in cell.State._fields)))
    run = sequence.forward(cell, p, tokens)
    assert_same(plan.forward(p, tokens), run)
    dh = rng.standard_normal((7, 2, 5))
    assert_same(plan.backward(tokens, dh), sequence.backward(cell, p, tokens, run, dh))


@every_cell
def test_a_plan_changes_nothing_that_it_is_given_and_keeps_float32(cell, rng):
    p, x, state, dh, d_last = inputs(cell, rng, 7, 2, 3, 5)
    p, state, d_last = (as_dtype(record, np.float32) for record in (p, state, d_last))
    x, dh = x.astype(np.float32), dh.astype(np.float32)
    given = [*p, x, *state, dh, *d_last]
    before = [a.copy() for a in given]
    plan = Plan(cell, p, 7, 2)
    made = [*named_arrays((plan.forward(p, x, state), plan.backward(x, dh, d_last))).values()]
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    assert {a.dtype for a in made} == {np.dtype(np.float32)}


def test_gradients_of_a_plan_are_the_callers_to_keep(rng):
    cell = CELLS["lstm"]
    p, x, state, dh, d_last = inputs(cell, rng, 7, 2, 3, 5)
    plan = Plan(cell, p, 7, 2)
    plan.forward(p, x, state)
    back = plan.backward(x, dh, d_last)
    kept = {name: a.copy() for name, a in named_arrays(back).items()}
    plan.forward(p, 2 * x, state)
    plan.backward(2 * x, 3 * dh, d_last)
    assert all(np.array_equal(a, kept[name]) for name, a in named_arrays(back).items())


class Copies(type(CELLS["elman"])):
    """An Elman cell that does what no tape can see: it copies."""

    def step(self, p, u, state):
        return super().step(p, np.array(u), state)


class Sorts(type(CELLS["elman"])):
    """An Elman cell that uses a function which a tape does not know."""

    def step(self, p, u, state):
        return super().step(p, np.sort(u), state)


@pytest.mark.parametrize("kind", [Copies, Sorts])
def test_what_cannot_be_repeated_is_refused_and_then_runs_plainly(kind, rng):
    cell = kind()
    p, x, state, dh, d_last = inputs(cell, rng, 7, 2, 3, 5)
    with pytest.raises(NotRecordable):
        Plan(cell, p, 7, 2)
    plain = of_second_time(Plans(cell), p, x)
    assert isinstance(plain, _Plain)
    run = sequence.forward(cell, p, x, state)
    assert_same(plain.forward(p, x, state), run)
    assert_same(plain.backward(x, dh, d_last), sequence.backward(cell, p, x, run, dh, d_last))


def of_second_time(plans, p, x):
    plans.of(p, x)
    return plans.of(p, x)


def test_plans_are_made_once_per_size_and_only_a_few_are_kept(rng):
    cell = CELLS["elman"]
    p, plans = cell.init(rng, 3, 5), Plans(cell, most=2)
    first = of_second_time(plans, p, np.zeros((7, 2, 3)))
    assert plans.of(p, np.ones((7, 2, 3))) is first
    assert of_second_time(plans, p, np.ones((4, 2, 3))) is not first
    of_second_time(plans, p, np.ones((5, 2, 3)))
    assert len(plans.plans) == 2


def test_a_size_that_comes_once_is_not_planned(rng):
    cell = CELLS["elman"]
    p, plans = cell.init(rng, 3, 5), Plans(cell)
    assert isinstance(plans.of(p, np.zeros((7, 2, 3))), _Plain)
    assert isinstance(plans.of(p, np.zeros((6, 2, 3))), _Plain)
    assert isinstance(plans.of(p, np.zeros((7, 2, 3))), Plan)


def test_another_size_is_refused_by_name(rng):
    cell = CELLS["elman"]
    p = cell.init(rng, 3, 5)
    with pytest.raises(ValueError, match=r"this plan is for T, B = 7, 2, got x of shape \(6, 2, 3\)"):
        Plan(cell, p, 7, 2).forward(p, np.zeros((6, 2, 3)))


def test_a_tape_repeats_operations_on_what_its_arrays_hold_by_now(rng):
    tape, a, b = Tape(), np.ones((2, 3)), np.full(3, 2.0)
    ra, rb = tape.reading(a), tape.reading(b)
    result = np.stack([np.tanh(ra * rb), ra[::-1] + 1], axis=1).sum(axis=0).T
    a[:] = rng.standard_normal((2, 3))
    tape.replay()
    expected = np.stack([np.tanh(a * b), a[::-1] + 1], axis=1).sum(axis=0).T
    assert np.array_equal(np.asarray(result), expected)


def test_parts_of_a_stack_are_written_in_place_unless_somebody_else_holds_them(rng):
    tape, a = Tape(), rng.standard_normal((2, 3))
    ra = tape.reading(a)
    free, held = ra * 2, ra + 1
    later = np.stack([free, held, free]) * 1 + free
    tape.settle(0, [held, later])
    a[:] = rng.standard_normal((2, 3))
    tape.replay()
    held, later = (r.view(np.ndarray) for r in (held, later))
    assert np.array_equal(held, a + 1)
    assert np.array_equal(later, np.stack([2 * a, a + 1, 2 * a]) + 2 * a)
    assert len(tape.calls) == 5


@pytest.mark.parametrize("late", [False, True])
def test_a_result_is_written_over_an_array_only_when_that_has_been_read(rng, late):
    tape, u, w = Tape(), rng.standard_normal(3), rng.standard_normal(3)
    reading_u, reading_w = tape.reading(u), tape.reading(w)
    if late:  # the new result is there before the old array is read for the last time
        new = np.tanh(reading_w)
        product = reading_u * 2.0
    else:
        product = reading_u * 2.0
        new = np.tanh(reading_w)
    tape.write_over(u, new)
    given, w[:] = rng.standard_normal(3), rng.standard_normal(3)
    u[:] = given
    tape.replay()
    assert np.array_equal(np.asarray(product), 2 * given)
    assert np.array_equal(u, np.tanh(w))

"""A stepper goes through tokens as the plain computation does, for every cell, or says that it cannot."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.embedding import OneHot
from course_utils.params import as_dtype
from course_utils.sequence.stepper import Stepper
from course_utils.sequence.tape import NotRecordable

V, H = 4, 6
PLANNED = [CELLS[name] for name in ("elman", "elman-relu", "elman-identity", "lstm", "gru")]


def problem(cell, rng):
    p = cell.init(rng, V, H)
    state = cell.State(*(rng.standard_normal((1, *s)) for s in cell.state_shapes(H).values()))
    return p, state, rng.integers(0, V, 9)


@pytest.mark.parametrize("cell", PLANNED, ids=str)
def test_steps_equal_the_plain_sequence(cell, rng):
    p, state, tokens = problem(cell, rng)
    expected = sequence.forward(cell, p, tokens[:, None], state)
    stepper = Stepper(cell, p, OneHot(np.arange(V), V), state)
    for token, h in zip(tokens, expected.h, strict=True):
        assert np.allclose(stepper.step(token), [*h[0], 1], rtol=1e-12, atol=1e-12)
    for ours, theirs in zip(stepper.state, expected.last, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_nothing_given_is_changed_and_float32_stays(rng):
    cell = CELLS["lstm"]
    p, state, tokens = problem(cell, rng)
    p, state = as_dtype(p, np.float32), as_dtype(state, np.float32)
    before = [a.copy() for a in (*p, *state)]
    stepper = Stepper(cell, p, OneHot(np.arange(V), V), state)
    assert {stepper.step(token).dtype for token in tokens} == {np.dtype(np.float32)}
    assert all(map(np.array_equal, (*p, *state), before))


class Copies(type(CELLS["elman"])):
    """An Elman cell that does what no tape can see: it copies."""

    def step(self, p, u, state):
        return super().step(p, np.array(u), state)


class Swaps(type(CELLS["lstm"])):
    """An LSTM that hands its two states on in each other's place, so that neither can be written over first."""

    def step(self, p, u, state):
        after, trace = super().step(p, u, state)
        return after._replace(h=state.c + 0, c=state.h), trace


@pytest.mark.parametrize("cell", [Copies(), Swaps()])
def test_what_cannot_be_repeated_is_refused(cell, rng):
    p, state, _ = problem(cell, rng)
    with pytest.raises(NotRecordable):
        Stepper(cell, p, OneHot(np.arange(V), V), state)

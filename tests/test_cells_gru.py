"""The forms of the GRU: which of them are one model, which are two, and how they meet."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS, GRU

T, B, D, H = 7, 2, 3, 5
every_reset = pytest.mark.parametrize("reset", ["after", "before"])
every_z = pytest.mark.parametrize("z", ["keeps", "writes"])


def problem(cell, rng, H=H):
    return cell.init(rng, D, H), rng.standard_normal((T, B, D)), cell.State(rng.standard_normal((B, H)))


def with_row(stack, k, row):
    """A copy of a stack of gates in which gate k is another."""
    stack = stack.copy()
    stack[k] = row
    return stack


def z_negated(p):
    return p._replace(**{name: with_row(a, 1, -a[1]) for name, a in p._asdict().items() if name != "b_hn"})


@every_reset
def test_the_two_readings_of_z_are_one_model_with_the_sign_of_z_turned(reset, rng):
    keeps, writes = GRU(reset, "keeps"), GRU(reset, "writes")
    p, x, state = problem(keeps, rng)
    dh = rng.standard_normal((T, B, H))
    run, other = sequence.forward(keeps, p, x, state), sequence.forward(writes, z_negated(p), x, state)
    assert np.abs(run.h - other.h).max() < 1e-14
    assert np.abs(run.trace.z + other.trace.z - 1).max() < 1e-14
    back = sequence.backward(keeps, p, x, run, dh)
    mirrored = sequence.backward(writes, z_negated(p), x, other, dh)
    for ours, theirs in zip(back.p, z_negated(mirrored.p), strict=True):
        assert np.abs(ours - theirs).max() < 1e-13
    assert np.abs(back.x - mirrored.x).max() < 1e-13
    assert np.abs(sequence.forward(writes, p, x, state).h - run.h).max() > 0.01


@every_z
def test_before_equals_after_where_nothing_is_reset(z, rng):
    before, after = GRU("before", z), GRU("after", z)
    p, x, state = problem(before, rng)
    open_r = p._replace(b=with_row(p.b, 0, 1000.0))
    expected = sequence.forward(before, open_r, x, state)
    found = sequence.forward(after, after.Params(*open_r, b_hn=np.zeros((1, H))), x, state)
    assert np.all(expected.trace.r == 1)
    assert np.array_equal(expected.h, found.h)


@every_z
def test_before_differs_from_after_as_soon_as_units_mix(z, rng):
    before, after = GRU("before", z), GRU("after", z)
    for size, same in [(1, True), (H, False)]:
        p, x, state = problem(before, rng, size)
        found = sequence.forward(after, after.Params(*p, b_hn=np.zeros((1, size))), x, state)
        assert (np.abs(sequence.forward(before, p, x, state).h - found.h).max() < 1e-14) == same


def test_the_candidates_two_biases_are_one_only_where_nothing_is_reset(rng):
    cell = CELLS["gru"]
    p, x, state = problem(cell, rng)
    for r_bias, same in [(1000.0, True), (0.0, False)]:
        apart = p._replace(b=with_row(p.b, 0, r_bias))
        joined = apart._replace(b=with_row(apart.b, 2, p.b[2] + p.b_hn), b_hn=np.zeros((1, H)))
        distance = np.abs(sequence.forward(cell, apart, x, state).h - sequence.forward(cell, joined, x, state).h).max()
        assert (distance < 1e-14) == same


@every_z
def test_reset_before_equals_the_published_equations_unit_by_unit(z, rng):
    cell = GRU("before", z)
    p, x, state = problem(cell, rng)
    found, h = sequence.forward(cell, p, x, state).h, state.h
    expected = np.empty((T, B, H))
    for t, b in np.ndindex(T, B):
        a = [[x[t, b] @ p.W_x[k, :, j] + p.b[k, 0, j] for j in range(H)] for k in range(3)]
        r, update = ([sigmoid(a[k][j] + h[b] @ p.W_h[k, :, j]) for j in range(H)] for k in (0, 1))
        for j in range(H):
            candidate = np.tanh(a[2][j] + sum(r[i] * h[b, i] * p.W_h[2, i, j] for i in range(H)))
            old, new = (h[b, j], candidate) if z == "keeps" else (candidate, h[b, j])
            expected[t, b, j] = update[j] * old + (1 - update[j]) * new
        h = with_row(h, b, expected[t, b])
    assert np.abs(found - expected).max() < 1e-14


def test_a_kept_state_lasts_a_thousand_steps(rng):
    cell = CELLS["gru"]
    p, _, state = problem(cell, rng)
    p = p._replace(b=with_row(p.b, 1, 1000.0))
    run = sequence.forward(cell, p, rng.standard_normal((1000, B, D)), state)
    assert np.array_equal(run.last.h, state.h)


def test_unknown_forms_are_refused():
    with pytest.raises(ValueError, match="reset must be one of after, before, got 'never'"):
        GRU("never")
    with pytest.raises(ValueError, match="z must be one of keeps, writes, got 'forgets'"):
        GRU(z="forgets")


def test_torch_without_biases_and_forms_that_torch_does_not_have(rng):
    torch = pytest.importorskip("torch")
    from course_utils.cells.gru_torch import from_torch, to_torch

    with pytest.raises(ValueError, match="p must hold b_hn"):
        to_torch(GRU("before").init(rng, D, H))
    p = from_torch(torch.nn.GRU(D, H, bias=False))
    assert not p.b.any()
    assert not p.b_hn.any()
    CELLS["gru"].check_params(p)

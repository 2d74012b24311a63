"""sLSTM and mLSTM: the stabiliser changes no output, and without it they are the published recurrences."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS, MLSTM, SLSTM

BOTH = pytest.mark.parametrize("name", ["slstm", "slstm-exp", "mlstm", "mlstm-exp"])


def forget(name, a):
    return np.exp(a) if name.endswith("exp") else sigmoid(a)


@pytest.mark.parametrize("name", ["slstm", "slstm-exp"])
def test_slstm_equals_the_recurrence_without_stabiliser(rng, name):
    cell = CELLS[name]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((9, 2, 3))
    h, c, n = np.zeros((3, 2, 5))
    for x_t, h_t in zip(x, sequence.forward(cell, p, x).h, strict=True):
        i, f, z, o = x_t @ p.W_x + h @ p.W_h + p.b
        c = forget(name, f) * c + np.exp(i) * np.tanh(z)
        n = forget(name, f) * n + np.exp(i)
        h = sigmoid(o) * c / n
        assert np.max(np.abs(h - h_t)) < 1e-12


@pytest.mark.parametrize("name", ["mlstm", "mlstm-exp"])
def test_mlstm_equals_the_recurrence_without_stabiliser(rng, name):
    cell = CELLS[name]
    p, x = cell.init(rng, 3, 5), 3 * rng.standard_normal((9, 1, 3))
    C, n = np.zeros((5, 5)), np.zeros(5)
    bounded = []
    for x_t, h_t in zip(x[:, 0], sequence.forward(cell, p, x).h[:, 0], strict=True):
        q, k, v, o = (x_t @ W + b[0] for W, b in zip(p.W_x, p.b, strict=True))
        i, f = (x_t @ W[:, 0] + b[0, 0] for W, b in zip(p.W_g, p.b_g, strict=True))
        C = forget(name, f) * C + np.exp(i) * np.outer(v, k / np.sqrt(5))
        n = forget(name, f) * n + np.exp(i) * k / np.sqrt(5)
        bounded.append(abs(n @ q) < 1)
        assert np.max(np.abs(sigmoid(o) * (C @ q) / max(abs(n @ q), 1) - h_t)) < 1e-12
    assert any(bounded)
    assert not all(bounded)  # both sides of the maximum have been seen


@BOTH
def test_outputs_do_not_depend_on_where_the_stabiliser_starts(rng, name):
    cell = CELLS[name]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3))
    state = cell.State(*(0.5 + rng.random((2, *s)) for s in cell.state_shapes(5).values()))
    scaled = {field: np.exp(-3) * getattr(state, field) for field in state._fields if field in "cCn"}
    moved = state._replace(**scaled, m=state.m + 3)  # the same memory, written with another m
    run, other = sequence.forward(cell, p, x, state), sequence.forward(cell, p, x, moved)
    assert np.max(np.abs(run.h - other.h)) < 1e-12
    dh = rng.standard_normal(run.h.shape)
    back, back_other = sequence.backward(cell, p, x, run, dh), sequence.backward(cell, p, x, other, dh)
    for a, b in zip(back.p, back_other.p, strict=True):
        assert np.max(np.abs(a - b)) < 1e-10


@BOTH
def test_input_gates_far_beyond_the_largest_float_stay_finite(rng, name):
    cell = CELLS[name]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3))
    bias = "b" if name.startswith("s") else "b_g"
    shift = np.zeros_like(getattr(p, bias))
    shift[0] = 1000  # exp(1000) is infinite
    p = p._replace(**{bias: getattr(p, bias) + shift})
    run = sequence.forward(cell, p, x)
    back = sequence.backward(cell, p, x, run, np.ones_like(run.h))
    assert all(np.isfinite(a).all() for a in (run.h, *run.last, *back.p, back.x))


def test_output_of_slstm_is_a_weighted_mean_of_its_candidates(rng):
    cell = CELLS["slstm"]
    p, x = cell.init(rng, 3, 5), rng.standard_normal((200, 2, 3))
    trace = sequence.forward(cell, p, x).trace
    mean = trace.c / trace.n
    assert (mean <= np.maximum.accumulate(trace.z) + 1e-12).all()
    assert (mean >= np.minimum.accumulate(trace.z) - 1e-12).all()


@pytest.mark.parametrize("kind", [SLSTM, MLSTM])
def test_unknown_forget_gate_is_named(kind):
    with pytest.raises(ValueError, match="forget must be one of sigmoid, exp, got 'tanh'"):
        kind("tanh")

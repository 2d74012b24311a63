"""The LSTM family: each variant against the plain LSTM, the peephole LSTM, or one big matrix."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS
from course_utils.cells.lstm_family import LSTMVariant
from course_utils.cells.lstm_variants import VARIANTS, Variant
from course_utils.gradcheck import gradient_check
from course_utils.params import number_of_parameters

T, B, D, H = 7, 2, 3, 5
ALWAYS_OPEN = 1000.0


def problem(cell, rng):
    state = cell.State(*(rng.standard_normal((B, H)) for _ in cell.State._fields))
    return cell.init(rng, D, H), rng.standard_normal((T, B, D)), state


def with_rows(stack, rows):
    """A copy of a stack in which some entries of the first axis, by number, are others."""
    stack = stack.copy()
    for k, row in rows.items():
        stack[k] = row
    return stack


def opened(p, gates, k):
    """The parameters with gate k held at 1 whatever it hears."""
    g = gates.index(k)
    shut_off = {name: with_rows(getattr(p, name), {g: 0}) for name in ("W_x", "W_h")}
    if hasattr(p, "P"):
        shut_off["P"] = with_rows(p.P, {"ifo".index(k): 0})
    return p._replace(b=with_rows(p.b, {g: ALWAYS_OPEN}), **shut_off)


def without(p, gates, k):
    """The parameters of the variant that does not have gate k."""
    kept = [g for g in range(4) if gates[g] != k]
    parts = [p.W_x[kept], p.W_h[kept], p.b[kept]]
    return [*parts, p.P[[j for j in range(3) if "ifo"[j] != k]]] if hasattr(p, "P") else parts


@pytest.mark.parametrize("name", ["lstm-np", "lstm-b"])
def test_without_peepholes_it_is_the_plain_lstm(name, rng):
    cell, plain = CELLS[name], CELLS["lstm"]
    p, x, state = problem(cell, rng)
    dh = rng.standard_normal((T, B, H))
    run, expected = sequence.forward(cell, p, x, state), sequence.forward(plain, p, x, state)
    assert np.array_equal(run.h, expected.h)
    ours, theirs = sequence.backward(cell, p, x, run, dh), sequence.backward(plain, p, x, expected, dh)
    for a, b in zip((*ours.p, ours.x, *ours.state), (*theirs.p, theirs.x, *theirs.state), strict=True):
        assert np.abs(a - b).max() < 1e-13


def test_peepholes_of_zero_and_gate_recurrence_of_zero_change_nothing(rng):
    p, x, state = problem(CELLS["lstm-fgr"], rng)
    p = p._replace(R=np.zeros_like(p.R))
    found = sequence.forward(CELLS["lstm-fgr"], p, x, state)
    peephole = CELLS["lstm-peephole"]
    expected = sequence.forward(peephole, peephole.Params(*p[:4]), x, peephole.State(*state[:2]))
    assert np.array_equal(found.h, expected.h)
    blind = sequence.forward(peephole, peephole.Params(*p[:3], np.zeros_like(p.P)), x, peephole.State(*state[:2]))
    plain = CELLS["lstm"]
    seeing_nothing = sequence.forward(plain, plain.Params(*p[:3]), x, plain.State(*state[:2]))
    assert np.array_equal(blind.h, seeing_nothing.h)
    assert np.abs(blind.h - expected.h).max() > 0.01


@pytest.mark.parametrize(
    "name, whole, k",
    [
        ("lstm-nig", "lstm-peephole", "i"),
        ("lstm-nfg", "lstm-peephole", "f"),
        ("lstm-nog", "lstm-peephole", "o"),
        ("lstm-i", "lstm-np", "i"),
        ("lstm-f", "lstm-np", "f"),
        ("lstm-o", "lstm-np", "o"),
    ],
)
def test_a_missing_gate_is_a_gate_that_is_always_open(name, whole, k, rng):
    cell, whole = CELLS[name], CELLS[whole]
    p, x, state = problem(whole, rng)
    found = sequence.forward(cell, cell.Params(*without(p, whole.gates, k)), x, state)
    expected = sequence.forward(whole, opened(p, whole.gates, k), x, state)
    assert np.all(getattr(found.trace, k) == 1)
    assert np.abs(found.h - expected.h).max() < 1e-14
    assert np.abs(sequence.forward(whole, p, x, state).h - found.h).max() > 0.01


def test_coupled_gates_add_up_to_one_and_equal_a_forget_gate_with_the_opposite_weights(rng):
    cell, whole = CELLS["lstm-cifg"], CELLS["lstm-peephole"]
    p, x, state = problem(cell, rng)
    found = sequence.forward(cell, p, x, state)
    assert np.array_equal(found.trace.f, 1 - found.trace.i)
    twice = {name: np.insert(a, 1, -a[0], axis=0) for name, a in p._asdict().items()}
    expected = sequence.forward(whole, whole.Params(**twice), x, state)
    assert np.abs(found.h - expected.h).max() < 1e-14


def test_without_an_activation_the_candidate_and_the_output_are_linear(rng):
    cell = CELLS["lstm-niaf"]
    p, x, state = problem(cell, rng)
    run = sequence.forward(cell, p, x, state)
    assert np.abs(run.trace.g - (x @ p.W_x[2] + p.b[2] + run.trace.h_prev @ p.W_h[2])).max() < 1e-14
    run = sequence.forward(CELLS["lstm-noaf"], p, x, state)
    assert np.array_equal(run.h, run.trace.o * run.trace.c)


def test_full_gate_recurrence_is_one_big_matrix_with_diagonal_blocks_for_the_peepholes(rng):
    cell = CELLS["lstm-fgr"]
    p, x, state = problem(cell, rng)
    none = np.zeros((H, H))
    W = {
        k: np.vstack([p.W_x[g], p.W_h[g], *([*p.R[:, j], np.diag(p.P[j, 0])] if k != "g" else [none] * 4)])
        for g, (k, j) in enumerate([("i", 0), ("f", 1), ("g", None), ("o", 2)])
    }
    b = dict(zip("ifgo", p.b, strict=True))
    run = sequence.forward(cell, p, x, state)
    h, c, i, f, o = state
    for t in range(T):
        seen = [x[t], h, i, f, o]
        i, f = (sigmoid(np.hstack([*seen, c]) @ W[k] + b[k]) for k in "if")
        c = f * c + i * np.tanh(np.hstack([*seen, c]) @ W["g"] + b["g"])
        o = sigmoid(np.hstack([*seen, c]) @ W["o"] + b["o"])
        h = o * np.tanh(c)
        assert np.abs(run.h[t] - h).max() < 1e-14
    for ours, expected in zip(run.last, (h, c, i, f, o), strict=True):
        assert np.abs(ours - expected).max() < 1e-14


def test_the_forget_bias_starts_at_one_and_all_else_as_it_would(rng):
    b, np_ = (CELLS[name].init(np.random.default_rng(5), D, H) for name in ("lstm-b", "lstm-np"))
    assert np.all(b.b[1] == 1)
    assert np.array_equal(with_rows(b.b, {1: np_.b[1]}), np_.b)
    assert all(np.array_equal(one, other) for one, other in zip(b[:2], np_[:2], strict=True))
    chosen = CELLS["lstm-b"].init(rng, D, H, b=lambda rng, shape: np.zeros(shape), dtype=np.float32).b
    assert not chosen.any()
    assert CELLS["lstm-b"].init(rng, D, H, dtype=np.float32).b.dtype == np.float32


def test_a_missing_gate_has_no_parameters(rng):
    size = {name: number_of_parameters(CELLS[name].init(rng, D, H)) for name in VARIANTS}
    gate = (D + H + 1) * H
    assert size["lstm-np"] == size["lstm-b"] == number_of_parameters(CELLS["lstm"].init(rng, D, H)) == 4 * gate
    assert size["lstm-peephole"] == size["lstm-niaf"] == size["lstm-noaf"] == 4 * gate + 3 * H
    assert size["lstm-nig"] == size["lstm-nfg"] == size["lstm-nog"] == size["lstm-cifg"] == 3 * gate + 2 * H
    assert size["lstm-i"] == size["lstm-f"] == size["lstm-o"] == 3 * gate
    assert size["lstm-fgr"] == 4 * gate + 3 * H + 9 * H**2


@pytest.mark.parametrize(
    "variant",
    [
        Variant("g"),
        Variant("ig", psi="identity"),
        Variant("igo", coupled=True, phi="relu"),
        Variant("go", peepholes=False),
    ],
)
def test_switches_of_your_own_keep_the_gradient_right(variant, rng):
    cell = LSTMVariant("mine", variant)
    p, x, state = problem(cell, rng)
    dh = rng.standard_normal((T, B, H))
    back = sequence.backward(cell, p, x, sequence.forward(cell, p, x, state), dh)
    report = gradient_check(lambda p: np.sum(sequence.forward(cell, p, x, state).h * dh), p, back.p)
    assert report.ok, str(report)


@pytest.mark.parametrize(
    "variant, message",
    [
        (Variant("ogfi"), "gates must be some of i, f, g, o in this order"),
        (Variant("ifo"), "with g among them"),
        (Variant(coupled=True), "a coupled variant takes f from i"),
        (Variant("go", coupled=True), "a coupled variant takes f from i"),
        (Variant("igo", forget_bias=1.0), "forget_bias needs the gate f"),
        (Variant("igo", gate_recurrence=True), "full gate recurrence needs all gates"),
        (None, "name must be one of lstm-peephole, .* got 'mine'"),
    ],
)
def test_switches_that_do_not_go_together_are_refused(variant, message):
    with pytest.raises(ValueError, match=message):
        LSTMVariant("mine", variant)

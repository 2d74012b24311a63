"""Dropout and zoneout: one mask for a sequence, right expectations, right gradients, and refusals."""

import itertools

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, LSTM, Elman
from course_utils.cells.carry import Carry
from course_utils.cells.hm_lstm import HMLSTM
from course_utils.cells.recurrent_dropout import RecurrentDropout
from course_utils.gradcheck import gradient_check
from course_utils.sequence import masking, noise

T, B, D, H = 7, 2, 3, 5
HIDES = ["elman", "elman-relu", "elman-identity", "lstm", "lstm-fgr", "lstm-cifg", "lstm-layer-norm", "nas", "slstm"]
HANDS_ON = ["gru", "gru-before-writes", "mut1", "mgu", "rhn", "min-gru"]


def problem(cell, rng):
    """Parameters, input, first state, gradients at the outputs and at the last state."""
    state, d_last = (
        cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values())) for _ in range(2)
    )
    if "n" in cell.State._fields:
        state = state._replace(n=0.5 + np.abs(state.n))
    return cell.init(rng, D, H), rng.standard_normal((T, B, D)), state, rng.standard_normal((T, B, H)), d_last


def assert_gradients_are_right(wrapped, p, x, state, dh, d_last):
    """The hand gradient equals autograd through the twin, and central differences."""
    torch = pytest.importorskip("torch")
    from course_utils.sequence.loop_torch import Recurrent

    run = sequence.forward(wrapped, p, x, state)
    back = sequence.backward(wrapped, p, x, run, dh, d_last)
    leaf = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, *state)]
    twin = Recurrent(wrapped, p)
    h, last = twin(leaf[0], wrapped.State(*leaf[1:]))
    sum((a * torch.from_numpy(d)).sum() for a, d in zip((h, *last), (dh, *d_last), strict=True)).backward()
    assert np.abs(run.h - h.detach().numpy()).max() < 1e-12
    for ours, theirs in zip((*back.p, back.x, *back.state), (*twin.parameters(), *leaf), strict=True):
        assert np.max(np.abs(ours - theirs.grad.numpy()) / (1 + np.abs(ours))) < 1e-10

    def loss(p):
        run = sequence.forward(wrapped, p, x, state)
        return np.sum(run.h * dh) + sum(np.sum(a * b) for a, b in zip(run.last, d_last, strict=True))

    report = gradient_check(loss, p, back.p, entries=20, rng=np.random.default_rng(3))
    assert report.ok, str(report)


@pytest.mark.parametrize("name", HIDES)
def test_variational_dropout_has_the_right_gradient(name, rng):
    cell = CELLS[name]
    parts = problem(cell, rng)
    if name == "elman-relu":
        parts = (parts[0]._replace(b_h=parts[0].b_h + 0.1), *parts[1:])  # away from the kink
    assert_gradients_are_right(noise.variational(rng, cell, B, H, 0.4), *parts)


@pytest.mark.parametrize("name", [*HIDES, *HANDS_ON])
@pytest.mark.parametrize("expected", [False, True])
def test_zoneout_has_the_right_gradient(name, expected, rng):
    cell = CELLS[name]
    wrapped = noise.zoneout_expected(cell, T, B, 0.3) if expected else noise.zoneout(rng, cell, T, B, H, 0.3)
    assert_gradients_are_right(wrapped, *problem(cell, rng))


def test_both_together_have_the_right_gradient(rng):
    cell = LSTM()
    inside = noise.variational(rng, cell, B, H, 0.4)
    both = noise.zoneout(rng, inside, T, B, H, {"h": 0.2, "c": 0.5})
    assert_gradients_are_right(both, *problem(cell, rng))
    assert_gradients_are_right(noise.zoneout(rng, both, T, B, H, 0.3), *problem(cell, rng))
    with pytest.raises(ValueError, match="put dropout around the plain cell, then zoneout around that"):
        noise.variational(rng, both, B, H, 0.4)


def test_noise_and_padding_go_together(rng):
    cell = LSTM()
    p, x, state, _, _ = problem(cell, rng)
    wrapped = noise.zoneout(rng, noise.variational(rng, cell, B, H, 0.4), T, B, H, {"h": 0.2, "c": 0.5})
    padded, whole = masking.forward(wrapped, p, x, [4, 7], state), sequence.forward(wrapped, p, x, state)
    assert np.array_equal(padded.h[:4], whole.h[:4]) and np.array_equal(padded.h[:, 1], whole.h[:, 1])
    assert np.array_equal(padded.last.h[0], whole.h[3, 0]) and not padded.h[4:, 0].any()


def test_variational_dropout_hides_the_same_units_at_all_steps(rng):
    cell = LSTM()
    p, x, state, _, _ = problem(cell, rng)
    wrapped = noise.variational(rng, cell, B, H, 0.4)
    run = sequence.forward(wrapped, p, x, state)
    for b in range(B):  # a hidden unit is a row of W_h that is 0, for this sequence
        alone = p._replace(W_h=p.W_h * wrapped.mask[b][:, None])
        plain = sequence.forward(cell, alone, x[:, b : b + 1], type(state)(*(a[b : b + 1] for a in state)))
        assert np.abs(run.h[:, b : b + 1] - plain.h).max() < 1e-12


def test_dropout_masks_are_one_on_average_and_zero_as_often_as_asked(rng):
    m = noise.dropout_mask(rng, (1000, 100), 0.3, np.float32)
    assert m.dtype == np.float32 and set(np.unique(m)) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs(m.mean() - 1) < 0.01 and abs((m == 0).mean() - 0.3) < 0.01
    assert (noise.dropout_mask(rng, (T, B), 0) == 1).all()


def test_what_variational_dropout_hides_is_right_on_average(rng):
    cell, p_drop, n = Elman("identity"), 0.4, 3
    p, h = cell.init(rng, D, n), rng.standard_normal((1, n))
    u, mean = cell.project(p, rng.standard_normal((1, D))), 0
    for hidden in itertools.product((0, 1), repeat=n):
        weight = np.prod([p_drop if a else 1 - p_drop for a in hidden])
        wrapped = RecurrentDropout(cell, (1 - np.array([hidden])) / (1 - p_drop))
        mean = mean + weight * wrapped.step(p, u, cell.State(h))[0].h
    assert np.abs(mean - cell.step(p, u, cell.State(h))[0].h).max() < 1e-14


def test_the_expected_step_of_zoneout_is_the_mean_over_all_masks(rng):
    cell, d, n = LSTM(), {"h": 0.1, "c": 0.6}, 2
    p, x = cell.init(rng, D, n), rng.standard_normal((1, 1, D))
    state, mean = cell.State(rng.standard_normal((1, n)), rng.standard_normal((1, n))), 0
    for keep in itertools.product((0, 1), repeat=2 * n):
        keep = np.array(keep).reshape(2, 1, 1, n)
        weight = np.prod(np.where(keep, *(np.reshape([s(d["h"]), s(d["c"])], (2, 1, 1, 1)) for s in (float, left))))
        mean = mean + weight * np.array(sequence.forward(Carry(cell, keep), p, x, state).last)
    expected = sequence.forward(noise.zoneout_expected(cell, 1, 1, d), p, x, state).last
    assert np.abs(mean - np.array(expected)).max() < 1e-14


def left(share):
    return 1 - share


def test_zoneout_is_the_published_step_of_an_lstm(rng):
    p, x, state, _, _ = problem(LSTM(), rng)
    wrapped = noise.zoneout(rng, LSTM(), T, B, H, {"h": 0.3, "c": 0.5})
    run, (h, c) = sequence.forward(wrapped, p, x, state), state
    for t in range(T):
        new, _ = LSTM().step(
            p, LSTM().project(p, x[t]), state._replace(h=h, c=c)
        )  # h of the new c: o ⊙ tanh(f c' + i g)
        h, c = (np.where(keep[t], old, s) for keep, old, s in zip(wrapped.keep, (h, c), new, strict=True))
        assert np.abs(run.h[t] - h).max() < 1e-14
    assert np.abs(run.last.c - c).max() < 1e-14


def test_zoneout_keeps_each_field_as_often_as_asked_and_bit_by_bit(rng):
    cell, T = LSTM(), 400
    p, x = cell.init(rng, D, H), rng.standard_normal((T, B, D))
    run = sequence.forward(noise.zoneout(rng, cell, T, B, H, {"c": 0.6}), p, x)
    kept = np.mean(run.trace.c_prev[1:] == np.concatenate([run.trace.c_prev[2:], run.last.c[None]]))
    assert abs(kept - 0.6) < 0.03
    assert np.mean(run.h[1:] == run.h[:-1]) < 0.01  # h is not named, so it is always new


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_no_zoneout_is_the_cell_itself_and_full_zoneout_never_moves(name, rng):
    cell = CELLS[name]
    p, x, state, dh, _ = problem(cell, rng)
    plain = sequence.forward(cell, p, x, state)
    for wrapped in (noise.zoneout(rng, cell, T, B, H, 0), noise.zoneout_expected(cell, T, B, 0)):
        assert np.array_equal(sequence.forward(wrapped, p, x, state).h, plain.h)
    still = noise.zoneout(rng, cell, T, B, H, 1)
    run = sequence.forward(still, p, x, state)
    assert np.array_equal(run.h, np.broadcast_to(state.h, run.h.shape))
    back = sequence.backward(still, p, x, run, dh)
    assert np.abs(back.state.h - dh.sum(axis=0)).max() < 1e-12 and not back.x.any()


def test_float32_stays(rng):
    cell = LSTM()
    p, x = cell.init(rng, D, H, dtype=np.float32), rng.standard_normal((T, B, D)).astype(np.float32)
    for wrapped in (noise.zoneout(rng, cell, T, B, H, 0.3), noise.variational(rng, cell, B, H, 0.3)):
        run = sequence.forward(wrapped, p, x)
        back = sequence.backward(wrapped, p, x, run, np.ones_like(run.h))
        assert {a.dtype for a in (run.h, *run.last, *back.p, back.x, *back.state)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", HANDS_ON)
def test_cells_that_hand_their_output_on_refuse_variational_dropout(name, rng):
    with pytest.raises(ValueError, match=r"hands h' itself on, which dropout would destroy; use noise\.zoneout"):
        noise.variational(rng, CELLS[name], B, H, 0.4)


def test_an_hm_lstm_of_any_depth_is_refused_too(rng):
    for L in (2, 3, 5):
        with pytest.raises(ValueError, match="hands h' itself on"):
            noise.variational(rng, HMLSTM(L), B, 2 * L, 0.4)


def test_what_does_not_fit_is_named(rng):
    with pytest.raises(ValueError, match="p is a probability below 1, got 1"):
        noise.dropout_mask(rng, (B, H), 1)
    with pytest.raises(ValueError, match="gru has no state c; it has h"):
        noise.zoneout(rng, CELLS["gru"], T, B, H, {"c": 0.5})
    with pytest.raises(ValueError, match=r"from 0 to 1, got 1\.5"):
        noise.zoneout_expected(CELLS["gru"], T, B, 1.5)

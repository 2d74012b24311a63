"""The HM-LSTM: its three operations, its straight-through gradient, and what its boundaries let through."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import lstm
from course_utils.cells.hm_layer import hm_layer
from course_utils.cells.hm_lstm import HMLSTM, State, annealed_slope
from course_utils.gradcheck import gradient_check
from course_utils.initialisers import zeros
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import as_dtype
from course_utils.sequence import masking

SIZES = [(3, 7, 2, 4, 6), (2, 7, 3, 1, 10), (1, 7, 2, 3, 5), (4, 1, 2, 3, 8), (3, 200, 2, 4, 15), (3, 7, 1, 2, 3)]
every_size = pytest.mark.parametrize("L, T, B, D, H", SIZES)


def problem(rng, L=3, T=7, B=2, D=4, H=6, slope=1.0):
    """A cell, and all that its backward pass needs; boundaries of the first state are on or off."""
    cell = HMLSTM(L, slope)
    state, d_last = (State(*rng.standard_normal((2, B, H)), rng.standard_normal((B, L))) for _ in range(2))
    state = state._replace(z=(state.z > 0).astype(float))
    p = cell.init(rng, D, H, initialise=lambda rng, shape: 0.8 * rng.standard_normal(shape), b=zeros)
    return cell, p, rng.standard_normal((T, B, D)), state, rng.standard_normal((T, B, H)), d_last


def boundary_bias(p, *a_z):
    """Parameters whose boundaries depend on nothing: layer l's is on if a_z[l] > 0."""
    W = [np.array(w) for w in p]
    for w in W:
        w[..., -1] = 0
    W[-1][:, -1] = a_z
    return type(p)(*W)


def units(a, L):
    """a (..., H) as (..., L, K)."""
    return a.reshape(*a.shape[:-1], L, -1)


@every_size
@pytest.mark.parametrize("slope", [1.0, 3.0])
def test_hand_gradient_is_the_straight_through_gradient_of_autograd(rng, L, T, B, D, H, slope):
    torch = pytest.importorskip("torch")
    from course_utils.sequence.loop_torch import Recurrent

    cell, p, x, state, dh, d_last = problem(rng, L, T, B, D, H, slope)
    run = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, run, dh, d_last)
    twin = Recurrent(cell, p)
    leaf = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, *state)]
    h, last = twin(leaf[0], State(*leaf[1:]))
    sum((a * torch.from_numpy(d)).sum() for a, d in zip((h, *last), (dh, *d_last), strict=True)).backward()
    assert np.abs(run.h - h.detach().numpy()).max() < 1e-12
    assert all(np.array_equal(np.unique(a), np.unique(a.round())) for a in (run.last.z, last.z.detach().numpy()))
    for ours, theirs in zip((*back.p, back.x, *back.state), (*twin.parameters(), *leaf), strict=True):
        theirs = np.zeros(ours.shape) if theirs.grad is None else theirs.grad.numpy()  # one layer has none between
        assert ours.shape == theirs.shape
        assert np.max(np.abs(ours - theirs) / (1 + np.abs(theirs)), initial=0) < 1e-10


def test_both_values_of_every_boundary_occur_in_these_tests(rng):
    cell, p, x, state, _, _ = problem(rng, T=200)
    z = sequence.forward(cell, p, x, state).trace.z
    assert ((z.mean(axis=(0, 1)) > 0.1) & (z.mean(axis=(0, 1)) < 0.9)).all()


@pytest.mark.parametrize("a_z", [(5, -5, 5), (-5, 5, 5), (5, 5, 5), (-5, -5, -5)])
def test_with_boundaries_that_nothing_moves_it_passes_the_gradient_check(rng, a_z):
    cell, p, x, state, dh, d_last = problem(rng)
    p = boundary_bias(p, *a_z)

    def loss(p):
        run = sequence.forward(cell, p, x, state)
        return np.sum(run.h * dh) + sum(np.sum(a * b) for a, b in zip(run.last, d_last, strict=True))

    run = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, run, dh, d_last).p
    assert all(not w[..., -1].any() for w in back), "z̃ is saturated"
    report = gradient_check(loss, p, back)
    assert report.ok, str(report)


@pytest.mark.parametrize("L, H", [(3, 24), (1, 4), (2, 10)])
def test_equals_the_published_cases_one_sequence_and_layer_at_a_time(rng, L, H):
    cell, p, x, state, _, _ = problem(rng, L, 60, 2, 4, H)
    p.b[:, :-1] = rng.standard_normal(p.b[:, :-1].shape) / 2
    run, sigmoid, K, seen = sequence.forward(cell, p, x, state), (lambda v: 1 / (1 + np.exp(-v))), H // L, set()
    for b in range(2):
        h, c, z = [*units(state.h[b], L)], [*units(state.c[b], L)], [*state.z[b]]
        for t in range(60):
            h_prev, c_prev, z_prev = list(h), list(c), list(z)
            for k in range(L):
                a = (
                    h_prev[k] @ p.W_h[k]
                    + p.b[k]
                    + (x[t, b] @ p.W_x if k == 0 else z[k - 1] * (h[k - 1] @ p.W_up[k - 1]))
                )
                if k < L - 1 and z_prev[k]:
                    a = a + h_prev[k + 1] @ p.W_down[k]
                i, f, g, o = sigmoid(a[:K]), sigmoid(a[K : 2 * K]), np.tanh(a[2 * K : 3 * K]), sigmoid(a[3 * K : 4 * K])
                z[k] = float(min(max((a[-1] + 1) / 2, 0), 1) > 0.5)
                below = k == 0 or z[k - 1]
                case = "flush" if z_prev[k] else "update" if below else "copy"
                seen.add((k, case))
                if case != "copy":
                    c[k] = i * g if case == "flush" else f * c_prev[k] + i * g
                    h[k] = o * np.tanh(c[k])
            assert np.abs(units(run.h[t, b], L) - np.array(h)).max() < 1e-12
            assert run.trace.z[t, b].tolist() == z
    assert len(seen) == 3 * L - 1, "all three cases in every layer, but no copy in the first"


def one_layer(rng, z_prev, z_below, a_z=0.3):
    """h, c, z of a layer of 5 units, and what went in: h', c' and the gates i, f, g, o."""
    a, h_prev, c_prev = rng.standard_normal((2, 21)), *rng.standard_normal((2, 2, 5))
    a[:, -1] = a_z
    h, c, z, trace = hm_layer(a, h_prev, c_prev, np.full((2, 1), z_prev), np.full((2, 1), z_below), 1.0)
    return h, c, z, h_prev, c_prev, trace


def test_copy_keeps_memory_and_output_exactly(rng):
    h, c, _, h_prev, c_prev, _ = one_layer(rng, 0.0, 0.0)
    assert np.array_equal(h, h_prev) and np.array_equal(c, c_prev)


def test_update_is_an_lstm_step(rng):
    h, c, _, _, c_prev, t = one_layer(rng, 0.0, 1.0)
    assert np.array_equal(c, t.f * c_prev + t.i * t.g)
    assert np.array_equal(h, t.o * np.tanh(c))


@pytest.mark.parametrize("z_below", [0.0, 1.0])
def test_flush_forgets_all_and_begins_anew(rng, z_below):
    h, c, _, _, _, t = one_layer(rng, 1.0, z_below)
    assert np.array_equal(c, t.i * t.g)
    assert np.array_equal(h, t.o * np.tanh(c))


@pytest.mark.parametrize("a_z, soft, z", [(-2, 0, 0), (-0.5, 0.25, 0), (0, 0.5, 0), (0.5, 0.75, 1), (2, 1, 1)])
def test_the_boundary_is_a_step_over_a_hard_sigmoid(rng, a_z, soft, z):
    *_, found, _, _, trace = one_layer(rng, 0.0, 1.0, a_z)
    assert (trace.z_soft == soft).all() and (found == z).all()


def test_upper_layers_stand_still_between_boundaries_for_a_thousand_steps(rng):
    cell, p, x, state, _, _ = problem(rng, T=1000)
    p = boundary_bias(p, -1, 1, 1)
    state = state._replace(z=np.zeros_like(state.z))
    run = sequence.forward(cell, p, x, state)
    h, c = units(run.h, 3), units(run.last.c, 3)
    assert np.array_equal(h[0, :, 1], units(state.h, 3)[:, 1])  # layer 2 copies; its own boundary is on from here
    quiet = sequence.forward(cell, boundary_bias(p, -1, -1, -1), x, state)
    assert np.array_equal(units(quiet.h, 3)[:, :, 1:], np.broadcast_to(units(state.h, 3)[:, 1:], h[:, :, 1:].shape))
    assert np.array_equal(units(quiet.last.c, 3)[:, 1:], units(state.c, 3)[:, 1:])
    assert not np.array_equal(c, units(quiet.last.c, 3))


def test_without_boundaries_layer_one_is_an_lstm(rng):
    cell, p, x, state, _, _ = problem(rng)
    p, state = boundary_bias(p, -1, -1, -1), state._replace(z=np.zeros_like(state.z))
    assert np.abs(units(sequence.forward(cell, p, x, state).h, 3)[:, :, 0] - lstm_of(p, x, state)).max() < 1e-12


def test_with_all_boundaries_layer_one_forgets_and_hears_from_above(rng):
    cell, p, x, state, _, _ = problem(rng)
    p, state = boundary_bias(p, 1, 1, 1), state._replace(z=np.ones_like(state.z))
    run = sequence.forward(cell, p, x, state)
    h, before = units(run.h, 3), units(run.trace.h_prev, 3)
    a = x @ p.W_x + before[:, :, 0] @ p.W_h[0] + before[:, :, 1] @ p.W_down[0] + p.b[0]
    i, _, g, o = np.moveaxis(a[..., :-1].reshape(7, 2, 4, 2), 2, 0)
    sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    assert np.abs(h[:, :, 0] - sigmoid(o) * np.tanh(sigmoid(i) * np.tanh(g))).max() < 1e-12
    changed = sequence.forward(cell, p._replace(W_up=p.W_up + 1), x, state)
    assert not np.allclose(units(changed.h, 3)[0, :, 1], h[0, :, 1])


def lstm_of(p, x, state):
    """h (T, B, K) of a plain LSTM with the weights of layer 1."""
    K = p.W_h.shape[1]
    gates = lambda W: W[:, :-1].reshape(len(W), 4, K).swapaxes(0, 1)  # noqa: E731
    plain = lstm.Params(gates(p.W_x), gates(p.W_h[0]), gates(p.b[:1]))
    first = lstm.State(state.h[:, :K], state.c[:, :K])
    return sequence.forward(lstm.LSTM(), plain, x, first).h


def test_a_single_layer_without_boundaries_is_an_lstm(rng):
    cell, p, x, state, _, _ = problem(rng, L=1, H=5)
    p, state = boundary_bias(p, -1), state._replace(z=np.zeros_like(state.z))
    assert np.abs(sequence.forward(cell, p, x, state).h - lstm_of(p, x, state)).max() < 1e-12


def test_nothing_comes_down_or_goes_up_where_there_is_no_boundary(rng):
    cell, p, x, state, _, _ = problem(rng)
    p, state = boundary_bias(p, -1, -1, -1), state._replace(z=np.zeros_like(state.z))
    h = sequence.forward(cell, p, x, state).h
    other = p._replace(W_up=p.W_up + 1, W_down=p.W_down - 1)
    assert np.array_equal(sequence.forward(cell, boundary_bias(other, -1, -1, -1), x, state).h, h)


def test_a_steeper_slope_moves_no_boundary_and_scales_the_gradient_of_one(rng):
    torch = pytest.importorskip("torch")
    from course_utils.cells.hm_layer_torch import hm_layer as twin

    a = 0.1 * torch.from_numpy(rng.standard_normal((2, 21))).requires_grad_()
    rest = [torch.from_numpy(rng.standard_normal((2, 5))) for _ in range(2)], [torch.ones(2, 1).double()] * 2
    grads, z = [], []
    for slope in (1.0, 3.0):
        *_, found, _ = twin(a, *rest[0], *rest[1], slope)
        grads.append(torch.autograd.grad(found.sum(), a, retain_graph=True)[0])
        z.append(found)
    assert torch.equal(*z) and torch.equal(3 * grads[0], grads[1])
    assert grads[0][:, -1].tolist() == [0.5, 0.5] and not grads[0][:, :-1].any()


def test_the_slope_is_annealed_from_one_to_five():
    assert [annealed_slope(epoch) for epoch in (0, 25, 100, 1000)] == [1, 2, 5, 5]


def test_tokens_carried_state_padding_and_float32(rng):
    cell, p, x, state, dh, _ = problem(rng)
    whole = sequence.forward(cell, p, x, state)
    first = sequence.forward(cell, p, x[:3], state)
    assert np.array_equal(sequence.forward(cell, p, x[3:], first.last).h, whole.h[3:])
    padded = masking.forward(cell, p, x, [3, 7], state)
    assert np.array_equal(padded.last.c[0], first.last.c[0]) and np.array_equal(padded.h[:, 1], whole.h[:, 1])
    tokens = rng.integers(0, 4, (7, 2))
    by_token, by_row = (sequence.forward(cell, p, a) for a in (tokens, np.eye(4)[tokens]))
    assert np.abs(by_token.h - by_row.h).max() < 1e-12
    given = [as_dtype(p, np.float32), as_dtype(state, np.float32), x.astype(np.float32), dh.astype(np.float32)]
    before = [a.copy() for part in given for a in (part if isinstance(part, tuple) else [part])]
    run = sequence.forward(cell, given[0], given[2], given[1])
    back = sequence.backward(cell, given[0], given[2], run, given[3])
    assert {a.dtype for a in (run.h, *run.last, *run.trace, *back.p, back.x, *back.state)} == {np.dtype(np.float32)}
    after = [a for part in given for a in (part if isinstance(part, tuple) else [part])]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_language_model_learns_with_it(rng):
    model = RecurrentLanguageModel(HMLSTM(2), V=4, H=8)
    params, tokens = model.init(rng), np.tile(rng.integers(0, 4, (4, 1)), (5, 3))
    losses = []
    for _ in range(60):
        loss, grads, _ = model.loss_and_gradients(params, tokens[:-1], tokens[1:])
        losses.append(loss)
        params = step(params, grads)
    assert losses[-1] < 0.5 * losses[0]


def step(params, grads):
    from course_utils.params import tree_map

    return tree_map(lambda w, g: w - g, params, grads)


def test_what_does_not_fit_is_named(rng):
    with pytest.raises(ValueError, match="H must be a multiple of the L = 3 layers, which share it evenly, got 5"):
        HMLSTM().init(rng, 4, 5)
    with pytest.raises(ValueError, match="L, the number of layers, must be a whole number of at least 1, got 0"):
        HMLSTM(0)
    with pytest.raises(ValueError, match=r"slope must be above 0, got -1\.0"):
        HMLSTM(slope=-1.0)
    cell, p, x, state, _, _ = problem(rng)
    with pytest.raises(ValueError, match=r"hm-lstm: W_h must have shape \(3, 2, 9\) for D = 4, H = 6"):
        sequence.forward(cell, p._replace(W_h=p.W_h[:2]), x, state)

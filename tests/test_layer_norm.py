"""Layer normalisation equals torch's, and the cells that hold it have the properties it is used for."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.cells.layer_norm import normalise, normalise_backward

T, B, D, H = 7, 2, 3, 5
CELL = CELLS["lstm-layer-norm"]
NORMED = [CELL, CELLS["gru-layer-norm"]]


@pytest.mark.parametrize("shape, axes", [((B, H), -1), ((T, B, H), -1), ((4, B, H), (0, -1)), ((B, 1), -1)])
def test_normalise_equals_torchs_layer_norm(rng, shape, axes):
    torch = pytest.importorskip("torch")
    a, dy = 3 + 2 * rng.standard_normal(shape), rng.standard_normal(shape)
    y, scale = normalise(a, axes)
    da = normalise_backward(dy, y, scale, axes)
    ta = torch.from_numpy(a).requires_grad_()
    moved = ta.movedim(0, 1) if axes == (0, -1) else ta  # torch takes the last axes only
    ty = torch.nn.functional.layer_norm(moved, moved.shape[1:] if axes == (0, -1) else moved.shape[-1:])
    ty = ty.movedim(1, 0) if axes == (0, -1) else ty
    (ty * torch.from_numpy(dy)).sum().backward()
    assert np.abs(y - ty.detach().numpy()).max() < 1e-12
    assert np.abs(da - ta.grad.numpy()).max() < 1e-10


def test_equals_the_published_equations_built_from_torchs_layer_norm(rng):
    torch = pytest.importorskip("torch")
    norm = torch.nn.functional.layer_norm
    p = CELL.init(rng, D, H, gain_x=gain, gain_h=gain, gain_c=gain)
    x = rng.standard_normal((T, B, D))
    W_x, W_h, b, gain_x, gain_h, gain_c, b_c = map(torch.from_numpy, p)
    W_x, W_h = (w.permute(1, 0, 2).reshape(-1, 4 * H) for w in (W_x, W_h))  # one matrix for all gates, as published
    b, gain_x, gain_h = (a.reshape(4 * H) for a in (b, gain_x, gain_h))
    h = c = torch.zeros(B, H, dtype=torch.float64)
    for x_t, ours in zip(torch.from_numpy(x), sequence.forward(CELL, p, x).h, strict=True):
        s = norm(h @ W_h, (4 * H,), gain_h, b) + norm(x_t @ W_x, (4 * H,), gain_x)
        i, f, g, o = s.chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(norm(c, (H,), gain_c[0], b_c[0]))
        assert np.abs(ours - h.numpy()).max() < 1e-12


def test_the_normalised_gru_equals_the_published_equations_up_to_the_sign_of_z(rng):
    torch = pytest.importorskip("torch")
    norm, cell = torch.nn.functional.layer_norm, CELLS["gru-layer-norm"]
    p = cell.init(rng, D, H, gain_x=gain, gain_h=gain)
    x = rng.standard_normal((T, B, D))
    sign = np.array([1.0, -1.0, 1.0])[:, None, None]  # their z writes, ours keeps
    theirs = p._replace(b=sign * p.b, gain_x=sign * p.gain_x, gain_h=sign * p.gain_h)
    W_x, W_h, b, b_hn, gain_x, gain_h = map(torch.from_numpy, theirs)
    h, no_bias = torch.zeros(B, H, dtype=torch.float64), torch.zeros(2 * H, dtype=torch.float64)
    for x_t, ours in zip(torch.from_numpy(x), sequence.forward(cell, p, x).h, strict=True):
        rz = (norm(torch.cat([*(v @ W[:2])], 1), (2 * H,), g[:2].reshape(-1), no_bias)
              for v, W, g in ((h, W_h, gain_h), (x_t, W_x, gain_x)))  # fmt: skip
        r, z = torch.sigmoid(sum(rz) + b[:2].reshape(-1)).chunk(2, dim=-1)
        past = norm(h @ W_h[2], (H,), gain_h[2, 0], b_hn[0])
        n = torch.tanh(norm(x_t @ W_x[2], (H,), gain_x[2, 0], b[2, 0]) + r * past)
        h = (1 - z) * h + z * n
        assert np.abs(ours - h.numpy()).max() < 1e-12


def gain(rng, shape):
    return rng.uniform(0.5, 2, shape)


@pytest.mark.parametrize("cell", NORMED, ids=str)
def test_weights_and_inputs_on_any_scale_give_the_same_output(cell, rng):
    p, x = cell.init(rng, D, H), 10 * rng.standard_normal((T, B, D))
    h = sequence.forward(cell, p, x).h
    larger = p._replace(W_x=100 * p.W_x, W_h=100 * p.W_h)
    assert np.abs(sequence.forward(cell, larger, 100 * x).h - h).max() < 1e-2  # not 0, because of ε where h is small
    plain = CELLS[cell.name.removesuffix("-layer-norm")]
    q = plain.init(rng, D, H)
    plain_h = [sequence.forward(plain, q._replace(W_x=s * q.W_x, W_h=s * q.W_h), s * x).h for s in (1, 100)]
    assert np.abs(plain_h[0] - plain_h[1]).max() > 0.1


def test_the_memory_itself_is_not_normalised_and_can_keep(rng):
    p = CELL.init(rng, D, H)
    b = np.zeros_like(p.b)
    b[0], b[1] = -1000.0, 1000.0  # nothing is written, all is kept
    state = CELL.State(rng.standard_normal((B, H)), rng.standard_normal((B, H)))
    run = sequence.forward(CELL, p._replace(b=b), rng.standard_normal((1000, B, D)), state)
    assert np.array_equal(run.last.c, state.c)


def test_a_normalised_gru_keeps_its_state_where_z_is_one(rng):
    cell = CELLS["gru-layer-norm"]
    p, state = cell.init(rng, D, H), cell.State(rng.standard_normal((B, H)))
    b = np.zeros_like(p.b)
    b[1] = 1000.0
    assert np.array_equal(
        sequence.forward(cell, p._replace(b=b), rng.standard_normal((1000, B, D)), state).last.h, state.h
    )


@pytest.mark.parametrize("cell", NORMED, ids=str)
def test_a_row_does_not_depend_on_its_batch(cell, rng):
    p, x = cell.init(rng, D, H), rng.standard_normal((T, B, D))
    assert np.abs(sequence.forward(cell, p, x[:, :1]).h - sequence.forward(cell, p, x).h[:, :1]).max() < 1e-14


def test_gains_start_at_one_unless_they_are_given(rng):
    p = CELL.init(rng, D, H, gain_h=gain)
    assert (p.gain_x == 1).all() and (p.gain_c == 1).all() and p.gain_h.std() > 0

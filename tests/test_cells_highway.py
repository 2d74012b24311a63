"""Highway layers and the recurrent highway cell, which is made of them."""

import inspect
import re

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, GRU, RHN, highway
from course_utils.cells.highway import HighwayParams, highway_backward, highway_weight_gradients

T, B, D, H, L = 7, 2, 3, 5, 4


def layer(rng, b_t=None):
    p = HighwayParams(rng.uniform(-1, 1, (2, H, H)) / np.sqrt(H), rng.uniform(-1, 1, (2, 1, H)))
    if b_t is not None:
        p.b[1] = b_t
    return p


@pytest.mark.parametrize("fed", [False, True])
def test_hand_gradient_of_a_layer_equals_autograd(fed, rng):
    torch = pytest.importorskip("torch")
    from course_utils.cells import highway_torch

    p, x, dy = layer(rng), rng.standard_normal((B, H)), rng.standard_normal((B, H))
    u = rng.standard_normal((2, B, H)) if fed else np.zeros((2, B, H))
    y, trace = highway.highway(p, x, u) if fed else highway.highway(p, x)
    dx, da = highway_backward(p, dy, trace)
    leaf = [torch.from_numpy(a.copy()).requires_grad_() for a in (*p, x, u)]
    theirs, their_trace = highway_torch.highway(HighwayParams(*leaf[:2]), *leaf[2:])
    (theirs * torch.from_numpy(dy)).sum().backward()
    for ours, other in zip((y, *trace), (theirs, *their_trace), strict=True):
        assert np.abs(ours - other.detach().numpy()).max() < 1e-14
    for ours, other in zip((*highway_weight_gradients(x, da), dx, da), leaf, strict=True):
        assert np.abs(ours - other.grad.numpy()).max() < 1e-13


def test_a_shut_gate_carries_and_an_open_one_transforms(rng):
    x, dy = rng.standard_normal((B, H)), rng.standard_normal((B, H))
    shut, opened = layer(rng, b_t=-1000.0), layer(rng, b_t=1000.0)
    y, trace = highway.highway(shut, x)
    assert np.array_equal(y, x)
    assert np.array_equal(highway_backward(shut, dy, trace)[0], dy)
    assert np.allclose(highway.highway(opened, x)[0], np.tanh(x @ opened.W[0] + opened.b[0]), atol=1e-15)


def test_a_gradient_survives_fifty_carrying_layers_and_not_fifty_plain_ones(rng):
    left = {}
    for b_t in (-3.0, 1000.0):
        layers, y = [layer(rng, b_t) for _ in range(50)], rng.standard_normal((B, H))
        traces = []
        for p in layers:
            y, trace = highway.highway(p, y)
            traces.append(trace)
        d = np.ones((B, H))
        for p, trace in zip(reversed(layers), reversed(traces), strict=True):
            d, _ = highway_backward(p, d, trace)
        left[b_t] = np.linalg.norm(d)
    assert left[-3.0] > 0.01
    assert left[1000.0] < 1e-8


def test_equation_numbers_of_both_halves_of_the_layer_agree():
    pytest.importorskip("torch")
    from course_utils.cells import highway_torch

    for module in (highway, highway_torch):
        lines = [line for line in module.__doc__.splitlines() if line.startswith("    ")]
        code = re.findall(r"# \((\d+)\)", inspect.getsource(module))
        assert sorted(code, key=int) == [re.search(r"\((\d+)\)", line)[1] for line in lines]


def test_a_step_is_a_stack_of_layers_of_which_the_first_is_fed(rng):
    cell = CELLS["rhn"]
    p, x = cell.init(rng, D, H), rng.standard_normal((T, B, D))
    assert cell.L == len(p.R) == L
    run, h = sequence.forward(cell, p, x), np.zeros((B, H))
    for t in range(T):
        h, _ = highway.highway(HighwayParams(p.R[0], p.b[0] + x[t] @ p.W_x), h)
        for k in range(1, L):
            assert np.abs(run.trace.s[t, :, k] - h).max() < 1e-14
            h, _ = highway.highway(HighwayParams(p.R[k], p.b[k]), h)
        assert np.abs(run.h[t] - h).max() < 1e-14


def test_one_layer_is_a_gru_that_never_resets(rng):
    cell, gru = RHN(1), GRU("before", "writes")
    p, x, state = cell.init(rng, D, H), rng.standard_normal((T, B, D)), cell.State(rng.standard_normal((B, H)))
    W_x, (W_h,), (b,) = (np.concatenate([0 * a[..., :1, :, :], a[..., ::-1, :, :]], axis=-3) for a in p)
    b[0] = 1000
    found, expected = sequence.forward(cell, p, x, state), sequence.forward(gru, gru.Params(W_x, W_h, b), x, state)
    assert np.abs(found.h - expected.h).max() < 1e-14


def test_shut_gates_keep_a_state_for_a_thousand_steps(rng):
    cell = CELLS["rhn"]
    p, state = cell.init(rng, D, H), cell.State(rng.standard_normal((B, H)))
    p.b[:, 1] = -1000
    assert np.array_equal(sequence.forward(cell, p, rng.standard_normal((1000, B, D)), state).last.h, state.h)


def test_the_number_of_layers_is_checked_and_in_the_name():
    assert str(RHN(2)) == "rhn-2"
    for wrong in (0, 2.0, "3"):
        with pytest.raises(ValueError, match="L, the number of layers in a step, must be a whole number"):
            RHN(wrong)

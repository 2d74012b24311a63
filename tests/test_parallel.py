"""Cells with a linear memory give the same outputs and gradients with a scan as with the step loop."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.cells.linear import LinearCell
from course_utils.params import as_dtype, named_arrays
from course_utils.sequence import parallel

SIZES = [(7, 2, 3, 5), (1, 2, 3, 5), (200, 2, 3, 5), (8, 1, 3, 2)]
LINEAR = [cell for cell in CELLS.values() if isinstance(cell, LinearCell)]
every_cell = pytest.mark.parametrize("cell", LINEAR, ids=str)
every_size = pytest.mark.parametrize("T, B, D, H", SIZES)


def problem(cell, rng, T, B, D, H):
    """Parameters, input, first state, and gradients of every output and of the last state."""
    p = cell.init(rng, D, H)
    draw = lambda: cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values()))  # noqa: E731
    return p, rng.standard_normal((T, B, D)), draw(), rng.standard_normal((T, B, H)), draw()


def assert_equal(got, expected, tolerance=1e-10):
    assert got.shape == expected.shape
    assert np.max(np.abs(got - expected) / (1 + np.abs(expected))) < tolerance


@every_cell
@every_size
def test_scan_form_equals_the_loop_in_outputs_trace_and_gradients(cell, rng, T, B, D, H):
    p, x, state, dh, d_last = problem(cell, rng, T, B, D, H)
    run, loop = parallel.forward(cell, p, x, state), sequence.forward(cell, p, x, state)
    back = parallel.backward(cell, p, x, run, dh, d_last)
    back_loop = sequence.backward(cell, p, x, loop, dh, d_last)
    for ours, theirs in ((run, loop), (back, back_loop)):
        expected = named_arrays(theirs)
        for name, a in named_arrays(ours).items():
            assert_equal(a, expected[name])


@every_cell
def test_tokens_and_zero_state_by_default_in_single_precision(cell, rng):
    p = as_dtype(cell.init(rng, 6, 5), np.float32)
    tokens, dh = rng.integers(0, 6, (9, 2)), rng.standard_normal((9, 2, 5)).astype(np.float32)
    run, loop = parallel.forward(cell, p, tokens), sequence.forward(cell, p, tokens)
    back, back_loop = parallel.backward(cell, p, tokens, run, dh), sequence.backward(cell, p, tokens, loop, dh)
    assert back.x is None
    assert {a.dtype for a in (run.h, *run.last, *run.trace, *back.p, *back.state)} == {np.dtype(np.float32)}
    assert_equal(run.h, loop.h, 1e-5)
    for ours, theirs in zip(back.p, back_loop.p, strict=True):
        assert_equal(ours, theirs, 1e-4)


@every_cell
@every_size
def test_torch_scan_form_equals_the_loop_in_outputs_and_gradients(cell, rng, T, B, D, H):
    torch = pytest.importorskip("torch")
    from course_utils.sequence import parallel_torch
    from course_utils.sequence.loop_torch import Recurrent

    p, x, state, dh, d_last = problem(cell, rng, T, B, D, H)
    loop = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, loop, dh, d_last)
    module = Recurrent(cell, p)
    tx = torch.from_numpy(x).requires_grad_()
    h, last = parallel_torch.forward(module, tx, cell.State(*map(torch.from_numpy, state)))
    loss = (h * torch.from_numpy(dh)).sum()
    loss = loss + sum((a * torch.from_numpy(d)).sum() for a, d in zip(last, d_last, strict=True))
    loss.backward()
    assert_equal(h.detach().numpy(), loop.h)
    assert_equal(tx.grad.numpy(), back.x)
    for name, gradient in named_arrays(back.p).items():
        assert_equal(getattr(module, name).grad.numpy(), gradient)


@pytest.mark.parametrize("name", ["min-gru-positive", "min-lstm-positive"])
@pytest.mark.parametrize("first", ["zero", "positive"])
def test_log_space_form_equals_the_loop_while_h_stays_positive(rng, name, first):
    cell = CELLS[name]
    p, x, state, _, _ = problem(cell, rng, 200, 2, 3, 5)
    state = cell.State(np.abs(state.h)) if first == "positive" else None
    run = parallel.forward(cell, p, x, state, log_space=True)
    assert (run.h > 0).all()
    assert_equal(run.h, sequence.forward(cell, p, x, state).h)


def test_log_space_refuses_what_may_be_negative(rng):
    p, x, _, _, _ = problem(CELLS["min-gru"], rng, 7, 2, 3, 5)
    with pytest.raises(ValueError, match="a, b and the first state positive"):
        parallel.forward(CELLS["min-gru"], p, x, log_space=True)


def test_log_space_refuses_a_gate_that_rounds_to_shut(rng):
    p, x, _, _, _ = problem(CELLS["min-gru-positive"], rng, 7, 2, 3, 5)
    p = p._replace(b=p.b + np.array([[[100.0]], [[0.0]]]))  # 1 - σ(100) is zero in floats, its logarithm infinite
    assert np.isfinite(parallel.forward(CELLS["min-gru-positive"], p, x).h).all()
    with pytest.raises(ValueError, match="use log_space=False"):
        parallel.forward(CELLS["min-gru-positive"], p, x, log_space=True)


def test_cells_without_linear_memory_are_refused(rng):
    cell = CELLS["elman"]
    p, x, _, dh, _ = problem(cell, rng, 7, 2, 3, 5)
    with pytest.raises(ValueError, match=r"elman has no linear memory to scan; run it with sequence\.forward"):
        parallel.forward(cell, p, x)
    with pytest.raises(ValueError, match="elman has no linear memory"):
        parallel.backward(cell, p, x, sequence.forward(cell, p, x), dh)
    with pytest.raises(ValueError, match="dh must have the shape of h"):
        cell = CELLS["min-gru"]
        p = cell.init(rng, 3, 5)
        parallel.backward(cell, p, x, parallel.forward(cell, p, x), dh[1:])

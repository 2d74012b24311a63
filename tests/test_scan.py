"""The associative scan is the step loop, in outputs and gradients, for any length, real and complex."""

import numpy as np
import pytest

from course_utils.sequence.scan import log_scan, loop, scan, scan_backward

LENGTHS = (1, 2, 3, 7, 8, 9, 31, 32, 33, 200, 1025)


def recurrence(rng, T, dtype=np.float64, shape=(2, 5)):
    """a inside the unit disc, b, h0, all of one dtype."""
    draw = lambda *s: rng.standard_normal(s)  # noqa: E731
    a, b, h0 = rng.uniform(0.5, 1, (T, *shape)) * np.sign(draw(T, *shape)), draw(T, *shape), draw(*shape)
    if np.issubdtype(dtype, np.complexfloating):
        a, b, h0 = a * np.exp(1j * draw(T, *shape)), b + 1j * draw(T, *shape), h0 + 1j * draw(*shape)
    return a.astype(dtype), b.astype(dtype), h0.astype(dtype)


def error(got, expected):
    return np.max(np.abs(got - expected)) / np.max(np.abs(expected))


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("T", LENGTHS)
def test_scan_equals_the_loop_with_and_without_first_state(rng, T, dtype):
    a, b, h0 = recurrence(rng, T, dtype)
    before = [x.copy() for x in (a, b, h0)]
    for first in (None, h0):
        assert error(scan(a, b, first), loop(a, b, first)) < 1e-12
    assert all(np.array_equal(x, y) for x, y in zip((a, b, h0), before, strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize("T", [200, 8191, 8192])
def test_single_precision_error_is_below_one_in_a_million(rng, T, dtype):
    a, b, h0 = recurrence(rng, T, dtype)
    h, wide = scan(a, b, h0), np.result_type(dtype, np.float64)
    assert h.dtype == dtype
    assert error(h, loop(*(x.astype(wide) for x in (a, b, h0)))) < 1e-6


def test_pieces_of_any_length_hand_their_state_on(rng, monkeypatch):
    a, b, h0 = recurrence(rng, 1025)
    for numbers in (1, 3000, 10**6):
        monkeypatch.setattr("course_utils.sequence.scan.PIECE", numbers)
        assert error(scan(a, b, h0), loop(a, b, h0)) < 1e-12


def test_memory_that_never_fades_is_a_running_sum(rng):
    b = rng.standard_normal((1000, 3))
    assert error(scan(np.ones_like(b), b), np.cumsum(b, axis=0)) < 1e-12


def test_decay_may_broadcast_and_its_gradient_is_summed(rng):
    _, b, h0 = recurrence(rng, 9)
    a, dh = rng.uniform(0, 1, (9, 2, 1)), rng.standard_normal(b.shape)
    full = np.broadcast_to(a, b.shape).copy()
    h = scan(a, b, h0)
    assert error(h, loop(full, b, h0)) < 1e-12
    da, db, dh0 = scan_backward(a, h, dh, h0)
    da_full, db_full, dh0_full = scan_backward(full, h, dh, h0)
    assert error(da, da_full.sum(axis=2, keepdims=True)) < 1e-12
    assert error(db, db_full) < 1e-12
    assert error(dh0, dh0_full) < 1e-12


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("T", LENGTHS[:-1])
def test_gradients_equal_autograd_through_the_loop(rng, T, dtype):
    torch = pytest.importorskip("torch")
    from course_utils.sequence.scan_torch import scan as torch_scan

    a, b, h0 = recurrence(rng, T, dtype)
    dh = recurrence(rng, T, dtype)[1]
    ours = scan_backward(a, scan(a, b, h0), dh, h0)

    def torch_loop(a, b, h):
        steps = []
        for a_t, b_t in zip(a, b, strict=True):
            h = a_t * h + b_t
            steps.append(h)
        return torch.stack(steps)

    for recur in (torch_loop, torch_scan):
        leaf = [torch.from_numpy(x.copy()).requires_grad_() for x in (a, b, h0)]
        h = recur(*leaf)
        assert error(h.detach().numpy(), loop(a, b, h0)) < 1e-12
        h.backward(torch.from_numpy(dh))
        for gradient, tensor in zip(ours, leaf, strict=True):
            assert error(gradient, tensor.grad.numpy()) < 1e-12


@pytest.mark.parametrize("dtype, bound", [(np.float64, 1e-10), (np.float32, 3e-3)])
@pytest.mark.parametrize("T", [1, 7, 200, 8192])
def test_log_space_form_equals_the_loop_for_positive_values_to_its_stated_error(rng, T, dtype, bound):
    a, b, h0 = (np.abs(x) for x in recurrence(rng, T))
    logs = [np.log(x).astype(dtype) for x in (a, b, h0)]
    for first in (None, h0):
        h = np.exp(log_scan(*logs[: 2 if first is None else 3]))
        assert h.dtype == dtype
        assert np.max(np.abs(h / loop(a, b, first) - 1)) < bound


def test_log_space_form_of_torch_equals_numpy(rng):
    torch = pytest.importorskip("torch")
    from course_utils.sequence.scan_torch import log_scan as torch_log_scan

    logs = [np.log(np.abs(x)) for x in recurrence(rng, 200)]
    for given in (logs[:2], logs):
        assert error(torch_log_scan(*map(torch.from_numpy, given)).numpy(), log_scan(*given)) < 1e-12


@pytest.mark.parametrize(
    "a, b, h0, message",
    [
        (np.ones((3, 2)), np.ones((4, 2)), None, "T at least 1"),
        (np.ones((0, 2)), np.ones((0, 2)), None, "T at least 1"),
        (np.ones((3, 2)), np.ones((3, 1)), None, "a broadcasting to b"),
        (np.ones((3, 2)), np.ones((3, 2)), np.ones(3), "h0 must have the shape of one step"),
        (np.ones((3, 2), np.float32), np.ones((3, 2)), None, "one dtype"),
    ],
)
def test_bad_input_is_named(a, b, h0, message):
    for function in (scan, loop):
        with pytest.raises(ValueError, match=message):
            function(a, b, h0)
    with pytest.raises(ValueError, match="h must have the shape of dh"):
        scan_backward(np.ones((3, 2)), np.ones((2, 2)), np.ones((3, 2)))

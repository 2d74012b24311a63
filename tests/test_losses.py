"""Softmax and cross-entropy equal torch and central differences, for logits of any size and with tokens left out."""

import numpy as np
import pytest

from course_utils.gradcheck import gradient_check
from course_utils.losses import bits, cross_entropy, log_softmax, perplexity, softmax

# Logits (..., V) from none to two axes of tokens; V = 1 and a single token are among them.
SHAPES = [(7, 2, 5), (3, 5), (5,), (1, 5), (7, 2, 1), (1, 1, 1)]
every_shape = pytest.mark.parametrize("shape", SHAPES)


def problem(rng, shape, scale=2.0):
    return scale * rng.standard_normal(shape), rng.integers(0, shape[-1], shape[:-1])


def masks(rng, shape):
    """No mask, all but one token left out, about half of them left out."""
    one = np.zeros(shape, bool)
    one.reshape(-1)[-1] = True
    return [None, one, one | (rng.random(shape) < 0.5)]


@every_shape
@pytest.mark.parametrize("scale", [2.0, 1e4])
def test_loss_and_gradient_equal_torch(rng, shape, scale):
    torch = pytest.importorskip("torch")
    V = shape[-1]
    logits, targets = problem(rng, shape, scale)
    for mask in masks(rng, shape[:-1]):
        loss, d = cross_entropy(logits, targets, mask)
        leaf = torch.from_numpy(logits.copy()).requires_grad_()
        kept = np.asarray(targets if mask is None else np.where(mask, targets, -100))
        theirs = torch.nn.functional.cross_entropy(
            leaf.reshape(-1, V), torch.from_numpy(kept.reshape(-1)), ignore_index=-100
        )
        theirs.backward()
        assert isinstance(loss, float)
        assert abs(loss - theirs.item()) <= 1e-12 * (1 + abs(loss))
        assert d.shape == shape
        assert np.abs(d - leaf.grad.numpy()).max() < 1e-12


@every_shape
def test_gradient_equals_central_differences(rng, shape):
    logits, targets = problem(rng, shape)
    for mask in masks(rng, shape[:-1]):
        _, d = cross_entropy(logits, targets, mask)
        report = gradient_check(lambda a: cross_entropy(a, targets, mask)[0], logits, d)  # noqa: B023
        assert report.ok, str(report)


def test_loss_is_the_mean_of_minus_log_p_over_the_tokens_that_count():
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.9, 0.05, 0.05]])
    loss, d = cross_entropy(np.log(p), np.array([1, 2, 0]), np.array([True, True, False]))
    assert abs(loss + (np.log(0.25) + np.log(0.7)) / 2) < 1e-15
    assert np.abs(d - np.array([[0.5, -0.75, 0.25], [0.1, 0.2, -0.3], [0, 0, 0]]) / 2).max() < 1e-15


def test_masked_tokens_change_nothing(rng):
    logits, targets = problem(rng, (7, 2, 5))
    mask = rng.random((7, 2)) < 0.5
    loss, d = cross_entropy(logits, targets, mask)
    other = np.where(mask[..., None], logits, 1e4 * rng.standard_normal((7, 2, 5)))
    again, d_again = cross_entropy(other, np.where(mask, targets, 0), mask)
    assert loss == again
    assert np.array_equal(d, d_again)
    assert not d[~mask].any()


@pytest.mark.parametrize("V", [1, 2, 65])
def test_equal_logits_cost_ln_v(V):
    loss, _ = cross_entropy(np.full((3, V), 1e4), np.zeros(3, int))
    assert abs(loss - np.log(V)) < 1e-12
    assert abs(perplexity(loss) - V) < 1e-10
    assert abs(bits(loss) - np.log2(V)) < 1e-12


def test_sure_and_right_costs_nothing_sure_and_wrong_costs_the_gap():
    logits = np.array([[1e4, 0.0, -1e4]])
    assert cross_entropy(logits, np.array([0]))[0] == 0
    assert cross_entropy(logits, np.array([2]))[0] == 2e4
    impossible = np.array([[0.0, -np.inf, 0.0]])
    loss, d = cross_entropy(impossible, np.array([2]))
    assert abs(loss - np.log(2)) < 1e-15
    assert d.tolist() == [[0.5, 0, -0.5]]


@every_shape
def test_softmax_sums_to_one_and_ignores_a_constant(rng, shape):
    a = 3 * rng.standard_normal(shape)
    p = softmax(a)
    assert np.abs(p.sum(axis=-1) - 1).max() < 1e-14
    assert np.abs(p - np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True)).max() < 1e-14
    assert np.abs(softmax(a + 1e4 * rng.standard_normal((*shape[:-1], 1))) - p).max() < 1e-10
    assert np.abs(np.exp(log_softmax(a)) - p).max() < 1e-14


def test_softmax_takes_a_plain_list():
    assert softmax([0.0, 1e4, 1e4]).tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_nothing_given_is_changed(rng, dtype):
    logits, targets = problem(rng, (7, 2, 5))
    given = [logits.astype(dtype), targets, rng.random((7, 2)) < 0.5]
    before = [a.copy() for a in given]
    assert cross_entropy(*given)[1].dtype == softmax(given[0]).dtype == log_softmax(given[0]).dtype == dtype
    assert all(map(np.array_equal, given, before))


A, Y = np.zeros((7, 2, 5)), np.zeros((7, 2), int)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((A, Y.T), r"targets must have the logits' shape without V, \(7, 2\), got \(2, 7\)"),
        ((A, np.eye(5)[Y].astype(int)), r"without V, \(7, 2\), got \(7, 2, 5\)"),
        ((A, Y, Y[0] == 0), r"mask must have the targets' shape \(7, 2\), got \(2,\)"),
        ((A, Y, Y != 0), "mask counts no token; a mean over nothing is undefined: leave this batch out"),
        ((A, Y * 1.0), r"targets must be integers \(token ids\), got float64"),
        ((A, Y + 5), r"targets must lie in 0\.\.4, got 5\.\.5; is V right\?"),
        ((A, Y - 1), r"targets must lie in 0\.\.4, got -1\.\.-1"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(*arguments)

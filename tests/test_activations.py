"""Activations: values and slopes equal torch's and autograd's, and no input is too large."""

import numpy as np
import pytest

from course_utils.activations import ACTIVATIONS, sigmoid

every_activation = pytest.mark.parametrize("name", ACTIVATIONS)


@every_activation
def test_value_and_slope_equal_torch_and_autograd(name, rng):
    torch = pytest.importorskip("torch")
    theirs = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda a: a}[name]
    a = rng.uniform(-8, 8, (7, 5))
    leaf = torch.from_numpy(a.copy()).requires_grad_()
    y = theirs(leaf)
    y.sum().backward()
    ours = ACTIVATIONS[name].function(a)
    assert np.abs(ours - y.detach().numpy()).max() < 1e-14
    assert np.abs(ACTIVATIONS[name].slope(ours) - leaf.grad.numpy()).max() < 1e-14


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_input_stay_as_they_are(name, dtype, rng):
    a = rng.standard_normal((2, 3)).astype(dtype)
    before = a.copy()
    y = ACTIVATIONS[name].function(a)
    assert y.dtype == ACTIVATIONS[name].slope(y).dtype == dtype
    assert np.array_equal(a, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_never_overflows_and_meets_its_limits(dtype):
    a = np.array([-1e4, -1e30, 0, 1e30, 1e4], dtype)
    assert sigmoid(a).tolist() == [0, 0, 0.5, 1, 1]


def test_sigmoid_of_minus_a_is_the_rest_to_one(rng):
    a = rng.uniform(-30, 30, 100)
    assert np.abs(sigmoid(a) + sigmoid(-a) - 1).max() < 1e-15
    assert np.abs(sigmoid(a) - 1 / (1 + np.exp(-a))).max() < 1e-15
    assert sigmoid(0.0) == 0.5


def test_relu_has_slope_zero_at_zero():
    relu = ACTIVATIONS["relu"]
    y = relu.function(np.array([-2.0, 0.0, 3.0]))
    assert y.tolist() == [0, 0, 3]
    assert relu.slope(y).tolist() == [0, 0, 1]

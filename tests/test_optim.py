"""Every optimiser takes the same steps as torch's, to the last digits, and changes nothing it is given."""

from typing import NamedTuple

import numpy as np
import pytest

from course_utils.optim import SGD, Adagrad, Adam, Momentum
from course_utils.params import as_dtype, named_arrays, tree_map


class Inner(NamedTuple):
    W: np.ndarray
    b: np.ndarray


class Outer(NamedTuple):
    E: tuple
    cell: Inner
    b: np.ndarray


RULES = {
    "sgd": (lambda: SGD(0.1), "SGD", {"lr": 0.1}),
    "momentum": (lambda: Momentum(0.1), "SGD", {"lr": 0.1, "momentum": 0.9}),
    "momentum 0.5": (lambda: Momentum(0.03, mu=0.5), "SGD", {"lr": 0.03, "momentum": 0.5}),
    "momentum 0": (lambda: Momentum(0.1, mu=0), "SGD", {"lr": 0.1}),
    "adagrad": (lambda: Adagrad(), "Adagrad", {"lr": 0.1, "eps": 1e-8}),
    "adagrad, large eps": (lambda: Adagrad(0.5, eps=0.1), "Adagrad", {"lr": 0.5, "eps": 0.1}),
    "adam": (lambda: Adam(), "Adam", {"lr": 1e-3}),
    "adam, other betas": (
        lambda: Adam(0.2, betas=(0.5, 0.7), eps=0.1),
        "Adam",
        {"lr": 0.2, "betas": (0.5, 0.7), "eps": 0.1},
    ),
    "adam without means": (lambda: Adam(0.2, betas=(0, 0)), "Adam", {"lr": 0.2, "betas": (0.0, 0.0)}),
}
every_rule = pytest.mark.parametrize("name", RULES)


def record(rng):
    return Outer((), Inner(rng.standard_normal((3, 5)), rng.standard_normal(5)), rng.standard_normal(2))


def gradients(rng, k):
    """Of all sizes; one array gets no gradient at every other update, as a row that no token used."""
    grads = tree_map(lambda g: 10.0 ** rng.uniform(-4, 2) * g, record(rng))
    return grads._replace(b=np.zeros(2)) if k % 2 else grads


@every_rule
def test_ten_updates_equal_torch(name, rng):
    torch = pytest.importorskip("torch")
    make, kind, options = RULES[name]
    params, ours = record(rng), make()
    leaves = [torch.nn.Parameter(torch.from_numpy(a.copy())) for a in named_arrays(params).values()]
    theirs = getattr(torch.optim, kind)(leaves, **options)
    for k in range(10):
        grads = gradients(rng, k)
        params = ours.update(params, grads)
        for leaf, g in zip(leaves, named_arrays(grads).values(), strict=True):
            leaf.grad = torch.from_numpy(g.copy())
        theirs.step()
        for leaf, a in zip(leaves, named_arrays(params).values(), strict=True):
            assert np.abs(a - leaf.detach().numpy()).max() < 1e-12, f"update {k + 1}"


@every_rule
def test_nothing_given_is_changed_and_the_form_stays(name, rng):
    params, ours = record(rng), RULES[name][0]()
    for k in range(3):
        grads = gradients(rng, k)
        given = [*named_arrays(params).values(), *named_arrays(grads).values()]
        before = [a.copy() for a in given]
        new = ours.update(params, grads)
        assert all(map(np.array_equal, given, before))
        assert not any(np.shares_memory(a, b) for a in named_arrays(new).values() for b in given)
        assert type(new) is Outer
        assert type(new.cell) is Inner
        assert new.E == ()
        params = new


@every_rule
def test_float32_stays_float32(name, rng):
    params, ours = as_dtype(record(rng), np.float32), RULES[name][0]()
    for k in range(3):
        params = ours.update(params, as_dtype(gradients(rng, k), np.float32))
    assert {a.dtype for a in named_arrays(params).values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("rule", [SGD, Momentum, Adagrad, Adam])
def test_a_learning_rate_from_a_numpy_array_keeps_float32(rule):
    params = Inner(np.ones((3, 5), np.float32), np.ones(5, np.float32))
    new = rule(np.logspace(-3, -1, 3)[1]).update(params, params)
    assert {a.dtype for a in new} == {np.dtype(np.float32)}


@every_rule
def test_a_new_optimiser_remembers_nothing(name, rng):
    params, grads = record(rng), gradients(rng, 0)
    used = RULES[name][0]()
    used.update(params, gradients(rng, 0))
    first, again = RULES[name][0]().update(params, grads), RULES[name][0]().update(params, grads)
    assert all(map(np.array_equal, named_arrays(first).values(), named_arrays(again).values()))
    if name not in ("sgd", "momentum 0", "adam without means"):
        assert not np.array_equal(used.update(params, grads).cell.W, first.cell.W)


@pytest.mark.parametrize("make", [lambda: Adam(0.01), lambda: Adagrad(0.01)], ids=["adam", "adagrad"])
def test_first_step_is_the_learning_rate_whatever_the_size_of_the_gradient(make):
    g = np.array([1e-3, -1.0, 1e6])
    assert np.abs(make().update(np.zeros(3), g) + 0.01 * np.sign(g)).max() < 1e-6


@every_rule
def test_gradients_of_another_form_or_shape_are_refused(name, rng):
    params = record(rng)
    for wrong in (params.cell, params._replace(b=np.zeros((7, 2))), params._replace(E=np.zeros((7, 2)))):
        with pytest.raises(ValueError, match="the records differ"):
            RULES[name][0]().update(params, wrong)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: SGD(0), "lr must be positive, got 0"),
        (lambda: Momentum(-0.1), r"lr must be positive, got -0\.1"),
        (lambda: Momentum(0.1, mu=1), r"mu must lie in \[0, 1\), got 1"),
        (lambda: Momentum(0.1, mu=-0.5), r"mu must lie in \[0, 1\), got -0\.5"),
        (lambda: Adagrad(np.nan), "lr must be positive, got nan"),
        (lambda: Adagrad(0.1, eps=0), "eps must be positive, got 0"),
        (lambda: Adam(0), "lr must be positive, got 0"),
        (lambda: Adam(eps=-1), "eps must be positive, got -1"),
        (lambda: Adam(betas=(1.0, 0.9)), r"betas\[0\] must lie in \[0, 1\), got 1\.0"),
        (lambda: Adam(betas=(0.9, 2)), r"betas\[1\] must lie in \[0, 1\), got 2"),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()

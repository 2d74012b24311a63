"""The gradient check finds wrong gradients where they are wrong, and lets right ones pass however small they are."""

import re
from typing import NamedTuple

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.gradcheck import Check, Report, central_difference, gradient_check
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import as_dtype, named_arrays, tree_map


class Inner(NamedTuple):
    W: np.ndarray
    b: np.ndarray


class Params(NamedTuple):
    layer: Inner
    U: np.ndarray


@pytest.fixture
def params(rng):
    return Params(Inner(rng.standard_normal((3, 5)), rng.standard_normal(5)), rng.standard_normal((5, 5)))


@pytest.fixture
def x(rng):
    return rng.standard_normal((2, 3))


def loss(p, x):
    return float(np.sum(np.tanh(x @ p.layer.W + p.layer.b) @ p.U))


def gradients(p, x):
    h = np.tanh(x @ p.layer.W + p.layer.b)
    da = np.ones((2, 5)) @ p.U.T * (1 - h**2)
    return Params(Inner(x.T @ da, da.sum(axis=0)), h.T @ np.ones((2, 5)))


def one_wrong(a, entry, by):
    a = a.copy()
    a[entry] += by
    return a


def test_a_right_gradient_passes(params, x):
    report = gradient_check(lambda p: loss(p, x), params, gradients(params, x))
    assert report.ok
    assert report.error < 1e-7
    assert [c.name for c in report.checks] == ["layer.W", "layer.b", "U"]


# Mistakes that people make, and the array in which each must be found.
WRONG = {
    "a forgotten factor 2": ("layer.b", lambda g: g._replace(layer=g.layer._replace(b=g.layer.b / 2))),
    "a forgotten sign": ("U", lambda g: g._replace(U=-g.U)),
    "a transposed matrix": ("U", lambda g: g._replace(U=g.U.T)),
    "a gradient that was never added": ("layer.W", lambda g: g._replace(layer=g.layer._replace(W=0 * g.layer.W))),
    "one wrong entry": (
        "layer.W",
        lambda g: g._replace(layer=g.layer._replace(W=one_wrong(g.layer.W, (2, 3), 1e-4))),
    ),
    "one nan": ("layer.W", lambda g: g._replace(layer=g.layer._replace(W=one_wrong(g.layer.W, (2, 3), np.nan)))),
    "one inf": ("layer.b", lambda g: g._replace(layer=g.layer._replace(b=one_wrong(g.layer.b, 4, -np.inf)))),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_gradient_is_found_in_its_array_and_no_other(params, x, mistake):
    name, spoil = WRONG[mistake]
    report = gradient_check(lambda p: loss(p, x), params, spoil(gradients(params, x)))
    assert not report.ok
    assert [c.name for c in report.checks if c.error > report.tolerance] == [name]
    assert report.error == max(c.error for c in report.checks) > 1e-6


@pytest.mark.parametrize("by", [1e-4, 0.5, np.nan, np.inf])
def test_the_worst_entry_is_named_with_both_numbers(params, x, by):
    right = gradients(params, x)
    wrong = right._replace(layer=right.layer._replace(W=one_wrong(right.layer.W, (2, 3), by)))
    worst = gradient_check(lambda p: loss(p, x), params, wrong).checks[0]
    assert worst.worst == (2, 3)
    assert np.array_equal(worst.given, wrong.layer.W[2, 3], equal_nan=True)
    assert abs(worst.numerical - right.layer.W[2, 3]) < 1e-8
    if np.isfinite(by):
        a, n = worst.given, worst.numerical
        assert abs(worst.error - abs(a - n) / (abs(a) + abs(n))) < 1e-12


def test_the_report_says_it_in_words(params, x):
    right = gradients(params, x)
    wrong = right._replace(U=one_wrong(right.U, (1, 4), 0.5))
    lines = str(gradient_check(lambda p: loss(p, x), params, wrong)).splitlines()
    assert lines[0].split() == ["array", "relative", "error", "worst", "entry"]
    assert [line[0] for line in lines[1:]] == ["✓", "✓", "✗"]
    given, numerical = wrong.U[1, 4], right.U[1, 4]
    found = re.fullmatch(r"✗ U +(\S+) +\[1, 4\]: given (\S+), numerical (\S+)", lines[3])
    assert np.allclose([float(found[2]), float(found[3])], [given, numerical], rtol=1e-5)
    assert np.isclose(float(found[1]), 0.5 / (abs(given) + abs(numerical)), rtol=0.05)


def test_a_loss_that_is_nan_fails(params, x):
    report = gradient_check(lambda p: np.nan, params, gradients(params, x))
    assert not report.ok
    assert report.error == np.inf


@pytest.mark.parametrize("seed", range(2))
def test_the_small_gradients_of_an_lstm_pass_and_their_mistakes_do_not(seed):
    rng = np.random.default_rng(seed)
    model = RecurrentLanguageModel(CELLS["lstm"], V=6, H=5)
    params, tokens = model.init(rng, np.float64), rng.integers(0, 6, (2, 8, 2))
    of = lambda p: model.loss_and_gradients(p, *tokens)[0]  # noqa: E731
    grads = model.loss_and_gradients(params, *tokens)[1]
    assert min(np.abs(g).min() for g in named_arrays(grads).values()) < 1e-4
    report = gradient_check(of, params, grads)
    assert report.ok, str(report)
    assert not gradient_check(of, params, tree_map(lambda g: g * (1 + 1e-5), grads)).ok


def test_where_nothing_matters_zero_is_right_and_noise_is_not_magnified():
    w = np.zeros((3, 5))
    assert gradient_check(lambda w: 1.0, w, w).error == 0
    assert gradient_check(lambda w: 1.0, w, w + 1e-12).ok
    assert not gradient_check(lambda w: 1.0, w, w + 1e-9).ok
    assert not gradient_check(lambda w: 1.0, w, w + 1e-12, floor=1e-12).ok


@pytest.mark.parametrize("entry", [(0, 0), (2, 4)])
def test_central_difference_is_exact_for_a_parabola_and_second_order_beyond(entry):
    w = np.arange(15.0).reshape(3, 5) / 5
    assert abs(central_difference(lambda w: np.sum(w**2), w, "", entry, eps=0.1) - 2 * w[entry]) < 1e-12
    errors = [
        central_difference(lambda w: np.sum(w**3), w, "", entry, eps) - 3 * w[entry] ** 2 for eps in (0.1, 0.2, 0.4)
    ]
    assert np.allclose(errors, [0.01, 0.04, 0.16], rtol=1e-9)


def test_nothing_given_is_changed_even_by_a_loss_that_changes_its_argument(params, x):
    given = [*named_arrays(params).values(), *named_arrays(gradients(params, x)).values()]
    before = [a.copy() for a in given]

    def rude(p):
        value = loss(p, x)
        p.U[:] = 0
        return value

    assert gradient_check(rude, params, gradients(params, x)).ok
    assert all(map(np.array_equal, given, before))


def test_entries_are_drawn_by_rng_without_repetition(params, x):
    calls = []
    count = lambda p: calls.append(p) or loss(p, x)  # noqa: E731
    grads = gradients(params, x)
    assert gradient_check(count, params, grads, entries=12, rng=np.random.default_rng(0)).ok
    assert len(calls) == 2 * (12 + 5 + 12)  # b has only five
    changed = {tuple(np.flatnonzero(p.layer.W != params.layer.W)) for p in calls[: 2 * 12]}
    assert len(changed) == 12


def test_all_entries_are_tried_when_fewer_are_there(params, x):
    wrong = gradients(params, x)._replace(U=one_wrong(gradients(params, x).U, (4, 4), 0.1))
    assert not gradient_check(lambda p: loss(p, x), params, wrong, entries=25).ok


@pytest.mark.parametrize(
    "kind, change, message",
    [
        (TypeError, lambda p, g: (as_dtype(p, np.float32), g, {}), r"layer\.W is float32; differences need float64"),
        (
            ValueError,
            lambda p, g: (p, g._replace(U=g.U[:3]), {}),
            r"gradient of U must have shape \(5, 5\), got \(3, 5\)",
        ),
        (ValueError, lambda p, g: (p, g._replace(U=()), {}), r"gradient of U must have shape \(5, 5\), got nothing"),
        (ValueError, lambda p, g: (p, g.layer, {}), r"gradient of layer\.W must have shape \(3, 5\), got nothing"),
        (ValueError, lambda p, g: (p, g, {"entries": 2}), r"entries asks for a random choice: give rng="),
    ],
)
def test_bad_input_is_named(params, x, kind, change, message):
    p, g, options = change(params, gradients(params, x))
    with pytest.raises(kind, match=message):
        gradient_check(lambda p: loss(p, x), p, g, **options)


@pytest.mark.parametrize("error, ok", [(1e-7, True), (1e-6, True), (1.1e-6, False), (np.inf, False)])
def test_a_report_is_held_to_its_tolerance(error, ok):
    assert Report((Check("W", (0, 0), 1.0, 1.0, 0.0), Check("b", (0,), 1.0, 1.0, error)), 1e-6).ok is ok

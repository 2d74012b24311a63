"""The regulariser beside a task's loss: its gradient, what it leaves alone, and that it makes a far past learnable."""

from functools import partial

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.exercises.vanishing_and_exploding import pascanu_regulariser
from course_utils.params import named_arrays
from course_utils.studies.regularised import RegularisedModel, omega_and_gradient
from course_utils.studies.task_training import TaskModel, train_on
from course_utils.tasks.long_lag import TASKS


def gradients_by_step(from_loss, slopes, W):
    dh = from_loss.copy()
    for t in range(len(dh) - 1, 0, -1):
        dh[t - 1] += (dh[t] * slopes[t]) @ W.T
    return dh


def test_omega_is_the_exercises_mean_over_sequences(rng):
    T, B, H = 7, 3, 5
    h, from_loss, W = (
        np.tanh(rng.standard_normal((T, B, H))),
        rng.standard_normal((T, B, H)),
        rng.standard_normal((H, H)),
    )
    omega, dW = omega_and_gradient(from_loss, 1 - h**2, W)
    dh = gradients_by_step(from_loss, 1 - h**2, W)
    each = [pascanu_regulariser(dh[:, b], h[:, b], W) for b in range(B)]
    assert abs(omega - np.mean([value for value, _ in each])) < 1e-12
    assert np.abs(dW - np.mean([gradient for _, gradient in each], axis=0)).max() < 1e-12


def test_only_the_recurrent_weights_gradient_changes_and_in_proportion_to_the_weight(rng):
    cell, task = CELLS["elman"], TASKS["copy"]
    plain, once, twice = TaskModel(cell, task, 5), *(RegularisedModel(cell, task, 5, weight=w) for w in (0.3, 0.6))
    params, (x, target) = plain.init(rng, np.float64), task.draw(rng, 9, 2)
    (loss, a, _), (loss_1, b, _), (_, c, _) = (m.loss_and_gradients(params, x, target) for m in (plain, once, twice))
    assert loss == loss_1
    changed = {name for name, g in named_arrays(a).items() if not np.array_equal(g, named_arrays(b)[name])}
    assert [name.split(".")[-1] for name in changed] == ["W_hh"]
    assert np.abs((c.cell.W_hh - a.cell.W_hh) - 2 * (b.cell.W_hh - a.cell.W_hh)).max() < 1e-12


def test_a_step_without_gradient_stays_finite(rng):
    W, zeros = rng.standard_normal((5, 5)), np.zeros((4, 2, 5))
    omega, dW = omega_and_gradient(zeros, zeros + 1, W)
    assert omega == pytest.approx(0) and not dW.any()


@pytest.mark.slow
def test_copying_over_20_steps_is_learned_sooner(rng):
    make = partial(RegularisedModel, weight=0.2)
    a, b = rng.spawn(2)
    plain = train_on(TASKS["copy"], CELLS["elman"], a, 20, updates=600)
    helped = train_on(TASKS["copy"], CELLS["elman"], b, 20, updates=600, model=make)
    assert helped.success > plain.success

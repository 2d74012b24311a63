"""Training on tasks: exact gradients for any cell, truncation that cuts, and runs that solve what can be solved."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.gradcheck import gradient_check
from course_utils.params import named_arrays
from course_utils.studies.task_training import TaskModel, success_table, train_on
from course_utils.tasks.long_lag import TASKS, copying

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


@every_task
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru", "lru"])
def test_gradients_equal_central_differences(task, cell, rng):
    model = TaskModel(CELLS[cell], task, H=5)
    params, (x, target) = model.init(rng, np.float64), task.draw(rng, 11, 2)
    _, grads, state = model.loss_and_gradients(params, x, target)
    report = gradient_check(
        lambda p: model.loss_and_gradients(p, x, target)[0], params, grads, entries=20, rng=rng, tolerance=1e-5
    )
    assert report.ok, str(report)
    assert state is None


@pytest.mark.parametrize("k", [2, 3, 8, 9, 30])
def test_a_cut_gradient_is_that_of_the_last_steps_from_a_given_state(k, rng):
    task, T, cell = TASKS["copy"], 9, CELLS["gru"]
    cut, whole = TaskModel(cell, task, 5, truncate=k), TaskModel(cell, task, 5)
    params, (x, target) = whole.init(rng, np.float64), task.draw(rng, T, 3)
    loss, grads, _ = cut.loss_and_gradients(params, x, target)
    state = sequence.forward(cell, params.cell, x[:-k]).last if k < T else None
    _, expected, _ = whole.loss_and_gradients(params, x[-k:], target, state)
    assert abs(loss - whole.loss_and_gradients(params, x, target)[0]) < 1e-14
    for a, b in zip(named_arrays(grads).values(), named_arrays(expected).values(), strict=True):
        assert np.abs(a - b).max() < 1e-14


def test_a_cut_before_the_symbols_leaves_their_rows_without_gradient(rng):
    task = copying(symbols=4, n=2)
    model = TaskModel(CELLS["elman"], task, 5, truncate=7)
    params, (x, target) = model.init(rng, np.float64), task.draw(rng, 9, 8)
    dW = model.loss_and_gradients(params, x, target)[1].cell.W_xh
    assert not dW[1:5].any()
    whole = TaskModel(CELLS["elman"], task, 5).loss_and_gradients(params, x, target)[1].cell.W_xh
    assert whole[1:5].any()


@every_task
def test_answers_and_their_test_agree_with_the_loss(task, rng):
    model = TaskModel(CELLS["gru"], task, 4)
    params, batch = model.init(rng), task.draw(rng, 10, 6)
    assert model.outputs(params, batch.x).shape == (task.answers, 6, task.outputs)
    success, loss = model.test(params, batch)
    assert 0 <= success <= 1
    assert abs(loss - model.loss_and_gradients(params, *batch)[0]) < 1e-6


def test_a_short_task_is_solved_and_training_stops_there(rng):
    found = train_on(TASKS["copy"], CELLS["elman"], rng, 6, H=16, updates=600)
    assert found.success >= 0.99
    assert found.updates < 600 and found.updates % 100 == 0
    assert found.updates == len(found.fit.history.loss)


def test_with_the_gradient_cut_too_short_the_answer_stays_at_chance(rng):
    options = {"H": 16, "updates": 300, "truncate": 3}
    found = train_on(TASKS["copy"], CELLS["elman"], rng, 30, **options)  # so long that no echo of the start is left
    assert abs(found.success - TASKS["copy"].chance) < 0.12
    assert abs(found.loss - TASKS["copy"].loss_without_looking) < 0.1


def test_table_has_one_row_per_task_and_cell_and_options_reach_the_cell(rng):
    cells = {"plain": (CELLS["elman"], {}), "zero": (CELLS["elman"], {"W_hh": lambda rng, shape: np.zeros(shape)})}
    table = success_table(rng, [TASKS["copy"]], cells, [5, 9], H=8, updates=2)
    assert list(table) == [("copy", "plain"), ("copy", "zero")]
    assert all(len(row) == 2 and all(0 <= s <= 1 for s in row) for row in table.values())


def test_truncation_must_reach_all_answers():
    with pytest.raises(ValueError, match="truncate must be None or at least 2, the answers of copy"):
        TaskModel(CELLS["elman"], TASKS["copy"], 5, truncate=1)

"""The long-lag tasks: answers that follow from the input, lags as promised, and chance levels that are exact."""

import numpy as np
import pytest

from course_utils.tasks.long_lag import CLOSE, EVENTS, ORDER_SYMBOLS, TASKS, adding, copying, right, temporal_order

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


@every_task
@pytest.mark.parametrize("T", [11, 26])
def test_shapes_ranges_and_the_generator(task, T):
    x, target = task.draw(np.random.default_rng(1), T, 3)
    again = task.draw(np.random.default_rng(1), T, 3)
    assert target.shape == (task.answers, 3)
    assert x.shape == ((T, 3) if task.kind == "class" else (T, 3, task.D))
    assert np.array_equal(x, again.x)
    assert np.array_equal(target, again.target)
    if task.kind == "class":
        assert x.min() >= 0 and x.max() < task.D and target.min() >= 0 and target.max() < task.outputs


@pytest.mark.parametrize(("symbols", "n", "T"), [(4, 2, 9), (2, 1, 3), (7, 3, 20)])
def test_copy_asks_for_what_stood_t_minus_n_steps_before(symbols, n, T, rng):
    task = copying(symbols, n)
    x, target = task.draw(rng, T, 50)
    assert np.array_equal(x[:n] - 1, target)
    assert set(np.unique(target)) == set(range(symbols))
    assert (x[T - n] == symbols + 1).all()
    rest = np.delete(x, [*range(n), T - n], axis=0)
    assert not rest.any()


def test_adding_marks_one_number_in_each_half_and_asks_for_their_sum(rng):
    x, target = adding().draw(rng, 7, 400)
    marks = x[..., 1]
    assert set(np.unique(marks)) == {0, 1}
    assert (marks[:3].sum(axis=0) == 1).all() and (marks[3:].sum(axis=0) == 1).all()
    assert (marks.sum(axis=1) > 0).all()  # every place can be marked
    by_hand = [sum(v for v, m in x[:, b] if m) for b in range(400)]
    assert np.allclose(target[0], by_hand, rtol=0, atol=1e-15)


def test_order_has_its_two_symbols_where_the_source_puts_them(rng):
    T = 50
    x, target = temporal_order().draw(rng, T, 400)
    words = ["".join(ORDER_SYMBOLS[k] for k in column) for column in x.T]
    for word, k in zip(words, target[0], strict=True):
        places = [t for t, s in enumerate(word) if s in "XY"]
        assert "".join(word[t] for t in places) == EVENTS[k]
        assert T // 10 <= places[0] < T // 5 and T // 2 <= places[1] < 3 * T // 5
        assert word[0] == "E" and word[-1] == "B" and word.count("E") == word.count("B") == 1
    assert set(target[0]) == {0, 1, 2, 3}


def test_order_fits_its_shortest_length(rng):
    x, _ = temporal_order().draw(rng, 10, 200)
    assert (np.isin(x, [4, 5]).sum(axis=0) == 2).all()


@every_task
def test_chance_is_what_an_answer_without_looking_gets(task, rng):
    n = 200_000
    target = task.draw(rng, task.shortest, n).target
    if task.kind == "class":
        outputs = np.zeros((*target.shape, task.outputs))
        outputs[..., 0] = 1
        loss = np.log(task.outputs)
    else:
        outputs, loss = np.ones((*target.shape, 1)), np.mean((target - 1) ** 2)
    assert abs(right(task, outputs, target).mean() - task.chance) < 5e-3
    assert abs(loss - task.loss_without_looking) < 2e-3


def test_the_second_mark_alone_leaves_a_twelfth(rng):
    x, target = adding().draw(rng, 6, 200_000)
    second = (x[3:, :, 0] * x[3:, :, 1]).sum(axis=0)
    assert abs(np.mean((second + 0.5 - target[0]) ** 2) - 1 / 12) < 1e-3


def test_right_counts_a_number_that_is_close_and_the_largest_score():
    assert right(adding(), np.array([[[1.0], [1.0]]]), np.array([[1 + CLOSE / 2, 1 + 2 * CLOSE]])).tolist() == [
        [True, False]
    ]
    scores = np.array([[[0, 3, 1, 0], [5, 0, 0, 0]]])
    assert right(temporal_order(), scores, np.array([[1, 1]])).tolist() == [[True, False]]


@every_task
def test_bad_sizes_and_shapes_are_named(task, rng):
    with pytest.raises(ValueError, match=f"T must be a whole number of at least {task.shortest} for {task.name}"):
        task.draw(rng, task.shortest - 1, 3)
    with pytest.raises(ValueError, match="B must be a whole number of at least 1, got 0"):
        task.draw(rng, 12, 0)
    with pytest.raises(ValueError, match="outputs must be"):
        right(task, np.zeros((task.answers, 2)), np.zeros((task.answers, 2)))


@pytest.mark.parametrize(("symbols", "n", "name"), [(1, 2, "symbols"), (4, 0, "n"), (2.5, 1, "symbols")])
def test_bad_options_of_copy_are_named(symbols, n, name):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number"):
        copying(symbols, n)

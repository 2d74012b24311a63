"""The training loop: which batches it takes, what it carries between them, when it stops, and what it writes down."""

import itertools
from typing import NamedTuple

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.clipping import clip_by_norm, global_norm
from course_utils.language_model import RecurrentLanguageModel
from course_utils.optim import SGD, Adam
from course_utils.params import named_arrays
from course_utils.training import train
from course_utils.vocabulary import batches
from course_utils.window_model import WindowLanguageModel, windows


class Params(NamedTuple):
    w: np.ndarray


class Recorder:
    """A model that notes the state it is given; its state is the number of its call, its gradient the inputs' mean."""

    def __init__(self, losses=(1.0,) * 99):
        self.states, self.losses = [], iter(losses)

    def loss_and_gradients(self, params, inputs, targets, state):
        self.states.append(state)
        return next(self.losses), Params(np.full(2, np.mean(inputs))), len(self.states)


START = Params(np.zeros(2))


def chunks(n, *fresh, size=3):
    return [(np.full((size, 2), k + 1.0), np.zeros((size, 2), int), *fresh) for k in range(n)]


def run(model, given, **options):
    return train(model, START, given, SGD(1.0), **{"progress": False, "clip": None} | options)


@pytest.mark.parametrize("kind", ["elman", "lstm"])
def test_training_equals_the_loop_written_out(kind, rng):
    model = RecurrentLanguageModel(CELLS[kind], V=6, H=5)
    params, ids = model.init(rng, np.float64), rng.integers(0, 6, 60)
    fit = train(model, params, batches(ids, 2, 7), Adam(0.1), clip=0.1, progress=False)
    optimiser, state, rows = Adam(0.1), None, []
    for inputs, targets in batches(ids, 2, 7):
        loss, grads, state = model.loss_and_gradients(params, inputs, targets, state)
        rows.append((loss, global_norm(grads)))
        params = optimiser.update(params, clip_by_norm(grads, 0.1)[0])
    assert np.array_equal(np.transpose(rows), [fit.history.loss, fit.history.norm])
    assert (fit.history.norm > 0.1).all()  # so that clipping was at work
    for name, a in named_arrays(params).items():
        assert np.array_equal(a, named_arrays(fit.params)[name]), name


@pytest.mark.parametrize("kind", ["elman", "lstm", "window"])
def test_a_model_learns_a_repeating_text(kind, rng):
    ids = np.tile([0, 1, 0, 2], 50)
    model = WindowLanguageModel(3, 2, 4, 5) if kind == "window" else RecurrentLanguageModel(CELLS[kind], 3, 5)
    params = model.init(rng)
    given = [windows(ids, 2)] if kind == "window" else list(batches(ids, 2, 10))
    fit = train(model, params, itertools.cycle(given), Adam(0.05), steps=100, progress=False)
    assert fit.history.loss[0] > 0.8
    assert -model.log_prob(fit.params, ids[20:]).mean() < 0.1
    assert {a.dtype for a in named_arrays(fit.params).values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "fresh, carry, expected",
    [
        ((), True, [None, 1, 2, 3]),
        ((), False, [None] * 4),
        ((False,), True, [None, 1, 2, 3]),
        ((True,), True, [None] * 4),
        ((np.True_,), True, [None] * 4),
        ((False,), False, [None] * 4),
    ],
)
def test_state_is_carried_unless_asked_not_to_or_the_batch_is_fresh(fresh, carry, expected):
    model = Recorder()
    run(model, chunks(4, *fresh), carry=carry)
    assert model.states == expected


def test_a_fresh_batch_starts_again_in_the_middle():
    model = Recorder()
    run(model, [(*batch, k == 2) for k, batch in enumerate(chunks(5))])
    assert model.states == [None, 1, None, 3, 4]


@pytest.mark.parametrize(
    "options, updates",
    [
        ({}, 10),
        ({"steps": 4}, 4),
        ({"steps": 99}, 10),
        ({"tokens": 24}, 4),  # a batch has 6 tokens
        ({"tokens": 25}, 5),
        ({"tokens": 1}, 1),
        ({"seconds": 1e-12}, 1),
        ({"seconds": 1e6}, 10),
        ({"steps": 3, "tokens": 30}, 3),
        ({"steps": 5, "tokens": 12}, 2),
    ],
)
def test_the_first_limit_that_is_reached_ends_it(options, updates):
    model, given = Recorder(), iter(chunks(10))
    fit = run(model, given, **options)
    assert len(model.states) == len(fit.history.loss) == updates
    assert len(list(given)) == 10 - updates  # no batch is taken and thrown away
    assert np.array_equal(fit.params.w, np.full(2, -sum(range(updates + 1))))


def test_history_has_a_row_per_update():
    fit = run(Recorder([3.0, 2.0, 1.5]), chunks(3))
    assert fit.history.tokens.tolist() == [6, 12, 18]
    assert fit.history.loss.tolist() == [3, 2, 1.5]
    assert (np.diff([0, *fit.history.seconds]) > 0).all()
    assert fit.history.evaluations == []


@pytest.mark.parametrize("clip", [None, 1.5, 100])
def test_history_holds_the_norm_before_clipping(clip):
    fit = run(Recorder(), chunks(3), clip=clip)
    norms = np.sqrt(2) * np.array([1, 2, 3])
    assert np.abs(fit.history.norm - norms).max() < 1e-14
    moved = np.sum(norms if clip is None else np.minimum(norms, clip))
    assert abs(np.linalg.norm(fit.params.w) - moved) < 1e-14


def test_clipping_at_five_is_the_default():
    fit = train(Recorder(), START, chunks(9)[-1:], SGD(1.0), progress=False)
    assert abs(np.linalg.norm(fit.params.w) - 5) < 1e-14


@pytest.mark.parametrize(
    "every, updates, at",
    [(None, 5, [30]), (1, 3, [6, 12, 18]), (2, 5, [12, 24, 30]), (2, 4, [12, 24]), (99, 5, [30])],
)
def test_evaluation_comes_every_so_many_updates_and_at_the_end_once(every, updates, at):
    fit = run(Recorder(), chunks(updates), evaluate=lambda p: p.w[0], evaluate_every=every)
    assert [tokens for tokens, _, _ in fit.history.evaluations] == at
    assert [value for _, _, value in fit.history.evaluations] == [-sum(range(n // 6 + 1)) for n in at]
    assert fit.history.evaluations[-1][1] == fit.history.seconds[-1]


def test_the_time_for_evaluations_does_not_count(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("course_utils.training.time.perf_counter", lambda: clock[0])

    class Slow(Recorder):
        def loss_and_gradients(self, *given):
            clock[0] += 1
            return super().loss_and_gradients(*given)

    def evaluate(params):
        clock[0] += 100

    fit = run(Slow(), chunks(9), evaluate=evaluate, evaluate_every=1, seconds=4)
    assert fit.history.seconds.tolist() == [1, 2, 3, 4]
    assert [seconds for _, seconds, _ in fit.history.evaluations] == [1, 2, 3, 4]


def test_the_progress_bar_changes_nothing(capsys):
    pytest.importorskip("tqdm")
    plain, shown = (run(Recorder(), chunks(4), progress=progress, tokens=12) for progress in (False, True))
    assert np.array_equal(plain.params.w, shown.params.w)
    out, err = capsys.readouterr()
    assert out == ""
    assert "batch" in err


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_stops_it_and_names_the_update(loss):
    with pytest.raises(FloatingPointError, match=f"the loss is {loss} at update 3; lower the learning rate or clip"):
        run(Recorder([1.0, 1.0, loss]), chunks(5))


def test_a_gradient_that_is_not_finite_is_named_by_array():
    bad = [(np.full((3, 2), np.nan), np.zeros((3, 2), int))]
    with pytest.raises(ValueError, match="gradients are not finite in w; lower the learning rate"):
        run(Recorder(), bad, clip=5.0)


@pytest.mark.parametrize("given, options", [([], {}), (iter(()), {"tokens": 5}), (chunks(3), {"steps": 0})])
def test_no_batch_at_all_is_an_error(given, options):
    with pytest.raises(ValueError, match="there was no batch to train on: is the text shorter than"):
        run(Recorder(), given, **options)


def test_nothing_given_is_changed(rng):
    model = RecurrentLanguageModel(CELLS["lstm"], 6, 5, 4)
    params, given = model.init(rng), list(batches(rng.integers(0, 6, 60), 2, 7))
    arrays = [*named_arrays(params).values(), *itertools.chain(*given)]
    before = [a.copy() for a in arrays]
    train(model, params, given, Adam(0.1), progress=False)
    assert all(map(np.array_equal, arrays, before))

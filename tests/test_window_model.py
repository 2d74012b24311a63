"""The language model with a fixed window: its gradients, its probabilities, and that it sees its window and no more."""

import numpy as np
import pytest

from course_utils.gradcheck import gradient_check
from course_utils.losses import softmax
from course_utils.params import named_arrays, number_of_parameters
from course_utils.window_model import WindowLanguageModel, WindowParams, windows

# V, N, E, H, B: all different; a window of one, a vocabulary of one, one window.
SIZES = [(6, 3, 4, 5, 7), (6, 1, 4, 5, 7), (1, 3, 4, 5, 2), (6, 3, 1, 2, 1), (2, 5, 3, 1, 4)]
every_size = pytest.mark.parametrize("V, N, E, H, B", SIZES)


def problem(rng, V=6, N=3, E=4, H=5, B=7, dtype=np.float64):
    model = WindowLanguageModel(V, N, E, H)
    params = model.init(rng, dtype)
    params = params._replace(b_h=rng.standard_normal(H).astype(dtype), b_y=rng.standard_normal(V).astype(dtype))
    return model, params, rng.integers(0, V, (B, N)), rng.integers(0, V, B)


@every_size
def test_gradients_equal_central_differences(rng, V, N, E, H, B):
    model, params, inputs, targets = problem(rng, V, N, E, H, B)
    loss = lambda p: model.loss_and_gradients(p, inputs, targets)[0]  # noqa: E731
    report = gradient_check(loss, params, model.loss_and_gradients(params, inputs, targets)[1])
    assert report.ok, str(report)


@every_size
def test_loss_and_gradients_equal_torch(rng, V, N, E, H, B):
    torch = pytest.importorskip("torch")
    model, params, inputs, targets = problem(rng, V, N, E, H, B)
    loss, grads, state = model.loss_and_gradients(params, inputs, targets)
    p = WindowParams(*(torch.from_numpy(a.copy()).requires_grad_() for a in params))
    e = torch.nn.functional.embedding(torch.from_numpy(inputs), p.E).flatten(1)
    logits = torch.tanh(e @ p.W_eh + p.b_h) @ p.W_hy + p.b_y
    theirs = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    theirs.backward()
    assert state is None
    assert abs(loss - theirs.item()) < 1e-12
    assert np.abs(model.logits(params, inputs) - logits.detach().numpy()).max() < 1e-12
    for name, g, leaf in zip(p._fields, grads, p, strict=True):
        assert np.abs(g - leaf.grad.numpy()).max() < 1e-12, name


@pytest.mark.parametrize("ids, N", [("hello hello", 3), ("hello", 4), ("hello", 1)])
def test_windows_are_every_neighbourhood_oldest_first_with_the_next_token(ids, N):
    ids = np.array(list(map(ord, ids)))
    inputs, targets = windows(ids, N)
    assert inputs.tolist() == [list(ids[i : i + N]) for i in range(len(ids) - N)]
    assert targets.tolist() == [ids[i + N] for i in range(len(ids) - N)]
    assert np.array_equal(windows(list(ids), N)[0], inputs)


@pytest.mark.parametrize("chunk", [1, 4, 17, 10_000])
def test_log_prob_in_chunks_is_that_of_the_whole(rng, chunk):
    model, params, _, _ = problem(rng)
    ids = rng.integers(0, 6, 20)
    found = model.log_prob(params, ids, chunk)
    inputs, targets = windows(ids, 3)
    expected = np.log(softmax(model.logits(params, inputs)))[np.arange(17), targets]
    assert np.abs(found - expected).max() < 1e-13
    assert abs(model.loss_and_gradients(params, inputs, targets)[0] + found.mean()) < 1e-12


def test_a_token_before_the_window_has_no_say_and_every_position_has_its_own(rng):
    model, params, _, _ = problem(rng)
    ids = rng.integers(0, 6, 20)
    other = ids.copy()
    other[5] = (ids[5] + 1) % 6
    changed = np.flatnonzero(model.log_prob(params, ids) != model.log_prob(params, other)) + 3  # position predicted
    assert changed.tolist() == [5, 6, 7, 8]
    turned = model.logits(params, np.array([[0, 1, 2]])) - model.logits(params, np.array([[2, 1, 0]]))
    assert np.abs(turned).max() > 1e-3


def test_parameters_grow_with_the_window(rng):
    sizes = [number_of_parameters(WindowLanguageModel(6, N, 4, 5).init(rng)) for N in (1, 2, 3)]
    assert sizes == [24 + 4 * N * 5 + 5 + 30 + 6 for N in (1, 2, 3)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_nothing_given_is_changed(rng, dtype):
    model, params, inputs, targets = problem(rng, dtype=dtype)
    ids = rng.integers(0, 6, 20)
    given = [*params, inputs, targets, ids]
    before = [a.copy() for a in given]
    _, grads, _ = model.loss_and_gradients(params, inputs, targets)
    made = [*grads, model.logits(params, inputs), model.log_prob(params, ids), *model.hidden(params, inputs)]
    assert all(map(np.array_equal, given, before))
    assert {a.dtype for a in made} == {np.dtype(dtype)}
    assert all(a.shape == b.shape for a, b in zip(grads, params, strict=True))


def test_init_is_float32_with_zero_biases_and_a_seed_repeats_it():
    model = WindowLanguageModel(6, 3, 4, 5)
    a, again, other = (model.init(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert {w.dtype for w in a} == {np.dtype(np.float32)}
    assert not (a.b_h.any() or a.b_y.any())
    assert all(map(np.array_equal, a, again))
    assert not np.array_equal(a.E, other.E)
    assert list(named_arrays(a)) == ["E", "W_eh", "b_h", "W_hy", "b_y"]


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda m, p: windows(np.zeros(3, int), 3), "a window of N = 3 needs N >= 1 and more than N tokens, got 3"),
        (lambda m, p: windows(np.zeros(3, int), 0), "a window of N = 0 needs N >= 1"),
        (lambda m, p: m.log_prob(p, np.zeros(2, int)), "a window of N = 3 needs N >= 1 and more than N tokens, got 2"),
        (lambda m, p: m.logits(p, np.array([[0, 1, 6]])), r"ids must lie in 0\.\.5, got 0\.\.6"),
        (lambda m, p: m.loss_and_gradients(p, np.zeros((7, 3), int), np.full(7, 6)), r"targets must lie in 0\.\.5"),
        (
            lambda m, p: m.loss_and_gradients(p, np.zeros((7, 3), int), np.zeros(2, int)),
            "targets must have the logits'",
        ),
    ],
)
def test_bad_input_is_named(rng, act, message):
    model, params, _, _ = problem(rng)
    with pytest.raises(ValueError, match=message):
        act(model, params)

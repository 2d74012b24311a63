"""The recurrent language model: its gradients, its probabilities in chunks, and text that follows those probabilities."""

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.gradcheck import gradient_check
from course_utils.initialisers import identity
from course_utils.language_model import RecurrentLanguageModel
from course_utils.losses import softmax
from course_utils.params import named_arrays, number_of_parameters

V, H, T, B = 6, 5, 7, 2
# One cell of each kind in every run, the rest of the table with the slow tests: one state, several, many, no plan.
KINDS = ("elman", "elman-relu", "lstm", "gru", "lstm-fgr", "rhn", "min-gru-positive")
every_cell = pytest.mark.parametrize(
    "cell",
    [pytest.param(c, marks=() if name in KINDS else pytest.mark.slow, id=name) for name, c in CELLS.items()],
)
every_input = pytest.mark.parametrize("E", [None, 4], ids=["one-hot", "embedding"])


def problem(cell, rng, E=None, dtype=np.float64):
    """A model, its parameters, and a chunk of tokens with the token after each."""
    model = RecurrentLanguageModel(cell, V, H, E)
    tokens = rng.integers(0, V, (T + 1, B))
    return model, model.init(rng, dtype), tokens[:-1], tokens[1:]


def some_state(cell, params, rng):
    zero = cell.zero_state(params.cell, B)
    return type(zero)(*(rng.standard_normal(a.shape).astype(a.dtype) for a in zero))


@every_cell
@every_input
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_equal_central_differences(cell, E, masked, rng):
    model, params, inputs, targets = problem(cell, rng, E)
    state, mask = some_state(cell, params, rng), rng.random((T, B)) < 0.6 if masked else None
    _, grads, _ = model.loss_and_gradients(params, inputs, targets, state, mask)
    report = gradient_check(
        lambda p: model.loss_and_gradients(p, inputs, targets, state, mask)[0], params, grads, entries=25, rng=rng
    )
    assert report.ok, str(report)
    assert list(named_arrays(grads)) == list(named_arrays(params))


@every_cell
@every_input
def test_loss_and_gradients_equal_torch(cell, E, rng):
    torch = pytest.importorskip("torch")
    from course_utils.sequence.loop_torch import Recurrent

    model, params, inputs, targets = problem(cell, rng, E)
    loss, grads, last = model.loss_and_gradients(params, inputs, targets)
    twin = Recurrent(cell, params.cell)
    E_, W_hy, b_y = (torch.from_numpy(np.array(a)).requires_grad_() for a in (params.E, params.W_hy, params.b_y))
    x = E_[torch.from_numpy(inputs)] if E else torch.from_numpy(inputs)
    h, twin_last = twin(x)
    logits = (h @ W_hy + b_y).reshape(-1, V)
    theirs = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets.reshape(-1)))
    theirs.backward()
    assert abs(loss - theirs.item()) < 1e-12
    expected = {"W_hy": W_hy, "b_y": b_y, **({"E": E_} if E else {})}
    expected |= {f"cell.{name}": getattr(twin, name) for name in params.cell._fields}
    for name, g in named_arrays(grads).items():
        assert np.abs(g - expected[name].grad.numpy()).max() < 1e-12, name
    for ours, other in zip(last, twin_last, strict=True):
        assert np.abs(ours - other.detach().numpy()).max() < 1e-12


@every_input
def test_a_masked_token_has_no_say(E, rng):
    model, params, inputs, targets = problem(CELLS["lstm"], rng, E)
    mask = np.arange(T)[:, None] < np.array([4, 7])  # the first sequence ends after four tokens
    loss, grads, _ = model.loss_and_gradients(params, inputs, targets, mask=mask)
    other = inputs.copy(), targets.copy()
    for a in other:
        a[~mask] = (a[~mask] + 1) % V
    again, grads_again, _ = model.loss_and_gradients(params, *other, mask=mask)
    assert loss == again
    for name, g in named_arrays(grads).items():
        assert np.abs(g - named_arrays(grads_again)[name]).max() < 1e-15, name


@every_cell
@every_input
@pytest.mark.parametrize("chunk", [1, 3, 19, 20, 1000])
def test_log_prob_in_chunks_is_that_of_the_whole(cell, E, chunk, rng):
    model, params, _, _ = problem(cell, rng, E)
    ids = rng.integers(0, V, 20)
    found = model.log_prob(params, ids, chunk)
    logits, _ = model.run(params, ids[:-1, None])
    expected = np.log(softmax(logits[:, 0]))[np.arange(19), ids[1:]]
    assert found.shape == (19,)
    assert np.abs(found - expected).max() < 1e-12
    loss, _, _ = model.loss_and_gradients(params, ids[:-1, None], ids[1:, None])
    assert abs(loss + found.mean()) < 1e-12


@every_input
def test_probabilities_of_all_texts_sum_to_one(E, rng):
    model = RecurrentLanguageModel(CELLS["lstm"], 3, H, E)
    params = model.init(rng, np.float64)
    texts = np.array(list(np.ndindex(3, 3, 3, 3)))
    total = sum(np.exp(model.log_prob(params, np.array([1, *text])).sum()) for text in texts)
    assert abs(total - 1) < 1e-12


@pytest.mark.parametrize("n", [0, 1])
def test_a_text_too_short_to_predict_has_no_log_probabilities(n, rng):
    model, params, _, _ = problem(CELLS["elman"], rng, dtype=np.float32)
    found = model.log_prob(params, np.zeros(n, int))
    assert found.shape == (0,)
    assert found.dtype == np.float32


@every_cell
@every_input
def test_carried_state_makes_two_chunks_one(cell, E, rng):
    model, params, inputs, targets = problem(cell, rng, E)
    whole, _, last = model.loss_and_gradients(params, inputs, targets)
    first, _, state = model.loss_and_gradients(params, inputs[:4], targets[:4])
    second, _, state = model.loss_and_gradients(params, inputs[4:], targets[4:], state)
    assert abs((4 * first + 3 * second) / 7 - whole) < 1e-12
    for a, b in zip(state, last, strict=True):
        assert np.abs(a - b).max() < 1e-12


def test_first_generated_token_follows_the_models_probabilities(rng):
    model, params, _, _ = problem(CELLS["elman"], rng)
    prompt, n = [1, 4, 0], 3000
    logits, _ = model.run(params, np.array(prompt)[:, None])
    p = softmax(logits[-1, 0])
    drawn = [model.generate(rng, params, prompt, 1)[0] for _ in range(n)]
    counts = np.bincount(drawn, minlength=V)
    assert (
        np.sum((counts - n * p) ** 2 / (n * p)) < 43.1
    )  # e^-11.5 is the chance that chi-square with 5 degrees exceeds it


@every_input
def test_a_long_text_costs_what_its_own_model_expects(E, rng):
    """The mean of -log p over a generated text equals the mean entropy of the distributions it was drawn from."""
    model, params, _, _ = problem(CELLS["lstm"], rng, E)
    params = params._replace(W_hy=8 * params.W_hy)  # far from uniform, so that another order or temperature would show
    n = 3000
    text = np.concatenate([[2], model.generate(rng, params, [2], n)])
    logits, _ = model.run(params, text[:-1, None])
    p = softmax(logits[:, 0])
    surprise = -np.log(p)
    entropy, variance = np.sum(p * surprise, axis=1), np.sum(p * surprise**2, axis=1)
    error = np.sqrt(np.sum(variance - entropy**2)) / n
    assert abs(-model.log_prob(params, text).mean() - entropy.mean()) < 5 * error
    assert entropy.mean() < 0.9 * np.log(V)


@every_cell
@every_input
def test_top_1_goes_on_with_the_most_likely_token_of_the_whole_history(cell, E, rng):
    model, params, _, _ = problem(cell, rng, E)
    text = [3, 1]
    for _ in range(10):
        text.append(int(np.argmax(model.run(params, np.array(text)[:, None])[0][-1, 0])))
    assert model.generate(rng, params, [3, 1], 10, top_k=1).tolist() == text[2:]
    assert model.generate(rng, params, np.array([3, 1]), 10, temperature=1e-6).tolist() == text[2:]


def test_a_seed_gives_the_same_text_again(rng):
    model, params, _, _ = problem(CELLS["lstm"], rng)
    text = lambda seed: model.generate(np.random.default_rng(seed), params, [0], 40, 0.9, 4).tolist()  # noqa: E731
    assert text(1) == text(1) != text(2)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_generate_gives_n_integers(n, rng):
    model, params, _, _ = problem(CELLS["elman"], rng, dtype=np.float32)
    tokens = model.generate(rng, params, [2], n)
    assert tokens.shape == (n,)
    assert tokens.dtype == np.int64


def test_a_vocabulary_of_one_is_certain(rng):
    model = RecurrentLanguageModel(CELLS["elman"], 1, H, 4)
    params = model.init(rng)
    assert not model.generate(rng, params, [0], 5).any()
    loss, grads, _ = model.loss_and_gradients(params, np.zeros((T, B), int), np.zeros((T, B), int))
    assert loss == 0
    assert not any(g.any() for g in named_arrays(grads).values())


@every_cell
@every_input
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_nothing_given_is_changed(cell, E, dtype, rng):
    model, params, inputs, targets = problem(cell, rng, E, dtype)
    state, mask, ids = some_state(cell, params, rng), rng.random((T, B)) < 0.6, rng.integers(0, V, 9)
    given = [*named_arrays(params).values(), inputs, targets, mask, *state, ids]
    before = [a.copy() for a in given]
    _, grads, last = model.loss_and_gradients(params, inputs, targets, state, mask)
    logits, _ = model.run(params, inputs, state)
    scores = model.log_prob(params, ids, 3)
    model.generate(rng, params, ids, 3)
    assert all(map(np.array_equal, given, before))
    assert {a.dtype for a in (*named_arrays(grads).values(), *last, logits, scores)} == {np.dtype(dtype)}


def test_init_counts_its_parameters_hands_options_to_the_cell_and_is_float32(rng):
    model = RecurrentLanguageModel(CELLS["elman"], V, H, 4)
    params = model.init(rng, W_hh=identity)
    assert number_of_parameters(params) == V * 4 + 4 * H + H * H + H + H * V + V
    assert np.array_equal(params.cell.W_hh, np.eye(H))
    assert {a.dtype for a in named_arrays(params).values()} == {np.dtype(np.float32)}
    one_hot = RecurrentLanguageModel(CELLS["elman"], V, H).init(rng)
    assert one_hot.E == ()
    assert number_of_parameters(one_hot) == V * H + H * H + H + H * V + V
    assert np.abs(params.W_hy).max() <= H**-0.5


@every_input
def test_bad_input_is_named(E, rng):
    model, params, inputs, targets = problem(CELLS["elman"], rng, E)
    for act, kind, message in [
        (lambda: model.generate(rng, params, [], 3), ValueError, "prompt must hold at least one token id"),
        (lambda: model.generate(rng, params, [V], 3), ValueError, r"ids must lie in 0\.\.5, got 6\.\.6"),
        (lambda: model.loss_and_gradients(params, inputs + V, targets), ValueError, r"ids must lie in 0\.\.5"),
        (lambda: model.loss_and_gradients(params, inputs, targets + V), ValueError, r"targets must lie in 0\.\.5"),
        (
            lambda: model.loss_and_gradients(params, inputs, targets.T),
            ValueError,
            "targets must have the shape of the inputs",
        ),
        (lambda: model.run(params, inputs, params.cell), ValueError, r"the state of elman is a State\(h\), got Params"),
        (lambda: model.init(rng, W_zz=identity), ValueError, "elman has no parameter W_zz"),
    ]:
        with pytest.raises(kind, match=message):
            act()

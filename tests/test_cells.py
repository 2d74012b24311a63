"""Every cell: its hand-written gradient against finite differences and autograd, and its twin in torch."""

import re

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.cells.cell import Cell
from course_utils.gradcheck import gradient_check
from course_utils.initialisers import orthogonal
from course_utils.params import as_dtype, named_arrays
from course_utils.sequence.plan import Plan

torch = pytest.importorskip("torch")

from course_utils.cells import elman_torch, gru_torch, lstm_torch  # noqa: E402
from course_utils.sequence.loop_torch import Recurrent, torch_twin  # noqa: E402

# T, B, D, H all differ, so that a swapped axis cannot pass; one step and 200 steps are among them.
SIZES = [(7, 2, 3, 5), (1, 2, 3, 5), (200, 2, 3, 5), (7, 1, 3, 5), (4, 3, 1, 2), (2, 5, 4, 1), (1, 1, 1, 1)]
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=str)
every_size = pytest.mark.parametrize("T, B, D, H", SIZES)


def problem(cell, rng, T, B, D, H):
    """Parameters, input, first state, and the gradients that arrive at every output and at the last state."""
    p = cell.init(rng, D, H)
    if cell.name == "elman-identity":
        p = p._replace(W_hh=0.9 * orthogonal(rng, (H, H)))  # 200 steps of a linear map stay within range
    x = rng.standard_normal((T, B, D))
    state = cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values()))
    if "n" in cell.State._fields:
        state = state._replace(n=0.5 + np.abs(state.n))  # a normaliser is positive: outputs are divided by it
    d_last = cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values()))
    return p, x, state, rng.standard_normal((T, B, H)), d_last


def assert_equal(got, expected, tolerance=1e-10):
    assert got.shape == expected.shape
    assert np.max(np.abs(got - expected) / (1 + np.abs(expected))) < tolerance


@every_cell
@every_size
def test_hand_gradient_equals_autograd(cell, rng, T, B, D, H):
    p, x, state, dh, d_last = problem(cell, rng, T, B, D, H)
    run = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, run, dh, d_last)
    twin = Recurrent(cell, p)
    leaf = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, *state)]
    h, last = twin(leaf[0], cell.State(*leaf[1:]))
    loss = (h * torch.from_numpy(dh)).sum() + sum(
        (a * torch.from_numpy(b)).sum() for a, b in zip(last, d_last, strict=True)
    )
    loss.backward()
    assert_equal(run.h, h.detach().numpy())
    for name, gradient in named_arrays(back.p).items():
        assert_equal(gradient, getattr(twin, name).grad.numpy())
    for gradient, tensor in zip((back.x, *back.state), leaf, strict=True):
        unread = tensor.grad is None  # the output of a cell that reads it out of an inner memory
        assert_equal(gradient, np.zeros(tensor.shape) if unread else tensor.grad.numpy())


@every_cell
def test_hand_gradient_equals_central_differences(cell, rng):
    p, x, state, dh, d_last = problem(cell, rng, 7, 2, 3, 5)

    def loss(p):
        run = sequence.forward(cell, p, x, state)
        return np.sum(run.h * dh) + sum(np.sum(a * b) for a, b in zip(run.last, d_last, strict=True))

    run = sequence.forward(cell, p, x, state)
    report = gradient_check(loss, p, sequence.backward(cell, p, x, run, dh, d_last).p)
    assert report.ok, str(report)


@every_cell
@every_size
def test_trace_of_torch_twin_equals_numpy(cell, rng, T, B, D, H):
    p, x, state, _, _ = problem(cell, rng, T, B, D, H)
    to = lambda record: type(record)(*map(torch.from_numpy, record))  # noqa: E731
    _, trace = cell.step(p, cell.project(p, x[0]), state)
    twin = torch_twin(cell)
    _, twin_trace = twin.step(to(p), twin.project(to(p), torch.from_numpy(x[0])), to(state))
    for ours, theirs in zip(trace, twin_trace, strict=True):
        assert_equal(ours, theirs.numpy())


NN = {
    "elman": (torch.nn.RNN, {}, elman_torch),
    "elman-relu": (torch.nn.RNN, {"nonlinearity": "relu"}, elman_torch),
    "lstm": (torch.nn.LSTM, {}, lstm_torch),
    "gru": (torch.nn.GRU, {}, gru_torch),
}


@pytest.mark.parametrize("name", NN)
@every_size
def test_equals_torch_nn_with_mapped_weights(name, rng, T, B, D, H):
    cell, (kind, options, module) = CELLS[name], NN[name]
    torch.manual_seed(5)
    nn = kind(D, H, dtype=torch.float64, **options)
    p = module.from_torch(nn)
    _, x, state, dh, d_last = problem(cell, rng, T, B, D, H)
    tx = torch.from_numpy(x.copy()).requires_grad_()
    first = [torch.from_numpy(a[None].copy()).requires_grad_() for a in state]
    h, last = nn(tx, tuple(first) if len(first) > 1 else first[0])
    last = last if isinstance(last, tuple) else (last,)
    loss = (h * torch.from_numpy(dh)).sum() + sum(
        (a[0] * torch.from_numpy(b)).sum() for a, b in zip(last, d_last, strict=True)
    )
    loss.backward()
    run = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, run, dh, d_last)
    assert_equal(run.h, h.detach().numpy())
    assert_equal(back.x, tx.grad.numpy())
    for ours, theirs in zip(back.state, first, strict=True):
        assert_equal(ours, theirs.grad[0].numpy())
    for parameter in nn.parameters():
        parameter.data = parameter.grad  # read the gradients through the same mapping as the weights
    summed = 2 * H if name == "gru" else None  # where torch adds two biases up, each has our gradient: keep one
    nn.bias_hh_l0.data[:summed] = 0
    for ours, theirs in zip(back.p, module.from_torch(nn), strict=True):
        assert_equal(ours, theirs)


@pytest.mark.parametrize("name", NN)
def test_mapping_to_torch_and_back_changes_nothing(name, rng):
    module = NN[name][2]
    p = CELLS[name].init(rng, 3, 5, dtype=np.float32)
    options = {"activation": CELLS[name].activation} if hasattr(CELLS[name], "activation") else {}
    again = module.from_torch(module.to_torch(p, **options))
    for a, b in zip(p, again, strict=True):
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


@every_cell
def test_tokens_equal_their_one_hot_rows(cell, rng):
    p = cell.init(rng, D=6, H=5)
    tokens = rng.integers(0, 6, (7, 2))
    dh = rng.standard_normal((7, 2, 5))
    dense = np.eye(6)[tokens]
    by_token, by_row = sequence.forward(cell, p, tokens), sequence.forward(cell, p, dense)
    assert_equal(by_token.h, by_row.h)
    back, back_dense = sequence.backward(cell, p, tokens, by_token, dh), sequence.backward(cell, p, dense, by_row, dh)
    assert back.x is None
    for a, b in zip(back.p, back_dense.p, strict=True):
        assert_equal(a, b)
    assert_equal(Recurrent(cell, p)(torch.from_numpy(tokens))[0].detach().numpy(), by_token.h)


@every_cell
def test_two_halves_with_carried_state_equal_the_whole(cell, rng):
    p, x, state, _, _ = problem(cell, rng, 7, 2, 3, 5)
    whole = sequence.forward(cell, p, x, state)
    first = sequence.forward(cell, p, x[:4], state)
    second = sequence.forward(cell, p, x[4:], first.last)
    assert_equal(np.concatenate([first.h, second.h]), whole.h)
    for a, b in zip(second.last, whole.last, strict=True):
        assert_equal(a, b)


@every_cell
def test_nothing_given_is_changed_and_float32_stays(cell, rng):
    p, x, state, dh, d_last = (
        as_dtype(part, np.float32) if isinstance(part, tuple) else part.astype(np.float32)
        for part in problem(cell, rng, 7, 2, 3, 5)
    )
    given = [*p, x, *state, dh, *d_last]
    before = [a.copy() for a in given]
    run = sequence.forward(cell, p, x, state)
    back = sequence.backward(cell, p, x, run, dh, d_last)
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    made = [run.h, *run.last, *run.trace, *back.p, back.x, *back.state]
    assert {a.dtype for a in made} == {np.dtype(np.float32)}


@every_cell
def test_equation_numbers_of_both_halves_agree_with_the_docstring(cell):
    import importlib
    import inspect

    numpy_half = importlib.import_module(type(cell).__module__)
    torch_half = importlib.import_module(type(cell).__module__ + "_torch")

    def numbers(text):
        return set(map(int, re.findall(r"\((\d+)\)", text)))

    for module in (numpy_half, torch_half):
        source = inspect.getsource(module).replace(module.__doc__, "")
        in_code = numbers(" ".join(re.findall(r"# (.*)", source)))
        equations = [line for line in module.__doc__.splitlines() if line.startswith("    ")]
        assert in_code == numbers("\n".join(equations)), module.__name__
    equation = {n: line for line in numpy_half.__doc__.splitlines() for n in numbers(line) if line.startswith("    ")}
    for line in torch_half.__doc__.splitlines():
        for n in numbers(line) if line.startswith("    ") else ():
            assert line.split(f"({n})")[0].split() == equation[n].split(f"({n})")[0].split()


@every_cell
def test_every_row_of_the_table_is_a_cell_under_its_own_name(cell):
    assert isinstance(cell, Cell)
    assert CELLS[str(cell)] is cell
    D, H = 3, 5
    assert cell.sizes(cell.init(np.random.default_rng(0), D, H)) == (D, H)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c, p, x, s: (p, x[..., :2], s), r"x must be floats \(T, B, D = 3\)"),
        (lambda c, p, x, s: (p, x[0], s), "x must be floats"),
        (lambda c, p, x, s: (p, x.astype(np.float32), s), "x is float32 but the parameters are float64"),
        (lambda c, p, x, s: (p, x[:0], s), "not empty"),
        (lambda c, p, x, s: (p, x, tuple(s)), r"is a State\("),
        (lambda c, p, x, s: (p, x, c.State(*(a[:1] for a in s))), r"state\.h must be float64 \(2, 5\)"),
        (
            lambda c, p, x, s: (p._replace(**{p._fields[1]: p[1][..., :3]}), x, s),
            r"must have shape .* for D = 3, H = 5",
        ),
        (lambda c, p, x, s: (p._replace(**{p._fields[1]: p[1].astype(np.float32)}), x, s), "is float32 but"),
        (lambda c, p, x, s: (p, np.array([[3, 0]]), s), r"ids must lie in 0\.\.2"),
    ],
)
@every_cell
def test_bad_input_is_named(cell, rng, change, message):
    p, x, state, _, _ = problem(cell, rng, 7, 2, 3, 5)
    p, x, state = change(cell, p, x, state)
    with pytest.raises(ValueError, match=message):
        sequence.forward(cell, p, x, state)


def test_an_unknown_cell_is_refused_with_the_nearest_name_and_all_names():
    with pytest.raises(KeyError, match=r"no cell is called 'ltsm'; did you mean 'lstm'.* there are elman"):
        CELLS["ltsm"]
    assert "ltsm" not in CELLS
    assert CELLS.get("ltsm") is None


def test_bad_sizes_and_names_are_refused(rng):
    with pytest.raises(ValueError, match="H must be a whole number"):
        CELLS["lstm"].init(rng, 3, 0)
    with pytest.raises(ValueError, match="has no parameter W_zz; it has W_x, W_h, b"):
        CELLS["lstm"].init(rng, 3, 5, W_zz=orthogonal)
    with pytest.raises(ValueError, match="activation must be one of tanh"):
        type(CELLS["elman"])("swish")
    with pytest.raises(ValueError, match=r"dtype must be np\.float32 or np\.float64, got int64"):
        CELLS["lstm"].init(rng, 3, 5, dtype=np.int64)
    with pytest.raises(TypeError, match=r"rng must be a generator such as np\.random\.default_rng\(0\), got int"):
        CELLS["lstm"].init(0, 3, 5)


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize(
    "change, message",
    [
        (lambda x, dh: (x, dh[..., :3]), r"dh must have the shape of h, \(7, 2, 5\), got \(7, 2, 3\)"),
        (lambda x, dh: (x, dh.astype(np.float32)), "dh is float32 but h is float64"),
        (lambda x, dh: (x[:6], dh), r"for this x: h has \(T, B\) = \(7, 2\), x has \(6, 2\)"),
    ],
)
def test_a_gradient_that_does_not_fit_is_named(change, message, planned, rng):
    cell = CELLS["elman"]
    p, x, _, dh, _ = problem(cell, rng, 7, 2, 3, 5)
    plan = Plan(cell, p, 7, 2)
    run, (x_given, dh) = sequence.forward(cell, p, x), change(x, dh)
    plan.forward(p, x)
    with pytest.raises(ValueError, match=message):
        plan.backward(x_given, dh) if planned else sequence.backward(cell, p, x_given, run, dh)


@pytest.mark.parametrize(
    "change, kind, message",
    [
        (lambda x, s: (x.numpy(), s), TypeError, "x must be a torch tensor, got ndarray"),
        (lambda x, s: (x[..., :2], s), ValueError, r"x must be floats \(T, B, D = 3\)"),
        (lambda x, s: (x.float(), s), ValueError, "x is torch.float32 but the parameters are torch.float64"),
        (lambda x, s: (x.to("meta"), s), ValueError, "x is on meta but the parameters are on cpu"),
        (lambda x, s: (x, tuple(s)), ValueError, r"the state of lstm is a State\(h, c\), got tuple"),
        (lambda x, s: (x, s._replace(c=s.c[:1])), ValueError, r"state\.c must be torch\.float64 \(2, 5\) on cpu, got"),
        (lambda x, s: (x, s._replace(c=s.c.float())), ValueError, r"got torch\.float32 \(2, 5\) on cpu"),
        (
            lambda x, s: (x, s._replace(h=s.h.to("meta"))),
            ValueError,
            r"state\.h .* got torch\.float64 \(2, 5\) on meta",
        ),
    ],
)
def test_what_the_torch_module_cannot_take_is_named(change, kind, message, rng):
    rnn = Recurrent(CELLS["lstm"], CELLS["lstm"].init(rng, 3, 5))
    x, state = change(torch.from_numpy(rng.standard_normal((7, 2, 3))), rnn.zero_state(2))
    with pytest.raises(kind, match=message):
        rnn(x, state)


@every_cell
def test_torch_module_runs_on_every_device_that_is_here(cell, rng):
    from course_utils.device import available_devices, pick_device

    p, x, _, _, _ = problem(cell, rng, 7, 2, 3, 5)
    p, x = as_dtype(p, np.float32), x.astype(np.float32)
    expected = sequence.forward(cell, p, x).h
    for name in available_devices():
        device = pick_device(name)
        twin = Recurrent(cell, p).to(device)
        h, _ = twin(torch.from_numpy(x).to(device))
        h.sum().backward()
        assert_equal(h.detach().cpu().numpy(), expected, 1e-4)

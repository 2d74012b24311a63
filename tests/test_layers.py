"""Stacks of layers equal torch.nn as a whole, and what torch does not have equals autograd."""

import itertools

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS, GRU, LSTM, Elman
from course_utils.gradcheck import gradient_check
from course_utils.params import as_dtype
from course_utils.sequence import masking, noise
from course_utils.sequence.layers import Layers, stacked

torch = pytest.importorskip("torch")
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

from course_utils.sequence.layers_torch import LayersModule, from_torch, to_torch  # noqa: E402

B, D, H = 2, 3, 5
KINDS = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("GRU", {}), ("GRU", {"bias": False})]
KINDS += [("RNN", {"bias": False}), ("LSTM", {"bias": False})]
IDS = ["rnn", "relu", "lstm", "gru", "gru-no-bias", "rnn-no-bias", "lstm-no-bias"]
every_kind = pytest.mark.parametrize("kind, options", KINDS, ids=IDS)


def tensors(record):
    return [torch.from_numpy(np.array(a)).requires_grad_() for a in record]


def distance(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    return np.max(np.abs(a - b) / (1 + np.abs(b)))


def random_states(layers, rng, batch=B):
    """A State per cell."""
    sizes = zip(layers.cells, layers.H, strict=True)
    return tuple(
        cell.State(*(rng.standard_normal((batch, *s)) for s in cell.state_shapes(size).values()))
        for cell, size in sizes
        for _ in range(layers.directions)
    )


def weigh(arrays, weights):
    """A loss: every entry times a number of its own."""
    return sum((a * torch.as_tensor(w)).sum() for a, w in zip(arrays, weights, strict=True))


def gradients_as_parameters(nn):
    """Gradients through the same mapping as the weights; where torch adds two biases up, each has ours: keep one."""
    for parameter in nn.parameters():
        parameter.data = parameter.grad
    for name, parameter in nn.named_parameters():
        if name.startswith("bias_hh"):
            parameter.data[: 2 * H if isinstance(nn, torch.nn.GRU) else None] = 0
    return from_torch(nn)[1]


GRID = [
    (T, L, both, first, packed)
    for T, L, both, first, packed in itertools.product((1, 7, 200), (1, 2, 3), (False, True), (False, True), (0, 1))
    if (T < 200 and (L < 3 or both)) or (L == 2 and packed != first)
]


@every_kind
@pytest.mark.parametrize("T, L, both, batch_first, packed", GRID)
def test_equals_torch_nn_as_a_whole(rng, kind, options, T, L, both, batch_first, packed):
    torch.manual_seed(5)
    nn = getattr(torch.nn, kind)(D, H, L, bidirectional=both, batch_first=batch_first, dtype=torch.float64, **options)
    layers, params = from_torch(nn)
    lengths = np.array([max(1, T // 2), T]) if packed else None
    x, state, d_last = rng.standard_normal((T, B, D)), random_states(layers, rng), random_states(layers, rng)
    dh = rng.standard_normal((T, B, layers.input_sizes(D)[-1]))
    tx, *first = tensors((x, *stacked(state)))
    h, last = run_torch(nn, tx, first, lengths, batch_first)
    weigh((h, *last), (dh, *stacked(d_last))).backward()
    run = layers.forward(params, x, state, lengths)
    back = layers.backward(params, x, run, dh, d_last, lengths)
    assert distance(run.h, h.detach()) < 1e-10
    for ours, theirs in zip(stacked(run.last), last, strict=True):
        assert distance(ours, theirs.detach()) < 1e-10
    for ours, theirs in zip((back.x, *stacked(back.state)), (tx, *first), strict=True):
        assert distance(ours, theirs.grad) < 1e-10
    for ours, theirs in zip(back.p, gradients_as_parameters(nn), strict=True):
        for name in ours._fields if nn.bias else ("W_xh", "W_hh") if kind == "RNN" else ("W_x", "W_h"):
            assert distance(getattr(ours, name), getattr(theirs, name)) < 1e-10


def run_torch(nn, x, first, lengths, batch_first):
    """Output (T, B, ...) and last states of a torch.nn module, with its own batch_first and packing."""
    x, first = x.transpose(0, 1) if batch_first else x, tuple(first) if len(first) > 1 else first[0]
    if lengths is None:
        h, last = nn(x, first)
    else:
        packed = pack_padded_sequence(x, torch.from_numpy(lengths), batch_first, enforce_sorted=False)
        h, last = nn(packed, first)
        h, _ = pad_packed_sequence(h, batch_first)
    return h.transpose(0, 1) if batch_first else h, last if isinstance(last, tuple) else (last,)


@every_kind
@pytest.mark.parametrize("L, both", [(1, False), (3, True)])
def test_mapping_to_torch_and_back_changes_nothing(rng, kind, options, L, both):
    bias = options.get("bias", True)
    nn = getattr(torch.nn, kind)(D, H, L, bidirectional=both, **options)
    layers, params = from_torch(nn)
    again = to_torch(layers, params, bias=bias, batch_first=True)
    assert type(again) is type(nn) and again.batch_first and again.bias == bias
    x = torch.from_numpy(rng.standard_normal((B, 7, D)).astype(np.float32))
    assert distance(again(x)[0].detach(), nn(x.transpose(0, 1))[0].transpose(0, 1).detach()) < 1e-6
    for ours, theirs in zip(params, from_torch(again)[1], strict=True):
        assert all(np.array_equal(a, b) and a.dtype == b.dtype == np.float32 for a, b in zip(ours, theirs, strict=True))


STACKS = {
    "plain": Layers([LSTM(), GRU(), Elman()], [5, 4, 6]),
    "both": Layers([LSTM(), GRU("before"), LSTM()], [5, 4, 6], bidirectional=True),
    "skip": Layers([GRU(), LSTM(), GRU(), Elman()], 4, connect="skip"),
    "skip-both": Layers([CELLS["mut1"], LSTM(), CELLS["nas"]], 4, bidirectional=True, connect="skip"),
    "dense": Layers([LSTM(), GRU(), Elman()], [5, 4, 6], connect="dense"),
    "dense-both": Layers([CELLS["mgu"], CELLS["slstm"]], [5, 4], bidirectional=True, connect="dense"),
}
every_stack = pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)
LENGTHS = [None, [4, 7], [7, 1]]


def problem(layers, rng, T=7):
    x, dh = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, layers.input_sizes(D)[-1]))
    positive = [s._replace(n=0.5 + np.abs(s.n)) if "n" in s._fields else s for s in random_states(layers, rng)]
    return layers.init(rng, D), x, tuple(positive), dh, random_states(layers, rng)


@every_stack
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize("batch_first", [False, True])
def test_every_stack_equals_its_torch_module_with_autograd(layers, rng, lengths, batch_first):
    params, x, state, dh, d_last = problem(layers, rng)
    module = LayersModule(layers, params, batch_first)
    tx, states = torch.from_numpy(x.copy()).requires_grad_(), [type(s)(*tensors(s)) for s in state]
    h, last = module(tx.transpose(0, 1) if batch_first else tx, states, lengths)
    h = h.transpose(0, 1) if batch_first else h
    weigh((h, *itertools.chain(*last)), (dh, *itertools.chain(*d_last))).backward()
    run = layers.forward(params, x, state, lengths)
    back = layers.backward(params, x, run, dh, d_last, lengths)
    ours = [run.h, *itertools.chain(*run.last), back.x, *itertools.chain(*back.state), *itertools.chain(*back.p)]
    leaves = [tx, *itertools.chain(*states), *module.parameters()]
    theirs = [h.detach(), *(a.detach() for a in itertools.chain(*last)), *(a.grad for a in leaves)]
    for a, b in zip(ours, theirs, strict=True):
        assert distance(a, np.zeros(a.shape) if b is None else b) < 1e-10


@every_stack
def test_every_stack_passes_the_gradient_check(layers, rng):
    params, x, state, dh, d_last = problem(layers, rng)

    def loss(params):
        run = layers.forward(params, x, state, [4, 7])
        ends = zip(itertools.chain(*run.last), itertools.chain(*d_last), strict=True)
        return np.sum((run.h * dh)[masking.mask_of([4, 7])]) + sum(np.sum(a * b) for a, b in ends)

    run = layers.forward(params, x, state, [4, 7])
    grads = layers.backward(params, x, run, dh, d_last, [4, 7]).p
    report = gradient_check(loss, params, grads, entries=5, rng=rng)
    assert report.ok, str(report)


@every_stack
def test_padding_never_changes_what_is_not_padding(layers, rng):
    params, x, state, dh, d_last = problem(layers, rng)
    padding, found = ~masking.mask_of([4, 7]), []
    for junk in (0.0, np.nan):
        x, dh = x.copy(), dh.copy()
        x[padding] = dh[padding] = junk
        run = layers.forward(params, x, state, [4, 7])
        back = layers.backward(params, x, run, dh, d_last, [4, 7])
        assert not run.h[padding].any() and not back.x[padding].any()
        found.append([run.h, *itertools.chain(*run.last, *back.p, *back.state), back.x])
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


@every_stack
def test_nothing_given_is_changed_and_float32_stays(layers, rng):
    single = lambda a: as_dtype(a, np.float32)  # noqa: E731
    params, x, state, dh, d_last = map(single, problem(layers, rng))
    given = [*itertools.chain(*params, *state, *d_last), x, dh]
    before = [a.copy() for a in given]
    run = layers.forward(params, x, state, [4, 7])
    back = layers.backward(params, x, run, dh, d_last, [4, 7])
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    made = [run.h, back.x, *itertools.chain(*run.last, *back.p, *back.state)]
    assert {a.dtype for a in made} == {np.dtype(np.float32)}


@every_stack
@pytest.mark.parametrize("T", [1, 7])
def test_dropout_between_layers_has_the_right_gradient(layers, rng, T):
    params, x, state, dh, d_last = problem(layers, rng)
    masks = noise.between_layers(rng, layers, D, B, 0.4, T)
    assert [m.shape for m in masks] == [(T, B, size) for size in layers.input_sizes(D)[:-1]]

    def loss(given):
        run = layers.forward(given[1], given[0], state, [4, 7], masks)
        ends = zip(itertools.chain(*run.last), itertools.chain(*d_last), strict=True)
        return np.sum((run.h * dh)[masking.mask_of([4, 7])]) + sum(np.sum(a * b) for a, b in ends)

    run = layers.forward(params, x, state, [4, 7], masks)
    back = layers.backward(params, x, run, dh, d_last, [4, 7], masks)
    report = gradient_check(loss, (x, params), (back.x, back.p), entries=3, rng=rng)
    assert report.ok, str(report)


def test_dropout_hides_from_the_cell_and_not_from_the_skip_connection(rng):
    x, nothing = rng.standard_normal((7, B, D)), [np.ones((1, B, D)), np.zeros((1, B, H))]
    for connect, kept in (("plain", 0), ("skip", 1)):
        layers = Layers([GRU(), GRU()], H, connect=connect)
        params = layers.init(rng, D)
        lower = sequence.forward(GRU(), params[0], x).h
        upper = sequence.forward(GRU(), params[1], np.zeros_like(lower)).h
        assert np.array_equal(layers.forward(params, x, masks=nothing).h, kept * lower + upper)


def test_layers_of_wrapped_cells_take_the_plain_cells_parameters(rng):
    plain = Layers([LSTM(), LSTM()], H)
    params, x, state, dh, _ = problem(plain, rng)
    cells = [noise.zoneout(rng, noise.variational(rng, LSTM(), B, H, 0.4), 7, B, H, 0.3) for _ in range(2)]
    run = Layers(cells, H).forward(params, x, state)
    back = Layers(cells, H).backward(params, x, run, dh)
    below = sequence.forward(cells[0], params[0], x, state[0])
    above = sequence.forward(cells[1], params[1], below.h, state[1])
    assert np.array_equal(run.h, above.h)
    d_below = sequence.backward(cells[1], params[1], below.h, above, dh)
    expected = sequence.backward(cells[0], params[0], x, below, d_below.x)
    assert np.array_equal(back.x, expected.x)


@every_stack
def test_the_torch_module_makes_no_tensor_on_a_device_of_its_own(layers, rng):
    module = LayersModule(layers, layers.init(rng, D)).to("meta")  # every tensor of another device is an error there
    for lengths in (None, [4, 7]):
        h, last = module(torch.zeros(7, B, D, dtype=torch.float64, device="meta"), lengths=lengths)
        assert h.device.type == "meta" and h.shape == (7, B, layers.input_sizes(D)[-1])
        assert {a.device.type for a in itertools.chain(*last)} == {"meta"}


def test_tokens_equal_their_one_hot_rows(rng):
    for connect in ("plain", "skip"):
        layers = Layers([LSTM(), GRU()], 5, bidirectional=True, connect=connect)
        params = layers.init(rng, D=6)
        tokens, dh = rng.integers(0, 6, (7, B)), rng.standard_normal((7, B, 10))
        pair = [layers.forward(params, x, None, [4, 7]) for x in (tokens, np.eye(6)[tokens])]
        grads = [
            layers.backward(params, x, run, dh, None, [4, 7])
            for x, run in zip((tokens, np.eye(6)[tokens]), pair, strict=True)
        ]
        assert grads[0].x is None
        assert distance(pair[0].h, pair[1].h) < 1e-12
        for a, b in zip(itertools.chain(*grads[0].p), itertools.chain(*grads[1].p), strict=True):
            assert distance(a, b) < 1e-12
        module = LayersModule(layers, params)
        assert distance(module(torch.from_numpy(tokens), lengths=[4, 7])[0].detach(), pair[0].h) < 1e-12


def test_one_plain_layer_is_the_cell_itself(rng):
    cell = LSTM()
    p, x = cell.init(rng, D, H), rng.standard_normal((7, B, D))
    assert np.array_equal(Layers([cell], H).forward((p,), x).h, sequence.forward(cell, p, x).h)


def test_the_backward_half_has_read_the_future_and_the_forward_half_has_not(rng):
    layers = Layers([GRU()], H, bidirectional=True)
    params, x = layers.init(rng, D), rng.standard_normal((7, B, D))
    changed = x.copy()
    changed[4:] += 1
    same = np.isclose(layers.forward(params, x).h, layers.forward(params, changed).h, rtol=0, atol=1e-12)
    assert same[:4, :, :H].all() and not same[4:, :, :H].any()
    assert not same[:, :, H:].any()


def test_layers_that_write_nothing_are_passed_by_skip_connections(rng):
    layers = Layers([LSTM()] * 4, H, connect="skip")
    params, x, dh = layers.init(rng, D), rng.standard_normal((7, B, D)), rng.standard_normal((7, B, H))
    silent = params[:1] + tuple(type(p)(*map(np.zeros_like, p)) for p in params[1:])
    run, below = layers.forward(silent, x), sequence.forward(LSTM(), params[0], x)
    assert np.array_equal(run.h, below.h)
    back = layers.backward(silent, x, run, dh)
    assert np.array_equal(back.x, sequence.backward(LSTM(), params[0], x, below, dh).x)


def test_dense_connections_show_the_input_and_every_layer(rng):
    layers = Layers([LSTM(), GRU(), Elman()], [5, 4, 6], connect="dense")
    params, x = layers.init(rng, D), rng.standard_normal((7, B, D))
    run = layers.forward(params, x)
    assert layers.input_sizes(D) == [3, 8, 12, 18]
    assert np.array_equal(run.h, np.concatenate([x, *(r.h for r in run.runs)], axis=-1))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda p, x: Layers([], 5), "one for each of the 0 cells"),
        (lambda p, x: Layers([LSTM()] * 2, [5, 4, 3]), r"H must be one size or one for each of the 2 cells"),
        (lambda p, x: Layers([LSTM()] * 2, 5, connect="highway"), "plain, skip, dense, got 'highway'"),
        (lambda p, x: Layers([LSTM()] * 2, [5, 4], connect="skip"), r"one size, got H = \(5, 4\)"),
        (lambda p, x: Layers([LSTM()] * 3, 5).forward(p, x), "params must have one entry for each of the 3 cells"),
        (lambda p, x: Layers([LSTM()] * 2, 5).forward(p, x, [None]), "state must have one entry .* 2 cells, got 1"),
        (lambda p, x: Layers([LSTM()] * 2, 5, connect="dense").forward(p, np.zeros((7, 2), int)), "embed the tokens"),
        (lambda p, x: Layers([LSTM()] * 2, 5).forward(p, x, masks=[None]), "one entry for each of the 2 layers, got 1"),
        (lambda p, x: Layers([LSTM()] * 2, 5).forward(p, np.zeros((7, 2), int), masks=[x, None]), "embed the tokens"),
        (lambda p, x: to_torch(Layers([LSTM()] * 2, 5, connect="dense"), p), "use LayersModule"),
        (lambda p, x: to_torch(Layers([LSTM(), GRU()], 5), p), "plain layers of one cell"),
        (lambda p, x: to_torch(Layers([CELLS["mgu"]], 5), p), "torch.nn has no mgu"),
        (lambda p, x: to_torch(Layers([LSTM()] * 2, 5), p, bias=False), "those of params are not zero"),
        (lambda p, x: from_torch(torch.nn.LSTM(3, 5, proj_size=2)), r"proj_size = 2"),
        (lambda p, x: from_torch(torch.nn.Linear(3, 5)), "RNN, LSTM or GRU, got Linear"),
    ],
)
def test_what_does_not_fit_is_named(rng, call, message):
    params = Layers([LSTM()] * 2, H).init(rng, D)
    with pytest.raises(ValueError, match=message):
        call(params, rng.standard_normal((7, B, D)))


@pytest.mark.parametrize("lengths", [None, [4, 7]])
def test_the_torch_module_names_what_does_not_fit(rng, lengths):
    layers = STACKS["dense"]
    params, x, state, _, _ = problem(layers, rng)
    module, x = LayersModule(layers, params), torch.from_numpy(x)
    for given, start, message in [
        (x[..., :2], None, r"x must be floats \(T, B, D = 3\)"),
        (x, state[:2], "state must have one entry for each of the 3 cells, got 2"),
        (x.long()[..., 0], None, "embed the tokens"),
        (x.to("meta"), None, "x is on meta but the parameters are on cpu"),
    ]:
        with pytest.raises(ValueError, match=message):
            module(given, start, lengths)
    with pytest.raises(ValueError, match="params must have one entry for each of the 3 cells, got 2"):
        LayersModule(layers, params[:2])


def test_lengths_may_be_a_tensor(rng):
    layers = STACKS["both"]
    params, x, _, _, _ = problem(layers, rng)
    h, _ = LayersModule(layers, params)(torch.from_numpy(x), lengths=torch.tensor([4, 7]))
    assert distance(h.detach(), layers.forward(params, x, None, [4, 7]).h) < 1e-12


def test_a_gradient_of_another_shape_is_refused(rng):
    layers = STACKS["both"]
    params, x, _, dh, _ = problem(layers, rng)
    with pytest.raises(ValueError, match=r"the shape of the output, \(7, 2, 12\), got \(7, 2, 6\)"):
        layers.backward(params, x, layers.forward(params, x), dh[..., :6])

"""Padding never changes what is not padding, and masks do what torch's packed sequences do."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.cells.carry import Carry
from course_utils.gradcheck import gradient_check
from course_utils.params import as_dtype, named_arrays
from course_utils.sequence import masking

T, B, D, H = 7, 4, 3, 5
LENGTHS = [4, 7, 1, 5]
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=str)


def problem(cell, rng, T=T, B=B):
    p = cell.init(rng, D, H)
    state, d_last = (
        cell.State(*(rng.standard_normal((B, *s)) for s in cell.state_shapes(H).values())) for _ in range(2)
    )
    if "n" in cell.State._fields:
        state = state._replace(n=0.5 + np.abs(state.n))
    return p, rng.standard_normal((T, B, D)), state, rng.standard_normal((T, B, H)), d_last


def one(state, b):
    """The state of sequence b alone."""
    return type(state)(*(a[b : b + 1] for a in state))


def distance(a, b):
    return np.max(np.abs(a - b) / (1 + np.abs(b)))


@every_cell
def test_a_padded_batch_equals_its_sequences_one_by_one(cell, rng):
    p, x, state, dh, d_last = problem(cell, rng)
    run = masking.forward(cell, p, x, LENGTHS, state)
    back = masking.backward(cell, p, x, run, dh, d_last, LENGTHS)
    total = [np.zeros_like(a) for a in p]
    for b, n in enumerate(LENGTHS):
        alone = sequence.forward(cell, p, x[:n, b : b + 1], one(state, b))
        grads = sequence.backward(cell, p, x[:n, b : b + 1], alone, dh[:n, b : b + 1], one(d_last, b))
        assert distance(run.h[:n, b : b + 1], alone.h) < 1e-12
        assert distance(back.x[:n, b : b + 1], grads.x) < 1e-12
        for ours, theirs in [*zip(run.last, alone.last, strict=True), *zip(back.state, grads.state, strict=True)]:
            assert distance(ours[b : b + 1], theirs) < 1e-12
        assert not run.h[n:, b].any() and not back.x[n:, b].any()
        total = [a + g for a, g in zip(total, grads.p, strict=True)]
    for ours, theirs in zip(back.p, total, strict=True):
        assert distance(ours, theirs) < 1e-12


@every_cell
def test_padding_never_changes_what_is_not_padding(cell, rng):
    p, x, state, dh, d_last = problem(cell, rng)
    padding = ~masking.mask_of(LENGTHS)
    found = []
    for junk in (0.0, np.nan, 1e300):
        junk_x, junk_dh = x.copy(), dh.copy()
        junk_x[padding], junk_dh[padding] = junk, junk
        run = masking.forward(cell, p, junk_x, LENGTHS, state)
        found.append([run.h, *run.last, *masking.backward(cell, p, junk_x, run, junk_dh, d_last, LENGTHS).p])
    for others in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], others, strict=True))


@every_cell
def test_longer_padding_changes_nothing(cell, rng):
    p, x, state, dh, d_last = problem(cell, rng)
    longer_x, longer_dh = (np.concatenate([a, rng.standard_normal((3, *a.shape[1:]))]) for a in (x, dh))
    run, longer = masking.forward(cell, p, x, LENGTHS, state), masking.forward(cell, p, longer_x, LENGTHS, state)
    assert np.array_equal(longer.h[:T], run.h)
    assert all(np.array_equal(a, b) for a, b in zip(run.last, longer.last, strict=True))
    back = masking.backward(cell, p, x, run, dh, d_last, LENGTHS)
    longer = masking.backward(cell, p, longer_x, longer, longer_dh, d_last, LENGTHS)
    for ours, theirs in zip((*back.p, back.x, *back.state), (*longer.p, longer.x[:T], *longer.state), strict=True):
        assert distance(ours, theirs) < 1e-12


@every_cell
def test_full_lengths_and_no_lengths_are_the_plain_runner(cell, rng):
    p, x, state, dh, d_last = problem(cell, rng)
    plain = sequence.forward(cell, p, x, state)
    expected = [plain.h, *plain.last, *named_arrays(sequence.backward(cell, p, x, plain, dh, d_last)).values()]
    for lengths in (None, [T] * B):
        run = masking.forward(cell, p, x, lengths, state)
        back = masking.backward(cell, p, x, run, dh, d_last, lengths)
        found = [run.h, *run.last, *named_arrays(back).values()]
        assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_tokens_may_be_padded_with_anything(rng):
    cell = CELLS["gru"]
    p = cell.init(rng, D, H)
    tokens = rng.integers(0, D, (T, B))
    run = masking.forward(cell, p, tokens, LENGTHS)
    padded = np.where(masking.mask_of(LENGTHS), tokens, -100)
    again = masking.forward(cell, p, padded, LENGTHS)
    assert np.array_equal(run.h, again.h)
    dh = rng.standard_normal(run.h.shape)
    grads = [masking.backward(cell, p, t, r, dh, None, LENGTHS).p for t, r in ((tokens, run), (padded, again))]
    assert all(np.array_equal(a, b) for a, b in zip(*grads, strict=True))


def test_a_sequence_of_no_steps_keeps_the_state_it_was_given(rng):
    cell = CELLS["lstm"]
    p, x, state, dh, d_last = problem(cell, rng)
    run = masking.forward(cell, p, x, [0, 7, 2, 0], state)
    back = masking.backward(cell, p, x, run, dh, d_last, [0, 7, 2, 0])
    for b in (0, 3):
        assert all(np.array_equal(a[b], s[b]) for a, s in zip(run.last, state, strict=True))
        assert all(np.array_equal(a[b], s[b]) for a, s in zip(back.state, d_last, strict=True))


@every_cell
def test_nothing_given_is_changed_and_float32_stays(cell, rng):
    p, x, state, dh, d_last = (
        as_dtype(a, np.float32) if isinstance(a, tuple) else a.astype(np.float32) for a in problem(cell, rng)
    )
    given = [*p, x, *state, dh, *d_last]
    before = [a.copy() for a in given]
    run = masking.forward(cell, p, x, LENGTHS, state)
    back = masking.backward(cell, p, x, run, dh, d_last, LENGTHS)
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    assert {a.dtype for a in (run.h, *run.last, *back.p, back.x, *back.state)} == {np.dtype(np.float32)}


def some_carry(cell, rng, whole):
    """Any shares of the old state, one for each unit or one for all."""
    shapes = cell.state_shapes(H).values()
    return Carry(cell, [rng.random((T, B, *(s if whole else (1,)))) for s in shapes])


@every_cell
@pytest.mark.parametrize("whole", [True, False])
def test_carrying_a_share_of_the_state_has_the_right_gradient(cell, whole, rng):
    torch = pytest.importorskip("torch")
    from course_utils.sequence.loop_torch import Recurrent

    p, x, state, dh, d_last = problem(cell, rng)
    carry = some_carry(cell, rng, whole)
    run = sequence.forward(carry, p, x, state)
    back = sequence.backward(carry, p, x, run, dh, d_last)
    twin = Recurrent(carry, p)
    leaf = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, *state)]
    h, last = twin(leaf[0], cell.State(*leaf[1:]))
    loss = sum((a * torch.from_numpy(d)).sum() for a, d in zip((h, *last), (dh, *d_last), strict=True))
    loss.backward()
    assert distance(run.h, h.detach().numpy()) < 1e-10
    for ours, theirs in zip((*back.p, back.x, *back.state), (*twin.parameters(), *leaf), strict=True):
        assert distance(ours, theirs.grad.numpy()) < 1e-10


def test_carrying_passes_the_gradient_check(rng):
    cell = CELLS["lstm"]
    p, x, state, dh, d_last = problem(cell, rng)
    carry = some_carry(cell, rng, True)

    def loss(p):
        run = sequence.forward(carry, p, x, state)
        return np.sum(run.h * dh) + sum(np.sum(a * b) for a, b in zip(run.last, d_last, strict=True))

    run = sequence.forward(carry, p, x, state)
    report = gradient_check(loss, p, sequence.backward(carry, p, x, run, dh, d_last).p)
    assert report.ok, str(report)


@pytest.mark.parametrize("shape", [(T, B), (T, B, D), (T, B, 2, 3)])
def test_reversing_stays_within_each_length_and_twice_is_nothing(shape, rng):
    x = rng.standard_normal(shape)
    turned = masking.reverse(x, LENGTHS)
    for b, n in enumerate(LENGTHS):
        assert np.array_equal(turned[:n, b], x[:n, b][::-1])
        assert np.array_equal(turned[n:, b], x[n:, b])
    assert np.array_equal(masking.reverse(turned, LENGTHS), x)
    assert np.array_equal(masking.reverse(x), masking.reverse(x, [T] * B))


PACKED = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("T, lengths", [(7, LENGTHS), (1, [1, 1]), (9, [3, 2]), (200, [200, 1, 137])])
def test_equals_torchs_packed_sequences(name, rng, T, lengths):
    torch = pytest.importorskip("torch")
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    from course_utils.cells import elman_torch, gru_torch, lstm_torch

    module = {"elman": elman_torch, "lstm": lstm_torch, "gru": gru_torch}[name]
    cell = CELLS[name]
    torch.manual_seed(5)
    nn = getattr(torch.nn, PACKED[name])(D, H, dtype=torch.float64)
    p = module.from_torch(nn)
    _, x, state, dh, d_last = problem(cell, rng, T, len(lengths))
    tx = torch.from_numpy(x.copy()).requires_grad_()
    first = [torch.from_numpy(a[None].copy()).requires_grad_() for a in state]
    packed = pack_padded_sequence(tx, torch.tensor(lengths), enforce_sorted=False)
    out, last = nn(packed, tuple(first) if len(first) > 1 else first[0])
    h, _ = pad_packed_sequence(out, total_length=T)
    last = last if isinstance(last, tuple) else (last,)
    loss = sum((a.reshape(d.shape) * torch.from_numpy(d)).sum() for a, d in zip((h, *last), (dh, *d_last), strict=True))
    loss.backward()
    run = masking.forward(cell, p, x, lengths, state)
    back = masking.backward(cell, p, x, run, dh, d_last, lengths)
    for parameter in nn.parameters():
        parameter.data = parameter.grad
    nn.bias_hh_l0.data[: 2 * H if name == "gru" else None] = 0  # where two biases add up, each has our gradient
    ours = [run.h, *run.last, back.x, *back.state, *back.p]
    theirs = [h, *last, tx.grad, *(a.grad for a in first), *map(torch.from_numpy, module.from_torch(nn))]
    for a, b in zip(ours, theirs, strict=True):
        assert distance(a, b.detach().numpy().reshape(a.shape)) < 1e-10


def test_what_does_not_fit_is_named(rng):
    cell = CELLS["elman"]
    p, x, state, _, _ = problem(cell, rng)
    for lengths, message in [
        ([4, 8, 1, 5], r"lie in 0\.\.T = 7, got 1\.\.8"),
        ([4, -1, 1, 5], r"got -1\.\.5"),
        ([4, 7, 1], r"one entry for each of the B = 4 sequences, got \(3,\)"),
        ([4.0, 7.0, 1.0, 5.0], r"whole numbers \(B,\), one per sequence, got float64"),
    ]:
        with pytest.raises(ValueError, match=message):
            masking.forward(cell, p, x, lengths, state)
    with pytest.raises(ValueError, match="x must have 28 rows, got 14"):
        sequence.forward(Carry(cell, [np.zeros((T, B, 1))]), p, x[:, :2])
    with pytest.raises(ValueError, match="shares of the old state"):
        Carry(cell, [np.full((T, B, 1), 1.5)])
    with pytest.raises(ValueError, match="same T and B in every field"):
        Carry(CELLS["lstm"], [np.zeros((T, B, 1)), np.zeros((T, 1, 1))])

"""Lesson 09: weights and sizes in torch's layout, gate by gate, the right final states, masks, chunks, and one update."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..studies.torch_names import Module, Tensor
from .definition import case, exercise


@exercise(
    "9.1",
    points=2,
    hints=(
        "Print {name: w.shape for name, w in torch.nn.LSTM(3, 5).state_dict().items()}: four names, and the shapes to reach.",
        "torch multiplies with the transpose, so each gate's block is W_x[k].T; the blocks stand below one another.",
        "W_x.transpose(0, 2, 1).reshape(4 * H, D) has blocks W_x[k].T one below the other; one bias gets b, the other zeros.",
    ),
)
def to_state_dict(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> dict:
    """Our W_x (4, D, H), W_h (4, H, H), b (4, 1, H) to the state dict of torch.nn.LSTM(D, H); all of b goes to bias_ih_l0."""
    import torch

    _, D, H = W_x.shape
    made = {
        "weight_ih_l0": W_x.transpose(0, 2, 1).reshape(4 * H, D),
        "weight_hh_l0": W_h.transpose(0, 2, 1).reshape(4 * H, H),
        "bias_ih_l0": b.reshape(4 * H),
        "bias_hh_l0": np.zeros(4 * H, b.dtype),
    }
    return {name: torch.tensor(a) for name, a in made.items()}


@to_state_dict.cases
def _(rng):
    for D, H, claim in (
        (1, 4, "input 1, hidden 4: weight_ih (16, 1), weight_hh (16, 4)"),
        (3, 5, "D = 3, H = 5"),
        (4, 4, "as many inputs as units, so that no shape can tell"),
        (2, 1, "one unit (H = 1)"),
    ):
        yield case(claim, *_lstm_arrays(rng, D, H))
    yield case("float32 stays float32", *(a.astype(np.float32) for a in _lstm_arrays(rng, 2, 3)))


def _as_state_dict(weight_ih, weight_hh, bias_ih, bias_hh):
    import torch

    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return {name: torch.tensor(a) for name, a in zip(names, (weight_ih, weight_hh, bias_ih, bias_hh), strict=True)}


@to_state_dict.mistake(
    "b stands in both biases. torch adds them, so every gate would get it twice: one of them is zeros"
)
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = (W.transpose(0, 2, 1).reshape(4 * H, -1) for W in (W_x, W_h))
    return _as_state_dict(W_ih, W_hh, b.reshape(-1), b.reshape(-1))


@to_state_dict.mistake("all of b is in bias_hh_l0; torch would not mind, but bias_ih_l0 was agreed on")
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = (W.transpose(0, 2, 1).reshape(4 * H, -1) for W in (W_x, W_h))
    return _as_state_dict(W_ih, W_hh, np.zeros(4 * H, b.dtype), b.reshape(-1))


@to_state_dict.mistake("each bias holds half of b: their sum is right, but all of it was to be in bias_ih_l0")
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = (W.transpose(0, 2, 1).reshape(4 * H, -1) for W in (W_x, W_h))
    return _as_state_dict(W_ih, W_hh, b.reshape(-1) / 2, b.reshape(-1) / 2)


@to_state_dict.mistake(
    "weight_hh is not transposed: its blocks are square, so no shape complains and every state is wrong"
)
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = W_x.transpose(0, 2, 1).reshape(4 * H, -1), W_h.reshape(4 * H, H)
    return _as_state_dict(W_ih, W_hh, b.reshape(-1), np.zeros(4 * H, b.dtype))


@to_state_dict.mistake("nothing is transposed: reshape gives the right shape and puts numbers where they do not belong")
def _(W_x, W_h, b):
    H = b.shape[-1]
    return _as_state_dict(W_x.reshape(4 * H, -1), W_h.reshape(4 * H, H), b.reshape(-1), np.zeros(4 * H, b.dtype))


@to_state_dict.mistake(
    "the whole array was reshaped and then transposed: that mixes gates. Transpose each gate's own matrix"
)
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = (W.reshape(-1, 4 * H).T for W in (W_x, W_h))
    return _as_state_dict(W_ih.copy(), W_hh.copy(), b.reshape(-1), np.zeros(4 * H, b.dtype))


@to_state_dict.mistake(
    "the order of the gates was changed to i, f, o, g; torch's order is the one that we use, i, f, g, o"
)
def _(W_x, W_h, b):
    H, order = b.shape[-1], [0, 1, 3, 2]
    W_ih, W_hh = (W[order].transpose(0, 2, 1).reshape(4 * H, -1) for W in (W_x, W_h))
    return _as_state_dict(W_ih, W_hh, b[order].reshape(-1), np.zeros(4 * H, b.dtype))


@to_state_dict.mistake("the gates take turns row by row; in torch all rows of i come first, then all of f, of g, of o")
def _(W_x, W_h, b):
    H = b.shape[-1]
    W_ih, W_hh = (W.transpose(2, 0, 1).reshape(4 * H, -1) for W in (W_x, W_h))
    return _as_state_dict(W_ih, W_hh, b.transpose(2, 0, 1).reshape(-1), np.zeros(4 * H, b.dtype))


to_state_dict.slip(
    "nothing is transposed: torch keeps (outputs, inputs), so weight_ih is (4H, D) and not (4D, H)",
    {
        "W_x.transpose(0, 2, 1).reshape(4 * H, D)": "W_x.reshape(4 * D, H)",
        "W_h.transpose(0, 2, 1).reshape(4 * H, H)": "W_h.reshape(4 * H, H)",
    },
)
to_state_dict.slip(
    "every fourth row belongs to the same gate here: the gates must stay the first axis, so that a gate's rows stand together",
    {"W_x.transpose(0, 2, 1)": "W_x.transpose(2, 0, 1)", "W_h.transpose(0, 2, 1)": "W_h.transpose(2, 0, 1)"},
)


@to_state_dict.variant
def _(W_x, W_h, b):
    import torch

    rows = [torch.cat([torch.from_numpy(W[k].T.copy()) for k in range(4)]) for W in (W_x, W_h)]
    bias = torch.from_numpy(b).flatten()
    return {
        "weight_ih_l0": rows[0],
        "weight_hh_l0": rows[1],
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }


@to_state_dict.variant
def _(W_x, W_h, b):
    return {
        "bias_hh_l0": np.zeros(b.size, b.dtype),
        "bias_ih_l0": b.ravel(),
        "weight_hh_l0": np.concatenate([W.T for W in W_h]),
        "weight_ih_l0": np.concatenate([W.T for W in W_x]),
    }


@exercise(
    "9.2",
    points=1,
    hints=(
        "One layer, one direction, first: which four arrays are there, and what are their shapes?",
        "4H becomes gates · H: weight_ih, weight_hh, two biases. What does the second layer read, if both directions feed it?",
        "One direction of a layer that reads n numbers has gates · H · (n + H + 2); n is D below, and H or 2H further up.",
    ),
)
def recurrent_parameters(gates: int, D: int, H: int, L: int, bidirectional: bool) -> int:
    """How many numbers torch.nn.RNN (gates = 1), GRU (3) or LSTM (4) learns, with L layers of H units and input size D."""
    directions = 2 if bidirectional else 1
    inputs = [D] + [directions * H] * (L - 1)
    return sum(directions * gates * H * (n + H + 2) for n in inputs)


@recurrent_parameters.cases
def _(rng):
    yield case("an LSTM with input 1 and hidden 4", 4, 1, 4, 1, False)
    D, H = (int(n) for n in rng.choice(np.arange(5, 60), 2, replace=False))
    for gates, L, both, claim in (
        (1, 1, False, "a plain RNN"),
        (3, 1, False, "a GRU, three gates"),
        (4, 2, False, "two layers"),
        (4, 1, True, "both directions"),
        (4, 2, True, "two layers, both directions"),
        (3, 5, True, "a GRU of five layers, both directions"),
    ):
        yield case(f"{claim} (D = {D}, H = {H})", gates, D, H, L, both)


@recurrent_parameters.mistake("one bias for each gate is counted; torch keeps two, bias_ih and bias_hh")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(directions * gates * H * (n + H + 1) for n in [D] + [directions * H] * (L - 1))


@recurrent_parameters.mistake("the two biases are missing, gates · H numbers each")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(directions * gates * H * (n + H) for n in [D] + [directions * H] * (L - 1))


@recurrent_parameters.mistake("the gates share one set of weights here; every gate has its own")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(directions * H * (n + H + 2) for n in [D] + [directions * H] * (L - 1))


@recurrent_parameters.mistake(
    "every layer reads D numbers here; from the second on they read what the layer below writes"
)
def _(gates, D, H, L, bidirectional):
    return L * (2 if bidirectional else 1) * gates * H * (D + H + 2)


@recurrent_parameters.mistake("upper layers read H numbers here; with both directions the layer below writes 2H")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(directions * gates * H * (n + H + 2) for n in [D] + [H] * (L - 1))


@recurrent_parameters.mistake("the two directions share their weights here; each has a full set of its own")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(gates * H * (n + H + 2) for n in [D] + [directions * H] * (L - 1))


@recurrent_parameters.mistake("both directions are two networks of H units each, not one of 2H units")
def _(gates, D, H, L, bidirectional):
    H = H * (2 if bidirectional else 1)
    return sum(gates * H * (n + H + 2) for n in [D] + [H] * (L - 1))


@recurrent_parameters.mistake("it is the count of a four-gate LSTM whatever `gates` says")
def _(gates, D, H, L, bidirectional):
    directions = 2 if bidirectional else 1
    return sum(directions * 4 * H * (n + H + 2) for n in [D] + [directions * H] * (L - 1))


recurrent_parameters.slip(
    "the biases are counted for one gate only; each of the two has gates · H numbers",
    {"gates * H * (n + H + 2)": "(gates * H * (n + H) + 2 * H)"},
)
recurrent_parameters.slip(
    "`bidirectional` changes nothing here; with both directions every layer is two networks",
    {"2 if bidirectional else 1": "1"},
)
recurrent_parameters.slip("only the lowest layer is counted", {"* (L - 1)": "* 0"})
recurrent_parameters.slip("one layer too many is counted: the lowest is one of the L", {"* (L - 1)": "* L"})


@recurrent_parameters.variant
def _(gates, D, H, L, bidirectional):
    import torch

    kind = {1: torch.nn.RNN, 3: torch.nn.GRU, 4: torch.nn.LSTM}[gates]
    return sum(w.numel() for w in kind(D, H, num_layers=L, bidirectional=bidirectional).parameters())


@exercise(
    "9.3",
    points=1,
    hints=(
        "How many rows should the matrix have that `fill` gets to see, so that it computes the right fan-out?",
        "One matrix (H, n_in) for each gate, each filled by its own call, then one below the other.",
        "torch.empty(gates * H, n_in).chunk(gates) gives views of H rows each; whatever fill writes into them is in the whole.",
    ),
)
def stacked_gates(fill: Callable, gates: int, H: int, n_in: int) -> Tensor:
    """A weight (gates · H, n_in), each gate's block (H, n_in) filled in place by its own fill(block), first gate first."""
    import torch

    weight = torch.empty(gates * H, n_in)
    for block in weight.chunk(gates):
        fill(block)
    return weight


@stacked_gates.cases
def _(rng):
    yield case("fill writes the number of rows that it sees", _rows_seen, 4, 5, 3)
    yield case("fill writes the number of columns that it sees", _columns_seen, 4, 5, 3)
    yield case("fill counts its calls", _counter(), 4, 2, 3)
    yield case("four orthogonal gates", _random_fill(rng, "orthogonal_"), 4, 5, 5)
    yield case("four Glorot gates for weight_ih", _random_fill(rng, "xavier_uniform_"), 4, 5, 3)
    yield case("the three gates of a GRU", _random_fill(rng, "xavier_uniform_"), 3, 4, 4)
    yield case("one gate, a plain RNN", _random_fill(rng, "orthogonal_"), 1, 4, 4)
    yield case("as many gates as units and inputs", _random_fill(rng, "orthogonal_"), 3, 3, 3)


@stacked_gates.mistake("fill sees the whole stack at once: its fan-out is gates · H where each gate's is H")
def _(fill, gates, H, n_in):
    import torch

    return fill(torch.empty(gates * H, n_in))


@stacked_gates.mistake(
    "all gates get the same numbers: one call of fill, its block repeated. Each gate needs a call of its own"
)
def _(fill, gates, H, n_in):
    import torch

    return fill(torch.empty(H, n_in)).repeat(gates, 1)


@stacked_gates.mistake("a block has its axes swapped: torch keeps (outputs, inputs), so fill must see (H, n_in)")
def _(fill, gates, H, n_in):
    import torch

    return torch.cat([fill(torch.empty(n_in, H)).T for _ in range(gates)])


@stacked_gates.mistake("there are always four blocks here; a GRU has three and a plain RNN one: use `gates`")
def _(fill, gates, H, n_in):
    import torch

    weight = torch.empty(gates * H, n_in)
    for block in weight.chunk(4):
        fill(block)
    return weight


@stacked_gates.mistake("every gates-th row goes to the same gate here; in torch a gate's H rows stand together")
def _(fill, gates, H, n_in):
    import torch

    weight = torch.empty(gates * H, n_in)
    for k in range(gates):
        fill(weight[k::gates])
    return weight


@stacked_gates.mistake(
    "the blocks stand on an axis of their own; torch stacks them below one another, (gates · H, n_in)"
)
def _(fill, gates, H, n_in):
    import torch

    return torch.stack([fill(torch.empty(H, n_in)) for _ in range(gates)])


@stacked_gates.mistake("the blocks stand side by side; torch stacks them below one another, (gates · H, n_in)")
def _(fill, gates, H, n_in):
    import torch

    return torch.cat([fill(torch.empty(H, n_in)) for _ in range(gates)], dim=1)


stacked_gates.slip(
    "every block is the same tensor, filled again and again, so all gates end with the numbers of the last call",
    {
        "weight = torch.empty(gates * H, n_in)": "blocks, block = [], torch.empty(H, n_in)",
        "for block in weight.chunk(gates):\n        fill(block)": "for _ in range(gates):\n        blocks.append(fill(block))",
        "return weight": "return torch.cat(blocks)",
    },
)
stacked_gates.slip(
    "the gates are filled last to first; the first call of fill is for the first gate",
    {"in weight.chunk(gates)": "in reversed(weight.chunk(gates))"},
)
stacked_gates.slip(
    "the weight is float64 here: torch's layers are float32, and other random numbers are drawn for it",
    {"torch.empty(gates * H, n_in)": "torch.empty(gates * H, n_in, dtype=torch.float64)"},
)


@stacked_gates.variant
def _(fill, gates, H, n_in):
    import torch

    return torch.cat([fill(torch.empty(H, n_in)) for _ in range(gates)])


@stacked_gates.variant
def _(fill, gates, H, n_in):
    import torch

    weight = torch.zeros(gates, H, n_in)
    for k in range(gates):
        fill(weight[k])
    return weight.reshape(gates * H, n_in)


@exercise(
    "9.4",
    points=2,
    hints=(
        "Where does each direction stop reading? One has seen everything at the last step, the other at the first.",
        "h_n lists the cells as layer 0 forward, layer 0 backward, layer 1 forward, ...: the top layer's two stand last.",
        "Put h_n[-2] (forward) and h_n[-1] (backward) side by side: torch.cat([...], dim=-1).",
    ),
)
def final_features(output: Tensor, h_n: Tensor) -> Tensor:
    """Of a bidirectional net, output (B, T, 2H) and h_n (2L, B, H): the top layer's final states, forward first, (B, 2H)."""
    import torch

    return torch.cat([h_n[-2], h_n[-1]], dim=-1)


@final_features.cases
def _(rng):
    for L, B, T, H, claim in (
        (1, 3, 7, 5, "one layer"),
        (2, 3, 7, 5, "two layers: the top one is asked for"),
        (3, 2, 4, 5, "three layers"),
        (2, 1, 6, 3, "one sequence (B = 1)"),
        (2, 3, 1, 5, "one step (T = 1)"),
        (1, 2, 4, 2, "sizes that are easily confused (2L = B = H)"),
        (1, 2, 200, 3, "long sequences (T = 200)"),
    ):
        output, (h_n, _) = _run_torch(rng, L, B, T, D=3, H=H)
        yield case(claim, output, h_n)


@final_features.mistake(
    "output[:, -1] pairs the forward half's final state with the backward half's first: there it has read one step only"
)
def _(output, h_n):
    return output[:, -1]


@final_features.mistake(
    "output[:, 0] has the backward half's final state, but the forward half has read one step only there"
)
def _(output, h_n):
    return output[:, 0]


@final_features.mistake("h_n[-1] is the backward half alone, (B, H); the forward half stands before it")
def _(output, h_n):
    return h_n[-1]


@final_features.mistake("these are the final states of the bottom layer; the top layer's stand at the end of h_n")
def _(output, h_n):
    import torch

    return torch.cat([h_n[0], h_n[1]], dim=-1)


@final_features.mistake("the halves are swapped: forward first, then backward, as in `output`")
def _(output, h_n):
    import torch

    return torch.cat([h_n[-1], h_n[-2]], dim=-1)


@final_features.mistake(
    "reshape alone mixes sequences: h_n has the directions before the batch. Bring them behind it first"
)
def _(output, h_n):
    return h_n[-2:].reshape(h_n.shape[1], -1)


@final_features.mistake("the halves stand below each other, (2B, H): they belong side by side, along the last axis")
def _(output, h_n):
    import torch

    return torch.cat([h_n[-2], h_n[-1]])


@final_features.mistake("these are the right two states, but still apart, (2, B, H): put them side by side")
def _(output, h_n):
    return h_n[-2:]


@final_features.mistake("the halves are added up; they belong side by side, (B, 2H)")
def _(output, h_n):
    return h_n[-2] + h_n[-1]


@final_features.mistake("the states of all layers are there; only the top layer's are asked for, (B, 2H)")
def _(output, h_n):
    return h_n.transpose(0, 1).reshape(h_n.shape[1], -1)


@final_features.mistake("h_n is (2L, B, H) even with batch_first: h_n[:, -1] takes the last sequence of the batch")
def _(output, h_n):
    return h_n[:, -1]


_FEATURES = "torch.cat([h_n[-2], h_n[-1]], dim=-1)"
final_features.slip(
    "h_n lists layer by layer, both directions of a layer together, and not first all forward cells, then all backward",
    {"h_n[-2], h_n[-1]": "h_n[len(h_n) // 2 - 1], h_n[-1]"},
)
final_features.slip(
    "each half is taken from its first step, where it has read one input only: from `output`, exchange the two places",
    {_FEATURES: "torch.cat([output[:, 0, : h_n.shape[-1]], output[:, -1, h_n.shape[-1] :]], dim=-1)"},
)
final_features.slip(
    "the two states are the right ones, but on an axis of their own, (B, 2, H): cat puts them side by side, stack does not",
    {_FEATURES: "torch.stack([h_n[-2], h_n[-1]], dim=1)"},
)
final_features.slip(
    "this is the mean over all steps; the final states are asked for", {_FEATURES: "output.mean(dim=1)"}
)


@final_features.variant
def _(output, h_n):
    import torch

    H = h_n.shape[-1]
    return torch.cat([output[:, -1, :H], output[:, 0, H:]], dim=1)


@final_features.variant
def _(output, h_n):
    return h_n[-2:].transpose(0, 1).flatten(1)


@exercise(
    "9.5",
    points=1,
    hints=(
        "A sequence of length 3 has steps 0, 1, 2. Which of them is its last, and does it depend on how long the others are?",
        "Pick one step for each sequence: two index arrays of length B, one for the sequence and one for its step.",
        "output[torch.arange(B), lengths - 1] takes entry (b, lengths[b] - 1) for every b.",
    ),
)
def last_states(output: Tensor, lengths: Tensor) -> Tensor:
    """States output (B, T, H) of padded sequences and their lengths (B,), 1 to T, to each one's last valid state, (B, H)."""
    import torch

    return output[torch.arange(len(output)), lengths - 1]


@last_states.cases
def _(rng):
    import torch

    yield case("all of one length, no padding", _normal(rng, 3, 4, 5), torch.tensor([4, 4, 4]))
    yield case("lengths 2, 4, 1", _normal(rng, 3, 4, 5), torch.tensor([2, 4, 1]))
    yield case("the longest is shorter than T", _normal(rng, 4, 7, 3), torch.tensor([3, 1, 5, 2]))
    yield case("one sequence (B = 1)", _normal(rng, 1, 6, 3), torch.tensor([4]))
    yield case("one step (T = 1)", _normal(rng, 3, 1, 2), torch.tensor([1, 1, 1]))
    yield case("as many sequences as steps and units", _normal(rng, 4, 4, 4), torch.tensor([3, 1, 4, 2]))
    yield case("padding that holds nan is never read", *_nan_padding(rng, 3, 6, 2, [6, 2, 3]))
    lengths = torch.as_tensor(rng.integers(1, 100, 5))
    yield case("long sequences (T = 200)", _normal(rng, 5, 200, 3), lengths)
    yield case("float32", _normal(rng, 2, 5, 3).float(), torch.tensor([5, 2]))


@last_states.mistake("output[:, -1] is the last step of the batch: for the shorter sequences that is padding")
def _(output, lengths):
    return output[:, -1]


@last_states.mistake("output[-1] is the last sequence of the batch, not the last step: batch is the first axis here")
def _(output, lengths):
    return output[-1]


@last_states.mistake(
    "the axes are confused, as if output were (T, B, H): the sequence is the first index, the step the second"
)
def _(output, lengths):
    import torch

    return output[lengths - 1, torch.arange(len(output))]


@last_states.mistake("off by one: the last step of a sequence of length n is n - 1, since steps are counted from 0")
def _(output, lengths):
    import torch

    return output[torch.arange(len(output)), lengths]


@last_states.mistake("off by one the other way: this is the state before the last")
def _(output, lengths):
    import torch

    return output[torch.arange(len(output)), lengths - 2]


@last_states.mistake(
    "output[:, lengths - 1] takes every length for every sequence, (B, B, H); pair each sequence with its own"
)
def _(output, lengths):
    return output[:, lengths - 1]


@last_states.mistake("all sequences are read at the longest one's last step: for the others that is padding")
def _(output, lengths):
    return output[:, lengths.max() - 1]


@last_states.mistake("this is the mean of the valid states, not the last of them")
def _(output, lengths):
    import torch

    return torch.stack([a[:n].mean(dim=0) for a, n in zip(output, lengths, strict=True)])


_LAST = "output[torch.arange(len(output)), lengths - 1]"
last_states.slip(
    "gather takes one number for each index: without a copy of the index for every unit (expand) only unit 0 comes",
    {_LAST: "output.gather(1, (lengths - 1)[:, None, None])[:, 0]"},
)
last_states.slip(
    "the axis of the one step is still there, (B, 1, H): take it away",
    {_LAST: "output[torch.arange(len(output)), lengths - 1][:, None]"},
)
last_states.slip(
    "0 · nan is nan: pick the last states, do not multiply the others by 0",
    {_LAST: "(output * (torch.arange(output.shape[1]) == lengths[:, None] - 1)[..., None]).sum(dim=1)"},
)


@last_states.variant
def _(output, lengths):
    import torch

    return torch.stack([a[n - 1] for a, n in zip(output, lengths.tolist(), strict=True)])


@last_states.variant
def _(output, lengths):
    index = (lengths - 1).reshape(-1, 1, 1).expand(-1, 1, output.shape[2])
    return output.gather(1, index)[:, 0]


@exercise(
    "9.6",
    points=2,
    hints=(
        "Of the B · T losses, which are of real tokens, and how many are these?",
        "torch.arange(T) < lengths[:, None] is True at real tokens, (B, T). What do logits[mask] and targets[mask] hold?",
        "cross_entropy(logits[mask], targets[mask]) has one row for each real token, and takes the mean over just those.",
    ),
)
def masked_loss(logits: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Mean cross-entropy in nats of the real tokens: logits (B, T, V), targets (B, T), lengths (B,); padding does not count."""
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return torch.nn.functional.cross_entropy(logits[mask], targets[mask])


@masked_loss.cases
def _(rng):
    yield case("all of one length, no padding", *_padded_batch(rng, 3, 4, 5, [4, 4, 4]))
    yield case("lengths 4, 2, 1", *_padded_batch(rng, 3, 4, 5, [4, 2, 1]))
    yield case("one long and one short sequence: every token counts the same", *_padded_batch(rng, 2, 9, 3, [9, 1]))
    yield case("not sorted by length, and the longest shorter than T", *_padded_batch(rng, 3, 7, 4, [2, 5, 3]))
    yield case("one sequence (B = 1)", *_padded_batch(rng, 1, 5, 3, [3]))
    yield case("as many sequences as steps and tokens of the vocabulary", *_padded_batch(rng, 4, 4, 4, [3, 1, 4, 2]))
    logits, targets, lengths = _padded_batch(rng, 3, 6, 2, [6, 2, 3])
    yield case("nan in the padding has no effect", _with_nan(logits, lengths), targets, lengths)
    yield case("long sequences (T = 200)", *_padded_batch(rng, 2, 200, 5, [200, 21]))
    logits, *rest = _padded_batch(rng, 3, 4, 5, [4, 2, 1])
    yield case("float32", logits.float(), *rest)


def _token_losses(logits, targets):
    import torch

    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")


@masked_loss.mistake("padding is counted: this is the mean over all B · T places")
def _(logits, targets, lengths):
    return _token_losses(logits, targets).mean()


@masked_loss.mistake(
    "padding adds nothing to the sum, but the sum is divided by all B · T places; divide by the real tokens"
)
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return torch.where(mask, _token_losses(logits, targets), 0).mean()


@masked_loss.mistake("the mask keeps padding from the sum, but 0 · nan is nan: select the real tokens, do not multiply")
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return (_token_losses(logits, targets) * mask).sum() / mask.sum()


@masked_loss.mistake(
    "0 · nan is nan: select the real tokens, do not multiply; and divide by their number, not by B · T"
)
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return (_token_losses(logits, targets) * mask).mean()


@masked_loss.mistake(
    "a mean for each sequence and then the mean of these: a token of a short sequence counts more than others"
)
def _(logits, targets, lengths):
    import torch

    losses = _token_losses(logits, targets)
    return torch.stack([a[:n].mean() for a, n in zip(losses, lengths.tolist(), strict=True)]).mean()


@masked_loss.mistake(
    "nll_loss wants log-probabilities, and these are logits: the softmax is missing; cross_entropy brings it along"
)
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return torch.nn.functional.nll_loss(logits[mask], targets[mask])


@masked_loss.mistake("this is the sum over the real tokens; the mean is asked for")
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return _token_losses(logits, targets)[mask].sum()


@masked_loss.mistake("the sum is divided by B, the number of sequences; a mean per token is asked for")
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return _token_losses(logits, targets)[mask].sum() / len(logits)


@masked_loss.mistake("each sequence has one token too many: steps count from 0, so the mask is arange < length, not <=")
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) <= lengths[:, None]
    return torch.nn.functional.cross_entropy(logits[mask], targets[mask])


@masked_loss.mistake(
    "targets of 0 are left out as if they were padding (ignore_index=0?); 0 is a token, too. Only lengths tell"
)
def _(logits, targets, lengths):
    import torch

    mask = (torch.arange(logits.shape[1]) < lengths[:, None]) & (targets != 0)
    return torch.nn.functional.cross_entropy(logits[mask], targets[mask])


_LOSS = "torch.nn.functional.cross_entropy(logits[mask], targets[mask])"
masked_loss.slip(
    "each sequence has one token too few: the mask is arange < length", {"lengths[:, None]": "lengths[:, None] - 1"}
)
masked_loss.slip(
    "only each sequence's last token is counted; all of its real tokens count",
    {" < ": " == ", "lengths[:, None]": "lengths[:, None] - 1"},
)
masked_loss.slip(
    "cross_entropy takes logits: it has a softmax of its own, and this is one before it too many",
    {"cross_entropy(logits[mask],": "cross_entropy(logits[mask].softmax(dim=-1),"},
)
masked_loss.slip("this is in bits; the loss is asked for in nats", {_LOSS: _LOSS + " / np.log(2)"})
masked_loss.slip(
    "reshape does not exchange axes, it cuts the numbers anew: cross_entropy wants (B, V, T), by transpose(1, 2)",
    {
        "return torch": "rows = logits.reshape(len(logits), logits.shape[2], -1)\n    return torch",
        "(logits[mask], targets[mask])": "(rows, targets.masked_fill(~mask, -100))",
    },
)
masked_loss.slip(
    "cross_entropy looks for the vocabulary on axis 1, and here the steps are there: transpose(1, 2), or select by the mask",
    {_LOSS: "torch.nn.functional.cross_entropy(logits, targets.masked_fill(~mask, -100))"},
)


@masked_loss.variant
def _(logits, targets, lengths):
    import torch

    pads = torch.arange(logits.shape[1]) >= lengths[:, None]
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets.masked_fill(pads, -100))


@masked_loss.variant
def _(logits, targets, lengths):
    from torch.nn import functional, utils

    pack = {"lengths": lengths, "batch_first": True, "enforce_sorted": False}
    rows, wanted = (utils.rnn.pack_padded_sequence(a, **pack).data for a in (logits, targets))
    return functional.cross_entropy(rows, wanted)


@masked_loss.variant
def _(logits, targets, lengths):
    import torch

    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return torch.where(mask, _token_losses(logits, targets), 0).sum() / lengths.sum()


@exercise(
    "9.7",
    points=2,
    hints=(
        "The next chunk needs the numbers of the state. What else does a tensor bring along that came out of a network?",
        "state is a pair (h, c), and each has a .detach(): the same numbers, without the way back.",
        "After the backward pass: state = tuple(s.detach() for s in state). Old gradients go with lstm.zero_grad() before it.",
    ),
)
def chunk_gradients(lstm: Module, chunks: list) -> list:
    """∂ mse_loss(output, y)/∂ weight_hh_l0 for each chunk (x, y) of one text: the state is carried on, the gradient is not."""
    import torch

    state, gradients = None, []
    for x, y in chunks:
        lstm.zero_grad()
        output, state = lstm(x, state)
        torch.nn.functional.mse_loss(output, y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
        state = tuple(s.detach() for s in state)
    return gradients


@chunk_gradients.cases
def _(rng):
    for n, T, B, claim in (
        (1, 4, 2, "one chunk"),
        (2, 4, 2, "two chunks"),
        (5, 3, 1, "five chunks of one text (B = 1)"),
        (4, 1, 3, "chunks of one step (T = 1)"),
        (3, 40, 2, "long chunks"),
    ):
        chunks = [(2 * _normal(rng, T, B, 3), _normal(rng, T, B, 4)) for _ in range(n)]
        yield case(claim, _torch_lstm(rng, 1, 3, 4, bidirectional=False), chunks)


chunk_gradients.slip(
    "h or c still has the last chunk's graph, and backward() meets it again (.detach() returns a new tensor: keep it)",
    {"        state = tuple(s.detach() for s in state)": ""},
)


@chunk_gradients.mistake(
    "retain_graph=True silences the error and keeps every chunk: the gradient runs back to the start, at growing cost"
)
def _(lstm, chunks):
    import torch

    state, gradients = None, []
    for x, y in chunks:
        lstm.zero_grad()
        output, state = lstm(x, state)
        torch.nn.functional.mse_loss(output, y).backward(retain_graph=True)
        gradients.append(lstm.weight_hh_l0.grad.clone())
    return gradients


@chunk_gradients.mistake("the state is thrown away: every chunk starts from zeros. Cut the gradient, keep the numbers")
def _(lstm, chunks):
    import torch

    gradients = []
    for x, y in chunks:
        lstm.zero_grad()
        output, _ = lstm(x)
        torch.nn.functional.mse_loss(output, y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
    return gradients


@chunk_gradients.mistake(
    "only h is carried and the memory c starts from zeros: the state of an LSTM is the pair (h, c)"
)
def _(lstm, chunks):
    import torch

    state, gradients = None, []
    for x, y in chunks:
        lstm.zero_grad()
        output, (h, c) = lstm(x, state)
        torch.nn.functional.mse_loss(output, y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
        state = (h.detach(), torch.zeros_like(c))
    return gradients


chunk_gradients.slip(
    "gradients add up from chunk to chunk: backward() adds to .grad, so set it back before each chunk",
    {"        lstm.zero_grad()": ""},
)


chunk_gradients.slip(
    "every entry is the same tensor, the running sum: set .grad back before each chunk",
    {"        lstm.zero_grad()": "", "lstm.weight_hh_l0.grad.clone()": "lstm.weight_hh_l0.grad"},
)


@chunk_gradients.mistake(
    "the chunk's own graph is gone too, so backward() has nothing to do: detach the state, not the output"
)
def _(lstm, chunks):
    import torch

    state, gradients = None, []
    for x, y in chunks:
        output, state = lstm(x, state)
        torch.nn.functional.mse_loss(output.detach(), y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
    return gradients


chunk_gradients.slip(
    "every entry is .grad itself, the same tensor, and ends with the last chunk's numbers: keep a clone of each",
    {"lstm.zero_grad()": "lstm.zero_grad(set_to_none=False)", ".grad.clone()": ".grad"},
)
chunk_gradients.slip(
    "zero_grad() comes before the gradient is read, so there is none left to keep",
    {
        "        lstm.zero_grad()\n": "",
        "gradients.append(": "lstm.zero_grad()\n        gradients.append(",
        ".grad.clone()": ".grad",
    },
)
chunk_gradients.slip(
    "this is the gradient of the sum of squared errors; mse_loss takes their mean",
    {"mse_loss(output, y).b": "mse_loss(output, y, reduction='sum').b"},
)


@chunk_gradients.variant
def _(lstm, chunks):
    import torch

    h = c = torch.zeros(1, chunks[0][0].shape[1], lstm.hidden_size, dtype=chunks[0][0].dtype)
    gradients = []
    for x, y in chunks:
        output, (h, c) = lstm(x, (h.detach(), c.detach()))
        gradients += torch.autograd.grad(torch.nn.functional.mse_loss(output, y), lstm.weight_hh_l0)
    return gradients


@chunk_gradients.variant
def _(lstm, chunks):
    import torch

    state, gradients = None, []
    for x, y in chunks:
        output, (h, c) = lstm(x, state)
        ((output - y) ** 2).mean().backward()
        gradients.append(lstm.weight_hh_l0.grad.numpy().copy())
        lstm.weight_hh_l0.grad = None
        with torch.no_grad():
            state = (h.clone(), c.clone())
    return gradients


@exercise(
    "9.8",
    points=2,
    outputs=("norms", "parameters"),
    hints=(
        "Four calls a turn. Which writes gradients, which changes them, which reads them, and which throws old ones away?",
        "Old gradients away, backward, clip, step: clipping needs gradients to be there, and must come before they are used.",
        "torch.nn.utils.clip_grad_norm_(model.parameters(), limit) shortens all gradients and returns their norm before.",
    ),
)
def clipped_updates(model: Module, optimiser: object, batches: list, limit: float) -> tuple[list, list]:
    """An update on mse_loss(model(x), y) per (x, y), norm clipped at limit: norms before clipping, parameters at the end."""
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.cases
def _(rng):
    for n, limit, claim in (
        (1, 1e12, "one batch, its gradient far below the limit: an ordinary step"),
        (1, 100.0, "one batch, its gradient above the limit: a shorter step in the same direction"),
        (2, 1e12, "a second batch, when the gradient of the first is still there"),
        (4, 500.0, "four batches and a low limit"),
    ):
        batches = [(_normal(rng, 6, 2), 1e6 * _normal(rng, 6, 3)) for _ in range(n)]
        yield case(claim, *_model_and_optimiser(rng), batches, limit)


@clipped_updates.mistake("the step uses the gradient as it is: does the clipping come after the step, or not at all?")
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake(
    "the clipping comes before backward(): there is no gradient of this batch yet that it could shorten"
)
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


clipped_updates.slip(
    "zero_grad() is missing: backward() adds to what the batch before has left", {"        optimiser.zero_grad()": ""}
)


@clipped_updates.mistake(
    "zero_grad() throws away what backward() has just computed, and nothing moves: it belongs before backward()"
)
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimiser.zero_grad()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake("nothing moves: is step() there, and does no zero_grad() stand between the clipping and it?")
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        torch.nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.zero_grad()
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake(
    "the clipping comes before backward() and sees the gradient of the batch before, if there is one"
)
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake(
    "each number is clipped by itself, as clip_grad_value_ does: that turns the gradient. Clip the norm of all"
)
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in model.parameters()])))
        torch.nn.utils.clip_grad_value_(model.parameters(), limit)
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake(
    "every array is clipped by its own norm: that turns the gradient. One norm, over all parameters"
)
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in model.parameters()])))
        for w in model.parameters():
            torch.nn.utils.clip_grad_norm_([w], limit)
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake("the norms you return are those after clipping; clip_grad_norm_ returns the norm before")
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimiser.step()
        norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in model.parameters()])))
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake("the norm lacks its square root: the sum of squares is compared with the limit and returned")
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        norm = sum((w.grad**2).sum() for w in model.parameters())
        norms.append(float(norm))
        for w in model.parameters():
            w.grad *= min(1.0, limit / norm)
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]


@clipped_updates.mistake("only the norm of the last batch comes back; one for each batch is asked for")
def _(model, optimiser, batches, limit):
    import torch

    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.step()
    return norms[-1], [w.detach().clone() for w in model.parameters()]


clipped_updates.slip(
    "every gradient is given the length `limit`, even one that is far shorter: clipping shortens, and nothing else",
    {
        "norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))": (
            "norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in model.parameters()])))\n"
            "        for w in model.parameters():\n"
            "            w.grad *= limit / norms[-1]"
        )
    },
)
clipped_updates.slip(
    "step() comes first in the turn: the first has no gradient yet, and the last gradient is never used",
    {
        "        optimiser.step()\n": "",
        "        optimiser.zero_grad()\n": "        optimiser.step()\n        optimiser.zero_grad()\n",
    },
)
clipped_updates.slip(
    "the loss is the sum of the squared errors; mse_loss takes their mean",
    {"mse_loss(model(x), y).b": "mse_loss(model(x), y, reduction='sum').b"},
)
clipped_updates.slip(
    "the parameters come after every update, a list of lists; those at the end are asked for, one list",
    {
        "norms = []": "norms, snapshots = [], []",
        "    return norms, [w": "        snapshots.append([w",
        "in model.parameters()]": "in model.parameters()])\n    return norms, snapshots",
    },
)


@clipped_updates.variant
def _(model, optimiser, batches, limit):
    norms = []
    for x, y in batches:
        ((model(x) - y) ** 2).mean().backward()
        norms.append(sum(float((w.grad**2).sum()) for w in model.parameters()) ** 0.5)
        for w in model.parameters():
            w.grad.mul_(min(1.0, limit / norms[-1]))
        optimiser.step()
        optimiser.zero_grad()
    return norms, [w.detach() for w in model.parameters()]


@clipped_updates.variant
def _(model, optimiser, batches, limit):
    import torch

    weights, norms = list(model.parameters()), []
    for x, y in batches:
        loss = torch.nn.functional.mse_loss(model(x), y)
        for w, grad in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            w.grad = grad
        norms.append(torch.nn.utils.clip_grad_norm_(weights, limit))
        optimiser.step()
    return norms, weights


def _lstm_arrays(rng, D, H):
    """W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    return rng.standard_normal((4, D, H)), rng.standard_normal((4, H, H)), rng.standard_normal((4, 1, H))


def _normal(rng, *shape):
    """A float64 tensor of normal numbers."""
    import torch

    return torch.from_numpy(rng.standard_normal(shape))


def _rows_seen(w):
    return w.fill_(w.shape[0])


def _columns_seen(w):
    return w.fill_(w.shape[1])


def _counter():
    """A fill that writes 1 at its first call, 2 at its second, and so on."""
    calls = []

    def fill(w):
        calls.append(w)
        return w.fill_(len(calls))

    return fill


def _random_fill(rng, name):
    """One of torch.nn.init's functions with a generator of its own."""
    import torch

    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    return partial(getattr(torch.nn.init, name), generator=generator)


def _torch_lstm(rng, L, D, H, bidirectional=True):
    """A float64 torch.nn.LSTM, batch_first if bidirectional, with weights from rng."""
    import torch

    lstm = torch.nn.LSTM(D, H, L, bidirectional=bidirectional, batch_first=bidirectional, dtype=torch.float64)
    with torch.no_grad():
        for w in lstm.parameters():
            w.copy_(_normal(rng, *w.shape) * 0.7)
    return lstm


def _run_torch(rng, L, B, T, D, H):
    import torch

    with torch.no_grad():
        return _torch_lstm(rng, L, D, H)(_normal(rng, B, T, D))


def _padded_batch(rng, B, T, V, lengths):
    """logits (B, T, V), targets (B, T) with 0 in the padding and among the real tokens, lengths (B,)."""
    import torch

    lengths = torch.tensor(lengths)
    targets = torch.as_tensor(rng.integers(0, V, (B, T)))
    targets[0, 0] = 0
    return 2 * _normal(rng, B, T, V), targets * (torch.arange(T) < lengths[:, None]), lengths


def _with_nan(a, lengths):
    """a (B, T, ·) with nan in the padding."""
    import torch

    pads = torch.arange(a.shape[1]) >= lengths[:, None]
    return a.masked_fill(pads[..., None], float("nan"))


def _nan_padding(rng, B, T, H, lengths):
    import torch

    lengths = torch.tensor(lengths)
    return _with_nan(_normal(rng, B, T, H), lengths), lengths


def _model_and_optimiser(rng):
    """Two layers and SGD, in float64."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).double()
    with torch.no_grad():
        for w in model.parameters():
            w.copy_(_normal(rng, *w.shape))
    return model, torch.optim.SGD(model.parameters(), lr=1e-3)

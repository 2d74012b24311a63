"""Exercise 9.3: a weight of several gates, each filled by a call of its own."""

from collections.abc import Callable
from functools import partial

from ...studies.torch_names import Tensor
from ..definition import case, exercise


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


stacked_gates.slip(
    "there are always four blocks here; a GRU has three and a plain RNN one: use `gates`", {"chunk(gates)": "chunk(4)"}
)
stacked_gates.slip(
    "every gates-th row goes to the same gate here; in torch a gate's H rows stand together",
    {"block in weight.chunk(gates)": "k in range(gates)", "        fill(block)": "        fill(weight[k::gates])"},
)


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

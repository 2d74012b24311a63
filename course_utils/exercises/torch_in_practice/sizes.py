"""Exercise 9.2: how many numbers a recurrent layer of torch's learns."""

import numpy as np

from ..definition import case, exercise


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


recurrent_parameters.slip(
    "one bias for each gate is counted; torch keeps two, bias_ih and bias_hh", {"(n + H + 2)": "(n + H + 1)"}
)
recurrent_parameters.slip("the two biases are missing, gates · H numbers each", {"(n + H + 2)": "(n + H)"})
recurrent_parameters.slip(
    "the gates share one set of weights here; every gate has its own", {"directions * gates": "directions"}
)
recurrent_parameters.slip(
    "every layer reads D numbers here; from the second on they read what the layer below writes",
    {"for n in inputs": "for n in [D] * L"},
)
recurrent_parameters.slip(
    "upper layers read H numbers here; with both directions the layer below writes 2H", {"[directions * H]": "[H]"}
)
recurrent_parameters.slip(
    "the two directions share their weights here; each has a full set of its own", {"directions * gates": "gates"}
)


@recurrent_parameters.mistake("both directions are two networks of H units each, not one of 2H units")
def _(gates, D, H, L, bidirectional):
    H = H * (2 if bidirectional else 1)
    return sum(gates * H * (n + H + 2) for n in [D] + [H] * (L - 1))


recurrent_parameters.slip("it is the count of a four-gate LSTM whatever `gates` says", {"* gates *": "* 4 *"})
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

"""Exercise 9.4: the final states of a bidirectional network."""

from ...studies.torch_names import Tensor
from ..definition import case, exercise
from .inputs import normal, torch_lstm


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
        (1, 2, 50, 3, "long sequences (T = 50)"),
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


final_features.slip(
    "these are the final states of the bottom layer; the top layer's stand at the end of h_n",
    {"h_n[-2], h_n[-1]": "h_n[0], h_n[1]"},
)
final_features.slip(
    "the halves are swapped: forward first, then backward, as in `output`", {"h_n[-2], h_n[-1]": "h_n[-1], h_n[-2]"}
)


@final_features.mistake(
    "reshape alone mixes sequences: h_n has the directions before the batch. Bring them behind it first"
)
def _(output, h_n):
    return h_n[-2:].reshape(h_n.shape[1], -1)


final_features.slip(
    "the halves stand below each other, (2B, H): they belong side by side, along the last axis", {", dim=-1": ""}
)


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


def _run_torch(rng, L, B, T, D, H):
    import torch

    with torch.no_grad():
        return torch_lstm(rng, L, D, H)(normal(rng, B, T, D))

"""Exercise 9.5: each padded sequence's last valid state."""

from ...studies.torch_names import Tensor
from ..definition import case, exercise
from .inputs import normal, with_nan


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

    yield case("all of one length, no padding", normal(rng, 3, 4, 5), torch.tensor([4, 4, 4]))
    yield case("lengths 2, 4, 1", normal(rng, 3, 4, 5), torch.tensor([2, 4, 1]))
    yield case("the longest is shorter than T", normal(rng, 4, 7, 3), torch.tensor([3, 1, 5, 2]))
    yield case("one sequence (B = 1)", normal(rng, 1, 6, 3), torch.tensor([4]))
    yield case("one step (T = 1)", normal(rng, 3, 1, 2), torch.tensor([1, 1, 1]))
    yield case("as many sequences as steps and units", normal(rng, 4, 4, 4), torch.tensor([3, 1, 4, 2]))
    yield case("padding that holds nan is never read", *_nan_padding(rng, 3, 6, 2, [6, 2, 3]))
    lengths = torch.as_tensor(rng.integers(1, 100, 5))
    yield case("long sequences (T = 200)", normal(rng, 5, 200, 3), lengths)
    yield case("float32", normal(rng, 2, 5, 3).float(), torch.tensor([5, 2]))


@last_states.mistake("output[:, -1] is the last step of the batch: for the shorter sequences that is padding")
def _(output, lengths):
    return output[:, -1]


@last_states.mistake("output[-1] is the last sequence of the batch, not the last step: batch is the first axis here")
def _(output, lengths):
    return output[-1]


last_states.slip(
    "the axes are confused, as if output were (T, B, H): the sequence is the first index, the step the second",
    {"torch.arange(len(output)), lengths - 1": "lengths - 1, torch.arange(len(output))"},
)
last_states.slip(
    "off by one: the last step of a sequence of length n is n - 1, since steps are counted from 0",
    {"lengths - 1": "lengths"},
)
last_states.slip("off by one the other way: this is the state before the last", {"lengths - 1": "lengths - 2"})


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


def _nan_padding(rng, B, T, H, lengths):
    import torch

    lengths = torch.tensor(lengths)
    return with_nan(normal(rng, B, T, H), lengths), lengths

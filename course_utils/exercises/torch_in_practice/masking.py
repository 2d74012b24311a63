"""Exercise 9.6: a mean over real tokens that padding does not change."""

from ...studies.torch_names import Tensor
from ..definition import case, exercise
from .inputs import normal, with_nan


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
    yield case("nan in the padding has no effect", with_nan(logits, lengths), targets, lengths)
    yield case("long sequences (T = 200)", *_padded_batch(rng, 2, 200, 5, [200, 21]))
    logits, *rest = _padded_batch(rng, 3, 4, 5, [4, 2, 1])
    yield case("float32", logits.float(), *rest)


_LOSS = "torch.nn.functional.cross_entropy(logits[mask], targets[mask])"  # what most mistakes replace


def _token_losses(logits, targets):
    import torch

    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")


@masked_loss.mistake("padding is counted: this is the mean over all B · T places")
def _(logits, targets, lengths):
    return _token_losses(logits, targets).mean()


masked_loss.slip(
    "padding adds nothing to the sum, but the sum is divided by all B · T places; divide by the real tokens",
    {_LOSS: "torch.where(mask, _token_losses(logits, targets), 0).mean()"},
)
masked_loss.slip(
    "the mask keeps padding from the sum, but 0 · nan is nan: select the real tokens, do not multiply",
    {_LOSS: "(_token_losses(logits, targets) * mask).sum() / mask.sum()"},
)
masked_loss.slip(
    "0 · nan is nan: select the real tokens, do not multiply; and divide by their number, not by B · T",
    {_LOSS: "(_token_losses(logits, targets) * mask).mean()"},
)


@masked_loss.mistake(
    "a mean for each sequence and then the mean of these: a token of a short sequence counts more than others"
)
def _(logits, targets, lengths):
    import torch

    losses = _token_losses(logits, targets)
    return torch.stack([a[:n].mean() for a, n in zip(losses, lengths.tolist(), strict=True)]).mean()


masked_loss.slip(
    "nll_loss wants log-probabilities, and these are logits: the softmax is missing; cross_entropy brings it along",
    {"cross_entropy(": "nll_loss("},
)
masked_loss.slip(
    "this is the sum over the real tokens; the mean is asked for",
    {_LOSS: "_token_losses(logits, targets)[mask].sum()"},
)
masked_loss.slip(
    "the sum is divided by B, the number of sequences; a mean per token is asked for",
    {_LOSS: "_token_losses(logits, targets)[mask].sum() / len(logits)"},
)
masked_loss.slip(
    "each sequence has one token too many: steps count from 0, so the mask is arange < length, not <=", {" < ": " <= "}
)
masked_loss.slip(
    "targets of 0 are left out as if they were padding (ignore_index=0?); 0 is a token, too. Only lengths tell",
    {"    return": "    mask &= targets != 0\n    return"},
)
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
masked_loss.slip(
    "this is in bits; the loss is asked for in nats",
    {"    import torch": "    import math\n\n    import torch", _LOSS: _LOSS + " / math.log(2)"},
)
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


def _padded_batch(rng, B, T, V, lengths):
    """logits (B, T, V), targets (B, T) with 0 in the padding and among the real tokens, lengths (B,)."""
    import torch

    lengths = torch.tensor(lengths)
    targets = torch.as_tensor(rng.integers(0, V, (B, T)))
    targets[0, 0] = 0
    return 2 * normal(rng, B, T, V), targets * (torch.arange(T) < lengths[:, None]), lengths

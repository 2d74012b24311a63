"""Exercise 9.9: updates by a clipped gradient, four calls in their one right order."""

from ...studies.torch_names import Module
from ..definition import case, exercise
from .inputs import normal


@exercise(
    "9.9",
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
        batches = [(normal(rng, 6, 2), 1e6 * normal(rng, 6, 3)) for _ in range(n)]
        yield case(claim, *_model_and_optimiser(rng), batches, limit)


# The four lines of a turn, and two that take the norm or shorten in another way.
_ZERO = "        optimiser.zero_grad()\n"
_BACKWARD = "        torch.nn.functional.mse_loss(model(x), y).backward()\n"
_CLIP = "        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit)))\n"
_STEP = "        optimiser.step()\n"
_NORM = "        norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in model.parameters()])))\n"
_EACH = "        for w in model.parameters():\n            "

clipped_updates.slip(
    "the step uses the gradient as it is: does the clipping come after the step, or not at all?",
    {_CLIP + _STEP: _STEP + _CLIP},
)
clipped_updates.slip(
    "the clipping comes before backward(): there is no gradient of this batch yet that it could shorten",
    {_BACKWARD + _CLIP: _CLIP + _BACKWARD},
)
clipped_updates.slip("zero_grad() is missing: backward() adds to what the batch before has left", {_ZERO: ""})
clipped_updates.slip(
    "zero_grad() throws away what backward() has just computed, and nothing moves: it belongs before backward()",
    {_ZERO + _BACKWARD: _BACKWARD + _ZERO},
)
clipped_updates.slip(
    "nothing moves: is step() there, and does no zero_grad() stand between the clipping and it?",
    {_ZERO: "", _STEP: _ZERO + _STEP},
)
clipped_updates.slip(
    "the clipping comes before backward() and sees the gradient of the batch before, if there is one",
    {_ZERO + _BACKWARD + _CLIP: _CLIP + _ZERO + _BACKWARD},
)
clipped_updates.slip(
    "each number is clipped by itself, as clip_grad_value_ does: that turns the gradient. Clip the norm of all",
    {_CLIP: _NORM + "        torch.nn.utils.clip_grad_value_(model.parameters(), limit)\n"},
)
clipped_updates.slip(
    "every array is clipped by its own norm: that turns the gradient. One norm, over all parameters",
    {_CLIP: _NORM + _EACH + "torch.nn.utils.clip_grad_norm_([w], limit)\n"},
)
clipped_updates.slip(
    "the norms you return are those after clipping; clip_grad_norm_ returns the norm before",
    {_CLIP: "        torch.nn.utils.clip_grad_norm_(model.parameters(), limit)\n" + _NORM},
)
clipped_updates.slip(
    "the norm lacks its square root: the sum of squares is compared with the limit and returned",
    {
        _CLIP: "        norms.append(float(sum((w.grad**2).sum() for w in model.parameters())))\n"
        + _EACH
        + "w.grad *= min(1.0, limit / norms[-1])\n"
    },
)
clipped_updates.slip(
    "only the norm of the last batch comes back; one for each batch is asked for",
    {"return norms,": "return norms[-1],"},
)
clipped_updates.slip(
    "every gradient is given the length `limit`, even one that is far shorter: clipping shortens, and nothing else",
    {_CLIP: _NORM + _EACH + "w.grad *= limit / norms[-1]\n"},
)
clipped_updates.slip(
    "step() comes first in the turn: the first has no gradient yet, and the last gradient is never used",
    {_STEP: "", _ZERO: _STEP + _ZERO},
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


def _model_and_optimiser(rng):
    """Two layers and SGD, in float64."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).double()
    with torch.no_grad():
        for w in model.parameters():
            w.copy_(normal(rng, *w.shape))
    return model, torch.optim.SGD(model.parameters(), lr=1e-3)

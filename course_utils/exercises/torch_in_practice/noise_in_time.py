"""Exercise 9.7: two kinds of noise on the way through time, variational dropout and zoneout."""

from ...studies.torch_names import Tensor
from ..definition import case, exercise
from .inputs import normal


@exercise(
    "9.7",
    points=1,
    outputs=("hidden", "waiting"),
    hints=(
        "One of the two draws once for all steps, the other at every step. Which part of u does each of them look at?",
        "u[0] has a number per sequence and unit, (B, H), and broadcasts over steps. What is not hidden grows by 1/(1 - p).",
        "(h_prev * (u[0] >= p) / (1 - p), torch.where(u < p, ..., ...)): fill in what a unit has when it waits, and when not.",
    ),
)
def noisy_steps(h_prev: Tensor, h_new: Tensor, u: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """u in [0, 1), states before and after T steps, (T, B, H): h_prev with u[0] < p hidden; h_new, h_prev where u < p."""
    import torch

    keep = u[0] >= p
    return h_prev * keep / (1 - p), torch.where(u < p, h_prev, h_new)


@noisy_steps.cases
def _(rng):
    for T, B, H, p, claim in (
        (4, 2, 5, 0.0, "p = 0: nothing is hidden, nothing waits"),
        (1, 2, 50, 0.5, "one step (T = 1), half of the units"),
        (4, 3, 20, 0.5, "four steps, half of the units"),
        (4, 3, 20, 0.75, "four steps, three quarters of the units"),
        (6, 1, 20, 0.75, "one sequence (B = 1)"),
        (5, 5, 5, 0.5, "as many steps as sequences and units"),
        (200, 2, 3, 0.5, "a long text (T = 200)"),
    ):
        yield case(claim, *_states(rng, T, B, H), p)
    yield case("float32", *(a.float() for a in _states(rng, 3, 2, 20)), 0.5)


noisy_steps.slip(
    "the hidden units change from step to step: variational dropout takes one mask, that of u[0], for all steps",
    {"u[0] >= p": "u >= p"},
)
noisy_steps.slip(
    "what is not hidden is not multiplied by 1/(1 - p): at test time, when nothing is hidden, sums would be larger",
    {" / (1 - p)": ""},
)
noisy_steps.slip("the factor for what is not hidden is 1/(1 - p), one over the share that stays", {"/ (1 - p)": "/ p"})
noisy_steps.slip(
    "the hidden units and the others have changed places: hidden are those with u below p", {"u[0] >= p": "u[0] < p"}
)
noisy_steps.slip(
    "the hidden state is made from h_new: dropout on the way through time hides h_prev from the gates",
    {"h_prev * keep": "h_new * keep"},
)
noisy_steps.slip(
    "zoneout the other way round: where u is below p a unit waits, and keeps its old value",
    {"p, h_prev, h_new": "p, h_new, h_prev"},
)
noisy_steps.slip(
    "the waiting units are zero: zoneout sets nothing to zero, they keep their old value",
    {"p, h_prev, h_new": "p, torch.zeros_like(h_new), h_new"},
)
noisy_steps.slip(
    "the same units wait at every step: zoneout draws anew each time, so it needs the whole of u",
    {"torch.where(u <": "torch.where(u[0] <"},
)
noisy_steps.slip(
    "that is zoneout at test time, the share p of the old value for every unit; in training a unit waits or does not",
    {"torch.where(u < p, h_prev, h_new)": "p * h_prev + (1 - p) * h_new"},
)
noisy_steps.slip(
    "zoneout needs no 1/(1 - p): nothing is lost, so there is nothing to make up for",
    {"h_prev, h_new)": "h_prev, h_new / (1 - p))"},
)
noisy_steps.slip(
    "zoneout starts from the hidden state: the two are kinds of noise for themselves, and a unit that waits keeps h_prev",
    {"p, h_prev, h_new": "p, h_prev * keep / (1 - p), h_new"},
)


@noisy_steps.variant
def _(h_prev, h_new, u, p):
    mask = (u[:1] >= p).to(h_prev.dtype) / (1 - p)
    waits = (u < p).to(h_prev.dtype)
    return mask * h_prev, waits * h_prev + (1 - waits) * h_new


@noisy_steps.variant
def _(h_prev, h_new, u, p):
    import torch

    hidden, waiting = torch.zeros_like(h_prev), h_new.clone()
    for t in range(len(u)):
        hidden[t][u[0] >= p] = h_prev[t][u[0] >= p] / (1 - p)
        waiting[t][u[t] < p] = h_prev[t][u[t] < p]
    return hidden, waiting


def _states(rng, T, B, H):
    """Old and new states and uniform numbers, all (T, B, H) in float64."""
    import torch

    return normal(rng, T, B, H), normal(rng, T, B, H), torch.from_numpy(rng.random((T, B, H)))

"""A planned module finds what autograd finds, keeps runs apart, and gives its memory back."""

import copy

import numpy as np
import pytest
import torch

from course_utils.cells import CELLS
from course_utils.sequence.loop_torch import Recurrent

T, B, D, H = 7, 2, 3, 5
CELL_NAMES = ["elman", "lstm", "gru", "gru-before", "lstm-peephole", "mut1", "slstm", "min-gru"]


def two_modules(name, rng):
    cell = CELLS[name]
    p = cell.init(rng, D, H)
    return Recurrent(cell, p, planned=True), Recurrent(cell, p)


def gradients(module, x, state):
    h, last = module(x, state)
    loss = (h**2).sum() + sum((a**3).sum() for a in last)
    inputs = [*module.parameters(), *state, *([x] if x.is_floating_point() else [])]
    return h.detach(), torch.autograd.grad(loss, inputs)


@pytest.mark.parametrize("tokens", [False, True])
@pytest.mark.parametrize("name", CELL_NAMES)
def test_a_planned_module_equals_autograd_in_outputs_and_all_gradients(name, tokens, rng):
    ours, twin = two_modules(name, rng)
    x = rng.integers(0, D, (T, B)) if tokens else rng.standard_normal((T, B, D))
    x = torch.from_numpy(x).requires_grad_(not tokens)
    shapes = CELLS[name].state_shapes(H).values()
    state = [torch.from_numpy(0.1 + rng.random((B, *s))).requires_grad_() for s in shapes]
    state = CELLS[name].State(*state)
    h_twin, expected = gradients(twin, x, state)
    for _ in range(3):  # the first runs plainly, the others by the plan
        h, found = gradients(ours, x, state)
        for a, b in zip((h, *found), (h_twin, *expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_two_runs_that_wait_for_their_way_back_do_not_disturb_each_other(rng):
    ours, twin = two_modules("gru", rng)
    a, b = (torch.from_numpy(rng.standard_normal((T, B, D))) for _ in "ab")
    for _ in range(3):
        for module in (ours, twin):
            (module(a)[0] * module(b)[0]).sum().backward()
    for p, q in zip(ours.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-10)


def test_a_run_that_is_dropped_gives_its_plan_back(rng):
    ours, _ = two_modules("lstm", rng)
    x = torch.from_numpy(rng.standard_normal((T, B, D)))
    for _ in range(4):
        ours(x)[0].sum().backward()
        with torch.no_grad():
            ours(x)
    assert len(ours.plans.free) == 1
    assert len(ours.plans.free[0].plans) == 1


def test_what_came_out_stays_when_the_plan_runs_again(rng):
    ours, _ = two_modules("elman", rng)
    a, b = (torch.from_numpy(rng.standard_normal((T, B, D))) for _ in "ab")
    ours(a)
    h, last = ours(a)
    before = h.detach().clone(), last.h.detach().clone()
    del last
    ours(b)
    assert torch.equal(h, before[0])
    assert torch.equal(ours(a)[1].h, before[1])


def test_a_second_way_back_through_a_kept_graph_finds_the_same(rng):
    ours, _ = two_modules("lstm", rng)
    loss = ours(torch.from_numpy(rng.standard_normal((T, B, D))))[0].sum()
    first = torch.autograd.grad(loss, list(ours.parameters()), retain_graph=True)
    second = torch.autograd.grad(loss, list(ours.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_second_derivative_is_refused(rng):
    ours, _ = two_modules("elman", rng)
    loss = (ours(torch.from_numpy(rng.standard_normal((T, B, D))))[0] ** 2).sum()
    (g, *_) = torch.autograd.grad(loss, list(ours.parameters()), create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        g.sum().backward()


def test_a_copy_of_a_module_has_plans_of_its_own(rng):
    ours, _ = two_modules("elman", rng)
    x = torch.from_numpy(rng.standard_normal((T, B, D)))
    h, twin = ours(x)[0], copy.deepcopy(ours)
    np.testing.assert_allclose(twin(x)[0].detach(), h.detach(), rtol=1e-12)
    assert twin.plans is not ours.plans


def test_a_tensor_that_is_not_on_the_cpu_is_refused_by_name(rng):
    ours, _ = two_modules("elman", rng)
    with pytest.raises(ValueError, match=r"planned=False"):
        ours.to("meta")(torch.zeros(T, B, D, dtype=torch.float64, device="meta"))

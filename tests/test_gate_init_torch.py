"""Filling gate by gate gives each gate what its own shape asks for; filling the whole does not, and training notices."""

import numpy as np
import pytest
import torch

from course_utils.studies import gate_init_torch as gate_init
from course_utils.studies.gate_init_torch import SCHEMES


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", SCHEMES)
def test_forget_bias_is_what_was_asked_for_and_all_other_biases_are_zero(name):
    lstm = gate_init.fresh_lstm(SCHEMES[name], 3, 5, generator(), forget_bias=1.5)
    total = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach()
    assert torch.equal(total.reshape(4, 5), torch.tensor([0, 1.5, 0, 0])[:, None].expand(4, 5))


def test_singular_values_are_one_by_gate_and_one_for_the_whole_stack_when_filled_whole():
    by_gate = gate_init.fresh_lstm(SCHEMES["orthogonal, by gate"], 3, 32, generator())
    whole = gate_init.fresh_lstm(SCHEMES["orthogonal, whole"], 3, 32, generator())
    np.testing.assert_allclose(gate_init.singular_values(by_gate), 1, atol=1e-5)
    np.testing.assert_allclose(torch.linalg.svdvals(whole.weight_hh_l0.detach()), 1, atol=1e-5)
    assert np.allclose((gate_init.singular_values(whole) ** 2).mean(), 1 / 4, atol=1e-5)


@pytest.mark.parametrize("name, rows", [("Glorot, whole", 4 * 40), ("Glorot, by gate", 40)])
def test_glorot_uses_the_rows_that_it_sees(name, rows):
    lstm = gate_init.fresh_lstm(SCHEMES[name], 30, 40, generator())
    for weight, n_in in ((lstm.weight_ih_l0, 30), (lstm.weight_hh_l0, 40)):
        limit = (6 / (n_in + rows)) ** 0.5
        assert limit * 0.99 < weight.abs().max() <= limit


def test_doubling_doubles_and_torchs_own_stays_within_its_limit():
    whole, doubled = (
        gate_init.fresh_lstm(SCHEMES[f"orthogonal, whole{end}"], 3, 5, generator()) for end in ("", ", doubled")
    )
    torch.testing.assert_close(2 * whole.weight_hh_l0, doubled.weight_hh_l0)
    assert gate_init.fresh_lstm(None, 3, 25, generator()).weight_hh_l0.abs().max() <= 0.2


def test_gradient_by_lag_is_that_of_finite_differences():
    lstm = gate_init.fresh_lstm(SCHEMES["Glorot, by gate"], 2, 4, generator()).double()
    torch.set_default_dtype(torch.float64)
    try:
        found = gate_init.gradient_by_lag(lstm, 3, 1, generator(7))
        again = generator(7)
        x = torch.randn(3, 1, 2, generator=again)
        weights = torch.randn(1, 4, generator=again)
    finally:
        torch.set_default_dtype(torch.float32)
    for lag in range(3):
        moved = []
        for k in range(2):
            by = torch.zeros_like(x)
            by[2 - lag, 0, k] = 1e-6
            up, down = ((lstm(x + sign * by)[0][-1] * weights).sum().item() for sign in (1, -1))
            moved.append((up - down) / 2e-6)
        assert abs(np.hypot(*moved) - found[lag]) < 1e-7


def test_recall_asks_for_the_first_symbol_and_next_symbol_for_the_following_one():
    for x, target in gate_init.recall_batches(3, 7, 2, 5, generator()):
        assert x.shape == (7, 2, 5) and torch.equal(x[0].argmax(-1), target[0])
    ids = torch.arange(50)
    for x, target in gate_init.next_symbol_batches(ids, 3, 7, 2, generator()):
        assert x.shape == (7, 2, 50) and torch.equal(x.argmax(-1) + 1, target)


def test_training_is_repeatable_and_learns():
    runs = []
    for _ in range(2):
        g = generator(3)
        lstm = gate_init.fresh_lstm(SCHEMES["orthogonal, by gate"], 4, 16, g)
        runs.append(gate_init.train_losses(lstm, gate_init.recall_batches(150, 2, 32, 4, g), 1e-2, g))
    assert runs[0] == runs[1]
    assert runs[0][-1] < 0.2 < runs[0][0]

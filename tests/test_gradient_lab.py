"""The laboratory: settings do what they say, trials are the network's own gradients, and nothing is drawn twice."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.studies.gradient_lab import STARTS, GradientLab
from course_utils.studies.jacobians import spectral_radius


@pytest.fixture
def lab(rng):
    return GradientLab(rng, H=6, T=9)


@pytest.mark.parametrize("start", STARTS)
def test_radius_is_the_spectral_radius(lab, start):
    assert abs(spectral_radius(lab.run(0.7, start=start).W) - 0.7) < 1e-6


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_trial_is_an_elman_network_with_the_bias(lab, activation):
    trial = lab.run(1.2, activation, bias=0.3)
    cell = CELLS["elman" if activation == "tanh" else f"elman-{activation}"]
    p = cell.Params(np.eye(6), trial.W, np.full(6, 0.3))
    run = sequence.forward(cell, p, lab.x[:, None])
    assert np.abs(run.h[:, 0] - trial.h).max() < 1e-12
    dh = np.zeros_like(run.h)
    dh[-1, 0] = lab.v
    back = sequence.backward(cell, p, lab.x[:, None], run, dh)
    assert abs(np.linalg.norm(back.state.h) - trial.norms[-1]) < 1e-12
    assert trial.norms[0] == pytest.approx(1, abs=1e-14)


def test_bounds_enclose_and_the_rate_is_a_geometric_mean(lab):
    trial = lab.run(1.1)
    assert (trial.lower <= trial.norms * (1 + 1e-12)).all()
    assert (trial.norms <= trial.upper * (1 + 1e-12)).all()
    assert abs(trial.rate**9 - trial.norms[-1]) < 1e-14
    assert trial.jacobians.shape == (9, 6, 6) and trial.slopes.shape == (9, 6)


def test_a_shorter_horizon_is_the_beginning_and_runs_repeat(lab):
    long, short = lab.run(0.9), lab.run(0.9, T=4)
    assert np.array_equal(long.h[:4], short.h)
    assert len(short.norms) == 5
    assert np.array_equal(lab.run(0.9).norms, long.norms)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"start": "round"}, "start must be one of gaussian"), ({"T": 0}, r"T must be in 1..9"), ({"T": 10}, "T must be")],
)
def test_bad_settings_are_named(lab, settings, message):
    with pytest.raises(ValueError, match=message):
        lab.run(**settings)


def test_odd_sizes_are_named(rng):
    with pytest.raises(ValueError, match="H must be even"):
        GradientLab(rng, H=5)

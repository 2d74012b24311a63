"""Counting: a network whose weights count by hand is accepted, and training stops where it should."""

import numpy as np
import pytest

from course_utils.cells import CELLS
from course_utils.studies import counters
from course_utils.studies.marked import MarkedLanguageModel


def counter_by_hand(letters="ab"):
    """An LSTM of three units: one counts a up and b down, the others remember that a, b was read. Weights by hand."""
    model = MarkedLanguageModel(CELLS["lstm"], 5, 3)
    params = model.init(np.random.default_rng(0))
    W_x, W_h, b = (np.zeros_like(a) for a in params.cell)
    b[0], b[1], b[3] = 20, 20, 20  # i, f, o open
    b[1, 0, 1:] = -20  # the two others forget at once
    W_x[2, 1, 0], W_x[2, 2, 0] = 20, -20  # the counter's candidate
    W_x[2, 1, 1], W_x[2, 2, 2] = 20, 20
    W_hy, b_y = np.zeros_like(params.W_hy), np.zeros_like(params.b_y)
    b_y[1] = 1  # after the start: a
    W_hy[2] = [0, -20, 20, 0, 0]  # a b was read: b ...
    W_hy[2, 4] = 22
    W_hy[0, 4] = -10  # ... unless the count is zero: the end
    cell = params.cell._replace(W_x=W_x, W_h=W_h, b=b)
    return counters.Counter(model, params._replace(cell=cell, W_hy=W_hy, b_y=b_y), letters, 5)


def test_a_counter_by_hand_is_accepted_at_every_length():
    assert counters.accepts(counter_by_hand(), [1, 2, 30, 300]).all()
    assert counters.first_failure(counter_by_hand(), 40) == 41


def test_its_memory_is_the_count():
    c = counters.read(counter_by_hand(), 4)[:, 0]
    np.testing.assert_allclose(c, [0, 1, 2, 3, 4, 3, 2, 1, 0], atol=1e-4)


def test_a_broken_counter_is_refused_from_where_it_breaks():
    good = counter_by_hand()
    b = good.params.cell.b.copy()
    b[1, 0, 0] = 3  # a leak: f = 0.95
    leaking = good._replace(params=good.params._replace(cell=good.params.cell._replace(b=b)))
    assert 1 < counters.first_failure(leaking, 40) < 20


def test_a_trained_network_is_read_by_its_memory_or_its_state(rng):
    stage = (counters.Stage(3, 2, 0.01),)
    assert counters.read(counters.learn(rng, "lstm", "abc", stage, H=4), 5).shape == (16, 4)
    assert counters.read(counters.learn(rng, "gru", "ab", stage, H=4), 5).shape == (11, 4)


def test_the_search_for_a_counter_stops_at_the_first_that_passes(rng, monkeypatch):
    made = []

    def learn(rng, cell, letters, stages):
        made.append(counter_by_hand()._replace(letters=letters))
        return made[-1]

    monkeypatch.setattr(counters, "learn", learn)
    assert counters.best_of(rng, "lstm", "ab", ()) is made[0] and len(made) == 1
    assert counters.best_of(rng, "lstm", "abc", (), tries=2) in made and len(made) == 3


@pytest.mark.slow
def test_an_lstm_learns_to_count_and_a_gru_does_not(rng):
    fast, slow = (
        [counters.Stage(10, 300, a), counters.Stage(30, 1000, b), counters.Stage(30, 300, 0.01)]
        for a, b in ((0.05, 0.1), (0.03, 0.03))
    )
    lstm, gru = counters.best_of(rng, "lstm", "ab", fast, tries=5), counters.best_of(rng, "gru", "ab", slow, tries=1)
    assert counters.first_failure(lstm, 120) > 60 >= counters.first_failure(gru, 120)

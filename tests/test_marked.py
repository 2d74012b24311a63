"""A model that learns at marked places only."""

import numpy as np

from course_utils.cells import CELLS
from course_utils.language_model import RecurrentLanguageModel
from course_utils.params import named_arrays
from course_utils.studies.marked import MarkedLanguageModel


def test_loss_and_gradients_are_those_of_the_mask(rng):
    V, H, T, B = 5, 4, 6, 3
    marked, plain = (kind(CELLS["gru"], V, H) for kind in (MarkedLanguageModel, RecurrentLanguageModel))
    params = marked.init(rng, dtype=np.float64)
    inputs, targets = rng.integers(0, V, (2, T, B))
    mask = rng.random((T, B)) < 0.5
    loss, grads, _ = marked.loss_and_gradients(params, inputs, np.where(mask, targets, -1))
    expected, theirs, _ = plain.loss_and_gradients(params, inputs, targets, mask=mask)
    assert loss == expected
    for name, a in named_arrays(grads).items():
        np.testing.assert_array_equal(a, named_arrays(theirs)[name])


def test_accuracy_counts_marked_places_only(rng):
    model = MarkedLanguageModel(CELLS["elman"], 4, 3)
    params = model.init(rng)
    inputs = rng.integers(0, 4, (5, 2))
    best = model.predicted(params, inputs)
    targets = best.copy()
    targets[0] = (best[0] + 1) % 4
    assert model.accuracy(params, inputs, targets) == 0.8
    targets[0] = -1
    assert model.accuracy(params, inputs, targets) == 1

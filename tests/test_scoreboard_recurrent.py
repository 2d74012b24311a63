"""The recurrent entry of the scoreboard: what it reports is the trained model's mean loss on the test text, in bits."""

import numpy as np

from course_utils.cells import CELLS
from course_utils.studies.scoreboard import process_source, recurrent_bits, train_recurrent
from course_utils.tasks.processes import EVEN


def test_bits_are_those_of_the_model_that_training_returns(rng):
    source = process_source(rng, EVEN, n_train=600, n_test=300)
    options = {"H": 5, "epochs": 2, "B": 3, "T": 7}
    model, fit = train_recurrent(source, CELLS["elman"], np.random.default_rng(4), **options)
    found = recurrent_bits(source, CELLS["elman"], np.random.default_rng(4), **options)
    logits, _ = model.run(fit.params, source.test[:-1, None])
    p = np.exp(logits[:, 0] - np.log(np.exp(logits[:, 0]).sum(axis=-1, keepdims=True)))
    assert abs(found + np.log2(p[np.arange(299), source.test[1:]]).mean()) < 1e-5


def test_more_epochs_see_more_tokens(rng):
    source = process_source(rng, EVEN, n_train=600, n_test=300)
    tokens = [train_recurrent(source, CELLS["elman"], rng, epochs=n)[1].history.tokens[-1] for n in (1, 3)]
    assert tokens == [576, 3 * 576]  # 32 streams of 18 tokens

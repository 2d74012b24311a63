"""One training loop for every model of the course: a progress bar, a limit on time or tokens, and a history.

A model is anything with `loss_and_gradients(params, inputs, targets, state) -> loss, grads, state`; an optimiser has
`update(params, grads) -> params`. Batches are (inputs, targets), or (inputs, targets, fresh) where fresh is True when the
batch does not go on where the last one ended, so that no state may be carried into it.
"""

import itertools
import time
from typing import NamedTuple

import numpy as np

from .clipping import clip_by_norm, global_norm

__all__ = ["Fit", "History", "train"]


class History(NamedTuple):
    """One row per update: tokens and seconds so far, loss in nats, gradient norm before clipping; and the evaluations."""

    tokens: np.ndarray
    seconds: np.ndarray
    loss: np.ndarray
    norm: np.ndarray
    evaluations: list  # of (tokens so far, seconds so far, what evaluate(params) returned)


class Fit(NamedTuple):
    """Trained parameters and how they came about."""

    params: tuple
    history: History


def train(
    model,
    params,
    batches,
    optimiser,
    *,
    steps=None,
    tokens=None,
    seconds=None,
    clip=5.0,
    carry=True,
    evaluate=None,
    evaluate_every=None,
    progress=True,
):
    """Train until `steps` updates, `tokens` tokens or `seconds` seconds are reached, or the batches end.

    clip: limit on the gradient norm, None for no clipping. carry: hand the last state to the next batch (not the
    gradient). evaluate(params): called every `evaluate_every` updates, and at the end. The time for evaluations does not
    count. Returns a Fit. Raises FloatingPointError, naming the update, when the loss is no longer finite.
    """
    rows, evaluations, state, done, used = [], [], None, 0, 0.0
    for k, (inputs, targets, *fresh) in enumerate(_with_bar(itertools.islice(batches, steps), steps, progress)):
        start = time.perf_counter()
        state = state if carry and not any(fresh) else None
        loss, grads, state = model.loss_and_gradients(params, inputs, targets, state)
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} at update {k + 1}; lower the learning rate or clip the gradient"
            )
        grads, norm = (grads, global_norm(grads)) if clip is None else clip_by_norm(grads, clip)
        params = optimiser.update(params, grads)
        done, used = done + np.size(targets), used + time.perf_counter() - start
        rows.append((done, used, loss, norm))
        if evaluate and evaluate_every and (k + 1) % evaluate_every == 0:
            evaluations.append((done, used, evaluate(params)))
        if (tokens and done >= tokens) or (seconds and used >= seconds):
            break
    if not rows:
        raise ValueError("there was no batch to train on: is the text shorter than B·T + 1, or the iterator used up?")
    if evaluate and (not evaluations or evaluations[-1][0] != done):
        evaluations.append((done, used, evaluate(params)))
    return Fit(params, History(*map(np.array, zip(*rows, strict=True)), evaluations))


def _with_bar(batches, total, progress):
    if not progress:
        return batches
    from tqdm.auto import tqdm

    return tqdm(batches, total=total, leave=False, unit="batch")

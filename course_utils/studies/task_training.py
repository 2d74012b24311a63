"""Any cell on a task whose answer is wanted at the last steps: a read-out, a loss, and training until it is solved.

    h_t = cell(x_t, h_{t-1})                            (1)
    a_t = h_t W_hy + b_y      t = T - n + 1, ..., T     (2)  the n answers
    L = mean of -log softmax(a_t)[target]               (3)  classes, in nats
    L = mean of (a_t - target)²                         (4)  numbers

x (T, B) tokens or (T, B, D) numbers, target (n, B). A task whose answers = T has one at every step. With truncate = k
the gradient goes back k steps and no further: the state that enters the last k steps counts as given (k >= n).
"""

from typing import NamedTuple

import numpy as np

from .. import sequence
from ..initialisers import uniform
from ..losses import cross_entropy
from ..optim import Adam
from ..sequence.plan import Plans
from ..tasks.long_lag import right
from ..training import Fit, train

__all__ = ["Outcome", "TaskModel", "TaskParams", "success_table", "train_on"]


class TaskParams(NamedTuple):
    cell: tuple
    W_hy: np.ndarray  # (H, outputs)
    b_y: np.ndarray  # (outputs,)


class Outcome(NamedTuple):
    """What training came to: the share of right answers on fresh sequences, their loss, updates made, model and Fit."""

    success: float
    loss: float
    updates: int
    model: "TaskModel"
    fit: Fit


class TaskModel:
    """A cell with H units and a read-out for a task (tasks.long_lag.Task), for course_utils.training."""

    def __init__(self, cell, task, H, truncate=None):
        if truncate is not None and truncate < task.answers:
            raise ValueError(f"truncate must be None or at least {task.answers}, the answers of {task.name}")
        self.cell, self.task, self.H, self.truncate = cell, task, H, truncate
        self._plans = Plans(cell)

    def init(self, rng, dtype=np.float32, **options):
        """Parameters; `options` go to cell.init (W_hh=orthogonal, say)."""
        cell = self.cell.init(rng, self.task.D, self.H, dtype=dtype, **options)
        W_hy = uniform(rng, (self.H, self.task.outputs), self.H**-0.5).astype(dtype)
        return TaskParams(cell, W_hy, np.zeros(self.task.outputs, dtype))

    def outputs(self, params, x):
        """The answers (n, B, outputs), before any softmax."""
        run = sequence.forward(self.cell, params.cell, self._as_input(params, x))  # (1)
        return run.h[-self.task.answers :] @ params.W_hy + params.b_y  # (2)

    def loss_and_gradients(self, params, inputs, targets, state=None):
        """Mean loss, its gradients (a record like params), and None: sequences of a task do not go on."""
        x, state = self._tail(params, self._as_input(params, inputs), state)
        plan, n = self._plans.of(params.cell, x), self.task.answers
        run = plan.forward(params.cell, x, state)  # (1)
        h = run.h[-n:]
        loss, da = self.loss(h @ params.W_hy + params.b_y, targets)
        dh = np.zeros_like(run.h)
        dh[-n:] = da @ params.W_hy.T
        dW_hy = np.einsum("tbh,tbv->hv", h, da)  # before the plan's memory is used again
        return loss, TaskParams(plan.backward(x, dh).p, dW_hy, da.sum(axis=(0, 1))), None

    def loss(self, outputs, targets):
        """(3) or (4), and its gradient with respect to the outputs."""
        if self.task.kind == "class":
            return cross_entropy(outputs, targets)
        off = outputs - np.asarray(targets, outputs.dtype)[..., None]
        return float(np.mean(off**2)), 2 * off / off.dtype.type(off.size)

    def test(self, params, batch):
        """The share of right answers on a Batch, and the loss."""
        outputs = self.outputs(params, batch.x)
        return float(right(self.task, outputs, batch.target).mean()), self.loss(outputs, batch.target)[0]

    def _as_input(self, params, x):
        x = np.asarray(x)
        return x.astype(params.b_y.dtype) if x.ndim == 3 else x

    def _tail(self, params, x, state):
        """The steps through which the gradient goes, and the state that enters them."""
        if self.truncate is None or self.truncate >= len(x):
            return x, state
        head, tail = x[: -self.truncate], x[-self.truncate :]
        return tail, sequence.forward(self.cell, params.cell, head, state).last


def train_on(
    task,
    cell,
    rng,
    T,
    *,
    H=32,
    B=32,
    updates=1000,
    lr=3e-3,
    clip=1.0,
    truncate=None,
    enough=0.99,
    every=100,
    model=TaskModel,
    **init,
):
    """Train on fresh sequences of T steps by Adam, at most `updates` times; stop when `enough` answers are right.

    Every `every` updates, and at the end, the model is tried on 500 sequences that it is not trained on. clip: limit on
    the gradient norm, None for none. model(cell, task, H, truncate): what is trained. `init` goes to the cell
    (W_hh=orthogonal, say). Returns an Outcome; raises FloatingPointError, naming the update, when the loss is no longer
    finite.
    """
    model, trial, solved = model(cell, task, H, truncate), task.draw(rng, T, 500), []

    def evaluate(params):
        found = model.test(params, trial)
        solved.append(found[0] >= enough)
        return found

    batches = ((*task.draw(rng, T, B), True) for _ in iter(lambda: any(solved), True))
    options = {"evaluate": evaluate, "evaluate_every": every, "carry": False, "progress": False}
    fit = train(model, model.init(rng, **init), batches, Adam(lr), steps=updates, clip=clip, **options)
    return Outcome(*fit.history.evaluations[-1][2], len(fit.history.loss), model, fit)


def success_table(rng, tasks, cells, lengths, **options):
    """{(task name, cell's label): [success for each T]}; cells: {label: (cell, options for its init)}.

    Each run has a generator of its own, spawned from rng, so that a run does not depend on those before it. `options` go
    to train_on.
    """
    found = {}
    for task in tasks:
        for label, (cell, init) in cells.items():
            runs = zip(lengths, rng.spawn(len(lengths)), strict=True)
            found[task.name, label] = [train_on(task, cell, r, T, **options, **init).success for T, r in runs]
    return found

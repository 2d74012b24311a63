"""The regulariser of Pascanu and others (2013) beside a task's loss: a network that is asked to keep gradients alive.

    Ω = Σ_t (‖∂L/∂h_{t-1}‖ / ‖∂L/∂h_t‖ - 1)²,  ∂L/∂h_{t-1} = (∂L/∂h_t ⊙ φ'_t) W_hhᵀ    (1)  mean over sequences
    dW_hh = ∂L/∂W_hh + weight · ∂Ω/∂W_hh, with ∂L/∂h_t and h_t held fixed               (2)

For Elman cells. Only the step from t to t - 1 counts in (1), not what the loss itself adds at t - 1.
"""

import numpy as np

from .. import sequence
from ..activations import ACTIVATIONS
from .task_training import TaskModel

__all__ = ["RegularisedModel", "omega_and_gradient"]

TINY = 1e-30  # a gradient of zero has no direction to keep


class RegularisedModel(TaskModel):
    """A TaskModel of an Elman cell whose gradient is (2); the loss that it returns is the task's alone."""

    def __init__(self, cell, task, H, truncate=None, weight=0.1, activation="tanh"):
        super().__init__(cell, task, H, truncate)
        self.weight, self.activation = weight, activation

    def loss_and_gradients(self, params, inputs, targets, state=None):
        """Mean loss, (2) for every parameter, and None."""
        loss, gradients, _ = super().loss_and_gradients(params, inputs, targets, state)
        x, state = self._tail(params, self._as_input(params, inputs), state)
        h, n = sequence.forward(self.cell, params.cell, x, state).h, self.task.answers
        from_loss = np.zeros_like(h)
        from_loss[-n:] = self.loss(h[-n:] @ params.W_hy + params.b_y, targets)[1] @ params.W_hy.T
        _, dW = omega_and_gradient(from_loss, ACTIVATIONS[self.activation].slope(h), params.cell.W_hh)
        cell = gradients.cell
        return (
            loss,
            gradients._replace(cell=cell._replace(W_hh=cell.W_hh + cell.W_hh.dtype.type(self.weight) * dW)),
            None,
        )


def omega_and_gradient(from_loss, slopes, W_hh):
    """(1) and its gradient (H, H), from what the loss adds to ∂L/∂h_t at every step and φ'_t, both (T, B, H)."""
    dh, v, back = (np.empty_like(slopes) for _ in range(3))
    arriving = np.zeros_like(slopes[0])  # (B, H), from the step after
    for t in reversed(range(len(slopes))):
        dh[t] = from_loss[t] + arriving
        v[t] = dh[t] * slopes[t]
        arriving = back[t] = v[t] @ W_hh.T
    length, shorter = (np.linalg.norm(a, axis=-1, keepdims=True) + TINY for a in (dh, back))
    off, B = shorter / length - 1, slopes.shape[1]
    rows, columns = (2 / B * off * back / shorter).reshape(-1, len(W_hh)), (v / length).reshape(-1, len(W_hh))
    return float(np.sum(off**2)) / B, rows.T @ columns

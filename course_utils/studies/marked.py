"""A recurrent language model that learns at marked places only: a target of -1 counts for nothing.

Some tasks ask for a part of what they show: the answer after a sum, not the sum itself; a symbol that is settled, not one
that a coin decides. Padding is such a place as well.
"""

import numpy as np

from ..language_model import RecurrentLanguageModel

__all__ = ["MarkedLanguageModel"]


class MarkedLanguageModel(RecurrentLanguageModel):
    """As RecurrentLanguageModel, but targets (T, B) below 0 are left out of loss and accuracy."""

    def loss_and_gradients(self, params, inputs, targets, state=None):
        """Mean loss over the marked places, its gradients, and the last state."""
        mask = np.asarray(targets) >= 0
        return super().loss_and_gradients(params, inputs, np.where(mask, targets, 0), state, mask)

    def predicted(self, params, inputs):
        """The most likely next token at every place of inputs (T, B): integers (T, B)."""
        return self.run(params, inputs)[0].argmax(axis=-1)

    def accuracy(self, params, inputs, targets):
        """The share of marked places whose most likely token is the target."""
        mask = np.asarray(targets) >= 0
        return float((self.predicted(params, inputs) == targets)[mask].mean())

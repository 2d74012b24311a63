"""Lesson 05: a character network's loss, training step, sampler and chunks, a truncation without bias, six bugs mended.

5.1 chunk_loss: a chunk of text through the network, to its mean loss.
5.2 training_step: one update, its gradients clipped, by Adagrad.
5.3 write: read a token, draw the next, read that.
5.4 chunks: a text as parallel streams, cut into chunks of inputs and targets.
5.5 randomised_backward: a way back that is cut at random places and right on average.
5.6 mended_forward: the broken program's way forward, mended.
5.7 mended_backward: the broken program's way back, mended.
5.8 mended_update: the broken program's update, mended.
"""

from .loss import chunk_loss
from .random_truncation import randomised_backward
from .repaired_backward import mended_backward
from .repaired_forward import mended_forward
from .repaired_update import mended_update
from .sampler import write
from .streams import chunks
from .training import training_step

__all__ = [
    "chunk_loss",
    "chunks",
    "mended_backward",
    "mended_forward",
    "mended_update",
    "randomised_backward",
    "training_step",
    "write",
]

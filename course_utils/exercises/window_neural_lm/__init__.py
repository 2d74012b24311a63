"""Lesson 02: a language model that sees the last N tokens through an embedding, forward, backward and counted.

2.1 make_windows: a text as windows, each with the token after it.
2.2 embed: the embeddings of a window side by side.
2.3 embed_backward: the gradient of the table of embeddings.
2.4 window_logits: the whole model, from windows to logits.
2.5 count_parameters: how many numbers the model learns.
2.6 cross_entropy_gradient: the gradient of the mean cross-entropy.
2.7 hidden_backward: the hidden layer backwards.
"""

from .embedding import embed
from .hidden_layer import hidden_backward
from .logits import window_logits
from .loss_gradient import cross_entropy_gradient
from .size import count_parameters
from .table_gradient import embed_backward
from .windows import make_windows

__all__ = [
    "count_parameters",
    "cross_entropy_gradient",
    "embed",
    "embed_backward",
    "hidden_backward",
    "make_windows",
    "window_logits",
]

"""Lesson 03: the Elman network, one step, a sequence, one matrix or two, its size, its loss, and torch's layout.

3.1 elman_step: one step of an Elman network.
3.2 elman_forward: an Elman network over a sequence.
3.3 rnn_parameters: how many numbers the network learns.
3.4 one_matrix_step: the same step with one matrix.
3.5 next_token_losses: the loss of each next token.
3.6 from_torch_layout: torch's four arrays in our layout.
"""

from .layout import from_torch_layout
from .loss import next_token_losses
from .one_matrix import one_matrix_step
from .sequence import elman_forward
from .size import rnn_parameters
from .step import elman_step

__all__ = ["elman_forward", "elman_step", "from_torch_layout", "next_token_losses", "one_matrix_step", "rnn_parameters"]

"""Lesson 08: the GRU forward and back, its conventions, a mutant, a coupled LSTM, and the language that asks for counting.

8.1 gru_step: one step of a GRU, as torch computes it.
8.2 gru_step_backward: one step of a GRU backwards.
8.3 turn_z: the same GRU in the other convention, where z keeps instead of writes.
8.4 two_candidates: the reset gate after the product, and before it.
8.5 cifg_step: an LSTM whose forget gate is what the input gate leaves, with peepholes.
8.6 mut1_step: a cell that a search found, MUT1.
8.7 counting_example: a string that can only be read by counting.
8.8 settled: where in such a string the next number is certain.
"""

from .backward_step import gru_step_backward
from .candidates import two_candidates
from .certainty import settled
from .convention import turn_z
from .counting import counting_example
from .coupled import cifg_step
from .mutant import mut1_step
from .step import gru_step

__all__ = [
    "cifg_step",
    "counting_example",
    "gru_step",
    "gru_step_backward",
    "mut1_step",
    "settled",
    "turn_z",
    "two_candidates",
]

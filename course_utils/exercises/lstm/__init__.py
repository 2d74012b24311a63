"""Lesson 07: the LSTM, one step forward and back, peepholes, a sequence, torch's layout, forget biases, a latch.

7.1 lstm_step: one step of an LSTM.
7.2 peephole_step: the LSTM whose gates see its memory, each with a matrix of its own.
7.3 memory_backward: the gradient of the memory, one step back.
7.4 lstm_step_backward: one step of an LSTM backwards.
7.5 lstm_sequence: an LSTM over a sequence, forward and back.
7.6 from_torch_layout: torch's four arrays in our layout.
7.7 open_forget_gate: torch's biases, with the forget gate open from the start.
7.8 latch: weights by hand, with which one unit keeps a bit.
"""

from .backward_step import lstm_step_backward
from .bit import latch, latch_inputs
from .forget_bias import open_forget_gate
from .layout import from_torch_layout
from .memory import memory_backward
from .peepholes import peephole_step
from .sequence import lstm_sequence
from .step import lstm_step

__all__ = [
    "from_torch_layout",
    "latch",
    "latch_inputs",
    "lstm_sequence",
    "lstm_step",
    "lstm_step_backward",
    "memory_backward",
    "open_forget_gate",
    "peephole_step",
]

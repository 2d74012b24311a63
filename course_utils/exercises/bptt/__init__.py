"""Lesson 04: the sum over paths, one step back, a sequence back, a gradient checker, forward mode, and three repairs.

4.1 path_terms: the gradient as a sum over paths, each term by itself.
4.2 elman_step_backward: one step of an Elman network backwards.
4.3 elman_backward: backpropagation through time.
4.4 numerical_gradient: a gradient by central differences, to check others with.
4.5 rtrl_step: one step of real-time recurrent learning.
4.6 repaired_a: the broken way back, first function: gradients of the states.
4.7 repaired_b: the broken way back, second function: the recurrent weights.
4.8 repaired_c: the broken way back, third function: all weights.
"""

from .differences import numerical_gradient
from .forward_mode import rtrl_step
from .paths import path_terms
from .repair_recurrent import repaired_b
from .repair_states import repaired_a
from .repair_weights import repaired_c
from .sequence import elman_backward
from .step import elman_step_backward

__all__ = [
    "elman_backward",
    "elman_step_backward",
    "numerical_gradient",
    "path_terms",
    "repaired_a",
    "repaired_b",
    "repaired_c",
    "rtrl_step",
]

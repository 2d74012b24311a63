"""Peak memory of a training step, beyond data and parameters that were there before it.

NumPy: tracemalloc, which sees every array; what a plan keeps between steps counts. torch: the running sum of the
allocations and releases that torch.profiler records. It does not see what a library takes behind torch's back, so the
comparison is never in our favour.
"""

import tracemalloc

import numpy as np
from torch.autograd.profiler import profile

from .steps_torch import OURS, TORCH, problem, torch_step

__all__ = ["peaks"]

MIB = 2**20


def peaks(name, T, B, H, V, rng):
    """A dictionary from contestant to the peak of its second step, in MiB."""
    model, params, tokens = problem(name, T, B, H, V, rng)
    tracemalloc.start()
    model.loss_and_gradients(params, tokens[:-1], tokens[1:])
    tracemalloc.reset_peak()
    model.loss_and_gradients(params, tokens[:-1], tokens[1:])
    ours = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {OURS: ours / MIB, TORCH: torch_peak(torch_step(name, params, tokens)) / MIB}


def torch_peak(step):
    """The most bytes that torch holds at a time in the second `step`, beyond what it held when the step began."""
    step()
    with profile(profile_memory=True) as found:
        step()
    events = sorted((e.start_ns(), e.nbytes()) for e in found.kineto_results.events() if e.name() == "[memory]")
    return float(np.max(np.cumsum([size for _, size in events])))

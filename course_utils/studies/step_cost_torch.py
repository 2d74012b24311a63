"""What one training step costs: which operations take the time, and how the time grows with the network's size.

Times are CPU time on a CPU and time on the clock, after waiting for the device, elsewhere: an accelerator works through
its queue while Python goes on, so a clock that does not wait measures how fast Python can ask.
"""

import contextlib
import os
import time

import torch

__all__ = ["lstm_step", "operations", "seconds_per_call"]


def operations(step, device="cpu", runs=7):
    """Record step() under autograd's profiler: from operation to (calls, milliseconds in it alone), dearest first.

    Each time is the least of several runs, for other programs can only add to it. torch.profiler.profile is the same
    recorder with more switches: schedules, memory, traces for a viewer.
    """
    device = torch.device(device).type
    _recorded(step, device)  # the first recording sets itself up on the way, and counts that as well
    rows = [_recorded(step, device) for _ in range(runs)]
    least = {name: (calls, min(row[name][1] for row in rows if name in row)) for name, (calls, _) in rows[-1].items()}
    return dict(sorted(least.items(), key=lambda item: -item[1][1]))


def _recorded(step, device):
    """From operation to (calls, milliseconds in it alone) of one call of step()."""
    recorder = torch.autograd.profiler.profile(use_device=None if device == "cpu" else device)
    with _quiet(), recorder as recorded:
        step()
        wait(device)
    spent = "self_cpu_time_total" if device == "cpu" else "self_device_time_total"
    return {row.key: (row.count, getattr(row, spent) / 1000) for row in recorded.key_averages()}


def lstm_step(H, B, T, device="cpu"):
    """A function that runs an LSTM of H units with H inputs over random x (T, B, H), forward and backward."""
    lstm = torch.nn.LSTM(H, H, device=device)
    x = torch.ones(T, B, H, device=device)

    def step():
        lstm(x)[0].sum().backward()

    return step


def seconds_per_call(step, device="cpu", budget=0.1):
    """The median time of a call of step(), over as many as fit into the budget (at least three) after one for warming up."""
    device = torch.device(device).type
    clock, times = time.process_time if device == "cpu" else time.perf_counter, []
    step()
    wait(device)
    while len(times) < 3 or sum(times) < budget:
        start = clock()
        step()
        wait(device)
        times.append(clock() - start)
    return sorted(times)[len(times) // 2]


def wait(device):
    """Wait until an accelerator has done all that was asked of it; a CPU is never behind."""
    if device != "cpu":
        getattr(torch, device).synchronize()


@contextlib.contextmanager
def _quiet():
    """The recorder's library writes a line at its start and end straight to the error stream of the process."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

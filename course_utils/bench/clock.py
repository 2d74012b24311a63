"""CPU time of several ways to do one thing, run in turn so that a busy moment of the machine hits all alike."""

import gc
import time
from typing import NamedTuple

import numpy as np

__all__ = ["Times", "interleaved", "once"]


class Times(NamedTuple):
    """Medians over the rounds, in seconds: CPU time of all threads, and time on the clock."""

    cpu: float
    wall: float


def interleaved(ways, seconds=3.0, least=7, most=100):
    """A dictionary from each name in `ways` (name: function without arguments) to its Times.

    Each is run once unmeasured, then all in turn for `seconds` of CPU time, at least `least` and at most `most` rounds.
    """
    found = {name: [] for name in ways}
    for way in ways.values():
        way()
    gc.disable()
    start, rounds = time.process_time(), 0
    while rounds < least or (rounds < most and time.process_time() - start < seconds):
        for name, way in ways.items():
            found[name].append(once(way))
        gc.collect(0)
        rounds += 1
    gc.enable()
    return {name: Times(*map(float, np.median(times, axis=0))) for name, times in found.items()}


def once(way):
    """Times of one run."""
    cpu, wall = time.process_time(), time.perf_counter()
    way()
    return Times(time.process_time() - cpu, time.perf_counter() - wall)

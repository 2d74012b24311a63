"""CPU time of several ways to do one thing, run in turn so that a busy moment of the machine hits all alike.

Who is fast does it several times in a turn, as training does, and not once in a cache that the others have filled.
"""

import gc
import time
from typing import NamedTuple

import numpy as np

__all__ = ["Times", "interleaved", "once"]

TURN = 0.02  # seconds of CPU time that a turn lasts at least, or nearly


class Times(NamedTuple):
    """Medians over the rounds, in seconds: CPU time of all threads, and time on the clock."""

    cpu: float
    wall: float


def interleaved(ways, seconds=3.0, least=7, most=100):
    """A dictionary from each name in `ways` (name: function without arguments) to its Times.

    Each is run three times unmeasured (a plan is made at the second), then all in turn for `seconds` of CPU time, at
    least `least` and at most `most` rounds.
    """
    found = {name: [] for name in ways}
    times = {name: max(1, int(TURN / [once(way) for _ in range(3)][-1].cpu)) for name, way in ways.items()}
    gc.disable()
    start, rounds = time.process_time(), 0
    while rounds < least or (rounds < most and time.process_time() - start < seconds):
        for name, way in ways.items():
            found[name].append(once(way, times[name]))
        gc.collect(0)
        rounds += 1
    gc.enable()
    return {name: Times(*map(float, np.median(turns, axis=0))) for name, turns in found.items()}


def once(way, times=1):
    """Times of one run, the mean of so many."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        way()
    return Times((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)

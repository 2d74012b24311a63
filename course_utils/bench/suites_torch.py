"""The suites: each yields rows, dictionaries that name what was measured and say what was found.

Every row has "suite" and "who"; times are CPU milliseconds (medians), and "wall_ms" beside them.
"""

import numpy as np

from .clock import interleaved
from .imports import begin
from .length_torch import layers, recurrences, scan_error
from .memory_torch import peaks, torch_peak
from .sampling_torch import writers
from .steps_torch import KINDS, OURS, SIZES, TORCH, contestants, numpy_step, problem, torch_step

__all__ = ["SUITES"]

LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)


def steps(quick):
    """One training step, five sizes, three cells."""
    for name in KINDS:
        for size in SIZES[:2] if quick else SIZES:
            found = _timed(contestants(name, *size, np.random.default_rng(0)), quick)
            for who, times in found.items():
                ratio = times["cpu_ms"] / found[TORCH]["cpu_ms"]
                yield {"suite": "steps", "cell": name, "size": size, "who": who, **times, "ratio": ratio}


def sampling(quick):
    """Characters drawn one by one at H = 100."""
    n = 200 if quick else 2000
    for name in KINDS:
        found = _timed(writers(name, 100, 65, n, np.random.default_rng(0)), quick)
        for who, times in found.items():
            yield {"suite": "sampling", "cell": name, "who": who, **times, "per_s": 1000 * n / times["cpu_ms"]}


def memory(quick):
    """Peak memory of a training step at the two larger sizes."""
    for name in KINDS:
        for size in [SIZES[1]] if quick else SIZES[3:]:
            found = peaks(name, *size, np.random.default_rng(0))
            for who, mib in found.items():
                ratio = mib / found[TORCH]
                yield {"suite": "memory", "cell": name, "size": size, "who": who, "mib": mib, "ratio": ratio}


def length(quick):
    """Time and memory of an LSTM's training step as T grows; B = 4, H = 128."""
    for T in LENGTHS[:3] if quick else LENGTHS:
        size, rng = (T, 4, 128, 65), np.random.default_rng(0)
        _, params, tokens = problem("lstm", *size, rng)
        times = _timed({OURS: numpy_step("lstm", *size, rng), TORCH: torch_step("lstm", params, tokens)}, quick)
        mib = peaks("lstm", *size, rng)
        for who in times:
            yield {"suite": "length", "T": T, "who": who, **times[who], "mib": mib[who]}


def scans(quick):
    """The step loop against the scan of a linear recurrence, forward; D = 64."""
    for T in LENGTHS[:3] if quick else (*LENGTHS, 8192):
        rng = np.random.default_rng(0)
        found, error = _timed(recurrences(T, 64, rng), quick), scan_error(T, 64, rng)
        for who, times in found.items():
            yield {"suite": "scans", "T": T, "who": who, **times, "error": error}


def parallel(quick):
    """Layers forward and backward over T steps of one sequence: minGRU by scan, a GRU, attention; H = 64."""
    for T in LENGTHS[:3] if quick else (*LENGTHS, 8192):
        ways = layers(T, 64, np.random.default_rng(0))
        memory = {who: torch_peak(way) / 2**20 for who, way in ways.items() if "NumPy" not in who}
        for who, times in _timed(ways, quick).items():
            yield {"suite": "parallel", "T": T, "who": who, **times, "mib": memory.get(who)}


def imports(quick):
    """What it costs to begin."""
    for who, cpu in begin(1 if quick else 15).items():
        yield {"suite": "imports", "who": who, "cpu_ms": 1000 * cpu}


def _timed(ways, quick):
    found = interleaved(ways, 0, least=2) if quick else interleaved(ways)
    return {who: {"cpu_ms": 1000 * t.cpu, "wall_ms": 1000 * t.wall} for who, t in found.items()}


SUITES = {f.__name__: f for f in (steps, sampling, memory, length, scans, parallel, imports)}

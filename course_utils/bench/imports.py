"""What it costs to begin: imports, and the first training step in NumPy, each in a Python of its own."""

import subprocess
import sys

import numpy as np

__all__ = ["FIRST_STEP", "NUMPY", "PACKAGE", "begin"]

NUMPY, PACKAGE, FIRST_STEP = "import numpy", "and course_utils", "and a first training step"
PROGRAMS = {
    NUMPY: "import numpy",
    PACKAGE: "import numpy, course_utils",
    FIRST_STEP: """
import numpy as np
from course_utils.cells.lstm import LSTM
from course_utils.language_model import RecurrentLanguageModel
model, tokens = RecurrentLanguageModel(LSTM(), 65, 100), np.zeros((26, 1), int)
model.loss_and_gradients(model.init(np.random.default_rng(0)), tokens[:-1], tokens[1:])
""",
}


def begin(rounds):
    """A dictionary from program to the median of its CPU seconds, Python's own start not counted."""
    found = {name: [] for name in PROGRAMS}
    for _ in range(rounds + 1):  # the first round reads files from disk
        for name, program in PROGRAMS.items():
            found[name].append(_cpu(program))
    return {name: float(np.median(times[1:])) for name, times in found.items()}


def _cpu(program):
    timed = f"import time; start = time.process_time()\n{program}\nprint(time.process_time() - start)"
    answer = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)
    return float(answer.stdout)

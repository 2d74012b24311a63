"""Draws docs/course.png, the picture at the head of README.md, with the course's own code: python docs/front_picture.py"""

from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("agg")
import matplotlib.pyplot as plt

from course_utils.cells import CELLS
from course_utils.plots import diagrams, use_style
from course_utils.plots.lstm import gradient_curves
from course_utils.plots.style import ORANGE, VERMILION
from course_utils.sequence import forward
from course_utils.studies.jacobians import gradient_norms, step_jacobians

T, D, H, SEED = 100, 4, 32, 0


def reach(name, forget_bias=None):
    """Norm of the gradient by lag, relative to the last step's, for fresh weights and random inputs: (T + 1,)."""
    rng = np.random.default_rng(SEED)
    cell = CELLS[name]
    p = cell.init(rng, D=D, H=H)
    if forget_bias is not None:
        p.b[1] = forget_bias
    run = forward(cell, p, rng.normal(size=(T, 1, D)))
    J = step_jacobians(cell, p, run)
    norms = gradient_norms(J, np.ones(J.shape[-1]))
    return norms / norms[0]


def main(path):
    """Unrolled graph on the left, how far a gradient reaches on the right."""
    use_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.2), width_ratios=(1, 1.15))
    diagrams.unrolled_graph(4, ax=left)
    curves = [("RNN", reach("elman"), ORANGE, 0), ("LSTM, forget\nbias 3", reach("lstm", 3.0), VERMILION, 0)]
    gradient_curves(curves, "lag in steps", "How far back does a gradient reach?", ax=right)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(Path(__file__).with_name("course.png"))

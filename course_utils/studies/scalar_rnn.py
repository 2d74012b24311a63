"""A recurrent network of single numbers, forward and backward, one stop at a time, to be followed by hand.

    h_t = tanh(z_t),  z_t = x_t w_xh + h_{t-1} w_hh        (1)
    y_t = h_t w_hy                                         (2)
    L = (1/T) Σ_t L_t,  L_t = ½ (y_t - target_t)²          (3)

    ∂L/∂y_t = (y_t - target_t) / T                         (4)
    ∂L/∂h_t = ∂L/∂y_t w_hy + ∂L/∂z_{t+1} w_hh              (5)  two ways out of h_t, so two parts; one for t = T
    ∂L/∂z_t = ∂L/∂h_t (1 - h_t²)                           (6)

No bias, to keep the numbers few. x, target (T,); states h (T + 1,), from h_0 on.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Run", "Stop", "Weights", "backward", "forward"]


class Weights(NamedTuple):
    w_xh: float
    w_hh: float
    w_hy: float


class Run(NamedTuple):
    """What the way forward computed; h[0] is h_0, so h[t] is h_t."""

    x: np.ndarray
    target: np.ndarray
    h: np.ndarray
    y: np.ndarray
    losses: np.ndarray


class Stop(NamedTuple):
    """One stop of the way back: the node ("y", "h" or "z") and its step t, ∂L/∂node, how it came about, and the sums so far."""

    node: str
    t: int
    gradient: float
    formula: str
    totals: Weights


def forward(w, x, h0, target):
    """The Run of a network with Weights w. Raises ValueError if x and target are not two rows of the same length."""
    x, target = np.asarray(x, float), np.asarray(target, float)
    if x.ndim != 1 or x.shape != target.shape or not len(x):
        raise ValueError(f"x and target must be (T,) with the same T of at least 1, got {x.shape} and {target.shape}")
    h = [float(h0)]
    for x_t in x:
        h.append(float(np.tanh(x_t * w.w_xh + h[-1] * w.w_hh)))  # (1)
    h = np.array(h)
    y = h[1:] * w.w_hy  # (2)
    return Run(x, target, h, y, (y - target) ** 2 / 2)  # (3)


def backward(w, run):
    """The Stops of the way back, in order: y_T, h_T, z_T, ..., y_1, h_1, z_1, h_0. The last one's totals are ∂L/∂w."""
    T, dz, total, stops = len(run.x), None, Weights(0.0, 0.0, 0.0), []
    for t in range(T, 0, -1):
        dy = float(run.y[t - 1] - run.target[t - 1]) / T  # (4)
        total = total._replace(w_hy=total.w_hy + dy * run.h[t])
        stops.append(Stop("y", t, dy, f"({run.y[t - 1]:.3f} - {_text(run.target[t - 1])}) / {T}", total))
        dh, formula = _at_state(w, dy, dz)
        stops.append(Stop("h", t, dh, formula, total))
        dz = dh * (1 - run.h[t] ** 2)  # (6)
        total = total._replace(w_xh=total.w_xh + dz * run.x[t - 1], w_hh=total.w_hh + dz * run.h[t - 1])
        stops.append(Stop("z", t, dz, f"{dh:.3f} · (1 - {_text(run.h[t])}²)", total))
    return [*stops, Stop("h", 0, dz * w.w_hh, f"{dz:.3f} · {_text(w.w_hh)}", total)]


def _at_state(w, dy, dz_next):
    """(5): the gradient of h_t and its formula; dz_next is None at the last step."""
    if dz_next is None:
        return dy * w.w_hy, f"{dy:.3f} · {_text(w.w_hy)}"
    return dy * w.w_hy + dz_next * w.w_hh, f"{dy:.3f} · {_text(w.w_hy)} + {_text(dz_next)} · {_text(w.w_hh)}"


def _text(value):
    """Three digits, in brackets where a minus would meet another sign."""
    return f"{value:.3f}" if value >= 0 else f"({value:.3f})"

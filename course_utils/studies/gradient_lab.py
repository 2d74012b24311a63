"""A gradient laboratory: one random network, whose recurrent matrix, activation and bias can be set, and how gradients fare.

    h_t = φ(x_t + b + h_{t-1} W),  W = ρ · (a start with spectral radius 1)

The starts: gaussian (divided by its spectral radius), orthogonal, identity, and one-way, in which units form pairs and
the first of a pair feeds the second, strongly, and not the other way round. All that is random is drawn once: two
matrices, the inputs, and the direction of the gradient at the last step. So two runs differ in what was set, and in
nothing else.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..activations import ACTIVATIONS
from ..initialisers import orthogonal
from .jacobians import elman_jacobians, gradient_norms, norm_bounds, rescaled

__all__ = ["STARTS", "GradientLab", "Trial"]

STARTS = ("gaussian", "orthogonal", "identity", "one-way")
PAIR = np.array([[1.0, 4.0], [0.0, 1.0]])  # both eigenvalues 1, largest singular value above 4


@dataclass(frozen=True)
class Trial:
    """What one setting gives. Arrays by lag have T + 1 entries, from lag 0, and start at 1."""

    W: np.ndarray  # (H, H)
    h: np.ndarray  # (T, H)
    slopes: np.ndarray  # (T, H), φ' at every step and unit
    jacobians: np.ndarray  # (T, H, H), ∂h_t/∂h_{t-1}, in the order of time
    norms: np.ndarray  # ‖∂L/∂h_{T-lag}‖, by lag

    @cached_property
    def bounds(self):
        """The lower and the upper bound of norms, by lag; they cost more than the rest, so only who asks pays."""
        return norm_bounds(self.jacobians)

    @property
    def lower(self):
        return self.bounds.lower

    @property
    def upper(self):
        return self.bounds.upper

    @property
    def rate(self):
        """The factor by which the gradient changes per step, as a geometric mean over all steps; 0 if it dies."""
        return float(self.norms[-1] ** (1 / (len(self.norms) - 1)))


class GradientLab:
    """A network of H units that reads T steps of noise with the given standard deviation."""

    def __init__(self, rng, H=32, T=100, noise=0.5):
        if H < 2 or H % 2:
            raise ValueError(f"H must be even (the one-way start is made of pairs of units), got {H!r}")
        self.starts = {
            "gaussian": rescaled(rng.standard_normal((H, H)), 1.0),
            "orthogonal": orthogonal(rng, (H, H)),
            "identity": np.eye(H),
            "one-way": np.kron(np.eye(H // 2), PAIR),
        }
        self.x = noise * rng.standard_normal((T, H))
        v = rng.standard_normal(H)
        self.v = v / np.linalg.norm(v)

    def run(self, radius=1.0, activation="tanh", start="gaussian", bias=0.0, T=None):
        """A Trial over T steps (default: all). Raises ValueError for a start or a T that the laboratory does not have."""
        if start not in self.starts:
            raise ValueError(f"start must be one of {', '.join(STARTS)}, got {start!r}")
        return self.trial(radius * self.starts[start], activation, bias, T)

    def trial(self, W, activation="tanh", bias=0.0, T=None):
        """The same for a recurrent matrix W (H, H) that is given."""
        T = len(self.x) if T is None else T
        if not 1 <= T <= len(self.x):
            raise ValueError(f"T must be in 1..{len(self.x)}, the steps that were drawn, got {T!r}")
        h = self._states(W, activation, bias, T)
        J = elman_jacobians(W, h, activation)
        return Trial(W, h, ACTIVATIONS[activation].slope(h), J, gradient_norms(J, self.v))

    def _states(self, W, activation, bias, T):
        function, states = ACTIVATIONS[activation].function, [np.zeros(len(W))]
        for x_t in self.x[:T]:
            states.append(function(x_t + bias + states[-1] @ W))
        return np.array(states[1:])

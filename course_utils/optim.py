"""Four update rules. Each takes parameters and gradients and returns new parameters; nothing is changed in place.

    SGD       w ← w - η g                                                        (1)
    Momentum  v ← μ v + g;  w ← w - η v                                          (2)
    Adagrad   s ← s + g²;  w ← w - η g / (sqrt(s) + ε)                           (3)
    Adam      m ← β₁ m + (1-β₁) g;  s ← β₂ s + (1-β₂) g²;
              w ← w - η (m / (1-β₁ᵏ)) / (sqrt(s / (1-β₂ᵏ)) + ε)                  (4)  at the k-th update

Sources: (2) as in torch.optim.SGD; (3) Duchi, Hazan and Singer 2011; (4) Kingma and Ba 2015, algorithm 1.
"""

import numpy as np

from .params import tree_map

__all__ = ["SGD", "Adagrad", "Adam", "Momentum"]


class SGD:
    """Plain gradient descent with learning rate `lr`."""

    def __init__(self, lr):
        self.lr = _positive("lr", lr)

    def update(self, params, grads):
        """New parameters, after one step against the gradient."""
        return tree_map(lambda w, g: w - self.lr * g, params, grads)  # (1)


class Momentum:
    """Gradient descent with a velocity that keeps the share `mu` of itself at each step."""

    def __init__(self, lr, mu=0.9):
        self.lr, self.mu, self.v = _positive("lr", lr), _share("mu", mu), None

    def update(self, params, grads):
        """New parameters; the velocity is kept in the optimiser."""
        v = self.v if self.v is not None else tree_map(np.zeros_like, params)
        self.v = tree_map(lambda v, g: self.mu * v + g, v, grads)
        return tree_map(lambda w, v: w - self.lr * v, params, self.v)  # (2)


class Adagrad:
    """Each number has its own learning rate, divided by the root of all its squared gradients so far."""

    def __init__(self, lr=0.1, eps=1e-8):
        self.lr, self.eps, self.s = _positive("lr", lr), _positive("eps", eps), None

    def update(self, params, grads):
        """New parameters; the sums of squares are kept in the optimiser."""
        s = self.s if self.s is not None else tree_map(np.zeros_like, params)
        self.s = tree_map(lambda s, g: s + g * g, s, grads)
        return tree_map(lambda w, g, s: w - self.lr * g / (np.sqrt(s) + self.eps), params, grads, self.s)  # (3)


class Adam:
    """Running means of the gradient and of its square, corrected for their start at zero."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.lr, self.eps = _positive("lr", lr), _positive("eps", eps)
        self.b1, self.b2 = _share("betas[0]", betas[0]), _share("betas[1]", betas[1])
        self.k, self.m, self.s = 0, None, None

    def update(self, params, grads):
        """New parameters; both means and the count of updates are kept in the optimiser."""
        if self.m is None:
            self.m = self.s = tree_map(np.zeros_like, params)
        self.k += 1
        self.m = tree_map(lambda m, g: self.b1 * m + (1 - self.b1) * g, self.m, grads)
        self.s = tree_map(lambda s, g: self.b2 * s + (1 - self.b2) * g * g, self.s, grads)
        rate, root = self.lr / (1 - self.b1**self.k), (1 - self.b2**self.k) ** 0.5
        return tree_map(lambda w, m, s: w - rate * m / (np.sqrt(s) / root + self.eps), params, self.m, self.s)  # (4)


def _positive(name, value):
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return float(value)  # a NumPy number would turn float32 parameters into float64


def _share(name, value):
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value}")
    return float(value)

"""Widgets of lesson 01."""

import numpy as np

from ..losses import softmax
from ..plots import language_models as plots
from ..sampling import inverse_transform, with_temperature
from .explorer import explore, float_slider

__all__ = ["draw_by_u", "temperature"]


def draw_by_u(names, p):
    """A slider for u: which token the inverse transform draws from p (V,)."""
    F = np.cumsum(p)
    F = F / F[-1]

    def draw(u):
        plots.cdf(names, F, u, int(inverse_transform(p, u)))

    def alt(u):
        return f"Bars of cumulative probability; the line at u = {u:.2f} meets the bar of {names[inverse_transform(p, u)]}."

    return explore(draw, alt, u=float_slider("u", 0.0, 0.99, 0.6))


def temperature(names, a):
    """A slider for the temperature: the probabilities of the scores a (V,), beside those at temperature 1."""

    def draw(tau):
        plots.temperatures(names, [1, tau], [softmax(a), softmax(with_temperature(a, tau))])

    def alt(tau):
        p = softmax(with_temperature(a, tau))
        return (
            f"At temperature {tau:.2f} the most likely token, {names[int(p.argmax())]}, has probability {p.max():.2f}."
        )

    return explore(draw, alt, tau=float_slider("temperature τ", 0.05, 5.0, 0.5, 0.05))

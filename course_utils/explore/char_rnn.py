"""Widgets of lesson 05."""

from ..losses import softmax
from ..plots import char_rnn as plots
from .explorer import explore, float_slider, options

__all__ = ["temperature", "truncation"]


def temperature(symbols, logits, write, first=0.5):
    """A slider for the temperature: probabilities of the next character from logits (V,), and the text write(tau)."""

    def alt(tau):
        p = softmax(logits / tau)
        best = symbols[int(p.argmax())]
        return f"At temperature {tau:.2f} the likeliest next character, {best!r}, has probability {p.max():.2f}."

    return explore(
        lambda tau: plots.temperature(symbols, logits, tau, write(tau)),
        alt,
        tau=float_slider("temperature τ", 0.1, 3.0, first, 0.1),
    )


def truncation(table, first):
    """A menu of lengths: path weights at that length, and bias and noise of every rule with the length marked."""
    lengths = sorted(table["randomised"])

    def alt(K):
        found = {method: rows[K] for method, rows in table.items()}
        said = "; ".join(f"{method}: bias {e.bias:.2f}, noise {e.noise:.2f}" for method, e in found.items())
        return f"With {K} steps between cuts, {said}."

    menu = options("steps between cuts K", lengths, first)
    return explore(lambda K: plots.truncations(table, K), alt, K=menu)

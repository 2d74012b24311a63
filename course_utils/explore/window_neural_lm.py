"""Widgets of lesson 02."""

from ..plots.window_neural_lm import window_on_sentence
from .explorer import explore, int_slider

__all__ = ["window_size"]


def window_size(words, key, count):
    """A slider over N: how far the window reaches into the sentence, and what count(N) parameters that takes."""

    def draw(N):
        window_on_sentence(words, N, key, count(N))

    def alt(N):
        seen = " ".join(words[-N:])
        return f"A window of {N} sees {seen!r}, with {count(N):,} parameters."

    return explore(draw, alt, N=int_slider("window N", 1, len(words), 3))

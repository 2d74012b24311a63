"""Widgets of lesson 07."""

from ..plots import lstm as plots
from .explorer import explore, int_slider, options

__all__ = ["gate_explorer"]


def gate_explorer(texts, gates, H, first=0):
    """The gates of one unit over a sentence. texts: {name: words}; gates(words, unit) gives i, f, g, o, c, h, (T,) each."""

    def draw(text, unit):
        plots.gates_over_words(texts[text], gates(texts[text], unit)).set_title(f"Unit {unit} of 0 to {H - 1}")

    def alt(text, unit):
        h = gates(texts[text], unit)["h"]
        shown = ", ".join(f"{word} {value:.2f}" for word, value in zip(texts[text], h, strict=True))
        return f"Gates, memory and hidden state of unit {unit} over a sentence; its hidden state: {shown}."

    return explore(draw, alt, text=options("sentence", list(texts)), unit=int_slider("unit", 0, H - 1, first))

"""Widgets of lesson 09."""

from ..plots import torch_in_practice as plots
from ..studies.shape_quiz import TOPICS, draw, verdict
from .explorer import explore, int_slider, options, quiz

__all__ = ["layout", "shapes"]


def layout(D=1, H=4):
    """The arrays of one layer of torch.nn, by kind of network and sizes."""

    def alt(kind, D, H):
        G = {"lstm": 4, "gru": 3, "rnn": 1}[kind]
        return (
            f"weight_ih ({G * H}, {D}) and weight_hh ({G * H}, {H}) of nn.{kind.upper()}, {G} blocks of {H} rows each."
        )

    kinds = options("network", [("LSTM", "lstm"), ("GRU", "gru"), ("RNN", "rnn")])
    return explore(
        plots.weight_layout,
        alt,
        kind=kinds,
        D=int_slider("input size D", 1, 8, D),
        H=int_slider("hidden size H", 1, 8, H),
    )


def shapes(rng):
    """Questions without end about the shapes of torch's networks, drawn from rng."""
    topics = options("topic", [("all", None), *((name, name) for name in TOPICS)])
    return quiz(lambda topic: draw(rng, topic), verdict, topics, "whole numbers, such as 4, 7, 10")

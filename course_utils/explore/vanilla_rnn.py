"""Widgets of lesson 03."""

from ..plots import diagrams
from ..plots import vanilla_rnn as plots
from .explorer import explore, int_slider

__all__ = ["reading", "training", "unrolled"]


def unrolled(longest=12):
    """The unrolled graph, its number of steps by slider."""
    return explore(
        lambda T: diagrams.unrolled_graph(T),
        lambda T: f"An RNN unrolled over {T} steps; every step uses the same three matrices.",
        T=int_slider("steps T", 1, longest, 4),
    )


def reading(h, symbols, cloud, first=6):
    """The path of the state through the plane, symbol by symbol: h (N, 2), symbols (N,), cloud (M, 2)."""
    return explore(
        lambda n: plots.path_of_states(h[:n], symbols[:n], cloud),
        lambda n: f"The path of a state of two units while the network reads {' '.join(map(str, symbols[:n]))}.",
        n=int_slider("symbols read", 1, len(symbols), min(first, len(symbols))),
    )


def training(vocabulary, inputs, targets, snapshots):
    """The hello figure at several moments of training; snapshots: a list of (updates, h, logits, losses)."""

    def alt(k):
        updates, _, _, losses = snapshots[k]
        return (
            f"The four steps of hello after {updates} updates; the losses are {', '.join(f'{x:.2f}' for x in losses)}."
        )

    def draw(k):
        plots.hello_steps(vocabulary, inputs, targets, *snapshots[k][1:]).set_title(f"After {snapshots[k][0]} updates")

    return explore(draw, alt, k=int_slider("moment of training", 0, len(snapshots) - 1, 0))

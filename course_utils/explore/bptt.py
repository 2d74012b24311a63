"""Widgets of lesson 04."""

from ..plots import bptt as plots
from .explorer import explore, int_slider

__all__ = ["backward_pass"]


def backward_pass(run, stops, first=0):
    """The unrolled graph of a scalar network, its way back stop by stop: a scalar_rnn.Run, and its Stops."""

    def alt(reached):
        if not reached:
            return "The unrolled graph with the values of the way forward and no gradient yet."
        s = stops[reached - 1]
        return (
            f"The unrolled graph after {reached} stops of the way back. The gradient of {s.node}_{s.t} is "
            f"{s.formula} = {s.gradient:.3f}; the sums so far are {s.totals.w_xh:.4f} for w_xh, "
            f"{s.totals.w_hh:.4f} for w_hh and {s.totals.w_hy:.4f} for w_hy."
        )

    slider = int_slider("stops of the way back", 0, len(stops), first)
    return explore(lambda reached: plots.backward_graph(run, stops, reached), alt, reached=slider)

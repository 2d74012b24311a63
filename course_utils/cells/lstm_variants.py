"""Which LSTM is meant: a table of switches, and the records that depend on them.

    NIG, NFG, NOG     no input, forget, output gate: it is 1        Greff et al. 2017, on the peephole LSTM
    NIAF, NOAF        no input, output activation: g = a, h = o ⊙ c
    NP                no peepholes: the LSTM of lstm.py
    CIFG              coupled input and forget gate: f = 1 - i
    FGR               full gate recurrence: i, f, o also hear i', f', o' (Hochreiter and Schmidhuber 1997 had it)
    -f, -i, -o        no forget, input, output gate                 Jozefowicz et al. 2015, without peepholes
    -b                the bias of the forget gate starts at 1       (advised already by Gers et al. 2000)

The peephole LSTM itself: Gers and Schmidhuber 2000. A gate that is not there has no weights either.
"""

from typing import NamedTuple

import numpy as np

from . import lstm

__all__ = ["VARIANTS", "Variant", "records"]


class Variant(NamedTuple):
    """The switches: gates that have weights; f = 1 - i; the activations of candidate and memory; what gates look at."""

    gates: str = "ifgo"
    coupled: bool = False
    phi: str = "tanh"
    psi: str = "tanh"
    peepholes: bool = True
    gate_recurrence: bool = False
    forget_bias: float | None = None


VARIANTS = {
    "lstm-peephole": Variant(),
    "lstm-nig": Variant("fgo"),
    "lstm-nfg": Variant("igo"),
    "lstm-nog": Variant("ifg"),
    "lstm-niaf": Variant(phi="identity"),
    "lstm-noaf": Variant(psi="identity"),
    "lstm-np": Variant(peepholes=False),
    "lstm-cifg": Variant("igo", coupled=True),
    "lstm-fgr": Variant(gate_recurrence=True),
    "lstm-f": Variant("igo", peepholes=False),
    "lstm-i": Variant("fgo", peepholes=False),
    "lstm-o": Variant("ifg", peepholes=False),
    "lstm-b": Variant(peepholes=False, forget_bias=1.0),
}


class PeepholeParams(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    P: np.ndarray


class FGRParams(NamedTuple):
    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    P: np.ndarray
    R: np.ndarray


class FGRState(NamedTuple):
    h: np.ndarray
    c: np.ndarray
    i: np.ndarray
    f: np.ndarray
    o: np.ndarray


class Trace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    y: np.ndarray


class FGRTrace(NamedTuple):
    h_prev: np.ndarray
    c_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    y: np.ndarray
    i_prev: np.ndarray
    f_prev: np.ndarray
    o_prev: np.ndarray


def records(variant):
    """The records (Params, State, Trace) of a Variant. Raises ValueError for switches that do not go together."""
    if "g" not in variant.gates or "".join(k for k in "ifgo" if k in variant.gates) != variant.gates:
        raise ValueError(f"gates must be some of i, f, g, o in this order, with g among them, got {variant.gates!r}")
    if variant.coupled and ("f" in variant.gates or "i" not in variant.gates):
        raise ValueError(f"a coupled variant takes f from i: gates must have i and not f, got {variant.gates!r}")
    if variant.forget_bias is not None and "f" not in variant.gates:
        raise ValueError(f"forget_bias needs the gate f, got the gates {variant.gates!r}")
    if variant.gate_recurrence:
        if variant.gates != "ifgo" or not variant.peepholes:
            raise ValueError(f"full gate recurrence needs all gates and peepholes, got {variant}")
        return FGRParams, FGRState, FGRTrace
    return PeepholeParams if variant.peepholes and variant.gates != "g" else lstm.Params, lstm.State, Trace

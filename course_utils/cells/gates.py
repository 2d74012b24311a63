"""The one table of names, colours and stacking order of gates; parameters, plots and lessons read it.

Colours are from the palette of Okabe and Ito (2008), which readers with any kind of colour vision can tell apart.
"""

__all__ = ["COLOURS", "GATE_ORDER", "ROLES"]

ROLES = {
    "i": "input gate",
    "f": "forget gate",
    "g": "candidate",
    "o": "output gate",
    "c": "memory",
    "h": "hidden state",
    "r": "reset gate",
    "z": "update gate",
    "n": "candidate",
}

COLOURS = {
    "input gate": "#009E73",
    "forget gate": "#D55E00",
    "output gate": "#0072B2",
    "candidate": "#CC79A7",
    "memory": "#E69F00",
    "hidden state": "#000000",
    "reset gate": "#D55E00",
    "update gate": "#56B4E9",
}

# The first axis of W_x (G, D, H), W_h (G, H, H) and b (G, 1, H); the same order as in torch.nn.
GATE_ORDER = {"lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}

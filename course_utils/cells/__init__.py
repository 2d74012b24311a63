"""Every recurrent cell of the course, in NumPy, with the gradient written by hand. `CELLS` lists them by name.

A cell's module is imported when its name is first asked for, so that who needs one cell does not wait for forty.
"""

import importlib

__all__ = [
    "CELLS",
    "GRU",
    "LRU",
    "LSTM",
    "MGU",
    "MLSTM",
    "MUT",
    "NAS",
    "RHN",
    "S4D",
    "SLSTM",
    "Cell",
    "Elman",
    "GRULayerNorm",
    "LSTMLayerNorm",
    "LSTMVariant",
    "LinearAttention",
    "MinGRU",
    "MinLSTM",
    "Selective",
]

MODULES = {
    "CELLS": "table",
    "Cell": "cell",
    "Elman": "elman",
    "GRULayerNorm": "gru_layer_norm",
    "LSTMLayerNorm": "lstm_layer_norm",
    "LSTMVariant": "lstm_family",
    "LinearAttention": "linear_attention",
    "MinGRU": "minrnn",
    "MinLSTM": "minrnn",
    "S4D": "ssm",
    "Selective": "selective",
} | {name: name.lower() for name in ("GRU", "LRU", "LSTM", "MGU", "MLSTM", "MUT", "NAS", "RHN", "SLSTM")}


def __getattr__(name):
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{MODULES[name]}", __name__), name)


def __dir__():
    return sorted([*globals(), *__all__])

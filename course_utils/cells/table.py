"""The one table of all cells by name; tests, plots and benchmarks run over it."""

import difflib

from .elman import Elman
from .gru import GRU
from .gru_layer_norm import GRULayerNorm
from .linear_attention import LinearAttention
from .lru import LRU
from .lstm import LSTM
from .lstm_family import LSTMVariant
from .lstm_layer_norm import LSTMLayerNorm
from .lstm_variants import VARIANTS
from .mgu import MGU
from .minrnn import MinGRU, MinLSTM
from .mlstm import MLSTM
from .mut import MUT, MUTANTS
from .nas import NAS
from .rhn import RHN
from .selective import Selective
from .slstm import SLSTM
from .ssm import S4D

__all__ = ["CELLS"]


class _Table(dict):
    """Cells by name; a name that is not there is refused with those that are."""

    def __missing__(self, name):
        close = difflib.get_close_matches(str(name), self, n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise KeyError(f"no cell is called {name!r}; {meant}there are {', '.join(self)}")


CELLS = _Table(
    (cell.name, cell)
    for cell in (
        Elman(),
        Elman("relu"),
        Elman("identity"),
        LSTM(),
        GRU(),
        GRU(z="writes"),
        GRU("before"),
        GRU("before", "writes"),
        *map(LSTMVariant, VARIANTS),
        LSTMLayerNorm(),
        GRULayerNorm(),
        *map(MUT, MUTANTS),
        MGU(),
        NAS(),
        RHN(),
        MinGRU(),
        MinGRU("positive"),
        MinLSTM(),
        MinLSTM("positive"),
        LRU(),
        S4D(),
        Selective(),
        LinearAttention(),
        SLSTM(),
        SLSTM("exp"),
        MLSTM(),
        MLSTM("exp"),
    )
)

"""The HM-LSTM in torch; autograd takes the way back that hm_lstm.py and hm_layer.py write out.

The wiring of the layers is hm_lstm.py's own and serves tensors as it stands; a layer is that of hm_layer_torch.py, whose
boundary passes the gradient straight through.
"""

import torch

from . import hm_lstm
from .hm_layer_torch import hm_layer

__all__ = ["HMLSTM"]


class HMLSTM(hm_lstm.HMLSTM):
    """The HM-LSTM on torch tensors."""

    layer = staticmethod(hm_layer)
    stack = staticmethod(torch.stack)

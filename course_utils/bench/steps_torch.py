"""One training step, done by each contestant: tokens in, linear read-out, cross-entropy, all gradients; float32.

All start from the same parameters, so all find the same loss. torch.nn has no look-up into a cell's input matrix, so its
one-hot rows are taken from an identity matrix, the cheapest way it has.
"""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from ..cells import CELLS, elman_torch, gru_torch, lstm_torch
from ..language_model import RecurrentLanguageModel
from ..sequence.loop_torch import Recurrent
from . import classic

__all__ = ["KINDS", "OURS", "OURS_TORCH", "SIZES", "TORCH", "contestants", "numpy_step"]

OURS, OURS_TORCH, OURS_AUTOGRAD = "ours, NumPy", "ours, torch", "ours, autograd"
TORCH, CELL_LOOP, CLASSIC = "torch.nn", "torch.nn cells", "classic loop"
SIZES = [(25, 1, 100, 65), (50, 32, 128, 65), (35, 32, 256, 28), (100, 32, 256, 65), (100, 64, 512, 65)]  # T, B, H, V
KINDS = {
    "elman": (elman_torch.to_torch, torch.nn.RNNCell),
    "lstm": (lstm_torch.to_torch, torch.nn.LSTMCell),
    "gru": (gru_torch.to_torch, torch.nn.GRUCell),
}


def contestants(name, T, B, H, V, rng):
    """A dictionary from contestant to a function without arguments that does one step and returns its mean loss."""
    model, params, tokens = problem(name, T, B, H, V, rng)
    found = {
        OURS: lambda: model.loss_and_gradients(params, tokens[:-1], tokens[1:])[0],
        OURS_TORCH: _ours_torch(name, params, tokens, planned=True),
        OURS_AUTOGRAD: _ours_torch(name, params, tokens, planned=False),
        TORCH: torch_step(name, params, tokens),
        CELL_LOOP: _cell_loop(name, params, tokens),
    }
    if name == "elman" and B == 1:
        found[CLASSIC] = _classic_step(params, tokens)
    return found


def problem(name, T, B, H, V, rng):
    """A model, its float32 parameters, and tokens (T + 1, B)."""
    model = RecurrentLanguageModel(CELLS[name], V, H)
    return model, model.init(rng), rng.integers(0, V, (T + 1, B))


def numpy_step(name, T, B, H, V, rng):
    """Ours in NumPy alone: a function without arguments."""
    model, params, tokens = problem(name, T, B, H, V, rng)
    return lambda: model.loss_and_gradients(params, tokens[:-1], tokens[1:])[0]


def torch_step(name, params, tokens):
    """The step by torch.nn.RNN, LSTM or GRU."""
    rnn = KINDS[name][0](params.cell)
    return _step(rnn, lambda x: rnn(x)[0], params, tokens, one_hot=True)


def _ours_torch(name, params, tokens, planned):
    rnn = Recurrent(CELLS[name], params.cell, planned)
    return _step(rnn, lambda x: rnn(x)[0], params, tokens, one_hot=False)


def _cell_loop(name, params, tokens):
    whole = KINDS[name][0](params.cell)
    cell = KINDS[name][1](whole.input_size, whole.hidden_size)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in whole.state_dict().items()})

    def run(x):
        state, h = None, []
        for x_t in x:
            state = cell(x_t, state)
            h.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(h)

    return _step(cell, run, params, tokens, one_hot=True)


def _step(rnn, run, params, tokens, one_hot):
    """A function that runs `run` on the tokens (or their one-hot rows) and takes all gradients."""
    x, y = torch.from_numpy(tokens[:-1]), torch.from_numpy(tokens[1:]).reshape(-1)
    readout, eye = _readout(params), torch.eye(len(params.b_y))

    def step():
        rnn.zero_grad()
        readout.zero_grad()
        loss = cross_entropy(readout(run(eye[x] if one_hot else x)).flatten(0, 1), y)
        loss.backward()
        return loss.item()

    return step


def _readout(params):
    linear = torch.nn.Linear(*params.W_hy.shape)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(params.W_hy.T))
        linear.bias.copy_(torch.from_numpy(params.b_y))
    return linear


def _classic_step(params, tokens):
    w, ids = classic.weights_of(params), [int(i) for i in tokens[:, 0]]
    h = np.zeros_like(w.b_h)
    return lambda: classic.loss_and_gradients(w, ids[:-1], ids[1:], h)[0] / (len(ids) - 1)

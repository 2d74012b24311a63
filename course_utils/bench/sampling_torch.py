"""Characters per second when a network writes on from one character: each step waits for the one before."""

import torch

from ..cells import CELLS
from ..language_model import RecurrentLanguageModel
from . import classic
from .steps_torch import CLASSIC, KINDS, OURS

__all__ = ["TORCH_CELL", "writers"]

TORCH_CELL = "torch.nn cell"


def writers(name, H, V, n, rng):
    """A dictionary from contestant to a function without arguments that draws n characters."""
    model = RecurrentLanguageModel(CELLS[name], V, H)
    params = model.init(rng)
    found = {
        OURS: lambda: model.generate(rng, params, [0], n),
        TORCH_CELL: _torch_writer(name, params, n),
    }
    if name == "elman":
        w = classic.weights_of(params)
        found[CLASSIC] = lambda: classic.sample(w, rng, 0, n)
    return found


def _torch_writer(name, params, n):
    whole = KINDS[name][0](params.cell)
    cell = KINDS[name][1](whole.input_size, whole.hidden_size)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in whole.state_dict().items()})
    W, b = torch.from_numpy(params.W_hy), torch.from_numpy(params.b_y)
    eye = torch.eye(len(b))

    @torch.inference_mode()
    def write():
        token, state = 0, None
        for _ in range(n):
            state = cell(eye[token : token + 1], state)
            h = state[0] if isinstance(state, tuple) else state
            token = int(torch.multinomial(torch.softmax(torch.addmm(b, h, W), -1), 1))

    return write

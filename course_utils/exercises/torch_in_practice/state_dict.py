"""Exercise 9.1: our weights in torch's layout, by the names of a state dict."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "9.1",
    points=2,
    hints=(
        "Print {name: w.shape for name, w in torch.nn.LSTM(3, 5).state_dict().items()}: four names, and the shapes to reach.",
        "torch multiplies with the transpose, so each gate's block is W_x[k].T; the blocks stand below one another.",
        "W_x.transpose(0, 2, 1).reshape(4 * H, D) has blocks W_x[k].T one below the other; one bias gets b, the other zeros.",
    ),
)
def to_state_dict(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> dict:
    """Our W_x (4, D, H), W_h (4, H, H), b (4, 1, H) to the state dict of torch.nn.LSTM(D, H); all of b goes to bias_ih_l0."""
    import torch

    _, D, H = W_x.shape
    made = {
        "weight_ih_l0": W_x.transpose(0, 2, 1).reshape(4 * H, D),
        "weight_hh_l0": W_h.transpose(0, 2, 1).reshape(4 * H, H),
        "bias_ih_l0": b.reshape(4 * H),
        "bias_hh_l0": np.zeros(4 * H, b.dtype),
    }
    return {name: torch.tensor(a) for name, a in made.items()}


@to_state_dict.cases
def _(rng):
    for D, H, claim in (
        (1, 4, "input 1, hidden 4: weight_ih (16, 1), weight_hh (16, 4)"),
        (3, 5, "D = 3, H = 5"),
        (4, 4, "as many inputs as units, so that no shape can tell"),
        (2, 1, "one unit (H = 1)"),
    ):
        yield case(claim, *_lstm_arrays(rng, D, H))
    yield case("float32 stays float32", *(a.astype(np.float32) for a in _lstm_arrays(rng, 2, 3)))


to_state_dict.slip(
    "b stands in both biases. torch adds them, so every gate would get it twice: one of them is zeros",
    {"np.zeros(4 * H, b.dtype)": "b.reshape(4 * H)"},
)
to_state_dict.slip(
    "all of b is in bias_hh_l0; torch would not mind, but bias_ih_l0 was agreed on",
    {"b.reshape(4 * H)": "np.zeros_like(b).reshape(4 * H)", "np.zeros(4 * H, b.dtype)": "b.reshape(4 * H)"},
)
to_state_dict.slip(
    "each bias holds half of b: their sum is right, but all of it was to be in bias_ih_l0",
    {"b.reshape(4 * H)": "b.reshape(4 * H) / 2", "np.zeros(4 * H, b.dtype)": "b.reshape(4 * H) / 2"},
)
to_state_dict.slip(
    "weight_hh is not transposed: its blocks are square, so no shape complains and every state is wrong",
    {"W_h.transpose(0, 2, 1)": "W_h"},
)
to_state_dict.slip(
    "nothing is transposed: reshape gives the right shape and puts numbers where they do not belong",
    {"W_x.transpose(0, 2, 1)": "W_x", "W_h.transpose(0, 2, 1)": "W_h"},
)
to_state_dict.slip(
    "the whole array was reshaped and then transposed: that mixes gates. Transpose each gate's own matrix",
    {
        "W_x.transpose(0, 2, 1).reshape(4 * H, D)": "W_x.reshape(D, 4 * H).T.copy()",
        "W_h.transpose(0, 2, 1).reshape(4 * H, H)": "W_h.reshape(H, 4 * H).T.copy()",
    },
)
to_state_dict.slip(
    "the order of the gates was changed to i, f, o, g; torch's order is the one that we use, i, f, g, o",
    {"    made = {": "    W_x, W_h, b = (a[[0, 1, 3, 2]] for a in (W_x, W_h, b))\n    made = {"},
)
to_state_dict.slip(
    "the gates take turns row by row; in torch all rows of i come first, then all of f, of g, of o",
    {
        "W_x.transpose(0, 2, 1)": "W_x.transpose(2, 0, 1)",
        "W_h.transpose(0, 2, 1)": "W_h.transpose(2, 0, 1)",
        "b.reshape(4 * H)": "b.transpose(2, 0, 1).reshape(4 * H)",
    },
)
to_state_dict.slip(
    "nothing is transposed: torch keeps (outputs, inputs), so weight_ih is (4H, D) and not (4D, H)",
    {
        "W_x.transpose(0, 2, 1).reshape(4 * H, D)": "W_x.reshape(4 * D, H)",
        "W_h.transpose(0, 2, 1).reshape(4 * H, H)": "W_h.reshape(4 * H, H)",
    },
)
to_state_dict.slip(
    "every fourth row belongs to the same gate here: the gates must stay the first axis, so that a gate's rows stand together",
    {"W_x.transpose(0, 2, 1)": "W_x.transpose(2, 0, 1)", "W_h.transpose(0, 2, 1)": "W_h.transpose(2, 0, 1)"},
)


@to_state_dict.variant
def _(W_x, W_h, b):
    import torch

    rows = [torch.cat([torch.from_numpy(W[k].T.copy()) for k in range(4)]) for W in (W_x, W_h)]
    bias = torch.from_numpy(b).flatten()
    return {
        "weight_ih_l0": rows[0],
        "weight_hh_l0": rows[1],
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }


@to_state_dict.variant
def _(W_x, W_h, b):
    return {
        "bias_hh_l0": np.zeros(b.size, b.dtype),
        "bias_ih_l0": b.ravel(),
        "weight_hh_l0": np.concatenate([W.T for W in W_h]),
        "weight_ih_l0": np.concatenate([W.T for W in W_x]),
    }


def _lstm_arrays(rng, D, H):
    """W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    return rng.standard_normal((4, D, H)), rng.standard_normal((4, H, H)), rng.standard_normal((4, 1, H))

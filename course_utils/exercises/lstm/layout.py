"""Exercise 7.6: torch's four arrays in our layout."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "7.6",
    points=2,
    outputs=("W_x", "W_h", "b"),
    hints=(
        "torch keeps the four gates below one another: rows 0 to H - 1 are i, the next H rows f, then g, then o.",
        "So first cut (4H, D) into four blocks (4, H, D), with reshape; only then turn each block into (D, H).",
        "w.reshape(4, H, -1).transpose(0, 2, 1) for both matrices; the two biases only ever appear as a sum: (4, 1, H).",
    ),
)
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (4H, D), weight_hh (4H, H) and biases (4H,), to our W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    H = weight_hh.shape[1]
    W_x, W_h = (w.reshape(4, H, -1).transpose(0, 2, 1) for w in (weight_ih, weight_hh))
    return W_x, W_h, (bias_ih + bias_hh).reshape(4, 1, H)


@from_torch_layout.cases
def _(rng):
    yield case("D = 3, H = 5", *_torch_weights(rng, D=3, H=5))
    yield case("one input, four units", *_torch_weights(rng, D=1, H=4))
    yield case("one unit", *_torch_weights(rng, D=3, H=1))
    yield case("as many inputs as units", *_torch_weights(rng, D=4, H=4))
    yield case("float32", *(a.astype(np.float32) for a in _torch_weights(rng, D=2, H=3)))


from_torch_layout.slip(
    "W_h is not transposed: its blocks are square, so no shape complains. torch multiplies with weight_hh transposed",
    {"return W_x, W_h,": "return W_x, W_h.transpose(0, 2, 1),"},
)
from_torch_layout.slip(
    "neither matrix is transposed: torch has (4H, D), one row per unit; ours are (4, D, H), one row per input",
    {".transpose(0, 2, 1)": ""},
)
from_torch_layout.slip(
    "reshape where the axes should change places: .reshape(4, D, H) has the shape and scrambles the numbers",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.reshape(4, -1, H)"},
)
from_torch_layout.slip(
    "transposed before it was cut into gates: .T first mixes the four blocks. Cut into (4, H, D), then transpose each",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.T.reshape(4, -1, H)"},
)
from_torch_layout.slip(
    "every fourth row is taken for one gate: torch keeps the H rows of a gate together, (4, H, D) and not (H, 4, D)",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.reshape(H, 4, -1).transpose(1, 2, 0)"},
)
from_torch_layout.slip(
    "g and o have changed places: torch's order is i, f, g, o, and so is ours. Nothing is to be reordered",
    {
        "W_x, W_h = (w": "swap = [0, 1, 3, 2]\n    W_x, W_h = (w",
        ".transpose(0, 2, 1)": ".transpose(0, 2, 1)[swap]",
        ".reshape(4, 1, H)": ".reshape(4, 1, H)[swap]",
    },
)
from_torch_layout.slip(
    "one of the two biases is missing: torch adds both, so ours is their sum",
    {"(bias_ih + bias_hh)": "bias_ih"},
)
from_torch_layout.slip(
    "bias_hh alone: torch adds both biases, so ours is their sum",
    {"(bias_ih + bias_hh)": "bias_hh"},
)
from_torch_layout.slip(
    "the mean of the two biases; torch adds both, so ours is their sum",
    {"(bias_ih + bias_hh)": "(bias_ih / 2 + bias_hh / 2)"},
)
from_torch_layout.slip(
    "the bias lacks its middle axis: (4, 1, H), so that it adds to (4, B, H)",
    {"reshape(4, 1, H)": "reshape(4, H)"},
)
from_torch_layout.slip(
    "the bias is as torch has it, (4H,); ours has the gates on an axis of their own, (4, 1, H)",
    {".reshape(4, 1, H)": ""},
)
from_torch_layout.slip(
    "concatenated where it has to be stacked: one matrix (D, 4H); ours are four, on a first axis of their own",
    {"w.reshape(4, H, -1).transpose(0, 2, 1)": "w.T"},
)
from_torch_layout.slip(
    "it writes into bias_ih: `+=` changes the caller's array, which is torch's own memory. Make a new one",
    {"    return W_x, W_h, (bias_ih + bias_hh)": "    bias_ih += bias_hh\n    return W_x, W_h, bias_ih"},
)
from_torch_layout.slip(
    "W_x is not transposed: torch has one row per unit, ours has one row per input, (4, D, H)",
    {"return W_x,": "return W_x.transpose(0, 2, 1),"},
)
from_torch_layout.slip(
    "W_x and W_h have changed places: weight_ih is for the input, weight_hh for the hidden state",
    {"return W_x, W_h,": "return W_h, W_x,"},
)


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    W_x, W_h = (np.stack([block.T for block in np.split(w, 4)]) for w in (weight_ih, weight_hh))
    return W_x, W_h, np.stack(np.split(bias_ih + bias_hh, 4))[:, None]


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = weight_hh.shape[1], weight_ih.shape[1]
    W_x, W_h = weight_ih.T.reshape(D, 4, H).swapaxes(0, 1), np.einsum("kij->kji", weight_hh.reshape(4, H, H))
    return [W_x, W_h, [[bias_ih[k * H : (k + 1) * H] + bias_hh[k * H : (k + 1) * H]] for k in range(4)]]


def _torch_weights(rng, D, H):
    return tuple(rng.uniform(-1, 1, shape) for shape in ((4 * H, D), (4 * H, H), (4 * H,), (4 * H,)))

"""Exercise 3.6: torch's four arrays in our layout."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "3.6",
    points=1,
    outputs=("W_xh", "W_hh", "b_h"),
    hints=(
        "Compare torch's equation with ours, product by product: what stands to the left of each @, what to the right?",
        "x Wᵀ in torch is x W here, so each weight is transposed, the square one too. What do two added constants make?",
        "W_xh = weight_ih.T, W_hh likewise, and the biases only ever appear as bias_ih + bias_hh.",
    ),
)
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (H, D), weight_hh (H, H) and two biases (H,) to our W_xh (D, H), W_hh (H, H), b_h (H,)."""
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh


@from_torch_layout.cases
def _(rng):
    yield case("D = 3 inputs, H = 5 units", *_torch_weights(rng, 3, 5))
    yield case("D = H = 4, so that no shape can tell", *_torch_weights(rng, 4, 4))
    yield case("more inputs than units", *_torch_weights(rng, 6, 2))
    yield case("one input, one unit", *_torch_weights(rng, 1, 1))
    yield case("float32", *(a.astype(np.float32) for a in _torch_weights(rng, 2, 3)))


@from_torch_layout.mistake("the weights are as torch stores them: it computes x Wᵀ, we compute x W, so transpose them")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih, weight_hh, bias_ih + bias_hh


@from_torch_layout.mistake(
    "weight_hh is not transposed: it is square, so no shape complains, and yet every state is wrong"
)
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh, bias_ih + bias_hh


@from_torch_layout.mistake("reshape gives the right shape and mixes up the entries: rows become columns by .T")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = weight_ih.shape
    return weight_ih.reshape(D, H), weight_hh.T, bias_ih + bias_hh


@from_torch_layout.mistake("bias_hh is forgotten: torch adds two biases, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_ih


@from_torch_layout.mistake("bias_ih is forgotten: torch adds two biases, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_hh


@from_torch_layout.mistake("this is the mean of the two biases; torch adds both, so ours is their sum")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, (bias_ih + bias_hh) / 2


@from_torch_layout.mistake("it changes bias_ih in place: `+=` writes into torch's own array. Write bias_ih + bias_hh")
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    bias_ih += bias_hh
    return weight_ih.T, weight_hh.T, bias_ih


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    return np.transpose(weight_ih), np.einsum("ij->ji", weight_hh), np.sum([bias_ih, bias_hh], axis=0)


@from_torch_layout.variant
def _(weight_ih, weight_hh, bias_ih, bias_hh):
    W_xh, W_hh = (np.stack(list(w), axis=1) for w in (weight_ih, weight_hh))
    return [W_xh, W_hh, bias_hh + bias_ih]


def _torch_weights(rng, D, H):
    return [rng.standard_normal(s) for s in ((H, D), (H, H), (H,), (H,))]

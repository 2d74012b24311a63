"""A sequence with its states and gradients, from a seed, for the cases of several exercises."""

import numpy as np


def random_sequence(rng, T, B, D, H):
    """dh_out, x, h0, h, W_xh, W_hh; the states h are those of a network, neither linear nor saturated."""
    x, h0, dh_out = rng.standard_normal((T, B, D)), rng.uniform(-0.8, 0.8, (B, H)), rng.standard_normal((T, B, H))
    W_xh, W_hh = rng.standard_normal((D, H)) * D**-0.5, rng.standard_normal((H, H)) * 0.8 * H**-0.5
    h, state = np.empty((T, B, H)), h0
    for t in range(T):
        state = h[t] = np.tanh(x[t] @ W_xh + state @ W_hh + 0.1)
    return dh_out, x, h0, h, W_xh, W_hh

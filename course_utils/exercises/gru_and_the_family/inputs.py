"""The weights of three gates, from a seed, for the cases of several exercises."""


def gate_weights(rng, D, H):
    """W_x (3, D, H), W_h (3, H, H), b (3, 1, H)."""
    return tuple(rng.standard_normal((3, rows, H)) * rows**-0.5 for rows in (D, H, 1))

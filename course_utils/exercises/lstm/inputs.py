"""One step's inputs and weights, from a seed, for the cases of several exercises."""


def step_inputs(rng, B, D, H):
    """x_t, h_prev, c_prev of one step, W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    x_t, h_prev, c_prev = rng.standard_normal((B, D)), rng.uniform(-1, 1, (B, H)), 2 * rng.standard_normal((B, H))
    return x_t, h_prev, c_prev, *(0.7 * rng.standard_normal(shape) for shape in ((4, D, H), (4, H, H), (4, 1, H)))

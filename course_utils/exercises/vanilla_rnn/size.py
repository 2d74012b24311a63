"""Exercise 3.3: how many numbers the network learns."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "3.3",
    points=1,
    hints=(
        "List the arrays of the network and their shapes: two that make the state, a bias, and the read-out with its bias.",
        "An array of shape (D, H) holds D · H numbers. Which of the shapes contains T?",
        "W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,): add up the five sizes.",
    ),
)
def rnn_parameters(D: int, H: int, V: int, T: int) -> int:
    """How many numbers an Elman network with a read-out over V tokens learns, when it is to read texts of T steps."""
    return D * H + H * H + H + H * V + V


@rnn_parameters.cases
def _(rng):
    yield case("the network of the hello example (D = 4, H = 3, V = 4), one step", 4, 3, 4, 1)
    yield case("the same network, a longer text", 4, 3, 4, 7)
    D, H, V = (int(n) for n in rng.choice(np.arange(2, 60), 3, replace=False))
    yield case(f"D = {D}, H = {H}, V = {V}", D, H, V, 20)
    yield case(f"D = {D}, H = {H}, V = {V} and T = 200", D, H, V, 200)
    yield case("one hidden unit", D, 1, V, 5)


@rnn_parameters.mistake(
    "every step gets weights of its own here. The RNN has one set, used again at each of the T steps"
)
def _(D, H, V, T):
    return T * (D * H + H * H + H + H * V + V)


@rnn_parameters.mistake("the recurrence is counted once per step: W_hh is one matrix, however often it is used")
def _(D, H, V, T):
    return D * H + T * H * H + H + H * V + V


@rnn_parameters.mistake("the input is counted for every step, as in the window model of lesson 02; here W_xh is shared")
def _(D, H, V, T):
    return T * D * H + H * H + H + H * V + V


@rnn_parameters.mistake("the two biases are missing: b_h (H,) and b_y (V,)")
def _(D, H, V, T):
    return D * H + H * H + H * V


@rnn_parameters.mistake("the bias of the read-out is missing: b_y (V,), one number for each token")
def _(D, H, V, T):
    return D * H + H * H + H + H * V


@rnn_parameters.mistake("the bias of the state is missing: b_h (H,), one number for each unit")
def _(D, H, V, T):
    return D * H + H * H + H * V + V


@rnn_parameters.mistake(
    "H too many: either the state has two biases in it, and b_h is one, or h_0, which is not learned here"
)
def _(D, H, V, T):
    return D * H + H * H + 2 * H + H * V + V


@rnn_parameters.mistake("the read-out is missing: W_hy (H, V) and b_y (V,) are learned as well")
def _(D, H, V, T):
    return D * H + H * H + H


@rnn_parameters.mistake("the matrix that makes this network recurrent is missing: W_hh (H, H)")
def _(D, H, V, T):
    return D * H + H + H * V + V


@rnn_parameters.variant
def _(D, H, V, T):
    return (D + H + 1) * H + (H + 1) * V

"""Exercise 7.3: the gradient of the memory, one step back."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "7.3",
    points=1,
    outputs=("dc", "dc_prev"),
    hints=(
        "c_t branches: to c_{t+1}, from which dc has come back, and to h_t = o ⊙ tanh(c_t). Branches add.",
        "From h back to c it is two slopes: times o, times 1 - tanh²(c). Add that to dc and you have the whole.",
        "Then c_t = f ⊙ c_{t-1} + ...: back along it, the whole gradient is multiplied by one thing only.",
    ),
)
def memory_backward(
    dh: np.ndarray, dc: np.ndarray, f: np.ndarray, o: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """dh = ∂L/∂h_t, and dc, what c_t gets from step t + 1, (B, H), to the whole ∂L/∂c_t and to ∂L/∂c_{t-1}, (B, H) each."""
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    return dc, dc * f


@memory_backward.cases
def _(rng):
    dh, dc, f, o, c = _memory(rng, B=2, H=5)
    yield case("one step of two sequences", dh, dc, f, o, c)
    yield case("nothing comes from the output: only f", 0 * dh, dc, f, o, c)
    yield case("nothing comes from the future: the last step", dh, 0 * dc, f, o, c)
    yield case("with f = 1 the memory hands on all that it gets", dh, dc, f**0, o, c)
    yield case("with f = 0 it hands on nothing", dh, dc, 0 * f, o, c)
    yield case("a large memory, whose tanh is flat", dh, dc, f, o, 10 * c)
    yield case("one sequence (B = 1)", *_memory(rng, B=1, H=3))
    yield case("float32", *(a.astype(np.float32) for a in _memory(rng, B=3, H=4)))


memory_backward.slip(
    "f is left out: on the way from c_t to c_{t-1} the gradient is multiplied by f, as c was",
    {"dc * f": "dc"},
)
memory_backward.slip(
    "the way through the output is forgotten: h_t = o ⊙ tanh(c_t), so c_t also hears from dh",
    {"    dc = dc + dh * o * (1 - np.tanh(c) ** 2)\n": ""},
)
memory_backward.slip(
    "the future is forgotten: what comes from step t + 1 has to be added to what comes from the output",
    {"dc + dh": "dh"},
)
memory_backward.slip(
    "only dc goes on to c_{t-1}; the part from the output has to go on too: the whole, times f",
    {"dc = dc + dh": "whole = dc + dh", "return dc,": "return whole,"},
)
memory_backward.slip(
    "the slope of tanh is missing on the way from h_t to c_t",
    {" * (1 - np.tanh(c) ** 2)": ""},
)
memory_backward.slip(
    "o is missing: h_t shows only a part of tanh(c_t), and as much of dh comes back",
    {"dh * o *": "dh *"},
)
memory_backward.slip(
    "1 - c² is not the slope of tanh at c: it is 1 - tanh²(c)",
    {"np.tanh(c) ** 2": "c**2"},
)
memory_backward.slip(
    "tanh(c) itself stands where its slope belongs, 1 - tanh²(c)",
    {"(1 - np.tanh(c) ** 2)": "np.tanh(c)"},
)
memory_backward.slip(
    "f stands at the wrong end: dc has come from step t + 1 with f_{t+1} in it already; f_t is for the way to c_{t-1}",
    {"dc = dc + dh": "dc = f * dc + dh", "dc * f": "dc"},
)
memory_backward.slip(
    "f twice: dc has f_{t+1} in it already, and f_t belongs to the way to c_{t-1} only",
    {"dc = dc + dh": "dc = f * dc + dh"},
)
memory_backward.slip(
    "it changes dc in place: `dc += ...` writes into the caller's array. Write dc = dc + ...",
    {"dc = dc + dh": "dc += dh"},
)
memory_backward.slip(
    "the right two in another order: first ∂L/∂c_t, then ∂L/∂c_{t-1}",
    {"return dc, dc * f": "return dc * f, dc"},
)
memory_backward.slip(
    "only the whole ∂L/∂c_t comes back; asked for are both, it and ∂L/∂c_{t-1}",
    {"return dc, dc * f": "return dc"},
)
memory_backward.slip(
    "the two ways are not added: ∂L/∂c_t is what comes from h_t plus dc, and the sum, times f, goes on",
    {"dc = dc + dh": "whole = dh", "return dc,": "return whole,"},
)
memory_backward.slip(
    "1 - h² is Elman's slope, where h itself had come out of the tanh; here tanh was at c, so it is 1 - tanh²(c)",
    {"np.tanh(c) ** 2": "(o * np.tanh(c)) ** 2"},
)
memory_backward.slip(
    "the two ways are multiplied; where a value branches, what comes back along the branches is added",
    {"dc = dc + dh": "dc = dc * dh"},
)
memory_backward.slip(
    "the slope of the gate is put in too: c_t reaches the loss past o, not through it. o (1 - o) comes with do, in 7.4",
    {"dh * o *": "dh * o * (1 - o) *"},
)


@memory_backward.variant
def _(dh, dc, f, o, c):
    whole = dh * o / np.cosh(c) ** 2 + dc
    return [whole, f * whole]


def _memory(rng, B, H):
    dh, dc, c = rng.standard_normal((3, B, H))
    return dh, dc, *rng.uniform(0.1, 0.9, (2, B, H)), c

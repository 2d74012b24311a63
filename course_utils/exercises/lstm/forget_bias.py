"""Exercise 7.7: torch's biases, with the forget gate open from the start."""

import numpy as np

from ...activations import sigmoid  # noqa: F401 - for the edits of a mistake
from ..definition import case, exercise


@exercise(
    "7.7",
    points=1,
    outputs=("bias_ih", "bias_hh"),
    hints=(
        "The biases have 4H entries in the order i, f, g, o. Which slice is the forget gate's?",
        "Only the sum of the two vectors counts. So it is enough that one of them starts at `start` there. And the other?",
        "Copy both; in the slice H to 2H set one copy to start and the other to 0; return both.",
    ),
)
def open_forget_gate(bias_ih: np.ndarray, bias_hh: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """torch's two biases (4H,), gates i f g o, to copies whose forget gate starts at `start` in bias_ih and 0 in bias_hh."""
    H = len(bias_ih) // 4
    bias_ih, bias_hh = bias_ih.copy(), bias_hh.copy()
    bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0
    return bias_ih, bias_hh


@open_forget_gate.cases
def _(rng):
    yield case("three units, start at 1", *rng.uniform(-1, 1, (2, 12)), 1.0)
    yield case("five units, start at 3", *rng.uniform(-1, 1, (2, 20)), 3.0)
    yield case("one unit", *rng.uniform(-1, 1, (2, 4)), 1.0)
    yield case("four units", *rng.uniform(-1, 1, (2, 16)), 2.0)
    yield case("float32", *rng.uniform(-1, 1, (2, 8)).astype(np.float32), 1.0)


open_forget_gate.slip(
    "both biases start there, so together they make twice as much: torch adds the two",
    {"= start, 0": "= start, start"},
)
open_forget_gate.slip(
    "`start` in bias_ih, but bias_hh still has its random numbers there: the two add up to something else",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] = start"},
)
open_forget_gate.slip(
    "`start` is added to what was there; the forget gate is to start at `start`, whatever chance put in",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] += start"},
)
open_forget_gate.slip(
    "that is the input gate, the first block: a gate that lets everything in. The forget gate is the second",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[:H], bias_hh[:H] = start, 0"},
)
open_forget_gate.slip(
    "that is the candidate, the third block; the forget gate is the second, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[2 * H : 3 * H], bias_hh[2 * H : 3 * H] = start, 0"},
)
open_forget_gate.slip(
    "that is the output gate, the last block; the forget gate is the second, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[3 * H :], bias_hh[3 * H :] = start, 0"},
)
open_forget_gate.slip(
    "every fourth entry: torch keeps the H entries of a gate together, so the forget gate is H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[1::4], bias_hh[1::4] = start, 0"},
)
open_forget_gate.slip(
    "all four gates start there; only the forget gate is meant",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[:], bias_hh[:] = start, 0"},
)
open_forget_gate.slip(
    "one entry only: the forget gate has H of them, H to 2H",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : H + 1], bias_hh[H : H + 1] = start, 0"},
)
open_forget_gate.slip(
    "from H to the end: the slice stops nowhere, and takes g and o along",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H:], bias_hh[H:] = start, 0"},
)
open_forget_gate.slip(
    "it writes into the caller's arrays; work on copies",
    {"    bias_ih, bias_hh = bias_ih.copy(), bias_hh.copy()\n": ""},
)
open_forget_gate.slip(
    "the other way round: `start` belongs into bias_ih, 0 into bias_hh. The sum is right, but not what is asked",
    {"= start, 0": "= 0, start"},
)
open_forget_gate.slip(
    "one vector, the sum of the two, comes back; torch has two, so return both",
    {"return bias_ih, bias_hh": "return bias_ih + bias_hh"},
)
open_forget_gate.slip(
    "half of `start` in each: the sum is right, but asked for are `start` in bias_ih and 0 in bias_hh",
    {"= start, 0": "= start / 2, start / 2"},
)
open_forget_gate.slip(
    "bias_ih makes up for bias_hh: the sum is right, but asked for are `start` in bias_ih and 0 in bias_hh",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] = start - bias_hh[H : 2 * H]"},
)
open_forget_gate.slip(
    "all of bias_hh is 0 now; only its forget gate is to be, the other three keep their numbers",
    {"bias_hh[H : 2 * H] = start, 0": "bias_hh[:] = start, 0"},
)
open_forget_gate.slip(
    "the right two in another order: first bias_ih, then bias_hh",
    {"return bias_ih, bias_hh": "return bias_hh, bias_ih"},
)
open_forget_gate.slip(
    "σ(start) stands where start belongs: the bias is what goes into the sigmoid",
    {"= start, 0": "= sigmoid(start), 0"},
)
open_forget_gate.slip(
    "the forget gate starts at 1 whatever `start` says",
    {"= start, 0": "= 1, 0"},
)
open_forget_gate.slip(
    "`start` is added to bias_ih; the forget gate is to start at `start`, whatever chance put in",
    {"bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0": "bias_ih[H : 2 * H] += start\n    bias_hh[H : 2 * H] = 0"},
)


@open_forget_gate.variant
def _(bias_ih, bias_hh, start):
    forget = np.arange(len(bias_ih)) * 4 // len(bias_ih) == 1
    return np.where(forget, np.asarray(start, bias_ih.dtype), bias_ih), np.where(forget, 0, bias_hh)


@open_forget_gate.variant
def _(bias_ih, bias_hh, start):
    i, _, g, o = np.split(bias_ih, 4)
    return np.concatenate([i, 0 * i + start, g, o]), bias_hh * np.repeat([1, 0, 1, 1], len(i)).astype(bias_hh.dtype)

"""Exercise 5.4: a text as parallel streams, cut into chunks of inputs and targets."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "5.4",
    points=2,
    hints=(
        "Cut the text into B pieces of equal length, one below the other; each becomes a column. Then cut across.",
        "length = (len(ids) - 1) // B, since the last target needs one token more. reshape(B, length).T has time first.",
        "x from ids[: B * length], y from ids[1 : B * length + 1]; then (x[t : t + T], y[t : t + T], t == 0) for t in steps.",
    ),
)
def chunks(ids: np.ndarray, B: int, T: int) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """A text (N,) as a list of (inputs (T, B), targets (T, B), fresh) of B streams; the last chunk may be shorter."""
    length = (len(ids) - 1) // B
    x = ids[: B * length].reshape(B, length).T
    y = ids[1 : B * length + 1].reshape(B, length).T
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]


@chunks.cases
def _(rng):
    yield case("one stream of 13 tokens in chunks of 4", rng.permutation(13), 1, 4)
    yield case("three streams", rng.permutation(37), 3, 4)
    yield case("two streams, the last chunk shorter", rng.permutation(24), 2, 5)
    yield case("tokens to spare: the end of the text is not used", rng.permutation(29), 5, 2)
    yield case("a length that B divides: the last target needs one token more", rng.permutation(24), 3, 3)
    yield case("chunks of one step", rng.permutation(11), 2, 1)
    yield case("one chunk that holds it all", rng.permutation(15), 2, 50)
    yield case("as many streams as steps", rng.permutation(33), 4, 4)
    yield case("a longer text, with repeated tokens", rng.integers(0, 5, 1000), 6, 20)


chunks.slip(
    "targets equal to inputs: the target is the *next* token, one step later in its stream",
    {"y[t : t + T]": "x[t : t + T]"},
)
chunks.slip(
    "fresh is always True: the state would be reset at every chunk, and nothing remembered for longer than T steps",
    {"t == 0": "True"},
)
chunks.slip(
    "fresh is never True: at the next pass the start of the text would go on from the state at its end",
    {"t == 0": "False"},
)
chunks.slip(
    "fresh the wrong way round: True means that no state may be carried *into* the chunk, so the first has it",
    {"t == 0": "t > 0"},
)


@chunks.mistake(
    "the state would be carried across texts that do not belong together: each chunk is a new piece of B·T tokens, "
    "so row b of the next chunk does not go on where row b ended"
)
def _(ids, B, T):
    n, found = (len(ids) - 1) // B * B, []
    for t in range(0, n, B * T):
        x, y = (ids[k + t : min(k + t + B * T, k + n)].reshape(B, -1).T for k in (0, 1))
        found.append((x, y, t == 0))
    return found


chunks.slip(
    "neighbours in the text became neighbours in the batch: each stream reads every B-th token. reshape(B, length), then .T",
    {
        "ids[: B * length].reshape(B, length).T": "ids[: B * length].reshape(length, B)",
        "length + 1].reshape(B, length).T": "length + 1].reshape(length, B)",
    },
)
chunks.slip(
    "the last, shorter chunk is dropped; it belongs to the text as well",
    {"range(0, length, T)": "range(0, max(length - T + 1, 1), T)"},
)
chunks.slip(
    "each chunk takes its targets from itself and is one step short: the first token of each chunk is never predicted",
    {"x[t : t + T], y[t : t + T]": "x[t : t + T][:-1], x[t : t + T][1:]"},
)
chunks.slip(
    "shifted the wrong way: the target is the token *before*. The targets start at ids[1]",
    {"x[t : t + T], y[t : t + T]": "y[t : t + T], x[t : t + T]"},
)
chunks.slip(
    "targets shifted within each stream by np.roll: the last target of a stream is its first token. Take ids[1 : ...]",
    {"ids[1 : B * length + 1].reshape(B, length).T": "np.roll(x, -1, axis=0)"},
)
chunks.slip(
    "targets shifted by np.roll: the very last target is the first token of the text. Take ids[1 : ...]",
    {"ids[1 : B * length + 1]": "np.roll(ids[: B * length], -1)"},
)
chunks.slip(
    "batch comes first here; time is the first axis: inputs (T, B)",
    {"x[t : t + T], y[t : t + T]": "x[t : t + T].T, y[t : t + T].T"},
)
chunks.slip(
    "the chunks overlap: each starts one step after the one before, with a state that has read that text already",
    {"range(0, length, T)": "range(max(length - T + 1, 1))"},
)
chunks.slip(
    "where B divides the length, the last target is missing: each stream has (len(ids) - 1) // B steps",
    {"(len(ids) - 1)": "len(ids)"},
)
chunks.slip("fresh is missing: each chunk is (inputs, targets, fresh)", {", t == 0": ""})


@chunks.mistake(
    "each stream loses its last step: it takes its targets from itself, but the target of its last token "
    "is the first token of the next stream"
)
def _(ids, B, T):
    length = len(ids) // B
    streams = ids[: B * length].reshape(B, length).T
    x, y = streams[:-1], streams[1:]
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length - 1, T)]


chunks.slip(
    "the last chunk is left out whether it is full or not: the starts are range(0, length, T)",
    {"for t in range(0, length, T)]": "for t in range(0, length, T)][:-1]"},
)
chunks.slip(
    "the targets wrap round: np.roll makes the first token of the text the target of its last, which has no next one",
    {"(len(ids) - 1) // B": "len(ids) // B", "ids[1 : B * length + 1]": "np.roll(ids, -1)[: B * length]"},
)
chunks.slip(
    "targets shifted within each chunk by np.roll: the last target of a chunk is the first token of its inputs",
    {"y[t : t + T]": "np.roll(x[t : t + T], -1, axis=0)"},
)
chunks.slip(
    "a chunk begins at every step, so the text is read T times over: the next begins T steps later",
    {"range(0, length, T)": "range(length)"},
)
chunks.slip(
    "the streams are rows, so a cut across takes some streams whole: time is the first axis, .T",
    {
        "ids[: B * length].reshape(B, length).T": "ids[: B * length].reshape(B, length)",
        "B * length + 1].reshape(B, length).T": "B * length + 1].reshape(B, length)",
    },
)


@chunks.variant
def _(ids, B, T):
    length = (len(ids) - 1) // B
    found = []
    for start in range(0, length, T):
        at = start + np.arange(min(T, length - start))[:, None] + length * np.arange(B)
        found.append([ids[at].tolist(), ids[at + 1].tolist(), start == 0])
    return found

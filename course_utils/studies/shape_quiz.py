"""Questions about the shapes of torch's recurrent networks: drawn at random, answered with numbers, judged at once.

>>> question = draw(rng)                     # or draw(rng, "h_n"), see TOPICS
>>> print(question.code); print(question.ask)
>>> print(verdict(question, "4, 2, 5"))      # ✓ or ✗, with the reason
"""

import re
from typing import NamedTuple

from .shape_topics import GATES, PADDED, TOPICS, Net, written

__all__ = ["TOPICS", "Question", "draw", "verdict"]


class Question(NamedTuple):
    """A question: torch code, what is asked, the answer as whole numbers, why, and known wrong answers with their reason."""

    topic: str
    net: Net
    code: str
    ask: str
    answer: tuple
    why: str
    slips: dict


def draw(rng, topic=None):
    """A Question; without a topic, one of TOPICS at random. Raises ValueError for an unknown topic."""
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"topic must be one of {', '.join(TOPICS)}, got {topic!r}")
    topic = topic or str(rng.choice(list(TOPICS)))
    make, changes = TOPICS[topic]
    net = _net(rng)._replace(**changes(rng) if changes else {})
    if topic in PADDED:
        net = net._replace(lengths=tuple(int(n) for n in rng.integers(1, net.T, net.B)))
    ask, answer, why, slips = make(rng, net)
    slips = {wrong: text for wrong, text in slips.items() if wrong != answer}
    return Question(topic, net, code(net), ask, answer, why, slips)


def verdict(question, text):
    """One line about an answer given as text: ✓ and why, ✗ and the slip, or what is missing."""
    given = tuple(int(n) for n in re.findall(r"-?\d+", text))
    if not given:
        return "Write whole numbers, such as 4, 7, 10."
    if given == question.answer:
        return f"✓ {written(given)}: {question.why}"
    if given in question.slips:
        return f"✗ {written(given)}: {question.slips[given]}"
    if len(given) != len(question.answer):
        n = len(question.answer)
        return f"✗ {written(given)}: {n} number{'s are' if n > 1 else ' is'} asked for."
    return f"✗ {written(given)}: not yet. Which of B, T, D, H, the layers and the directions belong into it?"


def code(net):
    """The torch program that a question is about."""
    options = [f"num_layers={net.L}"] * (net.L > 1) + ["bidirectional=True"] * net.both
    options += ["batch_first=True"] * net.batch_first
    batch_first = ", batch_first=True" * net.batch_first
    lines = [
        f"rnn = nn.{net.kind}({', '.join([str(net.D), str(net.H), *options])})",
        f"x = torch.zeros{net.order(net.B, net.T, net.D)}",
    ]
    result = "output, (h_n, c_n)" if net.kind == "LSTM" else "output, h_n"
    if net.lengths is None:
        return "\n".join([*lines, f"{result} = rnn(x)"])
    return "\n".join(
        [
            *lines,
            f"lengths = torch.tensor({list(net.lengths)})",
            f"packed = pack_padded_sequence(x, lengths, enforce_sorted=False{batch_first})",
            f"{result} = rnn(packed)",
            f"output, _ = pad_packed_sequence(output{batch_first})",
        ]
    )


def _net(rng):
    """A network whose sizes all differ, so that shapes can tell."""
    B, T, D, H = (int(n) for n in rng.choice([2, 3, 4, 5, 6, 7, 8, 9], 4, replace=False))
    kind = str(rng.choice(list(GATES)))
    return Net(kind, D, H, int(rng.integers(1, 4)), bool(rng.integers(2)), bool(rng.integers(2)), B, max(T, 3))

"""Widgets for a page without a kernel: the pictures that a widget would draw, drawn while the page is built.

`draw_stills()` runs in a lesson's kernel before its first cell. From then on `explore` shows, instead of controls that
nobody answers, a figure with one picture for each setting of its controls; a few lines of script on the page (stills.js)
show the one that is chosen. Where the settings are too many, each control keeps some of them, evenly spaced.
"""

import html
import itertools
import json
import math
import re
from contextlib import contextmanager
from typing import NamedTuple

from ..explore import explorer
from ..plots import style

__all__ = ["MOST", "Choice", "draw_stills", "evenly", "kept", "quiz_without_a_kernel", "stills"]

MOST = 24  # pictures of one widget
DPI = 100


class Choice(NamedTuple):
    """A control as the page knows it: what stands beside it, the texts and values of its settings, where it begins."""

    name: str
    label: str
    texts: tuple
    values: tuple
    start: int


def draw_stills():
    """From now on `explore` draws pictures for the page, and `quiz` says that it needs a kernel."""
    explorer.explore, explorer.quiz = stills, quiz_without_a_kernel


def stills(draw, alt, **controls):
    """Takes what `explorer.explore` takes; shows one figure with a picture for each setting of the controls."""
    every = [_choice(name, control) for name, control in controls.items()]
    choices = kept(every, MOST)
    frames = []
    for setting in itertools.product(*[c.values for c in choices]):
        values = dict(zip(controls, setting, strict=True))
        with _caught(frames):
            draw(**values)
            style.show(alt(**values), dpi=DPI)
    style._display(_figure(choices, frames, math.prod(len(c.values) for c in every)))


def quiz_without_a_kernel(ask, judge, topic, example=""):
    """Takes what `explorer.quiz` takes; shows the first question, and says where answers are judged."""
    question = ask(topic.value)
    code, asked = html.escape(question.code), html.escape(question.ask)
    style._display(
        f'<div class="needs-kernel"><pre>{code}</pre><p><b>{asked} = ?</b></p>'
        "<p>The notebook asks more of these and judges what you type; that takes a running kernel.</p></div>"
    )


def kept(choices, most):
    """The choices, with so few settings each that there are at most `most` pictures; the start is always kept."""
    counts = [len(c.values) for c in choices]
    while math.prod(counts) > most:
        counts[counts.index(max(counts))] -= 1
    return [_thinned(c, evenly(len(c.values), n, c.start)) for c, n in zip(choices, counts, strict=True)]


def evenly(n, count, start):
    """`count` positions out of n, evenly spaced from first to last, the one closest to `start` moved onto it.

    >>> evenly(9, 3, 5)
    [0, 5, 8]
    """
    found = [round(k * (n - 1) / max(count - 1, 1)) for k in range(count)]
    found[min(range(count), key=lambda k: abs(found[k] - start))] = start
    return found


def _thinned(choice, where):
    texts, values = ([seq[k] for k in where] for seq in (choice.texts, choice.values))
    return choice._replace(texts=tuple(texts), values=tuple(values), start=where.index(choice.start))


def _choice(name, control):
    if hasattr(control, "options"):
        pairs = [o if isinstance(o, tuple) else (str(o), o) for o in control.options]
        return Choice(name, control.description, *zip(*pairs, strict=True), control.index)
    steps = round((control.max - control.min) / control.step)
    values = tuple(control.min + k * control.step for k in range(steps + 1))
    text = "{}" if isinstance(control.value, int) else "{:.2f}"
    start = round((control.value - control.min) / control.step)
    return Choice(name, control.description, tuple(text.format(v) for v in values), values, start)


def _figure(choices, frames, there_are):
    """HTML: all pictures, only the first setting's visible, and what the script needs to make the controls."""
    start, sizes = 0, [len(c.values) for c in choices]
    for choice in choices:
        start = start * len(choice.values) + choice.start
    images = [re.search(r"<img .*?>", frame, re.DOTALL).group() for frame in frames]
    shown = [image if k == start else image.replace("<img ", "<img hidden ", 1) for k, image in enumerate(images)]
    controls = [{"label": c.label, "texts": c.texts, "start": c.start} for c in choices]
    note = (
        "moves here as in the notebook"
        if there_are == math.prod(sizes)
        else (f"has {len(frames)} of its {there_are} pictures here, all of them in the notebook")
    )
    return (
        f'<figure class="stills" style="margin: 0" data-controls="{html.escape(json.dumps(controls))}">{"".join(shown)}'
        f"<figcaption>A widget: it {note}, which draws them afresh and needs a running kernel.</figcaption></figure>"
    )


@contextmanager
def _caught(found):
    """Pictures shown inside the block are put into the list `found` instead."""
    display, style._display = style._display, found.append
    try:
        yield
    finally:
        style._display = display

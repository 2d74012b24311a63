"""A widget is a plot function with sliders: `explore(draw, alt, n=slider)` redraws whenever a control moves.

`quiz(ask, judge)` is the other kind: questions that are answered by typing, with a verdict at once.
"""

import html

import ipywidgets
import matplotlib.pyplot as plt

from ..plots.style import show

__all__ = ["explore", "float_slider", "int_slider", "options", "quiz"]

WIDE = {"description_width": "12em"}
LAYOUT = {"width": "34em", "max_width": "100%"}


def int_slider(description, low, high, value, step=1):
    """A slider over whole numbers; `description` stands beside it and names it for screen readers."""
    return ipywidgets.IntSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        style=WIDE,
        layout=LAYOUT,
        continuous_update=False,
    )


def float_slider(description, low, high, value, step=0.01):
    """A slider over real numbers."""
    return ipywidgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        style=WIDE,
        layout=LAYOUT,
        continuous_update=False,
    )


def options(description, choices, value=None):
    """A drop-down list of choices, or of (label, value) pairs; the first is chosen unless `value` says otherwise."""
    menu = ipywidgets.Dropdown(options=choices, description=description, style=WIDE, layout=LAYOUT)
    if value is not None:
        menu.value = value
    return menu


def explore(draw, alt, **controls):
    """Controls above a picture that `draw(**values)` draws anew at each change; `alt(**values)` says it in words.

    `draw` uses pyplot's current figure (any function of course_utils.plots does). The picture's output is silent about
    everything else. Returns the widget, which the notebook shows.
    """

    def redraw(**values):
        draw(**values)
        show(alt(**values))

    plt.close("all")
    picture = ipywidgets.interactive_output(redraw, controls)
    return ipywidgets.VBox([*controls.values(), picture])


def quiz(ask, judge, topic, example=""):
    """Question after question: type an answer, Enter; Tab and Space on the button bring the next.

    `ask(topic's value)` returns a question with fields `code` and `ask`; `judge(question, text)` one line, right if it
    begins with ✓. `topic` is a control, such as a list of options; a change of it asks anew. Returns the widget.
    """
    shown, said = ipywidgets.HTML(), ipywidgets.HTML()
    answer = ipywidgets.Text(
        description="your answer", placeholder=example, continuous_update=False, style=WIDE, layout=LAYOUT
    )
    another = ipywidgets.Button(description="next question")
    score = {"right": 0, "asked": 0, "open": True}
    current = {}

    def following(_=None):
        current["question"] = question = ask(topic.value)
        shown.value = f"<pre>{html.escape(question.code)}</pre><p><b>{html.escape(question.ask)} = ?</b></p>"
        said.value, score["open"], answer.value = _status(""), True, ""

    def judged(change):
        if not change["new"].strip():
            return
        line = judge(current["question"], change["new"])
        score["asked"] += score["open"]
        score["right"] += score["open"] and line.startswith("✓")
        score["open"] = False
        said.value = _status(f"{line}   (right at the first try: {score['right']} of {score['asked']})")

    answer.observe(judged, "value")
    another.on_click(following)
    topic.observe(following, "value")
    following()
    return ipywidgets.VBox([topic, shown, answer, said, another])


def _status(text):
    """A line that screen readers speak when it changes."""
    return f'<p role="status">{html.escape(text)}</p>'

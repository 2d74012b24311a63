"""The widgets of lesson 09: the layout redraws, and the shapes trainer judges what is typed."""

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.explore import explorer
from course_utils.explore import torch_in_practice as explore
from course_utils.studies.shape_quiz import TOPICS, draw


@pytest.fixture
def trainer():
    """The widget's parts by name, and a twin of its generator that knows the next question."""
    topic, shown, answer, said, another = explore.shapes(np.random.default_rng(4)).children
    return {"topic": topic, "shown": shown, "answer": answer, "said": said, "next": another}


def test_a_right_answer_a_slip_and_the_score(trainer):
    twin = np.random.default_rng(4)
    first, second = draw(twin), draw(twin)
    assert first.ask.split(".")[0] in trainer["shown"].value and "rnn = nn." in trainer["shown"].value
    trainer["answer"].value = ", ".join(map(str, first.answer))
    assert "✓" in trainer["said"].value and "1 of 1" in trainer["said"].value
    trainer["next"].click()
    assert trainer["answer"].value == "" and "✓" not in trainer["said"].value
    wrong = next(iter(second.slips))
    trainer["answer"].value = str(wrong)
    assert "✗" in trainer["said"].value and "1 of 2" in trainer["said"].value
    trainer["answer"].value = str(second.answer)
    assert "✓" in trainer["said"].value and "1 of 2" in trainer["said"].value, "only the first try counts"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_can_be_chosen(trainer, topic):
    trainer["topic"].value = topic
    assert "= ?" in trainer["shown"].value
    trainer["answer"].value = "<b>99, 99, 99, 99, 99, 99, 99, 99, 99, 99</b>"
    assert "✗" in trainer["said"].value and "<b>99" not in trainer["said"].value


def test_the_trainer_is_driven_by_keyboard_and_speaks_its_verdict(trainer):
    assert trainer["answer"].continuous_update is False, "Enter submits"
    assert isinstance(trainer["next"], ipywidgets.Button) and trainer["next"].description
    assert 'role="status"' in trainer["said"].value
    assert trainer["answer"].description and trainer["topic"].description


def test_the_layout_redraws_for_every_network(monkeypatch):
    said = []
    monkeypatch.setattr(explorer, "show", lambda alt: (said.append(alt), plt.close("all")))
    kinds, D, H, _ = explore.layout().children
    kinds.value, D.value, H.value = "gru", 3, 2
    assert said[0].startswith("weight_ih (16, 1) and weight_hh (16, 4) of nn.LSTM")
    assert said[-1] == "weight_ih (6, 3) and weight_hh (6, 2) of nn.GRU, 3 blocks of 2 rows each."
    plt.close("all")

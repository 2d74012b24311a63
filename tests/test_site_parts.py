"""What the web page is made of: links, pictures instead of widgets, docstrings as pages, and runs that are kept."""

import math

import matplotlib.pyplot as plt
import pytest

from course_utils.explore.explorer import float_slider, int_slider, options
from course_utils.plots import style
from course_utils.site import execution
from course_utils.site.links import broken_links, rewritten
from course_utils.site.pages import with_lesson_links
from course_utils.site.reference import as_markdown, module_page, reference_pages
from course_utils.site.stills import MOST, Choice, kept, stills

PAGES = {"docs/a.md": "a.md", "README.md": "index.md", "docs/p.png": "pictures/p.png"}


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[x](../README.md#top)", "[x](index.md#top)"),
        ("![x](p.png)", "![x](pictures/p.png)"),
        ("[x](run.py)", "[x](https://h/docs/run.py)"),
        ("[x](https://elsewhere.org/run.py)", "[x](https://elsewhere.org/run.py)"),
        ("[x](#here)", "[x](#here)"),
    ],
)
def test_links_of_the_checkout_become_links_of_the_page(written, becomes):
    assert rewritten(written, "docs/a.md", PAGES, "https://h") == becomes


def test_a_link_without_its_place_and_a_picture_without_words_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="x"><a href="b.html#y">1</a><a href="c.html">2</a><img src="a.html">', "utf-8"
    )
    (tmp_path / "b.html").write_text('<a href="a.html#x">1</a><img src="a.html" alt="A dot.">', "utf-8")
    assert broken_links(tmp_path) == [
        "a.html: a picture without alternative text: a.html",
        "a.html: b.html#y leads nowhere",
        "a.html: c.html leads nowhere",
    ]


def test_lessons_named_in_prose_become_links_and_those_in_code_or_headings_do_not():
    text = "# lesson 07\nsee lesson 07, lesson 31, `lesson 07` and $lesson 07$"
    linked = "# lesson 07\nsee [lesson 07](07_lstm.ipynb), lesson 31, `lesson 07` and $lesson 07$"
    assert with_lesson_links(text, ["07_lstm"]) == linked


def test_each_of_several_lessons_becomes_a_link():
    linked = with_lesson_links("Lesson 07, then lessons 07, 31 and 08.", ["07_lstm", "08_gru"])
    assert linked == "[Lesson 07](07_lstm.ipynb), then lessons [07](07_lstm.ipynb), 31 and [08](08_gru.ipynb)."


def test_a_docstring_keeps_its_equations_and_examples_and_says_the_rest_as_text():
    doc = "Norm of `x_t`, *not* its square.\n\n    h = x W_x   (1)\n\n    y = h       (2)\n\n>>> norm(3)\n3\n"
    block = "```text\nh = x W_x   (1)\n\ny = h       (2)\n```"
    made = as_markdown(doc)
    assert "Norm of `x_t`, \\*not\\* its square." in made
    assert block in made and "```pycon\n>>> norm(3)\n3\n```" in made


def test_a_module_page_shows_what_is_public_and_nothing_else():
    source = '"""Doc."""\n__all__ = ["f"]\ndef f(a, b=1):\n    """Says."""\ndef g():\n    """Hidden."""\n'
    page = module_page("course_utils.m", source)
    assert "{py:function} f(a, b=1)" in page and "Says." in page and "Hidden" not in page


def test_the_reference_lists_every_module_with_its_first_sentence(tmp_path):
    for name, doc in {
        "cells/__init__": "Cells. All of them.",
        "cells/gru": "The GRU: two\n    gates.",
        "losses": "How wrong.",
    }.items():
        path = tmp_path / "course_utils" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""{doc}"""\n__all__ = []\n', "utf-8")
    pages = reference_pages(tmp_path)
    assert set(pages) == {"index.md", "losses.md", "cells/index.md", "cells/gru.md"}
    assert "- [`cells`](cells/index.md): Cells\n- [`losses`](losses.md): How wrong\n" in pages["index.md"]
    assert "- [`gru`](gru.md): The GRU: two gates\n" in pages["cells/index.md"]
    assert "cells <cells/index>\nlosses <losses>" in pages["index.md"]


@pytest.mark.parametrize("sizes", [(5,), (24, 1), (101,), (10, 10), (30, 20, 7), (2, 3, 4)])
def test_a_widget_has_few_enough_pictures_and_its_first_is_among_them(sizes):
    choices = [Choice("n", "n", tuple(map(str, range(n))), tuple(range(n)), n // 3) for n in sizes]
    thinned = kept(choices, MOST)
    assert math.prod(len(c.values) for c in thinned) <= MOST
    for choice, fewer in zip(choices, thinned, strict=True):
        assert fewer.values[fewer.start] == choice.values[choice.start]
        assert list(fewer.values) == sorted(set(fewer.values))


def test_a_widget_becomes_one_picture_for_each_setting_with_the_first_one_shown(monkeypatch):
    shown, drawn = [], []
    monkeypatch.setattr(style, "_display", shown.append)
    controls = {
        "n": int_slider("steps", 1, 3, 2),
        "k": options("kind", ["a", "b"]),
        "s": float_slider("x", 0, 0.2, 0.1, 0.1),
    }
    stills(lambda **v: (drawn.append(v), plt.plot([0, 1])), lambda n, k, s: f"{n} {k} {s:.1f}.", **controls)
    assert len(drawn) == shown[0].count("<img ") == 3 * 2 * 3
    visible = [part for part in shown[0].split("<img ")[1:] if not part.startswith("hidden")]
    assert len(visible) == 1 and 'alt="2 a 0.1."' in visible[0]


def test_a_lesson_runs_again_only_when_something_that_it_read_has_changed(tmp_path, monkeypatch):
    ran, module = [], tmp_path / "course_utils" / "cell.py"
    module.parent.mkdir()
    module.write_text("one", "utf-8")
    monkeypatch.setattr(
        execution, "_run", lambda root, name, notebook: (ran.append(name) or notebook, ["course_utils/cell.py"])
    )
    notebook = {"cells": [{"source": "1"}]}

    def fresh():
        return execution.executed(tmp_path, "07_lstm", notebook, tmp_path / "kept")[1]

    assert [fresh(), fresh()] == [True, False]
    (module.parent / "another.py").write_text("two", "utf-8")
    assert not fresh()
    module.write_text("two", "utf-8")
    assert [fresh(), fresh()] == [True, False]
    notebook["cells"][0]["source"] = "2"
    assert [fresh(), fresh()] == [True, False]

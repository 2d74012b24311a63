"""Sphinx's settings for the course's page. `course site` lays out what Sphinx reads; nothing is executed here."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Recurrent neural networks, by hand"
author = PROJECT["authors"][0]["name"]
copyright = f"{author}; text CC BY 4.0, code MIT"  # the name is Sphinx's
release = PROJECT["version"]
language = "en-GB"

extensions = ["myst_nb", "sphinx.ext.mathjax"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # widgets are pictures here, see course_utils/site/stills.py
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
# Notebooks begin a section wherever the story wants one; a fragment of another file is checked in the finished pages.
suppress_warnings = ["myst.header"]
toc_object_entries = False
add_module_names = False
python_maximum_signature_line_length = 100

html_theme = "sphinx_book_theme"
html_title = project
html_css_files = ["page.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("stills.js", "names.js")]
html_favicon = str(Path(__file__).with_name("icon.svg"))
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_sourcelink = False
mathjax_path = "mathjax/tex-svg-full.js"
html_theme_options = {
    "repository_url": PROJECT["urls"]["Repository"],
    "repository_branch": "main",
    "use_repository_button": True,
    "use_download_button": False,
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "collapse_navbar": True,
    "launch_buttons": {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    },
}

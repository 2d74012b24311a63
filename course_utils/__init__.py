"""The code behind the course: cells, sequences, data with known truth, exercises that know their mistakes, and grading.

Importing this package imports nothing else (in a browser, a few settings); each module brings what it needs.
"""

import sys

__version__ = "0.1.0"

if sys.platform == "emscripten":  # Python in a browser
    from .in_browser import settle

    settle()

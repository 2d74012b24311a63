"""Makes Python in a browser tell tqdm what it is: a notebook, and one without threads. `import course_utils` calls this there.

tqdm draws its bar in the page only if IPython's settings know the ordinary kernel, which a browser does not have; elsewhere
it writes to stderr, which notebooks show in red. It also warns that it cannot start a thread, which no bar needs.
"""

import sys
import warnings

__all__ = ["settle"]


def settle():
    """Let progress bars be drawn in the page, without a warning. Does nothing where there is no IPython."""
    warnings.filterwarnings("ignore", message="tqdm:disabling monitor support")
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.config.setdefault("IPKernelApp", type(shell.config)())

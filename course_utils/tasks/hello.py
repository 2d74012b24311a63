"""The smallest language model task: read "hell", predict "ello".

Four characters, four steps; after the first l comes another l, after the second an o: a model without memory
cannot get both right, so even this set needs a state.
"""

from typing import NamedTuple

import numpy as np

from course_utils.vocabulary import Vocabulary

HELLO = Vocabulary(("h", "e", "l", "o"), joined=True)


class Hello(NamedTuple):
    """Inputs and targets of one sequence (B = 1), time-major, as numbers and as one-hot rows."""

    inputs: np.ndarray  # (T, B) = (4, 1)
    targets: np.ndarray  # (T, B)
    x: np.ndarray  # (T, B, V) = (4, 1, 4)
    y: np.ndarray  # (T, B, V)


def hello() -> Hello:
    """The set itself: `inputs` reads "hell", `targets` reads "ello", `x` and `y` are their one-hot forms."""
    inputs, targets = (HELLO.encode(word)[:, None] for word in ("hell", "ello"))
    rows = np.eye(len(HELLO))
    return Hello(inputs, targets, rows[inputs], rows[targets])

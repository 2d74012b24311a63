"""Exercise 6.5: the adding task, as inputs and sums."""

import numpy as np

from ..definition import case, exercise


@exercise(
    "6.5",
    points=1,
    outputs=("x", "sums"),
    hints=(
        "Two layers of numbers: the values themselves, and as many zeros with two ones in each sequence. Stack them last.",
        "first[b] is the step that is marked in sequence b: the index pairs are (first, 0..B-1), so you need np.arange(B).",
        "each = np.arange(B); marks[first, each] = 1, likewise second. The sum: values[first, each] + values[second, each].",
    ),
)
def adding_task(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (T, B) and the marked steps of each sequence, (B,), (B,), to x (T, B, 2), number and mark, and sums (B,)."""
    each = np.arange(values.shape[1])
    marks = np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values[first, each] + values[second, each]


@adding_task.cases
def _(rng):
    yield case("two steps, both marked: the sum of all", *_marked(rng, 2, 3))
    yield case("one sequence (B = 1)", *_marked(rng, 7, 1))
    yield case("seven steps, three sequences", *_marked(rng, 7, 3))
    values, first, second = _marked(rng, 9, 4)
    yield case("the same two steps in every sequence", values, 0 * first + 2, 0 * second + 6)
    yield case("the first and the last step", values, 0 * first, 0 * second + 8)
    yield case("as many steps as sequences", *_marked(rng, 5, 5))
    yield case("a long sequence (T = 200)", *_marked(rng, 200, 2))
    values, first, second = _marked(rng, 6, 4)
    yield case("float32", values.astype(np.float32), first, second)


adding_task.slip(
    "a mark of one sequence is set in all of them: each sequence has two steps of its own",
    {"marks[first, each] = marks[second, each]": "marks[first] = marks[second]"},
)
adding_task.slip(
    "a mark of one sequence is set in all of them, and counted: each sequence has two steps of its own",
    {
        "marks[first, each] = marks[second, each]": "marks[first] = marks[second]",
        "values[first, each] + values[second, each]": "(values * marks).sum(axis=0)",
    },
)
adding_task.slip(
    "the answer is the mean of the two marked numbers; their sum is asked for",
    {"values[first, each] + values[second, each]": "(values[first, each] + values[second, each]) / 2"},
)
adding_task.slip(
    "the answer is the product of the two marked numbers; their sum is asked for",
    {"values[first, each] +": "values[first, each] *"},
)
adding_task.slip(
    "the answer adds all numbers; only the marked ones count",
    {"values[first, each] + values[second, each]": "values.sum(axis=0)"},
)
adding_task.slip(
    "the numbers without a mark are wiped out; without them nothing has to be chosen, and the task is too easy",
    {"[values, marks]": "[values * marks, marks]"},
)
adding_task.slip("mark and number are swapped: the number comes first", {"[values, marks]": "[marks, values]"})
adding_task.slip(
    "number and mark stand on the first axis; they are the two inputs of a step, so they belong to the last: (T, B, 2)",
    {", axis=-1": ""},
)
adding_task.slip(
    "batch first, (B, T, 2); in this course time comes first, (T, B, 2)", {"[values, marks]": "[values.T, marks.T]"}
)
adding_task.slip(
    "the marks are one step late: `first` and `second` count from 0, as Python does",
    {"    each =": "    first, second = first - 1, second - 1\n    each ="},
)
adding_task.slip(
    "only the second number is marked and counted; that is a task without a long lag",
    {"marks[first, each] = ": "", "values[first, each] + ": ""},
)
adding_task.slip(
    "values[first] takes the marked steps of every sequence for each of them; step first[b] goes with sequence b only",
    {"values[first, each] + values[second, each]": "values[first].sum(axis=0) + values[second].sum(axis=0)"},
)
adding_task.slip(
    "only the first number is marked and counted",
    {
        "marks[first, each] = marks[second, each] = 1": "marks[first, each] = 1",
        "values[first, each] + values[second, each]": "values[first, each]",
    },
)
adding_task.slip(
    "the second mark is a 2; both marks are 1",
    {"marks[first, each] = marks[second, each] = 1": "marks[first, each], marks[second, each] = 1, 2"},
)
adding_task.slip(
    "the sums are a column (B, 1); one number per sequence is wanted, (B,)",
    {"values[first, each] + values[second, each]": "(values[first, each] + values[second, each])[:, None]"},
)


@adding_task.variant
def _(values, first, second):
    T, B = values.shape
    x = np.zeros((T, B, 2), values.dtype)
    x[:, :, 0] = values
    sums = []
    for b in range(B):
        x[first[b], b, 1] = x[second[b], b, 1] = 1
        sums.append(values[first[b], b] + values[second[b], b])
    return x, np.array(sums)


@adding_task.variant
def _(values, first, second):
    steps = np.arange(len(values))[:, None]
    marks = ((steps == first) | (steps == second)).astype(values.dtype)
    return np.concatenate([values[..., None], marks[..., None]], axis=2), np.einsum("tb,tb->b", values, marks)


def _marked(rng, T, B):
    """Numbers (T, B), and for each sequence a step in its first half and one in its second half."""
    return rng.random((T, B)), rng.integers(0, T // 2, B), rng.integers(T // 2, T, B)

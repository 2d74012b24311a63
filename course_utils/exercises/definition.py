"""An exercise is code that knows its own mistakes.

    @exercise("7.1", points=2, outputs=("h", "c"), hints=("...", "...", "..."))
    def new_memory(c_prev, f, i, g):                    the reference answer
        ...
    @new_memory.cases                                   from a seed: any seed is a fresh, equally hard variant
    def _(rng):
        yield case("one step", ...)
    @new_memory.mistake("the candidate goes in ungated: where is i?")
    def _(c_prev, f, i, g): ...                         a wrong answer that people really give
    new_memory.slip("f and i are swapped", {"f * c_prev + i * g": "i * c_prev + f * g"})
                                                        a mistake that is the reference with a few words replaced
    @new_memory.variant
    def _(c_prev, f, i, g): ...                         another right answer

`new_memory.check(answer)` prints one line with a verdict, `new_memory.hint()` the next hint, `new_memory.stub()` the
untouched start, and `new_memory(...)` is the reference, with which the lesson goes on. A reference without parameters
makes an exercise whose answer is a value: `steps.check(12)`. Where the reference returns several values,
`outputs=("h", "c")` names them, so that a verdict can say which one is wrong; a record's fields are names enough.

Each exercise stands in a file of its own in the package of its lesson, and its `module` is that package: from there lessons
import it, and there the grader finds it and its stand-in.
"""

import ast
import inspect
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .slips import body_source, edited

__all__ = ["Case", "Exercise", "Mistake", "case", "exercise", "exercises_in"]

LOCAL_SEED = 1
RECORD = "application/vnd.rnn-course.record+json"  # how a graded run hands over what the student's code returned
SEED_VARIABLE = "RNN_COURSE_GRADE_SEED"


class Case(NamedTuple):
    """One call: what it shows, in words that complete "at fault: ...", and the arguments."""

    claim: str
    args: tuple
    kwargs: dict


class Mistake(NamedTuple):
    """A wrong answer that people really give, and what to tell them."""

    message: str
    answer: Callable


def case(claim, *args, **kwargs):
    """One call of the student's function, named by the claim that it tests."""
    return Case(claim, args, kwargs)


def exercise(number, *, points, hints, outputs=()):
    """Turn the reference answer under this decorator into an Exercise."""

    def decorate(reference):
        return Exercise(number, points, hints, reference, outputs)

    return decorate


class Exercise:
    """One exercise: reference, cases, mistakes, variants, hints, points, names of outputs; see the module's docstring."""

    def __init__(self, number, points, hints, reference, outputs=()):
        if points < 1 or len(hints) != 3:
            raise ValueError(f"exercise {number}: give at least one point and three hints of rising strength")
        self.number, self.points, self.hints, self.reference = number, points, tuple(hints), reference
        self.outputs = tuple(outputs)
        self.name, self.module = reference.__name__, _lesson_module(reference.__module__)
        self.__doc__, self.__wrapped__ = reference.__doc__, reference
        self.mistakes, self.variants = [], [reference]
        self._cases, self._hints_given = None, 0
        self.is_value = not inspect.signature(reference).parameters

    def __call__(self, *args, **kwargs):
        return self.reference(*args, **kwargs)

    def __repr__(self):
        return f"<exercise {self.label}>"

    @property
    def label(self):
        """Number and name, as verdicts show them: "7.1 new_memory"."""
        return f"{self.number} {self.name}"

    def cases(self, make):
        """Decorator: the function (rng) that yields the cases, from coarse to fine."""
        self._cases = make
        return make

    def mistake(self, message):
        """Decorator: a wrong answer, recognised by what it returns, and the message that names it."""

        def decorate(answer):
            self.mistakes.append(Mistake(message, answer))
            return answer

        return decorate

    def slip(self, message, edits):
        """A mistake that is the reference with a few words of its source replaced, each standing there exactly once."""
        name = f"{self.module}: {self.label}, mistake {len(self.mistakes) + 1}"
        self.mistakes.append(Mistake(message, edited(self.reference, edits, name)))

    def variant(self, answer):
        """Decorator: another right answer, which must pass."""
        self.variants.append(answer)
        return answer

    def cases_for(self, seed):
        """The cases of one seed, with fresh arguments at every call of this method."""
        if self.is_value:
            return [Case("the value", (), {})]
        return list(self._cases(np.random.default_rng([seed, *self.label.encode()])))

    def check(self, answer):
        """Print one line: right, what is wrong, or not attempted. In a graded run, hand over the values instead."""
        from .judge import judge
        from .record import record

        if SEED_VARIABLE in os.environ:
            data = record(self, answer, int(os.environ[SEED_VARIABLE]))
            _publish({RECORD: {"exercise": self.number, "record": data}, "text/plain": f"recorded {self.label}"})
        else:
            print(judge(self, record(self, answer, LOCAL_SEED), LOCAL_SEED).line)

    def hint(self):
        """Print the next of the three hints; the last one is repeated."""
        self._hints_given = min(self._hints_given + 1, len(self.hints))
        print(f"Hint {self._hints_given} of {len(self.hints)}: {self.hints[self._hints_given - 1]}")

    def stub(self):
        """Print the untouched start of the exercise, to copy into its cell for a fresh attempt."""
        print(self.stub_source())

    def stub_source(self):
        """Signature and docstring of the answer, and the line that says it is not attempted."""
        source = body_source(self.reference)
        docstring = ast.parse(source).body[0].body[0]
        return "\n".join([*source.splitlines()[: docstring.end_lineno], f"    {STUB}"])


STUB = 'raise NotImplementedError("write your answer here")'


def exercises_in(module):
    """The exercises of a lesson, from its module or package, in the order of their numbers."""
    found = {
        value for value in vars(module).values() if isinstance(value, Exercise) and value.module == module.__name__
    }
    return sorted(found, key=lambda exercise: [*map(int, exercise.number.split("."))])


def _lesson_module(name):
    """`name`, or for a file of a lesson's package the name of that package, by which the lesson and the grader know it."""
    here = f"{__package__}."
    return here + name.removeprefix(here).partition(".")[0] if name.startswith(here) else name


def _publish(data):
    from IPython.display import publish_display_data

    publish_display_data(data)

"""Calls of references by a student's code, as the lesson allows them: "the lesson goes on with the reference".

They are answered for exercises of earlier lessons, and for those of this lesson whose check has run: from then on they cannot
earn a point. The values are computed in a caged process of their own, which never knows another reference; arguments and
values pass through the grader unread.
"""

import importlib
import queue
import time

from ..exercises.definition import Exercise
from .parcel import pack
from .wire import Abuse, Closed, clean

__all__ = ["References"]

LATER = "{0} is answered once its own check has run: until then, write it yourself"
CALLS, SECONDS = 5_000, 10.0


class References:
    """For one run. parent: the warm parent; lesson: its name; earlier: module names of the exercises of earlier lessons."""

    def __init__(self, parent, lesson, earlier, limits):
        self.parent, self.earlier, self.limits = parent, earlier, limits
        self.module = f"course_utils.exercises.{lesson.partition('_')[2]}"
        self.oracle, self.calls = None, 0

    def asked(self, message, over):
        """("value", its bytes in base64) or ("refused", why); `over`: numbers of exercises that are past earning."""
        name, given = clean(message.get("name"), 100), message.get("given")
        exercise = self._exercise(message.get("module"), name)
        self.calls += 1
        if exercise is None:
            return "refused", f"there is no exercise {name} in this lesson or an earlier one"
        if exercise.module == self.module and exercise.number not in over:
            return "refused", LATER.format(f"ex.{exercise.name}")
        if self.calls > CALLS or not isinstance(given, str):
            return "refused", f"references are called at most {CALLS:,} times"
        try:
            return self._value(exercise, given)
        except (queue.Empty, Closed, Abuse, OSError, TypeError):
            self.close()
            return "refused", f"the reference of {exercise.name} gave no value for these arguments"

    def close(self):
        """End the process that computes references, if there is one."""
        if self.oracle is not None:
            self.oracle.end()
            self.oracle = None

    def _exercise(self, module, name):
        if module != self.module and module not in self.earlier:
            return None
        found = getattr(importlib.import_module(module), name, None)
        return found if isinstance(found, Exercise) else None

    def _value(self, exercise, given):
        if self.oracle is None:
            self.oracle, self.known = self.parent.fork(self.limits), set()
            self.oracle.channel.send(("oracle",))
        key = f"{exercise.module}.{exercise.name}"
        parcel = None if key in self.known else pack(exercise, references=True)
        self.known.add(key)
        self.oracle.channel.send((key, parcel, given))
        answer = self.oracle.channel.receive(time.monotonic() + SECONDS)
        if answer["kind"] == "value":
            return "value", str(answer.get("value"))
        return "refused", clean(answer.get("text"))

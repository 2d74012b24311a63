"""Grade many submissions of one lesson, several at a time; each row comes the moment it is done.

with Pool(release, "07_lstm", jobs=2) as pool:
    for row in pool.grades(submissions, seed):
        ...
"""

import concurrent.futures

from ..exercises import exercises_of
from .assemble import assemble
from .grade import grade
from .rows import Limits, content_hash

__all__ = ["Pool"]


class Pool:
    """`jobs` workers for one lesson: release (its student notebook, a dictionary), lesson (its name), limits."""

    def __init__(self, release, lesson, jobs=1, limits=Limits(), isolated=True):  # noqa: B008 - immutable
        exercises_of(lesson)  # import it once, before the threads
        self.release, self.lesson, self.jobs, self.limits, self.isolated = release, lesson, jobs, limits, isolated

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """End the workers and whatever they started."""

    def content(self, submission, seed):
        """The content hash that the row of this submission will have; nothing is run."""
        return content_hash(assemble(self.release, self.lesson, submission.cells).plan, seed)

    def grade(self, submission, seed):
        """The Grade of one collect.Submission. Never raises on account of what it holds; may be called by several threads."""
        return grade(self.release, self.lesson, submission, seed, self.limits)

    def grades(self, submissions, seed):
        """Yields the Grades in the order in which they are done. seed: a number, or a function of the submission."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as threads:
            each = seed if callable(seed) else lambda submission: seed
            running = [threads.submit(self.grade, submission, each(submission)) for submission in submissions]
            try:
                for done in concurrent.futures.as_completed(running):
                    yield done.result()
            finally:  # the caller stopped listening: what has not begun does not begin
                threads.shutdown(wait=True, cancel_futures=True)

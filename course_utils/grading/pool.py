"""Grade many submissions of one lesson, several at a time; each row comes the moment it is done.

with Pool(release, "07_lstm", jobs=2) as pool:
    for row in pool.grades(submissions, seed):
        ...
"""

import ast
import concurrent.futures
import functools
import pathlib
import queue

from ..exercises import exercises_of
from .assemble import assemble, role_of
from .grade import failed, grade, problem_of
from .judging import Judging
from .notebook import Validator
from .references import References
from .rows import Limits, content_hash
from .warm import NotIsolated, WarmParent

__all__ = ["Pool", "modules_of"]

# What cells need, though no setup names it; of plots, the list of fonts, which an empty home would take a second to make.
LATE = ("IPython.core.inputtransformer2", "matplotlib.font_manager", "numpy.random", "secrets")


class Pool:
    """`jobs` workers for one lesson: release (its student notebook, a dictionary), lesson (its name), limits.

    isolated=False lets submissions run with the grader's rights where there is no cage; every row then says so. Raises
    warm.NotIsolated, at the first submission, where there is no cage and isolated is True.
    """

    def __init__(self, release, lesson, jobs=1, limits=Limits(), isolated=True):  # noqa: B008 - immutable
        self.release, self.lesson, self.jobs, self.limits, self.isolated = release, lesson, jobs, limits, isolated
        self.parent = WarmParent(modules_of(release), isolated)  # imports while this process does
        exercises_of(lesson)  # import it once, before the threads
        self.earlier = frozenset(_earlier(lesson))
        self.judging = functools.lru_cache(maxsize=8)(lambda seed: Judging(lesson, seed, self.parent.ask))
        self.validators = queue.SimpleQueue()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """End the workers and whatever they started."""
        self.parent.close()
        while not self.validators.empty():
            self.validators.get().close()

    def content(self, submission, seed):
        """The content hash that the row of this submission will have; nothing is run."""
        problem = problem_of(submission, self.lesson)
        if problem:
            return content_hash([("problem", "", problem)], seed)
        return content_hash(assemble(self.release, self.lesson, submission.cells).plan, seed)

    def grade(self, submission, seed):
        """The Grade of one collect.Submission. Never raises on account of what it holds; may be called by several threads."""
        references = References(self.parent, self.lesson, self.earlier, self.limits)
        validator = self._validator()
        try:
            fork = functools.partial(self.parent.fork, self.limits)
            row = grade(submission, self.release, self.judging(seed), fork, references, validator, self.limits)
        except NotIsolated:
            raise
        except Exception as error:  # a fault of the grader's own on one submission must not end all others'
            row = failed(submission, self.judging(seed), self.limits, error)
        finally:
            self.validators.put(validator)
        return row._replace(isolation=self.parent.isolation)

    def grades(self, submissions, seed):
        """Yields the Grades in the order in which they are done. seed: a number, or a function of the submission."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as threads:
            each = seed if callable(seed) else lambda submission: seed
            running = {threads.submit(self.grade, submission, each(submission)) for submission in submissions}
            try:
                while running:
                    done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:  # the caller stopped listening: what has not begun does not begin
                threads.shutdown(wait=True, cancel_futures=True)

    def _validator(self):
        try:
            return self.validators.get_nowait()
        except queue.Empty:
            return Validator(self.limits.cell)


def modules_of(release):
    """Names of the modules that a lesson's setup imports, for the warm parent; the exercises are none of them."""
    found = dict.fromkeys(LATE)
    for cell in release["cells"]:
        if cell["cell_type"] == "code" and role_of(cell) == "setup":
            found |= dict.fromkeys(_imported("".join(cell["source"])))
    return [name for name in found if not name.startswith("course_utils.exercises")]


def _imported(source):
    try:
        tree = ast.parse(source)
    except SyntaxError:  # the line of Colab's that installs
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            if node.module.startswith("course_utils"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _earlier(lesson):
    """Modules of the exercises of lessons before this one."""
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    names = sorted(path.stem for path in (root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    return [f"course_utils.exercises.{name.partition('_')[2]}" for name in names if name < lesson]

"""Grade on a Dask cluster that is there already: the same rows, from many machines, and a lost machine loses none.

Each worker process keeps one Pool, with its warm parent, and grades one submission per task. A row goes to the grader's own
store as soon as it arrives, and only then is its task forgotten: Dask runs the tasks of a lost worker again elsewhere, and no
others. Few tasks are under way at a time, so that an interrupt loses little. Needs the extra `cluster`.
"""

import atexit
import collections
import itertools
import os
import socket
import threading
import zlib

from .grade import failed
from .judging import Judging
from .pool import Pool
from .rows import KILLED, Grade
from .store import lesson_version

__all__ = ["Cluster", "NoCluster"]

AHEAD = 2  # tasks per thread of a worker: one runs, one waits
WAIT = 20  # seconds for the scheduler, and then for its first worker
MISSING = "--cluster needs Dask: pip install -e '.[cluster]', here and on the workers"
LOST = "every worker that graded it was lost: it ends them, or they are short of memory; try it alone with --jobs 1"


class NoCluster(Exception):
    """The cluster cannot be used; the text says why and what to do."""


class Cluster:
    """What a Pool is, on the workers of the Dask scheduler at `address` (such as "tcp://10.0.0.1:8786")."""

    content = Pool.content  # needs release and lesson, and runs nothing

    def __init__(self, address, release, lesson, limits, isolated=True):
        try:
            import distributed
        except ImportError:
            raise NoCluster(MISSING) from None
        self.release, self.lesson, self.limits = release, lesson, limits
        try:
            self.client = distributed.Client(address, timeout=WAIT)
            self.client.wait_for_workers(1, timeout=WAIT)
        except (OSError, TimeoutError, ValueError) as error:
            said = str(error).partition("\n")[0]
            raise NoCluster(
                f"no Dask cluster with workers answers at {address} ({said}); "
                "start one with `dask scheduler` and `dask worker ADDRESS`"
            ) from None
        setup = {"release": release, "lesson": lesson, "limits": limits, "isolated": isolated}
        self.setup = zlib.compress(distributed.protocol.pickle.dumps(setup | {"version": lesson_version(lesson)}))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.client.close()

    def grades(self, submissions, seed):
        """Yields the Grades in the order in which they are done. seed: a number, or a function of the submission."""
        from distributed import as_completed

        each = seed if callable(seed) else lambda submission: seed
        waiting = collections.deque(submissions)
        done, running = as_completed(with_results=True, raise_errors=False), {}
        try:
            self._submit(waiting, each, done, running)
            while running:
                future, result = next(done)
                submission = running.pop(future.key)
                row = self._row(future, result, submission, each(submission))
                future.release()
                yield row  # the caller keeps it before the next is asked for
                self._submit(waiting, each, done, running)
        finally:
            self.client.cancel(list(done.futures), force=True)

    def _submit(self, waiting, each, done, running):
        """Have as many tasks under way as the workers of this moment can use."""
        threads = sum(self.client.nthreads().values()) or 1
        while waiting and len(running) < AHEAD * threads:
            submission = waiting.popleft()
            number = next(_numbers)
            key = f"grade-{os.getpid()}-{number}"
            future = self.client.submit(_grade_here, self.setup, submission, each(submission), key=key, pure=False)
            running[future.key] = submission
            done.add(future)

    def _row(self, future, result, submission, seed):
        if future.status == "finished":
            return Grade.from_data(result)
        error = result[1] if isinstance(result, tuple) else result
        if type(error).__name__ == "KilledWorker":
            row = failed(submission, Judging(self.lesson, seed), self.limits, error)
            return row._replace(status=KILLED, note=LOST, content=self.content(submission, seed))
        raise NoCluster(f"a worker cannot grade: {error}")


_numbers = itertools.count()
_pools, _making = {}, threading.Lock()  # of this worker process


def _grade_here(setup, submission, seed):
    """On a worker: grade one submission with this process's Pool for this class; returns the row as data."""
    with _making:
        if setup not in _pools:
            _close_all()
            _pools[setup] = _pool(setup)
        pool = _pools[setup]
    row = pool.grade(submission, seed)
    return row.as_data()


def _pool(setup):
    import pickle

    told = pickle.loads(zlib.decompress(setup))
    if lesson_version(told["lesson"]) != told["version"]:
        raise RuntimeError(
            f"{socket.gethostname()} has another version of lesson {told['lesson']}; install the same course on every worker"
        )
    return Pool(told["release"], told["lesson"], 1, told["limits"], told["isolated"])


@atexit.register
def _close_all():
    """End this worker's warm parents: another class is graded now, or the worker ends."""
    while _pools:
        _pools.popitem()[1].close()

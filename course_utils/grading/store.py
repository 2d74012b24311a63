"""The class's rows in one SQLite file: each is on the disk before the next begins, so that nothing graded is ever lost.

A row is found by lesson and file. It stays valid as long as nothing changed that decides it: what is run and the seed (its
content hash), the version of the lesson's exercises and judge, and, unless it was graded to its end, the limits.
"""

import functools
import hashlib
import json
import pathlib
import sqlite3
import threading

from ..exercises import judge
from .rows import GRADED, INVALID, Grade

__all__ = ["Busy", "Store", "lesson_version"]

FORMAT = 1
JUDGES = ("answer_key", "compare", "definition", "judge", "record", "slips", "values")
SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    lesson TEXT, file TEXT, student TEXT, content TEXT, version TEXT, row TEXT, graded_at TEXT DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (lesson, file));
CREATE TABLE IF NOT EXISTS seeds (lesson TEXT PRIMARY KEY, seed INTEGER);
"""
CANNOT_KEEP = "a row cannot be kept ({}); make room on the disk and give the same command again: nothing graded is lost"
PUT = "INSERT OR REPLACE INTO rows (lesson, file, student, content, version, row) VALUES (?, ?, ?, ?, ?, ?)"


class Busy(Exception):
    """Another grader writes into the same file at this moment."""


class Store:
    """The rows of one class in the file at `path`, for one lesson. Open it with `with`; one process at a time can.

    Raises Busy if another process has it, ValueError if the file is none of ours.
    """

    def __init__(self, path, lesson):
        self.path, self.lesson, self.version = pathlib.Path(path), lesson, lesson_version(lesson)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.base = sqlite3.connect(self.path, timeout=1, isolation_level=None, check_same_thread=False)
        try:
            self._begin()
        except sqlite3.DatabaseError as error:
            self.base.close()
            if "locked" in str(error):
                raise Busy(f"another grader is writing to {self.path}; wait until it is done, or stop it") from None
            raise ValueError(
                f"{self.path} is not a store of grades ({error}); move it away, or choose another --output"
            ) from None

    def _begin(self):
        """The file is ours alone until we end, however we end, and every commit reaches the disk before it returns."""
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self.base.execute(f"PRAGMA {setting}").fetchall()
        self.base.executescript(SCHEMA)
        (version,) = self.base.execute("PRAGMA user_version").fetchone()
        if version not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"it has format {version}, this course writes format {FORMAT}")
        self.base.execute(f"PRAGMA user_version = {FORMAT}")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.base.close()

    def seed(self, wanted, draw):
        """The class's seed: `wanted` if it is a number, else the one used before, else draw(); it is remembered."""
        found = self.base.execute("SELECT seed FROM seeds WHERE lesson = ?", (self.lesson,)).fetchone()
        seed = wanted if wanted is not None else found[0] if found else draw()
        self.base.execute("INSERT OR REPLACE INTO seeds VALUES (?, ?)", (self.lesson, seed))
        return seed

    def put(self, row):
        """Keep a Grade; any thread may. When this returns, the row is on the disk. Raises OSError if it cannot be kept."""
        values = (self.lesson, row.file, row.student, row.content, self.version, json.dumps(row.as_data()))
        try:
            with self.lock:
                self.base.execute(PUT, values)
        except sqlite3.Error as error:
            raise OSError(CANNOT_KEEP.format(error)) from error

    def get(self, file):
        """The Grade kept for a file, or None."""
        found = self.base.execute("SELECT row FROM rows WHERE lesson = ? AND file = ?", (self.lesson, file)).fetchone()
        return Grade.from_data(json.loads(found[0])) if found else None

    def valid(self, submission, content, limits, isolated):
        """The kept Grade of a submission if grading it again would run the same under the same conditions, else None."""
        query = "SELECT row FROM rows WHERE lesson = ? AND file = ? AND content = ? AND version = ?"
        with self.lock:
            found = self.base.execute(query, (self.lesson, submission.file, content, self.version)).fetchone()
        row = Grade.from_data(json.loads(found[0])) if found else None
        if row is None or (isolated and row.status != INVALID and not row.isolation.isolated):
            return None
        settled = row.status in (GRADED, INVALID) or row.limits == limits
        return row._replace(student=submission.student) if settled else None

    def rows(self):
        """All Grades of the lesson, by file."""
        query = "SELECT row FROM rows WHERE lesson = ? ORDER BY file"
        return [Grade.from_data(json.loads(text)) for (text,) in self.base.execute(query, (self.lesson,))]


@functools.lru_cache(maxsize=8)
def lesson_version(lesson):
    """A hash of the code that judges a lesson: its exercises with their mistakes, and the judge."""
    folder, word = pathlib.Path(judge.__file__).parent, lesson.partition("_")[2]
    files = [*(folder / f"{name}.py" for name in (*JUDGES, word)), *sorted((folder / word).glob("*.py"))]
    digest = hashlib.sha256()
    for path in filter(pathlib.Path.exists, files):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]

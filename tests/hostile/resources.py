"""Submissions that use more than they may. Right answers keep their point where the run could go on."""

from .submission import RIGHT, WRONG, answer, cell

__all__ = ["CASES"]

PROOF = "import time\nwhile True:\n    try: time.sleep(1000)\n    except BaseException: pass\n"
BUSY = "def softmax(a):\n    while True: pass\n"
SLOW = RIGHT.replace("    e =", "    import time; time.sleep(0.5)\n    e =", 1)
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    os._exit(0)
"""
HELPERS = """
import os
pids = []
for k in range(20):
    pid = os.fork()
    if pid == 0:
        hog = bytearray(b"x" * 50_000_000)
        while True: pass
    pids.append(pid)
for pid in pids: os.waitpid(pid, 0)
"""

CASES = {
    "endless loop in the answer": answer(BUSY, 0, "partial", "loop that never ends"),
    "endless loop in an own cell": cell("while True: pass", 1, "partial", "interrupted"),
    "loop that swallows interrupts": cell(PROOF, 0, "timed out", "did not react", answer=WRONG),
    "loop that ignores interrupts": cell(
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", 0, "timed out", "did not react"
    ),
    "loop inside C code": cell("sum(range(10**12))", 0, "timed out", "did not react"),
    "sleeping": cell("import time\ntime.sleep(10**6)", 1, "partial", "interrupted"),
    "slow at every call": answer(SLOW, 0, "partial", "loop that never ends"),
    "computing without end": cell("while True: pass", 0, "timed out", "of computing", WRONG, {"cpu": 2.0}),
    "many slow cells": cell("import time\nfor k in range(8): time.sleep(0.01)", 1),
    "fork bomb": cell("import os\nwhile True: os.fork()", 0, answer="x = 1"),
    "fork bomb that sleeps": cell(
        "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(1000)",
        0,
        "partial",
        answer="x = 1",
    ),
    "thread bomb": cell(
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
        1,
    ),
    "memory bomb": cell("hog = []\nwhile True: hog.append(bytearray(b'x' * 10**7))", 1),
    "memory bomb of small pieces": cell("hog = []\nwhile True: hog.append(bytes(300))", 1),
    "memory bomb in the answer": answer(
        "def softmax(a):\n    return np.ones((10**6, 10**5))", 0, "graded", "MemoryError"
    ),
    "shared memory bomb": cell(
        "import mmap\nhog = mmap.mmap(-1, 10**9)\nwhile hog.tell() < 10**9: hog.write(b'x' * 10**6)",
        0,
        "killed",
        "MB of memory",
    ),
    "memory of many processes": cell(HELPERS, 0, "killed", "MB of memory"),
    "memory in files": cell("import os\nfd = os.memfd_create('x')\nwhile True: os.write(fd, b'x' * 10**6)", 1),
    "many processes that compute": cell(
        "import os\nfor k in range(3): os.fork()\nwhile True: pass", 0, "timed out", "of computing", WRONG, {"cpu": 3.0}
    ),
    "flood of lines": cell("while True: print('x' * 1000)", 1, "partial", "interrupted"),
    "one very long line": cell("print('x' * 10**8)", 1),
    "flood past Python": cell(
        "import os\nfor k in range(10**4): os.write(1, b'x' * 10**4); os.write(2, b'x' * 10**4)", 1
    ),
    "flood of displays": cell("for k in range(10**4): display('x' * 1000)", 1),
    "a full disk": cell("import itertools\nfor k in itertools.count(): open(f'{k}', 'wb').write(b'x' * 10**7)", 1),
    "one large file": cell("with open('x', 'wb') as f:\n    while True: f.write(b'x' * 10**6)", 1),
    "very many files": cell("import itertools\nfor k in itertools.count(): open(f'{k}', 'wb').close()", 1),
    "deep folders": cell("import os\nfor k in range(2000):\n    os.mkdir('d'); os.chdir('d')", 1),
    "all file descriptors": cell("hog = []\nwhile True: hog.append(open('/dev/null'))", 1),
    "stack overflow": cell(
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr([self])\nrepr(A())",
        0,
        "killed",
        "ended Python",
    ),
    "crash": cell("import ctypes\nctypes.string_at(0)", 0, "killed", "signal 11"),
    "abort": cell("import os\nos.abort()", 0, "killed", "ended Python"),
    "exit at once": cell("import os\nos._exit(0)", 0, "killed", "exit status 0"),
    "polite exit": cell("import sys\nsys.exit(1)", 1),
    "work left for the exit": cell("import atexit, time\natexit.register(time.sleep, 1000)", 1),
    "a process left behind": cell(DAEMON, 1),
    "a result of 72 MB": answer("def softmax(a):\n    return np.ones((3000, 3000))", 0, "graded", "bytes"),
    "a text of 50 million letters": answer("def softmax(a):\n    return 'x' * 50_000_000", 0, "graded", "characters"),
    "a list without end": answer(
        "def softmax(a):\n    b = []\n    b.append(b)\n    return b", 0, "graded", "RecursionError"
    ),
    "a list of lists of lists": answer(
        "def softmax(a):\n    b = []\n    for k in range(900): b = [b]\n    return b", 0
    ),
    "very many small values": answer("def softmax(a):\n    return [[]] * 3_000_000", 0, "graded", "3,000,000 values"),
}

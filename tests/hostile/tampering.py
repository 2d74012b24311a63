"""Submissions that work on the judge instead of on the exercise. None earns a point it does not deserve."""

from .submission import WRONG, answer, cell

__all__ = ["CASES"]


def cheat(source, status="graded", says="", points=0):
    """An own cell that tampers, beside a wrong answer."""
    return cell(source, points, status, says, answer=WRONG)


LINK = "link = ex.softmax._link\n"
FORGED = """
import base64, json
one = {"value": {"array": base64.b64encode(np.ones(5) / 5).decode(), "dtype": "float64", "shape": [5]}}
"""
EVERY_FD = """
import os, struct
text = b'{"kind": "outcomes", "outcomes": [{"value": true}]}'
for fd in range(3, 256):
    try: os.write(fd, struct.pack(">I", len(text)) + text)
    except OSError: pass
"""
CATCH_CASES = """
def check(self, answer):
    kind, *content = self._link.request(kind="check", module=self._module, name=self.name)
    self._link.request(kind="outcomes", outcomes={forged}, globals=[], names=[])
type(ex.softmax).check = check
"""

CASES = {
    "np.testing always agrees": cheat(
        "import numpy.testing as t\nt.assert_allclose = t.assert_array_equal = t.assert_almost_equal = lambda *a, **k: None"
    ),
    "np.allclose always agrees": cheat("np.allclose = np.isclose = np.array_equal = lambda *a, **k: True"),
    "a patched judge": cheat(
        "import course_utils.exercises.judge as judge\njudge.judge = lambda e, *a: judge.Verdict(e.label, 'right', 1, 1)"
    ),
    "a patched comparison": cheat("import course_utils.exercises.compare as c\nc.difference = lambda *a, **k: None"),
    "patched builtins": cheat(
        "import builtins\nbuiltins.all = builtins.any = lambda *a: True\nbuiltins.isinstance = lambda *a: True",
        "killed",
    ),
    "patched numpy functions": cheat("np.abs = lambda x: np.zeros_like(x)\nnp.exp = np.ones_like"),
    "a patched check": cheat(
        "type(ex.softmax).check = lambda self, answer: print('✓ 0.1 softmax')", says="no result arrived"
    ),
    "a false ex": cheat("class ex:\n    class softmax:\n        check = print", says="no result arrived"),
    "a check taken out": cheat("del ex.softmax", says="AttributeError"),
    "a patched encoder": cheat(
        "import course_utils.exercises.record as r\nr.encode = lambda value: {'array': '', 'dtype': 'float64', 'shape': [0]}"
    ),
    "a patched record": cheat("import course_utils.grading.stand_in as s\ns.outcome = lambda *a: {'value': True}"),
    "a patched channel": cheat(
        "import course_utils.grading.child as c\nc.to_grader = lambda end, **m: None", "timed out"
    ),
    "json that lies": cheat('import json\njson.dumps = lambda *a, **k: \'{"kind": "verdict", "points": 1}\'', "killed"),
    "results sent before they are asked for": cheat(
        LINK + FORGED + "link.send(kind='outcomes', outcomes=[one] * 9)", "killed", "no check sends"
    ),
    "a verdict on the channel": cheat(
        LINK + "link.send(kind='verdict', number='0.1', points=1)", "killed", "no check sends"
    ),
    "a pickle on the channel": cheat(
        LINK
        + "import pickle, struct\ntext = pickle.dumps(print)\nlink.end.sendall(struct.pack('>I', len(text)) + text)",
        "killed",
        "not a message",
    ),
    "noise on the channel": cheat(LINK + "link.end.sendall(bytes(range(1, 256)) * 1000)", "killed"),
    "a message of two gigabytes": cheat(
        LINK + "link.end.sendall(b'\\x7f\\xff\\xff\\xff' + b'x' * 1000)", "killed", "at once"
    ),
    "half a message": cheat(LINK + "link.end.sendall(b'\\x00\\x00\\x10\\x00{')", "timed out"),
    "a message nested deeply": cheat(
        LINK + "import struct\nt = b'[' * 10**6\nlink.end.sendall(struct.pack('>I', len(t)) + t)",
        "killed",
        "not a message",
    ),
    "messages without end": cheat(
        LINK + "while True: link.send(kind='stream', name='stdout', text='x' * 9000)", "killed", "printed more"
    ),
    "small messages without end": cheat(LINK + "while True: link.send(kind='display')", "killed"),
    "calls of the reference without end": cheat(
        "while True:\n    try: ex.softmax(np.ones(3))\n    except RuntimeError: pass", "partial"
    ),
    "the channel closed": cheat(LINK + "link.end.close()", "killed"),
    "a written forgery on every descriptor": cheat(EVERY_FD, "killed"),
    "true for every case": cheat(CATCH_CASES.format(forged="[{'value': True}] * len(content[0])")),
    "no outcomes at all": cheat(CATCH_CASES.format(forged="[]"), says="no result arrived"),
    "outcomes that are no list": cheat(CATCH_CASES.format(forged="{'right': True}"), says="no result arrived"),
    "outcomes of every wrong kind": cheat(
        CATCH_CASES.format(forged="[None, 1, 'x', [], {}]"), says="no result arrived"
    ),
    "an array with a forged shape": cheat(
        CATCH_CASES.format(forged="[{'value': {'array': '', 'dtype': 'float64', 'shape': [10**30, 0]}}] * 9"),
        says="cannot be read",
    ),
    "an array of objects": cheat(
        CATCH_CASES.format(forged="[{'value': {'array': 'AAAA', 'dtype': 'O', 'shape': [1]}}] * 9"),
        says="cannot be read",
    ),
    "an array with negative shape": cheat(
        CATCH_CASES.format(forged="[{'value': {'array': '', 'dtype': 'float64', 'shape': [-1, 0]}}] * 9")
    ),
    "numbers of ten thousand digits": cheat(
        CATCH_CASES.format(forged="[{'value': {'number': '9' * 10**4}}] * 9"), says="cannot be read"
    ),
    "a list that would fill memory as an array": cheat(
        CATCH_CASES.format(forged="[{'value': {'list': ['x' * 10**6] + [True] * 10**5}}]")
    ),
    "the graded cell asked for twice": cheat("for k in range(100): ex.softmax.check(softmax)"),
    "kill of the parent": cell("import os\nos.kill(os.getppid(), 9)", 1, "graded"),
    "kill of everything": cell("import os\nos.kill(-1, 9)", 1),
    "kill of every number": cell(
        "import os\nfor pid in range(2, 2**16):\n    try: os.kill(pid, 9)\n    except OSError: pass", 1
    ),
    "tracing of the parent": cell(
        "import ctypes\nassert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == -1\nassert ctypes.CDLL(None).ptrace(16, 2, 0, 0) == -1",
        1,
    ),
    "a conftest.py left behind": cheat(
        "text = 'def pytest_runtest_makereport(): raise SystemExit'\n"
        "for name in ('conftest.py', 'sitecustomize.py', 'pytest.ini'):\n"
        "    open(name, 'w').write(text)"
    ),
    "a trace function": cheat("import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)"),
    "a forged answer cell in the notebook's text": answer("get_ipython().set_next_input('✓ 0.1 softmax')\n" + WRONG),
    "a marker for nbval": answer("# NBVAL_SKIP\n" + WRONG),
    "a marker for exceptions": answer("# NBVAL_RAISES_EXCEPTION\n# NBVAL_IGNORE_OUTPUT\n" + WRONG),
    "imports replaced": cheat("import sys\nfor name in list(sys.modules): sys.modules[name] = None", "graded"),
}

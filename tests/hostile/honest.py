"""Honest work that trips lesser graders; each must get full marks."""

from .submission import RIGHT, answer, cell

__all__ = ["CASES"]


def honest(own="", source=RIGHT):
    return cell(own, 1, answer=source)


CASES = {
    "plain": honest(),
    "a warning on stderr": honest(
        "import warnings\nwarnings.warn('look')\nimport sys\nprint('careful', file=sys.stderr)"
    ),
    "a warning inside the answer": answer(
        "import warnings\n" + RIGHT.replace("    e =", "    warnings.warn('hm')\n    e ="), 1
    ),
    "prints inside the answer": answer(RIGHT.replace("    e =", "    print(a.shape)\n    e ="), 1),
    "an own cell that fails": honest("1 / 0"),
    "an own cell that does not parse": honest("def f(:"),
    "a plot": honest("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()"),
    "many plots": honest("import matplotlib.pyplot as plt\nfor k in range(30): plt.figure(); plt.plot([k])"),
    "magics": honest("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%time x = 3\nassert x == 3"),
    "a cell magic": honest("%%time\ny = 4"),
    "a shell command": honest("!pip install nothing\nfiles = !ls\n%pip install nothing"),
    "help": honest("softmax?\nnp.exp?"),
    "display": honest("from IPython.display import display, HTML\ndisplay(HTML('<b>hi</b>'))\ndisplay(3)"),
    "top-level await": honest("import asyncio\nawait asyncio.sleep(0)"),
    "a helper in an own cell": honest(
        "def shifted(a): return np.exp(a - a.max(-1, keepdims=True))",
        "def softmax(a):\n    e = shifted(a)\n    return e / e.sum(-1, keepdims=True)",
    ),
    "a dataclass and types": honest(
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\nassert P().x == 1"
    ),
    "a lambda": answer(
        "softmax = lambda a: (lambda e: e / e.sum(-1, keepdims=True))(np.exp(a - a.max(-1, keepdims=True)))", 1
    ),
    "a callable object": answer(
        "class S:\n    def __call__(self, a):\n        e = np.exp(a - a.max(-1, keepdims=True))\n"
        "        return e / e.sum(-1, keepdims=True)\nsoftmax = S()",
        1,
    ),
    "other names of arguments": answer(
        RIGHT.replace("(a)", "(scores)").replace("a.max", "scores.max").replace("exp(a", "exp(scores"), 1
    ),
    "nested lists": answer(
        RIGHT.replace(
            "return e / e.sum(axis=-1, keepdims=True)",
            "return (e / e.sum(axis=-1, keepdims=True)).astype(float).tolist()",
        ),
        1,
    ),
    "big-endian numbers": answer(
        RIGHT.replace("return e / e", "return (e / e")
        .replace("True)\n", "True)).astype('>f8')\n")
        .replace("keepdims=True)).astype('>f8')\n    return", "keepdims=True))\n    return"),
        1,
    ),
    "an answer that is decorated": answer(
        "import functools\n@functools.cache\ndef nothing(): return 1\n@(lambda f: f)\n" + RIGHT, 1
    ),
    "files of its own": honest("open('notes.txt', 'w').write('hi')\nassert open('notes.txt').read() == 'hi'"),
    "a temporary folder": honest(
        "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()"
    ),
    "a process of its own": honest(
        "import subprocess\nassert subprocess.run(['/bin/echo', 'hi'], capture_output=True).stdout == b'hi\\n'"
    ),
    "several processes": honest("import os\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)"),
    "threads": honest(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as t: assert list(t.map(abs, [-1, 2])) == [1, 2]"
    ),
    "logging": honest("import logging\nlogging.basicConfig(level=logging.DEBUG)\nlogging.info('hello')"),
    "a progress bar": honest("from tqdm.auto import tqdm\nfor k in tqdm(range(3)): pass"),
    "the source of its own function": honest("import inspect\nassert 'def softmax' in inspect.getsource(softmax)"),
    "input from the keyboard": honest("name = input('who? ')"),
    "a check of its own": honest("ex.softmax.check(softmax)\nex.softmax.hint()\nex.softmax.stub()"),
    "the reference, before the check": honest("print(ex.softmax(np.ones(3)))"),
    "letters of all alphabets": honest("σ = 'naïve 🙂 中文'\nprint(σ)"),
    "data of the course": honest("from course_utils import corpora\nfrom course_utils.tasks import grammar"),
}

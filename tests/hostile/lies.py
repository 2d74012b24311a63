"""Answers that are wrong and look right to a trusting comparison."""

from .submission import RIGHT, answer, cell

__all__ = ["CASES"]

LIAR = """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return np.zeros(1)
    __rsub__ = __sub__
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    def __array_ufunc__(self, *a, **k): return np.zeros(1)
"""
SHAPES = """
class Shaped(np.ndarray):
    shape = property(lambda self: (5,))
    dtype = property(lambda self: np.dtype("float64"))
    def tobytes(self): return bytes(40)
"""


def returns(expression, says="", before="", points=0):
    """An answer that returns this."""
    return answer(f"{before}\ndef softmax(a):\n    return {expression}\n", points, says=says)


CASES = {
    "an array that equals everything": returns("a.view(Liar)", before=LIAR),
    "an array that claims a shape": returns("a.view(Shaped)", before=SHAPES),
    "an object with __array__": returns(
        "Pretends()", "expected", "class Pretends:\n    def __array__(self, *a, **k): return np.ones(5) / 5"
    ),
    "an object that equals everything": returns(
        "Yes()",
        "returns a Yes",
        "class Yes:\n    __eq__ = __le__ = lambda *a: True\n    shape = (5,)\n    dtype = np.dtype(float)",
    ),
    "a number that lies": returns(
        "Number(1)", "", "class Number(float):\n    __eq__ = lambda *a: True\n    __hash__ = float.__hash__"
    ),
    "a list that lies": returns(
        "Long([])", "", "class Long(list):\n    __len__ = lambda s: 5\n    __eq__ = lambda *a: True"
    ),
    "a tensor that lies": returns(
        "Tensor()",
        "",
        "class Tensor:\n    detach = cpu = lambda self: self\n    def __array__(self, *a, **k): return np.ones(3)",
    ),
    "nan": returns("np.full_like(a, np.nan)", "nan"),
    "a nan among right numbers": answer(RIGHT.replace("return e / ", "e.flat[0] = np.nan\n    return e / "), 0),
    "infinity": returns("np.full_like(a, np.inf)"),
    "nothing": returns("None", "returns None"),
    "an empty array": returns("np.array([])", "expected shape"),
    "an empty array with the right last axis": returns("np.zeros((0, a.shape[-1]))", "expected shape"),
    "a number for an array": returns("0.2", "expected shape"),
    "an array without axes": returns("np.array(0.2)", "expected shape"),
    "one axis too many": answer(
        RIGHT.replace("return e", "return (e")
        .replace("keepdims=True)\n", "keepdims=True))[None]\n")
        .replace("(np.exp", "np.exp"),
        0,
    ),
    "objects in an array": returns("a.astype(object)", "array of object"),
    "text in an array": returns("a.astype(str)"),
    "a record array": returns("np.zeros(a.shape, dtype=[('x', float)])"),
    "dates": returns("np.zeros(a.shape, dtype='datetime64[s]')"),
    "a masked array": returns("np.ma.masked_all(a.shape)"),
    "a matrix": returns("np.matrix(a.reshape(-1, a.shape[-1]))"),
    "complex numbers": answer(RIGHT.replace("return e", "return (1 + 0j) * e"), 0, says="complex"),
    "true and false": returns("np.ones(a.shape, bool)", "True and False"),
    "lists of unequal length": returns("[[1.0], [1.0, 2.0]]"),
    "a generator": returns("(x for x in a)", "generator"),
    "a function": returns("lambda: a"),
    "NotImplemented": returns("NotImplemented"),
    "single precision": answer(
        RIGHT.replace("np.exp(a - a", "np.exp((a - a").replace(
            "keepdims=True))\n", "keepdims=True)).astype('f4'))\n", 1
        )
    ),
    "inputs changed in place": answer(
        RIGHT.replace("    e =", "    a[...] = a - a.max(axis=-1, keepdims=True)\n    e ="), 0, says="it was given"
    ),
    "inputs changed and put back later": answer(
        "import threading\n"
        + RIGHT.replace(
            "    e =",
            "    kept = a.copy(); a[...] = 0; threading.Timer(5, lambda: a.__setitem__(..., kept)).start(); a = kept\n    e =",
        ),
        0,
        says="it was given",
    ),
    "a poisoned random generator": cell(
        "np.random.seed(0)\nnp.random.default_rng = lambda *a: None\nnp.random.Generator = None",
        0,
        answer="def softmax(a):\n    return a",
    ),
    "an error that cannot be printed": returns(
        "1 / Bad()",
        "",
        "class Bad:\n    def __rtruediv__(self, other): raise Worse\n"
        "class Worse(Exception):\n    def __str__(self): raise ValueError",
    ),
    "an exception that is not one": returns("stop()", "", "def stop(): raise BaseException('x')"),
    "a lone surrogate": returns("'\\ud800'"),
    "html in an error": returns("1 / 0", "ZeroDivisionError", "class ZeroDivisionError(Exception): pass"),
    "right the first time only": answer(
        "count = [0]\n" + RIGHT.replace("    e =", "    count[0] += 1\n    if count[0] > 1: return a\n    e =", 1), 0
    ),
}

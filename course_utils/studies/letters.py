"""Letters in place of numbers: what arithmetic and NumPy do to a Letter is written down.

    >>> x, W, b = Letter("x"), Letter("W"), Letter("b")
    >>> str(np.tanh(x @ W + b))
    'tanh(x W + b)'

Sums with 0, products by 1 and 1 - (1 - a) are worked out; 0.5 + 0.5 tanh(0.5 a), which is how the cells compute it, is
written σ(a). What is done to a Stack is done to each of its Letters.
"""

import numpy as np

__all__ = ["Letter", "Stack", "written"]

SUM, PRODUCT, FACTOR = 0, 1, 2  # how tightly the parts of an expression hold together


class Letter:
    """An expression: texts and Letters in a row, the latter with the binding that their place asks for."""

    __array_priority__ = 100
    dtype = np.dtype(float)

    def __init__(self, *parts, binds=FACTOR, halves=None, tanh_of=None, one_minus=None):
        self.parts, self.binds, self.one_minus = parts, binds, one_minus
        self.halves, self.tanh_of = halves, tanh_of  # to know σ(a) = 0.5 + 0.5 tanh(0.5 a) when it comes along

    def __add__(self, other):
        if _is(other, 0.5) and self.halves and self.halves.tanh_of and self.halves.tanh_of.halves:
            return Letter("σ(", (self.halves.tanh_of.halves, SUM), ")")
        return self if _is(other, 0) else Letter((self, SUM), " + ", (other, SUM), binds=SUM)

    __radd__ = __add__

    def __sub__(self, other):
        return Letter((self, SUM), " - ", (other, PRODUCT), binds=SUM)

    def __rsub__(self, other):
        if self.one_minus and _is(other, 1):
            return self.one_minus
        return Letter((other, SUM), " - ", (self, PRODUCT), binds=SUM, one_minus=self if _is(other, 1) else None)

    def __mul__(self, other):
        return self if _is(other, 1) else Letter((self, PRODUCT), " ⊙ ", (other, PRODUCT), binds=PRODUCT)

    def __rmul__(self, other):
        if _is(other, 1):
            return self
        halves = self if _is(other, 0.5) else None
        return Letter((other, PRODUCT), " ⊙ ", (self, PRODUCT), binds=PRODUCT, halves=halves)

    def __pow__(self, exponent):
        return 1 if exponent == 0 else Letter((self, FACTOR), f"^{exponent}")

    def __matmul__(self, W):
        if isinstance(W, Stack):
            return Stack([self @ w for w in W])
        return Letter((self, FACTOR), " ", (W if isinstance(W, Letter) else Letter("I"), FACTOR), binds=PRODUCT)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        name = {"maximum": "relu"}.get(ufunc.__name__, ufunc.__name__)
        return Letter(f"{name}(", (inputs[0], SUM), ")", tanh_of=inputs[0] if ufunc is np.tanh else None)

    def __array_function__(self, function, types, arguments, options):
        return Stack(arguments[0])

    def __str__(self):
        return written(self)

    def inner(self):
        """The expressions that this one is made of."""
        return [part[0] for part in self.parts if isinstance(part, tuple) and isinstance(part[0], Letter)]


class Stack(list):
    """Letters on a first axis, as the gates of W_x (G, D, H): what is done to the stack is done to each of them."""

    __array_priority__ = 200
    shape, dtype = (1, 1, 1), np.dtype(float)

    def __getitem__(self, k):
        if isinstance(k, tuple):
            return self[k[0]][k[1]]
        return Stack(super().__getitem__(k)) if isinstance(k, slice) else super().__getitem__(k)

    def __add__(self, other):
        return Stack([a + b for a, b in zip(self, other, strict=True)])

    def __radd__(self, number):
        return Stack([number + a for a in self])

    def __rmul__(self, number):
        return Stack([number * a for a in self])

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return Stack([ufunc(a) for a in self])


def written(a, names=()):
    """An expression as text; every part whose id is in `names` (a dictionary) is called by its name there."""
    return "".join(part if isinstance(part, str) else _placed(*part, dict(names)) for part in a.parts)


def _placed(a, binding, names):
    """An operand by its name, or written out, in parentheses where its place asks for a tighter binding."""
    if not isinstance(a, Letter):
        return str(a)
    if id(a) in names:
        return names[id(a)]
    text = written(a, names)
    return f"({text})" if a.binds < binding else text


def _is(a, number):
    return isinstance(a, int | float) and a == number

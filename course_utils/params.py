"""A model's parameters are named arrays: a NamedTuple of arrays, or of further such tuples (cell, read-out).

Gradients, momenta and moments have the same shape as the parameters, so one function serves them all:
`tree_map(f, params, grads)` applies f to every pair of arrays and returns a record of the same form.
"""

import numpy as np

__all__ = ["as_dtype", "named_arrays", "number_of_parameters", "tree_map"]


def tree_map(f, tree, *others):
    """f applied to every array of `tree` (and the arrays at the same place in `others`), in a record of the same form.

    >>> tree_map(lambda w, dw: w - 0.1 * dw, params, grads)

    Raises ValueError when the records differ in form, or two arrays at the same place in shape.
    """
    for other in others:
        same_kind = type(other) is type(tree) and isinstance(tree, tuple) and len(other) == len(tree)
        if not same_kind and _form(other) != _form(tree):
            raise ValueError(
                f"the records differ: {_described(tree)} against {_described(other)}; "
                "give gradients in the same NamedTuple as the parameters, and in the same shapes"
            )
    if not isinstance(tree, tuple):
        return f(tree, *others)
    children = [tree_map(f, *branch) for branch in zip(tree, *others, strict=True)]
    return type(tree)(*children) if hasattr(tree, "_fields") else tuple(children)


def named_arrays(tree, prefix=""):
    """A dictionary from dotted names ("cell.W_hh") to the arrays of a record, in order."""
    if not isinstance(tree, tuple):
        return {prefix: tree}
    names = getattr(tree, "_fields", range(len(tree)))
    found = {}
    for name, branch in zip(names, tree, strict=True):
        found |= named_arrays(branch, f"{prefix}.{name}" if prefix else str(name))
    return found


def number_of_parameters(tree):
    """How many numbers a record of arrays holds."""
    return sum(int(np.prod(a.shape)) for a in named_arrays(tree).values())


def as_dtype(tree, dtype):
    """The record with every array copied into `dtype`."""
    return tree_map(lambda a: np.array(a, dtype=dtype), tree)


def _form(tree):
    """What two records must agree in: field names, or the shape of an array."""
    if not isinstance(tree, tuple):
        return getattr(tree, "shape", ())
    return tuple(getattr(tree, "_fields", range(len(tree)))), None  # None: no array's shape looks like this


def _described(tree):
    if not isinstance(tree, tuple):
        return f"an array {getattr(tree, 'shape', ())}"
    return f"{type(tree).__name__}({', '.join(map(str, getattr(tree, '_fields', range(len(tree)))))})"

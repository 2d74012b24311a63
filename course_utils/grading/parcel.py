"""A case on its way to a caged child: its arguments pickled by the grader, with functions of the exercises taken apart.

The child cannot import the exercises, so a function that is defined there (a loss to differentiate, say) travels as its code
with the globals it uses; a record class as its name and fields. References never travel: an exercise that gets among the
arguments is refused. The grader makes parcels and never opens one.
"""

import builtins
import importlib
import io
import marshal
import pickle
import types
from collections import namedtuple

from ..exercises.definition import Exercise

__all__ = ["pack", "rebuild_function", "rebuild_record", "rebuild_tensor", "unpack"]

EXERCISES = "course_utils.exercises."
TORCH = ("torch", "torch.nn.parameter")
DTYPES = ("bool", "float32", "float64", "int64", "uint8")  # that NumPy has under the same name


def pack(value, references=False):
    """The bytes of a value for `unpack`. Raises TypeError if it holds an exercise or what cannot be taken apart.

    references: let an exercise travel as its reference; for processes that run none of the student's code.
    """
    buffer = io.BytesIO()
    try:
        (_PackerOfReferences if references else _Packer)(buffer, protocol=5).dump(value)
    except (pickle.PicklingError, AttributeError) as error:
        raise TypeError(
            f"{value!r:.80} cannot be sent to a caged child ({error}); use plain data or functions"
        ) from error
    return buffer.getvalue()


def unpack(data):
    """The value again, fresh at each call."""
    return pickle.loads(data)


class _Packer(pickle.Pickler):
    def reducer_override(self, thing):
        if isinstance(thing, Exercise):
            raise TypeError(
                f"{thing!r} is among the arguments of a case: a reference must not reach the student's process"
            )
        if type(thing).__module__ in TORCH and type(thing).__name__ in ("Parameter", "Tensor") and _is_plain(thing):
            return _flat(thing)
        if isinstance(thing, types.FunctionType) and not _importable(thing):
            return _taken_apart(thing)
        if isinstance(thing, type) and issubclass(thing, tuple) and thing.__module__.startswith(EXERCISES):
            return rebuild_record, (thing.__name__, tuple(thing._fields))
        return NotImplemented


class _PackerOfReferences(_Packer):
    def reducer_override(self, thing):
        return _taken_apart(thing.reference) if isinstance(thing, Exercise) else super().reducer_override(thing)


def _is_plain(tensor):
    """Whether a tensor is its numbers and no more: torch's own pickles take many times as long to open."""
    no_more = tensor.is_leaf and tensor.grad is None and tensor.device.type == "cpu" and not vars(tensor)
    no_more = no_more and str(tensor.dtype).removeprefix("torch.") in DTYPES
    return no_more and tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()


def _flat(tensor):
    numbers = tensor.detach().as_strided((tensor.numel(),), (1,), 0).numpy()
    kind = type(tensor).__name__ == "Parameter", tensor.requires_grad
    return rebuild_tensor, (numbers, tuple(tensor.shape), tensor.stride(), *kind)


def _importable(function):
    """Whether the child can import the function by its name."""
    if function.__module__.startswith((EXERCISES, "__main__")) or "<" in function.__qualname__:
        return False
    return getattr(importlib.import_module(function.__module__), function.__name__, None) is function


def _taken_apart(function):
    code, scope = function.__code__, function.__globals__
    used = {name: _content(scope[name]) for name in _names(code) if name in scope}
    closure = tuple(cell.cell_contents for cell in function.__closure__ or ())
    return rebuild_function, (marshal.dumps(code), function.__name__, used, function.__defaults__, closure)


def _content(value):
    return ("module", value.__name__) if isinstance(value, types.ModuleType) else ("value", value)


def _names(code):
    """Global names that a function or a function inside it may read."""
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def rebuild_function(code, name, used, defaults, closure):
    """A function from what `_taken_apart` made of it."""
    scope = {"__builtins__": builtins, "__name__": "parcel"}
    scope |= {key: importlib.import_module(v) if kind == "module" else v for key, (kind, v) in used.items()}
    cells = tuple(types.CellType(content) for content in closure)
    return types.FunctionType(marshal.loads(code), scope, name, defaults, cells)


def rebuild_tensor(numbers, shape, strides, is_parameter, requires_grad):
    """A torch tensor from its numbers in the order of its memory."""
    import torch

    flat = torch.from_numpy(numbers)
    tensor = torch.empty(0, dtype=flat.dtype).set_(flat.untyped_storage(), 0, shape, strides)
    return torch.nn.Parameter(tensor, requires_grad) if is_parameter else tensor.requires_grad_(requires_grad)


def rebuild_record(name, fields):
    """A named tuple's class."""
    return namedtuple(name, fields)

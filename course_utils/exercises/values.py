"""What a student's function returned, as plain data: it can be written as JSON, and reading it back runs nothing.

Arrays keep shape, dtype and every bit; torch tensors count as arrays; tuples count as lists, and so do named tuples, which
keep their fields' names. An object of any other kind is kept as its type's name alone.
"""

import base64
import hashlib
import json
import math
from typing import NamedTuple

import numpy as np

__all__ = ["LIMIT", "Foreign", "Record", "TooLarge", "decode", "encode", "fingerprint"]

LIMIT = 20_000_000  # bytes in one array or characters in one text; no answer of the course comes near it
LONGEST = 1_000_000  # values in one list or dictionary


class Foreign(NamedTuple):
    """Stands for an object that is not plain data; `type` is its type's name."""

    type: str


class Record(list):
    """The values of a named tuple; `names` are its fields."""

    def __init__(self, values, names):
        super().__init__(values)
        self.names = names


class TooLarge(ValueError):
    """An answer that is larger than any answer of the course."""


def encode(value):
    """A value as JSON-ready data. Raises TooLarge beyond LIMIT; anything that is not plain data becomes Foreign."""
    if value is None or isinstance(value, bool | str):
        return _limited(value)
    if isinstance(value, int | float):
        return {"number": repr(float(value)) if isinstance(value, float) else str(int(value))}
    if isinstance(value, list | tuple):
        return {"list": [encode(item) for item in _limited(value)]} | _names(value)
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in _limited(value).items()]}
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a torch tensor, known without importing torch
        value = np.asarray(value.detach().cpu())
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value))
    return {"foreign": type(value).__name__}


def decode(data):
    """The value that `encode` turned into data. Raises ValueError for data that encode cannot have made."""
    if data is None or isinstance(data, bool | str):
        return data
    if not isinstance(data, dict) or not data:
        raise ValueError(f"not a recorded value: {str(data)[:60]!r}")
    kind, content = next(iter(data.items()))
    if kind == "number":
        return int(content) if content.lstrip("-").isdecimal() else float(content)
    if kind == "list":
        values, names = [decode(item) for item in content], data.get("names")
        return Record(values, tuple(map(str, names))) if isinstance(names, list) else values
    if kind == "dict":
        return {_hashable(decode(key)): decode(item) for key, item in content}
    if kind == "array":
        return _decode_array(content, data["dtype"], data["shape"])
    if kind == "foreign":
        return Foreign(str(content))
    raise ValueError(f"not a recorded value: {kind[:60]!r}")


def fingerprint(args, kwargs):
    """A short text for each argument, equal where all its bits are equal. Random generators may move on: theirs is constant."""
    return [_digest(value) for value in (*args, *kwargs.values())]


def _digest(value):
    if isinstance(value, np.random.Generator):
        return "generator"
    try:
        return hashlib.blake2b(json.dumps(encode(value)).encode(), digest_size=12).hexdigest()
    except TooLarge:
        return "too large"


def _names(value):
    """The fields of a named tuple."""
    fields = getattr(value, "_fields", None)
    return {"names": [*map(str, fields)]} if isinstance(fields, tuple) else {}


def _encode_array(a):
    if a.dtype.kind not in "biufc":
        return {"foreign": f"array of {a.dtype}"} if a.dtype.kind not in "US" else encode(a.tolist())
    if a.nbytes > LIMIT:
        raise TooLarge(f"an array of {a.nbytes:,} bytes")
    little = a.astype(a.dtype.newbyteorder("<"), copy=False)
    return {"array": base64.b64encode(little.tobytes()).decode(), "dtype": a.dtype.name, "shape": list(a.shape)}


def _decode_array(content, dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        raise ValueError(f"not the dtype of a recorded array: {dtype}")
    raw = base64.b64decode(content, validate=True)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise ValueError("a recorded array whose length does not fit its shape")
    return np.frombuffer(raw, dtype.newbyteorder("<")).reshape(shape).astype(dtype)


def _limited(value):
    if isinstance(value, str) and len(value) > LIMIT:
        raise TooLarge(f"a text of {len(value):,} characters")
    if isinstance(value, list | tuple | dict) and len(value) > LONGEST:
        raise TooLarge(f"{len(value):,} values")
    return value


def _hashable(key):
    return tuple(map(_hashable, key)) if isinstance(key, list) else key

"""Do two recorded values agree? If not, the first difference in words, from coarse to fine: kind, shape, finite, numbers.

The reference decides what is expected. A list of numbers passes for an array and a float for a whole number it equals;
a missing axis or an extra one never passes, nor does nan. float64 is compared to nine digits, float32 to four. No
reference returns nan, so nan is never right; that nan agrees with nan serves to recognise recorded mistakes.
"""

import numpy as np

from .values import Foreign

__all__ = ["difference"]

TOLERANCE = {np.dtype("float16"): 1e-2, np.dtype("float32"): 2e-4, np.dtype("complex64"): 2e-4}
FLOAT64 = 1e-9


def difference(expected, got, scale=1.0, names=()):
    """None if `got` agrees with `expected`, or the difference in words.

    scale > 1 loosens the tolerance; names: of the values, where `expected` is a list. A record brings its own.
    """
    if got is None and expected is not None:
        return "it returns None: does it end with `return`?"
    if isinstance(got, Foreign):
        return f"it returns a {got.type}, expected {_kind(expected)}"
    return _difference(expected, got, scale, names)


def _difference(expected, got, scale, names=()):
    """The same, for values at any depth."""
    expected, got = _plain_bool(expected), _plain_bool(got)
    if isinstance(got, Foreign) or (got is None and expected is not None):
        return f"expected {_kind(expected)}, got {f'a {got.type}' if got else None}"
    if isinstance(expected, str | bool) or expected is None:
        return None if type(got) is type(expected) and got == expected else f"expected {expected!r}, got {_short(got)}"
    if isinstance(expected, dict):
        return _dict_difference(expected, got, scale)
    if isinstance(expected, list):
        return _list_difference(expected, got, scale, getattr(expected, "names", names))
    return _array_difference(np.asarray(expected), got, scale)


def _plain_bool(value):
    return bool(value) if isinstance(value, np.ndarray) and not value.ndim and value.dtype.kind == "b" else value


def _dict_difference(expected, got, scale):
    if not isinstance(got, dict):
        return f"expected a dictionary, got {_kind(got)}"
    if expected.keys() != got.keys():
        return f"expected the keys {_short(list(expected))}, got {_short(list(got))}"
    found = (_difference(expected[key], got[key], scale) for key in expected)
    return next((f"at key {key!r}, {text}" for key, text in zip(expected, found, strict=True) if text), None)


def _list_difference(expected, got, scale, names):
    if isinstance(got, np.ndarray) and got.ndim and not any(isinstance(e, list | str) for e in expected):
        got = list(got)
    n, called = len(expected), f" ({', '.join(names)})" if names else ""
    if not isinstance(got, list):
        return f"expected {n} values{called}, got {_kind(got)}"
    if len(got) != n:
        return f"expected {n} values{called}, got {len(got)}"
    found = (_difference(e, g, scale) for e, g in zip(expected, got, strict=True))
    wrong = next(((k, text) for k, text in enumerate(found) if text), None)
    return wrong and f"in {_place(wrong[0], n, names)}, {wrong[1]}"


def _place(k, n, names):
    """Which of n values: by its name, if there is one."""
    return f"{names[k]} (value {k + 1} of {n})" if len(names) == n else f"value {k + 1} of {n}"


def _array_difference(expected, got, scale):
    if isinstance(got, list):
        if not _all_numbers(got):  # before NumPy makes one array of it, as large as its largest text times their number
            return f"expected {_kind(expected)}, got {_kind(got)} that are not all numbers"
        try:
            got = np.array(got)
        except ValueError:
            return f"expected {_kind(expected)}, got lists of unequal length"
    got = np.asarray(got)
    if got.dtype.kind not in "biufc":
        return f"expected {_kind(expected)}, got {_kind(got.tolist())}"
    if got.shape != expected.shape:
        return (
            f"expected shape {expected.shape}, got {got.shape}"
            if expected.ndim
            else f"expected one number, got shape {got.shape}"
        )
    if got.dtype.kind == "c" and expected.dtype.kind != "c":
        return f"expected {_kind(expected)}, got complex numbers"
    if got.dtype.kind == "b" and expected.dtype.kind != "b":
        return f"expected {_kind(expected)}, got True and False"
    wrong = np.isfinite(expected) & ~np.isfinite(got)
    if wrong.any():
        return f"it gives {got[wrong].flat[0]} where {_number(expected[wrong].flat[0])} is expected"
    return _number_difference(expected, got, scale)


def _number_difference(expected, got, scale):
    tolerance = TOLERANCE.get(expected.dtype, FLOAT64) * scale
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(got - expected) if expected.dtype.kind != "b" else (got != expected).astype(float)
        size = np.abs(expected.astype(np.result_type(expected.dtype, np.float64)))
        close = (off <= tolerance * (1e-2 + size)) & np.isfinite(expected)
        wrong = ~(close | (got == expected) | (np.isnan(got) & np.isnan(expected)))
    if not wrong.any():
        return None
    if expected.dtype == np.float64 and (off[wrong] <= np.where(size < np.inf, 1e-5 * (1e-2 + size), 0)[wrong]).all():
        return "right to six digits only: somewhere it computes in float32, the inputs are float64"
    where = np.unravel_index(np.argmax(wrong), wrong.shape)
    place = f" at {list(map(int, where))}" if where else ""
    return f"expected {_number(expected[where])}{place}, got {_number(got[where])}"


def _all_numbers(value):
    """Whether nested lists hold nothing but numbers and arrays of numbers."""
    if isinstance(value, list):
        return all(map(_all_numbers, value))
    return isinstance(value, int | float | np.ndarray)


def _number(x):
    return f"{x:.6g}" if np.asarray(x).dtype.kind in "fc" else str(x)


def _kind(value):
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array {value.shape}"
    if isinstance(value, list):
        return f"{len(value)} values"
    if isinstance(value, dict | str):
        return "a dictionary" if isinstance(value, dict) else "a text"
    return "nothing" if value is None else "one number"


def _short(value):
    text = _kind(value) if isinstance(value, np.ndarray) and value.ndim else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

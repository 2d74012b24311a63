"""The check itself: what it says to every kind of slip, and that nothing but the right values passes."""

import json
from collections import namedtuple

import numpy as np
import pytest

from course_utils.exercises.compare import difference
from course_utils.exercises.definition import RECORD, SEED_VARIABLE, case, exercise
from course_utils.exercises.judge import judge
from course_utils.exercises.record import record
from course_utils.exercises.values import LIMIT, LONGEST, Foreign, TooLarge, decode, encode


@exercise("9.1", points=2, hints=("one", "two", "three"))
def double(x, scale=1.0):
    """Twice x times scale; x (N,)."""
    return 2 * x * scale


@double.cases
def _(rng):
    yield case("a vector", rng.standard_normal(3))
    yield case("with a scale", rng.standard_normal(4), scale=rng.random())
    yield case("thirty numbers", rng.standard_normal(30))


@double.mistake("that is the square, not the double")
def _(x, scale=1.0):
    return x**2 * scale


@exercise("9.2", points=1, hints=("one", "two", "three"))
def answer_to_everything():
    """A number."""
    return 42


@answer_to_everything.mistake("that is the question")
def _():
    return 6 * 9


def line(answer, chosen=double):
    return judge(chosen, record(chosen, answer, 1), 1).line


notebook_variable = np.ones(3)


def reads_a_global(x, scale=1.0):
    return 3 * notebook_variable


def in_place(x, scale=1.0):
    x *= 2 * scale
    return x


def stops(x, scale=1.0):
    return x[99]


def half_done(x, scale=1.0):
    if len(x) < 10:
        return 2 * x * scale
    raise NotImplementedError


SLIPS = [
    (lambda x, scale=1.0: 2 * x * scale, "✓ 9.1 double"),
    (lambda x, scale=1.0: [float(2 * v * scale) for v in x], "✓ 9.1 double"),
    (lambda x, scale=1.0: x * x * scale, "✗ 9.1 double: that is the square, not the double"),
    (lambda x, scale=1.0: 2 * x, "✗ 9.1 double: with a scale: expected "),
    (lambda x, scale=1.0: None, "✗ 9.1 double: a vector: it returns None: does it end with `return`?"),
    (lambda x, scale=1.0: (2 * x * scale)[None], "✗ 9.1 double: a vector: expected shape (3,), got (1, 3)"),
    (lambda x, scale=1.0: 2.0, "✗ 9.1 double: a vector: expected shape (3,), got ()"),
    (lambda x, scale=1.0: "six", "✗ 9.1 double: a vector: expected an array (3,), got a text"),
    (lambda x, scale=1.0: {1: x}, "✗ 9.1 double: a vector: expected an array (3,), got a dictionary"),
    (lambda x, scale=1.0: object(), "✗ 9.1 double: a vector: it returns a object, expected an array (3,)"),
    (lambda x, scale=1.0: x * np.nan, "✗ 9.1 double: a vector: it gives nan where "),
    (lambda x, scale=1.0: x / 0, "✗ 9.1 double: a vector: it gives "),
    (lambda x, scale=1.0: 2 * x.astype(np.float32) * np.float32(scale), "right to six digits only"),
    (lambda x: 2 * x, "✗ 9.1 double: with a scale: your code stops with TypeError"),
    (lambda x, scale=1.0: x > 0, "got True and False"),
    (lambda x, scale=1.0: np.zeros(30_000_000), "it returns an array of 240,000,000 bytes"),
    (stops, "your code stops with IndexError: index 99 is out of bounds"),
    (in_place, "✗ 9.1 double: a vector: it changes its argument x in place; work on a copy"),
    (half_done, "✗ 9.1 double: thirty numbers: it still reaches the line `raise NotImplementedError`"),
    (reads_a_global, "(it reads the notebook's variable notebook_variable: use the arguments)"),
    (7, "✗ 9.1 double: a vector: your code stops with TypeError: double is not a function"),
]


@pytest.mark.parametrize("answer, expected", SLIPS)
def test_every_kind_of_slip_gets_its_line(answer, expected):
    assert expected in line(answer)
    assert "\n" not in line(answer)


def test_the_line_number_is_that_of_the_students_own_cell():
    code = compile("def answer(x, scale=1.0):\n    y = x\n    return y[99]\n", "<cell>", "exec")
    scope = {}
    exec(code, scope)
    assert "(line 3 of its cell)" in line(scope["answer"])


def test_an_answer_that_is_a_value():
    assert line(42, answer_to_everything) == "✓ 9.2 answer_to_everything"
    assert line(42.0, answer_to_everything) == "✓ 9.2 answer_to_everything"
    assert line(54, answer_to_everything).endswith("that is the question")
    assert line(41, answer_to_everything).endswith("the value: expected 42, got 41")
    assert line(None, answer_to_everything).startswith("·")


def test_prints_and_warnings_of_an_answer_stay_silent(capsys, recwarn):
    def noisy(x, scale=1.0):
        print("debugging")
        np.log(np.array(-1.0))
        return 2 * x * scale

    double.check(noisy)
    assert capsys.readouterr().out == "✓ 9.1 double\n"
    assert not recwarn.list


def test_every_seed_gives_other_arguments_and_every_call_fresh_ones():
    first, again, other = double.cases_for(1), double.cases_for(1), double.cases_for(2)
    assert np.array_equal(first[0].args[0], again[0].args[0])
    assert first[0].args[0] is not again[0].args[0]
    assert not np.array_equal(first[0].args[0], other[0].args[0])


def test_a_record_survives_json_and_is_judged_elsewhere_the_same():
    for answer, _ in SLIPS[:4]:
        data = json.loads(json.dumps(record(double, answer, 5)))
        assert judge(double, data, 5) == judge(double, record(double, answer, 5), 5)


def test_values_for_another_seed_earn_nothing():
    assert judge(double, record(double, double.reference, 5), 6).status == "wrong"


FORGED = [
    None,
    [],
    {},
    {"outcomes": []},
    {"outcomes": [1]},
    {"outcomes": [{"value": {"array": "!", "dtype": "O", "shape": []}}]},
]
FORGED += [
    {"outcomes": [{}]},
    {"outcomes": [{"error": "x"}] * 3},
    {"outcomes": [{"value": True}] * 3, "globals": 3},
    "✓",
]


@pytest.mark.parametrize("data", FORGED, ids=str)
def test_a_forged_record_is_never_right(data):
    found = judge(double, data, 1)
    assert found.status != "right"
    assert found.points == 0


def test_a_graded_check_hands_over_values_and_prints_no_verdict(monkeypatch, capsys):
    published = []
    monkeypatch.setattr("course_utils.exercises.definition._publish", published.append)
    monkeypatch.setenv(SEED_VARIABLE, "5")
    double.check(double.reference)
    assert capsys.readouterr().out == ""
    assert published[0][RECORD] == {"exercise": "9.1", "record": record(double, double.reference, 5)}


VALUES = [
    None,
    True,
    3,
    -2.5,
    float("inf"),
    "héllo",
    [1, [2.0, "x"]],
    {"a": 1, (1, 2): [3]},
    np.arange(6).reshape(2, 3),
]
VALUES += [np.float32(0.1), np.zeros((0, 3)), np.array(2 + 1j), np.array([True, False])]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_plain_data_comes_back_bit_by_bit(value):
    back = decode(json.loads(json.dumps(encode(value))))
    if isinstance(value, np.ndarray | np.generic):
        assert back.dtype == value.dtype
        assert back.shape == value.shape
    assert np.array_equal(back, value) if isinstance(value, np.ndarray) else back == value


def test_objects_become_their_types_name_and_giants_are_refused():
    assert decode(encode(object())) == Foreign("object")
    assert decode(encode(np.array([object()]))) == Foreign("array of object")
    for giant in ("x" * (LIMIT + 1), [0] * (LONGEST + 1), dict.fromkeys(range(LONGEST + 1))):
        with pytest.raises(TooLarge):
            encode(giant)


def test_a_torch_tensor_counts_as_an_array():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0, requires_grad=True).reshape(2, 3)
    assert difference(np.arange(6.0, dtype=np.float32).reshape(2, 3), decode(encode(tensor))) is None


DIFFERENCES = [
    (np.zeros((0, 3)), 0.0, "expected shape (0, 3), got ()"),
    (np.float64(1), np.ones(1), "expected one number, got shape (1,)"),
    ([1, 2], [1], "expected 2 values, got 1"),
    ([1.0, 2.0], np.array([1.0, 2.0]), None),
    ([np.zeros(2), 1.0], [np.zeros(2), 2.0], "in value 2 of 2, expected 1, got 2"),
    ({"a": 1}, {"b": 1}, "expected the keys ['a'], got ['b']"),
    ({"a": 1}, {"a": 2}, "at key 'a', expected 1, got 2"),
    ("yes", "no", "expected 'yes', got 'no'"),
    (True, np.array(True), None),
    (True, 1, "expected True, got 1"),
    (3, 3.0, None),
    (np.arange(3), np.array([0, 1, 3]), "expected 2 at [2], got 3"),
    (np.float32(1), np.float64(1.00001), None),
    (np.float64(1), np.float64(1 + 1e-8), "float32"),
    (np.float64(0), np.float64(1e-13), None),
    (np.array([1.0, np.inf]), np.array([1.0, np.inf]), None),
    (np.array([1.0, -np.inf]), np.array([1.0, 0.0]), "expected -inf at [1], got 0"),
    (np.zeros(2), [1, [2, 3]], "lists of unequal length"),
    (1.0, Foreign("set"), "it returns a set, expected one number"),
    (np.zeros(2), None, "it returns None: does it end with `return`?"),
    ([np.zeros(2), 1.0], [None, 1.0], "in value 1 of 2, expected an array (2,), got None"),
    ([np.zeros(2), 1.0], [np.zeros(2), Foreign("set")], "in value 2 of 2, expected one number, got a set"),
    ({"a": 1.0}, {"a": None}, "at key 'a', expected one number, got None"),
]


@pytest.mark.parametrize("expected, got, text", DIFFERENCES)
def test_the_first_difference_is_said_from_coarse_to_fine(expected, got, text):
    found = difference(expected, got)
    assert found is None if text is None else text in found


def test_a_wrong_output_is_called_by_its_name():
    h, c = np.zeros((2, 5)), np.ones((2, 5))
    assert difference([h, c], [h, h], names=("h", "c")) == "in c (value 2 of 2), expected 1 at [0, 0], got 0"
    assert difference([h, c], [h], names=("h", "c")) == "expected 2 values (h, c), got 1"
    state = namedtuple("State", "h c")
    record, wrong = decode(encode([state(h, c), 1])), decode(encode([(h, h), 1]))
    text = "in the state (value 1 of 2), in c (value 2 of 2), expected 1"
    assert difference(record, wrong, names=("the state", "loss")).startswith(text)
    forged = encode((h, h)) | {"names": ["h", {}, 3]}
    assert "(h, c)" not in difference([h, c], decode(forged)), "names come from the reference, not from the answer"

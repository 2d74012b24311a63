"""Cases travel to the cage whole and fresh, and no reference travels with them."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from course_utils.exercises import exercises_of
from course_utils.exercises.values import fingerprint
from course_utils.grading.parcel import pack, unpack

ROOT = pathlib.Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_case_of_every_lesson_travels_whole(lesson):
    for exercise in exercises_of(lesson):
        for case in exercise.cases_for(3):
            args, kwargs = unpack(pack((case.args, case.kwargs)))
            assert fingerprint(args, kwargs) == fingerprint(case.args, case.kwargs), exercise


def test_a_function_of_the_exercises_travels_as_code_and_computes_the_same():
    case = exercises_of("04_bptt")[3].cases_for(3)[1]
    loss, w = case.args[:2]
    data = pack(loss)
    assert unpack(data)(w) == loss(w)
    open_it = "import sys\nfrom course_utils.grading.parcel import unpack\nloss = unpack(sys.stdin.buffer.read())\n"
    open_it += "import numpy as np\nprint(float(loss(np.array([1.5]))))\n"
    open_it += "assert 'course_utils.exercises.bptt' not in sys.modules"
    told = subprocess.run([sys.executable, "-c", open_it], input=data, capture_output=True, cwd=ROOT)
    assert float(told.stdout) == pytest.approx(loss(np.array([1.5]))), told.stderr


def test_closures_and_random_generators_travel():
    k = 3
    assert unpack(pack(lambda x: k * x))(2) == 6
    rng = np.random.default_rng(5)
    assert unpack(pack(rng)).random() == rng.random()


def test_a_reference_among_the_arguments_is_refused():
    softmax = exercises_of("00_start_here")[0]
    for smuggled in (softmax, [softmax], lambda a: softmax(a)):
        with pytest.raises(TypeError, match="a reference must not reach"):
            pack(smuggled)
    assert unpack(pack(softmax, references=True))(np.zeros(2)).tolist() == [0.5, 0.5]


def test_tensors_travel_with_their_layout_and_what_they_are():
    torch = pytest.importorskip("torch")
    model = torch.nn.LSTM(2, 3, bidirectional=True, dtype=torch.float64)
    turned = torch.arange(6).reshape(2, 3).t()
    pair = [turned, turned]
    got_model, got_pair, leaf, part = unpack(pack((model, pair, torch.ones(2, requires_grad=True), torch.ones(4)[1:3])))
    assert (got_pair[0].tolist(), got_pair[0].stride()) == (turned.tolist(), turned.stride())
    assert got_pair[0] is got_pair[1]
    assert (leaf.requires_grad, leaf.is_leaf, part.tolist()) == (True, True, [1.0, 1.0])
    x = torch.ones(4, 1, 2, dtype=torch.float64)
    assert torch.equal(got_model(x)[0], model(x)[0])
    got_model(x)[0].sum().backward()
    assert all(type(w) is torch.nn.Parameter and w.grad is not None for w in got_model.parameters())

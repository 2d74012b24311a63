"""Devices: what is here is found and used in the stated order, what is not is refused by name, and a seed repeats a run."""

import random
import subprocess
import sys
import types

import numpy as np
import pytest

from course_utils.device import DEVICES, available_devices, describe_device, pick_device, seed_everything

torch = pytest.importorskip("torch")


@pytest.fixture
def machine(monkeypatch):
    """A function that makes torch report these kinds of device, with as many of each as given."""

    def pretend(cuda=0, mps=0, xpu=0):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Card {device.index or 0}")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps > 0)
        fake = types.SimpleNamespace(
            is_available=lambda: xpu > 0,
            device_count=lambda: xpu,
            get_device_name=lambda device: f"Chip {device.index or 0}",
        )
        monkeypatch.setattr(torch, "xpu", fake, raising=False)

    return pretend


@pytest.mark.parametrize(
    "present, here",
    [
        ({}, ["cpu"]),
        ({"cuda": 1}, ["cuda", "cpu"]),
        ({"mps": 1}, ["mps", "cpu"]),
        ({"xpu": 2}, ["xpu", "cpu"]),
        ({"cuda": 1, "mps": 1, "xpu": 1}, ["cuda", "mps", "xpu", "cpu"]),
    ],
)
def test_auto_takes_the_first_device_that_is_here(machine, present, here):
    machine(**present)
    assert available_devices() == here
    assert pick_device() == pick_device("auto") == torch.device(here[0])
    for name in here:
        assert pick_device(name) == torch.device(name)


def test_a_torch_without_xpu_is_no_obstacle(machine, monkeypatch):
    machine()
    monkeypatch.delattr(torch, "xpu")
    assert available_devices() == ["cpu"]


def test_one_of_several_cards_can_be_picked(machine):
    machine(cuda=2)
    assert pick_device("cuda:1") == pick_device(torch.device("cuda:1")) == torch.device("cuda", 1)
    with pytest.raises(
        RuntimeError, match="device 'cuda:2' does not exist: this machine has 2 of kind 'cuda', counted"
    ):
        pick_device("cuda:2")
    with pytest.raises(RuntimeError, match="this machine has 1 of kind 'cpu'"):
        pick_device("cpu:1")


@pytest.mark.parametrize("name", ["gpu", "CUDA", "", "cuda:", "cuda:x", "cuda:-1", "cpu:0:1", None])
def test_an_unknown_name_is_refused_with_the_names_there_are(machine, name):
    machine(cuda=1)
    with pytest.raises(
        ValueError, match=r"device must be 'auto' or one of cuda, mps, xpu, cpu \(or such as 'cuda:1'\)"
    ):
        pick_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "xpu"])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(machine, name):
    machine()
    with pytest.raises(RuntimeError, match=f"device '{name}' is not available here; available: cpu. Use 'auto'."):
        pick_device(name)


def test_a_device_is_described_in_one_line(machine):
    machine(cuda=2)
    assert describe_device("cuda:1") == f"cuda:1 (Card 1), torch {torch.__version__}"
    assert describe_device("cpu") == f"cpu ({torch.get_num_threads()} thread), torch {torch.__version__}"
    assert describe_device("mps") == f"mps (Apple GPU), torch {torch.__version__}"
    assert describe_device("xpu") == f"xpu (Chip 0), torch {torch.__version__}"


@pytest.mark.parametrize("name", available_devices())
def test_every_device_that_is_here_computes_and_says_its_name(name):
    device = pick_device(name)
    a = torch.arange(6.0, device=device).reshape(2, 3)
    assert (a @ a.T).cpu().tolist() == [[5, 14], [14, 50]]
    assert a.device.type == name
    assert name in DEVICES
    assert describe_device(device).startswith(name)
    assert "\n" not in describe_device(device)


@pytest.fixture
def generators():
    """The global generators of Python, NumPy and torch are put back after a test that seeds them."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002
    torch.set_rng_state(states[2])


@pytest.mark.parametrize("seed", [0, 7, np.int64(7)], ids=repr)
def test_a_seed_repeats_every_draw_and_leaves_numpy_alone(seed, generators):
    def draws():
        rng = seed_everything(seed)
        return rng.random(), random.random(), torch.rand(1).item()

    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert draws() == draws()
    assert draws()[0] == np.random.default_rng(seed).random()
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_other_seeds_give_other_draws(generators):
    assert len({(seed_everything(s).random(), random.random(), torch.rand(1).item()) for s in range(5)}) == 5


@pytest.mark.parametrize("name", available_devices())
def test_a_seed_repeats_draws_on_every_device_that_is_here(name, generators):
    def draw():
        seed_everything(3)
        return torch.rand(5, device=name).tolist()

    assert draw() == draw()


@pytest.mark.parametrize("seed", [-1, 1.0, "3", None, True])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(ValueError, match=f"seed must be an integer >= 0, got {seed!r}"):
        seed_everything(seed)


def test_seeds_and_import_do_without_torch():
    code = (
        "import sys; from course_utils.device import seed_everything; assert 'torch' not in sys.modules;"
        "sys.modules['torch'] = None; print(seed_everything(5).integers(1000))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) == np.random.default_rng(5).integers(1000)

"""Where torch computes, and how to make a run repeatable. torch is imported only when one of these functions needs it."""

import random

import numpy as np

__all__ = ["DEVICES", "available_devices", "describe_device", "pick_device", "seed_everything"]

DEVICES = ("cuda", "mps", "xpu", "cpu")  # in the order in which "auto" prefers them


def available_devices():
    """The kinds of device that this torch can use here, best first; "cpu" is always among them."""
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    present["xpu"] = hasattr(torch, "xpu") and torch.xpu.is_available()
    return [name for name in DEVICES if present[name]]


def pick_device(name="auto"):
    """A torch.device: "auto" takes the first of cuda, mps, xpu, cpu that is present; "cuda:1" picks one of several.

    Raises ValueError for an unknown name and RuntimeError for a device that is not here; both say what is.
    """
    import torch

    here = available_devices()
    if name == "auto":
        return torch.device(here[0])
    kind, colon, index = str(name).partition(":")
    if kind not in DEVICES or (colon and not index.isdecimal()):
        raise ValueError(f"device must be 'auto' or one of {', '.join(DEVICES)} (or such as 'cuda:1'), got {name!r}")
    if kind not in here:
        raise RuntimeError(f"device {name!r} is not available here; available: {', '.join(here)}. Use 'auto'.")
    how_many = getattr(torch, kind).device_count() if kind in ("cuda", "xpu") else 1
    if index and int(index) >= how_many:
        raise RuntimeError(
            f"device {name!r} does not exist: this machine has {how_many} of kind {kind!r}, counted from 0"
        )
    return torch.device(name)


def describe_device(device):
    """One line for people: which device, and which torch runs on it."""
    import torch

    device = torch.device(device)
    n = torch.get_num_threads()
    what = f"{n} thread{'s' * (n != 1)}" if device.type == "cpu" else "Apple GPU"
    if device.type in ("cuda", "xpu"):
        what = getattr(torch, device.type).get_device_name(device)
    return f"{device} ({what}), torch {torch.__version__}"


def seed_everything(seed):
    """A NumPy generator for `seed`; Python's and torch's own generators (if torch is installed) are seeded too.

    NumPy's global generator is left alone: the course passes its generator wherever numbers are drawn.
    Raises ValueError unless seed is an integer >= 0.
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0, got {seed!r}")
    random.seed(int(seed))
    try:
        import torch
    except ModuleNotFoundError:
        pass
    else:
        torch.manual_seed(int(seed))
    return np.random.default_rng(seed)

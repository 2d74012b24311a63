"""What the numbers were measured on, in general words."""

import os
import platform

import numpy as np
import torch

__all__ = ["machine"]


def machine():
    """A dictionary: processor, cores, the threads that torch uses, versions."""
    return {
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Threads": torch.get_num_threads(),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "torch": torch.__version__.partition("+")[0],
    }


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()

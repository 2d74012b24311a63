"""Any cell over time, forward and backward; around it stacks, masks, noise, scans, and what makes all of it fast.

`forward` and `backward` (loop.py) are the page to read first. A Plan (plan.py) does the same in memory laid out beforehand.
"""

from .loop import Gradients, Run, backward, forward

__all__ = ["Gradients", "Run", "backward", "forward"]

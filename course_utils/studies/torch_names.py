"""Names of torch's classes, for signatures in modules that do not import torch until an answer runs."""

__all__ = ["Module", "Tensor"]


class Tensor:
    """Stands for torch.Tensor in a signature."""


class Module:
    """Stands for torch.nn.Module in a signature."""

"""Pictures. Each function draws one and returns its axes; nothing here computes, seeds or saves."""

from .style import show, use_style

__all__ = ["show", "use_style"]

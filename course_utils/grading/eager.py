"""torch as a lesson uses it, without its compiler: its optimisers import that at their first step, for a second and 70 MB.

They ask it to leave them alone, and no more. A stand-in does that; whoever asks it for anything else gets the compiler.
"""

import importlib
import sys
import types

__all__ = ["without_compiler"]

NAME = "torch._dynamo"


class _Compiler(types.ModuleType):
    """Stands for torch._dynamo until something of it is needed."""

    @staticmethod
    def disable(fn=None, recursive=True, **options):
        return fn

    @staticmethod
    def graph_break(*message, **options):
        return None

    def __getattr__(self, name):
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return getattr(importlib.import_module(NAME), name)


def without_compiler(torch):
    """Have the stand-in where the compiler is looked for, unless it is there already."""
    if NAME not in sys.modules:
        sys.modules[NAME] = torch._dynamo = _Compiler(NAME)

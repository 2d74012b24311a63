"""Lesson 06: Jacobian products, spectral radius, both bounds, orthogonal starts, the adding task, clipping, a regulariser.

6.1 jacobian_product: how a late state depends on an early one.
6.2 rescale_to_radius: a matrix with a chosen spectral radius.
6.3 norm_bounds: between which bounds the gradient's norm stays on its way back.
6.4 orthogonal_from: a random orthogonal matrix, each as likely as another.
6.5 adding_task: the adding task, as inputs and sums.
6.6 clip_by_norm: all gradients shortened as one vector.
6.7 pascanu_regulariser: a penalty on gradients that change their length, and its own gradient.
"""

from .adding import adding_task
from .bounds import norm_bounds
from .clipping import clip_by_norm
from .jacobians import jacobian_product
from .orthogonal import orthogonal_from
from .radius import rescale_to_radius
from .regulariser import pascanu_regulariser

__all__ = [
    "adding_task",
    "clip_by_norm",
    "jacobian_product",
    "norm_bounds",
    "orthogonal_from",
    "pascanu_regulariser",
    "rescale_to_radius",
]

"""What every recurrent cell has in common: five small functions on rows, and four named records.

    u = project(p, x)                                what the input alone contributes
    state, trace = step(p, u, state)                 the recurrence, one step
    d_prev, d = step_backward(p, d_state, trace)     its gradient, one step
    dx = input_gradient(p, x, d)                     the gradient of project's input
    dp = weight_gradients(p, x, trace, d)            the gradient of every parameter

Arrays hold one row per sequence: x (N, D), h (N, H). `project`, `input_gradient` and `weight_gradients` know nothing of
time, so they serve one step (N = B) and, in one matrix product, all steps of a sequence at once (N = T·B). That is what
`course_utils.sequence` does; a cell only states its equations.

The records are NamedTuples of the cell's module. Params: the parameters; the first of them reads the input and ends in
the axes (D, H). State: what one step hands to the next; its first field `h` is the output. Trace: what the way back (and
a plot) needs; a field `h_prev` is the previous state's h. Grad: gradients that arrive at the cell's matrix products;
its first field `u` belongs to what `project` returned.
"""

import numpy as np

from ..initialisers import uniform

__all__ = ["Cell"]


class Cell:
    """Base of all cells. A cell gives Params, State, Trace, Grad, `shapes` and the five functions above."""

    Params = State = Trace = Grad = None
    name = "cell"

    def shapes(self, D, H):
        """Name and shape of every parameter, a dictionary in the order of Params."""
        raise NotImplementedError

    def state_shapes(self, H):
        """Shape of every field of State, without the batch axis."""
        return dict.fromkeys(self.State._fields, (H,))

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """Parameters for input size D and hidden size H.

        Every parameter is drawn from U[-1/sqrt(H), 1/sqrt(H)] as torch does, or by `initialise(rng, shape)`; one
        parameter can have its own: `cell.init(rng, D, H, W_hh=orthogonal)`.
        Raises ValueError for sizes below 1, names that the cell does not have and a dtype without fractions, TypeError
        for an rng that is none.
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng must be a generator such as np.random.default_rng(0), got {type(rng).__name__}")
        if not np.issubdtype(dtype, np.floating):
            raise ValueError(f"dtype must be np.float32 or np.float64, got {np.dtype(dtype)}")
        shapes = self.shapes(_size("D", D), _size("H", H))
        if unknown := by_name.keys() - shapes.keys():
            raise ValueError(f"{self} has no parameter {', '.join(sorted(unknown))}; it has {', '.join(shapes)}")
        default = initialise or (lambda rng, shape: uniform(rng, shape, H**-0.5))
        return self.Params(*(by_name.get(n, default)(rng, s).astype(dtype) for n, s in shapes.items()))

    def sizes(self, p):
        """(D, H) of a set of parameters."""
        return p[0].shape[-2:]

    def zero_state(self, p, B):
        """The state before the first step: zeros, in the parameters' dtype."""
        _, H = self.sizes(p)
        return self.State(*(np.zeros((B, *s), p[0].dtype) for s in self.state_shapes(H).values()))

    def check_params(self, p):
        """Raise a ValueError that names the parameter whose shape or dtype does not fit the others."""
        D, H = self.sizes(p)
        for (name, shape), a in zip(self.shapes(D, H).items(), p, strict=True):
            if a.shape != shape:
                raise ValueError(f"{self}: {name} must have shape {shape} for D = {D}, H = {H}, got {a.shape}")
            if a.dtype != p[0].dtype:
                raise ValueError(f"{self}: {name} is {a.dtype} but {p._fields[0]} is {p[0].dtype}; use params.as_dtype")

    def __str__(self):
        return self.name

    __repr__ = __str__


def _size(name, value):
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    return int(value)

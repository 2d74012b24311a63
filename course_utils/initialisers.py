"""Starting values for a matrix: each function takes (rng, shape); a stack of matrices is filled matrix by matrix.

uniform      U[-s, s]                                       s = 1/sqrt(H) is torch's choice for its recurrent layers
normal       s · N(0, 1)                                    s = 0.01 is the classic small character RNN's
glorot       U[-s, s], s = sqrt(6 / (n_in + n_out))         Glorot and Bengio 2010, eq. 16
orthogonal   Q of a QR decomposition of N(0, 1)             Saxe, McClelland and Ganguli 2014; all singular values 1
identity     the identity matrix                            Le, Jaitly and Hinton 2015 (IRNN)
"""

import numpy as np

__all__ = ["glorot", "identity", "normal", "orthogonal", "uniform", "zeros"]


def uniform(rng, shape, scale):
    """Numbers drawn evenly from [-scale, scale]."""
    return rng.uniform(-scale, scale, shape)


def normal(rng, shape, scale=0.01):
    """Normal numbers with standard deviation `scale`."""
    return scale * rng.standard_normal(shape)


def zeros(rng, shape):
    """Zeros; `rng` is not used."""
    return np.zeros(shape)


def glorot(rng, shape):
    """Uniform with the variance 2 / (n_in + n_out), n_in and n_out the last two axes: each gate of a stack by itself."""
    n_in, n_out = _matrix("glorot", shape)
    return uniform(rng, shape, np.sqrt(6 / (n_in + n_out)))


def orthogonal(rng, shape):
    """Random orthogonal matrices (rows or columns orthonormal if not square), uniformly distributed."""
    n_in, n_out = _matrix("orthogonal", shape)
    tall = rng.standard_normal((*shape[:-2], max(n_in, n_out), min(n_in, n_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]  # without this, the distribution is not uniform
    return q if n_in >= n_out else np.swapaxes(q, -1, -2)


def identity(rng, shape):
    """Identity matrices; `rng` is not used. Raises ValueError unless the last two axes are equal."""
    n_in, n_out = _matrix("identity", shape)
    if n_in != n_out:
        raise ValueError(f"identity needs a square matrix, got {tuple(shape)}")
    return np.broadcast_to(np.eye(n_in), shape).copy()


def _matrix(name, shape):
    if len(shape) < 2:
        raise ValueError(f"{name} fills matrices; shape must have at least two axes, got {tuple(shape)}")
    return shape[-2:]

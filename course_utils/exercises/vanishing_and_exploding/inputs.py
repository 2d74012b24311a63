"""Recurrent matrices and states, from a seed, for the cases of several exercises."""

import numpy as np


def orthogonal_matrix(rng, H):
    """Q (H, H) with orthonormal rows, each such matrix as likely as another."""
    Q, R = np.linalg.qr(rng.standard_normal((H, H)))
    return Q * np.sign(np.diag(R))


def network(rng, n, H):
    """W_hh (H, H) and n states (n, H) whose Jacobian products neither vanish nor explode within 200 steps."""
    W_hh = orthogonal_matrix(rng, H) * rng.uniform(0.95, 1.05, (H, 1)) + 0.02 * rng.standard_normal((H, H))
    return W_hh, rng.uniform(0.1, 0.3 if n < 100 else 0.12, (n, H)) * rng.choice([-1, 1], (n, H))

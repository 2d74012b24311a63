"""A one-hot row times a matrix is a row of that matrix: the embedding, and its gradient.

    e_t = x_t E = E[w_t]                    (1)  look-up; x_t the one-hot row of token w_t
    ∂L/∂E[v] = Σ_{t: w_t = v} ∂L/∂e_t       (2)  scatter-add: every use of a row adds its gradient

ids (...) integers in 0..V-1; E (V, E); embedded (..., E).
"""

import numpy as np

__all__ = ["OneHot", "lookup", "lookup_backward"]


class OneHot:
    """One-hot rows that are never written out: ids (N,) stand for a matrix (N, V) of zeros with one 1 in each row.

    `OneHot(ids, V) @ W` looks rows up, `OneHot(ids, V).T @ d` scatter-adds, so a formula written for dense rows
    serves tokens as well. W (V, H) or (G, V, H), a stack of G matrices; the product is (N, H) or (G, N, H).
    Raises TypeError for ids that are not integers, ValueError for an id outside 0..V-1 or a matrix without V rows
    (or, for the transpose, without one row per id).
    """

    def __init__(self, ids, V):
        ids = np.asarray(ids)
        if not np.issubdtype(ids.dtype, np.integer):
            raise TypeError(f"ids must be integers, got {ids.dtype}; token ids come from Vocabulary.encode")
        if ids.size and not (0 <= ids.min() and ids.max() < V):
            raise ValueError(f"ids must lie in 0..{V - 1}, got {ids.min()}..{ids.max()}; is V the vocabulary's size?")
        self.ids, self.V = ids, int(V)

    @property
    def shape(self):
        return (*self.ids.shape, self.V)

    def __matmul__(self, W):
        if W.shape[-2] != self.V:
            raise ValueError(f"the matrix must have V = {self.V} rows, one per token, got shape {W.shape}")
        return W[..., self.ids, :]  # (1)

    @property
    def T(self):
        return _OneHotTransposed(self)

    def dense(self, dtype=np.float64):
        """The matrix itself, (..., V)."""
        rows = np.zeros(self.shape, dtype)
        np.put_along_axis(rows, self.ids[..., None], 1, axis=-1)
        return rows


class _OneHotTransposed:
    """The transpose of OneHot (V, N); its product with d (..., N, H) adds up the rows that belong to one token."""

    def __init__(self, rows):
        self.rows = rows

    def __matmul__(self, d):
        ids, V = self.rows.ids, self.rows.V
        if d.shape[-2:-1] != ids.shape:
            raise ValueError(f"the matrix must have one row per id, {ids.shape} in all, got shape {d.shape}")
        if ids.size and V <= d.size // ids.size:  # few tokens, long rows: the product with written-out rows is faster
            return self.rows.dense(d.dtype).T @ d
        return _scatter_add(ids, V, d)


def _scatter_add(ids, V, d):
    """Rows of d (..., N, H) added up by token, (..., V, H): sorted by token, each run of equals is one sum."""
    total = np.zeros((*d.shape[:-2], V, d.shape[-1]), d.dtype)
    if ids.size:
        order = np.argsort(ids, kind="stable")
        found, start = np.unique(ids[order], return_index=True)
        total[..., found, :] = np.add.reduceat(d[..., order, :], start, axis=-2)  # (2)
    return total


def lookup(E, ids):
    """Rows of E (V, E) for ids (...): (..., E). Raises as OneHot does."""
    return OneHot(ids, len(E)) @ E


def lookup_backward(d_embedded, ids, V):
    """Gradient of E (V, E) from the gradient of what was looked up, (..., E); ids (...). Raises as OneHot does."""
    ids = np.asarray(ids)
    if d_embedded.shape[:-1] != ids.shape:
        raise ValueError(
            f"d_embedded must have the shape of ids and one more axis, {ids.shape}, got {d_embedded.shape}"
        )
    return OneHot(ids.reshape(-1), V).T @ d_embedded.reshape(-1, d_embedded.shape[-1])

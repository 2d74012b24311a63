"""What happens as sequences grow: time and memory of a step, a scan against the loop, and attention beside them."""

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from ..cells import CELLS
from ..sequence import parallel
from ..sequence.scan import loop, scan
from .steps_torch import KINDS

__all__ = ["ATTENTION", "LOOP", "MIN_GRU", "SCAN", "TORCH_GRU", "layers", "recurrences", "scan_error"]

LOOP, SCAN = "step loop", "scan"
MIN_GRU, TORCH_GRU, ATTENTION = "minGRU by scan, NumPy", "torch.nn.GRU", "causal attention, torch"


def recurrences(T, D, rng):
    """h_t = a_t ⊙ h_{t-1} + b_t over (T, D), float32: a dictionary from way to function."""
    a, b = coefficients(T, D, rng)
    return {LOOP: lambda: loop(a, b), SCAN: lambda: scan(a, b)}


def scan_error(T, D, rng):
    """The scan's largest error in float32 against the loop in float64, relative to numbers of size one or more."""
    a, b = coefficients(T, D, rng)
    exact = loop(a.astype(np.float64), b.astype(np.float64))
    return float(np.max(np.abs(scan(a, b) - exact) / np.maximum(np.abs(exact), 1)))


def coefficients(T, D, rng):
    return rng.uniform(0.5, 1, (T, D)).astype(np.float32), rng.standard_normal((T, D)).astype(np.float32)


def layers(T, H, rng):
    """Forward and backward of one layer (T, 1, H), the gradient from outside given, float32: way to function."""
    x, dh = (rng.standard_normal((T, 1, H)).astype(np.float32) for _ in range(2))
    return {MIN_GRU: _min_gru(x, dh, rng), TORCH_GRU: _torch_gru(x, dh, rng), ATTENTION: _attention(x, dh)}


def _min_gru(x, dh, rng):
    cell = CELLS["min-gru"]
    p = cell.init(rng, x.shape[2], x.shape[2], dtype=np.float32)
    return lambda: parallel.backward(cell, p, x, parallel.forward(cell, p, x), dh)


def _torch_gru(x, dh, rng):
    H = x.shape[2]
    gru = KINDS["gru"][0](CELLS["gru"].init(rng, H, H, dtype=np.float32))
    return _there_and_back(gru, lambda x: gru(x)[0], x, dh)


def _attention(x, dh):
    """One head: queries, keys, values and output by four (H, H) matrices, every position sees itself and those before it."""
    qkv, out = torch.nn.Linear(x.shape[2], 3 * x.shape[2]), torch.nn.Linear(x.shape[2], x.shape[2])

    def attend(x):
        q, k, v = qkv(x.transpose(0, 1)).chunk(3, dim=-1)
        return out(scaled_dot_product_attention(q, k, v, is_causal=True)).transpose(0, 1)

    return _there_and_back(torch.nn.ModuleList([qkv, out]), attend, x, dh)


def _there_and_back(module, run, x, dh):
    x, dh = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dh)

    def step():
        module.zero_grad()
        x.grad = None
        run(x).backward(dh)

    return step

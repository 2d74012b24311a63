"""Linear attention: the recurrence is the masked parallel form, and a memory that can be read by key."""

import numpy as np
import pytest

from course_utils import sequence
from course_utils.cells import LinearAttention


@pytest.mark.parametrize("gamma", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("T", [1, 7, 200])
def test_recurrence_equals_masked_attention(rng, T, gamma):
    cell = LinearAttention(gamma)
    p, x = cell.init(rng, 3, 5), rng.standard_normal((T, 2, 3))
    h = sequence.forward(cell, p, x).h
    assert np.max(np.abs(cell.attend(p, x) - h)) < 1e-10
    u = x @ p.W_x[:, None] + p.b[:, None]  # (3, T, B, H)
    q, k, v = u
    last = sum(gamma ** (T - 1 - s) * (q[-1] * k[s]).sum(-1, keepdims=True) * v[s] for s in range(T))
    assert np.max(np.abs(last - h[-1])) < 1e-10


def test_values_kept_under_orthogonal_keys_are_read_back_whole(rng):
    cell, H = LinearAttention(1.0), 5
    p = cell.init(rng, 3 * H, H)
    W_x = np.zeros((3, 3 * H, H))
    for gate in range(3):
        W_x[gate, gate * H : (gate + 1) * H] = np.eye(H)  # the input is query, key and value side by side
    p = p._replace(W_x=W_x, b=np.zeros_like(p.b))
    keys, values = np.eye(H), rng.standard_normal((H, H))
    write = np.concatenate([np.zeros((H, H)), keys, values], axis=1)[:, None]
    read = np.concatenate([keys[::-1], np.zeros((H, 2 * H))], axis=1)[:, None]
    h = sequence.forward(cell, p, np.concatenate([write, read])).h[H:, 0]
    assert np.max(np.abs(h - values[::-1])) < 1e-12


def test_decay_outside_its_range_is_named():
    with pytest.raises(ValueError, match=r"gamma must lie in 0 < gamma <= 1, got 1\.1"):
        LinearAttention(1.1)

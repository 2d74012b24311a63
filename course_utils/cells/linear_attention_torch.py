"""Linear attention with decay in torch; autograd takes the way back that linear_attention.py writes out.

    q, k, v = x W_x + b                   (1)
    S = γ S' + kᵀ v                       (2)
    h = q S                               (3)

Same letters, shapes and records as linear_attention.py.
"""

from . import linear_attention
from .linear_attention import State, Trace

__all__ = ["LinearAttention"]


class LinearAttention(linear_attention.LinearAttention):
    """Linear attention with decay on torch tensors."""

    def project(self, p, x):
        """Query, key and value: x (N, D) -> u (3, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), S' (N, H, H) -> the new state and its trace."""
        q, k, v = u
        S = self.gamma * state.S + k[..., None] * v[:, None]  # (2)
        h = (q[:, None] @ S)[:, 0]  # (3)
        return State(h, S), Trace(state.S, q, k, v, S)

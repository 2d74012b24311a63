"""The gated recurrent unit in torch; autograd takes the way back that gru.py writes out.

    u = x W_x + b                            (1)
    r, z = σ(u_rz + h' W_h,rz)               (2)
    m = h' W_h,n + b_hn                      (3)
    n = tanh(u_n + r ⊙ m)                    (4)
    m = (r ⊙ h') W_h,n                       (5)
    n = tanh(u_n + m)                        (6)
    h = k ⊙ h' + (1 - k) ⊙ n                 (9)

Same letters, shapes and records as gru.py, which also says which line belongs to which form, and how k comes from z.
torch.nn.GRU (reset after, z keeps) stacks r, z, n below one another in matrices (3H, D) and (3H, H), transposed against
ours. Of its two biases (3H,), the parts of r and z only ever appear as a sum, which is our b; those of n stay apart, in b
and b_hn.
"""

import torch

from . import gru
from .gru import ParamsAfter, State, Trace

__all__ = ["GRU", "from_torch", "to_torch"]


class GRU(gru.GRU):
    """The gated recurrent unit on torch tensors."""

    def project(self, p, x):
        """What the input contributes to r, z, n: x (N, D) -> u (3, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def step(self, p, u, state):
        """One step forward: u (3, N, H), h' (N, H) -> the new state and its trace."""
        h_prev = state.h
        r, z = torch.sigmoid(u[:2] + h_prev @ p.W_h[:2])  # (2)
        if self.reset == "after":
            m = h_prev @ p.W_h[2] + p.b_hn  # (3)
            n = torch.tanh(u[2] + r * m)  # (4)
        else:
            m = (r * h_prev) @ p.W_h[2]  # (5)
            n = torch.tanh(u[2] + m)  # (6)
        k = self.kept(z)
        return State(k * h_prev + (1 - k) * n), Trace(h_prev, r, z, m, n)  # (9)


def from_torch(rnn, layer=0):
    """NumPy parameters of the cell "gru" from one layer of a torch.nn.GRU."""
    H = rnn.hidden_size
    w_ih, w_hh = (getattr(rnn, f"{name}_l{layer}").detach().cpu() for name in ("weight_ih", "weight_hh"))
    b_ih = b_hh = torch.zeros(3 * H, dtype=w_ih.dtype)
    if rnn.bias:
        b_ih, b_hh = (getattr(rnn, f"{name}_l{layer}").detach().cpu() for name in ("bias_ih", "bias_hh"))
    stack = (w.reshape(3, H, -1).transpose(1, 2).contiguous().numpy() for w in (w_ih, w_hh))
    b = torch.cat([b_ih[: 2 * H] + b_hh[: 2 * H], b_ih[2 * H :]])
    return ParamsAfter(*stack, b.reshape(3, 1, H).numpy(), b_hh[2 * H :].reshape(1, H).numpy().copy())


def to_torch(p, **options):
    """A torch.nn.GRU of one layer with the weights of p; the biases of r and z go into bias_ih.

    `options` go to torch.nn.GRU (batch_first, say). Raises ValueError for parameters of a form that it does not have.
    """
    if not isinstance(p, ParamsAfter):
        raise ValueError("torch.nn.GRU resets after the product: p must hold b_hn, as the parameters of 'gru' do")
    _, D, H = p.W_x.shape
    rnn = torch.nn.GRU(D, H, dtype=torch.from_numpy(p.b).dtype, **options)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(p.W_x).transpose(1, 2).reshape(3 * H, D))
        rnn.weight_hh_l0.copy_(torch.from_numpy(p.W_h).transpose(1, 2).reshape(3 * H, H))
        rnn.bias_ih_l0.copy_(torch.from_numpy(p.b).reshape(3 * H))
        rnn.bias_hh_l0.zero_()
        rnn.bias_hh_l0[2 * H :].copy_(torch.from_numpy(p.b_hn).reshape(H))
    return rnn

"""The peephole LSTM and its relatives: every variant is a small difference from one text.

    u = x W_x + b                         (1)   what the input contributes to each gate
    a = u + h' W_h                        (2)   the gates i, f, g, o before their activation
    a_i, a_f += p_i ⊙ c', p_f ⊙ c'        (3)   peepholes: these gates look at the memory
    a_i, a_f, a_o += [i', f', o'] R       (4)   full gate recurrence: gates hear the previous gates
    i, f = σ(a_i), σ(a_f)                 (5)   how much to write, to keep; 1 for a gate that is not there
    f = 1 - i                             (6)   coupled: keep what is not written
    g = φ(a_g)                            (7)   the candidate; φ = tanh or the identity
    c = f ⊙ c' + i ⊙ g                    (8)   the memory
    a_o += p_o ⊙ c                        (9)   the output gate looks at the memory as it is now
    o = σ(a_o)                            (10)  how much to show; 1 if it is not there
    y = ψ(c), h = o ⊙ y                   (11)  the output; ψ = tanh or the identity

    ∂L/∂a_o = ∂L/∂o ⊙ o ⊙ (1 - o)         (12)  ∂L/∂o = ∂L/∂h ⊙ y
    ∂L/∂c += ∂L/∂h ⊙ o ⊙ ψ' + p_o ⊙ ∂L/∂a_o   (13)
    ∂L/∂i = ∂L/∂c ⊙ g - ∂L/∂f             (14)  the last term only if coupled; ∂L/∂f = ∂L/∂c ⊙ c'
    ∂L/∂a                                 (15)  gate by gate, each times the slope of its activation
    ∂L/∂c' = ∂L/∂c ⊙ f + p_i ⊙ ∂L/∂a_i + p_f ⊙ ∂L/∂a_f   (16)
    ∂L/∂h' = Σ_gates ∂L/∂a W_hᵀ           (17)
    ∂L/∂k' = Σ_l ∂L/∂a_l R_klᵀ            (18)  k, l = i, f, o: added to ∂L/∂k one step earlier
    ∂L/∂x = Σ_gates ∂L/∂a W_xᵀ            (19)
    ∂L/∂W_x, ∂L/∂W_h = xᵀ ∂L/∂a, h'ᵀ ∂L/∂a    (20)
    ∂L/∂b, ∂L/∂p_k = Σ ∂L/∂a, Σ c' ⊙ ∂L/∂a_k  (21)  for p_o: c in place of c'
    ∂L/∂R_kl = k'ᵀ ∂L/∂a_l                (22)

A prime marks the previous step; (N, H) for all of i, f, g, o, c, y, h. For G gates with weights (order i, f, g, o):
W_x (G, D, H), W_h (G, H, H), b (G, 1, H), u (G, N, H); P, the peepholes of those among i, f, o, one number per unit
(·, 1, H); R (3, 3, H, H), from gate k to gate l. A gate that a variant drops has no parameters.

The variants and their sources stand in lstm_variants.py. What differs elsewhere:

- Texts that write σ([c', h', x] W + b) have full matrices as peepholes; ours and those of the papers are diagonal.
- Greff et al. 2017 write z for g, y for h. A coupled cell may instead compute f and set i = 1 - f (TensorFlow's did):
  the same model, with the signs of that gate's weights turned.
- Jozefowicz et al. 2015 call the input gate j and the candidate i, and print o with tanh where everyone has σ; ours is σ.
"""

import numpy as np

from ..activations import ACTIVATIONS, sigmoid
from ..initialisers import uniform
from .cell import Cell
from .lstm import Grad
from .lstm_variants import VARIANTS, records

__all__ = ["LSTMVariant"]


class LSTMVariant(Cell):
    """An LSTM by its name in VARIANTS, or under a new name with switches of your own: LSTMVariant("mine", Variant("ig"))."""

    Grad = Grad

    def __init__(self, name="lstm-peephole", variant=None):
        if variant is None and name not in VARIANTS:
            raise ValueError(f"name must be one of {', '.join(VARIANTS)}, or come with a Variant; got {name!r}")
        self.name, self.variant = name, variant or VARIANTS[name]
        self.Params, self.State, self.Trace = records(self.variant)
        self.gates = self.variant.gates
        self.peeping = [k for k in "ifo" if k in self.gates and self.variant.peepholes]

    def shapes(self, D, H):
        G = len(self.gates)
        shapes = {"W_x": (G, D, H), "W_h": (G, H, H), "b": (G, 1, H), "P": (len(self.peeping), 1, H), "R": (3, 3, H, H)}
        return {name: shapes[name] for name in self.Params._fields}

    def init(self, rng, D, H, dtype=np.float64, initialise=None, **by_name):
        """As Cell.init; where the variant says so, the forget gate's bias starts at a number of its own."""

        def bias(rng, shape):
            b = initialise(rng, shape) if initialise else uniform(rng, shape, H**-0.5)
            return np.where(np.arange(len(b))[:, None, None] == self.gates.index("f"), self.variant.forget_bias, b)

        starts = {} if self.variant.forget_bias is None else {"b": bias}
        return super().init(rng, D, H, dtype, initialise, **(starts | by_name))

    def project(self, p, x):
        """What the input contributes to each gate: x (N, D) -> u (G, N, H)."""
        return x @ p.W_x + p.b  # (1)

    def heard(self, p, u, state):
        """Each gate, by its letter, before its activation: what it hears of input and past, (N, H)."""
        a = dict(zip(self.gates, u + state.h @ p.W_h, strict=True))  # (2)
        for k in a.keys() & set("if"):
            a[k] = a[k] + self.peep(p, k, state.c)  # (3)
        for j, k in enumerate("ifo" if self.variant.gate_recurrence else ""):
            a[k] = a[k] + state.i @ p.R[0, j] + state.f @ p.R[1, j] + state.o @ p.R[2, j]  # (4)
        return a

    def peep(self, p, k, c):
        """What gate k sees of c (N, H) through its peephole; nothing if it has none."""
        return p.P[self.peeping.index(k)] * c if k in self.peeping else 0

    def step(self, p, u, state):
        """One step forward: u (G, N, H) and the previous state -> the new state, and the trace for the way back."""
        a, one = self.heard(p, u, state), state.c**0
        i = sigmoid(a["i"]) if "i" in a else one
        f = sigmoid(a["f"]) if "f" in a else one  # (5)
        if self.variant.coupled:
            f = 1 - i  # (6)
        g = ACTIVATIONS[self.variant.phi].function(a["g"])  # (7)
        c = f * state.c + i * g  # (8)
        o = sigmoid(a["o"] + self.peep(p, "o", c)) if "o" in a else one  # (9), (10)
        y = ACTIVATIONS[self.variant.psi].function(c)
        h = o * y  # (11)
        return self.state_and_trace(state, h, i, f, g, o, c, y)

    def state_and_trace(self, state, h, i, f, g, o, c, y):
        """The records of one step; under full gate recurrence the gates are states too."""
        gates = (i, f, o) if self.variant.gate_recurrence else ()
        return self.State(h, c, *gates), self.Trace(state.h, state.c, i, f, g, o, c, y, *state[2:])

    def step_backward(self, p, d_state, trace):
        """One step back: the gradient of the state -> that of the previous one, and ∂L/∂u (G, N, H)."""
        _, c_prev, i, f, g, o, _, y, *_ = trace
        dh, dc, *from_later = d_state
        di, df, do = from_later or (0, 0, 0)
        da = {"o": (do + dh * y) * o * (1 - o)}  # (12)
        dc = dc + dh * o * ACTIVATIONS[self.variant.psi].slope(y) + self.peep(p, "o", da["o"])  # (13)
        df = df + dc * c_prev
        di = di + dc * g - (df if self.variant.coupled else 0)  # (14)
        da |= {
            "i": di * i * (1 - i),
            "f": df * f * (1 - f),
            "g": dc * i * ACTIVATIONS[self.variant.phi].slope(g),
        }  # (15)
        dc_prev = dc * f + self.peep(p, "i", da["i"]) + self.peep(p, "f", da["f"])  # (16)
        du = np.stack([da[k] for k in self.gates])
        dh_prev = (du @ p.W_h.transpose(0, 2, 1)).sum(axis=0)  # (17)
        to_earlier = [
            sum(da[k] @ R_jk.T for k, R_jk in zip("ifo", p.R[j], strict=True)) for j in range(len(from_later))
        ]
        return self.State(dh_prev, dc_prev, *to_earlier), Grad(du)  # (18)

    def input_gradient(self, p, x, d):
        """∂L/∂x (N, D)."""
        return (d.u @ p.W_x.transpose(0, 2, 1)).sum(axis=0)  # (19)

    def weight_gradients(self, p, x, trace, d):
        """The gradient of every parameter, summed over the N rows."""
        found = [x.T @ d.u, trace.h_prev.T @ d.u, d.u.sum(axis=1, keepdims=True)]  # (20)
        da, seen = dict(zip(self.gates, d.u, strict=True)), {"i": trace.c_prev, "f": trace.c_prev, "o": trace.c}
        if self.peeping:
            found.append(np.stack([(seen[k] * da[k]).sum(axis=0, keepdims=True) for k in self.peeping]))  # (21)
        if self.variant.gate_recurrence:
            earlier = (trace.i_prev, trace.f_prev, trace.o_prev)
            found.append(np.stack([[k_prev.T @ da[k] for k in "ifo"] for k_prev in earlier]))  # (22)
        return self.Params(*found)

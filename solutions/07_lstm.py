# %% [markdown] minutes=150 needs=["numpy", "torch"]
r"""
# What does it take to remember for a thousand steps?

An Elman network rewrites its whole state at every step, and what it knew fades within a sentence.
Lesson 06 showed why, and why its gradient fades with it.
The *long short-term memory*, LSTM, has a second state that is not rewritten but *added to*,
and gates that decide when. In this lesson you build it, forward and backward, and find out what it can and cannot do.

**After this lesson** you can

- write both cells that go by the name LSTM, and say what each gate is for,
- derive the gradient of a step, check it piece by piece, and write it for a sequence of any length,
- load the weights of `torch.nn.LSTM` and get the same states and the same gradients,
- say from the forget gate's bias how far back a gradient reaches, and latch a bit for a thousand steps by hand,
- name four things that an LSTM does *not* guarantee, with a number for each,
- look into the gates of a trained network while it reads a sentence.

150 minutes. You need lessons 03 (the Elman step), 04 (the way back) and 06 (why gradients vanish).
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
from collections.abc import Callable

import numpy as np

from course_utils.activations import sigmoid
from course_utils.exercises import lstm as ex

# %% [markdown]
r"""
The figures, the library's cells and their run over time, and a generator for everything random.
If an exercise resists, `ex.name.hint()` gives three hints, one at each call.
"""

# %%
from course_utils import sequence
from course_utils.cells import CELLS
from course_utils.device import seed_everything
from course_utils.plots import lstm as plots
from course_utils.plots import show, use_style
from course_utils.plots.lstm_cell import lstm_cell

use_style()
rng = seed_everything(0)
lstm, elman = CELLS["lstm"], CELLS["elman"]

# %% [markdown]
r"""
## 1. What would a memory have to look like?

Elman's state goes through a matrix and a tanh at every step, $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$,
whether there is something new to store or not. A memory should rather stay as it is:

$$c_t = c_{t-1} + \text{what is new}$$

Then $\partial c_t / \partial c_{t-1} = 1$: nothing fades, neither the value nor its gradient.
Hochreiter and Schmidhuber (1997) called it the *constant error carousel*.
But a memory that takes in everything is soon full of noise, one that never lets go cannot start afresh,
and one that is always on show disturbs what does not need it.
So three **gates** are put around it, numbers between 0 and 1 for every unit,
which the network computes anew at each step from the input and the hidden state
(two of them in 1997; the forget gate is from Gers and others 2000):

$$i_t = \sigma(x_t W_x^i + h_{t-1} W_h^i + b^i) \qquad \text{input gate: how much to write} \tag{1}$$
$$f_t = \sigma(x_t W_x^f + h_{t-1} W_h^f + b^f) \qquad \text{forget gate: how much to keep} \tag{2}$$
$$g_t = \tanh(x_t W_x^g + h_{t-1} W_h^g + b^g) \qquad \text{candidate: what to write} \tag{3}$$
$$o_t = \sigma(x_t W_x^o + h_{t-1} W_h^o + b^o) \qquad \text{output gate: how much to show} \tag{4}$$
$$c_t = f_t \odot c_{t-1} + i_t \odot g_t \qquad \text{the memory, or cell state} \tag{5}$$
$$h_t = o_t \odot \tanh(c_t) \qquad \text{the hidden state: the part of it that is shown} \tag{6}$$

The candidate is not a gate: it is what an Elman cell would compute, and lies between $-1$ and 1.
Two states go on to the next step, $h_t$ and $c_t$; only $h_t$ goes to the outputs.
"""

# %%
lstm_cell()
show(
    "An LSTM step: the memory runs along the top through a product with f and a sum with i times g; h is o times its tanh."
)

# %% [markdown]
r"""
Follow the orange line: from $c_{t-1}$ to $c_t$ it meets one product and one sum, no matrix and no tanh.
Everything else stands beside the road and reads $h_{t-1}$ and $x_t$.

With gates fully open or shut, (5) has four settings. The memory holds 0.8, the candidate says $-0.5$.
**Predict** the four new memories, and give each setting a name.
"""

# %%
for f, i in ((1, 0), (0, 1), (1, 1), (0, 0)):
    print(f"f = {f}, i = {i}:  c = {f * 0.8 + i * -0.5:+.1f}")

# %% [markdown]
r"""
Keep, replace, add, erase: a register that a network can learn to operate, since a gate may also stand in between
and has a slope there.

The weights of the four are stacked on a first axis in torch's order, `W_x` (4, D, H), `W_h` (4, H, H), `b` (4, 1, H):

$$(i, f, g, o) = (\sigma, \sigma, \tanh, \sigma)(x_t W_x + h_{t-1} W_h + b)$$

A row `(B, D)` times a stack `(4, D, H)` is a stack `(4, B, H)`: `@` works on the last two axes and repeats itself over
the rest. So the sum is `(4, B, H)` and unpacks into four names.

### Build: exercise 7.1

**Predict**: which of the two states does $W_h$ multiply?
"""


# %% answer="7.1"
def lstm_step(
    x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h and c, (B, H) each; W_x (4, D, H), W_h (4, H, H), b (4, 1, H), gates i f g o."""
    ### BEGIN SOLUTION
    i, f, g, o = x_t @ W_x + h_prev @ W_h + b
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c_prev + i * g
    return o * np.tanh(c), c
    ### END SOLUTION


# %% check="7.1"
ex.lstm_step.check(lstm_step)

# %% [markdown] solution="7.1"
r"""
**Why this and not that.** The gates hear $h_{t-1}$, never $c_{t-1}$: what the output gate hides from the outputs
it hides from the gates as well. And (6) shows the *new* memory, so a bit can be written and shown in the same step.
"""

# %% [markdown]
r"""
### One matrix, and another order

Many texts put $h_{t-1}$ and $x_t$ side by side and all weights into one matrix, with the candidate last:

$$\begin{pmatrix} i & f & o & g \end{pmatrix} = (\sigma, \sigma, \sigma, \tanh)\big([h_{t-1}, x_t] \, W + b\big),
\qquad W \; (H + D, \, 4H)$$

It is the same cell. The order *i f o g* puts the three sigmoids together; with *i f g o* weights it runs and is wrong.
"Side by side" is a concatenation: a published LSTM once *stacked* its matrices on a new axis where it had to concatenate.
"""

# %%
p = lstm.init(rng, D=3, H=5)
x_t, h, c = rng.standard_normal((2, 3)), rng.uniform(-1, 1, (2, 5)), rng.standard_normal((2, 5))

ifog = [0, 1, 3, 2]
W = np.concatenate([np.concatenate([p.W_h[k], p.W_x[k]]) for k in ifog], axis=1)
a = np.concatenate([h, x_t], axis=1) @ W + np.concatenate(p.b[ifog], axis=1)  # (B, 4H)
i, f, o, g = np.split(a, 4, axis=1)
one = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
assert np.allclose(one, ex.lstm_step(x_t, h, c, *p)[1], rtol=0, atol=1e-12)
print("W", W.shape, " and the same memory to 1e-12")

# %% [markdown]
r"""
**Predict** how many times as many parameters an LSTM has as an Elman network of the same size.
"""

# %%
from course_utils.params import number_of_parameters

for D, H in ((3, 5), (50, 128)):
    counts = [number_of_parameters(cell.init(rng, D, H)) for cell in (elman, lstm)]
    print(f"D = {D}, H = {H}:  Elman {counts[0]:,}  LSTM {counts[1]:,}")
    assert counts[1] == 4 * counts[0] == 4 * (D * H + H * H + H)

# %% [markdown]
r"""
Exactly four, one set for each of $i, f, g, o$, whatever the sizes. A fair comparison must mind that.

### The other LSTM: peepholes

In the cell above a shut output gate leaves the gates blind: they cannot see what the memory holds.
Gers and Schmidhuber (2000) gave them *peepholes*. Both cells are called LSTM, so here they are side by side
(memory $C$, candidate $\tilde C$ in many texts; $c$ and $g$ with us):

| | variation 1: peepholes | variation 2: none, as in torch |
|---|---|---|
| $f_t$ | $\sigma([c_{t-1}, h_{t-1}, x_t] W_f + b_f)$ | $\sigma([h_{t-1}, x_t] W_f + b_f)$ |
| $i_t$ | $\sigma([c_{t-1}, h_{t-1}, x_t] W_i + b_i)$ | $\sigma([h_{t-1}, x_t] W_i + b_i)$ |
| $g_t$ | $\tanh([h_{t-1}, x_t] W_g + b_g)$ | $\tanh([h_{t-1}, x_t] W_g + b_g)$ |
| $c_t$ | $f_t \odot c_{t-1} + i_t \odot g_t$ | $f_t \odot c_{t-1} + i_t \odot g_t$ |
| $o_t$ | $\sigma([c_t, h_{t-1}, x_t] W_o + b_o)$ | $\sigma([h_{t-1}, x_t] W_o + b_o)$ |
| $h_t$ | $o_t \odot \tanh(c_t)$ | $o_t \odot \tanh(c_t)$ |

Mind the index in the row of $o_t$.
"""

# %%
lstm_cell(peepholes=True)
show("The same diagram with three dashed arrows: from the old memory to f and i, from the new memory to o.")

# %% [markdown]
r"""
$i$ and $f$ look at the memory before this step's writing, $o$ at the memory after it.
So there is an order in which things can be computed.

### Build: exercise 7.2

`W` and `b` are dictionaries, with an entry for each of "i", "f", "g", "o".
"""


# %% answer="7.2"
def peephole_step(
    x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray, W: dict, b: dict
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h, c (B, H); W["i"], W["f"], W["o"] (2H + D, H), W["g"] (H + D, H), b[...] (H,)."""
    ### BEGIN SOLUTION
    seen = np.concatenate([c_prev, h_prev, x_t], axis=1)
    i, f = sigmoid(seen @ W["i"] + b["i"]), sigmoid(seen @ W["f"] + b["f"])
    g = np.tanh(seen[:, c_prev.shape[1] :] @ W["g"] + b["g"])
    c = f * c_prev + i * g
    o = sigmoid(np.concatenate([c, h_prev, x_t], axis=1) @ W["o"] + b["o"])
    return o * np.tanh(c), c
    ### END SOLUTION


# %% check="7.2"
ex.peephole_step.check(peephole_step)

# %% [markdown] solution="7.2"
r"""
**Why this and not that.** `o` comes last because it reads `c`, which (5) makes from `i`, `f` and `g`.
The candidate has no peephole: what is *written* should not depend on what is there, only *whether* it is.
`np.concatenate(..., axis=1)` joins rows; `np.stack` would make a new axis, and no matrix fits that.
"""

# %% [markdown]
r"""
The papers let each gate see only its *own* unit's memory, through one number per unit: a diagonal matrix.
The library's `lstm-peephole` is that form. With diagonal blocks on top your step gives the same:
"""

# %%
peephole = CELLS["lstm-peephole"]
q = peephole.init(rng, D=3, H=5)
see = dict(zip("ifo", (np.diag(row[0]) for row in q.P)))
W = {k: np.concatenate([*([see[k]] if k in see else []), q.W_h[n], q.W_x[n]]) for n, k in enumerate("ifgo")}
b = {k: q.b[n, 0] for n, k in enumerate("ifgo")}
state, _ = peephole.step(q, peephole.project(q, x_t), peephole.State(h, c))
assert np.allclose(ex.peephole_step(x_t, h, c, W, b), state, rtol=0, atol=1e-12)
print("full matrices with a diagonal block = the papers' peepholes, to 1e-12")

# %% [markdown]
r"""
From here on *LSTM* means variation 2. Greff and others (2017) tried both, and seven more, on three tasks:
peepholes made little difference (lesson 08 looks at all of them).

## 2. How does a gradient get back through a step?

Two steps of a single unit, with numbers. The loss is $L = \tfrac12 (h_2 - 1)^2$.
"""

# %%
w_x, w_h, b = np.array([0.5, -0.4, 1.2, 0.8]), np.array([0.9, 0.8, 1.1, 1.3]), np.array([0.1, 1.0, 0.0, -0.2])


def step(x_t, h, c):
    i, f, g, o = x_t * w_x + h * w_h + b
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return i, f, g, o, c, o * np.tanh(c)


x, c_0 = [1.0, -0.7], 0.4
i_1, f_1, g_1, o_1, c_1, h_1 = step(x[0], 0.0, c_0)
i_2, f_2, g_2, o_2, c_2, h_2 = step(x[1], h_1, c_1)
print(f"c_1 {c_1:.4f}  h_1 {h_1:.4f}   c_2 {c_2:.4f}  h_2 {h_2:.4f}   L {(h_2 - 1) ** 2 / 2:.4f}")

# %% [markdown]
r"""
The witness of every line below is the one from lesson 04: move one number a little, and see how $L$ moves.
"""


# %%
def moved(loss, at):
    """The slope of a function of one number, by moving it both ways."""
    return (loss(at + 1e-5) - loss(at - 1e-5)) / 2e-5


def compare(**pairs):
    for name, (by_hand, by_moving) in pairs.items():
        print(f"{name}   by hand {by_hand:+.8f}   by moving it {by_moving:+.8f}")
        assert abs(by_hand - by_moving) < 1e-8


# %% [markdown]
r"""
**Through the output.** $h_2 = o_2 \tanh(c_2)$ is a product of two things, and each gets the other as its factor.
On the way to $c_2$ there is also the slope of tanh:

$$\frac{\partial L}{\partial o_2} = \frac{\partial L}{\partial h_2} \tanh(c_2), \qquad
\frac{\partial L}{\partial c_2} = \frac{\partial L}{\partial h_2} \, o_2 \, (1 - \tanh^2 c_2)$$
"""

# %%
dh_2 = h_2 - 1
do_2 = dh_2 * np.tanh(c_2)
dc_2 = dh_2 * o_2 * (1 - np.tanh(c_2) ** 2)


def loss_of(o, c):
    return (o * np.tanh(c) - 1) ** 2 / 2


compare(do_2=(do_2, moved(lambda o: loss_of(o, c_2), o_2)), dc_2=(dc_2, moved(lambda c: loss_of(o_2, c), c_2)))

# %% [markdown]
r"""
**Through the memory.** $c_2 = f_2 c_1 + i_2 g_2$: four things, and again each gets its partner.

$$\frac{\partial L}{\partial i_2} = \frac{\partial L}{\partial c_2} g_2, \qquad
\frac{\partial L}{\partial g_2} = \frac{\partial L}{\partial c_2} i_2, \qquad
\frac{\partial L}{\partial f_2} = \frac{\partial L}{\partial c_2} c_1, \qquad
\frac{\partial L}{\partial c_1} = \frac{\partial L}{\partial c_2} f_2$$
"""

# %%
di_2, dg_2, df_2, dc_1 = dc_2 * g_2, dc_2 * i_2, dc_2 * c_1, dc_2 * f_2


def loss_of(i=i_2, g=g_2, f=f_2, c=c_1):
    return (o_2 * np.tanh(f * c + i * g) - 1) ** 2 / 2


compare(di_2=(di_2, moved(lambda i: loss_of(i=i), i_2)), dg_2=(dg_2, moved(lambda g: loss_of(g=g), g_2)))
compare(df_2=(df_2, moved(lambda f: loss_of(f=f), f_2)), dc_1=(dc_1, moved(lambda c: loss_of(c=c), c_1)))

# %% [markdown]
r"""
Stop at the last of them. **From $c_2$ to $c_1$ the gradient is multiplied by $f_2$, and that is all.**
Section 3 is about that line.

**Through the gates.** Each has its own slope: $s (1 - s)$ for a sigmoid, $1 - g^2$ for the candidate.
With $u$ for the four sums before it,

$$\frac{\partial L}{\partial u^i} = \frac{\partial L}{\partial i} \, i (1 - i), \quad
\frac{\partial L}{\partial u^f} = \frac{\partial L}{\partial f} \, f (1 - f), \quad
\frac{\partial L}{\partial u^g} = \frac{\partial L}{\partial g} (1 - g^2), \quad
\frac{\partial L}{\partial u^o} = \frac{\partial L}{\partial o} \, o (1 - o)$$

and $h_1$, which all four have read, hears from all four:
$\partial L / \partial h_1 = \sum_k \partial L / \partial u^k \, w_h^k$.
"""

# %%
du_2 = np.array([di_2 * i_2 * (1 - i_2), df_2 * f_2 * (1 - f_2), dg_2 * (1 - g_2**2), do_2 * o_2 * (1 - o_2)])
dh_1 = du_2 @ w_h


def loss_of(h=h_1, c=c_1):
    return (step(x[1], h, c)[-1] - 1) ** 2 / 2


compare(dh_1=(dh_1, moved(lambda h: loss_of(h=h), h_1)), dc_1=(dc_1, moved(lambda c: loss_of(c=c), c_1)))

# %% [markdown]
r"""
**One step further back.** $c_1$ has *two* ways to the loss. It went on to $c_2$, and it was shown as $h_1$.
The first share is $\frac{\partial L}{\partial c_2} f_2$, as above; the second takes the road through the output
that $c_2$ took, one step earlier. **Predict** what has to be done with the two.
"""

# %%
dc_1_whole = dc_1 + dh_1 * o_1 * (1 - np.tanh(c_1) ** 2)


def loss_of(c):
    return (step(x[1], o_1 * np.tanh(c), c)[-1] - 1) ** 2 / 2


compare(
    dc_1=(dc_1_whole, moved(loss_of, c_1)),
    dc_0=(dc_1_whole * f_1, moved(lambda c: loss_of(step(x[0], 0.0, c)[4]), c_0)),
)

# %% [markdown]
r"""
They add, as always where a value branches:

$$\frac{\partial L}{\partial c_1} = \frac{\partial L}{\partial c_2} f_2
+ \frac{\partial L}{\partial h_1} o_1 (1 - \tanh^2 c_1)$$

The part that came along the memory and the part through the output
are then handed on together: $\partial L/\partial c_0$ is the whole times $f_1$.

### Build: exercise 7.3

The same for a batch: what $c_t$ gets in all, and what it hands to $c_{t-1}$.
"""


# %% answer="7.3"
def memory_backward(
    dh: np.ndarray, dc: np.ndarray, f: np.ndarray, o: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """dh = ∂L/∂h_t, and dc, what c_t gets from step t + 1, (B, H), to the whole ∂L/∂c_t and to ∂L/∂c_{t-1}, (B, H) each."""
    ### BEGIN SOLUTION
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    return dc, dc * f
    ### END SOLUTION


# %% check="7.3"
ex.memory_backward.check(memory_backward)

# %% [markdown] solution="7.3"
r"""
**Why this and not that.** The slope is that of tanh *at* `c`, hence `1 - np.tanh(c) ** 2`: unlike Elman's $h$,
the memory has not been through a tanh. `dc = dc + ...` makes a new array; `dc += ...` would write into the caller's.
"""

# %% [markdown]
r"""
With matrices the rest is lesson 04, four times over. Let $\partial L/\partial u$ be stacked as the gates are, `(4, B, H)`:

$$\frac{\partial L}{\partial x_t} = \sum_k \frac{\partial L}{\partial u^k} W_x^{k\top}, \qquad
\frac{\partial L}{\partial h_{t-1}} = \sum_k \frac{\partial L}{\partial u^k} W_h^{k\top}$$
$$\frac{\partial L}{\partial W_x^k} = x_t^\top \frac{\partial L}{\partial u^k}, \qquad
\frac{\partial L}{\partial W_h^k} = h_{t-1}^\top \frac{\partial L}{\partial u^k}, \qquad
\frac{\partial L}{\partial b^k} = \sum_{\text{rows}} \frac{\partial L}{\partial u^k}$$

### Build: exercise 7.4

`W.transpose(0, 2, 1)` transposes each matrix of a stack.
"""


# %% answer="7.4"
def lstm_step_backward(
    dh: np.ndarray,
    dc: np.ndarray,
    x_t: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    gates: np.ndarray,
    c: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """dh, dc as in 7.3 and gates = i, f, g, o after activation (4, B, H) to gradients: x_t, h_prev, c_prev, W_x, W_h, b."""
    ### BEGIN SOLUTION
    i, f, g, o = gates
    tanh_c = np.tanh(c)
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
    du = np.stack([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)])
    dx = (du @ W_x.transpose(0, 2, 1)).sum(axis=0)
    dh_prev = (du @ W_h.transpose(0, 2, 1)).sum(axis=0)
    return dx, dh_prev, dc * f, x_t.T @ du, h_prev.T @ du, du.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% check="7.4"
ex.lstm_step_backward.check(lstm_step_backward)

# %% [markdown] solution="7.4"
r"""
**Why this and not that.** Forward, each of the four products read the same `x_t`; back, their four shares add: `sum(axis=0)`.
The weights are four different matrices, so their gradients stay apart, `(4, D, H)`.
The forget gate was multiplied with the *old* memory, so `df` has `c_prev`; the output gate with `tanh(c)`, not with `c`.
"""

# %% [markdown]
r"""
### Build: exercise 7.5, a whole sequence

You get two functions with the weights already in them:

- `step(x_t, h_prev, c_prev)` returns `h, c, trace`,
- `step_back(dh, dc, trace)` returns the gradients of `x_t`, `h_prev`, `c_prev`, `W_x`, `W_h`, `b` for that step.

Run them over time, forward and back. `dh_out[t]` is what $h_t$ gets from its own output.
**Predict**: how many numbers per unit does step $t + 1$ hand back to step $t$?
"""


# %% answer="7.5"
def lstm_sequence(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, dh_out: np.ndarray, step: Callable, step_back: Callable
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x (T, B, D), h0, c0 (B, H), dh_out (T, B, H) to h (T, B, H) and the gradients of x, h0, c0, W_x, W_h, b."""
    ### BEGIN SOLUTION
    h, c, states, traces = h0, c0, [], []
    for x_t in x:
        h, c, trace = step(x_t, h, c)
        states.append(h)
        traces.append(trace)
    dh, dc, dx, weights = np.zeros_like(h0), np.zeros_like(c0), np.zeros_like(x), 0
    for t in reversed(range(len(x))):
        dx[t], dh, dc, *d = step_back(dh_out[t] + dh, dc, traces[t])
        weights = [a + b for a, b in zip(weights, d, strict=True)] if weights else d
    return np.stack(states), dx, dh, dc, *weights
    ### END SOLUTION


# %% check="7.5"
ex.lstm_sequence.check(lstm_sequence)

# %% [markdown] solution="7.5"
r"""
**Why this and not that.** Two, $\partial L/\partial h_t$ and $\partial L/\partial c_t$.
Drop the first and the gates learn nothing about what they did to later gates;
drop the second and the LSTM's long path is gone;
drop both and you have the answer key that lesson 04 put on trial.
With $T = 1$ all three get the gradients of the weights right; only those of $h_0$ and $c_0$ give them away.
The output's share `dh_out[t]` is added to `dh` only: the memory has no output of its own.
"""

# %% [markdown]
r"""
### The same as torch's?

`torch.nn.LSTM` keeps the four gates *below* one another, in matrices that are transposed against ours:
`weight_ih_l0` $(4H, D)$, `weight_hh_l0` $(4H, H)$, rows $0$ to $H - 1$ for $i$, the next $H$ for $f$, then $g$, then $o$;
and two biases $(4H)$, of which only the sum matters.

### Build: exercise 7.6

Bring its four arrays into our layout.
"""


# %% answer="7.6"
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (4H, D), weight_hh (4H, H) and biases (4H,), to our W_x (4, D, H), W_h (4, H, H), b (4, 1, H)."""
    ### BEGIN SOLUTION
    H = weight_hh.shape[1]
    W_x, W_h = (w.reshape(4, H, -1).transpose(0, 2, 1) for w in (weight_ih, weight_hh))
    return W_x, W_h, (bias_ih + bias_hh).reshape(4, 1, H)
    ### END SOLUTION


# %% check="7.6"
ex.from_torch_layout.check(from_torch_layout)

# %% [markdown] solution="7.6"
r"""
**Why this and not that.** First cut, then turn. `reshape(4, H, D)` keeps the order of the numbers in memory and only draws
borders between the blocks; `transpose(0, 2, 1)` then swaps rows and columns inside each.
`reshape(4, D, H)` at once has the right shape and puts every number in a wrong place.
"""

# %% [markdown]
r"""
Now the trial. Your pieces (or the references) put together, against torch, in float64:
the states, and the gradients of everything, which torch's autograd finds without our formulas.
"""

# %%
import torch

theirs = torch.nn.LSTM(3, 5, dtype=torch.float64)
p = lstm.Params(*ex.from_torch_layout(*(a.detach().numpy() for a in theirs.parameters())))


def forward_step(x_t, h, c):
    i, f, g, o = x_t @ p.W_x + h @ p.W_h + p.b
    h_new, c_new = ex.lstm_step(x_t, h, c, *p)
    return h_new, c_new, (x_t, h, c, np.stack([sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)]), c_new)


def backward_step(dh, dc, trace):
    return ex.lstm_step_backward(dh, dc, *trace, p.W_x, p.W_h)


# %% [markdown]
r"""
Seven steps, two sequences, a random gradient at every output:
"""

# %%
x, h0, c0 = (torch.randn(n, 2, m, dtype=torch.float64, requires_grad=True) for n, m in ((7, 3), (1, 5), (1, 5)))
dh_out = rng.standard_normal((7, 2, 5))
h, _ = theirs(x, (h0, c0))
h.backward(torch.from_numpy(dh_out))

start = [a.detach().numpy() for a in (x, h0[0], c0[0])]
ours, *d = ex.lstm_sequence(*start, dh_out, forward_step, backward_step)
weights = ex.from_torch_layout(*(a.grad.numpy() for a in theirs.parameters()))
by_autograd = [x.grad.numpy(), h0.grad[0].numpy(), c0.grad[0].numpy(), weights[0], weights[1], weights[2] / 2]
assert np.abs(ours - h.detach().numpy()).max() < 1e-12
assert all(np.abs(mine - a).max() < 1e-12 for mine, a in zip(d, by_autograd, strict=True))
print("states and all six gradients agree with torch.nn.LSTM to 1e-12")

# %% [markdown]
r"""
(Both of torch's biases get the same gradient, and the mapping adds them up; hence the half.)
From here on `course_utils.sequence` does the work. It is the same, with the products over all steps taken at once:
"""

# %%
run = sequence.forward(lstm, p, start[0], lstm.State(*start[1:]))
back = sequence.backward(lstm, p, start[0], run, dh_out)
for mine, library in zip(d, [back.x, *back.state, *back.p], strict=True):
    assert np.abs(mine - library).max() < 1e-12
print("and with course_utils.sequence")

# %% [markdown]
r"""
## 3. How far does a gradient reach?

For Elman's cell each step back costs a matrix and a slope. Along the LSTM's memory it costs a factor per unit:

$$\frac{\partial h_t}{\partial h_k} = \prod_{j=k+1}^{t} \mathrm{diag}(1 - h_j^2) \, W_{hh}^\top
\qquad \text{against} \qquad
\frac{\partial c_t}{\partial c_k}\bigg|_{\text{along the memory}} = \prod_{j=k+1}^{t} \mathrm{diag}(f_j)$$

(Products run from the latest step on the left. "Along the memory" leaves out the detour over $h$ and the gates;
section 5 brings it back.)
With $f = 1$ and $i = 0$ the memory is kept for ever, and so is its gradient. Literally: gate biases of $\pm 50$,
ten thousand steps of noise at the input, 16 units.
"""

# %%
p = lstm.init(rng, D=4, H=16)
p.b[0], p.b[1] = -50, 50  # i and f
x, state = rng.standard_normal((10_000, 1, 4)), lstm.State(np.zeros((1, 16)), rng.standard_normal((1, 16)))
run = sequence.forward(lstm, p, x, state)
dc = rng.standard_normal((1, 16))
back = sequence.backward(lstm, p, x, run, np.zeros_like(run.h), lstm.State(np.zeros((1, 16)), dc))
assert np.array_equal(run.last.c, state.c) and np.array_equal(back.state.c, dc)
print("after 10,000 steps: the memory unchanged to the last bit, and the gradient of c_0 equal to that of c_T")

# %% [markdown]
r"""
That was arranged. What does a network have *before* it has learned anything?
A loss at the last of 150 steps; how large is its gradient at the input $l$ steps earlier?
Random weights as torch draws them, 32 units, noise as input, the geometric mean over 16 sequences.
"""

# %%
x, v = rng.standard_normal((150, 16, 4)), rng.standard_normal((16, 32))


def by_lag(cell, p):
    run = sequence.forward(cell, p, x)
    dh = np.zeros_like(run.h)
    dh[-1] = v
    norms = np.linalg.norm(sequence.backward(cell, p, x, run, dh).x, axis=-1)[:-102:-1]  # lags 0 to 100
    norms = np.exp(np.log(norms).mean(axis=1))
    return norms / norms[0]


# %% [markdown]
r"""
The LSTM three times, with the *same* weights, but for the bias of the forget gate: 0, 1 and 3.
**Predict** the order of the four curves at lag 100, and how many powers of ten lie between the first and the last.
"""

# %%
p = lstm.init(rng, D=4, H=32)
norms = {"RNN": by_lag(elman, elman.init(rng, D=4, H=32))}
for start in (0, 1, 3):
    p.b[1] = start
    norms[start] = by_lag(lstm, p)

# %% [markdown]
r"""
And the memory's path alone, without the detour over $h$: the product of all $f$ from lag to lag,
its root mean square over the units. All on the same axes:
"""


# %%
def along_memory(start):
    b = p.b.copy()
    b[1] = start
    f = sequence.forward(lstm, p._replace(b=b), x).trace.f
    kept = np.cumprod(f[::-1], axis=0)[:100]  # (lag, B, H), from lag 1
    return np.append(1, np.exp(np.log((kept**2).mean(axis=2)).mean(axis=1) / 2))


curves = [("RNN", norms["RNN"], "#000000", 0)]
curves += [(f"LSTM,\nbias {k}", norms[k], plots.CURVES[k], 0) for k in (0, 1, 3)]
along = [(along_memory(k), plots.CURVES[k]) for k in (0, 1, 3)]
plots.gradient_curves(
    curves, "lag in steps", "Fresh weights: the forget gate's bias sets how far a gradient reaches", along
)
show(
    "Gradient norm against lag, log axis: the RNN and the LSTM with forget bias 0 fall steepest, then bias 1; bias 3 "
    "falls least. A dashed line for each LSTM: the path along the memory alone."
)
assert max(norms["RNN"][100], norms[0][100]) < norms[1][100] < norms[3][100]

# %% [markdown]
r"""
Straight lines: every step costs the same factor.
Dashed is the memory's own path; where the solid line lies above it, the rest came through $h$ and the gates.
Here is the factor, measured over the first 60 lags, beside $\sigma(\text{bias})$,
what a forget gate lets through at the start if only its bias counts:
"""

# %%
for name, n in norms.items():
    share = "" if name == "RNN" else f"   σ({name}) = {sigmoid(name):.3f}"
    print(f"{name!s:>4}: {n[100]:.0e} at lag 100; {n[60] ** (1 / 60):.3f} per step{share}")

# %% [markdown]
r"""
An LSTM with a forget bias of 0 keeps half of its memory at each step, and its gradient is lost about as fast as the RNN's.
The gates alone do not help: they must start *open*.
(What is measured lies above $\sigma(\text{bias})$: units differ, those that forget least count most,
and the way through $h$ adds its share.)
Gers and others (2000), who brought in the forget gate, started its bias above 0. It was forgotten, and found again
by Jozefowicz and others (2015): **start the forget gate's bias at 1**, or higher if you expect long lags.

### Build: exercise 7.7

torch does not do so; its biases start at random around 0. And it has two of them.
"""


# %% answer="7.7"
def open_forget_gate(bias_ih: np.ndarray, bias_hh: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """torch's two biases (4H,), gates i f g o, to copies whose forget gate starts at `start` in bias_ih and 0 in bias_hh."""
    ### BEGIN SOLUTION
    H = len(bias_ih) // 4
    bias_ih, bias_hh = bias_ih.copy(), bias_hh.copy()
    bias_ih[H : 2 * H], bias_hh[H : 2 * H] = start, 0
    return bias_ih, bias_hh
    ### END SOLUTION


# %% check="7.7"
ex.open_forget_gate.check(open_forget_gate)

# %% [markdown] solution="7.7"
r"""
**Why this and not that.** The popular `bias.data[H:2 * H] = 1` in a loop over *all* biases makes 2, because torch adds the two.
The gate then starts at $\sigma(2)$, and nothing in the code says so.
A wrong block is worse: an input gate that starts open, say, while the forget gate stays half shut.
"""

# %% [markdown]
r"""
On a fresh torch LSTM, the mean forget gate on random input, before and after:
"""

# %%
fresh = torch.nn.LSTM(4, 32)
arrays = [a.detach().numpy().copy() for a in fresh.parameters()]


def mean_forget_gate(arrays):
    p = lstm.Params(*ex.from_torch_layout(*arrays))
    return sequence.forward(lstm, p, x.astype(np.float32)).trace.f.mean()


opened = arrays[:2] + list(ex.open_forget_gate(*arrays[2:], 1.0))
print(f"fresh {mean_forget_gate(arrays):.2f}   opened {mean_forget_gate(opened):.2f}   σ(1) = {sigmoid(1.0):.2f}")

# %% [markdown]
r"""
### A bit, latched by hand

No learning: you choose the weights. One unit, two inputs. $v$ is noise, $-1$ or 1 at every step.
$w$ is 0, but when it is 1 the bit that is on $v$ at that moment has to be stored and shown until $w$ is 1 again.

### Build: exercise 7.8

The check cannot see your weights, so it hands you a function `read`: pass the weights to it, and return what it says.
It runs your LSTM over many sequences, some of a thousand steps, and tells what your unit shows at the end:
1, $-1$, or 0 if $|h| < 0.25$. Any weights that hold the bits are right.
**Predict** for each gate when it has to be open.
"""


# %% answer="7.8"
def latch(read: Callable) -> np.ndarray:
    """Choose W_x (4, 2, 1), W_h (4, 1, 1), b (4, 1, 1) of a one-unit LSTM that latches a bit, and return read(W_x, W_h, b)."""
    ### BEGIN SOLUTION
    W_x, W_h, b = np.zeros((4, 2, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1))
    W_x[0, 1], b[0] = 20, -10
    W_x[1, 1], b[1] = -20, 10
    W_x[2, 0] = 5
    b[3] = 10
    return read(W_x, W_h, b)
    ### END SOLUTION


# %% check="7.8"
ex.latch.check(latch)

# %% [markdown] solution="7.8"
r"""
**Why this and not that.** $i$ follows $w$ and $f$ is its opposite, so that a new bit *replaces* the old one;
$g$ says what $v$ says.
$W_h$ is not needed. The numbers are large because "nearly shut" is not shut:
with $\pm 5$ in place of $\pm 10$, $f = 0.9933$, and a thousandth part of the bit is left after a thousand steps.
"""

# %% [markdown]
r"""
`latch` can also hand out its weights: with a `read` that returns what it gets.
Seven writes in a thousand steps, and for comparison a single tanh unit of an RNN with $w_{hh} = 2$:
"""

# %%
p_latch = lstm.Params(*ex.latch(lambda *weights: weights))
writes, bits = [0, 60, 250, 330, 600, 640, 700], [1, -1, 1, -1, -1, 1, -1]
x_latch = ex.latch_inputs(rng, T=1000, B=1, writes=writes)  # (T, 1, 2)
x_latch[writes, 0, 0] = bits
run = sequence.forward(lstm, p_latch, x_latch)
p_rnn = elman.Params(W_xh=np.array([[3.0], [0.0]]), W_hh=np.array([[2.0]]), b_h=np.zeros(1))
h_rnn = sequence.forward(elman, p_rnn, x_latch).h
plots.latched_bit(x_latch[:, 0], run.trace.c[:, 0, 0], h_rnn[:, 0, 0])
show(
    "Three panels over 1,000 steps: noise with seven writes; the LSTM's memory, level between writes; "
    "an RNN's unit, which jumps up and down all the time."
)
late = [t - 1 for t in writes[1:]] + [999]
assert (np.sign(run.h[late, 0, 0]) == bits).all()

# %% [markdown]
r"""
The memory's line is level from write to write, for 300 steps at the end as for 60 at the start.

The RNN's unit in the lowest panel cannot do it, with any weights. What it reads is a *sum*, $a v + b w$.
Say it holds $-1$ and reads $v = 1$: at $w = 0$ it must stay, at $w = 1$ it must turn, so $w$ has to push up, $b > 0$.
Say it holds 1 and reads $v = -1$: at $w = 0$ it must stay, at $w = 1$ it must turn, so $w$ has to push down, $b < 0$.
No $b$ does both.
What is missing is a *product*, so that $w$ can decide what $v$ counts for. That is what a gate is.

With that weight the unit *can* hold a bit, as long as its input is quiet: it has two resting points,
and falls back to the nearer one after every small disturbance. **Predict** what that does to its gradient.
"""

# %%
w_hh, h = 2.0, 0.1
slopes = []
for _ in range(1000):
    h = np.tanh(w_hh * h)
    slopes.append(w_hh * (1 - h**2))
lstm_slopes = run.trace.f[701:, 0, 0]
print(f"RNN:  rests at {h:.4f}; gradient through the last 100 steps 10^{np.log10(slopes[-100:]).sum():.0f}")
print(f"LSTM: gradient through its last 299 steps {lstm_slopes.prod():.3f}")
assert np.prod(slopes[-100:]) < 1e-60 and lstm_slopes.prod() > 0.95

# %% [markdown]
r"""
Both keep the bit. But the RNN keeps it *because* it corrects every change, and a gradient is the effect of a small change:
corrected a hundred times, nothing of it is left. A plain RNN that holds a bit firmly cannot learn from what it holds
(Bengio, Simard and Frasconi 1994). The LSTM holds it by doing nothing, and the gradient gets through.

## 4. Does it learn to remember?

The *temporal order* task of lesson 06: two symbols, X or Y each, hidden among random letters, one early, one in the middle.
At the end the network is asked which two they were, in which order: four answers, a chance of one quarter.
The lag between symbol and answer grows with the length $T$.

Four networks of 16 units, at most 700 updates on fresh sequences each: an RNN, and LSTMs with forget bias 0, 1 and 3.
"""

# %%
from course_utils.initialisers import uniform
from course_utils.studies.task_training import success_table
from course_utils.tasks.long_lag import TASKS


def forget_bias(start):
    """Options for init: b (4, 1, H) random as always, but for the forget gate."""

    def b(rng, shape):
        values = uniform(rng, shape, shape[-1] ** -0.5)
        values[1] = start
        return values

    return {"b": b}


# %% [markdown]
r"""
**Predict** from the figure of section 3 which of them fails first as $T$ grows.
"""

# %%
lengths = [20, 40, 60, 80]
cells = {"RNN": (elman, {})} | {start: (lstm, forget_bias(start)) for start in (0, 1, 3)}
options = {"H": 16, "updates": 700, "lr": 1e-2, "every": 50}
table = success_table(np.random.default_rng(1), [TASKS["order"]], cells, lengths, **options)
success = {name: table["order", name] for name in cells}
for name, shares in success.items():
    print(f"{name!s:>4}:", "  ".join(f"T = {T}: {share:.2f}" for T, share in zip(lengths, shares)))
assert sum(success[3]) > max(sum(success["RNN"]), sum(success[0])) + 0.5

# %% [markdown]
r"""
The same as a picture:
"""

# %%
curves = [("RNN", success["RNN"], "#000000")]
curves += [(f"LSTM, bias {k}", success[k], plots.CURVES[k]) for k in (0, 1, 3)]
title = "Temporal order: how far back a network learns to look"
plots.success_by_length(lengths, curves, TASKS["order"].chance, title)
show("Share of right answers against T, a curve for the RNN and for each forget bias; the highest bias reaches farthest.")

# %% [markdown]
r"""
On the short task there is little between them. As $T$ grows, the RNN and the LSTM with bias 0 fall to chance long before
the LSTM with bias 3: it is the *start* of one bias that separates networks with the same equations.
Some gradient has to reach the early symbol before anything can be learned about it.
(These are single runs: another seed moves the edges by a length or so.)
If you know how long the lags are, you can choose the bias: a gate of $f$ forgets over about $1/(1-f)$ steps,
and for $T$ steps that asks for a bias of about $\log T$ (Tallec and Ollivier 2018).

## 5. What does an LSTM not guarantee?

The cell makes long memory *easier*. Four counter-examples, each with its number.

**One: a hair below 1 is not 1.** **Predict** the half-life of a memory at $f = 0.99$.
"""

# %%
print("bias       f       half-life   left after 1,000 steps")
for bias in (0, 1, 3, 5, 7, 10):
    f = sigmoid(float(bias))
    print(f"{bias:4d}  {f:.6f}  {np.log(0.5) / np.log(f):10,.1f}   {f**1000:.1e}")
print(f"f = 0.99: half-life {np.log(0.5) / np.log(0.99):.0f} steps, after 1,000 steps {0.99**1000:.0e} is left")
assert 0.99**1000 < 1e-4 and sigmoid(5.0) ** 1000 < 2e-3 and sigmoid(10.0) ** 1000 > 0.95

# %% [markdown]
r"""
Seventy steps at $f = 0.99$. Short of biases so large that rounding makes it 1, a sigmoid stays below 1,
and a memory that nothing refreshes decays exponentially.
A cell may refresh it *itself*, through $h$ and the candidate. Here $f = 0.9$, $i = \frac{1}{2}$, $o = 1$ and
$g = \tanh(4 h_{t-1})$. **Predict**: does it hold its value, and what is the gradient over a hundred steps?
"""

# %%
p = lstm.Params(np.zeros((4, 1, 1)), np.zeros((4, 1, 1)), np.array([0, np.log(9), 0, 50]).reshape(4, 1, 1))
p.W_h[2] = 4
held = sequence.forward(lstm, p, np.zeros((10_000, 1, 1)), lstm.State(np.ones((1, 1)), np.ones((1, 1)))).last
x, one = np.zeros((100, 1, 1)), lstm.State(np.zeros((1, 1)), np.ones((1, 1)))
run = sequence.forward(lstm, p, x, held)
slope = sequence.backward(lstm, p, x, run, np.zeros_like(run.h), one).state.c.item()
print(f"c = {held.c.item():.3f} after 10,000 steps; gradient over 100 more {slope:.1e}, and 0.9^100 = {0.9**100:.1e}")
assert held.c.item() > 4.9 and abs(run.last.c - held.c).item() < 1e-9 and slope < 1e-4

# %% [markdown]
r"""
It holds for ever, but as the RNN did: by correcting every change. What is kept that way, no gradient comes back from.

**Two: a shut gate does not learn.** The slope of a gate is $i (1 - i)$. We shut the input gate of one unit more and more,
and look at the gradient of its bias, for a loss at the end of 20 steps that would gladly have something written.
"""

# %%
x, p = rng.standard_normal((20, 16, 4)), lstm.init(rng, D=4, H=1)
sizes = []
for bias in (0, -5, -10, -20):
    p.b[0] = bias
    run = sequence.forward(lstm, p, x)
    dh = np.zeros_like(run.h)
    dh[-1] = (run.h[-1] - 0.5) / 16
    sizes.append(abs(sequence.backward(lstm, p, x, run, dh).p.b[0, 0, 0]))
    print(f"bias {bias:4d}:  i = {run.trace.i.mean():.1e}   gradient of the bias {sizes[-1]:.1e}")
assert sizes[-1] < 1e-6 * sizes[0]

# %% [markdown]
r"""
The latch of exercise 7.8 is at such a point. It holds its bit for a thousand steps, and gradient descent
could hardly have found it: what makes it safe makes it deaf. The same goes for an output gate that is shut,
and for a memory that has grown large, since (6) shows it through a tanh:
"""

# %%
for c in (1.0, 5.0, 10.0, 20.0):
    print(f"c = {c:4.0f}:  shown as {np.tanh(c):.9f}, slope {1 / np.cosh(c) ** 2:.1e}")
assert np.tanh(20.0) == np.tanh(1000.0)

# %% [markdown]
r"""
A unit that adds 1 for a thousand steps has the count in $c$, to the last digit. In $h$ it cannot be told from 20.

**Three: gradients still explode.** The memory is one way back; the other leads through $h$ and the gates.
One unit with $f = 1$, $i = o = \frac{1}{2}$, and its hidden state feeding the candidate with weight 4. No input at all.
From $c = 0$ the memory never moves, and near it

$$c_t = c_{t-1} + \tfrac12 \tanh(4 h_{t-1}), \qquad h_t = \tfrac12 \tanh(c_t)
\qquad \Rightarrow \qquad \frac{\partial c_t}{\partial c_{t-1}} = 1 + \tfrac12 \cdot 4 \cdot \tfrac12 = 2$$

**Predict** the gradient of $h_{100}$ with respect to $c_0$, along the memory alone and in all.
(99 of the steps are such: the first takes $h_0$ as it is given, so $c_0$ reaches $c_1$ along the memory only.)
"""

# %%
p = lstm.Params(np.zeros((4, 1, 1)), np.zeros((4, 1, 1)), np.zeros((4, 1, 1)))
p.W_h[2], p.b[1] = 4, 50
x = np.zeros((100, 1, 1))
run = sequence.forward(lstm, p, x)
dh = np.zeros_like(run.h)
dh[-1] = 1
d_c0 = sequence.backward(lstm, p, x, run, dh).state.c.item()
print(f"c moves by {np.abs(run.trace.c).max()};  along the memory {run.trace.f.prod():.0f},  in all {d_c0:.2e}")
assert not run.trace.c.any() and run.trace.f.prod() == 1 and np.isclose(d_c0, 0.5 * 2.0**99, rtol=1e-9)

# %% [markdown]
r"""
The memory is kept perfectly, its own path has gradient 1, and the whole gradient is $\frac{1}{2} \cdot 2^{99}$.
Clipping (lesson 06) is as needed as before.

**Four: it need not win.** On the *copy* task of lesson 06, with the same size and learning rate as above,
and 500 updates:
"""

# %%
copy = TASKS["copy"]
cells = {"RNN": (elman, {}), "LSTM, bias 0": (lstm, forget_bias(0)), "LSTM, bias 3": (lstm, forget_bias(3))}
table = success_table(rng, [copy], cells, [30], H=16, updates=500, lr=1e-2)
for (_, name), shares in table.items():
    print(f"{name:12}  T = 30: {shares[0]:.2f} right, chance {copy.chance:.2f}")
assert table["copy", "LSTM, bias 0"] < table["copy", "RNN"]

# %% [markdown]
r"""
In this run the LSTM whose forget gate starts half shut is *worse* than the RNN, despite four times as many parameters.
Gates are a possibility. The start, and then training, decide what becomes of it.

## 6. Who else does this?

*Leave what you have, and add to it.* Deep networks without time have the same trouble,
with layers in place of steps, and the same cure:

$$\text{plain} \quad y = H(x), \qquad
\text{residual} \quad y = x + H(x), \qquad
\text{Highway} \quad y = g \odot H(x) + (1 - g) \odot x$$

with $H(x) = \tanh(x W)$ and a gate $g = \sigma(x W_g + b_g)$.
Highway networks (Srivastava and others 2015) took the gate from the LSTM:
with $i = g$ and $f = 1 - g$, "make it or carry it" is equation (5) in depth.
Residual networks (He and others 2016) are the carousel of 1997 again, with no gates at all.

A hundred layers of 32 units. The gradient at the top is random; how large is it $l$ layers further down?
torch's autograd will tell, for any layer that we can write down:
"""

# %%
depth, H = 100, 32
torch.manual_seed(0)
W, W_g = ((2 * torch.rand(depth, H, H, dtype=torch.float64) - 1) * H**-0.5 for _ in range(2))


def highway(x, k, b_g=-3.0):
    g = torch.sigmoid(x @ W_g[k] + b_g)
    return g * torch.tanh(x @ W[k]) + (1 - g) * x


layers = {
    "plain": lambda x, k: torch.tanh(x @ W[k]),
    "residual": lambda x, k: x + torch.tanh(x @ W[k]),
    "Highway": highway,
}

# %% [markdown]
r"""
The gate's bias is $-3$, so that at first $1 - g \approx 0.95$ is carried: just what a forget bias of 3 does.
**Predict**: which of the three will have a gradient that *grows* on the way down?
"""


# %%
def by_depth(layer):
    xs = [torch.randn(16, H, dtype=torch.float64, requires_grad=True)]
    for k in range(depth):
        xs.append(layer(xs[-1], k))
    grads = torch.autograd.grad((xs[-1] * torch.randn(16, H)).sum(), xs)[::-1]
    size = np.array([g.norm(dim=1).log().mean().exp().item() for g in grads])
    return size / size[0]


sizes = {name: by_depth(layer) for name, layer in layers.items()}
print("at the bottom:", "   ".join(f"{name} {n[100]:.1e}" for name, n in sizes.items()))
assert sizes["plain"][100] < 1e-15 and sizes["Highway"][100] > 1e-4 and sizes["residual"][100] > 1

# %% [markdown]
r"""
Together with the LSTM of section 3, whose layers are steps:
"""

# %%
curves = [("plain", sizes["plain"], "#000000", 0), ("residual", sizes["residual"], "#009E73", 6)]
curves += [("Highway", sizes["Highway"], "#D55E00", -9), ("LSTM in time", norms[3], plots.CURVES[3], 3)]
plots.gradient_curves(curves, "layers, or steps, below the end", "Depth and time, one trouble and one cure")
show("Gradient norm against depth, log axis: plain falls steeply; residual, Highway and the LSTM stay near 1.")

# %% [markdown]
r"""
The plain stack loses its gradient as the RNN did. The three that carry keep it within a few powers of ten, for better or worse:
the residual stack's *grows*, since $x + H(x)$ multiplies by a little more than 1 at each layer, and nothing shuts.
That is one reason why residual networks are built with normalisation.

## 7. What do gates do while reading?

Time for a trained network. The grammar of lesson 01 makes sentences in which a verb must agree with its subject,
over everything that stands between: *the dogs that the cook near the garden sees **are** not very good*.
An LSTM with 48 units reads 50,000 words of it as a language model; nobody tells it about number.
"""

# %%
from course_utils.studies import scoreboard

rng = np.random.default_rng(0)
source = scoreboard.grammar_source(rng, 50_000, 20_000)
model, fit = scoreboard.train_recurrent(source, lstm, rng, H=48, E=16, epochs=8, B=16)
bits = -model.log_prob(fit.params, source.test).mean() / np.log(2)
print(f"{bits:.3f} bits per word; no model can do better than {source.floor:.3f}")
assert source.floor < bits < source.floor + 0.5

# %% [markdown]
r"""
Does a *single* unit know whether the verb to come is singular or plural? We read 2,000 fresh sentences,
take every unit's $h$ just before the verb, and cut halfway between its mean for singular and for plural subjects.
The unit is chosen on the first half and judged on the second, so that luck in choosing does not count.
"""

# %%
from course_utils.tasks import grammar

sentences = grammar.corpus(rng, 2000)
ids = source.vocabulary.encode(grammar.tokens(sentences))
h = model.run(fit.params, ids[:, None])[1].h[:, 0]
starts = np.cumsum([0] + [len(s.words) + 1 for s in sentences])
before = np.array([start + s.agreement.verb - 1 for start, s in zip(starts, sentences)])
plural = np.array([s.agreement.number == "plural" for s in sentences])


def right_by_unit(rows):
    z, y = h[before[rows]], plural[rows]
    cut = (z[y].mean(axis=0) + z[~y].mean(axis=0)) / 2
    share = ((z > cut) == y[:, None]).mean(axis=0)
    return np.maximum(share, 1 - share)


# %% [markdown]
r"""
**Predict** how often the best unit alone is right.
"""

# %%
unit = right_by_unit(np.arange(1000)).argmax()
between = np.array([s.agreement.attractors > 0 for s in sentences])
fresh = np.arange(2000) >= 1000
share, hard = right_by_unit(np.flatnonzero(fresh))[unit], right_by_unit(np.flatnonzero(fresh & between))[unit]
print(f"unit {unit}: right in {share:.1%}; with nouns of the other number between subject and verb {hard:.1%}")
assert share > 0.7

# %% [markdown]
r"""
One unit of 48 carries the number past nouns of the other number. Take a sentence, and its twin in the singular:
"""

# %%
sentence = ". the dogs that the cook near the garden sees are not very good ."
words = sentence.split()
others = sentence.replace("dogs", "dog").replace("are", "is").split()


def gates(words, unit):
    run = model.run(fit.params, source.vocabulary.encode(words)[:, None])[1]
    every = run.trace._asdict() | {"h": run.h}
    return {name: every[name][:, 0, unit] for name in "ifgoch"}


shown, shown_twin = (gates(text, unit)["h"] for text in (words, others))
plots.twins(words, others, shown, shown_twin).set_title(f"Unit {unit} reads a sentence and its twin")
show("The hidden state of one unit over two sentences: together at first, apart from the subject to the verb.")

# %% [markdown]
r"""
The lines part at *dogs* and *dog*, and just before the verb, after *sees*, they are still apart,
though seven words lie between that are the same in both, two of them nouns in the singular.
(Training is a matter of luck, too: where the lines come closer, several units share the work.)
Here is how the gates do it, on the first sentence. Each square is a number, in the colour of its role;
hatched grey is negative.
"""

# %%
plots.gates_over_words(words, gates(words, unit)).set_title(f"Unit {unit} reads a sentence")
show("A grid: a column for each word, rows for the gates i, f, g, o, the memory c and the hidden state h of one unit.")

# %% [markdown]
r"""
Read it as you would read a machine: where does it write ($i$ large, and $g$ says what)?
Where does it throw away ($f$ near 0)? Where does it show ($o$), and where does it keep to itself what it knows?
Then explore the other units with the slider, and the twin.
**Predict** which rows differ between the twins, and look for a unit that starts afresh at the full stop.
"""

# %%
from course_utils.explore import lstm as explore

texts = {"the dogs ... are": words, "the dog ... is": others}
explore.gate_explorer(texts, gates, 48, int(unit))

# %% [markdown]
r"""
Not every unit has a meaning that we have a word for. Most share several jobs,
and with another seed the number of the subject is another unit's job, or that of several (lesson 12 looks closer).

## What we learned

- An LSTM adds a memory to which it writes through gates; from $c_t$ to $c_{t-1}$ the gradient meets only a product by $f$,
  and everything else about the way back is four times an Elman cell.
- How far gradients reach at the start is set by the forget gate's bias; open gates keep a bit for a thousand steps,
  and let a gradient through, where an RNN's latch lets none through.
- It is a possibility and no guarantee: $f < 1$ forgets what nothing refreshes, shut gates do not learn,
  gradients still explode through $h$.

## Go further

- Hochreiter and Schmidhuber 1997, *Long short-term memory*: the carousel and two gates.
- Gers, Schmidhuber and Cummins 2000, *Learning to forget*: the third gate, and the advice on its bias.
- Greff and others 2017, *LSTM: a search space odyssey*: which parts matter, by thousands of runs.

**Next:** lesson 08 takes the cell apart: what can be left out, and what is a GRU?
"""

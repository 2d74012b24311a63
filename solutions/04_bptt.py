# %% [markdown] minutes=110 needs=["numpy", "torch"]
r"""
# How does a gradient travel back through time?

In lesson 03 the library trained the networks. This lesson opens that box.
A recurrent network uses the same weights at every step, and each state feeds an output *and* the next step.
What does the chain rule make of that? The answer is called *backpropagation through time*, BPTT,
and it fits in ten lines that you will write.

**After this lesson** you can

- work out every gradient of a three-step network on paper, and check each number,
- write the same gradient as a sum over paths, and say why nobody computes it that way,
- write the backward pass of an Elman network for any number of steps, with batches, biases, $h_0$ and embeddings,
- check a gradient numerically, and know when the check itself is wrong,
- run the chain rule forward in time instead, and say what it costs,
- find the bugs that backward passes really have.

110 minutes. You need lesson 03 (the Elman step), lesson 02 (gradient of softmax and embedding) and the chain rule.
NumPy does all the work; torch appears once, as a witness.
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
from collections.abc import Callable

import numpy as np

from course_utils.exercises import bptt as ex
from course_utils.plots import show, use_style

# %% [markdown]
r"""
The figures of this lesson, one look for them, and a generator for everything random.
If an exercise resists, `ex.name.hint()` gives three hints, one at each call.
"""

# %%
from course_utils.plots import bptt as plots

use_style()
rng = np.random.default_rng(0)

# %% [markdown]
r"""
## 1. What happens on three steps?

We start with a network so small that every number fits on the page: one input, one unit, one output, three steps,
no bias.

$$z_t = x_t w_{xh} + h_{t-1} w_{hh}, \qquad h_t = \tanh(z_t), \qquad y_t = h_t w_{hy}$$

The output is the plain number $y_t$, without a softmax, and should be close to a target $y^*_t$.
Every step has a loss, and the loss of the text is their **mean**:

$$L_t = \tfrac{1}{2} (y_t - y^*_t)^2, \qquad L = \frac{1}{T} \sum_{t=1}^{T} L_t$$

Many books write $L = \sum_t L_t$. The sum's gradient is $T$ times ours and grows with the length of the text,
so learning rates and thresholds chosen for one do not suit the other. Nothing else changes.
In this course a loss is a mean, over the steps and over the sequences of a batch;
the factor enters once, at the outputs, and everything further back inherits it.
"""

# %%
w_xh, w_hh, w_hy = 0.6, 0.9, 1.2
x, target, h_0 = [1.0, -0.5, 0.8], [0.5, -0.5, 1.0], 0.3

h_1 = np.tanh(x[0] * w_xh + h_0 * w_hh)
h_2 = np.tanh(x[1] * w_xh + h_1 * w_hh)
h_3 = np.tanh(x[2] * w_xh + h_2 * w_hh)
y_1, y_2, y_3 = h_1 * w_hy, h_2 * w_hy, h_3 * w_hy
L = ((y_1 - target[0]) ** 2 + (y_2 - target[1]) ** 2 + (y_3 - target[2]) ** 2) / 2 / 3
print(f"states {h_1:.3f} {h_2:.3f} {h_3:.3f}   outputs {y_1:.3f} {y_2:.3f} {y_3:.3f}   loss {L:.4f}")

# %% [markdown]
r"""
Now backwards. Two rules are enough.

1. **Along an arrow, multiply** by the local slope: by $w_{hy}$ from $y_t$ to $h_t$,
   by $1 - h_t^2$ (the slope of tanh) from $h_t$ to $z_t$, by $w_{hh}$ from $z_{t+1}$ to $h_t$.
2. **Where a value branches, add.** $h_2$ goes to $y_2$ *and* to $z_3$: a change of it reaches the loss both ways,
   so its gradient is the sum of what comes back on both.

We write `dh_2` for $\partial L / \partial h_2$. Begin at the end: the last state has only one way out.

$$\frac{\partial L}{\partial y_3} = \frac{y_3 - y^*_3}{3}, \qquad
\frac{\partial L}{\partial h_3} = \frac{\partial L}{\partial y_3} \, w_{hy}, \qquad
\frac{\partial L}{\partial z_3} = \frac{\partial L}{\partial h_3} \, (1 - h_3^2)$$

**Predict** the sign of the first one: $y_3$ is below its target. Should it grow or shrink?
"""

# %%
dy_3 = (y_3 - target[2]) / 3
dh_3 = dy_3 * w_hy
dz_3 = dh_3 * (1 - h_3**2)
print(f"dy_3 {dy_3:+.4f}   dh_3 {dh_3:+.4f}   dz_3 {dz_3:+.4f}")

# %% [markdown]
r"""
Negative: if $y_3$ grows, the loss falls. The same holds for $h_3$ and $z_3$, since both factors are positive.
Step 2 is where time comes in: $h_2$ has two ways out, and so has every state before the last.

$$\frac{\partial L}{\partial h_t} = \frac{\partial L}{\partial y_t} \, w_{hy} + \frac{\partial L}{\partial z_{t+1}} \, w_{hh}$$

The first part comes from its own output, the second from the future. **Predict** which of the two is the larger for $h_2$.
"""

# %%
dy_2 = (y_2 - target[1]) / 3
from_output, from_future = dy_2 * w_hy, dz_3 * w_hh
dh_2 = from_output + from_future  # h_2 branches, so gradients add
dz_2 = dh_2 * (1 - h_2**2)
print(f"dh_2 {dh_2:+.4f} = {from_output:+.4f} from y_2 {from_future:+.4f} from z_3   dz_2 {dz_2:+.4f}")

# %% [markdown]
r"""
The two disagree about the sign. Output 2 is too high and wants $h_2$ smaller; output 3 is too low and wants it larger.
The sum settles the matter. Step 1 in the same way, and then $h_0$, which feeds no output and has one way out:
"""

# %%
dy_1 = (y_1 - target[0]) / 3
dh_1 = dy_1 * w_hy + dz_2 * w_hh
dz_1 = dh_1 * (1 - h_1**2)
dh_0 = dz_1 * w_hh
print(f"dh_1 {dh_1:+.4f}   dz_1 {dz_1:+.4f}   dh_0 {dh_0:+.4f}")

# %% [markdown]
r"""
The weights are left. $w_{hh}$ is used three times, so it branches three times, and three parts add:
at step $t$ it is multiplied with $h_{t-1}$ and goes into $z_t$.

$$\frac{\partial L}{\partial w_{hh}} = \sum_t \frac{\partial L}{\partial z_t} h_{t-1}, \qquad
\frac{\partial L}{\partial w_{xh}} = \sum_t \frac{\partial L}{\partial z_t} x_t, \qquad
\frac{\partial L}{\partial w_{hy}} = \sum_t \frac{\partial L}{\partial y_t} h_t$$
"""

# %%
parts_hh = np.array([dz_1 * h_0, dz_2 * h_1, dz_3 * h_2])
dw_hh = parts_hh.sum()
dw_xh = dz_1 * x[0] + dz_2 * x[1] + dz_3 * x[2]
dw_hy = dy_1 * h_1 + dy_2 * h_2 + dy_3 * h_3
print(f"parts of dw_hh {parts_hh.round(4)}   dw_xh {dw_xh:.4f}   dw_hh {dw_hh:.4f}   dw_hy {dw_hy:.4f}")

# %% [markdown]
r"""
Right or wrong? There is a witness that knows nothing of the chain rule:
move a weight a little and see how the loss moves.
The library's `scalar_rnn` computes the same network.
"""

# %%
from course_utils.studies import scalar_rnn

w = scalar_rnn.Weights(w_xh, w_hh, w_hy)


def loss_at(weights, start=h_0):
    return scalar_rnn.forward(weights, x, start, target).losses.mean()


for name, by_hand in zip(w._fields, (dw_xh, dw_hh, dw_hy), strict=True):
    up, down = (loss_at(w._replace(**{name: getattr(w, name) + by})) for by in (1e-5, -1e-5))
    print(f"{name}   by hand {by_hand:.8f}   by moving it {(up - down) / 2e-5:.8f}")
    assert abs(by_hand - (up - down) / 2e-5) < 1e-8
assert abs(dh_0 - (loss_at(w, h_0 + 1e-5) - loss_at(w, h_0 - 1e-5)) / 2e-5) < 1e-8

# %% [markdown]
r"""
All digits agree. A state can be nudged too: with $h_t + \varepsilon$ in place of $h_t$,
output $t$ and all that comes later are computed anew, so the change reaches the loss by both routes.
(Earlier losses do not change, and are left out.)
"""

# %%
run = scalar_rnn.forward(w, x, h_0, target)


def loss_if_moved(t, by):
    h_t = run.h[t] + by
    own = (h_t * w_hy - target[t - 1]) ** 2 / 2
    return (own + scalar_rnn.forward(w, x[t:], h_t, target[t:]).losses.sum()) / 3


for t, by_hand in ((1, dh_1), (2, dh_2)):
    by_moving = (loss_if_moved(t, 1e-5) - loss_if_moved(t, -1e-5)) / 2e-5
    print(f"h_{t}   by hand {by_hand:.8f}   by moving it {by_moving:.8f}")
    assert abs(by_hand - by_moving) < 1e-8

# %% [markdown]
r"""
Here is the whole calculation on the unrolled graph. Each node shows its value from the way forward;
below it, in every $y$, $h$ and $z$, stands the gradient that the way back left there.
"""

# %%
stops = scalar_rnn.backward(w, run)
plots.backward_graph(run, stops, len(stops))
show(
    "Unrolled graph of three steps. Each node holds its value; y, h and z also the gradient of L; arrows lead back to h_0."
)
by_hand = dy_3, dh_3, dz_3, dy_2, dh_2, dz_2, dy_1, dh_1, dz_1, dh_0
assert np.allclose([stop.gradient for stop in stops], by_hand, rtol=0, atol=1e-12)
assert np.allclose(stops[-1].totals, (dw_xh, dw_hh, dw_hy), rtol=0, atol=1e-12)

# %% [markdown]
r"""
The slider stands at the first stop where something is added. Take it back to 0 and walk stop by stop.
Before each move, **predict** which numbers will be multiplied, and whether something is added.
The filled node is the one that has just got its gradient, thick arrows show where from; the title is its formula.
"""

# %%
from course_utils.explore import bptt as explore

explore.backward_pass(run, stops, first=5)

# %% [markdown]
r"""
The way back visits every node once, and at each node needs the value that the way forward left there.

## 2. What is the formula for it?

The graph gave a procedure. Textbooks often give a formula. It asks:
along which *paths* does $w_{hh}$ reach the loss $L_t$?
One path for every step $k \le t$ at which the weight was used: it enters at step $k$, changes $h_k$,
and that change is handed on from state to state until $h_t$.

$$\frac{\partial L}{\partial w_{hh}} = \frac{1}{T} \sum_{t=1}^{T} \frac{\partial L_t}{\partial h_t} \sum_{k=1}^{t}
\Big( \prod_{j=k+1}^{t} \frac{\partial h_j}{\partial h_{j-1}} \Big) \frac{\partial^{+} h_k}{\partial w_{hh}}$$

$\partial^{+}$ is the *immediate* derivative: the effect of the weight at step $k$ alone, with $h_{k-1}$ held fixed.
For one unit the pieces are

$$\frac{\partial h_j}{\partial h_{j-1}} = w_{hh} (1 - h_j^2), \qquad
\frac{\partial^{+} h_k}{\partial w_{hh}} = (1 - h_k^2) \, h_{k-1}$$

(For $w_{xh}$ put $x_k$ in the place of $h_{k-1}$; for $w_{hy}$ there is no product, since no path runs through time.)
For $k = t$ the product is empty, that is 1. **Predict** how many terms there are for $T = 3$, and for $T = 100$.

### Build: exercise 4.1

`dh_out[t - 1]` holds $\frac{1}{T} \, \partial L_t / \partial h_t$,
the gradient that reaches $h_t$ from its own output only.
"""


# %% answer="4.1"
def path_terms(w_hh: float, h: np.ndarray, dh_out: np.ndarray) -> np.ndarray:
    """States h_0, ..., h_T (T + 1,) and dh_out (T,) to the terms of ∂L/∂w_hh (T, T): row t, column k, zero for k > t."""
    ### BEGIN SOLUTION
    T = len(dh_out)
    terms = np.zeros((T, T))
    for t in range(1, T + 1):
        for k in range(1, t + 1):
            between = np.prod(w_hh * (1 - h[k + 1 : t + 1] ** 2))
            terms[t - 1, k - 1] = dh_out[t - 1] * between * (1 - h[k] ** 2) * h[k - 1]
    return terms
    ### END SOLUTION


# %% check="4.1"
ex.path_terms.check(path_terms)

# %% [markdown] solution="4.1"
r"""
**Why this and not that.** `h` starts with $h_0$, so `h[k]` is $h_k$ and needs no shift;
`dh_out` has no entry for $h_0$,
hence the `t - 1`. `np.prod` of nothing is 1, which is the empty product for $k = t$.
The step from $h_{k-1}$ to $h_k$ is *not* in the product: it is where the weight itself acts.
"""

# %% [markdown]
r"""
The terms of our three steps, one square for every pair of a loss and a use of the weight:
"""

# %%
dh_out = (run.y - run.target) / 3 * w_hy
terms = ex.path_terms(w_hh, run.h, dh_out)
plots.path_triangle(terms)
show(
    "A triangle of squares: row t from 1 to 3, column k from 1 to t, each with its contribution in numbers and colour."
)
print("terms:", np.tri(3, dtype=int).sum(), "for T = 3,", np.tri(100, dtype=int).sum(), "for T = 100")

# %% [markdown]
r"""
All terms together are the gradient. Now add them in two orders.
**Predict**: which have we met before, the sums of the rows or the sums of the columns?
"""

# %%
print("sum", terms.sum().round(6), "  by hand", dw_hh.round(6))
print("columns", terms.sum(axis=0).round(4), "  rows", terms.sum(axis=1).round(4), "  parts by hand", parts_hh.round(4))
assert abs(terms.sum() - dw_hh) < 1e-12

# %% [markdown]
r"""
The columns are the parts of section 1. The way back collects, for each use $k$ of the weight, all losses that it reaches:
going from $t + 1$ to $t$ it extends *all* paths at once with one multiplication. That is why it needs $T$ steps
and not $T (T + 1) / 2$ terms. A term far from the diagonal is a product of many factors,
and lesson 06 asks what becomes of such products.

The rows can be had step by step as well, in the other direction.
Let $s_t = \partial h_t / \partial w_{hh}$ be the *whole* effect of the weight on $h_t$, over all its uses.
A step ago it was $s_{t-1}$, and so

$$s_t = \frac{\partial^{+} h_t}{\partial w_{hh}} + \frac{\partial h_t}{\partial h_{t-1}} \, s_{t-1}
= (1 - h_t^2) (h_{t-1} + w_{hh} s_{t-1}), \qquad s_0 = 0$$

Row $t$ of the triangle sums to $\frac{1}{T} \frac{\partial L_t}{\partial h_t} \, s_t$.
"""

# %%
s, rows = 0.0, []
for t in (1, 2, 3):
    s = (1 - run.h[t] ** 2) * (run.h[t - 1] + w_hh * s)
    rows.append(dh_out[t - 1] * s)
print("rows by recursion", np.round(rows, 4))
assert np.allclose(rows, terms.sum(axis=1), rtol=0, atol=1e-12)
assert np.allclose(parts_hh, terms.sum(axis=0), rtol=0, atol=1e-12)  # and the columns, from the way back

# %% [markdown]
r"""
Columns are the way back, rows are the way forward. For one unit both cost the same.
Section 5 asks what becomes of that for many.

## 3. What changes with matrices?

Numbers become rows, and a batch has $B$ of them: $z_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h$ and $h_t = \tanh(z_t)$.
For unit $j$ of sequence $b$ that is

$$z_t[b, j] = \sum_i x_t[b, i] \, W_{xh}[i, j] + \sum_i h_{t-1}[b, i] \, W_{hh}[i, j] + b_h[j]$$

and for single numbers the two rules hold: multiply along an arrow, add where a value branches.
$h_{t-1}[b, i]$ goes to every unit $j$, with slope $W_{hh}[i, j]$. $W_{hh}[i, j]$ goes to every sequence $b$,
with slope $h_{t-1}[b, i]$; so does $b_h[j]$, with slope 1.

$$\frac{\partial L}{\partial h_{t-1}}[b, i] \mathrel{+}= \sum_j \frac{\partial L}{\partial z_t}[b, j] \, W_{hh}[i, j], \qquad
\frac{\partial L}{\partial W_{hh}}[i, j] \mathrel{+}= \sum_b h_{t-1}[b, i] \, \frac{\partial L}{\partial z_t}[b, j]$$

The first sum runs over the *second* index of $W_{hh}$: a product with its transpose.
The second runs over the rows of both factors: a product with $h_{t-1}^\top$. In matrices, and for $W_{xh}$ likewise:

$$\frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t} \odot (1 - h_t^2), \qquad
\frac{\partial L}{\partial h_{t-1}} \mathrel{+}= \frac{\partial L}{\partial z_t} W_{hh}^\top, \qquad
\frac{\partial L}{\partial x_t} = \frac{\partial L}{\partial z_t} W_{xh}^\top$$

$$\frac{\partial L}{\partial W_{hh}} \mathrel{+}= h_{t-1}^\top \frac{\partial L}{\partial z_t}, \qquad
\frac{\partial L}{\partial W_{xh}} \mathrel{+}= x_t^\top \frac{\partial L}{\partial z_t}, \qquad
\frac{\partial L}{\partial b_h} \mathrel{+}= \sum_b \frac{\partial L}{\partial z_t}[b, :]$$

$\mathrel{+}=$ stands where there are other uses: $h_{t-1}$ has its own output besides, a weight has every other step.
Where sizes differ the shapes leave no choice, but $W_{hh}$ is square: there only the indices tell.

**Which way round is the Jacobian?** Papers write columns: $\partial h_t / \partial h_{t-1}$ has row $k$ for the new
unit and column $m$ for the old one, which with our weights is

$$\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) \, W_{hh}^\top, \qquad
\frac{\partial h_t[k]}{\partial h_{t-1}[m]} = (1 - h_t[k]^2) \, W_{hh}[m, k]$$

Gradients in this course are rows, and a row stands on the left of that matrix, which gives
$(dh_t \odot (1 - h_t^2)) \, W_{hh}^\top$: the formula above, and no diagonal matrix is ever built.

### Build: exercise 4.2

The gradient of `h_prev` is meant as it comes through this step alone.
**Predict**: the batch has $B$ rows. Which of the five gradients have one row for each of them,
and where does the sum over them happen in the others?
"""


# %% answer="4.2"
def elman_step_backward(
    dh: np.ndarray, x_t: np.ndarray, h_prev: np.ndarray, h: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂h_t dh (B, H) to the gradients of x_t (B, D), h_prev (B, H), W_xh (D, H), W_hh (H, H), b_h (H,), in this order."""
    ### BEGIN SOLUTION
    dz = dh * (1 - h**2)
    return dz @ W_xh.T, dz @ W_hh.T, x_t.T @ dz, h_prev.T @ dz, dz.sum(axis=0)
    ### END SOLUTION


# %% check="4.2"
ex.elman_step_backward.check(elman_step_backward)

# %% [markdown] solution="4.2"
r"""
**Why this and not that.** A gradient has the shape of what it belongs to.
The products with $x_t^\top$ and $h_{t-1}^\top$ already add over the rows of the batch;
the bias, which every row uses, needs the sum written out.
It is a sum and not a mean: the $1/B$ is in the loss, and has come back with `dh`.
The slope needs $h_t$ only, not $z_t$: tanh is kind enough to give its slope in terms of its value.
"""

# %% [markdown]
r"""
### Build: exercise 4.3, a whole sequence

`h[t]` is the state after reading `x[t]`, with `t` from 0 on as Python counts.
So `h` begins with $h_1$ (in exercise 4.1 it began with $h_0$), and $h_0$ is given beside it, as `h0`.
`dh_out[t]` is the gradient that `h[t]` receives from its own output; through time it is for you to carry.
**Predict**: which number do you start from at the last step, and what is left over after the first?
"""


# %% answer="4.3"
def elman_backward(
    dh_out: np.ndarray, x: np.ndarray, h0: np.ndarray, h: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """dh_out (T, B, H), from each step's own output, to gradients: x (T, B, D), h0 (B, H), W_xh, W_hh, b_h, in this order."""
    ### BEGIN SOLUTION
    dx, dh_next = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for t in reversed(range(len(x))):
        dz = (dh_out[t] + dh_next) * (1 - h[t] ** 2)
        dx[t], dh_next = dz @ W_xh.T, dz @ W_hh.T
        dW_xh += x[t].T @ dz
        dW_hh += (h[t - 1] if t else h0).T @ dz
        db_h += dz.sum(axis=0)
    return dx, dh_next, dW_xh, dW_hh, db_h
    ### END SOLUTION


# %% check="4.3"
ex.elman_backward.check(elman_backward)

# %% [markdown] solution="4.3"
r"""
**Why this and not that.** `dh_out[t] + dh_next` is the branch: one part from the output, one from the future.
The weights are used at every step, so their gradients are added up; `x[t]` is used once, so `dx[t]` is set.
What is left in `dh_next` at the end is the gradient of $h_0$: if $h_0$ is learned, or comes from another network,
it goes on from there.
"""

# %% [markdown]
r"""
### The whole model, from the tokens to the loss

Around the recurrence stand two things from lesson 02: an embedding $E$ below, and above it a softmax with cross-entropy
over $V$ tokens. Its scores are called *logits*, $a_t = h_t W_{hy} + b_y$.
The gradient at the logits is "probability minus one-hot", divided by the number of predictions:
the loss is a mean. From there

$$\frac{\partial L}{\partial W_{hy}} = \sum_t h_t^\top \frac{\partial L}{\partial a_t}, \qquad
\frac{\partial L}{\partial b_y} = \sum_t \sum_{\text{rows}} \frac{\partial L}{\partial a_t}, \qquad
\texttt{dh\_out}_t = \frac{\partial L}{\partial a_t} W_{hy}^\top$$

$W_{hy}$ has no product over time: its gradient at step $t$ needs step $t$ only.
Below the recurrence, the row of a token in $E$ collects `dx` from every step at which the token was read:
a scatter-add.

All seven arrays in one record, with sizes that all differ:
"""

# %%
from typing import NamedTuple

T, B, D, H, V = 7, 2, 3, 5, 4
words = rng.integers(0, V, (T + 1, B))


class Net(NamedTuple):
    E: np.ndarray
    h0: np.ndarray
    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


shapes = (V, D), (B, H), (D, H), (H, H), (H,), (H, V), (V,)
net = Net(*(0.5 * rng.standard_normal(shape) for shape in shapes))

# %% [markdown]
r"""
Forward, with the reference of lesson 03, and backward, with the reference of exercise 4.3:
"""

# %%
from course_utils.embedding import lookup, lookup_backward
from course_utils.exercises.vanilla_rnn import elman_forward
from course_utils.losses import cross_entropy


def forward(net):
    x = lookup(net.E, words[:-1])  # (T, B, D)
    h = elman_forward(x, net.h0, net.W_xh, net.W_hh, net.b_h)  # (T, B, H)
    loss, da = cross_entropy(h @ net.W_hy + net.b_y, words[1:])  # da (T, B, V)
    return loss, x, h, da


def gradients(net):
    _, x, h, da = forward(net)
    dx, *recurrent = ex.elman_backward(da @ net.W_hy.T, x, net.h0, h, net.W_xh, net.W_hh)
    dW_hy, db_y = np.einsum("tbh,tbv->hv", h, da), da.sum(axis=(0, 1))
    return Net(lookup_backward(dx, words[:-1], V), *recurrent, dW_hy, db_y)


# %% [markdown]
r"""
Graph and formula have to agree here, too. The formula with matrices: the Jacobian of every step,
and for every pair $k \le t$
their product, for one sequence after the other. The order matters now: for a row, the latest step stands first.
It is slow, and literally the sum over paths.
"""


# %%
def by_paths(W_hh, states, dh_out):
    """∂L/∂W_hh (H, H) for one sequence: states (T + 1, H) from h_0 on, dh_out (T, H)."""
    jacobians = [np.diag(1 - h**2) @ W_hh.T for h in states]  # ∂h_j/∂h_{j-1}, columns
    total = np.zeros_like(W_hh)
    for t in range(1, len(states)):
        for k in range(1, t + 1):
            product = np.eye(len(W_hh))
            for j in range(t, k, -1):
                product = product @ jacobians[j]
            dh_k = dh_out[t - 1] @ product
            total += np.outer(states[k - 1], dh_k * (1 - states[k] ** 2))
    return total


# %% [markdown]
r"""
Both for all sequences of the batch, and the largest difference between them:
"""

# %%
_, x, h, da = forward(net)
states, dh_out = np.concatenate([net.h0[None], h]), da @ net.W_hy.T
formula = sum(by_paths(net.W_hh, states[:, b], dh_out[:, b]) for b in range(B))
graph = gradients(net).W_hh
assert np.abs(formula - graph).max() < 1e-12
print("gradient of W_hh by formula and by graph differ by less than 1e-12")

# %% [markdown]
r"""
One independent witness for all seven arrays: torch records the way forward as a graph of its own and walks it back
by itself.
"""

# %%
import torch

theirs = Net(*(torch.tensor(a, requires_grad=True) for a in net))
state, logits = theirs.h0, []
for ids in words[:-1]:
    state = torch.tanh(theirs.E[ids] @ theirs.W_xh + state @ theirs.W_hh + theirs.b_h)
    logits.append(state @ theirs.W_hy + theirs.b_y)
torch.nn.functional.cross_entropy(torch.cat(logits), torch.tensor(words[1:].ravel())).backward()
for name, ours, a in zip(Net._fields, gradients(net), theirs, strict=True):
    assert np.abs(ours - a.grad.numpy()).max() < 1e-12, name
print("all seven gradients agree with autograd to 1e-12")

# %% [markdown]
r"""
### What does it cost?

**Time.** A step forward takes $DH + H^2$ multiplications per sequence. A step back takes twice as many:
each matrix occurs in two products, one for its own gradient and one that hands the gradient on.
**Memory.** The way back needs every state, so all $T$ of them are kept: memory grows in step with $T$.
Beside both, the number of paths that the formula would need, if one took it literally:
"""

# %%
from course_utils.studies import rtrl

for steps in (10, 100, 1000):
    ahead, back = steps * (D * H + H * H), rtrl.products_back(steps, D, H)
    kept, paths = (steps + 1) * H, steps * (steps + 1) // 2
    print(f"T = {steps:4}: products {ahead:6,} forward, {back:6,} back; {kept:5,} numbers kept; {paths:7,} paths")

# %% [markdown]
r"""
The way back is linear in $T$ in both respects; the number of paths grows with its square.
Memory that grows with $T$ is why long texts are cut into pieces: *truncated* BPTT, in lesson 05.

The library, `sequence.backward`, does the same with one change for speed:
the loop keeps only what really waits for the future
($\partial L/\partial z_t$, called `du` there), and the weight gradients are one product over all steps after the loop.
"""

# %%
from course_utils import sequence
from course_utils.cells import CELLS

elman = CELLS["elman"]
p = elman.Params(net.W_xh, net.W_hh, net.b_h)
library_run = sequence.forward(elman, p, x, elman.State(net.h0))
library = sequence.backward(elman, p, x, library_run, dh_out)
ours = gradients(net)
for a, b in zip((*library.p, library.state.h), (ours.W_xh, ours.W_hh, ours.b_h, ours.h0), strict=True):
    assert np.abs(a - b).max() < 1e-12
print("the library's gradients are ours")

# %% [markdown]
r"""
## 4. How do you know that a gradient is right?

A wrong gradient rarely crashes. The loss may even fall, only less than it could. So gradients are *checked*,
by the witness of section 1: move one weight up and down, and see how the loss moves.

$$\frac{\partial L}{\partial w} \approx \frac{L(w + \varepsilon) - L(w - \varepsilon)}{2 \varepsilon}$$

The *central* difference looks to both sides, since the error of a one-sided one is of order $\varepsilon$
and this one's of order $\varepsilon^2$: the curvature pulls both points the same way and cancels.

### Build: exercise 4.4

`loss` is a function of an array (its type is `Callable`). What a caller gives must not be changed.
"""


# %% answer="4.4"
def numerical_gradient(loss: Callable[[np.ndarray], float], w: np.ndarray, eps: float) -> np.ndarray:
    """The gradient of loss(w), a number, by central differences of step eps, one entry of w at a time; shaped like w."""
    ### BEGIN SOLUTION
    gradient = np.zeros_like(w)
    for k in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[k] += eps
        down[k] -= eps
        gradient[k] = (loss(up) - loss(down)) / (2 * eps)
    return gradient
    ### END SOLUTION


# %% check="4.4"
ex.numerical_gradient.check(numerical_gradient)

# %% [markdown] solution="4.4"
r"""
**Why this and not that.** Two fresh copies for each entry are wasteful and safe: nothing has to be put back.
If you move `w[k]` itself, you must restore it, or all later entries are tried at another point.
A loss is needed twice for every weight, so a check is for small networks, and for a test, not for training.
"""

# %% [markdown]
r"""
How close is close? Gradients can be large or small, so one divides by their size:

$$\text{relative error} = \frac{|g - n|}{\max(|g| + |n|, \; \text{floor})}$$

with $g$ the gradient under test and $n$ the numerical one. The floor keeps two tiny numbers from being compared
digit by digit.
`gradcheck` does this for every array of a record. In float64, a right gradient shows errors far below $10^{-6}$:
"""

# %%
from course_utils import gradcheck

report = gradcheck.gradient_check(lambda candidate: forward(candidate)[0], net, gradients(net))
print(report)
assert report.ok and report.error < 1e-6

# %% [markdown]
r"""
### Which step size?

The smaller $\varepsilon$, the closer to a derivative? **Predict** the shape of the curve:
error of the numerical gradient of $W_{hh}$ against $\varepsilon$, from $10^{-1}$ down to $10^{-15}$.
The loss is written once more, for arrays of any type:
"""

# %%
from course_utils import finite_differences


def loss_of(W_hh):
    E, h0, W_xh, _, b_h, W_hy, b_y = (a.astype(W_hh.dtype) for a in net)
    a = elman_forward(E[words[:-1]], h0, W_xh, W_hh, b_h) @ W_hy + b_y
    picked = np.take_along_axis(a, words[1:, :, None], axis=-1)[..., 0]
    return (np.log(np.exp(a).sum(axis=-1)) - picked).mean()


eps = 10.0 ** np.arange(-15, -0.4, 0.5)
kinds = [("forward", np.float64), ("central", np.float64), ("central", np.float32), ("complex", np.float64)]
errors = [[finite_differences.error(loss_of, net.W_hh, graph, e, *kind) for e in eps] for kind in kinds]

# %% [markdown]
r"""
The fourth curve is a trick: step into the *imaginary* direction and read off
$\mathrm{Im} \, L(w + i\varepsilon) / \varepsilon$.
It works for losses made of functions that take complex numbers, as this one is.
"""

# %%
names = "one-sided", "central", "central, float32", "complex step"
places = (23, -34, 6), (16, -26, -10), (15, 0, 10), (8, 0, 8)  # where each curve is named: index, points aside and up
plots.error_curves(eps, list(zip(names, np.maximum(errors, 1e-17), places, strict=True)))
show(
    "Error of the numerical gradient against the step size, both on log axes: one-sided and central differences "
    "in float64, central differences in float32, and the complex step."
)

# %% [markdown]
r"""
The differences draw a U. On its right arm the step is too large, and the terms left out show:
$\varepsilon L'' / 2$ for the one-sided difference, $\varepsilon^2 L''' / 6$ for the central one.
When $\varepsilon$ falls by ten, the first falls by ten, the second by a hundred.
On its left arm rounding takes over: two losses that agree in almost all digits are subtracted,
and the few digits left are divided by a tiny number.
In float64 the bottom of the central difference lies around $10^{-5}$, that of the one-sided one around $10^{-7}$.
In float32 the bottom lies further right, and so high up that a small bug could hide below it: **check in float64**.
The complex step has no left arm: nothing is subtracted, so no digits are lost.
(Its right arm lies upon that of the central difference:
both errors are $\varepsilon^2 L''' / 6$, with opposite signs.) The same claims as asserts:
"""

# %%
one_sided, central, central32, complex_step = np.array(errors)
assert central.min() < 1e-8 < one_sided.min() and central32.min() > 1e3 * central.min()
assert 50 < central[26] / central[24] < 200 and 5 < one_sided[26] / one_sided[24] < 20  # from 1e-2 to 1e-3
assert eps[one_sided.argmin()] < 1e-6 < eps[central.argmin()] < 1e-3 < eps[central32.argmin()]
assert complex_step[:10].max() < 1e-12 and abs(complex_step[26] / central[26] - 1) < 0.1

# %% [markdown]
r"""
### What else can go wrong with the check

A check can refuse a right gradient and accept a wrong one. Four ways, three of them with a number.
A **kink**: the slope of ReLU jumps at zero, and a step across it sees the mean of both sides.
**Tiny gradients**: below the noise, relative error compares noise with noise. A floor helps
($10^{-4}$, which is also `gradcheck`'s), and in turn lets a wrong gradient pass if it is small enough.
"""


# %%
def relu(w):
    return float(np.maximum(w, 0).sum())


def almost_flat(w):
    return float(1 + 1e-12 * w.sum())


kink = ex.numerical_gradient(relu, np.array([1e-7]), 1e-5)[0]
tiny = ex.numerical_gradient(almost_flat, np.array([0.5]), 1e-5)[0]
noise = abs(tiny - 1e-12) / (abs(tiny) + 1e-12)
print(f"ReLU at 1e-7: true slope 1, numerical {kink:.3f}")
print(f"slope 1e-12: relative error {noise:.1g}, with a floor of 1e-4 {abs(tiny - 1e-12) / 1e-4:.1g}")
assert abs(kink - 1) > 0.4 and noise > 1e-3 > abs(tiny - 1e-12) / 1e-4

# %% [markdown]
r"""
**A change in place** between the gradient and the check: an optimiser step,
a `+=` on an array that someone else also holds.
The gradient was right, for weights that no longer exist. **A loss that is not a function**:
dropout or shuffled data draw new numbers at every call, and both points differ by chance. Here the first of the two:
"""

# %%
moved = Net(*(a.copy() for a in net))
given = gradients(moved)
moved.W_hh[:] -= 0.5 * given.W_hh  # an update, in place
late = gradcheck.gradient_check(lambda candidate: forward(candidate)[0], moved, given)
print(f"checked too late, relative error {late.error:.1e};  checked at once {report.error:.1e}")
assert not late.ok

# %% [markdown]
r"""
## 5. Can it be done without going back?

Yes: by the rows of the triangle. Carry $S_t[i, j, k] = \partial h_t[k] / \partial W_{hh}[i, j]$ along,
the effect of every weight on every unit, and update it as you read.
In matrices the recursion of section 2 is

$$S_t[i, j, :] = \big( h_{t-1}[i] \, e_j + S_{t-1}[i, j, :] \, W_{hh} \big) \odot (1 - h_t^2), \qquad
\frac{\partial L}{\partial W_{hh}}[i, j] = \sum_t \sum_k \texttt{dh\_out}_t[k] \, S_t[i, j, k]$$

where $e_j$ is the unit row with its one at place $j$.
This is *real-time recurrent learning*, RTRL (Williams and Zipser 1989): forward-mode differentiation.
It needs no past, so it can learn while a stream goes on without end: exactly as long as the weights stay fixed.
If they change on the way, part of $S$ belongs to weights that no longer exist, so they must move slowly.
**Predict** how many numbers $S$ has for 100 units.

### Build: exercise 4.5

One step, one sequence.
"""


# %% answer="4.5"
def rtrl_step(h_prev: np.ndarray, h: np.ndarray, S_prev: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """From S_prev[i, j, k] = ∂h_prev[k]/∂W_hh[i, j], (H, H, H), to the same for h; one sequence: h_prev (H,), h (H,)."""
    ### BEGIN SOLUTION
    direct = h_prev[:, None, None] * np.eye(len(h))
    return (direct + S_prev @ W_hh) * (1 - h**2)
    ### END SOLUTION


# %% check="4.5"
ex.rtrl_step.check(rtrl_step)

# %% [markdown] solution="4.5"
r"""
**Why this and not that.** `S_prev @ W_hh` multiplies the last axis,
so each of the $H^2$ rows is pushed through the step like a state.
The transpose of the way back is not needed: effects travel forward as the states do.
`direct` has the axes $i, j, k$: $h_{t-1}[i]$ where $k = j$, zero elsewhere. One slope covers both,
since both arrive in $z_t$.
"""

# %% [markdown]
r"""
It has to give the same gradient. For the first sequence, step by step:
"""

# %%
S, total = np.zeros((H, H, H)), np.zeros((H, H))
for t in range(T):
    S = ex.rtrl_step(states[t, 0], states[t + 1, 0], S, net.W_hh)
    total += S @ dh_out[t, 0]
assert np.abs(total - by_paths(net.W_hh, states[:, 0], dh_out[:, 0])).max() < 1e-12
print("forward mode and the sum over paths differ by less than 1e-12;  S for 100 units:", f"{100**3:,} numbers")

# %% [markdown]
r"""
The library's `rtrl.gradients` does the same for $W_{xh}$, $W_{hh}$ and $b_h$ and whole batches.
"""

# %%
for a, b in zip(rtrl.gradients(p, x, net.h0, dh_out), library.p, strict=True):
    assert np.abs(a - b).max() < 1e-12
print("W_xh, W_hh and b_h: forward mode equals the way back")

# %% [markdown]
r"""
And the price? Time both over 50 steps, for growing $H$.
**Predict**: with twice as many units, how many times as long does each take?
"""

# %%
import time


def seconds(compute, *arguments):
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        compute(*arguments)
        taken.append(time.perf_counter() - start)
    return min(taken)


sizes, steps = [4, 8, 16, 32, 64], 50
taken = {"way back": [], "forward mode": []}
for n in sizes:
    q, x_n, d_n = elman.init(rng, 3, n), rng.standard_normal((steps, 1, 3)), rng.standard_normal((steps, 1, n))
    run_n = sequence.forward(elman, q, x_n)
    taken["way back"].append(seconds(sequence.backward, elman, q, x_n, run_n, d_n))
    taken["forward mode"].append(seconds(rtrl.gradients, q, x_n, np.zeros((1, n)), d_n))

# %% [markdown]
r"""
Beside the seconds, what each has to keep: all states of 50 steps, or $S$ alone.
"""

# %%
kept = {
    "way back": [(steps + 1) * n for n in sizes],
    "forward mode": [rtrl.sensitivity_size(3, n) for n in sizes],
}
plots.cost_of_directions(sizes, taken, kept, steps)
show("Two panels on log axes against hidden units: seconds, and numbers kept, for the way back and for forward mode.")

# %% [markdown]
r"""
For the largest network forward mode is far dearer. Counted in products, the gap widens with every doubling of $H$:
per step forward mode takes about $H^4$, sixteen times as many for twice the units; the way back takes about $2 H^2$,
four times as many.
(At these sizes the seconds of the way back are mostly Python's own, whatever $H$.)
For $H = 64$:
"""

# %%
products = [rtrl.products_forward(steps, 3, n) / rtrl.products_back(steps, 3, n) for n in sizes]
times = taken["forward mode"][-1] / taken["way back"][-1]
print(f"forward mode takes {products[-1]:,.0f} times as many products, and {times:,.0f} times as many seconds")
assert products == sorted(products) and times > 5

# %% [markdown]
r"""
The gap in seconds depends on the machine: the way back is slowed by its many small products,
forward mode by the size of $S$.
The memory of forward mode is $H^3$, but the same for 50 steps and for 50 million. That is why it is still studied.

## 6. Where is the bug?

Every mistake below is a common one. Each of the three passes is wrong in *one* place.
Do not compare with your answer line by line: look at the symptom first, as a doctor would.

**Pass A** collects the whole gradient of every state.
"""


# %%
def pass_a(dh_out, h, W_hh):
    dh = np.zeros_like(h)
    for t in reversed(range(len(h))):
        dh_next = np.zeros_like(h[t])
        dh[t] = dh_out[t] + dh_next
        dh_next = (dh[t] * (1 - h[t] ** 2)) @ W_hh.T
    return dh


# %% [markdown]
r"""
**Pass B** gets the whole gradient of every state, from a pass A that has been mended,
and makes that of $W_{hh}$ from it.
It walks forward, which is allowed: nothing is handed on any more.
"""


# %%
def pass_b(dh, h0, h):
    dW_hh, h_prev = np.zeros_like(dh[0].T @ dh[0]), h0
    for dh_t, h_t in zip(dh, h, strict=True):
        dz = dh_t * (1 - h_prev**2)
        dW_hh = dW_hh + h_prev.T @ dz
        h_prev = h_t
    return dW_hh


# %% [markdown]
r"""
**Pass C** starts from $\partial L / \partial z_t$ and makes the gradients of all three parameters.
"""


# %%
def pass_c(dz, x, h_prev):
    dW_xh, db_h = np.zeros((x.shape[-1], dz.shape[-1])), np.zeros(dz.shape[-1])
    for t in range(len(dz)):
        dW_xh += x[t].T @ dz[t]
        dW_hh = h_prev[t].T @ dz[t]
        db_h += dz[t].sum(axis=0)
    return dW_xh, dW_hh, db_h


# %% [markdown]
r"""
The symptoms, on texts of one and of seven steps. The right answers come from the library, and zero means right.
**Predict** from them which kind of mistake each pass has.
"""


# %%
def symptoms(T):
    run = sequence.forward(elman, p, x[:T], elman.State(net.h0))
    right = sequence.backward(elman, p, x[:T], run, dh_out[:T]).p
    dh = ex.repaired_a(dh_out[:T], run.h, net.W_hh)
    a = np.abs(pass_a(dh_out[:T], run.h, net.W_hh) - dh).max(axis=(1, 2))
    b = np.abs(pass_b(dh, net.h0, run.h) - right.W_hh).max()
    c = pass_c(dh * (1 - run.h**2), x[:T], run.trace.h_prev)
    return a, b, np.array([np.abs(mine - truth).max() for mine, truth in zip(c, right, strict=True)])


for steps in (1, 7):
    a, b, c = symptoms(steps)
    print(f"T = {steps}:  A, by step {a.round(3)}   B {b:.3f}   C, for W_xh, W_hh, b_h {c.round(3)}")

# %% [markdown]
r"""
Two of the three are right for a text of one step: a test with $T = 1$ would have let them through.

### Build: exercise 4.6, mend pass A

Copy it, and change as little as you can.
"""


# %% answer="4.6"
def repaired_a(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """Gradients dh_out (T, B, H) from each step's own output, states h (T, B, H): to the whole ∂L/∂h_t, (T, B, H)."""
    ### BEGIN SOLUTION
    dh, dh_next = np.zeros_like(h), np.zeros_like(h[0])
    for t in reversed(range(len(h))):
        dh[t] = dh_out[t] + dh_next
        dh_next = (dh[t] * (1 - h[t] ** 2)) @ W_hh.T
    return dh
    ### END SOLUTION


# %% check="4.6"
ex.repaired_a.check(repaired_a)

# %% [markdown] solution="4.6"
r"""
**Why this and not that.** `dh_next` was set to zero at the top of every turn,
so what the turn before had left in it was lost:
no gradient went through time. The start belongs before the loop.
The symptom said so: right at the last step, where there is no future, wrong at the steps before.
"""

# %% [markdown]
r"""
### Build: exercise 4.7, mend pass B

This one is wrong even at $T = 1$.
"""


# %% answer="4.7"
def repaired_b(dh: np.ndarray, h0: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The whole ∂L/∂h_t, dh (T, B, H), the first state h0 (B, H) and the states h (T, B, H) to ∂L/∂W_hh (H, H)."""
    ### BEGIN SOLUTION
    dW_hh, h_prev = np.zeros_like(dh[0].T @ dh[0]), h0
    for dh_t, h_t in zip(dh, h, strict=True):
        dz = dh_t * (1 - h_t**2)
        dW_hh = dW_hh + h_prev.T @ dz
        h_prev = h_t
    return dW_hh
    ### END SOLUTION


# %% check="4.7"
ex.repaired_b.check(repaired_b)

# %% [markdown] solution="4.7"
r"""
**Why this and not that.** The state in the slope was stale: the tanh of step $t$ gave $h_t$,
so its slope is $1 - h_t^2$.
The other factor *is* the state before. In $\partial L/\partial W_{hh}$ both occur,
and every swap of the two runs without complaint.
"""

# %% [markdown]
r"""
### Build: exercise 4.8, mend pass C
"""


# %% answer="4.8"
def repaired_c(dz: np.ndarray, x: np.ndarray, h_prev: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂z_t dz (T, B, H), x (T, B, D), h_prev (T, B, H), h_{t-1} of each step, to gradients of W_xh, W_hh and b_h (H,)."""
    ### BEGIN SOLUTION
    (D, H), dtype = (x.shape[-1], dz.shape[-1]), dz.dtype
    dW_xh, dW_hh, db_h = np.zeros((D, H), dtype), np.zeros((H, H), dtype), np.zeros(H, dtype)
    for t in range(len(dz)):
        dW_xh += x[t].T @ dz[t]
        dW_hh += h_prev[t].T @ dz[t]
        db_h += dz[t].sum(axis=0)
    return dW_xh, dW_hh, db_h
    ### END SOLUTION


# %% check="4.8"
ex.repaired_c.check(repaired_c)

# %% [markdown] solution="4.8"
r"""
**Why this and not that.** `=` where `+=` belongs: each turn overwrote the turn before, and the last one won.
The name was not even defined before the loop, which is how you can spot this one without running anything.
"""

# %% [markdown]
r"""
### An answer key that was wrong

The LSTM, the network of lesson 07, is a cell with two states: $h$, as here, and a second one, its memory $c$.
Both are handed from step to step, so both have a gradient that must travel back.
For now it is a black box: the library has its way forward and its way back, and we only look at what the latter hands on.

An answer key seen in teaching material handed on *nothing*: no gradient went through time, along neither state.
The mistake takes a few lines to rebuild:
"""

# %%
LSTM = CELLS["lstm"]


class AnswerKey(type(LSTM)):
    """An LSTM whose way back hands zeros to the step before."""

    def step_backward(self, p, d_state, trace):
        d_prev, d = super().step_backward(p, d_state, trace)
        return self.State(0 * d_prev.h, 0 * d_prev.c), d


cells = LSTM, AnswerKey()

# %% [markdown]
r"""
Which check tells the two apart? Three candidates: does training bring the loss down,
a gradient check of the parameters on one step, and one on seven steps with a loss at every step.
"""


# %%
def gradients_of(cell, p, x, wanted):
    """Mean squared distance of the states from what is wanted, and its gradient."""
    run = sequence.forward(cell, p, x)
    off = run.h - wanted
    return (off**2).mean() / 2, sequence.backward(cell, p, x, run, off / off.size).p


def passes(cell, T):
    q, *data = cell.init(rng, 3, 5), rng.standard_normal((T, 2, 3)), rng.standard_normal((T, 2, 5))
    return gradcheck.gradient_check(lambda a: gradients_of(cell, a, *data)[0], q, gradients_of(cell, q, *data)[1]).ok


# %% [markdown]
r"""
Training is a hundred steps of plain gradient descent. **Predict** which of the three refuse the answer key.
"""


# %%
def learns(cell):
    q, *data = cell.init(rng, 3, 5), rng.standard_normal((7, 2, 3)), rng.uniform(-0.5, 0.5, (7, 2, 5))
    first = gradients_of(cell, q, *data)[0]
    for _ in range(100):
        loss, d = gradients_of(cell, q, *data)
        q = q._replace(**{name: a - getattr(d, name) for name, a in q._asdict().items()})
    return loss < 0.9 * first


accepted = np.array([[learns(cell), passes(cell, T=1), passes(cell, T=7)] for cell in cells])

# %% [markdown]
r"""
Two ways back, three checks:
"""

# %%
names = "right", "answer key"
plots.check_table(names, ("loss falls", "gradients, T = 1", "gradients, T = 7"), accepted)
show("A table of verdicts: two ways back as rows, three checks as columns, each square says accepted or refused.")

# %% [markdown]
r"""
Two of the three accept both, and only the last one is a check:
"""

# %%
assert accepted[0].all() and accepted[:, :2].all() and not accepted[1, 2]

# %% [markdown]
r"""
A check that a gradient without time can pass says nothing about time.
One more look at a single step: what does each way back say about the *first* states?
"""

# %%
q, x_1 = LSTM.init(rng, 3, 5), rng.standard_normal((1, 2, 3))
for name, cell in zip(names, cells, strict=True):
    d = sequence.backward(cell, q, x_1, sequence.forward(cell, q, x_1), np.ones((1, 2, 5))).state
    print(f"{name:10} ∂L/∂h_0 up to {np.abs(d.h).max():.2f}   ∂L/∂c_0 up to {np.abs(d.c).max():.2f}")

# %% [markdown]
r"""
The answer key says zero. Had the check on one step looked at the first states too, it would have refused.

What makes a check worth its name: several steps, a loss at every one of them
(with a loss at the first step alone, nothing comes back from later ones), every parameter *and* the first state,
more than one sequence, sizes that all differ, float64, and an oracle that does not share the code's mistakes.
And once, before you trust it: break the code on purpose, and see the check refuse it.

## What we learned

- Gradients multiply along arrows and add where a value branches; a state branches to its output and to the next step,
  a weight to every step.
- The sum over paths is the meaning, the two recursions are the computation: the way back keeps all states,
  forward mode keeps one large array; both give the same gradient to the last digits.
- A gradient is wrong until it is checked: central differences, float64, several steps,
  and a check that has been seen to fail.

## Go further

- Werbos 1990, *Backpropagation through time: what it does and how to do it*: the way back, by one of its inventors.
- Williams and Zipser 1989, *A learning algorithm for continually running fully recurrent neural networks*:
  forward mode.
- Baydin and others 2018, *Automatic differentiation in machine learning: a survey*: both directions, for any program.

**Next:** lesson 05 builds a whole character model around this way back, and lets it learn to write.
"""

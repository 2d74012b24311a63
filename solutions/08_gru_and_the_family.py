# %% [markdown] minutes=120 needs=["numpy", "torch"]
r"""
# How much of an LSTM can you leave out?

Four blocks of weights, three gates, two states: is all of that needed? The GRU does with less.
Around both stands a whole family of cells, some invented, some found by machines that tried thousands.
This lesson takes the family apart: which equations does a cell really have, which parts matter,
and is there anything that one member can do and another cannot?

**After this lesson** you can

- write a GRU forward and backward, and say in which of its forms,
- find out which equations an implementation has, by mapping weights and comparing outputs,
- read a dozen variants as one difference each from a text that you know,
- run a small search over cells, and say what its result can and cannot show,
- explain why an LSTM can count and a GRU cannot, and show it.

120 minutes. You need lesson 07 (LSTM, gates, peepholes), lesson 04 (gradients) and lesson 03 (language model).
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
import numpy as np

from course_utils.activations import sigmoid
from course_utils.exercises import gru_and_the_family as ex
from course_utils.plots import show, use_style

# %% [markdown]
r"""
The figures of this lesson, the table of all cells of the course, and a generator for everything random.
If an exercise resists, `ex.name.hint()` gives three hints, one at each call.
"""

# %%
from course_utils.cells import CELLS
from course_utils.plots import gru_and_the_family as plots

use_style()
rng = np.random.default_rng(0)

# %% [markdown]
r"""
## 1. Can one state do the work of two?

An LSTM hands on a memory $c$ and an output $h$. The *gated recurrent unit* (Cho and others 2014) has $h$ alone.
This is the form that torch has; section 2 compares it with the published ones.
Its candidate $n$ is what it would like to become; the **update gate** $z$ decides how much of the old state
stays:

$$r_t = \sigma(x_t W_{xr} + h_{t-1} W_{hr} + b_r), \qquad z_t = \sigma(x_t W_{xz} + h_{t-1} W_{hz} + b_z)$$

$$n_t = \tanh\big(x_t W_{xn} + b_n + r_t \odot (h_{t-1} W_{hn} + b_{hn})\big)$$

$$h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$$

The **reset gate** $r$ decides how much of the past the candidate may hear:
with $r = 0$ it is made from the input alone. Compare the last line
with $c_t = f_t \odot c_{t-1} + i_t \odot g_t$. Here $f = z$ and $i = 1 - z$:
one gate does both jobs, and what is not kept is overwritten. There is no output gate;
the state is shown as it is.

Before the matrices, one unit with its gates held still: $h_t = z h_{t-1} + (1 - z) \tanh(2 x_t + r h_{t-1})$,
with a pulse at step 2 and a smaller, negative one at step 8. **Predict**:
with $z = 0.8$ and $r = 0$, how much of the first pulse is in the state five steps later, nearly all, a third, or nothing?
"""


# %%
def unit(x, z, r):
    """The states (T,) of one unit that reads x (T,), its gates held at z and r."""
    h, states = 0.0, []
    for x_t in x:
        h = z * h + (1 - z) * np.tanh(2 * x_t + r * h)
        states.append(h)
    return np.array(states)


x = np.array([0, 1, 0, 0, 0, 0, 0, -0.6, 0, 0, 0, 0])
h = unit(x, 0.8, 0.0)
plots.one_unit(x, h, 0.8, 0.0)
show(
    "Two input pulses as bars, and the state of one unit: it rises with the first pulse and decays, falls with the second."
)
print(
    f"after the pulse {h[1]:.3f}, five steps later {h[6]:.3f}, ratio {h[6] / h[1]:.3f}; 0.8 to the fifth {0.8**5:.3f}"
)

# %% [markdown]
r"""
About a third: without a candidate of its own ($r = 0$ and no input)
the state shrinks by the factor $z$ at each step. Move both gates. **Predict** first:
which $z$ makes the unit remember for ever, and what does it then do with the pulses?
And what does $r = 1$ change while no input comes?
"""

# %%
from course_utils.explore import gru_and_the_family as explore

explore.gates(unit, x)

# %% [markdown]
r"""
At $z = 1$ nothing is forgotten, and nothing is written either: both pulses pass unheard.
A unit that should remember has to *move* its gate: low when there is something to write, near 1 afterwards.
With $r = 1$ the candidate hears the old state and repeats it, so the state fades more slowly.

### Build: exercise 8.1

The step in the form that torch has. Gates on the first axis in the order $r, z, n$.
$b$ holds one bias for each of the three; the candidate has a second one, $b_{hn}$, inside the reset.
"""


# %% answer="8.1"
def gru_step(
    x_t: np.ndarray, h_prev: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray, b_hn: np.ndarray
) -> np.ndarray:
    """x_t (B, D), h_prev (B, H) to h_t (B, H); gates r, z, n in W_x (3, D, H), W_h (3, H, H), b (3, 1, H); b_hn (1, H)."""
    ### BEGIN SOLUTION
    r = sigmoid(x_t @ W_x[0] + h_prev @ W_h[0] + b[0])
    z = sigmoid(x_t @ W_x[1] + h_prev @ W_h[1] + b[1])
    n = np.tanh(x_t @ W_x[2] + b[2] + r * (h_prev @ W_h[2] + b_hn))
    return z * h_prev + (1 - z) * n
    ### END SOLUTION


# %% check="8.1"
ex.gru_step.check(gru_step)

# %% [markdown] solution="8.1"
r"""
**Why this and not that.** $r$ multiplies all that the past says to the candidate and nothing
that the input says. $b_{hn}$ is scaled by $r$ and $b_n$ is not, which is why the two cannot be merged into one.
In the last line the old state is `h_prev`: with the candidate in its place the gate would mix $n$ with $n$.
"""

# %% [markdown]
r"""
torch has to agree. Its layer keeps the blocks below one another and transposed;
`gru_torch.from_torch` sorts that out (how it does so is lesson 09).
"""

# %%
import torch

from course_utils.cells import gru_torch

theirs = torch.nn.GRU(3, 5, dtype=torch.float64)
p = gru_torch.from_torch(theirs)
x = rng.standard_normal((7, 2, 3))  # (T, B, D)
h = np.zeros((2, 5))
for x_t in x:
    h = ex.gru_step(x_t, h, *p)
difference = np.abs(h - theirs(torch.from_numpy(x))[1][0].detach().numpy()).max()
assert difference < 1e-12
print("after seven steps our state and torch's differ by less than 1e-12")

# %% [markdown]
r"""
### And the way back?

The last line of the forward pass is the first of the way back. Three things went into it:

$$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial h} \odot (h_{t-1} - n), \qquad
\frac{\partial L}{\partial n} = \frac{\partial L}{\partial h} \odot (1 - z),
\qquad \frac{\partial L}{\partial h_{t-1}} = \frac{\partial L}{\partial h} \odot z + \dots$$

The dots stand for three more ways back to $h_{t-1}$: through the products that make $r$, $z$ and the candidate.
Call what arrives before an activation $u$: $\partial L/\partial u_n = \partial L/\partial n \odot (1 - n^2)$,
and for a gate $s$ it is $\partial L/\partial s \odot s (1 - s)$. With $m = h_{t-1} W_{hn} + b_{hn}$ the
candidate contains $r \odot m$, so each of the two gets the other one as its factor.

### Build: exercise 8.2

**Predict**: `dh_prev` is a sum of four terms. Which of them are left where $z = 1$, and which where $z = 0$?
"""


# %% answer="8.2"
def gru_step_backward(
    dh: np.ndarray, h_prev: np.ndarray, r: np.ndarray, z: np.ndarray, m: np.ndarray, n: np.ndarray, W_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂h_t dh (B, H) to gradients of h_prev (B, H), of u (3, B, H) for r, z, n, and of m = h_prev W_h[2] + b_hn (B, H)."""
    ### BEGIN SOLUTION
    du_n = dh * (1 - z) * (1 - n**2)
    du_z = dh * (h_prev - n) * z * (1 - z)
    du_r, dm = du_n * m * r * (1 - r), du_n * r
    dh_prev = dh * z + du_r @ W_h[0].T + du_z @ W_h[1].T + dm @ W_h[2].T
    return dh_prev, np.stack([du_r, du_z, du_n]), dm
    ### END SOLUTION


# %% check="8.2"
ex.gru_step_backward.check(gru_step_backward)

# %% [markdown] solution="8.2"
r"""
**Why this and not that.** Four terms: one straight past everything, scaled by $z$,
and one for each matrix product. Where $z = 1$ only the straight one is left; where $z = 0$ it is gone,
and so is the way through $z$, whose slope $z (1 - z)$ is zero. The straight one is the carousel of lesson 07 again,
with $z$ in the place of $f$: at $z = 1$ the gradient passes unchanged.
`dm` and not `du_n` goes through `W_h[2]`: between the two stands the reset.
"""

# %% [markdown]
r"""
What it leaves out, the weights' gradients, are the products that lesson 04 had:
`x_t.T @ du`, `h_prev.T @ du`, with `dm` in the place of `du[2]` for the candidate's recurrent matrix
and for $b_{hn}$. Over a whole sequence, against autograd:
"""

# %%
from course_utils import sequence

dh = rng.standard_normal((7, 2, 5))
run = sequence.forward(CELLS["gru"], p, x)
dW_h, d_next = np.zeros_like(p.W_h), np.zeros((2, 5))
for t in reversed(range(7)):
    h_prev, r, z, m, n = (field[t] for field in run.trace)
    d_next, du, dm = ex.gru_step_backward(dh[t] + d_next, h_prev, r, z, m, n, p.W_h)
    dW_h += np.stack([h_prev.T @ du[0], h_prev.T @ du[1], h_prev.T @ dm])
(theirs(torch.from_numpy(x))[0] * torch.from_numpy(dh)).sum().backward()
torchs = theirs.weight_hh_l0.grad.reshape(3, 5, 5).transpose(1, 2).numpy()
assert np.abs(dW_h - torchs).max() < 1e-12
print("the gradient of W_h and autograd's differ by less than 1e-12")

# %% [markdown]
r"""
## 2. Which GRU do you have?

"GRU" is the name of several sets of equations. They differ in two questions.

**What does z mean?** In torch $z = 1$ keeps the old state. In others $z = 1$ writes the new one:

$$h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t$$

**Predict**: can weights be found with which the second form computes just what the first does,
or is it another model? If they can, which numbers change?

### Build: exercise 8.3

You are given the weights of a GRU whose $z$ keeps. A GRU whose $z$ writes is to compute the same states.
Which weights does it need?
"""


# %% answer="8.3"
def turn_z(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights in the order r, z, n, W_x (3, D, H), W_h (3, H, H), b (3, 1, H), to those of the GRU whose z means 1 - z."""
    ### BEGIN SOLUTION
    sign = np.array([1, -1, 1], dtype=b.dtype)[:, None, None]
    return sign * W_x, sign * W_h, sign * b
    ### END SOLUTION


# %% check="8.3"
ex.turn_z.check(turn_z)

# %% [markdown] solution="8.3"
r"""
**Why this and not that.** $1 - \sigma(a) = \sigma(-a)$, and $a$ is a sum of three parts, so all three turn.
The two conventions are one model with two sets of names. A paper's "the update gate was mostly near 1" still
means opposite things under them, and weights loaded under the wrong one give nonsense without any error.
"""

# %% [markdown]
r"""
With the weights of the torch layer from above: the other form, once with turned weights and once
with the weights as they were.
"""

# %%
writes = CELLS["gru-writes"]
turned = writes.Params(*ex.turn_z(p.W_x, p.W_h, p.b), p.b_hn)
assert np.abs(sequence.forward(writes, turned, x).h - run.h).max() < 1e-12
unturned = np.abs(sequence.forward(writes, p, x).h - run.h).max()
print(f"with turned weights: the same states. With the weights as they were: off by up to {unturned:.2f}")

# %% [markdown]
r"""
**Where does the reset act?** The published form hides a part of the state *before* the matrix sees it;
torch and Keras multiply *after* the product, which lets all three products be done at once:

$$\text{after:}\quad n = \tanh\big(u_n + r \odot (h_{t-1} W_{hn} + b_{hn})\big) \qquad\qquad
\text{before:}\quad n = \tanh\big(u_n + (r \odot h_{t-1}) W_{hn}\big)$$

where $u_n = x_t W_{xn} + b_n$.

### Build: exercise 8.4
"""


# %% answer="8.4"
def two_candidates(
    u_n: np.ndarray, r: np.ndarray, h_prev: np.ndarray, W_h: np.ndarray, b_hn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """u_n, r, h_prev (B, H), W_h (3, H, H), b_hn (1, H) to the candidates n (B, H) with reset after, and reset before."""
    ### BEGIN SOLUTION
    after = np.tanh(u_n + r * (h_prev @ W_h[2] + b_hn))
    before = np.tanh(u_n + (r * h_prev) @ W_h[2])
    return after, before
    ### END SOLUTION


# %% check="8.4"
ex.two_candidates.check(two_candidates)

# %% [markdown] solution="8.4"
r"""
**Why this and not that.** Before the product, $r_k$ hides unit $k$ of the old state from *all* candidates.
After it, $r_k$ hides *all* of the old state from candidate $k$. Different things are switched off,
so in general no choice of weights turns one into the other. With one unit, or with $r = 1$ everywhere,
they agree, but for $b_{hn}$.
"""

# %% [markdown]
r"""
### A zoo of conventions

So there are four sets of equations and two models. On top of that come habits of storage:
which gate's block comes first, one bias or two, peepholes or none. Here are three implementations in our own
words, each with its habits. `w.U` holds the input's weights of all gates side by side, `w.V` the state's,
`w.a` and `w.d` the biases.

**Predict** for each of the three: does $z$ keep or write, does the reset act before or after,
in which order are the gates, and does it matter whether it has one bias or two?
"""

# %%
import inspect

from course_utils.studies import zoo

for step in (zoo.keras_gru, zoo.chung_gru, zoo.slide_gru):
    print(inspect.getsource(step))

# %% [markdown]
r"""
Reading is one way. The other needs no reading: deal out the blocks of the implementation's weights to the gates
of a cell whose equations you know, run both, and compare; if no order of the blocks gives the same states,
try the next form. `zoo.matches` does this with every order. torch itself goes through the same test,
as a stranger:
"""


# %%
def torch_states(layer):
    """A torch layer as an implementation of the zoo: a function (weights, x) to states (T, B, H)."""

    def run(w, x):
        rnn = layer(x.shape[-1], len(w.V), dtype=torch.float64)
        with torch.no_grad():
            for own, given in zip(rnn.parameters(), (w.U.T, w.V.T, w.a, w.d)):
                own.copy_(torch.from_numpy(given.copy()))
            return rnn(torch.from_numpy(x))[0].numpy()

    return run


strangers = [
    zoo.Implementation(f"torch.nn.{layer.__name__}", G, 2, False, torch_states(layer))
    for layer, G in ((torch.nn.GRU, 3), (torch.nn.LSTM, 4))
]
grus = [i for i in (*zoo.IMPLEMENTATIONS, *strangers) if i.G == 3]
found = zoo.table(rng, grus)
plots.zoo(found)
show("A table: implementations of the GRU in rows, four forms in columns. " + zoo.in_words(found))

# %% [markdown]
r"""
Keras and torch have the same equations and store the gates differently.
Chung and others have the reset before and a $z$ that writes. And the slide matches nothing:
it writes $W_{hr}$ in the candidate, where the candidate's own matrix belongs.
Code that follows such a slip runs, trains, and is no GRU.

Under reset after, two biases are more than one, since one of them is inside the reset.
Under reset before they would only ever appear as a sum. So it is for an LSTM:
**predict** for these three in which order their gates are stored,
and whether anything is added behind your back.
"""

# %%
for step in (zoo.basic_lstm, zoo.cs231n_lstm, zoo.graves_lstm):
    print(inspect.getsource(step))

# %% [markdown]
r"""
The same test, now with 24 orders. `lstm, f + 1` is our LSTM with 1 added to the bias of the forget gate;
the order names the blocks as they lie in storage.
"""

# %%
lstms = [i for i in (*zoo.IMPLEMENTATIONS, *strangers) if i.G == 4]
found |= zoo.table(rng, lstms)
plots.zoo({i.name: found[i.name] for i in lstms})
show(
    "A table: implementations of the LSTM in rows, three forms in columns. "
    + zoo.in_words({i.name: found[i.name] for i in lstms})
)

# %% [markdown]
r"""
The same gates in three storage orders. TensorFlow's first LSTM added 1 to the forget gate at run time,
so that a bias that *looks* like zero acts as one: copy its weights without knowing that,
and every memory fades faster. Both tables once more, in asserts:
"""

# %%
assert found["torch.nn.GRU"]["gru"] == "rzn" and found["Keras GRU"]["gru"] == "zrn"
assert found["Chung et al. 2014"]["gru-before-writes"] == "zrn" and not any(found["a slide"].values())
assert found["torch.nn.LSTM"]["lstm"] == "ifgo" and found["CS231n LSTM"]["lstm"] == "ifog"
assert found["TensorFlow 1 LSTM"]["lstm, f + 1"] == "igfo" and found["Graves 2013"]["lstm-peephole"] == "ifgo"

# %% [markdown]
r"""
## 3. What does one difference make?

Greff and others (2017) took the LSTM with peepholes and changed one thing at a time, eight times.
Jozefowicz and others (2015) removed the gates of the plain LSTM one by one.
The table `CELLS` has them all, and since all are small differences from one text,
the table of their equations need not be typed: the library runs each cell's own `step` once,
with letters in place of numbers, and notes what it computes. First the text that the eight start from:
"""

# %%
from course_utils.studies import equations

print("\n".join(equations.equations(CELLS["lstm-peephole"])))

# %% [markdown]
r"""
A prime marks the previous step. Greff's names say what is missing: no input gate (NIG), no forget gate (NFG),
no output gate (NOG), no input activation (NIAF), no output activation (NOAF), no peepholes (NP);
then coupled input and forget gate (CIFG) and full gate recurrence (FGR).
**Predict** the changed line of the first six; for the last two, say which would have fewer parameters.
"""

# %%
eight = [CELLS[f"lstm-{name}"] for name in ("nig", "nfg", "nog", "niaf", "noaf", "np", "cifg", "fgr")]
print(equations.table(eight, CELLS["lstm-peephole"], D=10, H=10))

# %% [markdown]
r"""
After thousands of runs on speech, handwriting and music, Greff and others found that the forget gate
and the output activation matter most: NFG and NOAF hurt on every task.
Coupling (CIFG) and dropping the peepholes (NP) cost little and save parameters.
The plain LSTM without peepholes gives four more, written LSTM-f, -i, -o and -b in section 4.
**Predict** which line of -b differs.
"""

# %%
print(equations.table([CELLS[f"lstm-{k}"] for k in "fiob"], CELLS["lstm"], D=10, H=10))

# %% [markdown]
r"""
None: LSTM-b has the same equations. Only the start of training differs, its forget bias begins at 1.

The coupled variant is half-way to a GRU. **Predict** in which respects it still differs from one.

### Build: exercise 8.5

One step of CIFG, with peepholes: $P_0$ is that of $i$, $P_1$ that of $o$.
"""


# %% answer="8.5"
def cifg_step(
    x_t: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    P: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """x_t (B, D), h_prev, c_prev (B, H) to h, c; i, g, o in W_x (3, D, H), W_h (3, H, H), b (3, 1, H); P (2, 1, H): i, o."""
    ### BEGIN SOLUTION
    a_i, a_g, a_o = x_t @ W_x + h_prev @ W_h + b
    i = sigmoid(a_i + P[0] * c_prev)
    c = (1 - i) * c_prev + i * np.tanh(a_g)
    o = sigmoid(a_o + P[1] * c)
    return o * np.tanh(c), c
    ### END SOLUTION


# %% check="8.5"
ex.cifg_step.check(cifg_step)

# %% [markdown] solution="8.5"
r"""
**Why this and not that.** The memory is a mixture of old and new: what is not written is kept.
The two peepholes look at two memories, that of $i$ at the one before the step, that of $o$ at the one after,
so $c$ has to be there before $o$.
"""

# %% [markdown]
r"""
A GRU has no output gate, so that it shows all that it holds, and no peepholes; CIFG has no reset.
They share the mixture, and what follows from it: a mixture of itself and numbers between -1
and 1 never leaves that range, if it starts there. Section 5 will need this.

### Cells that a machine found

Jozefowicz and others let a program mutate cells, train them, and keep the good ones.
Three mutants of the GRU came out on top. They start from the GRU with the reset before and a $z$ that writes:
"""

# %%
print("\n".join(equations.equations(CELLS["gru-before-writes"])))

# %% [markdown]
r"""
and each changes little. $I$ is the identity: the input enters as it is, so the paper needs $D = H$.
(For other sizes our cells repeat it; `cells/mut.py` says how.) Below them stands the *minimal gated unit* (Zhou
and others 2016), whose one gate resets and updates.
"""

# %%
print(
    equations.table([CELLS[name] for name in ("mut1", "mut2", "mut3", "mgu")], CELLS["gru-before-writes"], D=10, H=10)
)

# %% [markdown]
r"""
Nobody would have drawn MUT1 on a board: its update gate is blind to the past,
and its candidate reads the input through a bare tanh.

### Build: exercise 8.6

MUT1 as the paper prints it, in its letters:

$$z = \sigma(x W_{xz} + b_z), \qquad r = \sigma(x W_{xr} + h' W_{hr} + b_r)$$

$$h = \tanh\big((r \odot h') W_{hh} + \tanh(x) + b_h\big) \odot z + h' \odot (1 - z)$$
"""


# %% answer="8.6"
def mut1_step(
    x_t: np.ndarray,
    h_prev: np.ndarray,
    W_xz: np.ndarray,
    W_xr: np.ndarray,
    W_hr: np.ndarray,
    W_hh: np.ndarray,
    b: np.ndarray,
) -> np.ndarray:
    """x_t, h_prev (B, H) to h_t (B, H), D = H; all matrices (H, H); b (3, 1, H) holds b_z, b_r, b_h in this order."""
    ### BEGIN SOLUTION
    z = sigmoid(x_t @ W_xz + b[0])
    r = sigmoid(x_t @ W_xr + h_prev @ W_hr + b[1])
    return np.tanh((r * h_prev) @ W_hh + np.tanh(x_t) + b[2]) * z + h_prev * (1 - z)
    ### END SOLUTION


# %% check="8.6"
ex.mut1_step.check(mut1_step)

# %% [markdown] solution="8.6"
r"""
**Why this and not that.** Line by line as it is printed, and nothing that habit would add:
no state in $z$, no matrix for $x$ in the candidate. The last two factors say that $z$ writes here.
"""

# %% [markdown]
r"""
The search of Zoph and Le (2017) went further: a network that writes cells, rewarded for how well they do.
Its cell is not one difference away from anything. Eight nodes hear input and state, four pairs meet,
one pair takes the memory in:
"""

# %%
print("\n".join(equations.equations(CELLS["nas"])))

# %% [markdown]
r"""
All these cells one at a time, with what differs in colour. First one as a plain picture:
"""

# %%
change = equations.changes(CELLS["mut3"], CELLS["gru-before-writes"])
plots.equations_sheet(
    "mut3: coloured, what is not as in gru-before-writes", equations.equations(CELLS["mut3"]), *change
)
show("The four equations of MUT3; the line of z is coloured, because it hears tanh of the state.")

# %% [markdown]
r"""
And all of them with a menu. **Predict** before you choose:
which of the GRU's four lines does `gru-before` change, which `gru-before-writes`?
"""

# %%
pairs = [("lstm", "lstm"), *((str(cell), "lstm-peephole") for cell in eight)]
pairs += [(f"lstm-{k}", "lstm") for k in "fio"] + [
    ("gru", "gru"),
    ("gru-before", "gru"),
    ("gru-before-writes", "gru-before"),
]
pairs += [(name, "gru-before-writes") for name in ("mut1", "mut2", "mut3", "mgu")] + [("nas", "lstm")]
explore.variants(pairs, size=(10, 10))

# %% [markdown]
r"""
## 4. Which cell is best?

Jozefowicz and others trained each cell with many settings and printed its best accuracy in predicting the next symbol.
Their tasks:

- **Arithmetic.** Read two numbers, write their sum or difference, digit by digit.
  Letters are strewn in that mean nothing.
- **XML.** Predict the next character of random, well-formed markup. A closing tag needs the name
  that was opened.
- **Words** of the Penn Treebank. We take *characters* of Python's documentation, which every installation has.

Here is an instance of the first two in their full size:
"""

# %%
from course_utils.tasks import arithmetic, xml_markup

question, answer = arithmetic.problem(rng)
print(question, "->", answer)
print("the paper's example:", arithmetic.solve("3e36d9-h1h39f94eeh43keg3c="))
print(xml_markup.markup(rng, 90))

# %% [markdown]
r"""
We have about a minute. So the tasks shrink: numbers of one digit,
at most two open tags with names of two letters from a to d. And the budget is one for all:
the same number of parameters (so that a cell with fewer blocks has more units), the same updates,
the same batches, the same learning rate, three seeds.

**Predict** the order of the ten. Which will be last on arithmetic, and will LSTM-f suffer?
While it runs (most of a minute), write your order down.
"""

# %%
from course_utils.studies import odyssey

tasks = odyssey.tasks(rng)
accuracy = odyssey.search(rng, tasks)  # (cells, tasks, seeds)

# %% [markdown]
r"""
Mean accuracy over the seeds, beside the published table (Jozefowicz, Zaremba and Sutskever 2015, table 1).
"Guessing" always says the most frequent symbol; "the best" is a reader who keeps all
that can be kept (for characters nobody knows how far one could get).
"""

# %%
names, published = list(odyssey.PUBLISHED), np.array(list(odyssey.PUBLISHED.values()))
mean = accuracy.mean(axis=-1)
print(
    f"{'':9}{'here: arithmetic':>18}{'XML':>8}{'characters':>12}{'   paper: Arithmetic':>22}{'XML':>8}{'PTB words':>11}"
)
for name, ours, theirs in zip(names, mean, published):
    print(f"{name:9}{ours[0]:18.3f}{ours[1]:8.3f}{ours[2]:12.3f}{theirs[0]:22.3f}{theirs[1]:8.3f}{theirs[2]:11.4f}")
for title, row in (("guessing", [task.floor for task in tasks]), ("the best", [task.ceiling for task in tasks])):
    a, b, c = (f"{value:.3f}" if np.isfinite(value) else "?" for value in row)
    print(f"{title:9}{a:>18}{b:>8}{c:>12}")

# %% [markdown]
r"""
The numbers themselves cannot be compared: other sizes, other tasks, other budgets. Their *order* can.
"""

# %%
plots.ranks(names, published, mean, [f"{task.name}" for task in tasks])
show("Three panels of ranks: the order of ten cells in the paper on the left and here on the right, joined by lines.")

# %% [markdown]
r"""
*Spearman's rank correlation* puts a number on it: 1 for the same order, -1 for the reverse,
about 0 for no relation. With ten cells and three seeds it deserves an error bar.
Draw one seed for each cell at random, rank, correlate; and again, a thousand times.
The grey band is where nineteen of twenty *random* orders of ten cells fall.
"""

# %%
rho = [odyssey.rank_correlation(mean[:, k], published[:, k]) for k in range(3)]
spread = [np.quantile(odyssey.resampled(rng, accuracy[:, k], published[:, k]), (0.05, 0.95)) for k in range(3)]
chance = np.quantile(odyssey.by_chance(rng, len(names)), (0.025, 0.975))
plots.agreement([task.name for task in tasks], rho, spread, chance)
show(
    "Rank correlations with the published table for three tasks, each with a bar for its spread over the seeds, "
    "and a band for chance."
)
for task, r, (low, high) in zip(tasks, rho, spread):
    print(f"{task.name:11} {r:+.2f}   nine of ten resampled orders between {low:+.2f} and {high:+.2f}")
print(f"random orders: {chance[0]:+.2f} to {chance[1]:+.2f}")

# %% [markdown]
r"""
In asserts, what stands out from the spread: the GRU and its mutants against the two LSTMs that lack no gate,
and the network without gates.
"""

# %%
family = {"GRU family": [6, 7, 8, 9], "LSTM, LSTM-b": [1, 5]}
group = {name: mean[rows].mean(axis=0) for name, rows in family.items()}
print({name: value.round(3).tolist() for name, value in group.items()})
assert (group["GRU family"] > group["LSTM, LSTM-b"])[[0, 2]].all() and (mean > [task.floor for task in tasks]).all()
of = dict(zip(names, mean))
assert of["LSTM-f"][0] > of["Tanh"][0] and of["Tanh"][2] > of["LSTM"][2]

# %% [markdown]
r"""
**What this budget can show.** The cells with a reset and an update gate *learn faster* on arithmetic and on characters,
on average over the four. That is a statement about the start of training, no more. On XML their lead is small,
and other seeds could turn it.
With little time the plain tanh network is ahead of the LSTM on characters:
simple is quick, and such short texts need little memory.

**What it cannot show.** *Which cell is best in the end*: the paper's best cells get nine digits of ten right
with numbers of up to eight digits, ours are far from the best reader with one. *What breaks at length*:
in the paper LSTM-f is no better than tanh at arithmetic, here it is ahead of it;
a memory that cannot forget fills up in long texts, and ours are short. *Small differences*:
look at the bars of the three seeds and at the band of chance; the published differences on words are in the
third decimal. And one learning rate for ten cells is equal, but hardly fair: the paper tuned each by many runs.
A search is an experiment, and its answer belongs to its budget.

### And Greff's variants?

The same budget, with two seeds and on the last two tasks, for four of the eight, beside the LSTM with peepholes
that they vary: the two that Greff and others found to matter, and two that they found not to.
**Predict** which of the four loses most, and which loses nothing.
"""

# %%
variants = ["lstm-peephole", *(f"lstm-{v}" for v in ("nfg", "noaf", "np", "cifg"))]
results = odyssey.search(rng, tasks[1:], variants, seeds=2)
print(f"{'':15}{'XML':>18}{'characters':>20}      mean of two seeds (lowest, highest)")
for name, row in zip(variants, results):
    print(f"{name:15}", "   ".join(f"{a.mean():.3f} ({a.min():.3f}, {a.max():.3f})" for a in row))
mean_of = dict(zip(variants, results.mean(axis=-1)))
assert mean_of["lstm-noaf"][0] == results[:, 0].mean(axis=-1).min() < mean_of["lstm-peephole"][0] - 0.2
assert mean_of["lstm-cifg"][1] > mean_of["lstm-nfg"][1]

# %% [markdown]
r"""
NOAF comes to nothing on XML. Without the last tanh the output is the memory itself, it may grow without bound,
and updates of this size throw the network off. Of those that do learn, NFG is behind on characters.
CIFG loses nothing: $f = 1 - i$ is a step towards the GRU, and so is its score on characters.
Two parts stand out, then, the output activation and the forget gate, and they are those that Greff and others found
with runs by the thousand, in which each variant had its own learning rate.

## 5. Is there anything that one can do and the other cannot?

On words, the published table has them close together. So look for a task that asks for one thing only: counting.
The language $a^n b^n$ has the strings ab, aabb, aaabbb, ...: as many b as a.
With a start `^` and an end `$`, a reader who has counted the a knows exactly when the end comes.

### Build: exercise 8.7

Inputs and targets of one such string, with numbers for symbols: 0 starts, then 1, 2, ...
for the letters, the next number ends.
"""


# %% answer="8.7"
def counting_example(n: int, letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets (T,), T = n · letters + 1, of: 0 (start), n times 1, n times 2, ..., letters + 1 (end)."""
    ### BEGIN SOLUTION
    ids = np.concatenate([[0], np.repeat(np.arange(1, letters + 1), n), [letters + 1]])
    return ids[:-1], ids[1:]
    ### END SOLUTION


# %% check="8.7"
ex.counting_example.check(counting_example)

# %% [markdown] solution="8.7"
r"""
**Why this and not that.** `np.repeat` says each letter $n$ times, `np.tile` would alternate them.
Inputs and targets are one string, shifted: without the end symbol as a target,
nothing would test whether the network knows when to stop.
"""

# %% [markdown]
r"""
Not every symbol of such a string can be predicted: nobody knows $n$ in advance.
A fair test looks only where a single symbol can follow.

### Build: exercise 8.8

**Predict** where that is, then write it. The reader knows that $n$ is at least 1.
"""


# %% answer="8.8"
def settled(inputs: np.ndarray) -> np.ndarray:
    """Inputs (T,) of one string, as in 8.7, n ≥ 1 unknown to the reader, to booleans (T,): can only one number follow?"""
    ### BEGIN SOLUTION
    return inputs != 1
    ### END SOLUTION


# %% check="8.8"
ex.settled.check(settled)

# %% [markdown] solution="8.8"
r"""
**Why this and not that.** While a is read, another a or the first b may come,
and that holds after the *last* a, too. What the data did next must not enter:
"settled" is about what the reader can know.
"""

# %% [markdown]
r"""
For $n = 4$, an x where the next symbol is settled:
"""

# %%
inputs, targets = ex.counting_example(4, letters=2)
sure = ex.settled(inputs)
print("read     ", *("^ab$"[k] for k in inputs))
print("predict  ", *("^ab$"[k] for k in targets))
print("settled  ", *("·x"[int(s)] for s in sure))

# %% [markdown]
r"""
A network *accepts* a string if its most likely next symbol is right at every settled place (after the test of
Gers and Schmidhuber 2001). It is trained on the settled places alone, with $n$ from 1 to 30.
Then it is asked for larger $n$. **Predict** for both, an LSTM and a GRU of ten units:
up to which $n$ will they be right?

Training begins with $n$ up to 10, goes on with 30 at a large learning rate, and ends with a small one.
A network that does not accept all $n$ up to 60 is trained anew, the LSTM up to five times in all, the GRU twice,
and the one that goes furthest is kept.
"""

# %%
from course_utils.studies.counters import Stage, best_of

for_lstm = Stage(10, 300, 0.05), Stage(30, 1000, 0.1), Stage(30, 300, 0.01)
for_gru = Stage(10, 300, 0.03), Stage(30, 1000, 0.03), Stage(30, 300, 0.01)
networks = {"LSTM": best_of(rng, "lstm", "ab", for_lstm, tries=5), "GRU": best_of(rng, "gru", "ab", for_gru, tries=2)}

# %% [markdown]
r"""
One tick for each $n$, green where the network accepts the string:
"""

# %%
from course_utils.studies.counters import accepts, first_failure

ns = np.arange(1, 121)
plots.reach(
    ns, {name: accepts(net, ns) for name, net in networks.items()}, 30, "Which $n$ of $a^n b^n$ each network accepts"
)
refused = {name: first_failure(net, 120) for name, net in networks.items()}
show(f"Two rows of ticks for n from 1 to 120, green where accepted; the first n refused, 121 for none: {refused}.")
print(refused, "is the first n refused (121: none up to 120)")

# %% [markdown]
r"""
The LSTM is right at lengths twice those that it has seen, and further;
the GRU learned its training strings and little more.
This is a lucky LSTM beside a usual GRU: some LSTMs count far, others fail around 30, while GRUs mostly end alike.
So it shows what an LSTM *can* learn; that a GRU cannot takes an argument. Look at what the two hold while reading,
at a length between the two: the memory $c$ of the LSTM, the state $h$ of the GRU, one line a unit,
in colour the unit that goes furthest out while a is read and back while b is read.
"""

# %%
from course_utils.studies.counters import read

assert refused["LSTM"] > 60 >= refused["GRU"]
plots.counters([read(net, 50) for net in networks.values()], 50, ["LSTM, memory $c$", "GRU, state $h$"])
show(
    "Left, the LSTM: one unit of its memory rises in equal steps while a is read and falls in equal steps while b is read. "
    "Right, the GRU: its states bend towards a limit while a is read."
)

# %% [markdown]
r"""
One unit of the LSTM goes out in equal steps and comes back in equal steps; where it began, the end is due.
**Predict** its three gates $f$, $i$, $g$ while a is read, and while b is read:
$c_t = f \odot c_{t-1} + i \odot g$.
"""

# %%
c = read(networks["LSTM"], 50)
counter = np.argmax((c[0] - c[50]) * (c[100] - c[50]))  # far out during the a, far back during the b
f, i, g = (read(networks["LSTM"], 50, gate)[:, counter] for gate in "fig")
for t, letter in ((25, "a"), (75, "b")):
    print(f"at the {t}th symbol, {letter}:  f {f[t]:.4f}   i {i[t]:.4f}   g {g[t]:+.4f}   c {c[t, counter]:+.2f}")

# %% [markdown]
r"""
All gates are wide open: keep everything, write everything; and what is written is 1 for one letter
and -1 for the other. That is a **counter**, and nobody told the network to build one.

A GRU cannot do that. Its state is a mixture of itself and a number between -1 and 1,
so it never leaves that range, however it is trained, and all counts have to fit into it.
(The same holds for the memory of exercise 8.5: with $f = 1 - i$ an LSTM loses its counter.
$f = 1$ *and* $i = 1$ is what it takes.) While a is read, this one creeps towards a limit with smaller and smaller steps,
and small steps are soon too small to be told apart. Here is the length of the step, at each a:
"""

# %%
n = np.arange(1, 121)
distances = {}
for name, net in networks.items():
    memory = read(net, 121)[1:122]  # after 1, 2, ..., 121 times a
    distances[name] = np.linalg.norm(np.diff(memory, axis=0), axis=1)
plots.steps_between(n, distances, 30)
show("How far one more a moves the memory, on a log axis: of much the same size for the LSTM, falling for the GRU.")
assert min(f[25], f[75], i[25], i[75]) > 0.98 and g[25] * g[75] < -0.9
assert distances["LSTM"][99] > 0.1 > distances["GRU"][99] and np.abs(read(networks["GRU"], 120)).max() <= 1

# %% [markdown]
r"""
Move $n$ and watch both, and the verdicts in the titles. **Predict** at
which $n$ the GRU's picture tells you that it will fail.
"""

# %%
explore.counting(networks, 120)

# %% [markdown]
r"""
### Two counters at once

$a^n b^n c^n$ is beyond what a single stack can check. It needs a count of the a that survives the b,
and one more. Training is the same, with $n$ up to 25; the GRU has one try, which saves you a few seconds.
**Predict**: will the second counter cost the LSTM any of its reach?
"""

# %%
for_lstm = Stage(8, 300, 0.05), Stage(25, 1000, 0.1), Stage(25, 300, 0.01)
for_gru = Stage(8, 300, 0.03), Stage(25, 1000, 0.03), Stage(25, 300, 0.01)
triple = {"LSTM": best_of(rng, "lstm", "abc", for_lstm, tries=5), "GRU": best_of(rng, "gru", "abc", for_gru, tries=1)}
ns = np.arange(1, 101)
plots.reach(
    ns, {name: accepts(net, ns) for name, net in triple.items()}, 25, "Which $n$ of $a^n b^n c^n$ each network accepts"
)
refused = {name: first_failure(net, 100) for name, net in triple.items()}
show(f"Two rows of ticks for n from 1 to 100, green where accepted; the first n refused, 101 for none: {refused}.")
print(refused, "is the first n refused (101: none up to 100)")
assert refused["LSTM"] > refused["GRU"]

# %% [markdown]
r"""
The LSTM goes further than the GRU here, too; how far depends on its starting values.

Weiss, Goldberg and Yahav (2018) gave the general argument: with numbers of finite precision,
LSTMs (and ReLU networks) can count, since their memory is a sum that may grow; GRUs and tanh networks,
bounded as they are, cannot. *Can*, not *will*: the tries that failed were LSTMs as well,
even a good one's steps are not perfectly equal, and at some $n$ the error adds up to one.
And where texts ask for other things than counting, as the characters of section 4, the GRU's faster start may be worth more.

## What we learned

- A GRU is one state, a gate that mixes old and new, and a gate that hides the past from the candidate;
  its forms differ in what $z$ means (one model, turned weights) and in where the reset acts (two models),
  and comparing outputs tells which one you have.
- The family is one text with small differences. Forget gate and output activation matter most;
  which cell is "best" depends on the task and on the budget, and a small search has wide error bars.
- A mixture is bounded and a sum is not: the LSTM's memory can count,
  the GRU's state can only creep towards a limit.

## Go further

- Chung and others 2014, *Empirical evaluation of gated recurrent neural networks on sequence modeling*:
  LSTM against GRU, carefully.
- Jozefowicz, Zaremba and Sutskever 2015, *An empirical exploration of recurrent network architectures*:
  the search, its tasks and tables.
- Weiss, Goldberg and Yahav 2018, *On the practical computational power of finite precision RNNs for language
  recognition*: who can count.

**Next:** lesson 09 puts all this to work with torch: its shapes, its two biases, its traps.
"""

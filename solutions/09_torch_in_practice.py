# %% [markdown] minutes=150 needs=["numpy", "torch"]
r"""
# How do you put a recurrent network to work in torch?

You have written the cells of lessons 03 to 08 yourself. In practice you will mostly call `torch.nn.LSTM`,
which is fast and correct, and which does exactly what you tell it, including what you did not mean.
Hardly any of the mistakes in this lesson stops a program. They make it a little worse, for weeks.

**After this lesson** you can

- say what every number in torch's weights belongs to, carry weights over in both directions, and count them,
- fill weights gate by gate, and say what it costs not to,
- predict every shape that goes in and comes out, for any number of layers and both directions,
- handle sequences of different lengths by masks and by packing, and show that both give the same,
- use dropout, zoneout and normalisation in their recurrent forms,
- write a training loop that detaches, clips, repeats itself and can be resumed,
- choose a device, move a network there, and measure where the time goes.

150 minutes. You need lessons 07 and 08 (the LSTM and its relatives) and 04 (gradients through time).
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import Module

from course_utils.exercises import torch_in_practice as ex

# %% [markdown]
r"""
The figures of this lesson, and one seed for NumPy's and for torch's random numbers.
If an exercise resists, `ex.name.hint()` gives three hints, one at each call.
"""

# %%
from course_utils.device import seed_everything
from course_utils.plots import show, use_style
from course_utils.plots import torch_in_practice as plots

use_style()
rng = seed_everything(0)

# %% [markdown]
r"""
## 1. What are weight_ih and weight_hh?

The smallest example raises the question. **Predict**, for one input and four hidden units:
how many arrays does the layer learn, and of which shapes?
"""

# %%
for name, w in nn.LSTM(1, 4).named_parameters():
    print(f"{name:14} {tuple(w.shape)}")

# %% [markdown]
r"""
Why 16 × 1 and 16 × 4? Because there are four gates with four units each,
and torch writes their matrices below one another.
It also keeps them transposed against ours, `(outputs, inputs)`, so that a step reads

$$a = x_t W_{ih}^\top + b_{ih} + h_{t-1} W_{hh}^\top + b_{hh} \qquad (B, 4H)$$

`ih` is *input to hidden* and has a column for each of the $D$ inputs,
`hh` is *hidden to hidden* and has one for each of the
$H$ units. `l0` is layer 0. Here are all 112 numbers:
"""

# %%
plots.weight_layout("lstm", 1, 4)
show(
    "Four arrays drawn number by number: weight_ih 16 by 1, weight_hh 16 by 4 and two biases of 16, in four coloured blocks."
)
assert sum(w.numel() for w in nn.LSTM(1, 4).parameters()) == 112

# %% [markdown]
r"""
Other sizes, and other networks. **Predict** how many blocks a GRU has before you choose it.
"""

# %%
from course_utils.explore import torch_in_practice as explore

explore.layout()

# %% [markdown]
r"""
### In which order are the gates?

The figure claims i, f, g, o. Do not believe it: four blocks can stand in 24 orders, and papers and libraries use
several. Here is an LSTM step that reads the rows in any order we like. It never looks at $c_{t-1}$ to compute a
gate.
"""


# %%
def step_in_order(order, lstm, x_t, h, c):
    """One LSTM step with torch's weights, their four blocks taken for gates in the given order: the new h (B, H)."""
    a = x_t @ lstm.weight_ih_l0.T + lstm.bias_ih_l0 + h @ lstm.weight_hh_l0.T + lstm.bias_hh_l0
    gate = dict(zip(order, a.chunk(4, dim=-1), strict=True))
    i, f, o = (torch.sigmoid(gate[name]) for name in "ifo")
    return o * torch.tanh(f * c + i * torch.tanh(gate["g"]))


# %% [markdown]
r"""
**Predict** how many of the 24 orders give the same $h_t$ as torch, from a random state, to twelve digits.
"""

# %%
from itertools import permutations

lstm = nn.LSTM(3, 5, dtype=torch.float64)
x_t, h, c = (torch.randn(2, n, dtype=torch.float64) for n in (3, 5, 5))
theirs = lstm(x_t[None], (h[None], c[None]))[0][0]
off = {
    "".join(order): (step_in_order(order, lstm, x_t, h, c) - theirs).abs().max().item()
    for order in permutations("ifgo")
}
fits = [order for order, error in off.items() if error < 1e-12]
print("these fit:", fits, "  of the others, the best is off by", f"{min(e for e in off.values() if e > 1e-12):.3f}")

# %% [markdown]
r"""
One, and it is the figure's. And since our step has no peepholes and agrees to the last digits at a random $c_{t-1}$,
torch's has none either: it is the second variant of lesson 07. The parameters say so, too.
The course's peephole cell has a $P$ with a number per unit for each of i, f and o,
and torch's list has nothing of the kind.
"""

# %%
from course_utils.cells import CELLS

assert fits == ["ifgo"]
print("peephole:", CELLS["lstm-peephole"].shapes(D=3, H=5))
print("torch:   ", {name: tuple(w.shape) for name, w in lstm.named_parameters()})

# %% [markdown]
r"""
### Why two biases?

Only their sum enters the step, so one of them is superfluous; cuDNN, NVIDIA's library underneath, has two,
and torch keeps its layout. It is not quite without effect. **Predict**: how do the gradients of the two compare,
and how far does the *sum* move in one step of plain gradient descent, compared with a single bias?
"""

# %%
lstm(torch.randn(7, 2, 3, dtype=torch.float64))[0].square().mean().backward()
print("largest difference of the two gradients:", (lstm.bias_ih_l0.grad - lstm.bias_hh_l0.grad).abs().max().item())
before = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach()
torch.optim.SGD(lstm.parameters(), lr=1.0).step()
moved = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach() - before
print("the sum moved by", round((moved / -lstm.bias_ih_l0.grad).mean().item(), 6), "times the gradient")

# %% [markdown]
r"""
Both get the same gradient and both move, so the sum moves twice as far: biases learn at twice the learning rate.
A comparison of your own cell with torch's during *training* has to take that into account.

### Build: exercise 9.1, from our weights to a state dict

A module's `state_dict()` is a dictionary from names to tensors; `load_state_dict` fills a module from one.
Our LSTM keeps its gates on a first axis, in the same order i, f, g, o.
**Predict**: if you stack the blocks and forget to transpose them,
which of $W_x$ and $W_h$ still comes out in the right shape?
"""


# %% answer="9.1"
def to_state_dict(W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> dict:
    """Our W_x (4, D, H), W_h (4, H, H), b (4, 1, H) to the state dict of torch.nn.LSTM(D, H); all of b goes to bias_ih_l0."""
    ### BEGIN SOLUTION
    _, D, H = W_x.shape
    made = {
        "weight_ih_l0": W_x.transpose(0, 2, 1).reshape(4 * H, D),
        "weight_hh_l0": W_h.transpose(0, 2, 1).reshape(4 * H, H),
        "bias_ih_l0": b.reshape(4 * H),
        "bias_hh_l0": np.zeros(4 * H, b.dtype),
    }
    return {name: torch.tensor(a) for name, a in made.items()}
    ### END SOLUTION


# %% check="9.1"
ex.to_state_dict.check(to_state_dict)

# %% [markdown] solution="9.1"
r"""
**Why this and not that.** The transpose is within each gate, so the gate axis stays where it is: `transpose(0, 2, 1)`.
A `reshape` never moves a number past another, which is why it may follow the transpose and may not replace it.
$W_h$ is the trap: its blocks are square, every shape fits, and the network computes something else.
"""

# %% [markdown]
r"""
With the weights carried over, the NumPy LSTM of lesson 07 and torch's agree on 200 steps, and so do the weights
after the way back; `lstm_torch.from_torch` is that way, and adds the two biases up.
"""

# %%
from course_utils import sequence
from course_utils.cells import lstm_torch

p = CELLS["lstm"].init(rng, D=3, H=5)
lstm.load_state_dict(ex.to_state_dict(*p))
x = rng.standard_normal((200, 2, 3))
difference = lstm(torch.from_numpy(x))[0].detach().numpy() - sequence.forward(CELLS["lstm"], p, x).h
assert np.abs(difference).max() < 1e-12
assert all(np.array_equal(ours, back) for ours, back in zip(p, lstm_torch.from_torch(lstm), strict=True))
print("200 steps agree to 1e-12, and the weights come back unchanged")

# %% [markdown]
r"""
### Build: exercise 9.2, count them

Three things make the count: the number of gates, what each layer reads, and the directions.
A bidirectional layer is two networks of $H$ units, and hands $2H$ numbers on.
"""


# %% answer="9.2"
def recurrent_parameters(gates: int, D: int, H: int, L: int, bidirectional: bool) -> int:
    """How many numbers torch.nn.RNN (gates = 1), GRU (3) or LSTM (4) learns, with L layers of H units and input size D."""
    ### BEGIN SOLUTION
    directions = 2 if bidirectional else 1
    inputs = [D] + [directions * H] * (L - 1)
    return sum(directions * gates * H * (n + H + 2) for n in inputs)
    ### END SOLUTION


# %% check="9.2"
ex.recurrent_parameters.check(recurrent_parameters)

# %% [markdown] solution="9.2"
r"""
**Why this and not that.** One gate of one direction has $H$ rows of $n + H$ weights and two biases.
Only the lowest layer reads $D$ numbers; all others read what the layer below writes,
and with both directions that is $2H$.
"""

# %% [markdown]
r"""
## 2. How should the weights begin?

Glorot and Bengio's initialiser (2010) wants signals to keep their size on the way forward and back.
For a matrix with $n_{in}$ inputs and $n_{out}$ outputs it takes the variance

$$\mathrm{var}(W) = \frac{2}{n_{in} + n_{out}}$$

`nn.init.xavier_uniform_` reads $n_{in}$ and $n_{out}$ off the shape of what it fills. For `weight_hh` it sees $4H$
rows. But nobody multiplies by a matrix with $4H$ outputs: those are four gates with $H$ outputs each, which happen
to be stored together. The same for an orthogonal start: of a $(4H, H)$ matrix the *columns* can be orthonormal, and
a gate has a quarter of each column. So an initialiser with a fan-out has to go gate by gate, four times for an LSTM,
three for a GRU.

**Predict**: by which factor are Glorot's numbers too small if `weight_hh` is filled as a whole?
"""

# %%
H = 64
whole, block = (nn.init.xavier_uniform_(torch.empty(rows, H)) for rows in (4 * H, H))
print(
    f"standard deviation: whole {whole.std():.4f}   one gate {block.std():.4f}   ratio {block.std() / whole.std():.2f}"
)
print("by the formula:", round(((H + 4 * H) / (H + H)) ** 0.5, 2))

# %% [markdown]
r"""
### Build: exercise 9.3

`fill` is a function such as `nn.init.orthogonal_`: it fills the matrix that it is given, in place, and returns it.
"""


# %% answer="9.3"
def stacked_gates(fill: Callable, gates: int, H: int, n_in: int) -> Tensor:
    """A weight (gates · H, n_in), each gate's block (H, n_in) filled in place by its own fill(block), first gate first."""
    ### BEGIN SOLUTION
    weight = torch.empty(gates * H, n_in)
    for block in weight.chunk(gates):
        fill(block)
    return weight
    ### END SOLUTION


# %% check="9.3"
ex.stacked_gates.check(stacked_gates)

# %% [markdown] solution="9.3"
r"""
**Why this and not that.** `chunk` gives *views*, so what `fill` writes into a block is written into the whole.
On a network that exists the same loop runs over `lstm.weight_hh_l0.chunk(4)`, under `torch.no_grad()`.
One call for all gates and `repeat` would make four gates that say the same thing.
"""

# %% [markdown]
r"""
### What does the slip cost?

The slip is easy, so let us see what it does, to fresh networks first. Six ways to fill an LSTM of 32 units:
torch's own (uniform between $\pm 1/\sqrt{H}$, which looks at no fan-out), Glorot and orthogonal, each both ways,
and, as a control, the orthogonal whole with all numbers doubled. Forget biases are 1 everywhere, other biases 0.

Left, the singular values of the four recurrent blocks: by which factors a gate's matrix can stretch or shrink a
state. Right, the gradient of a random sum over the last state with respect to the input some steps before.
"""

# %%
from course_utils.studies import gate_init_torch as gate_init

generator = torch.Generator().manual_seed(0)
nets = {name: gate_init.fresh_lstm(scheme, 8, 32, generator) for name, scheme in gate_init.SCHEMES.items()}
values = {name: gate_init.singular_values(net) for name, net in nets.items()}
gradients = {name: gate_init.gradient_by_lag(net, 40, 64, generator) for name, net in nets.items()}
plots.gradient_and_values(values, gradients)
show(
    "Left: the singular values of orthogonal gates are all one, those of a block of the whole lie lower. "
    "Right: gradient norm against lag, log axis; filled gate by gate the gradient fades more slowly."
)
assert np.allclose(values["orthogonal, by gate"], 1, atol=1e-5) and values["orthogonal, whole"].mean() < 0.55
assert gradients["orthogonal, by gate"][39] > 5 * gradients["orthogonal, whole"][39]

# %% [markdown]
r"""
Filled gate by gate, every orthogonal block keeps lengths as they are; cut from the whole, it halves them on average.
At each step back in time a factor is lost or kept, and factors multiply: the curves part.

That is a fresh network. Does training mend it? Two tasks.
*Recall*: read 20 random symbols of 8, then say which came first. Nothing but memory counts (200 updates, five seeds).
*Names*: the next letter in a list of names, where the last few letters tell most of what can be told (100 updates,
three seeds).
**Predict** for each task how much the way of filling matters.
"""

# %%
from course_utils.corpora import names

text = "\n".join(name.name.lower() for name in names())
letters = sorted(set(text))
ids = torch.tensor([letters.index(letter) for letter in text])


def learn(task, scheme, seed, forget_bias=1.0):
    """Losses of one training run, averaged over every 25 updates."""
    generator = torch.Generator().manual_seed(seed)
    recall = task == "recall"
    lstm = gate_init.fresh_lstm(scheme, 8 if recall else len(letters), 32, generator, forget_bias)
    made = gate_init.recall_batches(200, 20, 32, 8, generator) if recall else None
    batches = made or gate_init.next_symbol_batches(ids, 100, 20, 32, generator)
    losses = gate_init.train_losses(lstm, batches, 3e-3 if recall else 1e-2, generator)
    return np.reshape(losses, (-1, 25)).mean(axis=1)


# %% [markdown]
r"""
Medians over the seeds, of the loss in the last 25 updates:
"""

# %%
schemes = gate_init.SCHEMES.items()
recall = {name: np.array([learn("recall", scheme, seed) for seed in range(5)]) for name, scheme in schemes}
spelling = {name: np.array([learn("names", scheme, seed) for seed in range(3)]) for name, scheme in schemes}
end = {name: [np.median(losses[name][:, -1]) for losses in (recall, spelling)] for name in gate_init.SCHEMES}
for name, (first, second) in end.items():
    print(f"{name:28} recall {first:.2f}   names {second:.2f}")

# %% [markdown]
r"""
The losses along the way. Each line is the median of the seeds, each dot at its end one seed.
"""

# %%
share = np.bincount(ids) / len(ids)
unigram = -(share * np.log(share)).sum()
panels = [
    ("Recall the first of 20 symbols", recall, np.arange(13, 200, 25), np.log(8), "guessing"),
    ("The next letter of a name", spelling, np.arange(13, 100, 25), unigram, "letters by their frequency"),
]
plots.losses_by_scheme(panels)
show("Loss against updates for six ways to fill the weights: filled by gate, recall is far ahead; on names all agree.")
fast = {"Glorot, by gate", "orthogonal, by gate", "orthogonal, whole, doubled"}
assert max(end[name][0] for name in fast) < min(end[name][0] for name in end.keys() - fast) - 0.2
assert max(second for _, second in end.values()) - min(second for _, second in end.values()) < 0.15

# %% [markdown]
r"""
The answer depends on what the task asks for. On *recall* it decides how far 200 updates get. On *names* it hardly
shows: a network that needs only the last few steps gets them from any of these starts, a little sooner from some.
The control explains most of it: doubling the whole brings back much of what was lost, so it is mainly the size of
the numbers that counts, and that is what a wrong fan-out gets wrong. In `weight_hh` the variance is $1/(4H)$
(orthogonal, whole), $1/(3H)$ (torch's own, which makes no slip and is small all the same) or $2/(5H)$ (Glorot,
whole), against $1/H$ for the three that learn fast.

There is a slip that costs more than all of
these: no forget bias. torch's default leaves it near zero, so that every step keeps about half of the memory (lesson
07). The orthogonal start, gate by gate, without it:
"""

# %%
best = gate_init.SCHEMES["orthogonal, by gate"]
bare = [learn("recall", best, seed, forget_bias=0.0)[-1] for seed in range(3)]
print("forget bias 0:", np.round(bare, 2), "  forget bias 1:", recall["orthogonal, by gate"][:3, -1].round(2))
assert min(bare) > max(recall["orthogonal, by gate"][:3, -1])

# %% [markdown]
r"""
Mind the two biases when you set it: `bias_ih_l0[H:2*H]` to 1 *and* `bias_hh_l0[H:2*H]` to 0.
Ones in both add up to 2.

## 3. Which shape comes out?

| | without `batch_first` | with `batch_first=True` |
|---|---|---|
| input | $(T, B, D)$ | $(B, T, D)$ |
| output: the *top* layer at every step | $(T, B, H \cdot \text{directions})$ | $(B, T, H \cdot \text{directions})$ |
| `h_n`, `c_n`: the *last* state of every layer and direction | $(L \cdot \text{directions}, B, H)$ | the same |

`batch_first` changes the input and the output, never the states. A GRU returns `output, h_n`, an LSTM
`output, (h_n, c_n)`. A batch that is given the wrong way round raises no error: $B$ sequences of $T$ steps become
$T$ sequences of $B$, and only the states tell. **Predict** the shape of `h_n` for 4 sequences of 7 steps when
`batch_first` was forgotten:
"""

# %%
output, (h_n, c_n) = nn.LSTM(3, 5)(torch.randn(4, 7, 3))
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))

# %% [markdown]
r"""
Seven final states for four sequences.

`nn.Linear` works on the last axis and leaves all others alone, so a read-out needs no reshaping.
**Predict** whether the detour over $(B \cdot T, H)$ gives other numbers.
"""

# %%
rnn = nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True)
output, (h_n, c_n) = rnn(torch.randn(4, 7, 3))  # B, T, D
readout = nn.Linear(10, 6)
flat = readout(output.reshape(4 * 7, 10)).reshape(4, 7, 6)
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape), "  read-out", tuple(readout(output).shape))
print("the same by way of (B·T, H):", torch.allclose(readout(output), flat, atol=1e-6))

# %% [markdown]
r"""
### Where does the backward half end?

With `bidirectional=True` a second network reads the sequence from its end, and the output puts both side by side.
The halves have not read the same when they are at the same step. **Predict**: at which step has the backward half
read everything, and what has it read at the last step? The cell below compares its final state with its row of each
step.
"""

# %%
print("off by, step by step:", [round((h_n[-1] - output[:, t, 5:]).abs().max().item(), 3) for t in range(7)])

# %% [markdown]
r"""
At step 0. At the last step it has read one input.
"""

# %%
plots.bidirectional_ends(4)
show(
    "Four inputs, a row of forward states and a row of backward states. Filled: the forward state of the last step, "
    "the backward state of the first. A dashed frame marks the two states of the last step, output[:, -1]."
)
assert torch.equal(h_n[-2], output[:, -1, :5]) and torch.equal(h_n[-1], output[:, 0, 5:])

# %% [markdown]
r"""
`output[:, -1]`, a popular choice for a classifier, joins the forward half's *final* state with the backward half's
*first*, made from the last input alone. Half of the features know one step.

`h_n` lists cells in the order layer 0 forward, layer 0 backward, layer 1 forward, and so on.

### Build: exercise 9.4

The network has `batch_first=True` and any number of layers.
"""


# %% answer="9.4"
def final_features(output: Tensor, h_n: Tensor) -> Tensor:
    """Of a bidirectional net, output (B, T, 2H) and h_n (2L, B, H): the top layer's final states, forward first, (B, 2H)."""
    ### BEGIN SOLUTION
    return torch.cat([h_n[-2], h_n[-1]], dim=-1)
    ### END SOLUTION


# %% check="9.4"
ex.final_features.check(final_features)

# %% [markdown] solution="9.4"
r"""
**Why this and not that.** Counted from the end, the top layer's two states are where they are for any $L$.
`h_n[-2:].reshape(B, -1)` has the right shape and mixes sequences, for directions come before the batch in memory.
From `output` it takes two places: `output[:, -1, :H]` and `output[:, 0, H:]`.
With padding only `h_n` of a packed run is right.
"""

# %% [markdown]
r"""
### Train your eye

Shapes are learned like vocabulary, by many small questions. Here are three, from a generator that never runs out.
**Predict** the numbers; the cell after this one answers.
"""

# %%
from course_utils.studies.shape_quiz import draw

questions = [draw(rng, topic) for topic in ("output", "h_n", "bidirectional halves")]
for question in questions:
    print(f"{question.code}\n    {question.ask} = ?\n")

# %% [markdown]
r"""
The answers, and why:
"""

# %%
for question in questions:
    print(question.answer, " ", question.why)

# %% [markdown]
r"""
Now as many as you like: type the numbers, press Enter; Tab leads to the button, the space bar presses it.
Ten in a row without a slip is a good aim. The last four topics belong to the next section.
"""

# %%
explore.shapes(rng)

# %% [markdown]
r"""
## 4. What about sequences of different lengths?

A batch is a box, sentences are not. The short ones are filled up with *padding*, and then three things must not see
it: the final states, the loss, and, with a backward half, the states themselves. torch offers *packing*:
`pack_padded_sequence` lays the real steps one below the other, step by step, with the number of sequences that still
run at each step, `batch_sizes`. A packed batch computes nothing for padding. **Predict** the six numbers of
`batch_sizes`, and the rows of the packed data, for lengths 3, 6, 1 and 4. The padding here is `nan`, so that
whatever touches it gives itself away.
"""

# %%
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

x, lengths = torch.randn(4, 6, 3, dtype=torch.float64), torch.tensor([3, 6, 1, 4])  # B, T, D
mask = torch.arange(6) < lengths[:, None]  # (B, T), True at real steps
x[~mask] = torch.nan
packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
print("data", tuple(packed.data.shape), "  batch_sizes", packed.batch_sizes.tolist())
assert not packed.data.isnan().any()

# %% [markdown]
r"""
The same as a picture, one colour for each sequence:
"""

# %%
plots.batch_and_packed(lengths.numpy(), T=6)
show("Left, rows of 3, 6, 1 and 4 coloured squares among 6 places; right, the squares in columns of 4, 3, 3, 2, 1, 1.")

# %% [markdown]
r"""
Each column on the right is one step of the recurrence, and its rows are multiplied with the weights at once.
`enforce_sorted=False` lets torch sort the batch and undo it afterwards. With masks the other way is this: compute
every step, and where a sequence has ended, carry its old state on. The course's `masking` does that for any cell.
**Claim**: both give the same outputs, the same final states, and, from the same loss, the same gradients. Here it is
shown, for torch's LSTM on the packed batch and ours on the masked one:
"""

# %%
from course_utils.sequence import masking

rnn = lstm_torch.to_torch(p, batch_first=True)
packed_output, (h_n, c_n) = rnn(packed)
output, _ = pad_packed_sequence(packed_output, batch_first=True)
time_first, numbers = x.numpy().swapaxes(0, 1), lengths.numpy()
run = masking.forward(CELLS["lstm"], p, time_first, numbers)
assert np.allclose(output.detach().numpy().swapaxes(0, 1), run.h, rtol=0, atol=1e-12)
assert np.allclose(h_n[0].detach().numpy(), run.last.h, rtol=0, atol=1e-12)
print("outputs and final states agree, and padding comes out as zeros:", bool((output[~mask] == 0).all()))

# %% [markdown]
r"""
And the gradients, of the mean of all real outputs squared:
"""

# %%
loss = packed_output.data.square().mean()
loss.backward()
back = masking.backward(CELLS["lstm"], p, time_first, run, 2 * run.h / (5 * lengths.sum().item()), lengths=numbers)
W_h = rnn.weight_hh_l0.grad.reshape(4, 5, 5).transpose(1, 2).numpy()
assert np.allclose(W_h, back.p.W_h, rtol=0, atol=1e-12)
print("gradients agree to 1e-12")

# %% [markdown]
r"""
What if you do neither, and let the network run into the padding? Zeros as padding this time.
**Predict**: which *real* outputs change, in a forward and in a bidirectional network?
"""

# %%
zeros = x.nan_to_num(0.0)
for both in (False, True):
    net = nn.LSTM(3, 5, bidirectional=both, batch_first=True, dtype=torch.float64)
    right, _ = pad_packed_sequence(net(packed)[0], batch_first=True)
    careless, (h_n, _) = net(zeros)
    off = (careless - right)[mask].abs().max().item()
    last = (h_n[0, 2] - right[2, 0, :5]).abs().max().item()
    print(
        f"bidirectional {both!s:5}   real outputs off by {off:.3f}   forward final state of the shortest off by {last:.3f}"
    )

# %% [markdown]
r"""
In a forward network padding comes after everything real: the outputs are right, and `h_n` is not,
for it has gone on through the padding. The backward half *starts* in the padding,
and takes what it found there along to every real step.

### Build: exercise 9.5

You have the padded output of a forward network and want each sequence's last real state. `output` is $(B, T, H)$.
"""


# %% answer="9.5"
def last_states(output: Tensor, lengths: Tensor) -> Tensor:
    """States output (B, T, H) of padded sequences and their lengths (B,), 1 to T, to each one's last valid state, (B, H)."""
    ### BEGIN SOLUTION
    return output[torch.arange(len(output)), lengths - 1]
    ### END SOLUTION


# %% check="9.5"
ex.last_states.check(last_states)

# %% [markdown] solution="9.5"
r"""
**Why this and not that.** Two index arrays of length $B$ are taken in pairs, $(b, n_b - 1)$: one state for each
sequence. `output[:, lengths - 1]` pairs every sequence with every length. `output[:, -1]` reads padding, and
`output[-1]` is the last *sequence*: the right expression for the other layout.
"""

# %% [markdown]
r"""
### Build: exercise 9.6, the loss

The mean is over real tokens: every one of them counts the same, wherever it stands, and padding counts nothing.
**Predict**: with lengths 9 and 1, does a mean of the two sequences' means give the same?
"""


# %% answer="9.6"
def masked_loss(logits: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """Mean cross-entropy in nats of the real tokens: logits (B, T, V), targets (B, T), lengths (B,); padding does not count."""
    ### BEGIN SOLUTION
    mask = torch.arange(logits.shape[1]) < lengths[:, None]
    return nn.functional.cross_entropy(logits[mask], targets[mask])
    ### END SOLUTION


# %% check="9.6"
ex.masked_loss.check(masked_loss)

# %% [markdown] solution="9.6"
r"""
**Why this and not that.** `logits[mask]` has one row for each real token, so the mean divides by their number.
Multiplying by the mask keeps padding out of the sum only while it is finite, and leaves the wrong divisor.
A mean of means would give the single token of a short sequence as much weight as nine of a long one.
`ignore_index=-100` does the same as the mask, if targets in the padding hold -100; with 0 it swallows a real token.
"""

# %% [markdown]
r"""
The loss of the packed batch is the same number. Packed targets stand in the same order as packed outputs:
"""

# %%
targets = torch.randint(6, (4, 6))
readout = nn.Linear(5, 6, dtype=torch.float64)
pack = {"lengths": lengths, "batch_first": True, "enforce_sorted": False}
from_packed = nn.functional.cross_entropy(readout(packed_output.data), pack_padded_sequence(targets, **pack).data)
from_mask = ex.masked_loss(readout(output), targets, lengths)
everything = nn.functional.cross_entropy(readout(output).flatten(0, 1), targets.flatten())
print(f"packed {from_packed:.6f}   masked {from_mask:.6f}   padding counted {everything:.6f}")
assert abs(from_packed - from_mask) < 1e-12

# %% [markdown]
r"""
Which to use? Packing saves the work on padding and works with torch's own cells only; a mask serves any cell and any loss.
Sorting a corpus by length, so that batches hold sequences of about the same length, makes both cheap.

## 5. What becomes of dropout and normalisation?

Dropout hides each number with probability $p$ and multiplies the others by $1/(1-p)$. `nn.LSTM(..., dropout=p)` puts
it *between* layers, on what a layer hands up, anew at each step, and not after the last layer. **Predict**: what
does it do to a network of one layer? And are there zeros in the output of two layers?
"""

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    nn.LSTM(3, 5, num_layers=1, dropout=0.5)
print("one layer:", caught[0].message)
two = nn.LSTM(3, 5, num_layers=2, dropout=0.5)
print("zeros in the output of two layers:", int((two(torch.randn(7, 2, 3))[0] == 0).sum()))

# %% [markdown]
r"""
Only a warning, to the first; to the second, no zeros. What goes to the read-out needs an `nn.Dropout` of its own.
Remember `model.eval()` before you measure: it switches dropout off, and `model.train()` on again.

What about the way *through time*? Hiding units of $h_{t-1}$ by a new mask at each step breaks the memory: sooner or
later every unit is hit. Two cures. **Variational dropout** (Gal and Ghahramani 2016) hides the same units at all
steps of a sequence. **Zoneout** (Krueger and others 2017) sets nothing to zero; a unit now and then keeps its *old*
value, and at test time every unit keeps the share $d$ of it (`noise.zoneout_expected`).
"""

# %%
from course_utils.sequence.noise import dropout_mask, variational, zoneout

T, B, H = 30, 2, 16
masks = {
    "A new mask each step": dropout_mask(rng, (T, H), 0.3) > 0,
    "Variational: one mask": np.repeat(dropout_mask(rng, (1, H), 0.3) > 0, T, axis=0),
    "Zoneout: dark units wait": rng.random((T, H)) >= 0.3,
}
plots.masks_over_time(masks)
show(
    "Three grids of units by steps. A new mask each step: speckled. Variational: whole rows dark. Zoneout: speckled again."
)

# %% [markdown]
r"""
The first and the third look alike and differ in what dark means: *gone* in one, *unchanged* in the other.
**Predict** which share of units is never hidden in 30 steps, with $p = 0.3$, for the first two.
"""

# %%
many = dropout_mask(rng, (T, 100_000), 0.3) > 0
print(f"a new mask each step {many.all(axis=0).mean():.6f}   formula {0.7**T:.6f}   variational {many[0].mean():.3f}")

# %% [markdown]
r"""
A path through time that must survive all 30 masks is as good as gone.
The course's versions wrap a cell for one batch, in NumPy or, as here, in torch. The trace of zoneout:
about the chosen share of units does not move at a step.
"""

# %%
from course_utils.sequence.loop_torch import Recurrent

p16, x = CELLS["lstm"].init(rng, D=3, H=H), torch.from_numpy(rng.standard_normal((T, B, 3)))
waits = Recurrent(zoneout(rng, CELLS["lstm"], T=T, B=B, H=H, d={"h": 0.3, "c": 0.1}), p16)(x)[0]
hidden = Recurrent(variational(rng, CELLS["lstm"], B=B, H=H, p=0.3), p16)(x)[0]
print(f"share of h that did not move: zoneout {(waits[1:] == waits[:-1]).double().mean():.2f}", end="   ")
print(f"variational dropout {(hidden[1:] == hidden[:-1]).double().mean():.2f}")

# %% [markdown]
r"""
With variational dropout nothing stands still: the mask hides the same units of $h_{t-1}$ from the gates, and what comes
out is computed as ever. (A GRU hands $h_{t-1}$ itself on, so for it the course has zoneout only.)

### Build: exercise 9.7, noise in time

Both from the same uniform numbers `u`: what the gates read under variational dropout with share $p$,
and the new states under zoneout with probability $p$.
"""


# %% answer="9.7"
def noisy_steps(h_prev: Tensor, h_new: Tensor, u: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """u in [0, 1), states before and after T steps, (T, B, H): h_prev with u[0] < p hidden; h_new, h_prev where u < p."""
    ### BEGIN SOLUTION
    keep = u[0] >= p
    return h_prev * keep / (1 - p), torch.where(u < p, h_prev, h_new)
    ### END SOLUTION


# %% check="9.7"
ex.noisy_steps.check(noisy_steps)

# %% [markdown] solution="9.7"
r"""
**Why this and not that.** `u[0]` has no axis of time, so one mask serves all steps; the whole of `u` draws anew at each.
What dropout takes away the factor $1/(1-p)$ makes up for. Zoneout takes nothing away, and needs no factor.
"""

# %% [markdown]
r"""
### Batch norm or layer norm?

Both subtract a mean and divide by a standard deviation. Batch norm takes them over the *batch*, for each unit;
layer norm over the *units*, for each row. In a recurrent network two things speak against the first.
**Predict**: a sequence stays the same and the others of its batch change. What do the two norms make of that?
"""

# %%
batch_norm, layer_norm = nn.BatchNorm1d(H), nn.LayerNorm(H)
a = torch.randn(6, H)  # the pre-activations of six sequences at one step
others = torch.cat([a[:1], 3 * torch.randn(5, H)])  # the first sequence in other company
for name, norm in (("batch norm", batch_norm), ("layer norm", layer_norm)):
    change = (norm(a)[0] - norm(others)[0]).abs().max()
    print(f"{name}: the first sequence's numbers change by {change:.2f} with its company")

# %% [markdown]
r"""
First, under batch norm a sequence's numbers depend on its company, padding included, and a single sequence has none:
there is nothing to average, and torch refuses. Second, at test time batch norm uses a running average, and the steps
of a recurrent network do not share one: a state that starts from zeros needs a while to become what it will be.
"""

# %%
states, _ = gate_init.fresh_lstm(best, 3, 64, generator)(torch.randn(20, 500, 3))
by_step = states.detach().std(dim=1).mean(dim=-1).numpy()  # over the batch, then averaged over units
plots.spread_over_time(by_step, float(np.sqrt((by_step**2).mean())))
show(
    "Standard deviation of the state over the batch against the step: low at first, later nearly level; dashed, the average."
)
assert by_step[0] < 0.7 * by_step[10:].mean()

# %% [markdown]
r"""
Cooijmans and others (2017) made batch norm work in an LSTM by keeping statistics for every step, up to the longest
seen. Layer norm (Ba, Kiros and Hinton 2016) needs none of that: one row, one step, training and test alike.
`CELLS["lstm-layer-norm"]` has it inside the cell, where `nn.LSTM` offers no place for it. **Predict** what it does
with inputs that come a hundred times too large:
"""

# %%
for name in ("lstm", "lstm-layer-norm"):
    net = Recurrent(CELLS[name], CELLS[name].init(rng, D=3, H=H))
    print(f"{name:16} largest change of a state: {(net(100 * x)[0] - net(x)[0]).abs().max():.4f}")

# %% [markdown]
r"""
The plain LSTM's gates are pushed to their ends. The normalised one hardly notices: a row that is a hundred times as
long is the same row after normalisation.

## 6. What does a training loop have to look after?

### The state must let go

A long text is read in chunks, and the state goes on from one to the next (lesson 05). In torch the state is more
than numbers. It is the end of a graph that leads back through all that made it. **Predict** what happens in the
second turn:
"""

# %%
lstm, state = nn.LSTM(3, 4), None
try:
    for turn in (1, 2):
        output, state = lstm(torch.randn(5, 2, 3), state)
        output.square().mean().backward()
        print("turn", turn, "went well")
except RuntimeError as error:
    print("turn", turn, "failed:", str(error)[:61])

# %% [markdown]
r"""
The first `backward()` has freed the graph of chunk 1. The second comes back through the state into that graph and
finds it empty. The message goes on to recommend `retain_graph=True`. That silences it, and does something else than
you want: every chunk then goes back to the beginning of the text. With an optimiser's step between the chunks it does
not even silence: torch then complains of weights *modified by an inplace operation*, since the old graph needs the old
weights.

`graph_nodes` counts the operations that `backward()` would visit:
"""

# %%
from course_utils.studies.graph_size_torch import graph_nodes

counts = {"carried as it is": [], "detached": []}
for name, found in counts.items():
    state = None
    for _ in range(10):
        output, state = lstm(torch.randn(5, 2, 3), state)
        found.append(graph_nodes(output.square().mean()))
        state = tuple(s.detach() for s in state) if name == "detached" else state
plots.graph_growth(counts)
show(
    "Operations in the graph against chunks: rising in a straight line with a carried state, constant with a detached one."
)

# %% [markdown]
r"""
Time and memory grow with every chunk, so an epoch costs the *square* of its length. `detach()` gives the same
numbers without the way back: the gradient is truncated at the border, the state is not.

The same leak has a silent form. `total = total + loss` keeps the graph of every loss that was added:
"""

# %%
kept, number = torch.zeros(()), 0.0
for _ in range(10):
    loss = lstm(torch.randn(5, 2, 3))[0].square().mean()
    kept = kept + loss
    number += loss.item()
print(f"the same sum: {kept.item():.4f} and {number:.4f}; behind the first, a graph of {graph_nodes(kept)} operations")

# %% [markdown]
r"""
Nothing fails; the memory fills until it is full. `.item()` takes the number out. So does `torch.no_grad()`
around everything that only measures.

### Build: exercise 9.8, the detach bug repaired

This loop has two faults. Write it right: the state goes from chunk to chunk, the gradient does not,
and each entry is the gradient of its own chunk alone.

```python
state, gradients = None, []
for x, y in chunks:
    output, state = lstm(x, state)
    nn.functional.mse_loss(output, y).backward()
    gradients.append(lstm.weight_hh_l0.grad)
return gradients
```
"""


# %% answer="9.8"
def chunk_gradients(lstm: Module, chunks: list) -> list:
    """∂ mse_loss(output, y)/∂ weight_hh_l0 for each chunk (x, y) of one text: the state is carried on, the gradient is not."""
    ### BEGIN SOLUTION
    state, gradients = None, []
    for x, y in chunks:
        lstm.zero_grad()
        output, state = lstm(x, state)
        nn.functional.mse_loss(output, y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
        state = tuple(s.detach() for s in state)
    return gradients
    ### END SOLUTION


# %% check="9.8"
ex.chunk_gradients.check(chunk_gradients)

# %% [markdown] solution="9.8"
r"""
**Why this and not that.** Both parts of the state are detached, $h$ and $c$, and after the chunk was used, not
before. Throwing the state away (`state = None`) also avoids the error, and with it everything the network
remembered. `backward()` *adds* to `.grad`, and appends nothing new to the list: without `zero_grad` and `clone` all
entries are one tensor.
"""

# %% [markdown]
r"""
### Four calls in one order

`backward()` writes gradients, `clip_grad_norm_` shortens them, `step()` uses them, `zero_grad()` throws them away.
`clip_grad_norm_` takes all parameters as one vector and returns its norm *before* clipping: worth writing down at
every step, for it tells when training becomes unstable.

### Build: exercise 9.9

**Predict** what each wrong order would do before you write the right one. Return a pair: a list of norms, one for each
batch, and a list of the parameters as they are after the last update.
"""


# %% answer="9.9"
def clipped_updates(model: Module, optimiser: object, batches: list, limit: float) -> tuple[list, list]:
    """An update on mse_loss(model(x), y) per (x, y), norm clipped at limit: norms before clipping, parameters at the end."""
    ### BEGIN SOLUTION
    norms = []
    for x, y in batches:
        optimiser.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        norms.append(float(nn.utils.clip_grad_norm_(model.parameters(), limit)))
        optimiser.step()
    return norms, [w.detach().clone() for w in model.parameters()]
    ### END SOLUTION


# %% check="9.9"
ex.clipped_updates.check(clipped_updates)

# %% [markdown] solution="9.9"
r"""
**Why this and not that.** Clipping before `backward()` shortens last batch's gradient, clipping after `step()` a
used one: neither stops a program, and both leave explosions unclipped. `zero_grad()` may stand at the start or at
the end of the turn, but not between `backward()` and `step()`. `clip_grad_value_` and clipping array by array turn
the gradient; a common norm keeps its direction.
"""

# %% [markdown]
r"""
### The same again tomorrow

A run is repeatable when every random number comes from a seed: weights, batches, dropout, sampling.
`torch.manual_seed` seeds torch's global generators, which everything shares. A `torch.Generator` that is passed around,
as our `rng` is, belongs to those who have it. **Predict** which of the two notices that somebody else draws a number:
"""


# %%
def two_draws(somebody_else):
    """A number from the global generator and one from a generator of our own, both seeded alike."""
    torch.manual_seed(0)
    own = torch.Generator().manual_seed(0)
    if somebody_else:
        torch.rand(1)
    return torch.rand(1).item(), torch.rand(1, generator=own).item()


print("alone: ", two_draws(False))
print("not so:", two_draws(True))

# %% [markdown]
r"""
The global one: a plot, a library or one more layer that draws before you moves all your numbers. Your own goes on as it was.

On accelerators a seed may not be enough, since some operations add numbers up in an order that varies.
`torch.use_deterministic_algorithms(True)` refuses those; for recurrent layers on CUDA see the note on determinism
in the documentation of `nn.LSTM`.

### Saved, and resumed

Saving a model is not enough to *go on* training it. **Predict**: which of these runs ends with the same loss as one
of 40 updates in a row: 20, saved with the optimiser, loaded, 20 more; or the same without the optimiser's state?
"""

# %%
import io

from course_utils.studies.gate_init_torch import recall_batches


def trained(model, optimiser, batches):
    """The loss of the last batch after training on all of them; model: an LSTM with a read-out of the same names."""
    for x, target in batches:
        loss = nn.functional.cross_entropy(model["readout"](model["lstm"](x)[0][-1]), target[0])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return loss.item()


def fresh():
    model = nn.ModuleDict({"lstm": nn.LSTM(8, 16), "readout": nn.Linear(16, 8)})
    return model, torch.optim.Adam(model.parameters(), 1e-2)


# %% [markdown]
r"""
A file may be anything with `read` and `write`; here it is a buffer in memory.
"""

# %%
batches = list(recall_batches(40, 5, 16, 8, torch.Generator().manual_seed(0)))
torch.manual_seed(0)
model, optimiser = fresh()
trained(model, optimiser, batches[:20])
file = io.BytesIO()
torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict()}, file)
losses = {"in a row": trained(model, optimiser, batches[20:])}
for name in ("resumed", "resumed without the optimiser"):
    (model, optimiser), _ = fresh(), file.seek(0)
    saved = torch.load(file, weights_only=True)
    model.load_state_dict(saved["model"])
    if name == "resumed":
        optimiser.load_state_dict(saved["optimiser"])
    losses[name] = trained(model, optimiser, batches[20:])
print(losses)

# %% [markdown]
r"""
The first two agree to the last bit:
"""

# %%
assert losses["in a row"] == losses["resumed"] != losses["resumed without the optimiser"]

# %% [markdown]
r"""
Adam remembers averages of past gradients; without them the first steps after loading are others. What else must be
in the file depends on what draws random numbers: the generators' states (`torch.get_rng_state()`,
`rng.bit_generator.state`), and the place in the text with the recurrent state.

Save `state_dict()`s, not whole modules. A saved module is a *pickle*, and a pickle is a program: loading runs it.
`weights_only=True`, torch's default since version 2.6, refuses all but tensors, numbers and plain containers of them.
Here is a "model" from the internet:
"""

# %%
import pickle


class Payload:
    def __reduce__(self):
        return print, ("this line was printed by the file, and it could have been anything",)


file = io.BytesIO()
torch.save(Payload(), file)
for weights_only in (False, True):
    file.seek(0)
    try:
        torch.load(file, weights_only=weights_only)
    except pickle.UnpicklingError as error:
        print("weights_only=True refuses:", str(error)[:24])

# %% [markdown]
r"""
## 7. Where does it run, and how fast?

A tensor lives on a *device*. torch knows four kinds that concern us: CUDA (NVIDIA; AMD's build answers to the same
name), MPS (Apple), XPU (Intel), and the CPU. `pick_device()` takes the first that is there.
"""

# %%
from course_utils.device import available_devices, describe_device, pick_device

device = pick_device()  # or by name: pick_device("cpu")
print("here:", available_devices(), "  chosen:", describe_device(device))

# %% [markdown]
r"""
Parameters, inputs and states must be on the same one. `.to(device)` moves a *module in place*, and for a *tensor*
returns one on the device, which you have to keep: the line `x.to(device)` alone does nothing.
New tensors are best made where their neighbours are, by `x.new_zeros(...)` or `device=x.device`.
The error that everybody meets, staged on every machine
with `meta`, a device that has shapes and no memory:
"""

# %%
lstm = nn.LSTM(3, 5).to(device)
x = torch.randn(7, 2, 3)
x.to(device)  # what it returns is thrown away: x is where it was
print("x on", x.device, "  lstm on", next(lstm.parameters()).device)
try:
    lstm(x.to("meta"))
except RuntimeError as error:
    print(error)

# %% [markdown]
r"""
### One step under the profiler

Guessing where time goes is usually wrong. A profiler writes down every operation,
and how long it took without those it called.
One training step of a character model, LSTM of 64 units, batch 32, 50 steps, vocabulary of 50, with Adam:
"""

# %%
from course_utils.studies.step_cost_torch import lstm_step, operations, seconds_per_call

lstm, readout = nn.LSTM(50, 64).to(device), nn.Linear(64, 50).to(device)
optimiser = torch.optim.Adam([*lstm.parameters(), *readout.parameters()])
text, targets = torch.randint(50, (2, 50, 32), device=device)


def training_step():
    x = nn.functional.one_hot(text, 50).float()
    loss = nn.functional.cross_entropy(readout(lstm(x)[0]).flatten(0, 1), targets.flatten())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


# %% [markdown]
r"""
The first call sets things up that later calls find ready, so it is made before the clock runs.
**Predict**: which takes longer, the LSTM forward or backward? Is anything else worth your attention?
"""

# %%
training_step()
profile = operations(training_step, device)
for name, (calls, milliseconds) in list(profile.items())[:6]:
    print(f"{name:36} {calls:4} calls {milliseconds:8.2f} ms")
plots.operations(profile)
show("Bars of the dearest operations of one training step, in milliseconds; those of the LSTM itself are coloured.")

# %% [markdown]
r"""
On a CPU the LSTM's way back is usually the longest bar and its way forward next; all else is small change.
It pays to make the network smaller or the batch better, and not to tune the rest.
(Each number is the least of several recordings, for whatever else the machine does can only add.)

### What does a step cost, against H and B?

Forward and backward over 20 steps, for one sequence and for batches. Left the milliseconds per step of time,
right how many multiplications and additions per second that makes, counting $48 H^2 B$ for a step and its way back
(with $D = H$: $4H$ rows times $2H$ columns, two operations each, and twice as much again on the way back).
**Predict**: is a batch of 64 sixty-four times as dear as one sequence?
"""

# %%
sizes, batches = np.array([16, 32, 64, 128, 256]), (1, 8, 64)
seconds = {f"B = {B}": [seconds_per_call(lstm_step(int(H), B, 20)) / 20 for H in sizes] for B in batches}
rates = {name: 48 * sizes**2 * int(name[4:]) / np.array(s) / 1e9 for name, s in seconds.items()}
milliseconds = {name: 1000 * np.array(s) for name, s in seconds.items()}
print(f"64 sequences cost {seconds['B = 64'][2] / seconds['B = 1'][2]:.0f} times as much as one, at H = 64")
plots.costs(sizes, [("CPU: milliseconds per step", milliseconds), ("CPU: billion operations per second", rates)])
show(
    "Left: cost of a step against H for three batch sizes, log axes. Right: operations per second, low for small H and B."
)
assert seconds["B = 64"][2] < 64 * seconds["B = 1"][2] and rates["B = 1"][0] < rates["B = 64"][3]

# %% [markdown]
r"""
A small step costs about the same whatever it computes: the left curves of small batches start almost flat, because
calling an operation has a price of its own. Small networks waste most of the machine, large ones use it (right).

That is why **a CPU can be faster than a GPU** for a small LSTM. A step cannot begin before the one before it has
ended, so what counts is how soon a device answers, not how much it computes at once. A GPU answers later, and only
wide steps, large $H$ and $B$, keep its thousands of units busy. Where the two cross depends on both devices:
"""

# %%
for H, B in ((32, 1), (128, 8), (256, 64)):
    cost = {kind: 1e3 * seconds_per_call(lstm_step(H, B, 20, kind), kind) / 20 for kind in available_devices()}
    print(f"H = {H:3}   B = {B:2}  ", "   ".join(f"{kind} {ms:.3f} ms per step" for kind, ms in cost.items()))
if available_devices() == ["cpu"]:
    print("No accelerator here: where the CPU and a GPU cross cannot be measured on this machine.")

# %% [markdown]
r"""
### compile and mixed precision

Two ways to use an accelerator better. **Mixed precision** computes products in bfloat16,
half the bytes, and keeps parameters and sums in float32: `torch.autocast` around forward and loss, never around
`backward()`. (float16, for older devices, loses small gradients and needs `torch.amp.GradScaler` besides.)
**`torch.compile`** turns a loop of small operations that *you* wrote into fused kernels; `nn.LSTM` is a single call
into a library already. The first call takes long, and on a CPU the compiled `nn.LSTM` has been seen to crash.
So this cell measures on CUDA devices only:
"""

# %%
if device.type == "cuda":
    wide, batch = nn.LSTM(1024, 1024).to(device), torch.randn(50, 64, 1024, device=device)
    cell = CELLS["lstm"]
    loop = Recurrent(cell, cell.init(rng, 64, 64, dtype=np.float32)).to(device)
    compiled, short = torch.compile(loop), torch.randn(20, 32, 64, device=device)

    def step(net, x, autocast=False):
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
            loss = net(x)[0].float().square().mean()
        loss.backward()

    ways = {
        "wide": (wide, batch),
        "wide, bfloat16": (wide, batch, True),
        "loop": (loop, short),
        "compiled": (compiled, short),
    }
    for name, given in ways.items():
        print(f"{name:15} {1e3 * seconds_per_call(lambda given=given: step(*given), device):.2f} ms")
else:
    print("nothing to measure here: this device is", device.type)

# %% [markdown]
r"""
## What we learned

- torch stacks gates i, f, g, o (r, z, n) below one another, transposed, with two biases and without peepholes;
  whatever looks at fan-out must go gate by gate, which matters where memory matters.
- `batch_first` leaves `h_n` alone, `output[:, -1]` is not the backward half's end,
  and padding must reach neither final states nor
  the loss: packing and masking give the same numbers.
- Carry the state and cut its graph; `zero_grad`, `backward`, clip, `step`; save the optimiser, too;
  and measure before you
  buy a GPU.

## Go further

- Gal and Ghahramani 2016, *A theoretically grounded application of dropout in recurrent neural networks*:
  one mask for all steps.
- Krueger and others 2017, *Zoneout: regularizing RNNs by randomly preserving hidden activations*.
- Cooijmans and others 2017, *Recurrent batch normalization*, beside Ba, Kiros and Hinton 2016, *Layer normalization*.

**Next:** lesson 10 puts layers on top of one another and reads in both directions: when is deeper better?
"""

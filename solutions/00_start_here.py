# %% [markdown] minutes=20 needs=["numpy"]
r"""
# How does this course work?

You will build recurrent neural networks from their equations up,
in small steps, and every step gets checked.
This first lesson shows the whole loop once, on a single exercise.

**After this lesson** you can

- run a lesson, build an exercise, read the verdict of its check and ask for a hint,
- start an exercise afresh and hand in your work,
- write a softmax that survives any scores,
- look up any letter of the course, and find it in the notation of other books.

20 minutes. You need Python and NumPy's arrays; for later lessons, matrix products and the chain rule of differentiation.
"""

# %% [markdown]
r"""
## Setup

Every lesson begins with a cell like this one. It imports what the lesson uses.
Click into it and press **Shift + Enter**: that runs the cell and moves on.
"""

# %% tags=["setup"]
import numpy as np

from course_utils.cells.gates import COLOURS, ROLES
from course_utils.device import seed_everything
from course_utils.exercises import start_here as ex
from course_utils.plots import show, start_here, use_style

# %% [markdown]
r"""
Figures have one look throughout, and random numbers come from a generator that is passed around
and whose seed is written down. So what you see is what the text describes,
as long as the cells run from top to bottom: a cell that runs again draws new numbers.
"""

# %%
use_style()
rng = seed_everything(0)

# %% [markdown]
r"""
## Six things you do in a lesson

| | |
|---|---|
| **Read** | A question, an equation, one sentence about it. |
| **Predict** | Before a cell runs, say what it will show: a number, a shape, which curve is on top. |
| **Run** | Shift + Enter. Was your prediction right? |
| **Build** | An exercise: you write one to ten lines. |
| **Check** | The cell below the exercise says in one line whether it is right, or what is wrong. |
| **Reflect** | At the end, three things to take away. |

Predicting is the part that people skip, and the part that teaches.

## Read, predict, run: from scores to probabilities

A network that has to choose one of $V$ words gives each word a score, its *logit* $a_v$. A score may be any number.
To become probabilities, scores must become positive and sum to one. The **softmax** does both:

$$p_v = \frac{e^{a_v}}{\sum_{w} e^{a_w}}$$

Here are scores for four words; `ex.softmax` is the course's own softmax, and soon you write yours.
**Predict**: "b" scores one more than "a". Is it twice as probable? If not, by which factor?
"""

# %%
scores = np.array([1.0, 2.0, 0.0, -1.0])
p = ex.softmax(scores)
print("p =", p.round(3), "  sum =", p.sum().round(12))
print("p(b) / p(a) =", (p[1] / p[0]).round(4))

# %% [markdown]
r"""
The ratio is $e = 2.718...$: a *difference* of scores becomes a *ratio* of probabilities,
wherever on the scale the two scores are.
"""

# %%
start_here.scores_and_probabilities(["a", "b", "c", "d"], scores, p)
show("Two bar charts. Left, the scores 1, 2, 0 and -1 of a, b, c and d; right, their probabilities 0.24, 0.64, 0.09, 0.03.")

# %% [markdown]
r"""
Left the scores, right the probabilities: the order is the same, the negative score has become a small positive share,
and the best word takes the most.

## Where the formula breaks

The formula above is right, and a program that copies it is wrong.
**Predict** what this prints:
"""

# %%
with np.errstate(over="ignore", invalid="ignore"):
    print(np.exp(np.array([1000.0, 1001.0])) / np.exp(np.array([1000.0, 1001.0])).sum())

# %% [markdown]
r"""
$e^{1000}$ is too large for a floating-point number; it becomes infinity,
and infinity divided by infinity is `nan`, "not a number".

The cure uses what the ratio above told us: only differences of scores matter.
So we may subtract the same number from all of them, and nothing changes:

$$\frac{e^{a_v - m}}{\sum_w e^{a_w - m}} = \frac{e^{-m} \, e^{a_v}}{e^{-m} \sum_w e^{a_w}} = p_v$$

With $m = \max_w a_w$ every exponent is at most zero, so nothing overflows,
and one of them *is* zero, so the sum is at least 1 and never vanishes.

## Build: exercise 0.1

Replace the line `raise NotImplementedError(...)` with your own. The docstring tells which shapes come in and go out:
`(..., V)` means that there may be any number of axes in front, for example one row for each sentence of a batch,
and that the $V$ scores lie along the last axis.

*Try something wrong first.* Write `return np.exp(a)`, run this cell and the one below it, and read the verdict.
"""

# %% answer="0.1"
def softmax(a: np.ndarray) -> np.ndarray:
    """Scores a (..., V) to probabilities (..., V): positive, summing to 1 over the last axis."""
    ### BEGIN SOLUTION
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION

# %% check="0.1"
ex.softmax.check(softmax)

# %% [markdown] solution="0.1"
r"""
**Why this and not that.** `keepdims=True` leaves an axis of length 1, so that the maximum of each row is subtracted from
that row. Without it, a batch of shape `(3, 4)` would meet a maximum of shape `(3,)`, which does not broadcast;
and a square batch `(4, 4)` would broadcast and be *silently wrong*: the check tries that one, too.
The maximum has to be taken row by row. With one maximum for the whole batch, a row far below it would underflow to zeros
and divide zero by zero.
"""

# %% [markdown]
r"""
### What a check tells you

| it prints | it means |
|---|---|
| `✓ 0.1 softmax` | right, for every input that was tried: many shapes, large scores, float32 |
| `✗ 0.1 softmax: ...` | wrong, and why: often your mistake is one that others made before, and it has a name |
| `· 0.1 softmax: not attempted yet` | the line `raise NotImplementedError` is still there |

A check compares what your function *returns*, so every right way of writing it passes.
It keeps quiet about what your function prints.

**Stuck?** Each exercise has three hints of rising strength. Run the next cell once, twice, three times.
"""

# %%
ex.softmax.hint()

# %% [markdown]
r"""
**Start afresh?** `stub()` prints the untouched exercise, to copy back into its cell.
"""

# %%
ex.softmax.stub()

# %% [markdown]
r"""
**Spoiled something?** The lesson always goes on with the reference, here `ex.softmax`, never with your answer.
A wrong or missing answer therefore does no harm further down, and *Run All* reaches the end of every lesson.

## Reflect, and hand in

`make lab` puts your copies of the lessons into the folder `my_work/`. Updating the course never touches what you changed there.
In a terminal, `course check my_work/00_start_here.ipynb` gives the same verdicts as the notebook, and the points.
To hand in, save the notebook and send that one file (in Colab: *File*, *Download*, *.ipynb*).

What counts is the code in the answer cells. You may add cells of your own wherever you like;
checks are taken from the course when a notebook is graded, so there is no need to be careful with them.

## Where does it compute?

Lessons 00 to 02, 05 and 06 use NumPy alone and run on any processor. The others add torch, which may use an accelerator.
`pick_device` takes the best one present: CUDA, MPS, XPU, else the CPU. Everything in the course runs on a CPU.
"""

# %%
try:
    from course_utils.device import describe_device, pick_device

    print(describe_device(pick_device("auto")))
except ModuleNotFoundError:
    print("torch is not installed: NumPy alone is enough for lessons 00 to 02, 05 and 06")

# %% [markdown]
r"""
## The letters

The same letters mean the same things in every lesson, in NumPy and in torch.
Three have two jobs, and the context tells which: $L$ is also the loss, $E$ also the embedding table,
$p$ stands for probabilities and, in code, for a cell's parameters.

| letter | meaning | | array | shape |
|---|---|---|---|---|
| $T$ | time steps | | `x` input | `(T, B, D)` |
| $B$ | sequences in a batch | | `h` hidden state | `(T, B, H)`, one step `(B, H)` |
| $D$ | size of the input | | `W_xh` input to hidden | `(D, H)` |
| $H$ | size of the hidden state | | `W_hh` hidden to hidden | `(H, H)` |
| $E$ | size of an embedding | | `W_hy` hidden to output | `(H, V)` |
| $V$ | words in the vocabulary | | `b_h`, `b_y` biases | `(H,)`, `(V,)` |
| $L$ | layers | | `W_x`, `W_h`, `b`, stacked gates (4 for the LSTM, 3 for the GRU) | `(4, D, H)`, `(4, H, H)`, `(4, 1, H)` |

Time comes first, so that `for x_t in x:` *is* the recurrence.
Vectors are rows, so a step reads from left to right as it is computed:

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$$

In code, `h_prev` is $h_{t-1}$, and `dh` is $\partial L / \partial h$, the gradient of the loss.
A loss is the mean over tokens in *nats* (natural logarithm); perplexity is $e^{\text{nats}}$;
bits are nats divided by $\ln 2$, bits per character where a token is a character.

### Coming from another book?

| there | here |
|---|---|
| $U, W, V$, or $W_{ih}, W_{hh}, W_{ho}$ for input, recurrence, output | $W_{xh}, W_{hh}, W_{hy}$ |
| $W x_t$ with column vectors | $x_t W$: our matrices are the transposes |
| $W [h_{t-1}; x_t]$, one matrix for both | $W_{hh}$ and $W_{xh}$ one above the other (lesson 03) |
| torch's `weight_ih_l0`, `weight_hh_l0` | $W_{xh}^\top$, $W_{hh}^\top$; gates one below the other |
| torch's two biases `bias_ih`, `bias_hh` | one: their sum |
| $\theta$ for all parameters | a record of named arrays, `p` |
| $W_e$, $C$ for an embedding table | $E$ |
| $C_t$ for the memory of an LSTM, $\tilde C_t$ for its candidate | $c_t$, $g_t$ |
| gates in the order i, f, o, g | i, f, g, o, as in torch |
| GRU with $h_t = (1-z_t) \odot h_{t-1} + z_t \odot \tilde h_t$ | $z_t$ and $1 - z_t$ change places, as in torch (lesson 08) |
| arrays with the batch first, `(B, T, D)` | time first, `(T, B, D)` |
| "loss" as a sum over the steps | the mean over the steps |

Each role of a gate or state has one colour, in every figure of the course:
"""

# %%
start_here.gate_colours(ROLES, COLOURS)
show("Nine letters of gates and states, each in its colour: i green, f and r vermilion, o blue, g and n purple, and so on.")

# %% [markdown]
r"""
The tables are a place to come back to; every letter is introduced again where it is first used.

## What we learned

- A lesson is read, predict, run, build, check, reflect; a verdict is one line, and it names the mistake.
- Softmax turns differences of scores into ratios of probabilities.
- A right formula can be a wrong program: subtract the largest score of each row before the exponential.

## Go further

- Bridle 1990, *Probabilistic interpretation of feedforward classification network outputs*: where the name softmax comes from.
- Goldberg 1991, *What every computer scientist should know about floating-point arithmetic*.

**Next:** lesson 01 asks what a language model is, and how good one can possibly be.
"""

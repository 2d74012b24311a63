# %% [markdown] minutes=80 needs=["numpy", "torch"]
r"""
# Can a network read a text of any length?

The window model of lesson 02 sees four words and forgets the fifth for good.
This lesson replaces the window by a *state*: a few numbers that the network carries from word to word
and rewrites at every step. That one change makes a network *recurrent*.

**After this lesson** you can

- write an Elman network, one step and any number of steps, and say what its state is and what it is not,
- count its parameters, and say what grows with the length of the text and what does not,
- wire it for five kinds of task, and turn it into a language model with shifted targets,
- look into its state, and find there what the source of the text remembers,
- load the weights of `torch.nn.RNN` and get the same numbers.

80 minutes. You need lessons 01 (perplexity, entropy rate) and 02 (embedding, softmax, window model).
"""

# %% [markdown]
r"""
## Setup

Training in this lesson is done by the library; how the gradient comes about is lesson 04.
"""

# %% tags=["setup"]
import numpy as np

from course_utils.device import seed_everything
from course_utils.exercises import vanilla_rnn as ex
from course_utils.plots import diagrams, show, use_style
from course_utils.plots import vanilla_rnn as plots

# %% [markdown]
r"""
One look for the figures, one seed for the random numbers, and the cell that this lesson is about.
"""

# %%
from course_utils.cells import CELLS

use_style()
rng = seed_everything(0)
elman = CELLS["elman"]

# %% [markdown]
r"""
## 1. What has to be kept of the past?

By the chain rule of lesson 01, the log-probability of a text is a sum over its words, each given *all* the words before it.
An n-gram and a window model keep the last few of them and drop the rest.
A recurrent network keeps a summary of all of them instead, a row of $H$ numbers called the **hidden state**:

$$p(w_t \mid w_1, \dots, w_{t-1}) \approx p(w_t \mid h_{t-1}), \qquad h_t = f(w_t, h_{t-1})$$

The state is a *latent variable*: it appears nowhere in the text, and nobody says what belongs in it. The network computes it,
and has to learn by itself what is worth keeping.
Elman's network (1990) takes a simple $f$ that mixes the new input with the old state
(he squashed it with the logistic function, today it is tanh):

$$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$$

$$y_t = \mathrm{softmax}(h_t W_{hy} + b_y)$$

$x_t$ is the row for word $w_t$, one-hot or an embedding, and $y_t$ holds a probability for every word that may come next.

This is not a Markov model with a window of one word.
Given the *state*, the past no longer matters; given the last *word*, it does.
$h_{t-1}$ was made from $w_{t-1}$ and $h_{t-2}$, that one from $w_{t-2}$ and $h_{t-3}$, and so on back to the first word.
Two texts may agree in their last thousand words and still have led to two different states.
That is the whole point of a state, and section 5 puts it to the test.

### Build: exercise 3.1

Write one step. **Predict** the shapes first:
which of the three terms inside the tanh have a row for each sequence of the batch?

Stuck? `ex.elman_step.hint()`, and likewise in every exercise.
"""


# %% answer="3.1"
def elman_step(x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Input x_t (B, D) and state h_prev (B, H) to the new state h_t (B, H); W_xh (D, H), W_hh (H, H), b_h (H,)."""
    ### BEGIN SOLUTION
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)
    ### END SOLUTION


# %% check="3.1"
ex.elman_step.check(elman_step)

# %% [markdown] solution="3.1"
r"""
**Why this and not that.** The two products have one row per sequence, `(B, H)`; the bias `(H,)` is the same for all and
broadcasts. Everything is added *before* the one tanh: with a tanh around each part the result could reach 2.
`W_hh` is square, so `h_prev @ W_hh.T` runs as well and is wrong: rows on the left, matrices as they are.
"""

# %% [markdown]
r"""
### A hidden state is not a hidden layer

The window model had a hidden *layer*: numbers on the way from an input to its output, forgotten when the next input comes.
A hidden *state* is itself an input of the next step.

| | hidden layer | hidden state |
|---|---|---|
| is made from | this step's input | this step's input and the state before |
| goes to | this step's output | this step's output *and* the next step |
| the same input again gives | the same numbers | other numbers, as a rule |

**Predict**: the same input comes three times. Which of the two rows of numbers changes?
"""

# %%
p = elman.init(rng, D=3, H=4)
x_t, state = np.ones((1, 3)), np.zeros((1, 4))
for t in (1, 2, 3):
    layer = np.tanh(x_t @ p.W_xh + p.b_h)
    state = ex.elman_step(x_t, state, p.W_xh, p.W_hh, p.b_h)
    print(f"step {t}   layer {layer[0].round(3)}   state {state[0].round(3)}")

# %% [markdown]
r"""
The layer says the same thing each time. The state starts out as the layer does, because it started from zeros,
and then goes its own way: it also knows what came before.

## 2. One step, again and again

An equation that defines $h_t$ by $h_{t-1}$ needs a base case, **$h_0$**. Nothing has been read yet, so zeros will do.
It may also be the last state of the piece of text before (lesson 05), be learned like a weight,
or carry what the text is about, such as an image to be described (lesson 16).

The network can be drawn in two ways: *rolled*, as one step with a loop, which is how it is written down,
and *unrolled*, one column for each step, which is how it is computed.
"""

# %%
plots.rolled_and_unrolled(4)
show(
    "Left, one step: x_t, h_t, y_t and a loop W_hh from h_t to itself. Right, four such columns in a row, from h_0 on."
)

# %% [markdown]
r"""
The one loop of the left graph becomes the orange arrows of the right one, one for each step.
The unrolled graph has no loops at all: it is a deep network, as deep as the text is long,
in which every layer has an input of its own and all share their weights.

**Predict** how many arrows a graph of $T$ steps has, then move the slider.
"""

# %%
from course_utils.explore import vanilla_rnn as explore

explore.unrolled()

# %% [markdown]
r"""
Three arrows come with every step, $3T$ in all, and still only three matrices.

### Build: exercise 3.2

Now a whole sequence. Time is the first axis of `x`, so that `for x_t in x:` *is* the recurrence.
Return the states $h_1, \dots, h_T$.
"""


# %% answer="3.2"
def elman_forward(x: np.ndarray, h0: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray) -> np.ndarray:
    """Inputs x (T, B, D) and the state before the first step h0 (B, H) to the states h_1, ..., h_T, (T, B, H)."""
    ### BEGIN SOLUTION
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)
    ### END SOLUTION


# %% check="3.2"
ex.elman_forward.check(elman_forward)

# %% [markdown] solution="3.2"
r"""
**Why this and not that.** `h` is rebound to a new array in each turn, so `h0` stays as it was.
The state is appended *after* its step. With an array `h[t]` in place of the list, `h[t - 1]` at `t = 0` is `h[-1]`,
the last entry, and Python does not complain: a slip that is easy to make and hard to see.
Nothing in the loop knows $T$ or $B$, so it reads one word or a thousand, one text or a batch.
"""

# %% [markdown]
r"""
`course_utils.sequence` runs any cell of this course over time. It takes the input's share $x_t W_{xh} + b_h$ of all steps
out of the loop as a single product, since only $h_{t-1} W_{hh}$ has to wait. The numbers are the same:
"""

# %%
from course_utils import sequence

x, h0 = rng.standard_normal((7, 2, 3)), np.zeros((2, 4))
run = sequence.forward(elman, p, x)
assert np.allclose(run.h, ex.elman_forward(x, h0, *p), rtol=0, atol=1e-12)
print("states of 7 steps, 2 sequences, 4 units:", run.h.shape)

# %% [markdown]
r"""
## 3. What grows with the text, and what does not?

Every step uses the *same* $W_{xh}$, $W_{hh}$ and $W_{hy}$. A network that had matrices of its own for every step
could not read a text longer than those it was trained on, and would have to learn anew at step 9 what it knows at step 8.
Shared weights make the network symmetric in time: what it has learned about a word holds wherever the word stands.

**Predict**: how many more parameters does an RNN need for texts of 1,000 words than for texts of 10?

### Build: exercise 3.3

Write the count of all that is learned: $W_{xh}, W_{hh}, b_h$ and the read-out $W_{hy}, b_y$.
"""


# %% answer="3.3"
def rnn_parameters(D: int, H: int, V: int, T: int) -> int:
    """How many numbers an Elman network with a read-out over V tokens learns, when it is to read texts of T steps."""
    ### BEGIN SOLUTION
    return D * H + H * H + H + H * V + V
    ### END SOLUTION


# %% check="3.3"
ex.rnn_parameters.check(rnn_parameters)

# %% [markdown] solution="3.3"
r"""
**Why this and not that.** $T$ does not appear. The window model needed $N \cdot E \cdot H$ weights for a window of $N$ words;
here the first layer is $D \cdot H$ and, for all the past together, $H \cdot H$.
"""

# %% [markdown]
r"""
Training is another matter. The way back (lesson 04) needs the state of every step, so all of them are kept until then.
The library keeps them in one array of $T + 1$ states, $h_0$ included.
Here are its bytes for one sequence, beside the bytes of all parameters,
for a network of 64 units over a vocabulary of 50 characters, in float32:
"""

# %%
p64, lengths = elman.init(rng, D=50, H=64, dtype=np.float32), np.array([1, 10, 100, 1000, 10_000])
texts = [rng.integers(0, 50, (T, 1)) for T in lengths]
kept = [sequence.forward(elman, p64, ids).h.base.nbytes for ids in texts]
parameters = 4 * ex.rnn_parameters(50, 64, 50, T=1)
assert kept == [(T + 1) * 64 * 4 for T in lengths]
print("bytes kept:", dict(zip(lengths.tolist(), kept)))
print("bytes of the parameters:", parameters)
plots.memory_for_training(lengths, kept, parameters)
show(
    "Bytes against steps T, log axes: the parameters are a flat line, the states kept for training rise in proportion to T."
)

# %% [markdown]
r"""
Parameters stay where they are, states grow in step with $T$ (both axes are logarithmic).
From some length on, what is kept to train the model is larger than the model.
To *use* it, a single state is enough: read a word, update, forget the old state. A text of any length fits.

### One matrix or two?

Many books write the step with one matrix. Put $h_{t-1}$ and $x_t$ side by side, their matrices one above the other:

$$h_t = \tanh([h_{t-1}, x_t] \, W + b_h), \qquad
W = \begin{bmatrix} W_{hh} \\ W_{xh} \end{bmatrix} \quad (H + D, H)$$

A row times a matrix is a sum over the rows of the matrix:
the first $H$ terms are $h_{t-1} W_{hh}$, the other $D$ are $x_t W_{xh}$.

### Build: exercise 3.4

This is the *concatenation trick*. Return both, the matrix and the new state.
"""


# %% answer="3.4"
def one_matrix_step(
    x_t: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The one matrix W (H + D, H), and the new state tanh([h_prev, x_t] W + b_h), (B, H); x_t (B, D), h_prev (B, H)."""
    ### BEGIN SOLUTION
    W = np.concatenate([W_hh, W_xh], axis=0)
    return W, np.tanh(np.concatenate([h_prev, x_t], axis=1) @ W + b_h)
    ### END SOLUTION


# %% check="3.4"
ex.one_matrix_step.check(one_matrix_step)

# %% [markdown] solution="3.4"
r"""
**Why this and not that.** Rows are joined along `axis=1`, matrices along `axis=0`, and in the same order.
$[h, x]$ with $W_{xh}$ on top has a shape that fits and computes nonsense, so only a comparison of numbers shows it.
"""

# %% [markdown]
r"""
It is the same function of the same numbers, with one product in place of two.
We stay with two matrices: the input's share can then be computed for all steps at once, before the loop.

## 4. What goes in, and what comes out?

The recurrence says nothing about which steps have an input and which have an output. Five wirings cover most tasks:
"""

# %%
diagrams.five_patterns()
show(
    "Five wirings of a row of states: inputs below some of the steps, outputs above some of them, and a task for each."
)

# %% [markdown]
r"""
| pattern | reads | writes | task |
|---|---|---|---|
| one to one | one input | one output | classify an image: no recurrence needed |
| one to many | one input | a sequence | describe an image in words |
| many to one | a sequence | one output, at the end | sentiment of a sentence, action in a video |
| many to many, aligned | a sequence | an output at each step | part-of-speech tags, a label for each video frame |
| many to many, encoder-decoder | a sequence | another, once all is read | translation: read the sentence, then write |

The state is what all of them share: at an output it is all that the network knows about what it has read.
Where a step writes without reading, it is in practice fed what was written the step before; those arrows are left out.

### A recurrent language model

A language model is the aligned pattern with targets that are the inputs, *one step later*:
after reading $w_1, \dots, w_t$ the network is asked for $w_{t+1}$.
With $a_t = h_t W_{hy} + b_y$, the *logits* before the softmax, the loss of one step in nats is

$$L_t = -\log y_t[w_{t+1}] = -\log \mathrm{softmax}(a_t)[w_{t+1}]$$

### Build: exercise 3.5

You get the scores after each of $T$ tokens and the tokens, and return the loss of every step.
**Predict**: how many losses are there?
"""


# %% answer="3.5"
def next_token_losses(logits: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Scores (T, B, V) after reading each token of ids (T, B) to the losses (T - 1, B) of the next tokens, in nats."""
    ### BEGIN SOLUTION
    a = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    logp = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp, ids[1:, :, None], axis=-1)[..., 0]
    ### END SOLUTION


# %% check="3.5"
ex.next_token_losses.check(next_token_losses)

# %% [markdown] solution="3.5"
r"""
**Why this and not that.** The last scores have no target and nothing predicts the first token, so $T - 1$ losses remain.
Without the shift the network is asked for what it has just been told: the loss falls to zero quickly,
and the model has learned to copy. A loss that looks too good is the first sign of it.
"""

# %% [markdown]
r"""
### Four characters that need a state

A small text that a model without memory cannot learn: the word *hello*. Vocabulary h, e, l, o, inputs "hell",
targets "ello". After the first *l* comes an *l*, after the second an *o*. The same input, two targets.

A network with three units, fresh from its random start:
"""

# %%
from course_utils.language_model import RecurrentLanguageModel
from course_utils.tasks.hello import HELLO, hello

data, ids = hello(), HELLO.encode("hello")[:, None]  # ids (5, 1)
model = RecurrentLanguageModel(elman, V=4, H=3)
params = model.init(rng)


# %% [markdown]
r"""
One function looks at a set of weights: it reads the word and returns states, logits and losses of the four steps.
**Predict** the losses: what does a network pay that knows nothing about four characters?
"""


# %%
def look(params):
    logits, run = model.run(params, ids)
    return run.h[:4, 0], logits[:4, 0], ex.next_token_losses(logits, ids)[:, 0]


h, logits, losses = look(params)
print("losses:", losses.round(3), "  mean:", losses.mean().round(3), "  log 4 =", np.log(4).round(3))

# %% [markdown]
r"""
About $\log 4$, give or take what chance put into the weights. Here is everything the network computed:
"""

# %%
word = HELLO.symbols, data.inputs[:, 0], data.targets[:, 0]
plots.hello_steps(*word, h, logits, losses)
show(
    "Four columns, one for each character of hell: one-hot input, three state numbers, four logits, and the loss above."
)

# %% [markdown]
r"""
Read a column from below: the one-hot row of a character, the state, a score for each character that may come next.
The framed score should be the largest of its column. So far chance decides.
Compare the two columns that read *l*: the input is the same, the state is not.

Now the library trains: 200 updates on this one word by Adam, gradient descent with a step size for each weight.
`evaluate` keeps a look at the network every ten updates.
"""

# %%
import itertools

from course_utils.optim import Adam
from course_utils.training import train

again = itertools.repeat((data.inputs, data.targets, True))
options = {"steps": 200, "evaluate": look, "evaluate_every": 10, "progress": False}
fit = train(model, params, again, Adam(0.05), **options)
h, logits, losses = look(fit.params)
print("losses:", losses.round(3))

# %% [markdown]
r"""
A model that sees only the character before it can do no better at the two *l* than to give each target one half.
That costs $\log 2$ twice in four steps, $\frac{1}{2} \log 2$ on average. Ours is far below:
"""

# %%
without_memory = np.log(2) / 2
assert losses.mean() < 0.1 * without_memory
assert data.inputs[2] == data.inputs[3] and logits[2].argmax() != logits[3].argmax()
print("mean loss:", losses.mean().round(4), "  best without memory:", without_memory.round(4))

# %% [markdown]
r"""
And the same picture after training:
"""

# %%
plots.hello_steps(*word, h, logits, losses)
show(
    "The same four columns after training: the framed logit is now by far the largest in each, all losses are near zero."
)

# %% [markdown]
r"""
Every framed score leads by far. Only the state can tell the two *l* apart, and it does:
compare the two states above them. Move the slider to see how it came about.
"""

# %%
snapshots = [(0, *look(params))] + [(tokens // 4, *seen) for tokens, _, seen in fit.history.evaluations]
explore.training(*word, snapshots)

# %% [markdown]
r"""
Does it spell? It gets an *h*, and from then on reads its own best guess, as lesson 01's samplers did.
We try it twice: with the state handed on from call to call, and from zeros at each character:
"""


# %%
def spell(carry):
    word, state = [HELLO.encode("h")], None
    for _ in range(4):
        logits, run = model.run(fit.params, word[-1][:, None], state)
        word, state = [*word, logits[-1].argmax(axis=-1)], run.last if carry else None
    return HELLO.decode(np.concatenate(word))


print(f"state handed on: {spell(carry=True)}   state forgotten: {spell(carry=False)}")
assert spell(carry=True) == "hello" != spell(carry=False)

# %% [markdown]
r"""
Without its state the network always writes the same character after an *l*, so it cannot write *hello*, however it was trained.
Generators that forget their state in this way have been seen in teaching material.

## 5. What does the state hold?

For a source that we know, the question has an answer. The **even process** of lesson 01 writes ones in runs of even length.
Whoever predicts it has to know one thing: has the current run an odd number of ones? Then another 1 *must* follow.
Otherwise 0 and 1 are equally likely. These are the two hidden states of the source, and no window of fixed length tells them
apart for sure, since a run may be longer than the window.

We train a network with two units, few enough to draw, on 50,000 symbols.
"""

# %%
from course_utils.studies import scoreboard

sources = scoreboard.sources(rng)
even = sources["even"]
small, small_fit = scoreboard.train_recurrent(even, elman, rng, H=2, epochs=6, T=16, lr=3e-2)

# %% [markdown]
r"""
Then it reads the test text. The exact predictor of lesson 01 tells us in which state the source is at each step;
the network was never told. **Predict**: how will the states of the network lie in the plane?
"""

# %%
from course_utils.tasks.processes import EVEN

text = even.test[:2000]
_, run = small.run(small_fit.params, text[:-1, None])
states = run.h[:, 0]
certain = EVEN.predict(text)[1:, 1] > 0.9  # a 1 has to follow
plots.states_in_the_plane(states, certain)
show(
    "Two thousand states of a two-unit RNN in the plane: tight clusters, those where a 1 has to follow apart from the others."
)

# %% [markdown]
r"""
The states do not fill the plane. They gather in a few tight clusters (how many depends on the start),
and each cluster belongs to one state of the source.
The network has found the hidden states of a process from nothing but its symbols.
How well do they separate? Ask each state for the nearer of the two means:
"""

# %%
means = np.stack([states[~certain].mean(axis=0), states[certain].mean(axis=0)])
nearer = np.linalg.norm(states[:, None] - means, axis=-1).argmin(axis=1) == 1  # (N,)
agreement = (nearer == certain)[20:].mean()
print(f"the nearer mean tells the state of the source in {agreement:.1%} of the steps")
assert agreement > 0.99

# %% [markdown]
r"""
The first 20 steps are left out: until the first 0 nobody can know the state of the source.

Here is the path of the state while it reads a short text: one arrow per symbol, later ones darker
(the first symbol has none: the step from $h_0$ is not drawn).
**Predict** where a 1 leads, and where a 0 leads.
"""

# %%
symbols = np.array([0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1] * 3)
path = small.run(small_fit.params, symbols[:, None])[1].h[:, 0]
plots.path_of_states(path[:9], symbols[:9], states)
show(
    "The path of the state over nine symbols: arrows for ones go from one cluster to the other, arrows for zeros stay in one."
)

# %% [markdown]
r"""
A 1 leads to the other side, so that ones are counted modulo two. A 0 stays on the side where both symbols may follow.
Read on, symbol by symbol, with the slider:
"""

# %%
explore.reading(path, symbols, states, first=9)

# %% [markdown]
r"""
### Longer than any window

If the network counts modulo two, it can do so for longer than any window.
We feed it a 0 and then nothing but ones, and ask after each for the probability of another 1.
The truth (the broad grey line) alternates between $\frac{1}{2}$ and 1 for ever.
**Predict** what a 5-gram model, which sees four symbols, will say.
"""

# %%
from course_utils.losses import softmax
from course_utils.ngrams import NGram

probe = np.array([0, 1, 1, 0] + 24 * [1])
truth = EVEN.predict(np.append(probe, 1))[4:, 1]
rnn = softmax(small.run(small_fit.params, probe[:, None])[0])[3:, 0, 1]
five = NGram(5, V=2).fit(even.train)
ngram = np.array([five.probs(probe[t - 4 : t])[1] for t in range(4, len(probe) + 1)])
plots.counting_ones(np.arange(25), truth, ngram, rnn)
show(
    "Probability of a 1 after a 0 and k ones: exact and RNN alternate up to 24 ones, the 5-gram model is flat from four on."
)
assert np.abs(rnn - truth).max() < 0.1 < np.abs(ngram - truth)[4:].min()

# %% [markdown]
r"""
From four ones on the 5-gram model sees "1111" whatever came before and says the same for ever.
The RNN's state goes on counting, although it was trained on pieces of 16 symbols:
an RNN language model is not a model with a fixed window.

How much is that worth in bits? A larger network (32 units) against n-gram models of growing order,
and against $h(n-1)$, the best that *any* model with a window of $n - 1$ symbols can reach (lesson 01's $h_k$, no state):
"""

# %%
orders = [1, 2, 3, 5, 7, 9, 12]
by_order = [scoreboard.ngram_bits(even, n) for n in orders]
rnn_even = scoreboard.recurrent_bits(even, elman, rng, epochs=10)
print("n-gram:", dict(zip(orders, np.round(by_order, 4).tolist())))
print("RNN:   ", round(rnn_even, 4))
assert rnn_even < min(by_order)
best_windows = [EVEN.h(n - 1) for n in orders]
plots.windows_and_state(orders, by_order, best_windows, rnn_even, EVEN.entropy_rate)
show(
    "Bits per symbol on the even process: n-gram models fall with n as fast as windows can, the RNN lies below them at once."
)

# %% [markdown]
r"""
The RNN beats every n-gram model in the figure.
They do what windows can do (the dotted line), and every further symbol costs them up to twice as many contexts.
The RNN lies close to the entropy rate of 2/3 bit, which no model can beat in the long run, with a state of fixed size.

### The table of lesson 01, with a new column

All four sources again. The window model has a window of four, as in lesson 02; the RNN has 32 units for the processes
and, for the grammar with its larger vocabulary, 64 units and embeddings of size 16.
"""

# %%
options = {name: {"epochs": 10} for name in sources} | {"grammar": {"H": 64, "E": 16, "epochs": 8, "B": 16}}
trained = {name: scoreboard.train_recurrent(s, elman, rng, **options[name]) for name, s in sources.items()}


def bits_of(model, fit, source):
    return -model.log_prob(fit.params, source.test).mean() / np.log(2)


# %% [markdown]
r"""
One column of the table for each source, in bits per token. The floor is the entropy rate, which holds in the long run;
"exact" is what the exact predictor, which knows the source, pays on this very test text:
"""

# %%
board = {}
for name, s in sources.items():
    counted = {label: scoreboard.ngram_bits(s, n) for label, n in [("unigram", 1), ("bigram", 2), ("5-gram KN", 5)]}
    board[name] = counted | {"window": scoreboard.window_bits(s, rng), "RNN": bits_of(*trained[name], s)}
print(" " * 10, *(f"{name:>12}" for name in board))
for label in board["even"]:
    print(f"{label:10}", *(f"{row[label]:12.3f}" for row in board.values()))
for label in ("floor", "best"):
    print(f"{label.replace('best', 'exact'):10}", *(f"{getattr(s, label):12.3f}" for s in sources.values()))

# %% [markdown]
r"""
The same numbers as a picture. The dashed line is the exact floor; each panel has a scale of its own.
"""

# %%
plots.scoreboard(board, {name: s.floor for name, s in sources.items()})
show("Bits per token of five models on four sources. The RNN is lowest on all but the golden mean.")
for name in ("even", "RRXOR", "grammar"):
    assert board[name]["RNN"] == min(board[name].values())
assert board["grammar"]["bigram"] < board["grammar"]["5-gram KN"]
assert board["grammar"]["RNN"] > sources["grammar"].floor + 0.1

# %% [markdown]
r"""
On the golden mean process one symbol of memory is enough: the bigram is as good as it gets, and the RNN can at best tie.
On the even process and on RRXOR the past matters without limit, and the RNN leaves every window behind.
On the grammar a 5-gram does no better than a bigram, for it meets windows it has never seen (lesson 02).
The RNN is the best of the five, and clearly above the floor:
the words of a sentence depend on each other in more ways than 64 units learn from 50,000 words in a few seconds.
Here is what it writes:
"""

# %%
from textwrap import fill

grammar = sources["grammar"]
writer, writer_fit = trained["grammar"]
words = grammar.vocabulary.decode(writer.generate(rng, writer_fit.params, grammar.test[:1], 60))
print(fill(" ".join(words), width=80))

# %% [markdown]
r"""
## 6. The same network in torch, and what it costs

`torch.nn.RNN` computes Elman's equation in other letters, with transposed matrices and two biases:

$$h_t = \tanh(x_t W_{ih}^\top + b_{ih} + h_{t-1} W_{hh}^\top + b_{hh})$$

It stores `weight_ih` $(H, D)$, `weight_hh` $(H, H)$, `bias_ih` and `bias_hh` $(H)$.
Two biases are one too many: only their sum ever appears.
The second is there because cuDNN, the library underneath on many accelerators, has it.

### Build: exercise 3.6

Bring torch's weights, given as NumPy arrays, into our layout.
"""


# %% answer="3.6"
def from_torch_layout(
    weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray, bias_hh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """torch's weight_ih (H, D), weight_hh (H, H) and two biases (H,) to our W_xh (D, H), W_hh (H, H), b_h (H,)."""
    ### BEGIN SOLUTION
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh
    ### END SOLUTION


# %% check="3.6"
ex.from_torch_layout.check(from_torch_layout)

# %% [markdown] solution="3.6"
r"""
**Why this and not that.** For `weight_ih` a missing transpose shows at once, because the shapes do not fit.
For `weight_hh` nothing shows: it is square, the code runs, and every state is wrong. That is why we compare *numbers*.
`bias_ih += bias_hh` would change torch's own array, because `.numpy()` shares its memory.
"""

# %% [markdown]
r"""
With the weights mapped, both must agree to the last digits, in float64, on a text of any length:
"""

# %%
import torch

torch_rnn = torch.nn.RNN(3, 5, dtype=torch.float64)
weights = ex.from_torch_layout(*(a.detach().numpy() for a in torch_rnn.parameters()))
x = rng.standard_normal((200, 2, 3))
theirs, _ = torch_rnn(torch.from_numpy(x))  # (T, B, H): torch puts time first, too
ours = ex.elman_forward(x, np.zeros((2, 5)), *weights)
assert np.abs(theirs.detach().numpy() - ours).max() < 1e-12
print("200 steps, largest difference below 1e-12")

# %% [markdown]
r"""
### What it is good for, and what it costs

| for | against |
|---|---|
| reads texts of any length | one step waits for the step before: slow on hardware that could do all at once |
| the model's size does not depend on the length | the memory for training does |
| in theory, uses information from any number of steps back | in practice, information from far back is hard to reach |
| treats every step alike (symmetric in time) | all of the past has to fit into $H$ numbers |

Two of the drawbacks can be measured here. First, **sequential**: 2,000 steps of one sequence
need the same multiplications as one step of 2,000 sequences. **Predict** which is faster, and by which factor.
"""

# %%
from timeit import repeat


def seconds(T, B):
    text = rng.integers(0, 50, (T, B))
    return min(repeat(lambda: sequence.forward(elman, p64, text), number=1, repeat=4))  # the first only warms up


print(f"step after step takes {seconds(2000, 1) / seconds(1, 2000):.0f} times as long as all at once")

# %% [markdown]
r"""
The factor depends on the machine. A good part of it is the price of 2,000 separate calls.
A recurrent network can do the sequences of a batch in parallel, but not the steps of a text.

Second, **far information is hard to reach**. The grammar's network reads pieces of 16 words from inside a sentence,
then the same pieces with another first word. How far apart are the two states, word after word?
We take the median over all such pieces, with fresh random weights and with the trained ones.
**Predict**: which of the two holds on to the first word for longer?
"""

# %%
texts = np.lib.stride_tricks.sliding_window_view(grammar.test, 16).T
texts = texts[:, (texts != grammar.vocabulary.ids["."]).all(axis=0)]  # (T, B), no full stop
other = texts.copy()
other[0] = (texts[0] + 1) % grammar.V


def apart(params):
    h, h_other = (writer.run(params, ids)[1].h[1:] for ids in (texts, other))
    return np.median(np.linalg.norm(h - h_other, axis=-1), axis=1)  # (T - 1,)


# %% [markdown]
r"""
On a logarithmic axis:
"""

# %%
fresh, learned = apart(writer.init(rng)), apart(writer_fit.params)
plots.forgetting(np.arange(1, 16), fresh, learned)
show(
    "Distance of two states against words read, log axis: with fresh weights a steep straight line, trained a slower fall."
)
assert 0.3 < (fresh[1:] / fresh[:-1]).min() and (fresh[1:] / fresh[:-1]).max() < 0.75
assert fresh[-1] / fresh[0] < learned[-1] / learned[0] < 0.1

# %% [markdown]
r"""
Fresh weights lose about the same share at every word: a straight line.
That is where gradient descent starts, with next to nothing left of a word fifteen steps back.
After training the first word lasts longer, but it fades too,
although a verb must agree with its subject however far back that stands.
The even process showed that a state *can* keep one bit for as long as you like. Whether gradient descent *finds* such weights
is another question, and it decides Part III of this course: lessons 06 and 07.

## What we learned

- A state is a summary of all words so far that is rewritten at every step; it is not a window, and not a layer.
- One set of weights serves every step: the model does not grow with the text, the memory to train it does.
- Two units find the hidden states of the even process, and an RNN beats every n-gram there; what is far is hard to keep.

## Go further

- Elman 1990, *Finding structure in time*: the network of this lesson, and what its states came to hold.
- Mikolov and others 2010, *Recurrent neural network based language model*: when it first beat n-grams on speech.
- Crutchfield and Young 1989, *Inferring statistical complexity*: hidden states of processes, found from their symbols.

**Next:** lesson 04 opens the box that trained these networks: how does a gradient travel back through time?
"""

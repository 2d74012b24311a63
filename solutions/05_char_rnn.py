# %% [markdown] minutes=150 needs=["numpy"]
r"""
# Can a network learn to write, one character at a time?

Lesson 03 had the network, lesson 04 its gradient.
Put together with a text, they make one of the best known small programs of the field:
a network that reads a text character by character, is asked at each for the next one,
and after a few minutes writes something that looks like the text.
This lesson builds it in six parts, trains it while you watch, and then asks what it has really learned.

**After this lesson** you can

- write the six parts of a character RNN, and train one on any text of yours,
- cut a text into chunks and streams so that the state is carried where it belongs, and nowhere else,
- say what truncating the way back costs, in bias and in noise, and take the bias away,
- tell learning from copying, and a good loss from a useless one,
- find six bugs that such programs have had.

150 minutes. You need lessons 01 (perplexity, sampling, Kneser-Ney), 03 and 04. NumPy does all the work.
"""

# %% [markdown]
r"""
## Setup

The first line of imports is what your answers may use beside NumPy.
"""

# %% tags=["setup"]
import numpy as np

from course_utils.exercises import char_rnn as ex
from course_utils.losses import softmax
from course_utils.sampling import inverse_transform
from course_utils.studies.char_rnn import Weights, chunk_gradients, zeros

# %% [markdown]
r"""
Figures, their look, and a generator for everything random. Every exercise has three hints: `ex.name.hint()`.
"""

# %%
from course_utils.plots import char_rnn as plots
from course_utils.plots import show, use_style

use_style()
rng = np.random.default_rng(0)

# %% [markdown]
r"""
## 1. What are the six parts?

Every program that trains a network on text has these parts, from a page of NumPy to the largest language model.
"""

# %%
plots.six_parts()
show(
    "Six boxes: data, parameters, forward, backward, update, sample. Arrows lead from data and parameters to forward, "
    "on to backward, to update and back to the parameters; the state is carried from chunk to chunk."
)

# %% [markdown]
r"""
### Part 1: data and vocabulary

The text is Python's own documentation, what `help("TOPIC")` prints. Nearly every installation has it.
A look before use: is any passage of the last tenth already in the first eight? That would spoil every test.
"""

# %%
from course_utils import corpora
from course_utils.studies.memorisation import longest_verbatim_run
from course_utils.vocabulary import Vocabulary, split

raw = corpora.library_documentation()
tenth = len(raw) // 10
run = longest_verbatim_run(raw[8 * tenth : 8 * tenth + 600], raw[: 8 * tenth])
print(f"{len(raw):,} characters; of 600 held out, {len(run.text)} in a row stand in the training part word for word")

# %% [markdown]
r"""
The longer such a run, the worse: the documentation repeats whole sections under several topics.
We keep each paragraph once, and then number the characters. The pieces are neighbours, not a random mixture:
held-out text that lies *between* training sentences would be easier than a new text.
"""

# %%
text = "\n\n".join(dict.fromkeys(raw.split("\n\n")))
vocabulary = Vocabulary.from_text(text)
train_ids, validation_ids, test_ids = split(vocabulary.encode(text))
V = len(vocabulary)
run = longest_verbatim_run(vocabulary.decode(validation_ids[:600]), vocabulary.decode(train_ids))
print(f"{len(text):,} characters, {V} different ones; longest run of 600 held-out ones now {len(run.text)}")
print(text[5000:5300])

# %% [markdown]
r"""
### Part 2: parameters

Five arrays. The classic setting, which Karpathy's 2015 program made popular, has 100 units and starts from
$0.01$ times normal numbers. **Predict** how many numbers there are, and what the loss is before the first update.
"""

# %%
from course_utils.params import named_arrays, number_of_parameters
from course_utils.studies.char_rnn import start

w = start(rng, V, H=100)
print({name: a.shape for name, a in named_arrays(w).items()}, f"{number_of_parameters(w):,} numbers")

# %% [markdown]
r"""
### Part 3: forward to the loss

For a chunk of $T$ characters of $B$ texts side by side, from a state $h_0$:

$$h_t = \tanh(W_{xh}[w_t] + h_{t-1} W_{hh} + b_h), \qquad p_t = \mathrm{softmax}(h_t W_{hy} + b_y)$$

$$L = -\frac{1}{T B} \sum_{t, b} \log p_t[y_t], \qquad y_t = w_{t+1}$$

The input of every step is the character that really stands in the text, whatever the network would have guessed.
That is called **teacher forcing**: the teacher says the right word before asking for the next.

### Build: exercise 5.1

`softmax` from the setup cell takes the last axis.
"""


# %% answer="5.1"
def chunk_loss(
    w: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Tokens inputs, targets (T, B) and h0 (B, H) to mean loss in nats, probabilities (T, B, V), states (T, B, H)."""
    ### BEGIN SOLUTION
    h, states = h0, []
    for x_t in inputs:
        h = np.tanh(w.W_xh[x_t] + h @ w.W_hh + w.b_h)
        states.append(h)
    h = np.stack(states)
    p = softmax(h @ w.W_hy + w.b_y)
    return -np.log(np.take_along_axis(p, targets[..., None], axis=-1)).mean(), p, h
    ### END SOLUTION


# %% check="5.1"
ex.chunk_loss.check(chunk_loss)

# %% [markdown] solution="5.1"
r"""
**Why this and not that.** Only the state has to wait for the step before, so only the state is in the loop;
the read-out of all steps is one product. `w.W_xh[x_t]` is a one-hot row times a matrix (lesson 02).
The loss picks one probability per step and sequence, by the *targets*. All states come back,
since the way back needs them,
and the last one is where the next chunk begins.
"""

# %% [markdown]
r"""
The loss before the first update:
"""

# %%
inputs, targets = train_ids[:25, None], train_ids[1:26, None]
loss, p, h = ex.chunk_loss(w, inputs, targets, np.zeros((1, 100), np.float32))
print(f"loss {loss:.3f} nats, log V = {np.log(V):.3f};  p {p.shape}, states {h.shape}")

# %% [markdown]
r"""
Small weights make all scores nearly equal: the network guesses evenly among all characters.

### Part 4: backward

Both halves are known. Softmax with cross-entropy gives
$\partial L/\partial a_t = (p_t - \mathrm{onehot}(y_t)) / (T B)$ (lesson 02),
and from $\partial L/\partial h_t$ of each output on it is your `elman_backward` (exercise 4.3).
In float64, on a small network:
"""

# %%
from course_utils.exercises.bptt import elman_backward

small = start(rng, V, H=5, scale=0.5, dtype=np.float64)
inputs, targets, h0 = train_ids[:14].reshape(7, 2), train_ids[1:15].reshape(7, 2), rng.standard_normal((2, 5))
loss, p, h = ex.chunk_loss(small, inputs, targets, h0)

da = (p - np.eye(V)[targets]) / targets.size
_, _, dW_xh, dW_hh, db_h = elman_backward(da @ small.W_hy.T, np.eye(V)[inputs], h0, h, small.W_xh, small.W_hh)
dW_hy, db_y = np.einsum("tbh,tbv->hv", h, da), da.sum(axis=(0, 1))

# %% [markdown]
r"""
`chunk_gradients` from the setup cell does the same without writing one-hot rows out. Both agree:
"""

# %%
mine, library = (dW_xh, dW_hh, db_h, dW_hy, db_y), chunk_gradients(small, inputs, targets, h0, p, h)
for name, a, b in zip(Weights._fields, mine, library, strict=True):
    assert np.abs(a - b).max() < 1e-12, name
print("five gradients, largest difference below 1e-12")

# %% [markdown]
r"""
### Part 5: the training step

One update of the classic program: way forward, way back,
**clip** every number of every gradient $g$ to $\pm\theta$,
and move the weights by **Adagrad** (Duchi and others 2011), which gives each weight a step size of its own:

$$g \leftarrow \max(-\theta, \min(\theta, g)), \qquad s \leftarrow s + g^2, \qquad
w \leftarrow w - \eta \, \frac{g}{\sqrt{s} + 10^{-8}}$$

The classic numbers are $\eta = 0.1$ and $\theta = 5$, for a loss that is the *sum* over the 25 steps of a chunk.
Ours is the mean, so its gradient is 25 times smaller. **Predict** which of the two numbers has to change,
and to what.

### Build: exercise 5.2

Go on with `ex.chunk_loss`, whether or not your own passed. `zip` runs over several records at once.
"""


# %% answer="5.2"
def training_step(
    w: Weights, s: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray, lr: float, limit: float
) -> tuple[Weights, Weights, float, np.ndarray]:
    """One update by Adagrad with each gradient clipped to ±limit: new weights, new sums s, loss, last state (B, H)."""
    ### BEGIN SOLUTION
    loss, p, h = ex.chunk_loss(w, inputs, targets, h0)
    grads = chunk_gradients(w, inputs, targets, h0, p, h)
    g = [np.clip(d, -limit, limit) for d in grads]
    s = Weights(*(m + d * d for m, d in zip(s, g, strict=True)))
    w = Weights(*(a - lr * d / (np.sqrt(m) + 1e-8) for a, d, m in zip(w, g, s, strict=True)))
    return w, s, loss, h[-1]
    ### END SOLUTION


# %% check="5.2"
ex.training_step.check(training_step)

# %% [markdown] solution="5.2"
r"""
**Why this and not that.** New arrays, not `-=`: whoever kept the old weights, for a sample or for a comparison,
still has them.
The squares that are summed are those of the *clipped* gradient. The last state leaves as a plain array of numbers:
the next chunk goes on from it, but no gradient will flow back into this chunk. That is where the way back is cut.
"""

# %% [markdown]
r"""
$\theta$ becomes $5/25 = 0.2$. $\eta$ stays: Adagrad divides by the size of the gradients so far,
and a factor of 25 in all of them cancels (but for the $10^{-8}$, which only guards against a division by zero;
Karpathy's listing adds it inside the root).

### Part 6: the sampler

A language model writes by reading its own words: draw a character from $p_t$, feed it back, draw the next.
The **temperature** $\tau$ (lesson 01) divides the scores: $\mathrm{softmax}(a / \tau)$.

### Build: exercise 5.3

Each character has its own random number `u[t]`, which `inverse_transform(p, u[t])` turns into a token.
**Predict**: which two things must be handed on from one turn of the loop to the next?
"""


# %% answer="5.3"
def write(w: Weights, h: np.ndarray, token: int, u: np.ndarray, temperature: float) -> np.ndarray:
    """n tokens (n,): read `token` in state h (H,), draw the next with u[0], read it, draw with u[1], ...; u (n,)."""
    ### BEGIN SOLUTION
    ids = []
    for u_t in u:
        h = np.tanh(w.W_xh[token] + h @ w.W_hh + w.b_h)
        p = softmax((h @ w.W_hy + w.b_y) / temperature)
        token = int(inverse_transform(p, u_t))
        ids.append(token)
    return np.array(ids)
    ### END SOLUTION


# %% check="5.3"
ex.write.check(write)

# %% [markdown] solution="5.3"
r"""
**Why this and not that.** The token *and* the state.
A generator that resets its state at every character has been seen in
teaching material: its text looks like that of a network that has learned little, and no error is raised.
What is fed back is the token that was drawn, since that is what stands in the text now;
its probabilities or scores would be an input that the network has never seen.
"""

# %% [markdown]
r"""
### The main loop

All six together. Chunks of 25 characters, one after the other; the state is carried from chunk to chunk.
The loss of one chunk jumps up and down with what happens to stand in it, so a **smoothed** loss is kept:
$\bar L \leftarrow 0.999 \, \bar L + 0.001 \, L$, a mean over roughly the last thousand chunks.
It starts at $\log V$. Samples are taken before, early and at the end.
"""

# %%
from tqdm.auto import tqdm

zero = np.zeros((1, 100), np.float32)
s, state, smooth, curve, samples = zeros(w), zero, np.log(V), [], {}
for k in tqdm(range(10_001), leave=False, unit="chunk"):
    if k in (0, 1_000, 10_000):
        samples[k] = vocabulary.decode(ex.write(w, zero[0], train_ids[0], rng.random(400), 1.0))
    inputs, targets = (train_ids[25 * k + shift :][:25, None] for shift in (0, 1))
    w, s, loss, state = ex.training_step(w, s, inputs, targets, state, lr=0.1, limit=5 / 25)
    smooth = 0.999 * smooth + 0.001 * loss
    curve.append(smooth)

# %% [markdown]
r"""
**Predict** how the three samples differ. What is learned first: words, or where the spaces go?
"""

# %%
from course_utils.studies.gallery import in_columns

print(in_columns({f"after {k:,} chunks": sample for k, sample in samples.items()}, height=14))

# %% [markdown]
r"""
At first every character is equally likely.
After a thousand chunks the common letters, spaces and line breaks have about their right frequencies.
At the end there are words, or nearly so, line ends and quotation marks, and no meaning.
The loss over the same time, in bits, against what the frequencies of single characters alone would give:
"""

# %%
from course_utils.losses import bits
from course_utils.ngrams import NGram

unigram = bits(NGram(1, V).fit(train_ids).cross_entropy(validation_ids))
marks = [(25 * k, bits(curve[k]), f"{k:,} chunks") for k in list(samples)[1:]]
plots.learning_curve(25 * np.arange(1, len(curve) + 1), bits(1) * np.array(curve), marks, {"unigram": unigram})
show("Smoothed bits per character against characters read: a steep fall, then a slow one, far below the unigram line.")
assert bits(curve[-1]) < unigram - 0.5

# %% [markdown]
r"""
The fall at the beginning looks slower than it was,
because the smoothed loss remembers its start for a thousand chunks.

### Temperature

The same network, the same random numbers, three temperatures. **Predict** what the first and the last look like.
"""

# %%
u = rng.random(260)
written = {tau: vocabulary.decode(ex.write(w, zero[0], train_ids[0], u, tau)) for tau in (0.3, 1.0, 2.0)}
print(in_columns({f"temperature {tau}": sample for tau, sample in written.items()}, height=9))

# %% [markdown]
r"""
Cold, it repeats the commonest words; hot, it spells at random. In between lies a choice, not a truth:
at $\tau = 1$ the model says what it believes, and only there is its text a sample of its own distribution.
Below are the probabilities after reading "in the ", and what is written from there, at one temperature:
"""

# %%
prompt = vocabulary.encode("in the ")[:, None]
_, _, h = ex.chunk_loss(w, prompt, prompt, zero)
logits = (h[-1] @ w.W_hy + w.b_y)[0]


def write_at(tau, w=w, h=h[-2, 0], u=u, vocabulary=vocabulary):  # as they are now, for the slider below
    return vocabulary.decode(ex.write(w, h, vocabulary.ids[" "], u, tau))


plots.temperature(vocabulary.symbols, logits, 0.5, write_at(0.5))
show("Bars of the likeliest next characters after in the, at temperature 0.5 and 1, and a text written at 0.5.")

# %% [markdown]
r"""
Move the slider: the bars are one distribution, the text is drawn from 260 of them, one per character.
"""

# %%
from course_utils.explore import char_rnn as explore

explore.temperature(vocabulary.symbols, logits, write_at)

# %% [markdown]
r"""
## 2. What does the loss of a chunk stand for?

What we want is a small loss on the whole text (and beyond it). What each update looks at is 25 characters.
Their loss is an *estimate* of the whole text's loss, and their gradient an estimate of its gradient:
right on average, and far off each time.
Going downhill along such estimates is **stochastic gradient descent**, SGD.
How far off? Here are loss and gradient of 512 chunks, with the weights as they are now:
"""


# %%
def loss_and_gradient(k, state):
    inputs, targets = (train_ids[25 * k + shift :][:25, None] for shift in (0, 1))
    loss, p, h = ex.chunk_loss(w, inputs, targets, state)
    grads = chunk_gradients(w, inputs, targets, state, p, h)
    return loss, np.concatenate([g.ravel() for g in grads]), h[-1]


losses, gradients, state = np.zeros(512), [], zero
for k in range(512):
    losses[k], gradient, state = loss_and_gradient(k, state)
    gradients.append(gradient)
gradients = np.array(gradients)  # (512, 30,000 and more)

# %% [markdown]
r"""
Now average groups of $n$ chunks, drawn from all over this piece of text.
**Predict** what happens to the error of the mean gradient when $n$ grows fourfold.
"""

# %%
order = rng.permutation(512)
target = gradients.mean(axis=0)
for n in (1, 4, 16, 64):
    groups = gradients[order].reshape(512 // n, n, -1).mean(axis=1)
    error = np.linalg.norm(groups - target, axis=1).mean() / np.linalg.norm(target)
    spread = bits(losses[order].reshape(-1, n).mean(axis=1).std())
    print(f"{n:3} chunks: loss off by {spread:.3f} bits, gradient off by {error:5.2f} times the length of the true one")

# %% [markdown]
r"""
Both errors about halve: they fall as $1/\sqrt{n}$. (A little faster at the end, because the groups use up the 512.)
The gradient of one chunk is mostly noise: its error is longer than what it estimates.
It works at all because the steps are many and small, and because Adagrad's steps shrink.

The other remedy is to average before the step: a **batch** of $B$ chunks from $B$ places of the text.
Taken side by side, $B$ chunks cost far less than $B$ times one: all their products become one large product.

### Build: exercise 5.4, chunks of many streams

Cut the text into $B$ *streams* of equal length, each in one piece, as columns; cut these into chunks of $T$ steps.
Row $b$ of a chunk then goes on where row $b$ of the chunk before it ended, so each row can keep its own state.
`fresh` says that no state may be carried *into* this chunk: True for the first, whose rows follow nothing.
**Predict**: a text of 24 tokens and $B = 3$. How many steps has a stream, if every input needs a target?
"""


# %% answer="5.4"
def chunks(ids: np.ndarray, B: int, T: int) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """A text (N,) as a list of (inputs (T, B), targets (T, B), fresh) of B streams; the last chunk may be shorter."""
    ### BEGIN SOLUTION
    length = (len(ids) - 1) // B
    x = ids[: B * length].reshape(B, length).T
    y = ids[1 : B * length + 1].reshape(B, length).T
    return [(x[t : t + T], y[t : t + T], t == 0) for t in range(0, length, T)]
    ### END SOLUTION


# %% check="5.4"
ex.chunks.check(chunks)

# %% [markdown] solution="5.4"
r"""
**Why this and not that.** Seven steps: the last input needs a target, so one token is set aside first.
`reshape(B, length)` puts each stream in a row, and the transpose makes time the first axis;
`reshape(length, B)` runs as well and makes every stream read every third token.
Cutting into chunks first and into rows afterwards also runs. Then row $b$ of the next chunk is another text,
and the state carried into it belongs to somebody else. Both mistakes cost quality and raise no error.
"""

# %% [markdown]
r"""
Here they are on the alphabet, two streams in chunks of four. Read down a column, and on in the next chunk:
"""

# %%
alphabet = np.arange(26)
for inputs, targets, fresh in ex.chunks(alphabet, B=2, T=4):
    columns = ["".join(chr(97 + k) for k in column) for column in (*inputs.T, *targets.T)]
    print(f"inputs {columns[0]:4} {columns[1]:4}   targets {columns[2]:4} {columns[3]:4}   fresh {fresh}")

# %% [markdown]
r"""
### How large a batch?

The library's network is the same one, with larger weights at the start; `train` is its main loop, here with Adam.
Four batch sizes, two and a half seconds each, on the same processor. (Each has a learning rate that suits it.
Evaluation is not counted.) **Predict** which is lowest at the end: 1, 8, 32 or 128?
"""

# %%
from course_utils.cells import CELLS
from course_utils.language_model import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.training import train

model = RecurrentLanguageModel(CELLS["elman"], V, H=100)


def forever(ids, B, T):
    while True:
        yield from ex.chunks(ids, B, T)


def held_out(params, ids=validation_ids[:4_000]):
    return bits(-model.log_prob(params, ids).mean())


# %% [markdown]
r"""
`held_out` looks at 4,000 characters every so many updates.
"""

# %%
fits, curves = {}, {}
for B, lr, every in ((1, 2e-3, 300), (8, 3e-3, 200), (32, 5e-3, 100), (128, 1e-2, 30)):
    options = {"seconds": 2.5, "evaluate": held_out, "evaluate_every": every}
    fits[B] = train(model, model.init(np.random.default_rng(1)), forever(train_ids, B, 25), Adam(lr), **options)
    curves[B] = tuple(zip(*((seconds, found) for _, seconds, found in fits[B].history.evaluations), strict=True))

# %% [markdown]
r"""
Bits per character on held-out text, against seconds:
"""

# %%
plots.batch_sizes(curves)
show("Held-out bits per character against seconds for four batch sizes; each falls fast at first and then slowly.")
print({B: f"{curves[B][1][-1]:.2f} bits, {len(fit.history.loss):,} updates" for B, fit in fits.items()})

# %% [markdown]
r"""
One sequence at a time makes the most updates and spends them on noise; the largest batch makes the best updates,
and the fewest. As a rule the best lies in between. Where exactly depends on the machine and on how long you train:
with more time the larger batches catch up.

### What is the state worth?

The chunks are cut every 25 characters, wherever that falls. Take a network trained for 2,000 updates with $B = 32$
(it will serve for the rest of the lesson), and let it read held-out text in such chunks,
once with its state carried from chunk to chunk, once reset to zeros.
**Predict** where in the chunk the two differ most, and whether the difference is gone after 25 characters.
"""

# %%
fresh_start = model.init(np.random.default_rng(2))
fit = train(model, fresh_start, forever(train_ids, 32, 25), Adam(5e-3), steps=2_000, progress=False)
ids = validation_ids[: 32 * 1001].reshape(32, 1001).T  # 32 places, 1,000 characters each
targets = ids[1:, :, None]
pieces = [ids[t : t + 25] for t in range(0, 1000, 25)]


def bits_by_place(carry):
    state, found = None, []
    for k, piece in enumerate(pieces):
        logits, run = model.run(fit.params, piece, state)
        p = np.take_along_axis(softmax(logits), targets[25 * k : 25 * k + 25], axis=-1)
        found.append(-np.log2(p).mean(axis=(1, 2)))
        state = run.last if carry else None
    return np.mean(found[1:], axis=0)


# %% [markdown]
r"""
The first chunk is left out, as there both start from zeros.
"""

# %%
carried, reset = bits_by_place(True), bits_by_place(False)
plots.loss_by_position(carried, reset)
show(
    "Bits per character at each of 25 places of a chunk: flat with the state carried; with a reset, far higher at first."
)
print(f"mean: carried {carried.mean():.2f}, reset {reset.mean():.2f} bits per character")
print(f"at the last place: carried {carried[-1]:.2f}, reset {reset[-1]:.2f}")
assert carried.mean() < reset.mean() - 0.05 and reset[0] > carried[0] + 0.5 and abs(reset - carried)[15:].mean() < 0.05

# %% [markdown]
r"""
After a reset the first character is guessed from nothing, and the next few from little.
Well before the end of the chunk the difference is gone: what this network remembers is the last few characters.
A program that resets at every chunk without noticing pays this all the time, in training and in the final score.

## 3. How far back must the gradient go?

The state is carried into the next chunk, its gradient is not: the way back ends where the chunk begins.
This is **truncated** backpropagation through time.
Full backpropagation, over the whole text, would need every state of it in memory, and give one update per pass.
What is lost by the cut?

A gradient is a sum over paths (lesson 04): from the loss at step $t$ back to a use of the weights at step $k$.
A path that goes back over $\ell = t - k$ steps survives if none of these steps is a cut.

- **Regular**: a cut after every $K$ steps. Of the paths over $\ell$ steps, a share of
  $\max(0, 1 - \ell/K)$ survives.
- **At random**: a cut with probability $1 - p$ after every step, $1/(1-p)$ steps apart on average.
  A share of $p^\ell$ survives.

Either way the long paths are lost, and the estimate is *biased*: no amount of averaging brings them back.
Tallec and Ollivier (2017) mend the random rule in one stroke. **Whatever passes is multiplied by $1/p$:**

$$\widehat{\frac{\partial L}{\partial h_t}} = \frac{\partial L_{\text{own}}}{\partial h_t} +
\frac{c_t}{p} \, \Big( \widehat{\frac{\partial L}{\partial h_{t+1}}} \odot (1 - h_{t+1}^2) \Big) W_{hh}^\top, \qquad
c_t = 1 \text{ with probability } p, \text{ else } 0$$

A path over $\ell$ steps survives with probability $p^\ell$ and then has the weight $p^{-\ell}$.
Its mean is what it should be.
**Predict** the price: what happens to the *spread* of that weight when $\ell$ grows?

### Build: exercise 5.5

`dh_out[t]` is the part from the step's own output.
`u[t, b] < p` means that step `t + 1` of sequence `b` may send back to step `t`.
"""


# %% answer="5.5"
def randomised_backward(dh_out: np.ndarray, h: np.ndarray, W_hh: np.ndarray, u: np.ndarray, p: float) -> np.ndarray:
    """dh_out, h (T, B, H) to estimates of ∂L/∂h_t (T, B, H); u[t, b] < p: step t + 1 sends back to step t; u (T - 1, B)."""
    ### BEGIN SOLUTION
    dh = dh_out.copy()
    for t in reversed(range(len(h) - 1)):
        sent = (dh[t + 1] * (1 - h[t + 1] ** 2)) @ W_hh.T
        dh[t] += np.where(u[t] < p, 1 / p, 0)[:, None] * sent
    return dh
    ### END SOLUTION


# %% check="5.5"
ex.randomised_backward.check(randomised_backward)

# %% [markdown] solution="5.5"
r"""
**Why this and not that.** The weight belongs to what *passes*; the step's own part is never cut,
so it needs no correction.
A cut ends what comes from the right, and nothing else: the steps further left start anew from their own losses.
With $p = 1$ nothing is cut and the exact gradient comes out, the first thing to try.
"""

# %% [markdown]
r"""
### The bias, measured

The trained network reads eight pieces of held-out text, 150 steps each, from states of zeros.
No cut anywhere gives the full gradient. `truncation.backward` multiplies what passes from step to step by any
weights.
"""

# %%
from course_utils.losses import cross_entropy
from course_utils.params import as_dtype
from course_utils.studies import truncation

T, B, params = 150, 8, as_dtype(fit.params, np.float64)
ids = validation_ids[: B * (T + 1)].reshape(B, T + 1).T
logits, run = model.run(params, ids[:-1])
dh_out = cross_entropy(logits, ids[1:])[1] @ params.W_hy.T


def gradient(weights):
    return truncation.backward(model.cell, params.cell, ids[:-1], run, dh_out, weights)


full = gradient(np.ones(T - 1))

# %% [markdown]
r"""
For each mean length $K$ between cuts: regular cuts at all $K$ possible offsets,
and 60 draws of random cuts with $p = 1 - 1/K$, plain and weighted.
**Bias** is how far their mean is from the full gradient, **noise** how far one draw is from that mean,
both as a share of the full gradient's length.
"""

# %%
lengths, table = (2, 5, 10, 25, 50), {"regular": {}, "unweighted": {}, "randomised": {}}
for K in lengths:
    every_offset = [gradient(truncation.regular(T, K, offset)) for offset in range(K)]
    table["regular"][K] = truncation.bias_and_noise(every_offset, full)
    for rule, weighted in (("unweighted", False), ("randomised", True)):
        draws = [gradient(truncation.randomised(rng, T, B, 1 - 1 / K, weighted)) for _ in range(60)]
        table[rule][K] = truncation.bias_and_noise(draws, full)

# %% [markdown]
r"""
"Chance" is the bias that 60 draws would show even if there were none. **Predict**:
which of the three biases will fall below it?
"""

# %%
print("          regular         random          random, weighted by 1/p")
print("  K   p   bias  noise     bias  noise     bias  chance  noise")
for K in lengths:
    a, b, c = (table[rule][K] for rule in table)
    print(f"{K:3} {1 - 1 / K:.2f}  {a.bias:.3f} {a.noise:.3f}     {b.bias:.3f} {b.noise:.3f}     ", end="")
    print(f"{c.bias:.3f} {c.chance:.3f}   {c.noise:.3f}")
no_time = truncation.bias_and_noise([gradient(np.zeros(T - 1))] * 2, full)
print(f"K = 1, no gradient through time at all: bias {no_time.bias:.3f}")

# %% [markdown]
r"""
The same as pictures, for $K = 10$. Left, the mean weight of a path;
the shaded band is the spread under the weighted rule.
"""

# %%
plots.truncations(table, 10)
show(
    "Left, mean path weights against steps back: weighted stays at 1 with a widening band, the others fall to 0. Middle, "
    "bias against mean length, log axes: two rules fall in proportion to 1/K, the weighted one follows the chance line. "
    "Right, noise: highest for the weighted rule."
)


def beyond_chance(rule):
    return np.sqrt(np.mean([(error.bias / error.chance) ** 2 for error in table[rule].values()]))


assert beyond_chance("randomised") < 2 and beyond_chance("unweighted") > 5
assert all(table["randomised"][K].noise > table["unweighted"][K].noise for K in (2, 5, 10, 25))

# %% [markdown]
r"""
- The bias of regular chunks falls about as $1/K$ and not faster:
  a cut after every $K$ steps hits one in $K$ of the *shortest* paths, too.
- The weighted rule shows no more bias than chance alone would. It pays with noise, and pays more the more often it cuts:
  the mean square of the weight of a path over $\ell$ steps is $p^{-\ell}$, and grows without limit.

The widget marks other lengths.
"""

# %%
explore.truncation(table, first=25)

# %% [markdown]
r"""
### Does it matter for learning?

400 updates on the same chunks from the same start; only the cuts inside each chunk of 25 steps differ.
**Predict** the order of the four.
"""

# %%
rules = {
    "K = 1": lambda T, B: truncation.regular(T, 1),
    "K = 5": lambda T, B: truncation.regular(T, 5),
    "no cut in the chunk": lambda T, B: np.ones(T - 1),
    "random, p = 0.5, weighted": lambda T, B: truncation.randomised(rng, T, B, 0.5),
}
score = {}
for rule, weights in rules.items():
    options, start_here = {"steps": 400, "progress": False}, model.init(np.random.default_rng(1))
    truncated = truncation.Truncated(model, weights)
    score[rule] = held_out(train(truncated, start_here, forever(train_ids, 32, 25), Adam(5e-3), **options).params)
print({rule: f"{found:.2f}" for rule, found in score.items()}, "bits per character")

# %% [markdown]
r"""
Without any gradient through time the network still learns: its state is there,
only nobody has taught it what to keep.
A few steps already help. More than that gains little *here*,
in the first seconds on a text whose next character depends mostly on the last few;
and the estimate without bias comes last, because at $p = 0.5$ its noise is far larger than the bias it removes.
Unbiased is a property of the average of many gradients, and a learner sees them one by one.
Where something far back decides, it is the other way round:
no number of short chunks shows it to the learner (lessons 06 and 07).
"""

# %%
assert score["K = 5"] < score["K = 1"] and max(score, key=score.get) == "random, p = 0.5, weighted"

# %% [markdown]
r"""
## 4. Has it learned, or copied?

A falling loss is good news only if the question was right. Two ways to a loss near zero that have learned nothing:

### The identity

Forget to shift the targets. The network is then asked for the character that it has just read:
"""

# %%
unshifted = ((inputs, inputs, fresh) for inputs, _, fresh in forever(train_ids, 32, 25))
identity = train(model, model.init(rng), unshifted, Adam(5e-3), steps=200, progress=False)
sample = vocabulary.decode(model.generate(rng, identity.params, vocabulary.encode("The "), 60))
print(f"training loss after 200 updates: {bits(identity.history.loss[-1]):.3f} bits per character")
print(f"asked for the next character: {held_out(identity.params):.1f} bits. It writes {sample!r}")
assert bits(identity.history.loss[-1]) < 0.1 and held_out(identity.params) > unigram

# %% [markdown]
r"""
The curve looks wonderful, and the text gives it away: it repeats itself character by character.
Targets equal to inputs have been seen in teaching material, and so has a model that wrote nothing but spaces,
both without any error raised.
Whenever a loss is far better than others report, look at the targets first, and read a sample.

### Memorising

The other way: so little text that the weights can hold it. 1,000 characters, again and again, in large steps and
at last in small ones, for a network of 100 gated units (a GRU, lesson 08, memorises faster than the plain RNN):
"""

# %%
little = train_ids[10_000:11_000]
gru = RecurrentLanguageModel(CELLS["gru"], V, H=100)
learned = gru.init(np.random.default_rng(0))
for lr, steps in ((1e-2, 500), (2e-3, 200)):
    parrot = train(gru, learned, forever(little, 4, 50), Adam(lr), steps=steps, progress=False)
    learned = parrot.params
print(f"training loss: {bits(parrot.history.loss[-20:].mean()):.2f} bits")
print(f"held-out text: {bits(-gru.log_prob(learned, validation_ids[:5_000]).mean()):.2f} bits")

# %% [markdown]
r"""
A low loss on what it was trained on, a bad one on everything else.
A sample alone would not show it: it is perfect English. What shows it is a search.
How long is the longest piece of a sample that stands **verbatim** in the training text?
Any two texts share some pieces, so the yardstick is *real* held-out text, by the same search.
"""


# %%
def plain(ids):
    return " ".join(vocabulary.decode(ids).split())  # an indentation is no quotation


fluent = model.generate(rng, fit.params, vocabulary.encode("The "), 400, temperature=0.8)
recited = gru.generate(rng, learned, little[:20], 400, temperature=0.8)
books = {"RNN": (fluent, train_ids), "parrot": (recited, little), "held-out text": (validation_ids[:400], train_ids)}
found = {name: longest_verbatim_run(plain(said), plain(ids)).text for name, (said, ids) in books.items()}
for name, piece in found.items():
    print(f"{name:14} {len(piece):3} characters: {piece[:50]!r}")
assert len(found["parrot"]) > 2 * len(found["RNN"])

# %% [markdown]
r"""
The RNN's longest run is no sign of copying: compare real text, which nobody copied. The parrot recites.
Large models do both at once, which is why they are searched in this way.

### Counting, on the same split

The opponent of lesson 01. **Predict** who wins after these few seconds of training,
and what the winner has to store.
"""

# %%
some = test_ids[:20_000]
counted = {n: NGram(n, V).fit(train_ids) for n in range(1, 8)}
by_count = {n: bits(ngram.cross_entropy(some)) for n, ngram in counted.items()}
for n, ngram in counted.items():
    print(f"{n}-gram Kneser-Ney: {by_count[n]:.2f} bits, {ngram.size:9,} counts stored")
rnn_bits = held_out(fit.params, some)
print(f"RNN:                {rnn_bits:.2f} bits, {number_of_parameters(fit.params):9,} weights")
assert by_count[5] < rnn_bits < by_count[3] and counted[3].size < number_of_parameters(fit.params) < counted[5].size

# %% [markdown]
r"""
The small network beats the trigram, with more weights than the trigram has counts,
and loses to the 5-gram, which stores more numbers than the network has weights.
Counting takes one pass over the text, is hard to beat on a small one,
and should stand beside every neural number you report.
Lessons 07 to 09 measure what gates are worth, and minutes instead of seconds.
With more text the balance shifts: tables of counts grow with it, weights do not.

### Teacher forcing against running free

In training the network reads the text whatever it guessed itself. When it writes, it reads its own output.
Here both, from the same 400 prompts of 40 characters: its best guess for each of the next 40,
once reading on in the text, once reading what it guessed.
**Predict** the share of right guesses after 40 characters, for both.
"""

# %%
prompts = validation_ids[: 400 * 80].reshape(400, 80).T


def guessed_right(free):
    logits, run = model.run(fit.params, prompts[:40])
    guess, right = logits[-1].argmax(axis=-1), []
    for truth in prompts[40:]:
        right.append((guess == truth).mean())
        logits, run = model.run(fit.params, (guess if free else truth)[None], run.last)
        guess = logits[0].argmax(axis=-1)
    return np.array(right)


# %% [markdown]
r"""
The dashed line is a guesser that always says the commonest character, the space.
"""

# %%
forced, free = guessed_right(free=False), guessed_right(free=True)
commonest = (validation_ids == np.bincount(train_ids).argmax()).mean()
plots.forced_and_free(forced, free, commonest)
show("Share of right guesses against characters since the prompt: level under teacher forcing, falling fast when free.")
assert free[30:].mean() < commonest < forced.min()

# %% [markdown]
r"""
The first guess is the same. From the first wrong character on, the free network is in a text of its own,
and soon agrees with the real one no more often than the guesser.
That alone is no fault, for there are many ways to go on. The fault would be a text that gets *worse* as it goes,
in states that training never visited. So ask a judge that is neither of the two, the 5-gram model:
"""

# %%
judge, found = counted[5], {"real text": bits(counted[5].cross_entropy(validation_ids[:20_000]))}
for tau in (1.0, 0.3):
    written = [model.generate(rng, fit.params, prompts[:40, k], 400, temperature=tau) for k in range(40)]
    judged = [judge.log_prob(np.append(prompts[:40, k], piece))[40:] for k, piece in enumerate(written)]
    found[tau] = -bits(1) * np.mean(np.reshape(judged, (40, 2, 200)), axis=(0, 2))  # first half, second half
    print(f"written at {tau}: {found[tau][0]:.2f} bits per character, then {found[tau][1]:.2f} in the second half")
print(f"real text: {found['real text']:.2f}")
assert found[0.3].max() < found["real text"] < found[1.0].min() and found[1.0][1] < found[1.0][0] + 1

# %% [markdown]
r"""
At temperature 1 the judge finds the samples stranger than real text,
but their second half is about as strange as their first: the errors do not pile up.
At 0.3 they are *less* surprising than real text: the network circles in what it says most often.
A sample may be too strange or too dull, so only the likelihood of *real* text, the held-out loss, measures the model itself.

## 5. Where are the six bugs?

The page of NumPy that this lesson follows has been copied into many slides and notes,
and not always without damage.
Here is such a listing, rebuilt in three pieces. There are **six bugs** in it: three, two and one.
Symptoms first. Piece A draws the weights and reads a chunk:
"""


# %%
def damaged_forward(rng, V, H, inputs, targets):
    W_xh, W_hh, W_hy = (0.01 * rng.random(shape) for shape in ((V, H), (H, H), (H, V)))
    T, B = inputs.shape
    hs, loss = [], 0.0
    hs[-1] = np.zeros((B, H))
    for t in range(T):
        hs[t] = np.tanh(W_xh[inputs[t]] + hs[-1] @ W_hh)
        p = softmax(hs[t] @ W_hy)
        loss -= np.log(p[np.arange(B), targets[t]]).mean() / T
    return loss, np.stack([hs[t] for t in range(T)])


try:
    damaged_forward(np.random.default_rng(0), V, 5, train_ids[:14].reshape(7, 2), train_ids[1:15].reshape(7, 2))
except IndexError as error:
    print("IndexError:", error)

# %% [markdown]
r"""
### Build: exercise 5.6, mend piece A

The first bug stops the program, and hides the other two. The start should be 0.01 times *normal* numbers.
"""


# %% answer="5.6"
def mended_forward(
    rng: np.random.Generator, V: int, H: int, inputs: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Draw W_xh, W_hh, W_hy (0.01 times normal numbers) in this order, read inputs (T, B): loss, states (T, B, H)."""
    ### BEGIN SOLUTION
    W_xh, W_hh, W_hy = (0.01 * rng.standard_normal(shape) for shape in ((V, H), (H, H), (H, V)))
    T, B = inputs.shape
    hs, loss = {-1: np.zeros((B, H))}, 0.0
    for t in range(T):
        hs[t] = np.tanh(W_xh[inputs[t]] + hs[t - 1] @ W_hh)
        p = softmax(hs[t] @ W_hy)
        loss -= np.log(p[np.arange(B), targets[t]]).mean() / T
    return loss, np.stack([hs[t] for t in range(T)])
    ### END SOLUTION


# %% check="5.6"
ex.mended_forward.check(mended_forward)

# %% [markdown] solution="5.6"
r"""
**Why this and not that.** 1. `hs` was a *dictionary* in the original, where -1 is a key like any other;
in a list it means "the last".
2. `hs[-1]` where `hs[t - 1]` is meant: in a dictionary that is the first state for ever, and nothing is remembered.
(In a list to which states are *appended* it would be right. Mend it one way or the other, not by halves.)
3. `rand` for `randn`: numbers from 0 to 1 are all positive, so all units start out alike and push the same way.
"""

# %% [markdown]
r"""
**Piece B**, the way back. Its symptoms come from the gradient check of lesson 04, against the library:
"""


# %%
def damaged_backward(w, inputs, targets, h0, p, h):
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = p[t] / (T * B)
        da[np.arange(B), targets[t]] -= 1
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t]) * h[t]
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d


# %% [markdown]
r"""
Relative errors, for one step of one sequence and for seven steps of two. **Predict** from them where to look:
which gradients are right at $T = B = 1$, and what does that acquit?
"""

# %%
for T, B in ((1, 1), (7, 2)):
    inputs, targets = train_ids[: T * B].reshape(T, B), train_ids[1 : T * B + 1].reshape(T, B)
    h0 = rng.standard_normal((B, 5))
    _, p, h = ex.chunk_loss(small, inputs, targets, h0)
    right, wrong = chunk_gradients(small, inputs, targets, h0, p, h), damaged_backward(small, inputs, targets, h0, p, h)
    errors = (np.abs(a - b).max() / np.abs(a).max() for a, b in zip(right, wrong, strict=True))
    print(f"T = {T}, B = {B}:", "  ".join(f"{name} {e:.2f}" for name, e in zip(w._fields, errors, strict=True)))

# %% [markdown]
r"""
### Build: exercise 5.7, mend piece B
"""


# %% answer="5.7"
def mended_backward(
    w: Weights, inputs: np.ndarray, targets: np.ndarray, h0: np.ndarray, p: np.ndarray, h: np.ndarray
) -> Weights:
    """Gradients of the mean loss, as Weights, from p (T, B, V) and h (T, B, H) of the way forward."""
    ### BEGIN SOLUTION
    (T, B), d, dh_next = targets.shape, zeros(w), np.zeros_like(h0)
    for t in reversed(range(T)):
        da = p[t].copy()
        da[np.arange(B), targets[t]] -= 1
        da /= T * B
        d.W_hy[:] += h[t].T @ da
        d.b_y[:] += da.sum(axis=0)
        dz = (da @ w.W_hy.T + dh_next) * (1 - h[t] ** 2)
        np.add.at(d.W_xh, inputs[t], dz)
        d.W_hh[:] += (h[t - 1] if t else h0).T @ dz
        d.b_h[:] += dz.sum(axis=0)
        dh_next = dz @ w.W_hh.T
    return d
    ### END SOLUTION


# %% check="5.7"
ex.mended_backward.check(mended_backward)

# %% [markdown] solution="5.7"
r"""
**Why this and not that.** 4. The mean's $1/(TB)$ belongs to all of $p - \mathrm{onehot}(y)$;
the listing divided $p$ and then took away a whole 1.
At $T = B = 1$ the division does nothing, so the read-out's gradients were right there:
that acquits the rest of their lines.
5. $(1 - h) \, h$ is an invented line: the slope of the sigmoid, while our states come from a tanh, $1 - h^2$.
The copy of `p[t]` matters: without it, taking the 1 away would change the caller's probabilities.
"""

# %% [markdown]
r"""
**Piece C**, the update. Its symptom, over a hundred updates with the right gradients:
"""


# %%
def damaged_update(w, s, grads, lr):
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    w = Weights(*(a - lr * a / (np.sqrt(m) + 1e-8) for a, m, g in zip(w, s, grads, strict=True)))
    return w, s


def losses_of(update, w):
    s, found = Weights(*(np.full_like(a, 0.01) for a in w)), []
    inputs, targets = train_ids[:500].reshape(20, 25).T, train_ids[1:501].reshape(20, 25).T
    for _ in range(100):
        loss, p, h = ex.chunk_loss(w, inputs, targets, np.zeros((20, 5)))
        w, s = update(w, s, chunk_gradients(w, inputs, targets, np.zeros((20, 5)), p, h), 0.05)
        found.append(loss)
    return found


found = losses_of(damaged_update, small)
print(f"loss {found[0]:.3f} at first, {found[-1]:.3f} after 100 updates; log V = {np.log(V):.3f}")

# %% [markdown]
r"""
### Build: exercise 5.8, mend piece C
"""


# %% answer="5.8"
def mended_update(w: Weights, s: Weights, grads: Weights, lr: float) -> tuple[Weights, Weights]:
    """One update by Adagrad: new weights and new sums of squares."""
    ### BEGIN SOLUTION
    s = Weights(*(m + g * g for m, g in zip(s, grads, strict=True)))
    w = Weights(*(a - lr * g / (np.sqrt(m) + 1e-8) for a, m, g in zip(w, s, grads, strict=True)))
    return w, s
    ### END SOLUTION


# %% check="5.8"
ex.mended_update.check(mended_update)

# %% [markdown] solution="5.8"
r"""
**Why this and not that.** 6. The parameter stood where its gradient belongs: `a` for `g` above the root.
So every weight shrinks towards zero, whether or not that helps,
and with all weights zero the network guesses evenly: $\log V$.
The gradient entered only through `s`, where it has lost its sign: nothing in this update knew which way is down.
"""

# %% [markdown]
r"""
Mended, the loss falls:
"""

# %%
found = losses_of(ex.mended_update, small)
print(f"loss {found[0]:.2f} at first, {found[-1]:.2f} after 100 updates")
assert found[-1] < found[0] - 0.5

# %% [markdown]
r"""
## 6. What else can it write?

The program does not know what it reads. Five texts, and for each the same network:
a GRU with 100 units, which learns faster than the plain RNN (how it works is lesson 08), 600 updates.
The verse is Shakespeare, fetched once and kept;
without a network the course makes up ballads instead.
"""

# %%
from course_utils.studies import gallery

texts = gallery.texts(rng, 200_000)
for found in texts:
    print(f"{found.kind:7} {len(found.text):8,} characters, {len(set(found.text)):3} different, from {found.origin}")

# %% [markdown]
r"""
For each: a tenth is held out, samples are taken after 50 updates and at the end,
and a 5-gram model counts the same text.
The names are few, so they are read for 200 updates only, before memorising sets in.
"""


# %%
def imitate(found):
    vocabulary = Vocabulary.from_text(found.text)
    ids, held, _ = split(vocabulary.encode(found.text), (0.9, 0.1, 0.0))
    model, steps = RecurrentLanguageModel(CELLS["gru"], len(vocabulary), H=100), 200 if found.kind == "names" else 600

    def written(params):
        return vocabulary.decode(model.generate(rng, params, ids[:20], 4_000, temperature=0.8))

    early = train(model, model.init(rng), forever(ids, 16, 32), Adam(1e-2), steps=50, progress=False)
    late = train(model, early.params, forever(ids, 16, 32), Adam(1e-2), steps=steps, progress=False)
    five = NGram(5, len(vocabulary)).fit(ids).cross_entropy(held[:5_000])
    scores = {"5-gram": bits(five), "GRU": bits(-model.log_prob(late.params, held[:5_000]).mean())}
    return written(early.params), written(late.params), scores


results = {found.kind: imitate(found) for found in tqdm(texts, leave=False, unit="text")}

# %% [markdown]
r"""
Real text on the left, then what the network writes early and late, both at temperature 0.8.
Lines too long for a column go on in the next.
**Predict** before you read: which of the five looks most real, and what will still be wrong with it?
"""

# %%
for found, (kind, (early, late, _)) in zip(texts, results.items(), strict=True):
    real = found.text[found.text.index("\n", 2_000) + 1 :][:400]
    print(in_columns({f"{kind}: real": real, "50 updates": early, "at the end": late}, height=9), end="\n\n")

# %% [markdown]
r"""
And in bits per character on the held-out tenth:
"""

# %%
plots.gallery({kind: scores for kind, (*_, scores) in results.items()})
show("Bars of held-out bits per character on five texts, a 5-gram model beside the GRU.")
by_text = np.array([list(scores.values()) for *_, scores in results.values()])  # (texts, models)
assert np.ptp(by_text, axis=0).min() > 2 * np.ptp(by_text, axis=1).max()

# %% [markdown]
r"""
Bits differ far more between the texts than between the models: made-up markup is nearly all rule,
names are nearly all choice.
Form comes first, and locally: line lengths, indentation, brackets that close a few characters later.
What has to be remembered for long comes last. For the markup we can count it, on a longer sample:
does each `\end{...}` name the environment that is open?
And of the names, how many are copies?
"""

# %%
from course_utils.tasks.markup import matching

late = results["markup"][1]
for name, piece in (("real", texts[3].text[:4_000]), ("network", late)):
    counts = matching(piece)
    print(f"{name:8} {counts.opened:4} opened, {counts.closed:4} closed, of these {counts.closed_right:4} rightly")
known, late = set(texts[4].text.split()), results["names"][1].split()
print(f"names    {len(late):4} written, {np.mean([name in known for name in late]):.0%} of them stand in the list")

# %% [markdown]
r"""
## What we learned

- Six parts make a character RNN. What is easy to get wrong is what no error message guards:
  the shift of the targets, the order of the streams, the state between chunks and while writing.
- A chunk's gradient is a noisy estimate, and a truncated one is biased as well, in proportion to $1/K$.
  Weighting random cuts by $1/p$ removes the bias and adds noise, so it has to be worth it.
- Judge a model by held-out bits beside an n-gram, and a sample by a search for verbatim runs;
  the training loss alone cannot tell learning from copying.

## Go further

- Karpathy 2015, *The unreasonable effectiveness of recurrent neural networks*: the program,
  and what larger ones wrote.
- Tallec and Ollivier 2017, *Unbiasing truncated backpropagation through time*: the weighted rule,
  and a task where truncation fails.
- Williams and Peng 1990, *An efficient gradient-based algorithm for on-line training of recurrent network
  trajectories*: truncation.

**Next:** lesson 06 asks what becomes of a gradient that really goes far back: why it vanishes, or explodes.
"""

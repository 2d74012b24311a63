# %% [markdown] minutes=90 needs=["numpy"]
r"""
# Can a network guess the next word from the last few?

Lesson 01 counted. This lesson learns: the last $N$ words go into a small neural network,
and out comes a probability for every word that could follow.
It is the model with which Bengio and others opened the field in 2003,
and what it cannot do is the reason for recurrent networks.

**After this lesson** you can

- turn a text into windows and targets, and words into rows of a learned table,
- write the model forward and backward by hand, and check every gradient,
- say what a window model does better than a table of counts, with numbers,
- say what no window model can do, and prove it on a source whose entropy is known exactly.

90 minutes. You need lesson 01 (n-grams, cross-entropy, the entropy floor), matrix products and the chain rule.
NumPy only.
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
import numpy as np

from course_utils import gradcheck, losses, ngrams, window_model
from course_utils.exercises import window_neural_lm as ex
from course_utils.plots import show, use_style, window_neural_lm
from course_utils.studies import scoreboard
from course_utils.tasks import grammar, processes

# %% [markdown]
r"""
The text of this lesson comes from the course's little grammar of English, as in lesson 01.
Its entropy is known exactly, so that we can tell how far from perfect a model is.
"""

# %%
from textwrap import fill

use_style()
rng = np.random.default_rng(0)
source = scoreboard.grammar_source(rng, n_train=100_000, n_test=20_000)
V, vocabulary = source.V, source.vocabulary
print(f"{len(source.train):,} tokens to learn from, {len(source.test):,} to test on, V = {V}")
print(fill(" ".join(vocabulary.decode(source.test[:40]))))

# %% [markdown]
r"""
## 1. What does a window see?

An $n$-gram model predicts a word from the $n-1$ words before it. A window model does the same:
it sees $N$ words, so it is the partner of the $n$-gram with $n = N + 1$. Its assumption is Markov's,

$$p(w_{t+1} \mid w_1, \dots, w_t) \approx p(w_{t+1} \mid w_{t-N+1}, \dots, w_t)$$

and its training examples are all around: every place in a text gives one *window* of $N$ words and one *target*,
the word after it.
Nobody has to label anything.

| text | window, $N = 3$ | target |
|---|---|---|
| **the dogs near** the garden sleep | the dogs near | the |
| the **dogs near the** garden sleep | dogs near the | garden |
| the dogs **near the garden** sleep | near the garden | sleep |

**Predict**: how many examples does a text of 100 tokens give with $N = 3$?

### Build: exercise 2.1

Cut a text of token numbers into windows and targets. The classic slip here is a target that is not shifted:
the model then learns to repeat a word that it is shown, and the loss looks wonderful.
Stuck? `ex.make_windows.hint()`, and likewise in every exercise.
"""


# %% answer="2.1"
def make_windows(ids: np.ndarray, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Every window of N tokens, oldest first (M, N), and the token after each (M,), of a text ids (M + N,)."""
    ### BEGIN SOLUTION
    inputs = np.stack([ids[i : i + N] for i in range(len(ids) - N)])
    return inputs, ids[N:]
    ### END SOLUTION


# %% check="2.1"
ex.make_windows.check(make_windows)

# %% [markdown] solution="2.1"
r"""
**Why this and not that.** The first $N$ tokens have no full window before them and the last window has no
target after it,
so a text of $M + N$ tokens gives $M$ examples, and the targets are one slice: `ids[N:]`.
Windows overlap: a window that starts only every $N$ tokens would throw away all but one in $N$ examples.
Fill no `np.zeros((M, N))` with them: that makes floats, and a float cannot pick the row of a table.
"""

# %% [markdown]
r"""
The first line below settles your prediction. Now the trouble with counting. **Predict**:
of the windows in the test text,
which share occurs *nowhere* in the training text, for windows of one, two, three and four words?
"""

# %%
print(len(ex.make_windows(np.arange(100), 3)[1]), "examples in a text of 100 tokens")
for N in (1, 2, 3, 4):
    known = {tuple(w) for w in ex.make_windows(source.train, N)[0]}
    new = np.mean([tuple(w) not in known for w in ex.make_windows(source.test, N)[0]])
    print(f"N = {N}: {len(known):7,} different windows in training, {new:6.1%} of the test windows are new")

# %% [markdown]
r"""
With four words, most of what a model meets is new, even in a language of so few words.
To a table of counts a new window is a blank: "the dog near the" tells it nothing about "the cat near the".
It has to fall back to shorter contexts, and forgets the words it had. This is *sparsity*.

A network can do better if it can find out that "dog" and "cat" are alike.
For that, words must become something that can be *alike*: vectors.

## 2. How does a word get into a network?

A word has a number, but the number means nothing: word 17 is not more than word 16.
The neutral way is a *one-hot* row $x$: $V$ zeros, with a one at the word's own place.
All pairs of one-hot rows are equally far apart, so nothing is claimed.

The first thing that a network does with a row is to multiply it by a matrix,
here $E$ with $V$ rows of $E$ numbers each
(the letter stands for the table and for the size of its rows).
**Predict** what a one-hot row does to the matrix before you run this:
"""

# %%
table = np.array([[0, 1], [10, 11], [20, 21], [30, 31], [40, 41]])  # V = 5 words, rows of size 2
ids = np.array([3, 0, 3])
one_hot = np.eye(5, dtype=int)[ids]
print(one_hot, one_hot @ table, table[ids], sep="\n\n")

# %% [markdown]
r"""
The product picks a row. Multiplying $V$ rows by zeros and a one to find it would be a waste, so one looks it up:

$$e_t = x_t E = E[w_t]$$

A table of rows that is looked up and *learned like any other weight matrix* is an **embedding**.
Two words whose rows lie close together will be treated alike by everything that follows.

A window has $N$ words. Their embeddings are put side by side,
so that "dog bites man" stays different from "man bites dog":

$$e = \big[\, E[w_{t-N+1}], \;\dots,\; E[w_t] \,\big] \qquad (N \cdot E \text{ numbers, oldest word first})$$

### Build: exercise 2.2
"""


# %% answer="2.2"
def embed(E: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """The N embeddings of each window side by side: table E (V, E), windows (B, N), result (B, N·E)."""
    ### BEGIN SOLUTION
    return E[windows].reshape(len(windows), -1)
    ### END SOLUTION


# %% check="2.2"
ex.embed.check(embed)

# %% [markdown] solution="2.2"
r"""
**Why this and not that.** `E[windows]` has the shape of `windows` and one more axis, $(B, N, E)$.
The last two axes already stand in the order we want, so joining them with `reshape` *is* the concatenation.
A sum or a mean over the window would need fewer weights later on, and would lose the order of the words.
"""

# %% [markdown]
r"""
### The way back

Learning needs $\partial L / \partial E$. Stack the one-hot rows of all words that were looked up into a matrix $X$.
Then the look-up is the product $X E$, with the entries $(XE)_{kj} = \sum_v X_{kv} E_{vj}$.
So $E_{vj}$ meets the factor $X_{kv}$ in every row $k$, and its gradient is the sum over all of them:

$$\frac{\partial L}{\partial E} = X^\top \frac{\partial L}{\partial e},
\qquad\text{that is}\qquad
\frac{\partial L}{\partial E[v]} = \sum_{k:\, w_k = v} \frac{\partial L}{\partial e_k}$$

Forward, a look-up *gathers* rows. Backward, each gradient is *scattered* to the row it came from,
and where a word was used more than once, its gradients **add up**.
That is the sum rule: a value that branches collects gradients from all its branches.

Here word 3 is looked up twice, with gradients `[1 10]` and `[100 1000]`.
The first line of the cell below is the equation; the next two are what many people write.
**Predict** row 3 of both results.
"""

# %%
d = np.array([[1, 10], [2, 20], [100, 1000]])
wrong = np.zeros_like(table)
wrong[ids] += d
print(one_hot.T @ d, wrong, sep="\n\n")

# %% [markdown]
r"""
`wrong[ids] += d` has lost the first use of word 3. NumPy reads `wrong[ids]` once, adds, and writes the rows back,
and the last write to a row wins. Nothing crashes and the shape is right,
so only a measurement will find it; one follows below.

### Build: exercise 2.3

`de` comes from the concatenated embeddings, so it has the shape $(B, N \cdot E)$;
in a shape, $E$ is again the size of a row, and the table's is $(V, E)$.
For a large vocabulary the matrix $X$ would be huge; find a way that adds repeated rows without it, if you can.
"""


# %% answer="2.3"
def embed_backward(de: np.ndarray, windows: np.ndarray, V: int) -> np.ndarray:
    """Gradient (V, E) of the table, from the gradient de (B, N·E) of the embedded windows (B, N)."""
    ### BEGIN SOLUTION
    d = de.reshape(windows.size, -1)
    dE = np.zeros((V, d.shape[1]), de.dtype)
    np.add.at(dE, windows.reshape(-1), d)
    return dE
    ### END SOLUTION


# %% check="2.3"
ex.embed_backward.check(embed_backward)

# %% [markdown] solution="2.3"
r"""
**Why this and not that.** `np.add.at` is the unbuffered `+=`:
it reads and writes for every index anew, so repeats add up.
The course's engine, `course_utils.embedding`, reaches the same sum in another way:
it sorts the tokens and adds up equal ones with `np.add.reduceat`.
Words that were not in the batch keep a gradient of zero,
so the result always has the table's shape.
"""

# %% [markdown]
r"""
## 3. What does the model compute?

Three equations. Embeddings side by side, one hidden layer, one row of *logits*, a score for each of the $V$ words:

$$
\begin{aligned}
e &= \big[E[w_{t-N+1}], \dots, E[w_t]\big] && (1) \\
h &= \tanh(e\, W_{eh} + b_h) && (2) \\
a &= h\, W_{hy} + b_y, \qquad p = \mathrm{softmax}(a) && (3)
\end{aligned}
$$

The shapes for a batch of $B$ windows: $e\,(B, N \cdot E)$, $h\,(B, H)$, $a\,(B, V)$.
Bengio's original had, as an option, a direct path from $e$ to the logits, too; we leave it out.

The picture shows the model at work on a sentence. A subject in the plural, "dogs", asks for "are" at the end.
**Predict**: which is the smallest window that can know it?
"""

# %%
words = ["the", "dogs", "near", "the", "small", "garden", "behind", "the", "house"]


def count(N):
    return ex.count_parameters(V, N, E=8, H=64)


print(f"'dogs' stands {len(words) - words.index('dogs')} words before the gap")
window_neural_lm.window_on_sentence(words, 4, words.index("dogs"), count(4))
show(
    "The sentence 'the dogs near the small garden behind the house', then a question mark. The last four "
    "words go through embeddings, a hidden layer and a softmax; 'dogs' is out of the window."
)

# %% [markdown]
r"""
The smallest window that can know it reaches back to "dogs". Move the slider and watch two things:
where the window ends, and how many parameters it costs.
"""

# %%
from course_utils.explore.window_neural_lm import window_size

window_size(words, words.index("dogs"), count)

# %% [markdown]
r"""
Widening the window adds weights to one place only. Which one is exercise 2.5; first the model itself.

### Build: exercise 2.4
"""


# %% answer="2.4"
def window_logits(
    E: np.ndarray, W_eh: np.ndarray, b_h: np.ndarray, W_hy: np.ndarray, b_y: np.ndarray, windows: np.ndarray
) -> np.ndarray:
    """Logits (B, V) of the token after each window (B, N); E (V, E), W_eh (N·E, H), b_h (H,), W_hy (H, V), b_y (V,)."""
    ### BEGIN SOLUTION
    e = E[windows].reshape(len(windows), -1)
    h = np.tanh(e @ W_eh + b_h)
    return h @ W_hy + b_y
    ### END SOLUTION


# %% check="2.4"
ex.window_logits.check(window_logits)

# %% [markdown] solution="2.4"
r"""
**Why this and not that.** Without the tanh, $(e W_{eh} + b_h) W_{hy} + b_y$ is one affine map:
each word of the window would add
its own scores and no combination of words could mean anything of its own. We return logits and not probabilities
because the loss wants their logarithm, and log-softmax of logits is stable where the logarithm of a softmax is not.
"""

# %% [markdown]
r"""
### Build: exercise 2.5

How many numbers does the model learn? Count all five arrays.
"""


# %% answer="2.5"
def count_parameters(V: int, N: int, E: int, H: int) -> int:
    """How many numbers a window model learns: V tokens, a window of N, embeddings of size E, H hidden units."""
    ### BEGIN SOLUTION
    return V * E + N * E * H + H + H * V + V
    ### END SOLUTION


# %% check="2.5"
ex.count_parameters.check(count_parameters)

# %% [markdown] solution="2.5"
r"""
**Why this and not that.** $VE$ for the table, which all positions share; $NEH + H$ for the hidden layer;
$HV + V$ for the read-out.
Only $W_{eh}$ knows how long the window is. Every further word costs $E H$ weights, and they are *new* weights.
"""

# %% [markdown]
r"""
**Predict**: one-hot rows could go straight into the hidden layer, without an embedding, $W$ then having $N V$ rows.
Is that cheaper or dearer? Here for our little vocabulary,
and for sizes like those of Bengio and others.
"""

# %%
for V_, N, E, H in ((V, 4, 8, 64), (17_000, 4, 60, 50)):
    print(f"V = {V_:,}, N = {N}, E = {E}, H = {H}: with an embedding {ex.count_parameters(V_, N, E, H):,},", end="")
    print(f" one-hot {N * V_ * H + H + H * V_ + V_:,}; possible {N + 1}-grams {float(V_) ** (N + 1):.0e}")

# %% [markdown]
r"""
The embedding saves most of the weights. A word is described once and not once per position;
here it saves more that the description has $E = 8$ numbers and not one for each of $H = 64$ hidden units.
In the larger model $E > H$, and all of the saving is the sharing.
And the table of all $n$-grams is hopeless; counting lives only from storing those that occurred.

## 4. How does it learn?

The loss is the cross-entropy of lesson 01: the mean over the batch of $-\log p_y$, with $y$ the target of a row.
For one row, write the softmax out and take the logarithm:

$$L = -\log \frac{e^{a_y}}{\sum_w e^{a_w}} = -a_y + \log \sum_w e^{a_w}$$

Differentiate by any logit $a_v$. The first term gives $-1$ if $v = y$ and nothing otherwise.
The derivative of the second is $e^{a_v} / \sum_w e^{a_w}$, which *is* the softmax:

$$\frac{\partial L}{\partial a_v} = p_v - [v = y], \qquad\text{as a row:}\qquad \frac{\partial L}{\partial a} = p - y$$

with $y$ now the one-hot row of the target. What the model said, minus what came.
A mean over $B$ rows divides each by $B$. **Predict**: to what do the entries of $p - y$ sum?
"""

# %%
names = ["are", "is", "sleep", "near", "that"]
p = losses.softmax(np.array([1.0, 1.6, 0.2, 0.6, -0.5]))
print("p - y =", (p - np.eye(5)[0]).round(3), "  sum =", abs((p - np.eye(5)[0]).sum().round(12)))
window_neural_lm.probabilities_and_gradient(names, p, names.index("are"))
show(
    "Left, bars of the probabilities of five words, highest for 'is', with an outline of height 1 at 'are', "
    "which came. Right, the gradient: strongly negative at 'are', positive at all others."
)

# %% [markdown]
r"""
They sum to zero. A step against the gradient raises the word that came
and lowers each other word in proportion to the probability that it was given.
"is", wrong and sure of itself, is lowered most.
When the model is right and sure, $p - y$ is nearly zero, and nothing more is learned from that row.

### Build: exercise 2.6
"""


# %% answer="2.6"
def cross_entropy_gradient(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Gradient (B, V), with respect to the logits (B, V), of the mean cross-entropy of targets (B,)."""
    ### BEGIN SOLUTION
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)
    ### END SOLUTION


# %% check="2.6"
ex.cross_entropy_gradient.check(cross_entropy_gradient)

# %% [markdown] solution="2.6"
r"""
**Why this and not that.** `p[np.arange(B), targets]` pairs row 0 with its target, row 1 with its own, and so on.
`p[:, targets]` would take whole columns. Repeated targets are no trouble this time: each lies in a row of its own.
The division by $B$ belongs here, at the start of the way back; then no later step has to think of the mean.
"""

# %% [markdown]
r"""
### The rest of the way back

From $\partial L / \partial a$ the chain rule runs through (3), (2) and (1).
Write $u = e W_{eh} + b_h$, so that $h = \tanh u$.
The derivative of tanh is $1 - \tanh^2 u = 1 - h^2$, so that $h$ is all we need to keep:

$$
\begin{aligned}
\frac{\partial L}{\partial W_{hy}} &= h^\top \frac{\partial L}{\partial a} &
\frac{\partial L}{\partial b_y} &= \sum_{\text{batch}} \frac{\partial L}{\partial a} &
\frac{\partial L}{\partial h} &= \frac{\partial L}{\partial a} W_{hy}^\top \\
& & & & \frac{\partial L}{\partial u} &= \frac{\partial L}{\partial h} \odot (1 - h^2) \\
\frac{\partial L}{\partial W_{eh}} &= e^\top \frac{\partial L}{\partial u} &
\frac{\partial L}{\partial b_h} &= \sum_{\text{batch}} \frac{\partial L}{\partial u} &
\frac{\partial L}{\partial e} &= \frac{\partial L}{\partial u} W_{eh}^\top
\end{aligned}
$$

When in doubt about a transpose, let the shapes decide:
a gradient has the shape of what it belongs to, and there is mostly one way to get it.

### Build: exercise 2.7
"""


# %% answer="2.7"
def hidden_backward(
    dh: np.ndarray, h: np.ndarray, e: np.ndarray, W_eh: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of e (B, N·E), W_eh (N·E, H) and b_h (H,) from dh (B, H), where h = tanh(e W_eh + b_h) (B, H)."""
    ### BEGIN SOLUTION
    du = dh * (1 - h**2)
    return du @ W_eh.T, e.T @ du, du.sum(axis=0)
    ### END SOLUTION


# %% check="2.7"
ex.hidden_backward.check(hidden_backward)

# %% [markdown] solution="2.7"
r"""
**Why this and not that.** $b_h$ was added to every row of the batch:
it branches into $B$ places, so its gradient is the *sum* of theirs,
the same rule as for a word that is looked up $B$ times.
The product $e^\top\, \partial L/\partial u$ sums over the batch, too, inside the matrix product.
You will meet `1 - h**2` again at every step of a recurrent network.
"""

# %% [markdown]
r"""
Your four pieces are the whole model. Here they stand in a row, with two lines for the read-out:
"""


# %%
def loss_and_gradients(p, windows, targets, embed_backward=ex.embed_backward):
    e = ex.embed(p.E, windows)  # (1)
    h = np.tanh(e @ p.W_eh + p.b_h)  # (2)
    a = h @ p.W_hy + p.b_y  # (3)
    loss = -np.mean(losses.log_softmax(a)[np.arange(len(targets)), targets])
    da = ex.cross_entropy_gradient(a, targets)
    de, dW_eh, db_h = ex.hidden_backward(da @ p.W_hy.T, h, e, p.W_eh)
    dE = embed_backward(de, windows, len(p.E))
    return loss, window_model.WindowParams(dE, dW_eh, db_h, h.T @ da, da.sum(axis=0))


# %% [markdown]
r"""
Is it right? Never believe a gradient that you derived yourself before you have measured it.
Move one parameter up and down by a little $\varepsilon$,
and the loss must change by the gradient times $2 \varepsilon$;
`gradient_check` does that for every single number, in float64.
A right gradient shows errors around $10^{-8}$, a wrong one around $10^{-2}$ and more.
"""

# %%
small = window_model.WindowLanguageModel(V=6, N=3, E=4, H=5)
params = small.init(rng, np.float64)
windows, targets = rng.integers(0, 6, (7, 3)), rng.integers(0, 6, 7)


def loss(p):
    return loss_and_gradients(p, windows, targets)[0]


report = gradcheck.gradient_check(loss, params, loss_and_gradients(params, windows, targets)[1])
print(report)
assert report.ok

# %% [markdown]
r"""
All five arrays pass. And the check does find the mistake from above.
**Predict** which arrays fail if the embedding's gradient loses repeats:
"""


# %%
def loses_repeats(de, windows, V):
    dE = np.zeros((V, de.shape[1] // windows.shape[1]))
    dE[windows.reshape(-1)] += de.reshape(windows.size, -1)
    return dE


wrong = loss_and_gradients(params, windows, targets, embed_backward=loses_repeats)[1]
print(gradcheck.gradient_check(loss, params, wrong))

# %% [markdown]
r"""
Only `E` fails: all other gradients are computed before it and do not depend on it.
That is how a gradient check points to the place.

From here on the lesson uses the course's engine, `window_model.WindowLanguageModel`.
It is the same mathematics, and so the same numbers:
"""

# %%
theirs_loss, theirs, _ = small.loss_and_gradients(params, windows, targets)
ours_loss, ours = loss_and_gradients(params, windows, targets)
difference = max(np.abs(a - b).max() for a, b in zip(ours, theirs))
print(f"loss {ours_loss:.6f} and {theirs_loss:.6f}; largest difference of any gradient {difference:.0e}")
assert difference < 1e-12

# %% [markdown]
r"""
## 5. Is it better than counting?

We train on the grammar corpus with windows of $N = 4$, three passes in batches of 64, and look every 200 batches at
how many bits the model pays for a token: of the test text, and of as many tokens from the training text.
The 5-gram with Kneser-Ney smoothing sees the same four words. **Predict**:
who is ahead at the end, and how far does it get on the way to the floor?
"""


# %%
def bits_per_token(model, params, ids):
    return losses.bits(-model.log_prob(params, ids).mean())


model = window_model.WindowLanguageModel(V, N=4, E=8, H=64)


def watch(params):
    return [bits_per_token(model, params, ids[:20_000]) for ids in (source.train, source.test)]


model, fit = scoreboard.train_window(source, rng, N=4, E=8, H=64, evaluate=watch, evaluate_every=200)

# %% [markdown]
r"""
And the n-grams, counted on the same text, scored on the same test text:
"""

# %%
tokens, _, both = zip(*fit.history.evaluations)
counting = {f"{n}-gram": ngrams.NGram(n, V).fit(source.train) for n in (2, 3, 4, 5)}
scores = {name: losses.bits(counted.cross_entropy(source.test)) for name, counted in counting.items()}
scores |= {"window of 4": both[-1][1], "floor": source.floor}
print("  ".join(f"{name} {value:.2f}" for name, value in scores.items()), " bits per token")

# %% [markdown]
r"""
The curve shows how it got there:
"""

# %%
train_bits, test_bits = zip(*both)
references = {name: scores[name] for name in ("5-gram", "3-gram")}
window_neural_lm.learning_curve(tokens, train_bits, test_bits, references, source.floor)
show(
    "Learning curve: the window model's test bits per token fall below the 3-gram and the 5-gram within the "
    "first pass and come closer to the entropy floor."
)
assert scores["floor"] < scores["window of 4"] < scores["3-gram"] < min(scores[f"{n}-gram"] for n in (2, 4, 5))

# %% [markdown]
r"""
Among the counters the trigram is best:
most windows of four words in the training text occur there once (section 1), and such counts are noise.
The window model passes them all within its first pass and ends about half-way between them and the floor.
Nothing can go below the dashed line for long. The two blue curves lie close together:
with some 100,000 tokens for some 20,000 parameters there is little room to learn by heart.

### Where does it gain?

We know the exact probability that the grammar gives to each word,
so we can say what each model *loses* against the best possible predictor:
once for test windows that occur in the training text and once for those that do not.
**Predict** where the n-grams lose more,
and where the network gains more on them.
"""

# %%
known = {tuple(w) for w in window_model.windows(source.train, 4)[0]}
seen = np.array([tuple(w) in known for w in window_model.windows(source.test, 4)[0]])
sentences = [line.split() for line in " ".join(vocabulary.decode(source.test)).split(" . ")]
exact = np.concatenate([grammar.token_log_probs(s) for s in sentences])[4:]
log_p = {name: counting[name].log_prob(source.test)[4:] for name in references}
log_p["window"] = model.log_prob(fit.params, source.test)
for name, values in log_p.items():
    lost = (exact - values) / np.log(2)
    print(f"{name} loses {lost[seen].mean():.2f} bits per token on known windows, {lost[~seen].mean():.2f} on new ones")

# %% [markdown]
r"""
The network is better on both, also beside the best counter, and its lead is larger on the new windows,
on which counting has to fall back to shorter contexts.
It needs no list of what it saw: a new window of familiar kinds of words lands near known ones.

### How much text does that take?

Sharing must be learned, too. Five passes over texts of growing length, each scored on the same test text,
and beside them the best n-gram of the orders 2 to 5. **Predict**: who wins on 2,000 tokens?
"""

# %%
sizes = (2_000, 5_000, 10_000, 25_000, 50_000)
cuts = [source._replace(train=source.train[:n]) for n in sizes]
counted = [min(scoreboard.ngram_bits(cut, n) for n in (2, 3, 4, 5)) for cut in cuts]
learned = [scoreboard.train_window(cut, rng, epochs=5) for cut in cuts]
by_size = [bits_per_token(m, f.params, source.test) for m, f in learned]
window_neural_lm.text_size(sizes, by_size, counted, source.floor)
show(
    "Test bits per token against the size of the training text: on 2,000 tokens the best n-gram is ahead, "
    "on 5,000 and more the window model is, and its lead grows."
)
read = bits_per_token(learned[0][0], learned[0][1].params, cuts[0].train)
print(
    f"after five passes over {sizes[0]:,} tokens: {read:.2f} bits per token on these, {by_size[0]:.2f} on the test text"
)
assert by_size[0] > counted[0] > counted[-1] > by_size[-1] and by_size[0] > read + 1

# %% [markdown]
r"""
On little text the counts win. The network is not short of training:
it pays far less on the 2,000 tokens that it has read than on new ones.
It has ten parameters for each of these tokens and has learned them by heart.
With more text the curves cross, and the network stays ahead.
A sentence like "neural networks beat n-grams" is not complete without the amount of text and the size of the network.
Lesson 01 quotes a case the other way round:
on 0.8 billion words a feed-forward model with a perplexity of 91.2 (Chen et al. 2015)
stood behind a Kneser-Ney 5-gram with 67.6 (Chelba et al. 2013; both in Grave et al. 2016, table 2).

### What did the table learn?

Nobody told the model what a noun is. Yet if "dog" and "cat" predict and follow the same words,
gradient descent moves their rows the same way.
The rows have 8 numbers; to look at them we project on the two directions in which they differ most,
the *principal components*.
They are the first rows of $Q^\top$ in the singular value decomposition $C = P S Q^\top$ of the centred table $C$.
Each dot below is a word that has only one tag in the grammar.
"""

# %%
tags = {word: kinds[0] for word, kinds in grammar.word_tags().items() if len(kinds) == 1}
kinds = ("NOUN", "VERB", "ADJ", "DET", "ADP")
shown = [word for word in vocabulary.symbols if tags.get(word) in kinds]
rows = fit.params.E[vocabulary.encode(shown)]
C = rows - rows.mean(axis=0)
P, S, Qt = np.linalg.svd(C, full_matrices=False)
xy = C @ Qt[:2].T
window_neural_lm.embedding_map(xy, shown, [tags[w] for w in shown], kinds, named=["dog", "dogs", "this"])
show(
    "The embeddings of about 200 words on two principal components. Nouns, adjectives, verbs, determiners and "
    "prepositions form clusters of their own."
)

# %% [markdown]
r"""
Words of one kind form clouds, though no tag was ever shown.
A picture of two directions out of eight can mislead, so count:
for which share of these words has the *nearest* word, by the cosine of all 8 numbers,
the same tag? Before training, and after:
"""


# %%
def nearest_words(table):
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    nearest = np.argmax(unit @ unit.T - 2 * np.eye(len(unit)), axis=1)  # - 2: not the word itself
    return {word: shown[k] for word, k in zip(shown, nearest)}


found = nearest_words(model.init(rng).E[vocabulary.encode(shown)]), nearest_words(rows)
before, after = (np.mean([tags[a] == tags[b] for a, b in pairs.items()]) for pairs in found)
print(f"nearest word has the same tag: {before:.0%} before training, {after:.0%} after")
print(", ".join(f"{word}: {found[1][word]}" for word in ("dog", "dogs", "sleeps", "near", "this", "cruel")))
assert before < 0.5 < 0.7 < after

# %% [markdown]
r"""
Look at the neighbours of "dog" and "dogs": singular and plural, too, came apart, as they must if the verb is to agree.
That is what lets a new window profit from old ones. Lesson 13 comes back to embeddings.

## 6. What can no window do?

### It costs weights, and each place learns for itself

What has to be stored for $N$ words of context? For the n-gram model that is measured:
all n-grams that the training text holds,
of orders 1 to $N + 1$.
"""

# %%
Ns = range(1, 7)
stored = [ngrams.NGram(N + 1, V).fit(source.train).size for N in Ns]
window_neural_lm.parameters(Ns, [count(N) for N in Ns], [N * 8 * 64 for N in Ns], stored)
show(
    "Numbers stored against words of context, log axis: counted n-grams rise to several hundred thousand, the "
    "window model stays near twenty thousand, its matrix W_eh grows in proportion to N."
)
print("n-grams:", *(f"{n:,}" for n in stored), "  window:", *(f"{count(N):,}" for N in Ns))

# %% [markdown]
r"""
The network's bill is small beside the list of n-grams, and it does not grow with the text.
But it grows with the window: $E H$ more weights for each word,
and they start from nothing. Look at what one word adds to the hidden layer,
at each place in the window of the trained model:
its row times the block of $W_{eh}$ that belongs to the place.
"""

# %%
for name, p in (("fresh", model.init(rng)), ("trained", fit.params)):
    blocks = p.W_eh.reshape(4, 8, 64)  # (N, E, H), oldest place first
    added = p.E[vocabulary.ids["dogs"]] @ blocks  # (N, H)
    unit = added / np.linalg.norm(added, axis=1, keepdims=True)
    print(f"cosines between the places, {name:>7} model:", (unit @ unit.T)[np.triu_indices(4, 1)].round(2))
window_neural_lm.one_word_at_every_place(added, "dogs")
show("Heat map of what 'dogs' adds to 64 hidden units at four places of the window: four different patterns.")

# %% [markdown]
r"""
Cosines near 1 would mean the same effect at each place.
Training has brought them no nearer to it than chance did in a model that has learned nothing.
All places share the row of "dogs", but each reads it through a block of its own:
what was found out about "dogs" two words back has to be found out again for three words back.
There is *no symmetry between positions*. Language has it to a large degree: "dogs" is a plural wherever it stands.

### It is never large enough

A verb agrees with its subject, however far away.
Take our sentence and the same with "dog". For both the grammar knows the exact probabilities.
**Predict** what the window of 4 says, which sees "garden behind the house".
"""

# %%
forms, answers = vocabulary.encode(["is", "are"]), []
for subject in ("dogs", "dog"):
    prefix = ["the", subject, *words[2:]]
    window = np.array([vocabulary.encode(prefix[-4:])])
    answers.append(losses.softmax(model.logits(fit.params, window))[0, forms])
    p = grammar.next_token_distribution(prefix)[forms]
    print(f"the {subject:4} ... house:  exact is {p[0]:.3f}, are {p[1]:.3f}", end="")
    print("  window of 4: is {:.3f}, are {:.3f}".format(*answers[-1]))
assert np.array_equal(*answers)

# %% [markdown]
r"""
The window is the same, so the answer is the same, and in one of the two it must be wrong. Which way it leans is chance.
One such sentence is an anecdote, so take many.
`minimal_pairs` gives beginnings of sentences that stop just before the verb, at a chosen distance from its subject,
with the right verb form and the wrong one. A model is right if it gives more to the right form.
We train windows of 2, 4 and 8 words. **Predict** the curve for $N = 4$.
"""

# %%
distances = range(1, 11)
pairs = {d: grammar.minimal_pairs(rng, d, 150) for d in distances}
models = {N: scoreboard.train_window(source, rng, N=N, B=256, epochs=4, lr=2e-2) for N in (2, 4, 8)}


def share_right(model, params, pairs):
    prefixes = [([grammar.END] * model.N + list(pair.prefix))[-model.N :] for pair in pairs]
    logits = model.logits(params, np.array([vocabulary.encode(prefix) for prefix in prefixes]))
    right, wrong = (vocabulary.encode(forms) for forms in ([p.right for p in pairs], [p.wrong for p in pairs]))
    each = np.arange(len(pairs))
    return np.mean(logits[each, right] > logits[each, wrong])


# %% [markdown]
r"""
Dotted lines mark where each window ends.
"""

# %%
accuracy = {N: [share_right(model, f.params, pairs[d]) for d in distances] for N, (model, f) in models.items()}
for N, shares in accuracy.items():
    print(f"N = {N}: {np.mean(shares[:N]):.2f} of the verbs right inside the window, {np.mean(shares[N:]):.2f} beyond")
    assert np.mean(shares[:N]) > 0.65 > np.mean(shares[N:])
window_neural_lm.agreement(distances, accuracy)
show(
    "Share of right verb forms against the distance to the subject, for windows of 2, 4 and 8: high within "
    "each window, near one half beyond it."
)

# %% [markdown]
r"""
Next to its verb, every model sees the subject. Beyond its window it falls to the level of a coin;
in 150 tosses the share of heads has a standard deviation of $\sqrt{0.25 / 150} \approx 0.04$.
One point escapes: at distance 3 the window of 2 is better than a coin although the subject is out of sight.
In "the dogs that sleep are ..." the inner verb agrees as well, and hands the number on.
For $N = 8$ the far places inside the window do worse: they seldom matter,
so their weights had little to learn from.
Close to the verb it also falls behind the window of 4, the price of more weights for the same text.
And whatever $N$ you choose, there are sentences that are longer.

### A proof

Is that a matter of training? Take a source where everything is known.
In the **even process** 1s come in runs of even length, between 0s.
After a 0 the next symbol is a coin toss; after an odd number of 1s, another 1 is certain.
To know which case it is, one must count the 1s since the last 0, and that may lie outside *any* window.

Lesson 01 computed $h(k)$ exactly (there written $h_k$),
the entropy of the next symbol given the $k$ symbols before it, best used.
A window of $N$ symbols cannot do better than $h(N)$;
an n-gram sees $n - 1$ symbols, so its bound is $h(n-1)$, the same thing.
The entropy rate, $2/3$ bit, is the limit of $h(k)$.

We train a window model for each $N$ and score it exactly:
the mean of its loss over all $2^N$ windows and both next symbols, weighted with their true probabilities.
No test text, so no luck. **Predict**: which dots will lie below the line?
"""

# %%
even = scoreboard.process_source(rng, processes.EVEN, n_train=50_000, n_test=1_000)
Ns = range(1, 9)
trained = [scoreboard.train_window(even, rng, N=N, E=2, H=32, B=512, epochs=8, lr=1e-2) for N in Ns]
measured = [scoreboard.exact_window_bits(processes.EVEN, model, f.params) for model, f in trained]
h = [processes.EVEN.h(N) for N in Ns]
print("above h(N) by", np.subtract(measured, h).round(4))
assert np.all(np.array(measured) >= h) and min(h) > processes.EVEN.entropy_rate
window_neural_lm.window_and_entropy(Ns, measured, h, processes.EVEN.entropy_rate)
show(
    "Bits per symbol on the even process for windows of 1 to 8: the trained models lie just above the exact "
    "bound h(N), which falls towards the entropy rate of two thirds without reaching it."
)

# %% [markdown]
r"""
None. The distance of a dot from its mark is a Kullback-Leibler divergence,
that of the model's distribution from the true one, in the mean over all windows, and it is never negative.
The models nearly use up what their windows hold, so better training is not the cure,
and neither is a larger hidden layer.
And $h(N)$ stays above the entropy rate for every $N$: each further symbol buys something, and never all.

Yet two states of memory would be enough: "even so far" and "odd so far".
One would have to *carry* one bit along the text instead of looking at a stretch of it.
A model that reads a word at a time, keeps a state, and uses the same weights at every step has no window, does not grow,
and treats all positions alike. That is a recurrent network.

## What we learned

- A one-hot row times a matrix is a row look-up; its gradient is a scatter-add, in which repeated words add up.
  Softmax with cross-entropy has the gradient $p - y$.
- A window model stores no n-grams and has no blanks: similar words get similar rows, and new windows profit.
  It needs enough text to find that out.
- No window is large enough: weights grow with it, what is learned at one place does not serve another,
  and what lies beyond is invisible. On the even process that costs $h(N)$ minus the entropy rate,
  however well one trains.

## Go further

- Bengio, Ducharme, Vincent and Jauvin 2003, *A neural probabilistic language model*: this model, with its reasons.
- Mikolov, Chen, Corrado and Dean 2013, *Efficient estimation of word representations in vector space*:
  keep only the table.
- Crutchfield and Feldman 2003, *Regularities unseen, randomness observed*:
  the curve $h(k)$ and what it says about a source.

**Next:** lesson 03 gives the network a memory:
the recurrent network, whose size does not depend on how far it looks back.
"""

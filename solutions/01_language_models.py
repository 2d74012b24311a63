# %% [markdown] minutes=120 needs=["numpy"]
r"""
# How well can the next word be predicted?

You see the start of a text and are asked what comes next. This lesson answers by counting,
makes counting honest about what it has never seen,
and then asks a question that is rarely asked: how good could *any* model be?

**After this lesson** you can

- turn next-word probabilities into the probability of a whole text, and into new text,
- build n-gram models with add-k and Kneser-Ney smoothing from counts,
- measure a model in nats, bits, perplexity and bits per character, and translate between them,
- say how far a model is from the best one possible, on sources whose entropy is known exactly.

120 minutes. You need lesson 00, NumPy's arrays, and what a conditional probability is.
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
import numpy as np

from course_utils.exercises import language_models as ex
from course_utils.ngrams import NGram

# %% [markdown]
r"""
`grammar` is a source of little English sentences that was written for this course.
Its rules are known, so for every text it can say exactly how probable that text is.
"""

# %%
from course_utils.plots import language_models as plots
from course_utils.plots import show, use_style
from course_utils.tasks import grammar

use_style()
rng = np.random.default_rng(1)
for sentence in grammar.corpus(rng, 4):
    print(" ".join(sentence.words), grammar.END)

# %% [markdown]
r"""
## 1. What is a language model?

Much of what we want to predict comes in sequence, one thing after another:
words and letters, the sounds of speech, the frames of a video, prices, temperatures.
To predict such a signal from its own past is called **autoregression**:
*regression*, because one quantity is predicted from others; *auto*, because the others are its own earlier values.

A **language model** is autoregression on text.
It gives every word (or letter; *token* is the neutral name) of a vocabulary of $V$ a probability of coming next:

$$p(w_{t+1} \mid w_1, \dots, w_t)$$

That is all it does, and it is enough to score a whole text of $T$ tokens.
The **chain rule** of probability writes the joint probability as a product, with no approximation:

$$p(w_1, \dots, w_T) = p(w_1)\, p(w_2 \mid w_1)\, p(w_3 \mid w_1, w_2) \cdots
= \prod_{t=1}^{T} p(w_t \mid w_1, \dots, w_{t-1})$$

Here are the factors of one sentence; the full stop ends it. **Predict**: which of the five tokens is the least surprising?
"""

# %%
sentence = ["the", "cat", "is", "small"]
factors = np.exp(grammar.token_log_probs(sentence))
for word, p in zip([*sentence, grammar.END], factors):
    print(f"{word:6} {p:.4f}")
print(f"product {factors.prod():.2e}, log of it {np.log(factors).sum():.2f} nats")

# %% [markdown]
r"""
After "the cat is small" nothing but the full stop can follow in this grammar.
Which animal it is and what it is like are hard to guess.
The product is tiny even for a probable sentence, because there are so many sentences.
So we add logarithms instead of multiplying probabilities.

**Order matters.** The same four words in another order are another text:
"""

# %%
for text in ("the cat is small", "small the cat is"):
    print(f"{text:18} log p = {grammar.sentence_log_prob(text.split()):.2f}")

# %% [markdown]
r"""
The grammar never says "small the cat is": probability 0, logarithm minus infinity.

### Build: exercise 1.1

Suppose that each word depends on the one before it alone. Then all factors fit into a vector and a table:
`first[w]` $= p(w)$ at the start of a text, and `following[u, w]` $= p(w \mid u)$. Score a text.

Stuck? `ex.sentence_log_prob.hint()`, and likewise in every exercise.
A check that never ends, because a loop does not, is ended with the Stop button.
"""


# %% answer="1.1"
def sentence_log_prob(ids: np.ndarray, first: np.ndarray, following: np.ndarray) -> float:
    """log p in nats of ids (T,), with first (V,) for the first word and following[u, w] (V, V) = p(w | u)."""
    ### BEGIN SOLUTION
    return np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum()
    ### END SOLUTION


# %% check="1.1"
ex.sentence_log_prob.check(sentence_log_prob)

# %% [markdown] solution="1.1"
r"""
**Why this and not that.** `following[ids[:-1], ids[1:]]` walks along both index arrays at once
and picks one number for each pair;
`following[ids[:-1]][:, ids[1:]]` would build a whole $(T-1) \times (T-1)$ table.
The sum of logarithms and the logarithm of the product are the same in mathematics;
in floating point the product of 2,000 such factors is 0, and its logarithm is minus infinity.
With a single word, `ids[1:]` is empty, and an empty sum is 0: no special case is needed.
"""

# %% [markdown]
r"""
### An estimate of a joint distribution

The scores of *all* texts of the same length sum to one.
Here they are added up for an arbitrary table of three tokens.
**Predict** how many texts of five tokens there are.
"""

# %%
from itertools import product

table = rng.dirichlet(np.ones(3), size=4)
texts = [np.array(text) for text in product(range(3), repeat=5)]
total = sum(np.exp(ex.sentence_log_prob(text, table[0], table[1:])) for text in texts)
print(len(texts), "texts, sum of their probabilities", round(total, 12))

# %% [markdown]
r"""
So a language model estimates the joint distribution of texts (their density, in the language of statistics),
whatever it is used for.
Generating is one use; scoring, comparing, completing and compressing are others:

| use | what the model is asked |
|---|---|
| predictive text | the few most probable next words |
| speech and handwriting recognition | which of several readings that sound or look alike is the more probable text |
| translation, summarising | the next word, given also the source text |
| dialogue | the next word, given also what was said so far |

### The text is its own teacher

Nobody has to label anything. The target at each position is the next token of the same text:
"""

# %%
tokens = grammar.tokens(grammar.corpus(rng, 2))
for t in range(5):
    print(f"... {tokens[t]:10} -> {tokens[t + 1]}")

# %% [markdown]
r"""
Learning from such targets is called **self-supervision**. Any text is training data.

## 2. Can we just count?

The exact factors need a whole history, and almost every history occurs once in a lifetime.
The **Markov assumption** cuts it short: only the last $n - 1$ tokens $u$ count.
Then the relative frequency is an estimate,
and it is the one that makes the training text most probable:

$$p(w \mid u) = \frac{c(u\,w)}{c(u)}$$

with $c$ for "how often in the training text". This is an **n-gram** model:
unigram for $n = 1$, bigram for $n = 2$, trigram for $n = 3$.

How many counts are there? Take a real text, which every Python brings along: its own documentation.
"""

# %%
import re
from collections import Counter

from course_utils import corpora

words = re.findall("[a-z]+", corpora.library_documentation().lower())
frequency = Counter(words)
print(f"{len(words):,} words, {len(frequency):,} different ones; the most frequent:", frequency.most_common(5))

# %% [markdown]
r"""
Sort the words by how frequent they are. Beside them:
the little grammar, and the names and words in the source code of Python's library.
**Predict** the shape of the curve, with both axes logarithmic.
"""

# %%
sentences = grammar.corpus(rng, 10_000)
code = re.findall(r"[a-zA-Z_]+", corpora.library_source())
collections = {"documentation": words, "source code": code, "our grammar": grammar.tokens(sentences)}
plots.zipf({name: sorted(Counter(text).values(), reverse=True) for name, text in collections.items()})
show("Frequency of words against rank, both axes logarithmic: three curves, and a dotted line for 1 / rank.")

# %% [markdown]
r"""
Both real texts fall roughly like one over the rank, over three decades: **Zipf's law**.
(Our grammar bends down: it has few words, and no rare ones.)
And many words are rare. For pairs and triples of words it gets worse.
The last tenth of the text is held out, to see how much of it the rest has shown:
"""


# %%
def grams(words, n):
    return list(zip(*(words[i:] for i in range(n))))


print(f"{np.mean([times <= 2 for times in frequency.values()]):.0%} of the different words occur once or twice")
lengths = np.linspace(0, len(words), 9).astype(int)[1:]
distinct = {n: [len(set(grams(words[:m], n))) for m in lengths] for n in (1, 2, 3, 4)}
cut = int(0.9 * len(words))
past = {n: set(grams(words[:cut], n)) for n in range(1, 6)}
unseen = {n: np.mean([g not in past[n] for g in grams(words[cut:], n)]) for n in past}
for n, share in unseen.items():
    possible = len(frequency) ** n
    print(
        f"n = {n}: saw {len(past[n]):6,} of {possible:.1e} possible n-grams; {share:.0%} of the held-out ones never seen"
    )

# %% [markdown]
r"""
The same as a picture, with the different n-grams counted while the text is read:
"""

# %%
plots.sparsity(lengths, distinct, unseen)
show("Left: different n-grams against words read; for n = 4 still rising. Right: the share never seen rises with n.")
assert unseen[1] < 0.2 and unseen[3] > 0.5 and unseen[5] > 0.8

# %% [markdown]
r"""
Left: single words soon repeat, while most 4-grams are new however long one reads.
Right: most 3-grams of the held-out text, and nearly all 5-grams, were never seen before.
This is the **sparsity** of n-gram counts.
A model that gives them probability 0 declares the text impossible. Here are models of our grammar's text,
cut into three parts (section 4 says what for):
"""

# %%
from course_utils.vocabulary import split

V, ids = len(grammar.VOCABULARY), grammar.VOCABULARY.encode(grammar.tokens(sentences))
train, validation, test = split(ids)
print(f"V = {V}; {len(train):,} tokens to train on, {len(validation):,} for validation, {len(test):,} for test")
for n in (1, 2, 3):
    model = NGram(n, V, smoothing="none").fit(train)
    print(f"{n}-gram: mean of -log p on held-out text {model.cross_entropy(validation):.3f} nats")

# %% [markdown]
r"""
One unseen pair is enough for an infinite loss, even in the small world of our grammar.

### Add-k

The simplest cure is to pretend that each of the $V$ continuations was seen $k$ more times than it really was:

$$p(w \mid u) = \frac{c(u\,w) + k}{c(u) + k V}$$

### Build: exercise 1.2

Fill the bigram table of a text, with add-k smoothing. $c(u)$ is the number of times
that $u$ was *followed* by something, so that every row sums to one.
"""


# %% answer="1.2"
def add_k(ids: np.ndarray, V: int, k: float) -> np.ndarray:
    """Bigram table p[u, w] = (c(u w) + k) / (c(u) + k V), (V, V), from the neighbours in ids (N,); k > 0."""
    ### BEGIN SOLUTION
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% check="1.2"
ex.add_k.check(add_k)

# %% [markdown] solution="1.2"
r"""
**Why this and not that.** Starting from a table full of $k$, the row sum is $c(u) + kV$ by itself.
`C[ids[:-1], ids[1:]] += 1` looks right and is not:
NumPy reads all places, adds 1, and writes back, so a pair that occurs 50 times ends at 1.
`np.add.at` adds for every occurrence. Counting $c(u)$ with `np.bincount(ids)` would include the last token,
which nothing follows.
"""

# %% [markdown]
r"""
Now score all 24 orders of "the cat is small" with a bigram table.
Each text begins after a full stop and ends with one.
**Predict** which order comes second.
"""

# %%
from itertools import permutations

p = ex.add_k(train, V, k=0.1)
stop = grammar.VOCABULARY.ids[grammar.END]


def score(text):
    return ex.sentence_log_prob(grammar.VOCABULARY.encode([*text, grammar.END]), p[stop], p)


ranked = sorted(permutations(sentence), key=score, reverse=True)
plots.orders([" ".join(text) for text in ranked], [score(text) for text in ranked])
show("24 orders of four words sorted by log-probability: 'the cat is small' leads by several nats.")
assert ranked[0] == tuple(sentence)

# %% [markdown]
r"""
The bigram finds the English order first, far ahead of the rest,
and an order that no rule of the grammar allows is merely improbable: that is what smoothing is for.
A unigram model would give all 24 the same score.

## 3. How does a model write?

A model gives probabilities; a text needs words. Take a beginning for which five words are possible next:
"""

# %%
everything = grammar.next_token_distribution(['"', "she", "sleeps", '"'])
possible = np.argsort(-everything)[: np.count_nonzero(everything)]
names, p_said = grammar.VOCABULARY.decode(possible), everything[possible]
print(*(f"{name} {p:.3f}" for name, p in zip(names, p_said)), sep="   ")

# %% [markdown]
r"""
Taking the most probable word each time, the **argmax**, looks like the obvious choice.
Here is a trigram model that does it (smoothed as section 5 explains):
"""


# %%
def write(model, choose, n):
    text = [stop]
    for _ in range(n):
        text.append(choose(model.probs(np.array(text))))
    return " ".join(grammar.VOCABULARY.decode(text[1:]))


trigram = NGram(3, V, "kneser-ney").fit(train)
print(write(trigram, np.argmax, 26))

# %% [markdown]
r"""
It repeats itself: with the same context it always makes the same choice, so once a context returns,
so does everything after it.
To write texts that are distributed as the model says, *draw* each word with its probability.

### Inverse transform sampling

A computer can draw $u$ evenly from $[0, 1)$. Lay the probabilities end to end along that interval;
token $k$ owns the piece from $F_{k-1}$ to $F_k$, with $F_{-1} = 0$ for the first, $k = 0$:

$$F_k = \sum_{j \le k} p_j \qquad\qquad \text{draw the first } k \text{ with } F_k > u$$

The piece has length $p_k$, so $u$ falls into it with probability $p_k$.
"""

# %%
plots.cdf(names, np.cumsum(p_said), u=0.6, chosen=ex.inverse_transform(p_said, 0.6))
show("Five bars, each starting where the one before ended, from 0 to 1; the dashed line at u = 0.6 meets the third.")

# %% [markdown]
r"""
Each bar is one token's piece. The dashed line at height $u$ meets exactly one of them. Move it:
"""

# %%
from course_utils.explore import language_models as explore

explore.draw_by_u(names, p_said)

# %% [markdown]
r"""
### Build: exercise 1.3

Return the index that $u$ draws. Mind the borders: a piece includes its lower end and not its upper one.
"""


# %% answer="1.3"
def inverse_transform(p: np.ndarray, u: float) -> int:
    """The first index at which the cumulative sum of the probabilities p (V,) exceeds u, with 0 <= u < 1."""
    ### BEGIN SOLUTION
    F = np.cumsum(p)
    return int(np.argmax(F / F[-1] > u))
    ### END SOLUTION


# %% check="1.3"
ex.inverse_transform.check(inverse_transform)

# %% [markdown] solution="1.3"
r"""
**Why this and not that.** `np.argmax` of booleans is the place of the first `True`.
With `>=`, a token of probability 0 could be drawn:
its piece is empty, but its upper end equals the lower end of the next, and $u$ may lie exactly there
(at $u = 0$, for instance). `np.searchsorted(F / F[-1], u, side="right")` finds the same index by bisection,
faster for a large vocabulary.
Why divide by the last sum? Rounding can leave it a hair below 1.
A $u$ in that gap would find no `True` at all, and `np.argmax` would answer 0, the first token.
The check accepts answers without it, because a random $u$ hardly ever falls there.
"""

# %% [markdown]
r"""
Does it draw with the right frequencies? 10,000 draws, beside the one-line way that NumPy offers:
"""

# %%
u = rng.random(10_000)
ours = np.bincount([ex.inverse_transform(p_said, x) for x in u], minlength=5) / len(u)
library = np.bincount(rng.choice(5, size=len(u), p=p_said), minlength=5) / len(u)
for row in zip(names, p_said.round(3), ours, library):
    print("{:10} p = {:.3f}   ours {:.4f}   rng.choice {:.4f}".format(*row))
assert np.all(abs(ours - p_said) < 4 * np.sqrt(p_said * (1 - p_said) / len(u)))

# %% [markdown]
r"""
All within the scatter that 10,000 draws have. And the same trigram, now drawing its words:
"""


# %%
def draw(p):
    return int(rng.choice(len(p), p=p))


print(write(trigram, draw, 40))

# %% [markdown]
r"""
No loop any more. But a trigram sees two words only: look for the places where it lost the thread.

### Temperature

Between argmax and plain sampling lies a scale.
Treat log-probabilities (or a network's logits) as scores $a_v$ and divide them by a **temperature** $\tau$:

$$p_v(\tau) = \operatorname{softmax}(a / \tau)_v \;\propto\; p_v^{1/\tau}$$

$\tau < 1$ sharpens, $\tau > 1$ flattens, $\tau \to 0$ tends to argmax, $\tau \to \infty$ to an even choice.

### Build: exercise 1.4
"""


# %% answer="1.4"
def softmax_at(a: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (..., V) of the scores a (..., V) at temperature tau > 0: softmax(a / tau)."""
    ### BEGIN SOLUTION
    a = a / tau
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="1.4"
ex.softmax_at.check(softmax_at)

# %% [markdown] solution="1.4"
r"""
**Why this and not that.** Differences of scores are what softmax sees;
dividing by a small $\tau$ makes them large, so the best token takes more.
Multiplying is the most common slip, and it is hard to notice, because the text still looks like text.
Dividing *after* the softmax does nothing that survives normalising.
And a small $\tau$ makes large numbers, so the stable softmax of lesson 00 is a must.
"""

# %% [markdown]
r"""
The five words again. **Predict** at which of the temperatures 0.3, 1 and 5 "said" gets the tallest bar.
"""

# %%
taus = (0.3, 1, 5)
plots.temperatures(names, taus, [ex.softmax_at(np.log(p_said), tau) for tau in taus])
show("For each of five words three bars side by side: its probability at temperatures 0.3, 1 and 5.")

# %% [markdown]
r"""
At 0.3, which leaves little to the others; the order of the words never changes. Move the temperature yourself:
"""

# %%
explore.temperature(names, np.log(p_said))

# %% [markdown]
r"""
And what it does to a text:
"""

# %%
for tau in (0.3, 1, 2):
    print(f"τ = {tau}:", write(trigram, lambda p, tau=tau: draw(ex.softmax_at(np.log(p), tau)), 24))

# %% [markdown]
r"""
Cold text is fluent and monotonous, hot text is rich and falls apart.
Temperature trades one against the other; it does not make the model any better. For that, we have to measure.

## 4. How good is it?

Show the model a text that it has not seen, and ask how probable it finds each token that really comes.
The mean of $-\log p$ is the **cross-entropy**, our loss from here to the last lesson:

$$L = -\frac{1}{T} \sum_{t=1}^{T} \ln p(w_t \mid w_1, \dots, w_{t-1}) \quad \text{nats per token}$$

With the logarithm to base 2 the same loss is measured in *bits*: nats divided by $\ln 2$.
**Perplexity** undoes the logarithm, and for that it needs to know the base:

$$\text{perplexity} = e^{\text{nats}} = 2^{\text{bits}}$$

Either way it is the same number: the number of equally probable tokens that would be as hard to guess.
Mixing the two, $2^{\text{nats}}$ or $e^{\text{bits}}$, gives a wrong number that looks plausible.

### Build: exercise 1.5
"""


# %% answer="1.5"
def perplexity(log_p: np.ndarray, base: float = np.e) -> float:
    """Perplexity of a text from log_p (T,), the logarithm to `base` of the probability of each of its tokens."""
    ### BEGIN SOLUTION
    return base ** -np.mean(log_p)
    ### END SOLUTION


# %% check="1.5"
ex.perplexity.check(perplexity)

# %% [markdown] solution="1.5"
r"""
**Why this and not that.** The mean has to be taken while the numbers are logarithms:
perplexity is one over the *geometric* mean of the probabilities.
Averaging $1/p$ instead is ruled by the few worst tokens; averaging $p$ hardly notices them.
A sum in place of the mean would give a text twice as long the square of its perplexity.
"""

# %% [markdown]
r"""
Four models on the validation part of our text.
**Predict** the perplexity of the first, which finds all $V$ tokens equally probable.
"""

# %%
scored = {"uniform": np.full(len(validation), -np.log(V))}
scored |= {f"{n}-gram, k = 0.1": NGram(n, V, "add-k", k=0.1).fit(train).log_prob(validation) for n in (1, 2, 3)}
for name, log_p in scored.items():
    nats, bits = -log_p.mean(), -log_p.mean() / np.log(2)
    print(f"{name:18} {nats:.3f} nats = {bits:.3f} bits   perplexity {ex.perplexity(log_p):6.2f} = {2**bits:6.2f}")

# %% [markdown]
r"""
An even choice among $V$ has perplexity $V$. One word of context cuts it to a fraction;
two words of context make it *worse*.
The trigram has so many contexts that it has seen many of them once or never, and add-k pulls those
towards an even choice among all $V$ words.
Section 5 cures that.

### Train, validation, test

Three parts of the data, three purposes. Count (later: fit weights) on **train**.
Choose what cannot be counted, such as $n$ and $k$, on **validation**.
Report **test** once, at the end: after a choice, the validation score is a little flattered,
because the choice was made to suit it (also where the test part happens to be the easier text of the two).
"""


# %%
def loss(k, part):
    return NGram(2, V, "add-k", k).fit(train).cross_entropy(part)


ks = (10, 1, 0.1, 0.03, 0.01, 0.001)
for k in ks:
    print(
        f"k = {k:<6} perplexity on train {np.exp(loss(k, train)):6.2f}, on validation {np.exp(loss(k, validation)):6.2f}"
    )
best_k = min(ks, key=lambda k: loss(k, validation))
print(f"chosen: k = {best_k}; reported, on test: {np.exp(loss(best_k, test)):.2f}")

# %% [markdown]
r"""
On the training text, less smoothing is always better, down to none. The validation text knows better:
it has a best $k$ in between.

### A baseline, always

Is a model that names the right word 20 % of the time any good?
That depends on what a model without any idea achieves:
one that always answers with **the most frequent class**. Keep this as a rule for every later lesson:
no accuracy without that baseline beside it.
"""

# %%
most_frequent = np.bincount(train).argmax()
guess = ex.add_k(train, V, best_k).argmax(axis=1)
baseline, accuracy = np.mean(validation == most_frequent), np.mean(guess[validation[:-1]] == validation[1:])
print(
    f"always {grammar.VOCABULARY.symbols[most_frequent]!r}: {baseline:.1%} right; the bigram's first choice: {accuracy:.1%}"
)

# %% [markdown]
r"""
### Bits per character

Perplexities compare only over the same tokens:
the next letter is easier to guess than the next word, and there are more letters to guess.
What compares is the total cost of the same text, shared out over its characters: **bits per character**.
Here a model of words and one of characters score the same validation text (both smoothed as section 5 explains).
"""

# %%
from course_utils.vocabulary import Vocabulary


def as_text(ids):
    return "".join(word + " " for word in grammar.VOCABULARY.decode(ids))


letters = Vocabulary.from_text(as_text(train))
by_word = NGram(3, V).fit(train).log_prob(validation)
by_letter = NGram(9, len(letters)).fit(letters.encode(as_text(train))).log_prob(letters.encode(as_text(validation)))
for name, log_p in (("words, 3-gram, Kneser-Ney", by_word), ("letters, 9-gram, Kneser-Ney", by_letter)):
    bits_per_character = -log_p.sum() / np.log(2) / len(as_text(validation))
    print(f"{name:28} perplexity {ex.perplexity(log_p):5.2f} per token   {bits_per_character:.3f} bits per character")

# %% [markdown]
r"""
The perplexities differ by a factor of more than ten and say nothing about which model is better.
The bits per character do: here the words pay less for the same text, although each of them is harder to guess.

### The floor

Suppose that the text comes from a source with probabilities $p$, and the model believes $q$. On average it pays

$$\mathbb{E}_p[-\log q] \;=\; \underbrace{\mathbb{E}_p[-\log p]}_{H,\ \text{entropy of the source}}
+ \underbrace{\mathbb{E}_p\!\left[\log \frac{p}{q}\right]}_{\ge\, 0,\ \text{zero only for } q = p}$$

The second term, the Kullback-Leibler divergence, is what the model does wrong. It is never negative: as $\ln x \le x - 1$,
$\mathbb{E}_p[\ln (q/p)] \le \sum p\,(q/p - 1) \le 0$. The first term is not the model's fault:
**the entropy of the source is a floor that no model can beat** in the long run,
and a model that reaches it is perfect.
For real language nobody knows it exactly. For our grammar we do:
"""

# %%
floor = grammar.token_entropy()
per_character = floor * len(validation) / len(as_text(validation))
print(f"{floor:.4f} bits per token, a perplexity of {2**floor:.2f}, or {per_character:.3f} bits per character")

# %% [markdown]
r"""
So the best bigram above, at nearly twice that perplexity, pays about one bit per token for its own faults,
and the other four are the source's nature.

## 5. What to believe about the unseen?

Add-k has two faults: it gives too much away, and it gives to all alike.
**Kneser-Ney smoothing** repairs both, and long remained the best that counting could do.

### How much to take away: the discount

Cut the documentation into two halves, in alternating blocks of 100 words.
Take all pairs that occur $r$ times in the first half.
**Predict**: how often do they occur in the second half, on average?
"""

# %%
from itertools import pairwise

blocks = np.array(words[: len(words) // 200 * 200]).reshape(-1, 2, 100)
one, other = (Counter(pairwise(blocks[:, half].ravel().tolist())) for half in (0, 1))
r = np.arange(1, 7)
later = np.array([np.mean([other[pair] for pair in one if one[pair] == times]) for times in r])
n1, n2 = (sum(times == c for times in one.values()) for c in (1, 2))
d = n1 / (n1 + 2 * n2)
print("loses:", (r - later).round(2), f"  n1 = {n1}, n2 = {n2}, d = {d:.3f}")

# %% [markdown]
r"""
The formula for $d$ follows below the figure.
"""

# %%
plots.held_out_counts(r, later, d)
show("Mean count in the other half against the count r in one half: points run along the diagonal, about one below it.")
assert np.all(later < r) and np.all(r - later < 2)

# %% [markdown]
r"""
A pair that was seen $r$ times comes back less often, by *about a half for $r = 1$ and about one beyond*,
however large $r$ is.
What is missing went to pairs that the first half had not seen.
So **absolute discounting** takes the same $d$ from every count: $\max(c(u\,w) - d, 0)$.

Which $d$? Leave out each token of the text once and predict it from all the others.
A pair with count $r$ is then left with $r - 1$, and so has probability proportional to $r - 1 - d$;
a pair with count 1 has become unseen, and its probability is proportional to the $d$ that was taken away.
With $n_r$ for the number of different pairs with count $r$, the log-likelihood is
(what does not depend on $d$ is in the constant; the share that interpolation adds below is ignored,
and contexts that occurred only once are treated like the others)

$$n_1 \ln d + 2 n_2 \ln(1 - d) + 3 n_3 \ln(2 - d) + \dots + \text{const}$$

Set the derivative to zero and drop the terms from $n_3$ on, which would make $d$ a little smaller:
$n_1 / d = 2 n_2 / (1 - d)$, hence (Ney, Essen and Kneser 1994)

$$d = \frac{n_1}{n_1 + 2 n_2}$$

It is a compromise, as the figure shows: a count of 1 loses less than a count of 2 or 3.
Chen and Goodman (1999) therefore give a discount each to counts 1, 2, and 3 or more: *modified* Kneser-Ney.

### How to share it out: interpolation

After $u$, each of the $N(u\,\cdot)$ different words seen there lost $d$.
That mass goes to a broader distribution $p'$ that does not look at $u$:

$$p(w \mid u) = \frac{\max(c(u\,w) - d,\ 0)}{c(u)} + \frac{d\, N(u\,\cdot)}{c(u)}\; p'(w)$$

Sum over $w$ to see that it is a distribution: the first part gives $1 - d N(u\,\cdot)/c(u)$, the second the rest.

### Whom to give it to: continuation counts

The obvious $p'$ is the frequency of $w$. Why is that wrong?
"Francisco" is a frequent word in a newspaper, but it follows "San" and hardly anything else.
After "San", the bigram knows it anyway. After a word that was never followed by "Francisco",
its frequency is misleading.

Kneser and Ney (1995) put it as a demand: averaged over its contexts,
the model should say each word as often as the text does, $\sum_u c(u)\, p(w \mid u) = c(w)$. Insert the formula:

$$c(w) - d\, N(\cdot\, w) + d\, N(\cdot\,\cdot)\; p'(w) = c(w)
\quad\Longrightarrow\quad p'(w) = \frac{N(\cdot\, w)}{N(\cdot\,\cdot)}$$

$N(\cdot\,w)$ is the number of *different* words seen before $w$, its **continuation count**,
and $N(\cdot\,\cdot)$ the number of different pairs.
So what matters is not how often a word occurs but in how many contexts. Who is the Francisco of the documentation?
"""

# %%
kinds = Counter(word for _, word in set(pairwise(words)))
common = [word for word in frequency if frequency[word] >= 100]
tied = sorted(common, key=lambda word: kinds[word] / frequency[word])[:4]
for word in tied:
    before, times = Counter(u for u, w in pairwise(words) if w == word).most_common(1)[0]
    print(
        f"{word:10} occurs {frequency[word]:4} times, after {kinds[word]:3} different words; {times} times after {before!r}"
    )

# %% [markdown]
r"""
Read the next figure with these four in mind.
A word on the dotted line would have a new neighbour before it every time.
"""

# %%
plots.continuations(frequency, kinds, tied)
show("Each word as a dot: occurrences against different words before it, on log axes. Four marked ones lie far below.")
assert kinds["same"] < frequency["same"] / 4

# %% [markdown]
r"""
The marked words lie far below the cloud: frequent, but bound to a few neighbours ("same" comes after "the",
and after little else).
Their frequency promises more than it delivers elsewhere.

### Build: exercise 1.6
"""


# %% answer="1.6"
def continuation(C: np.ndarray) -> np.ndarray:
    """Continuation probability (V,) of every word w: its share of the different pairs u w in the counts C[u, w] (V, V)."""
    ### BEGIN SOLUTION
    kinds = (C > 0).sum(axis=0)
    return kinds / kinds.sum()
    ### END SOLUTION


# %% check="1.6"
ex.continuation.check(continuation)

# %% [markdown] solution="1.6"
r"""
**Why this and not that.** `C > 0` forgets how often; summing over `axis=0` runs over the words *before* each $w$.
With `axis=1` one would count how many different words come *after*, a fair question about another thing:
that number is $N(u\,\cdot)$ in the weight.
"""

# %% [markdown]
r"""
### Build: exercise 1.7

Put it together for bigrams: discount, weight, lower distribution. Take $d = n_1 / (n_1 + 2 n_2)$ from the whole table `C`,
which holds at least one count of 1.
A word after which nothing was ever seen has $c(u) = 0$; that row of the result is `lower`, which is all we know there.
"""


# %% answer="1.7"
def kneser_ney(C: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Interpolated Kneser-Ney p(w | u), (V, V), from the counts C[u, w] (V, V) and lower (V,); an empty row u gets lower."""
    ### BEGIN SOLUTION
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)  # (V, 1)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    mixed = (np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)
    ### END SOLUTION


# %% check="1.7"
ex.kneser_ney.check(kneser_ney)

# %% [markdown] solution="1.7"
r"""
**Why this and not that.** The weight has to be $d$ times the *number of different words after $u$*:
each of them lost $d$, and only so do the rows sum to one.
`np.maximum(total, 1)` keeps the division harmless in rows that `np.where` replaces anyway;
`np.where` computes both sides, so a bare `/ total` would still divide by zero.
`lower` of shape `(V,)` broadcasts along the rows; `kinds` keeps its axis, `(V, 1)`, and broadcasts along the columns.
"""

# %% [markdown]
r"""
Does it keep what Kneser and Ney demanded? Count the pairs of the training text
and average the model over its contexts,
once with continuation counts below, once with plain frequencies:
"""

# %%
C = np.zeros((V, V), int)
np.add.at(C, (train[:-1], train[1:]), 1)
for name, lower in (("continuation counts", ex.continuation(C)), ("frequencies", C.sum(axis=0) / C.sum())):
    expected = C.sum(axis=1) @ ex.kneser_ney(C, lower)
    print(f"{name:20} largest error in a word's expected count: {abs(expected - C.sum(axis=0)).max():.4f}")

# %% [markdown]
r"""
With continuation counts every word keeps its frequency exactly; with plain frequencies the worst is off by hundreds.

For longer contexts the same step is repeated:
the lower distribution is itself a Kneser-Ney model of one token less, on continuation counts,
down to single words, which are mixed with $1/V$. `NGram(n, V, "kneser-ney")` does that;
at $n = 2$ it is your exercise:
"""

# %%
bigram = NGram(2, V, "kneser-ney").fit(train)
built = ex.kneser_ney(C, lower=bigram.probs([]))
assert np.allclose(built, [bigram.probs([u]) for u in range(V)], rtol=0, atol=1e-12)
print("exercise 1.7 and the library agree in all", built.size, "probabilities")

# %% [markdown]
r"""
Now the picture of this lesson: perplexity against $n$, on the training text and on text that was never seen,
and the floor beneath.
**Predict** for each of the four curves whether it falls or rises.
"""

# %%
ns = range(1, 7)
fitted = {
    "add-0.1": [NGram(n, V, "add-k", 0.1).fit(train) for n in ns],
    "Kneser-Ney": [NGram(n, V).fit(train) for n in ns],
}
curves = {
    name: [[np.exp(model.cross_entropy(part)) for model in models] for part in (train, validation)]
    for name, models in fitted.items()
}
plots.perplexity_against_n(ns, curves, 2**floor)
show("Perplexity against n: add-0.1 and Kneser-Ney, each on training and on validation text, and a line for the floor.")

# %% [markdown]
r"""
The same in numbers:
"""

# %%
for name, parts in curves.items():
    for part, values in zip(("training", "validation"), parts):
        print(f"{name:11} {part:11}", *(f"{x:7.2f}" for x in values))
on_text, on_new = curves["Kneser-Ney"]
assert on_text[5] < 2**floor < min(on_new) < min(curves["add-0.1"][1]) and np.argmin(on_new) == 2

# %% [markdown]
r"""
Dashed, the training text: Kneser-Ney falls *below the floor*. That is no miracle, it is memorising:
the model has the text in its counts. Add-0.1 falls and then rises even here:
a context that was seen once has a count of 1 against $0.1\,V \approx 25$ that are only pretended.

Solid, unseen text: add-k is best at $n = 2$ and collapses beyond.
Kneser-Ney is best with two words of context ($n = 3$) and loses only a little beyond.
A gap down to the floor stays, for two reasons: counts do not know which words are alike (lesson 02),
and they cannot use what is further back (section 6).

## 6. How far back must one look?

> the students opened their ___
>
> as the proctor started the clock, the students opened their ___

*Books, laptops, mouths* will do for the first.
In the second an exam is about to begin, and *proctor*, eight words back, says so.
A model that looks at four words cannot tell the two apart. Our grammar has a case that can be measured:
the verb agrees with its subject, however far away it is.
"""

# %%
forms = grammar.VOCABULARY.encode(["are", "is"])
for text in ("the dogs", "the dogs near the garden", "the dogs near the small garden"):
    context = grammar.VOCABULARY.encode([grammar.END, *text.split()])
    known = {f"{n}-gram": fitted["Kneser-Ney"][n - 1].probs(context) for n in (2, 5)}
    known["exact"] = grammar.next_token_distribution(text.split())
    print(f"{text:31}", *("{}: are {:.3f} is {:.3f}  ".format(name, *q[forms]) for name, q in known.items()))

# %% [markdown]
r"""
The exact probability of "is" is zero in all three. The bigram only leans the right way while "dogs" is the word before:
it has read "dogs is" too, where the subject stood further back. After "garden" it cannot tell, and offers both forms.
The 5-gram still sees "dogs" in the second text and leans the right way;
in the third, "dogs" has left its window, and it offers both forms as well.

### Three sources of 0s and 1s

To see memory itself, strip everything else away. Three sources, each with two symbols:

- **golden mean**: after a 0 always a 1, after a 1 toss a coin. Never two 0s in a row.
- **even**: toss a coin, and write one 0 or else two 1s; again and again. So 1s come in runs of even length.
- **RRXOR**: toss two coins, then write their exclusive or (1 if they differ);
  again and again, without a mark where a triple begins.

As machines they look like this. **Predict** which of them needs the longest memory:
"""

# %%
from course_utils.plots.machines import machines
from course_utils.tasks.processes import PROCESSES

machines({name: process.T for name, process in PROCESSES.items()})
show("Three machines: golden mean and even with two states A and B each, RRXOR with five, arrows labelled by symbols.")

# %% [markdown]
r"""
Circles are hidden states. An arrow writes a symbol, grey a 0 and blue a 1, with the probability behind the colon;
an arrow without one is certain. We see the symbols only, 50 of each source here:
"""

# %%
plots.strips({name: process.sample(rng, 50) for name, process in PROCESSES.items()})
show("Three strips of 50 squares: no two light in a row; dark runs of even length; RRXOR without visible structure.")

# %% [markdown]
r"""
Light is 0, dark is 1. Check that no two light squares touch in the first strip,
and that the dark runs of the second have even length (those at the two ends may be cut).

How many bits per symbol do they have? In the golden mean a coin is tossed after every 1,
and in the long run 2/3 of all symbols are 1s: 2/3 of a bit.
The even process tosses in 2/3 of its steps, too. RRXOR tosses two coins for three symbols.
**All three have the same floor**:
"""

# %%
for name, process in PROCESSES.items():
    ones, rate = process.stationary @ process.T[1].sum(axis=1), process.entropy_rate
    print(f"{name:12} share of 1s {ones:.4f}   entropy rate {rate:.4f} bit per symbol   perplexity floor {2**rate:.4f}")
    assert round(2**rate, 4) == 1.5874

# %% [markdown]
r"""
What differs is how much of the past one needs.
Let $h_k$ be the entropy of the next symbol once the $k$ symbols before it are known:
the best that *any* model with a window of $k$ can do.
It can be computed exactly, by walking through all blocks of $k + 1$ symbols.
**Predict** for each source the $k$ at which $h_k$ reaches 2/3.
"""

# %%
h = {name: [process.h(k) for k in range(13)] for name, process in PROCESSES.items()}
for name, values in h.items():
    print(f"{name:12} h_0 = {values[0]:.4f}  h_1 = {values[1]:.4f}  h_4 = {values[4]:.4f}  h_12 = {values[12]:.4f}")

# %% [markdown]
r"""
Do models that count get there? For each source, Kneser-Ney models of several orders;
an n-gram sees $k = n - 1$ symbols.
"""

# %%
from course_utils.studies import scoreboard

sources = scoreboard.sources(np.random.default_rng(0))
measured = {name: {n - 1: scoreboard.ngram_bits(sources[name], n) for n in (1, 2, 3, 5, 7, 9)} for name in PROCESSES}
plots.memory(h, 2 / 3, measured)
show(
    "Entropy h_k against k: golden mean at 2/3 bit from k = 1, even decays towards it, RRXOR last; circles lie on the lines."
)
worst = max(abs(measured[name][k] - h[name][k]) for name in measured for k in measured[name])
print(f"largest distance of a circle from its line: {worst:.4f} bit")
assert worst < 0.01 and abs(h["golden mean"][1] - 2 / 3) < 1e-12
assert (round(h["even"][12], 4), round(h["RRXOR"][12], 4)) == (0.6706, 0.7069)

# %% [markdown]
r"""
Lines are exact, circles are what counting reached, and the circles sit on the lines:
the theory predicts the practice.

- *Golden mean*: one symbol is enough. A bigram is perfect.
- *Even*: after a long run of 1s a window full of 1s does not tell whether the run is odd or even so far.
  Each longer window helps in fewer cases, and no finite one reaches the floor.
  Yet once a 0 has been seen, a *single bit* carried along from symbol to symbol would do: state A or state B?
- *RRXOR*: one symbol tells nothing at all. Where a triple begins has to be guessed from a long past,
  and a past of 0s alone never tells, so no finite $k$ reaches the floor here either.
  What would do is to carry along how probable each of the five states is.

### The scoreboard

Now all four sources, and one more model: the *window* model of lesson 02,
a small neural network that sees the last four tokens, as a 5-gram does.
Bits per token on test text; about 50,000 tokens of each source to train on (section 4 had more of the grammar):
"""


# %%
def bits_of(source):
    row = {name: scoreboard.ngram_bits(source, n) for name, n in (("unigram", 1), ("bigram", 2), ("5-gram", 5))}
    return row | {"window": scoreboard.window_bits(source, np.random.default_rng(0))}


scores = {name: bits_of(source) for name, source in sources.items()}
print(f"{'':12}" + "".join(f"{name:>9}" for name in [*scores["even"], "floor", "best"]))
for name, row in scores.items():
    print(f"{name:12}" + "".join(f"{x:9.4f}" for x in [*row.values(), sources[name].floor, sources[name].best]))

# %% [markdown]
r"""
*best* is what the source's own probabilities pay on this very test text:
a finite text may be a little luckier or unluckier than the floor.
"""

# %%
plots.scoreboard(scores, {name: source.floor for name, source in sources.items()})
show(
    "Bits per token of four models on four sources: a bigram reaches the golden mean's floor, nothing reaches the others."
)
assert scores["golden mean"]["bigram"] - sources["golden mean"].best < 0.01
assert min(scores["even"].values()) > 0.7 and min(scores["RRXOR"].values()) > 0.8
assert (
    sources["grammar"].best < scores["grammar"]["window"] < scores["grammar"]["5-gram"] < scores["grammar"]["unigram"]
)

# %% [markdown]
r"""
The line at the left of each panel is the floor. One source falls to a bigram;
the two with longer memory keep a gap that no window of four closes, counted or learned.
On the grammar the window model beats the 5-gram although both see the same four words:
it has learned which words are alike (lesson 02 shows how).
To close the gaps, a model has to carry something along instead of looking back through a window.
That is what a recurrent network does, from lesson 03 on.

### Is 1.59 good?

Someone reports a perplexity of 1.59. On these three sources it would be perfect:
$2^{2/3} = 1.5874$, and in the long run nobody will ever do better.
For tosses of a fair coin, whose floor is 2, it would be a mistake in the program.
For a source that repeats one symbol it would be poor.
A perplexity says little by itself. It says more beside a baseline, and most beside a floor.

### Published numbers

For real language the floor is unknown, so models are compared with each other.
One Billion Word (Chelba et al. 2013) is English news:
some 0.8 billion words to train on, a vocabulary of about 800,000, sentences in shuffled order.
The numbers are test perplexities *per word*, lower is better, each for a single model.
All ten are collected in Grave et al. (2016, *Efficient softmax approximation for GPUs*), table 2;
each bar names its own source.
"""

# %%
one_billion_words = [
    ("interpolated Kneser-Ney 5-gram", "counting", 67.6, "Chelba 2013"),
    ("sparse non-negative matrix", "counting", 52.9, "Shazeer 2015"),
    ("feed-forward + D-Softmax", "window", 91.2, "Chen 2015"),
    ("4-layer IRNN-512", "vanilla RNN", 69.4, "Le 2015"),
    ("RNN-2048 + BlackOut", "vanilla RNN", 68.3, "Ji 2015"),
    ("RNN-1024 + MaxEnt 9-gram", "vanilla RNN", 51.3, "Chelba 2013"),
    ("LSTM-2048", "LSTM", 43.9, "Grave 2016"),
    ("LSTM-2048-512", "LSTM", 43.7, "Jozefowicz 2016"),
    ("2-layer LSTM-2048", "LSTM", 39.8, "Grave 2016"),
    ("2-layer LSTM-8192-1024 + CNN inputs", "LSTM", 30.0, "Jozefowicz 2016"),
]
plots.published(one_billion_words)
show(
    "Ten published perplexities: feed-forward 91.2, plain RNNs and the 5-gram near 68, two near 52, LSTMs 43.9 to 30.0."
)

# %% [markdown]
r"""
A carefully smoothed 5-gram (67.6) is ahead of a neural window model and on a par with plain recurrent networks,
which explains why counting was so hard to displace.
(The recurrent model at 51.3 is trained together with a log-linear model of n-grams up to nine words.)
What left it behind was the LSTM: recurrent networks whose memory reaches further, the subject of lesson 07.

## What we learned

- A language model gives the next token a probability;
  by the chain rule it scores whole texts, and by drawing tokens it writes them.
- Counts are sparse. Kneser-Ney discounts what was seen and gives to words that appear in many contexts;
  more context than a few words stays out of reach.
- Cross-entropy, perplexity (name its base) and bits per character are one measure.
  Read it between a baseline above and the entropy of the source below.

## Go further

- Shannon 1951, *Prediction and entropy of printed English*:
  people as language models, and an estimate of the floor of English.
- Chen and Goodman 1999, *An empirical study of smoothing techniques for language modeling*: why Kneser-Ney won.
- Crutchfield and Feldman 2003, *Regularities unseen, randomness observed*:
  how $h_k$ falls, and what it tells about memory.

**Next:** lesson 02 replaces counts by a small neural network over the same window, and learns which words are alike.
"""

"""Lesson 01: score a text, count, smooth, draw, and measure."""

import numpy as np

from .definition import case, exercise


@exercise(
    "1.1",
    points=2,
    hints=(
        "The chain rule is a product of one factor for each word; its logarithm is a sum. Which array holds which factor?",
        "The first word has nothing before it: first[ids[0]]. The pairs (word before, word) are ids[:-1] beside ids[1:].",
        "following[ids[:-1], ids[1:]] picks all T - 1 later factors at once: take logs, sum, and add the log of the first.",
    ),
)
def sentence_log_prob(ids: np.ndarray, first: np.ndarray, following: np.ndarray) -> float:
    """log p in nats of ids (T,), with first (V,) for the first word and following[u, w] (V, V) = p(w | u)."""
    return np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.cases
def _(rng):
    table = lambda V: rng.dirichlet(np.ones(V), size=V + 1)  # noqa: E731
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3], [0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
    yield case("three words, three factors", np.array([1, 0, 2]), p[0], p[1:])
    yield case("a single word has only the first factor", np.array([2]), p[0], p[1:])
    p = table(5)
    yield case("seven words", rng.permutation(7) % 5, p[0], p[1:])
    yield case("the same word again and again", np.full(6, 3), p[0], p[1:])
    yield case("200 words", rng.integers(0, 5, 200), p[0], p[1:])
    p = table(40)
    yield case("2,000 words: the probability is too small for a float, its logarithm is not",
               rng.integers(0, 40, 2000), p[0], p[1:])  # fmt: skip
    never = np.array([[0.5, 0.5], [0.0, 1.0], [0.5, 0.5]])
    yield case("one factor is 0: the text is impossible, log p = -inf", np.array([1, 0, 0, 1]), never[0], never[1:])


@sentence_log_prob.mistake("the first word is missing: its factor is first[ids[0]], because nothing stands before it")
def _(ids, first, following):
    return np.log(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.mistake(
    "the product of so many probabilities is rounded to 0, whose log is -inf: take logs first, then sum"
)
def _(ids, first, following):
    return np.log(first[ids[0]] * np.prod(following[ids[:-1], ids[1:]]))


@sentence_log_prob.mistake(
    "the table is read the wrong way round: following[u, w] has the word before first, then the word"
)
def _(ids, first, following):
    return np.log(first[ids[0]]) + np.log(following[ids[1:], ids[:-1]]).sum()


@sentence_log_prob.mistake(
    "each word is scored by following[word, word], as if it came after itself: shift the two by one place"
)
def _(ids, first, following):
    return np.log(first[ids[0]]) + np.log(following[ids[1:], ids[1:]]).sum()


@sentence_log_prob.mistake(
    "every word is scored by `first`, as if nothing stood before it: then the order of the words would not matter"
)
def _(ids, first, following):
    return np.log(first[ids]).sum()


@sentence_log_prob.mistake("this is the mean over the words; the score of a whole text is the sum")
def _(ids, first, following):
    return (np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum()) / len(ids)


@sentence_log_prob.mistake(
    "the sign is turned: log p of a text is not above 0, and a more probable text has the larger one"
)
def _(ids, first, following):
    return -(np.log(first[ids[0]]) + np.log(following[ids[:-1], ids[1:]]).sum())


@sentence_log_prob.mistake(
    "this is the probability itself, which is rounded to 0 for a long text; return its logarithm"
)
def _(ids, first, following):
    return first[ids[0]] * np.prod(following[ids[:-1], ids[1:]])


@sentence_log_prob.mistake(
    "something small is added before the log, so an impossible text seems possible: log 0 = -inf is the right answer"
)
def _(ids, first, following):
    return np.log(first[ids[0]] + 1e-12) + np.log(following[ids[:-1], ids[1:]] + 1e-12).sum()


@sentence_log_prob.mistake("these are bits, logarithms to base 2; nats take np.log, the natural logarithm")
def _(ids, first, following):
    return np.log2(first[ids[0]]) + np.log2(following[ids[:-1], ids[1:]]).sum()


@sentence_log_prob.variant
def _(ids, first, following):
    total = np.log(first[ids[0]])
    for t in range(1, len(ids)):
        total = total + np.log(following[ids[t - 1], ids[t]])
    return total


@sentence_log_prob.variant
def _(ids, first, following):
    rows = np.vstack([first, following[ids[:-1]]])
    return np.log(rows[np.arange(len(ids)), ids]).sum()


@exercise(
    "1.2",
    points=2,
    hints=(
        "Start from a table that is full of k, then add 1 for every pair of neighbours in ids.",
        "C[ids[:-1], ids[1:]] += 1 adds 1 only once, however often a pair occurs. np.add.at, or a loop, adds every time.",
        "C = np.full((V, V), float(k)); np.add.at(C, (ids[:-1], ids[1:]), 1); then divide each row by its own sum.",
    ),
)
def add_k(ids: np.ndarray, V: int, k: float) -> np.ndarray:
    """Bigram table p[u, w] = (c(u w) + k) / (c(u) + k V), (V, V), from the neighbours in ids (N,); k > 0."""
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=1, keepdims=True)


@add_k.cases
def _(rng):
    yield case("a b a b a, with k = 1", np.array([0, 1, 0, 1, 0]), 2, 1.0)
    yield case("a pair that occurs many times", np.array([0, 1, 1, 1, 1, 0, 2, 0, 1, 1]), 3, 0.5)
    yield case("a word that no text held", rng.permutation(np.arange(12) % 4), 6, 0.1)
    yield case("a single pair", np.array([2, 0]), 3, 2.0)
    yield case("200 tokens", rng.integers(0, 5, 200), 5, 0.01)


@add_k.mistake(
    "`C[a, b] += 1` with arrays counts each pair once, however often it occurs: NumPy adds to a place one time only"
)
def _(ids, V, k):
    C = np.full((V, V), float(k))
    C[ids[:-1], ids[1:]] += 1
    return C / C.sum(axis=1, keepdims=True)


@add_k.mistake("the rows do not sum to 1: k goes to each of V words, so the divisor grows by k V")
def _(ids, V, k):
    C = np.zeros((V, V))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return (C + k) / (C.sum(axis=1, keepdims=True) + k)


@add_k.mistake("it divides by the sum of each column; p(w | u) sums to 1 over w, along each row")
def _(ids, V, k):
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=0, keepdims=True)


@add_k.mistake("the sums of the rows have shape (V,) and divide the columns: keepdims=True keeps them a column, (V, 1)")
def _(ids, V, k):
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=1)


@add_k.mistake("the table lies on its side: row u is the word before, column w the word that follows")
def _(ids, V, k):
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[1:], ids[:-1]), 1)
    return C / C.sum(axis=1, keepdims=True)


@add_k.mistake(
    "c(u) counts u as a context: the last token of the text has nothing after it, and here its row sums to less than 1"
)
def _(ids, V, k):
    C = np.zeros((V, V))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return (C + k) / (np.bincount(ids, minlength=V)[:, None] + k * V)


@add_k.mistake("k is always 1 here: use the k that is given")
def _(ids, V, k):
    C = np.ones((V, V))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum(axis=1, keepdims=True)


@add_k.mistake("this divides by the number of all pairs, which gives p(u, w); p(w | u) has a sum of 1 in every row")
def _(ids, V, k):
    C = np.full((V, V), float(k))
    np.add.at(C, (ids[:-1], ids[1:]), 1)
    return C / C.sum()


@add_k.variant
def _(ids, V, k):
    C = np.zeros((V, V))
    for t in range(1, len(ids)):
        C[ids[t - 1], ids[t]] += 1
    return (C + k) / (C.sum(axis=1, keepdims=True) + k * V)


@add_k.variant
def _(ids, V, k):
    C = np.bincount(ids[:-1] * V + ids[1:], minlength=V * V).reshape(V, V) + k
    return C / C.sum(axis=1)[:, None]


@add_k.variant
def _(ids, V, k):
    rows = np.eye(V)[ids]
    C = rows[:-1].T @ rows[1:] + k
    return np.array([row / row.sum() for row in C])


@exercise(
    "1.3",
    points=2,
    hints=(
        "Lay the probabilities end to end along the line from 0 to 1. Which piece does u fall into?",
        "np.cumsum(p) holds the right ends of the pieces, each not part of its piece. You want the first right end above u.",
        "np.argmax on booleans gives the place of the first True: compare F / F[-1] with u, strictly, where F = np.cumsum(p).",
    ),
)
def inverse_transform(p: np.ndarray, u: float) -> int:
    """The first index at which the cumulative sum of the probabilities p (V,) exceeds u, with 0 <= u < 1."""
    F = np.cumsum(p)
    return int(np.argmax(F / F[-1] > u))


@inverse_transform.cases
def _(rng):
    yield case("four tokens in no special order, u in the second piece", np.array([0.125, 0.5, 0.125, 0.25]), 0.3)
    p = np.array([0.25, 0.5, 0.125, 0.125])
    yield case("u in the middle of the second piece", p, 0.5)
    yield case("u near 1 falls into the last piece", p, 0.99)
    yield case("u = 0 falls into the first piece", p, 0.0)
    yield case("u exactly on the border of two pieces belongs to the second of them", p, 0.25)
    yield case("a token of probability 0 is never drawn, not even at u = 0", np.array([0.0, 0.5, 0.5]), 0.0)
    yield case("a token of probability 0 between two others", np.array([0.5, 0.0, 0.5]), 0.5)
    yield case("a single token", np.array([1.0]), 0.7)
    yield case("the largest probability comes first, and u is large", np.array([0.625, 0.25, 0.125]), 0.9)
    for u in (0.02, 0.13, 0.21, 0.34, 0.46, 0.58, 0.71, 0.83):
        yield case(f"seven tokens, u = {u}", rng.dirichlet(np.ones(7)), u)


@inverse_transform.mistake(
    "on a border the wrong piece wins, so a token of probability 0 can be drawn: the sum must *exceed* u, > and not >="
)
def _(p, u):
    return int(np.argmax(np.cumsum(p) >= u))


@inverse_transform.mistake("p is sorted first, so the index belongs to another token: add up p in the order given")
def _(p, u):
    return int(np.argmax(np.cumsum(np.sort(p)) > u))


@inverse_transform.mistake("p is sorted from high to low first, so the index belongs to another token: keep its order")
def _(p, u):
    return int(np.argmax(np.cumsum(np.sort(p)[::-1]) > u))


@inverse_transform.mistake("it compares u with the probabilities themselves; compare it with their cumulative sum")
def _(p, u):
    return int(np.argmax(p > u))


@inverse_transform.mistake("this is argmax: it never looks at u, so it draws the same token every time")
def _(p, u):
    return int(np.argmax(p))


@inverse_transform.mistake(
    "one too far back: this is the last index whose sum does not exceed u; the token drawn is the next one"
)
def _(p, u):
    return int(max(np.sum(np.cumsum(p) <= u) - 1, 0))


@inverse_transform.mistake(
    "this takes u as a place among the V tokens, as if all were equally likely: p has no say in it"
)
def _(p, u):
    return int(u * len(p))


@inverse_transform.mistake("this is the last index at which the sum exceeds u, always the last token; take the first")
def _(p, u):
    return int(np.flatnonzero(np.cumsum(p) > u)[-1])


@inverse_transform.variant
def _(p, u):
    return int(np.argmax(np.cumsum(p) > u))


@inverse_transform.variant
def _(p, u):
    return int(np.searchsorted(np.cumsum(p), u, side="right"))


@inverse_transform.variant
def _(p, u):
    total = 0.0
    for k, p_k in enumerate(p):
        total += p_k
        if total > u:
            return k


@inverse_transform.variant
def _(p, u):
    return np.sum(np.cumsum(p) <= u)


@exercise(
    "1.4",
    points=1,
    hints=(
        "Temperature acts on the scores, before the softmax: which operation makes differences larger when tau is small?",
        "Divide the scores by tau, then take the softmax of lesson 00, with the largest score of each row subtracted.",
        "a = a / tau; e = np.exp(a - a.max(axis=-1, keepdims=True)); then divide e by its sum over the last axis.",
    ),
)
def softmax_at(a: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (..., V) of the scores a (..., V) at temperature tau > 0: softmax(a / tau)."""
    a = a / tau
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.cases
def _(rng):
    yield case("tau = 1 is the softmax itself", rng.standard_normal(4), 1.0)
    yield case("tau = 2 brings the shares closer together", np.array([2.0, 0.0, -1.0]), 2.0)
    yield case("tau = 0.5 drives them apart", np.array([2.0, 0.0, -1.0]), 0.5)
    yield case("rows of scores, each for itself", rng.standard_normal((2, 3)), 0.7)
    yield case("a very small tau, which makes large scores", np.array([3.0, 1.0, 2.0]), 0.001)
    yield case("scores in the thousands", np.array([2000.0, 1998.0, 1999.0]), 1.0)
    yield case("float32 stays float32", rng.standard_normal((2, 3)).astype(np.float32), 1.5)


@softmax_at.mistake(
    "it multiplies by tau, so a low temperature flattens and a high one sharpens: divide the scores by tau"
)
def _(a, tau):
    a = a * tau
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.mistake(
    "it divides the probabilities by tau, so they no longer sum to 1: divide the scores, before the softmax"
)
def _(a, tau):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) / tau


@softmax_at.mistake("tau has no effect: a factor on e cancels when it is divided by its sum; divide the scores by tau")
def _(a, tau):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.mistake(
    "it overflows at a small tau: a / tau is large there. Subtract the largest score of each row, as in lesson 00"
)
def _(a, tau):
    e = np.exp(a / tau)
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.mistake(
    "it overflows at a small tau: what is subtracted must be the largest of a / tau, so divide first, then take the max"
)
def _(a, tau):
    e = np.exp(a / tau - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.mistake("tau is squared here: divide the scores by it once")
def _(a, tau):
    a = a / tau**2
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.variant
def _(a, tau):
    e = np.exp((a - a.max(axis=-1, keepdims=True)) / tau)
    return e / e.sum(axis=-1, keepdims=True)


@softmax_at.variant
def _(a, tau):
    e = np.exp(a - a.max(axis=-1, keepdims=True)) ** (1 / tau)
    return e / e.sum(axis=-1, keepdims=True)


@exercise(
    "1.5",
    points=2,
    hints=(
        "Mean, minus, then undo the logarithm. Which function undoes a logarithm to base 2, to base e, to any base?",
        "The cross-entropy is minus the mean of log_p. A logarithm to a base is undone by raising that base to it.",
        "base ** (-mean of log_p): for base e it is exp(nats), for base 2 it is 2 to the bits, and both are equal.",
    ),
)
def perplexity(log_p: np.ndarray, base: float = np.e) -> float:
    """Perplexity of a text from log_p (T,), the logarithm to `base` of the probability of each of its tokens."""
    return base ** -np.mean(log_p)


@perplexity.cases
def _(rng):
    log_p = np.log(rng.dirichlet(np.ones(9)))
    yield case("a fair choice among 8 has perplexity 8", np.full(5, np.log(1 / 8)))
    yield case("a sure thing has perplexity 1", np.zeros(3))
    yield case("nine tokens, in nats", log_p)
    yield case("the same tokens in bits have the same perplexity", log_p / np.log(2), base=2.0)
    yield case("and to base 10", log_p / np.log(10), base=10.0)
    yield case("a single token", np.array([-1.5]))
    yield case("200 tokens", -rng.exponential(3.0, 200))
    yield case("a token of probability 0 makes it infinite", np.array([-1.0, -np.inf, -0.5]))
    yield case("float32", -rng.exponential(1.0, 6).astype(np.float32))


@perplexity.mistake(
    "np.exp undoes natural logarithms only: with log_p in bits, perplexity is 2 to the bits. Use `base`"
)
def _(log_p, base=np.e):
    return np.exp(-np.mean(log_p))


@perplexity.mistake("2 to the power of nats is no perplexity: the power must have the same base as the logarithm")
def _(log_p, base=np.e):
    return 2 ** -np.mean(log_p)


@perplexity.mistake("this is the sum where the mean belongs: a text twice as long would get the square")
def _(log_p, base=np.e):
    return base ** -np.sum(log_p)


@perplexity.mistake(
    "the minus is missing: this is the (geometric) mean probability of a token, perplexity is one over it"
)
def _(log_p, base=np.e):
    return base ** np.mean(log_p)


@perplexity.mistake("this is the cross-entropy; perplexity is `base` raised to it")
def _(log_p, base=np.e):
    return -np.mean(log_p)


@perplexity.mistake("the mean is taken after the logarithm was undone; average the logarithms, then undo them")
def _(log_p, base=np.e):
    return np.mean(base ** -np.asarray(log_p))


@perplexity.mistake("this averages the probabilities; average their logarithms, then undo the logarithm")
def _(log_p, base=np.e):
    return 1 / np.mean(base ** np.asarray(log_p))


@perplexity.variant
def _(log_p, base=np.e):
    return np.exp(-log_p.mean() * np.log(base))


@perplexity.variant
def _(log_p, base=np.e):
    return (1 / base) ** (log_p.sum() / len(log_p))


@exercise(
    "1.6",
    points=1,
    hints=(
        "How often a pair occurred plays no part here, only whether it occurred at all.",
        "(C > 0) is True for each different pair. The words before w lie down the column w.",
        "kinds = (C > 0).sum(axis=0), one number for each word w; then divide by their sum, so that it is a distribution.",
    ),
)
def continuation(C: np.ndarray) -> np.ndarray:
    """Continuation probability (V,) of every word w: its share of the different pairs u w in the counts C[u, w] (V, V)."""
    kinds = (C > 0).sum(axis=0)
    return kinds / kinds.sum()


@continuation.cases
def _(rng):
    yield case("one pair 100 times, three others once", np.array([[0, 100, 0], [1, 0, 0], [0, 1, 1]]))
    yield case(
        "a word that comes after every other", np.array([[0, 3, 0, 1], [0, 1, 5, 0], [0, 2, 0, 0], [0, 4, 0, 0]])
    )
    yield case("seven words", rng.poisson(0.7, (7, 7)) + np.diag(np.arange(7)))
    yield case("a word that never follows anything gets 0", np.array([[0, 0], [2, 9]])[:, ::-1].copy())


@continuation.mistake("it sums how often each pair occurred; what counts is how many *different* words came before")
def _(C):
    return C.sum(axis=0) / C.sum()


@continuation.mistake("it counts the different words after each word; continuation asks for those before it")
def _(C):
    kinds = (C > 0).sum(axis=1)
    return kinds / kinds.sum()


@continuation.mistake("these are numbers of words; divide by their sum, so that they become probabilities")
def _(C):
    return (C > 0).sum(axis=0)


@continuation.mistake(
    "it divides by V, so the result does not sum to 1: divide by the number of different pairs in the whole table"
)
def _(C):
    return (C > 0).mean(axis=0)


@continuation.variant
def _(C):
    pairs = np.argwhere(C > 0)
    return np.bincount(pairs[:, 1], minlength=len(C)) / len(pairs)


@continuation.variant
def _(C):
    seen = np.minimum(C, 1)
    return np.einsum("uw->w", seen) / np.count_nonzero(C)


@exercise(
    "1.7",
    points=3,
    hints=(
        "Three numbers are needed: d from the whole table, c(u) and N(u ·) from each row. Keep the rows' numbers as (V, 1).",
        "total = C.sum(axis=1, keepdims=True), kinds = (C > 0).sum(axis=1, keepdims=True); each row loses d * kinds.",
        "(np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1), and np.where puts lower in where total is 0.",
    ),
)
def kneser_ney(C: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Interpolated Kneser-Ney p(w | u), (V, V), from the counts C[u, w] (V, V) and lower (V,); an empty row u gets lower."""
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)  # (V, 1)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    mixed = (np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.cases
def _(rng):
    C = np.array([[0, 1, 4, 0], [1, 0, 2, 0], [6, 1, 0, 3], [2, 0, 0, 1]])
    lower = np.array([0.25, 0.125, 0.125, 0.5])
    yield case("a table in which every word was followed by some word", C, lower)
    counts = rng.poisson(0.9, (7, 7))
    counts[0, :4] = 1, 2, 5, 0
    counts[1, :3] = 1, 0, 3
    counts[6, :] = 0
    p = rng.dirichlet(np.ones(7))
    yield case("a word after which nothing was ever seen gets the lower distribution", counts, p)
    yield case("every row sums to 1, whatever the lower distribution is", counts, np.eye(7)[2])
    yield case("a table with more rare pairs has a larger discount", np.minimum(counts, 2), p)


@kneser_ney.mistake(
    "the rows sum to less than 1: what the discount takes away, d N(u ·) / c(u), goes to the lower distribution"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    return np.where(total > 0, np.maximum(C - d, 0) / np.maximum(total, 1), lower)


@kneser_ney.mistake(
    "the lower distribution has weight d / c(u): each of N(u ·) different words lost d, so it gets d N(u ·) / c(u)"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    return np.where(total > 0, (np.maximum(C - d, 0) + d * lower) / np.maximum(total, 1), lower)


@kneser_ney.mistake(
    "the weight of the lower distribution lacks d: it is d N(u ·) / c(u), just what the discount took away"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    return np.where(total > 0, (np.maximum(C - d, 0) + kinds * lower) / np.maximum(total, 1), lower)


@kneser_ney.mistake("the weight of the lower distribution is d alone: each row took away d N(u ·) out of its c(u)")
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    return np.where(total > 0, np.maximum(C - d, 0) / np.maximum(total, 1) + d * lower, lower)


@kneser_ney.mistake(
    "the lower distribution helps out only where a pair was never seen, which is back-off: here every word gets its share"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    mixed = np.where(C > 0, C - d, d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.mistake(
    "a pair that was never seen loses d as well, and its count becomes negative: stop at 0, max(c(u w) - d, 0)"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    return np.where(total > 0, (C - d + d * kinds * lower) / np.maximum(total, 1), lower)


@kneser_ney.mistake(
    "an empty row divides 0 by 0: after a word that nothing was seen to follow, the answer is `lower` itself"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    return (np.maximum(C - d, 0) + d * kinds * lower) / total


@kneser_ney.mistake("the discount is n1 / (n1 + 2 n2): the 2 is missing")
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    mixed = (np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.mistake("d is fixed at 0.75, a good guess for English; here it follows from the table: n1 / (n1 + 2 n2)")
def _(C, lower):
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=1, keepdims=True)
    mixed = (np.maximum(C - 0.75, 0) + 0.75 * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.mistake(
    "N(u ·) counts the different words *after* u, along the row; this counts the words before, down the column"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=0)[:, None]
    mixed = (np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.mistake(
    "N(u ·) is one number for each row, (V, 1); here (V,) numbers, the words before, are spread along the row"
)
def _(C, lower):
    d = np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))
    total = C.sum(axis=1, keepdims=True)
    kinds = (C > 0).sum(axis=0)
    mixed = (np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)
    return np.where(total > 0, mixed, lower)


@kneser_ney.variant
def _(C, lower):
    n1, n2 = (C == 1).sum(), (C == 2).sum()
    d = n1 / (n1 + 2 * n2)
    p = np.empty(C.shape)
    for u, row in enumerate(C):
        seen = row[row > 0]
        p[u] = (np.maximum(row - d, 0) + d * len(seen) * lower) / row.sum() if len(seen) else lower
    return p


@kneser_ney.variant
def _(C, lower):
    n1, n2 = (np.count_nonzero(C == c) for c in (1, 2))
    kept = np.where(C > 0, C - n1 / (n1 + 2 * n2), 0)
    total = C.sum(axis=1)
    share = np.divide(kept, total[:, None], out=np.zeros(C.shape), where=total[:, None] > 0)
    return share + (1 - share.sum(axis=1))[:, None] * lower

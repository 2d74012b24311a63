"""Exercise 1.7: Kneser-Ney smoothing."""

import numpy as np

from ..definition import case, exercise


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


kneser_ney.slip(
    "the rows sum to less than 1: what the discount takes away, d N(u ·) / c(u), goes to the lower distribution",
    {" + d * kinds * lower": ""},
)
kneser_ney.slip(
    "the lower distribution has weight d / c(u): each of N(u ·) different words lost d, so it gets d N(u ·) / c(u)",
    {"d * kinds * lower": "d * lower"},
)
kneser_ney.slip(
    "the weight of the lower distribution lacks d: it is d N(u ·) / c(u), just what the discount took away",
    {"d * kinds * lower": "kinds * lower"},
)
kneser_ney.slip(
    "the weight of the lower distribution is d alone: each row took away d N(u ·) out of its c(u)",
    {
        "(np.maximum(C - d, 0) + d * kinds * lower) / np.maximum(total, 1)": (
            "np.maximum(C - d, 0) / np.maximum(total, 1) + d * lower"
        )
    },
)
kneser_ney.slip(
    "the lower distribution helps out only where a pair was never seen, which is back-off: here every word gets its share",
    {"(np.maximum(C - d, 0) + d * kinds * lower)": "np.where(C > 0, C - d, d * kinds * lower)"},
)
kneser_ney.slip(
    "a pair that was never seen loses d as well, and its count becomes negative: stop at 0, max(c(u w) - d, 0)",
    {"np.maximum(C - d, 0)": "C - d"},
)
kneser_ney.slip(
    "an empty row divides 0 by 0: after a word that nothing was seen to follow, the answer is `lower` itself",
    {"np.maximum(total, 1)": "total", "np.where(total > 0, mixed, lower)": "mixed"},
)
kneser_ney.slip("the discount is n1 / (n1 + 2 n2): the 2 is missing", {"2 * np.sum(C == 2)": "np.sum(C == 2)"})
kneser_ney.slip(
    "d is fixed at 0.75, a good guess for English; here it follows from the table: n1 / (n1 + 2 n2)",
    {"np.sum(C == 1) / (np.sum(C == 1) + 2 * np.sum(C == 2))": "0.75"},
)
kneser_ney.slip(
    "N(u ·) counts the different words *after* u, along the row; this counts the words before, down the column",
    {"(C > 0).sum(axis=1, keepdims=True)": "(C > 0).sum(axis=0)[:, None]"},
)
kneser_ney.slip(
    "N(u ·) is one number for each row, (V, 1); here (V,) numbers, the words before, are spread along the row",
    {"(C > 0).sum(axis=1, keepdims=True)": "(C > 0).sum(axis=0)"},
)


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

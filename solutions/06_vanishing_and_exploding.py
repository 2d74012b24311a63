# %% [markdown] minutes=120 needs=["numpy"]
r"""
# Why does a recurrent network forget, and why does it blow up?

On paper the state of lesson 03 can carry a word for a thousand steps.
In training it often carries it for ten, and now and then a single update ruins everything.
Both have the same cause, and it can be seen: the gradient of lesson 04 passes one matrix per step,
and a product of many matrices tends to nothing or to infinity.
This lesson is a laboratory for that product.

**After this lesson** you can

- write the gradient over any lag as a product of Jacobians, and enclose its size between two bounds,
- say which condition is enough for vanishing, which is only necessary for exploding,
  and show both gaps by an example,
- name what governs the product (weights, activation, bias, start), and measure each,
- measure what vanishing costs: tasks with a long lag, verbs far from their subjects,
- clip gradients correctly, and find the slip in a clipping that is easy to get wrong,
- regularise the Jacobian, and say why the lasting cure is another architecture.

120 minutes. You need lesson 04 (the way back) and, from linear algebra, eigenvalues and singular values.
"""

# %% [markdown]
r"""
## Setup
"""

# %% tags=["setup"]
import numpy as np

from course_utils.exercises import vanishing_and_exploding as ex
from course_utils.plots import show, use_style
from course_utils.plots import vanishing_and_exploding as plots
from course_utils.studies import jacobians

# %% [markdown]
r"""
One look for the figures, a generator for everything random, and the laboratory: a network of 32 units
with random inputs whose recurrent matrix, activation and bias can be set.
What is random in it is drawn once, so two runs differ in their settings only.
If an exercise resists, `ex.name.hint()` gives three hints, one at each call.
"""

# %%
from course_utils.studies.gradient_lab import GradientLab

use_style()
rng = np.random.default_rng(0)
lab = GradientLab(rng)

# %% [markdown]
r"""
## 1. What happens to a gradient on its way back?

*She went to print her tickets. The machine was out of paper, so she walked to the corner shop, found it closed,
borrowed ten sheets from a neighbour, and late at night she finally printed her ___.*

A reader fills in "tickets", thirty words later.
A network can learn to do so only if the loss at the blank tells the step that read "tickets" what it should
have kept.
That message is a gradient, and it travels one step at a time. From lesson 04, with the latest step first:

$$\frac{\partial L}{\partial h_k} = \frac{\partial L}{\partial h_t} \, \frac{\partial h_t}{\partial h_k}, \qquad
\frac{\partial h_t}{\partial h_k} = J_t \, J_{t-1} \cdots J_{k+1}, \qquad
J_j = \frac{\partial h_j}{\partial h_{j-1}} = \mathrm{diag}(1 - h_j^2) \, W_{hh}^\top$$

A row of $J_j$ belongs to a unit of $h_j$, a column to a unit of $h_{j-1}$; gradients are rows and come from the left.
The number of factors, $t - k$, is the **lag**.

### Build: exercise 6.1

**Predict** first: what is the product for $k = t$?
"""


# %% answer="6.1"
def jacobian_product(W_hh: np.ndarray, h: np.ndarray) -> np.ndarray:
    """States h_{k+1}, ..., h_t as rows (t - k, H) to ∂h_t/∂h_k (H, H): row a unit of h_t, column a unit of h_k."""
    ### BEGIN SOLUTION
    P = np.eye(len(W_hh), dtype=W_hh.dtype)
    for h_j in h:
        P = np.diag(1 - h_j**2) @ W_hh.T @ P
    return P
    ### END SOLUTION


# %% check="6.1"
ex.jacobian_product.check(jacobian_product)

# %% [markdown] solution="6.1"
r"""
**Why this and not that.** No factor leaves everything as it is: the identity.
The states come in the order of time, and each new step acts on what the steps before have made,
so it stands on the left.
Matrices do not commute, and for square ones no shape complains.
The slope belongs to the new unit, hence to rows: `np.diag(s) @ A` scales rows, `A * s` would scale columns.
"""

# %% [markdown]
r"""
### The linear case

Leave out the tanh for a moment. Then every factor is the same, and the product over a lag of $l$ is a *power*:

$$\frac{\partial h_t}{\partial h_{t-l}} = (W_{hh}^\top)^l$$

A row that is an eigenvector with eigenvalue $\lambda$ is multiplied by $\lambda$ at each step,
so after $l$ steps by $\lambda^l$.
**Predict**: a gradient of length 1, fifty steps back, for $\lambda = 0.9$ and for $\lambda = 1.1$.
"""

# %%
for eigenvalue in (0.9, 1.0, 1.1):
    print(f"{eigenvalue} ** 50 = {eigenvalue**50:.4f}")

# %% [markdown]
r"""
Ten per cent more or less per step, and the message arrives as a whisper or as a shout.
What counts is the **spectral radius** $\rho(W)$, the largest modulus of an eigenvalue.
Eigenvalues of a real matrix may be complex
(such a pair turns a row as it stretches it), and it is the modulus that is raised to the power $l$.

### Build: exercise 6.2

To turn $\rho$ like a knob, we need a matrix with any spectral radius we like.
"""


# %% answer="6.2"
def rescale_to_radius(W: np.ndarray, radius: float) -> np.ndarray:
    """A square matrix W (H, H) times the positive number that gives it the spectral radius `radius`, (H, H)."""
    ### BEGIN SOLUTION
    return W * (radius / np.abs(np.linalg.eigvals(W)).max())
    ### END SOLUTION


# %% check="6.2"
ex.rescale_to_radius.check(rescale_to_radius)

# %% [markdown] solution="6.2"
r"""
**Why this and not that.** The eigenvalues of $c W$ are $c \lambda$, so one division is enough.
`np.abs` of a complex number is its modulus; the largest *real part* is something else,
and so is the largest singular value, which `np.linalg.norm(W, 2)` gives:
it is never smaller than $\rho$, and often far larger.
"""

# %% [markdown]
r"""
One Gaussian matrix of 32 units, rescaled to five spectral radii, without activation.
**Predict** the shape of the five curves on a logarithmic axis.
"""

# %%
G = rng.standard_normal((32, 32))
scaled = {f"ρ = {radius}": ex.rescale_to_radius(G, radius) for radius in (0.8, 0.9, 1.0, 1.1, 1.2)}
linear = {name: lab.trial(W, "identity").norms for name, W in scaled.items()}
plots.norms_by_lag(linear, "A linear network, five spectral radii")
show("Norm of the gradient by lag, from 0 to 100 steps, for five spectral radii; the vertical axis is logarithmic.")

# %% [markdown]
r"""
After some steps each curve is a straight line (with ripples from complex pairs) whose slope is $\log \rho$:
exponential decay below one, exponential growth above. At the beginning it is different. Why, is the next section.
"""

# %%
assert linear["ρ = 0.8"][-1] < 1e-6 < 1e2 < linear["ρ = 1.2"][-1]

# %% [markdown]
r"""
## 2. How large and how small can it get?

A matrix stretches the rows of some directions more than others.
The extremes are its largest and smallest **singular values**,
$s_{\max}$ and $s_{\min}$: for every row $v$ we have $s_{\min} \|v\| \le \|v J\| \le s_{\max} \|v\|$. Step by step,

$$\prod_{j=k+1}^{t} s_{\min}(J_j) \;\le\; \frac{\|\partial L / \partial h_k\|}{\|\partial L / \partial h_t\|}
\;\le\; \prod_{j=k+1}^{t} s_{\max}(J_j), \qquad s_{\max}(J_j) \le \max|f'| \cdot s_{\max}(W_{hh})$$

with $f$ the activation. The slope is at most 1 for tanh and ReLU, and $\tfrac{1}{4}$ for the sigmoid.
From the right end of the chain follow two statements; the second is the first's contrapositive:
what must vanish cannot explode (Hochreiter 1991; Bengio and others 1994; Pascanu and others 2013).

- $s_{\max}(W_{hh}) < 1 / \max|f'|$ is **sufficient** for vanishing: every factor is below one by a margin.
- $s_{\max}(W_{hh}) > 1 / \max|f'|$ is **necessary** for exploding. It is *not sufficient*.

### Build: exercise 6.3

Both bounds, for every lag from 0 to $n$. `np.linalg.svd` takes a whole stack of matrices.
**Predict**: which step is the first to count, the earliest or the latest?
"""


# %% answer="6.3"
def norm_bounds(W_hh: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """n states (n, H) in order of time to lower and upper bound of ‖∂L/∂h_{t-l}‖/‖∂L/∂h_t‖, each (n + 1,), by lag l."""
    ### BEGIN SOLUTION
    J = (1 - h[::-1] ** 2)[:, :, None] * W_hh.T
    s = np.linalg.svd(J, compute_uv=False)
    lower, upper = (np.cumprod(np.append(1, s[:, k])) for k in (-1, 0))
    return lower, upper
    ### END SOLUTION


# %% check="6.3"
ex.norm_bounds.check(norm_bounds)

# %% [markdown] solution="6.3"
r"""
**Why this and not that.** Lag 1 is the last step, so the states are taken from the end.
The bound takes the best direction anew at every step;
the gradient has to go on with the direction in which the last step left it.
That is why the bounds are rarely met. The exact extremes are the singular values of the *product*,
which lie in between.
"""

# %% [markdown]
r"""
The laboratory, with tanh: a Gaussian start with four spectral radii, the gradient in black, both bounds in colour.
**Predict** for which of them the gradient grows.
"""

# %%
radii = (0.5, 1.0, 1.5, 3.0)
trials = {f"ρ = {radius}": lab.run(radius) for radius in radii}
plots.norms_and_bounds(trials)
show(
    "Four panels, spectral radius 0.5, 1, 1.5, 3: gradient norm by lag on a log axis between an upper and a lower bound."
)
for trial in trials.values():
    lower, upper = ex.norm_bounds(trial.W, trial.h)
    assert np.all(lower <= trial.norms * (1 + 1e-9)) and np.all(trial.norms <= upper * (1 + 1e-9))

# %% [markdown]
r"""
The bounds hold, and they are far apart: in a Gaussian matrix some directions are stretched and others almost
wiped out.
Only at $\rho = 0.5$ does the upper bound itself fall, and vanishing is certain.
At $\rho = 1$ and $\rho = 1.5$ the upper bound rises, which permits an explosion,
and the gradient shrinks all the same: the slopes of tanh are
below one wherever a unit is not at zero. In this draw only $\rho = 3$ makes it grow. In numbers:
"""

# %%
for name, trial in trials.items():
    s_max = np.linalg.norm(trial.W, 2)
    print(f"{name}: s_max(W) = {s_max:.2f}, mean slope {trial.slopes.mean():.2f}, per step × {trial.rate:.3f}")
    assert s_max > 1 or trial.rate < 1
assert trials["ρ = 1.5"].rate < 1

# %% [markdown]
r"""
Now you. Every control changes one thing. Things to look for: a setting in which the black curve *touches* a bound;
tanh with a large radius and then a large bias; ReLU from two different starts; "one-way" with the radius below one.
"""

# %%
from course_utils.explore import vanishing_and_exploding as explore

explore.laboratory(lab)

# %% [markdown]
r"""
### Two counter-examples

The gap between "necessary" and "sufficient" is not a formality. Two matrices, two units each, no activation:

$$A = \begin{bmatrix} 0 & 2 \\ 0.1 & 0 \end{bmatrix} \qquad\qquad
B = \begin{bmatrix} 0.9 & 4 \\ 0 & 0.9 \end{bmatrix}$$

**Predict** for each: what happens to a gradient in the long run, and what on the way there? Work out $A^2$ by hand.
A matrix's *gain* over a lag of $l$ is the most that it can stretch a gradient:
the largest singular value of its $l$-th power.
"""

# %%
A, B = np.array([[0.0, 2.0], [0.1, 0.0]]), np.array([[0.9, 4.0], [0.0, 0.9]])
gain = {}
for name, W in (("A", A), ("B", B)):
    gain[name] = np.array([np.linalg.norm(np.linalg.matrix_power(W, lag), 2) for lag in range(101)])
    radius, s_max = jacobians.spectral_radius(W), np.linalg.norm(W, 2)
    print(
        f"{name}: ρ {radius:.3f}, s_max {s_max:.2f}, gain at most {gain[name].max():.1f}, at lag 100 {gain[name][-1]:.1e}"
    )

# %% [markdown]
r"""
Both gains, lag by lag, and dotted what the spectral radius alone would say, $\rho^l$:
"""

# %%
plots.transient({name: values[:61] for name, values in gain.items()}, [0.2**0.5, 0.9])
show(
    "Gain by lag, log axis. A falls in zigzag from 2. B rises above ten, peaks near lag ten, and falls below one after fifty."
)
assert np.linalg.norm(A, 2) > 1 and gain["A"][50] < 1e-15 and np.allclose(A @ A, 0.2 * np.eye(2))
assert jacobians.spectral_radius(B) < 1 and gain["B"].max() > 15 and gain["B"][1:51].min() > 1 > gain["B"][53]

# %% [markdown]
r"""
**A**: the largest singular value is 2, so an explosion is *permitted*, and yet everything vanishes.
What one step doubles, the next divides by ten,
because the stretched direction is turned into the shrunken one. $A^2 = 0.2 \, I$.
**B**: the spectral radius is 0.9, so everything vanishes *in the end* (the dotted line is $0.9^l$),
and before that gradients can grow more than fifteenfold.
For the first fifty steps this network can explode, and a text may well be shorter than that.
That is without activation. Slopes that differ from unit to unit can make it last for ever:
$C$ below has the spectral radius 0, and with slopes 1 and 0.1 each step multiplies by 1.8.
Matrices with $W W^\top \ne W^\top W$, as these two, are called *non-normal*;
only for them can singular values and eigenvalues tell
such different stories.
"""

# %%
C = np.array([[2.0, -2.0], [2.0, -2.0]])
without, sloped = jacobians.spectral_radius(C), jacobians.spectral_radius(np.diag([1.0, 0.1]) @ C.T)
print(f"C: spectral radius {without:.1f}, and {sloped:.1f} with slopes 1 and 0.1")
assert without < 1e-6 and sloped > 1.7

# %% [markdown]
r"""
Three sentences that one reads often, and what is true:

| often read | true |
|---|---|
| "largest singular value above one: exploding" | necessary (for slopes of at most 1), not sufficient: see A |
| "largest singular value below one: vanishing" | sufficient; a *spectral radius* below one is not: see B and C |
| "orthogonal: all eigenvalues are one" | their *modulus* is one; all are one for the identity only |

## 3. What governs it?

**The slopes.** Tanh is flat on both sides, and a flat unit passes nothing back.
"""

# %%
plots.saturation({"ρ = 0.5": trials["ρ = 0.5"].slopes, "ρ = 3": trials["ρ = 3.0"].slopes})
show("Left, tanh and its slope. Right, slopes of all units and steps: mostly near 1 for ρ = 0.5, near 0 for ρ = 3.")

# %% [markdown]
r"""
With small weights most slopes lie near one, and the weights shrink the gradient.
With large weights many units are **saturated**, and there it is the slopes that shrink it.
So large weights are not simply "exploding": they raise one factor of $\mathrm{diag}(f') W_{hh}^\top$ and lower
the other.

Now all that can be set, one thing at a time. $\rho$ is 1 where nothing else is said, the start Gaussian,
the activation tanh.
**Predict** the order within each group.
"""


# %%
def rate(*settings, **named):
    return lab.run(*settings, **named).rate


groups = {
    "weights": {f"ρ = {r}": rate(r) for r in radii},
    "bias": {f"ρ = 1.5, bias {b}": rate(1.5, bias=b) for b in (0.0, 1.0, 2.0)},
    "activation": {"none": rate(activation="identity")} | {f: rate(activation=f) for f in ("tanh", "relu", "sigmoid")},
    "start": {f"tanh, {start} start": rate(start=start) for start in ("gaussian", "orthogonal")},
    "ReLU": {f"relu, {s} start": rate(activation="relu", start=s) for s in ("gaussian", "orthogonal", "identity")},
    "linear": {"none, orthogonal start": rate(activation="identity", start="orthogonal")},
}

# %% [markdown]
r"""
Each dot is the factor on the gradient's norm per step, averaged (geometrically) over a hundred steps.
"""

# %%
plots.rates(groups)
show("A dot for each setting, in six coloured groups, on an axis of the factor per step; a line marks the factor one.")

# %% [markdown]
r"""
- **Recurrent weights**: larger ones raise the factor, less than in proportion, since units saturate, and in a few
  draws not even that.
- **Bias**: a large one pushes units into saturation and lowers it.
- **Activation**: the sigmoid's slope is at most $\tfrac{1}{4}$, so with $\rho = 1$ nothing survives.
  Tanh is better, no activation best (and useless: a linear network).
- **ReLU** has slope one where it is on, and zero where it is off.
  From a Gaussian or a random orthogonal start about half of the units are off,
  and in most draws the gradient vanishes faster than with tanh.
  "ReLU is the best option" is true only together with a start that suits it:
  from the **identity**, $W_{hh} = I$ (the *IRNN*, Le and others 2015), units that are on tend to stay on,
  and copy themselves. (If none stays on, nothing is left.)
- **Orthogonal start**: without activation nothing is lost, whatever the direction: both bounds are 1.
  With tanh the slopes still take their share.

The same claims, as asserts. Three of them are tendencies, so we count in how many of 20 other draws they hold:
"""

# %%
weights, bias, activation, start, relu, straight = (list(group.values()) for group in groups.values())
assert weights[:3] == sorted(weights[:3]) and bias == sorted(bias, reverse=True)
assert activation[0] > activation[1] > max(activation[2:]) and activation[3] < 0.25 and abs(straight[0] - 1) < 1e-9
assert 0.35 < lab.run(activation="relu").slopes.mean() < 0.65  # the share of units that are on

others, two = [GradientLab(np.random.default_rng(seed)) for seed in range(1, 21)], ("gaussian", "orthogonal")
grows = sum(lab.run(3.0).rate > 1 for lab in others)
faster = sum(all(lab.run(1.0, "relu", s).rate < lab.run(1.0, "tanh", s).rate for s in two) for lab in others)
copies = sum(lab.run(1.0, "relu", "identity").rate > 0.9 for lab in others)
print(f"ρ = 3 grows in {grows} of 20, ReLU vanishes faster than tanh in {faster}, the IRNN keeps 0.9 in {copies}")
assert min(grows, faster, copies) > 15

# %% [markdown]
r"""
### Build: exercise 6.4, an orthogonal start

A matrix is orthogonal if $W W^\top = I$: all singular values are one. How do you *draw* one, without preferring any?
Take a matrix $A$ of independent normal numbers, which has no preferred direction, and split it, $A = QR$:
$Q$ orthogonal, $R$ upper triangular. The split is not unique.
If column $j$ of $Q$ and row $j$ of $R$ both change sign, $QR$ stays,
and a library picks the signs as suits its algorithm, which prefers some $Q$ to others.
With a *positive diagonal* of $R$ the split is unique, and $Q$ is uniformly distributed.
"""


# %% answer="6.4"
def orthogonal_from(A: np.ndarray) -> np.ndarray:
    """A of independent N(0, 1) entries (H, H) to the Q (H, H) of A = Q R, R upper triangular with a positive diagonal."""
    ### BEGIN SOLUTION
    Q, R = np.linalg.qr(A)
    return Q * np.sign(np.diag(R))
    ### END SOLUTION


# %% check="6.4"
ex.orthogonal_from.check(orthogonal_from)

# %% [markdown] solution="6.4"
r"""
**Why this and not that.** A row of signs multiplies the columns of $Q$, which keeps them orthonormal;
$A = QR$ still holds if the rows of $R$ get the same signs.
$U V^\top$ of a singular value decomposition is another good way to a uniform orthogonal matrix, but not this one.
Dividing $A$ by its largest singular value makes *one* singular value 1, and leaves the others below.
"""

# %% [markdown]
r"""
Do the signs matter? Draw a thousand, and look at a single entry, which should be positive half of the time:
"""

# %%
drawn = rng.standard_normal((1000, 4, 4))
as_it_comes, mended = np.linalg.qr(drawn)[0], np.array([ex.orthogonal_from(A) for A in drawn])
for name, Q in (("as the library gives it", as_it_comes), ("with the signs mended", mended)):
    print(f"{name}: Q[0, 0] > 0 in {np.mean(Q[:, 0, 0] > 0):.0%} of the draws")
assert abs(np.mean(mended[:, 0, 0] > 0) - 0.5) < 0.1

# %% [markdown]
r"""
The eigenvalues of such a matrix: **predict** what they have in common.
"""

# %%
Q = ex.orthogonal_from(drawn[0])
values = np.linalg.eigvals(Q)
print(values.round(3))

# %% [markdown]
r"""
They are not all one, and in general not real. What they share is their distance from zero:
"""

# %%
print("moduli", np.abs(values).round(6), "  singular values", np.linalg.svd(Q)[1].round(6))
assert np.allclose(np.abs(values), 1) and np.allclose(np.linalg.svd(Q)[1], 1) and np.abs(values - 1).max() > 0.1

# %% [markdown]
r"""
### The whole spectrum

The norm of one gradient is one number. How far a product stretches gradients, over all directions,
is in its $H$ singular values.
16 units, lags up to 40 (with tanh $\rho = 1.2$, to make up a little for the slopes);
curves end where float64 can no longer tell a small singular value from rounding.
"""

# %%
small = GradientLab(rng, H=16, T=40)
settings = {
    "Gaussian, tanh": small.run(1.2),
    "orthogonal, tanh": small.run(1.2, start="orthogonal"),
    "orthogonal, linear": small.run(1.0, "identity", "orthogonal"),
}
spectra = {name: jacobians.singular_values(jacobians.products(trial.jacobians)) for name, trial in settings.items()}
plots.singular_values(spectra)
show(
    "Three panels of sixteen singular values by lag, log axis: a wide fan, a narrower fan, and a single flat line at one."
)
kept = {name: int((s[20] > 1e-3 * s[20, 0]).sum()) for name, s in spectra.items()}
print("within a factor of a thousand of the largest, at lag 20:", kept)
assert np.abs(spectra["orthogonal, linear"] - 1).max() < 1e-9
assert kept["Gaussian, tanh"] + 3 < kept["orthogonal, tanh"]

# %% [markdown]
r"""
From a Gaussian start the values fan out: after a few steps a gradient keeps only the directions of the topmost
curves, and the rest of what it said is gone,
even if its norm survives. An orthogonal start keeps far more of the directions together;
the slopes of tanh still spread some of them out, and without activation nothing spreads.
That is the better reason for orthogonal starts:
not that one number stays near one, but that many do, in a linear network all of them (Saxe and others 2014).

## 4. What does vanishing cost?

A gradient that has vanished does not say that the past is irrelevant; it says nothing.
Nearer causes drown out farther ones.
Is that a real loss? We need tasks whose answer *cannot* be found without the past, with a lag that we set.
Three classics
(adding and temporal order from Hochreiter and Schmidhuber 1997; copy in the form of Arjovsky and others 2016):
"""

# %%
from course_utils.tasks.long_lag import ORDER_SYMBOLS, TASKS

x, target = TASKS["copy"].draw(rng, 12, 1)
print("copy    reads", *x[:, 0], " answers", *target[:, 0] + 1)
x, target = TASKS["adding"].draw(rng, 8, 1)
print("adding  reads", *(f"{v:.2f}{'*' * int(m)}" for v, m in x[:, 0]), " answers", f"{target[0, 0]:.2f}")
x, target = TASKS["order"].draw(rng, 20, 1)
print("order   reads", *(ORDER_SYMBOLS[k] for k in x[:, 0]), " answers", ("XX", "XY", "YX", "YY")[target[0, 0]])

# %% [markdown]
r"""
*Copy*: two symbols out of four, blanks, then a sign (5) that asks for them. *Adding*:
two numbers are marked, one in each half; their sum.
*Temporal order*: two of the letters are X or Y, one early and one in the middle; which came, in which order?

### Build: exercise 6.5

The adding task. You get the numbers and where the marks go.
"""


# %% answer="6.5"
def adding_task(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (T, B) and the marked steps of each sequence, (B,), (B,), to x (T, B, 2), number and mark, and sums (B,)."""
    ### BEGIN SOLUTION
    each = np.arange(values.shape[1])
    marks = np.zeros_like(values)
    marks[first, each] = marks[second, each] = 1
    return np.stack([values, marks], axis=-1), values[first, each] + values[second, each]
    ### END SOLUTION


# %% check="6.5"
ex.adding_task.check(adding_task)

# %% [markdown] solution="6.5"
r"""
**Why this and not that.** `marks[first, each]` pairs step `first[b]` with sequence `b`;
`marks[first]` would mark whole rows, in every sequence.
The unmarked numbers stay in the input: to ignore them is half of the task.
"""

# %% [markdown]
r"""
Before any training, the baselines (a rule since lesson 01).
A network that looks at nothing does best by always saying the mean, 1.
**Predict** its mean squared error. (The variance of a number from $U[0, 1]$ is $\tfrac{1}{12}$.)
"""

# %%
values, first, second = rng.random((10, 50_000)), rng.integers(0, 5, 50_000), rng.integers(5, 10, 50_000)
x, target = ex.adding_task(values, first, second)
error = np.mean((target - 1) ** 2)
print(f"mean squared error of always saying 1: {error:.4f}")

# %% [markdown]
r"""
Two variances add: $\tfrac{1}{12} + \tfrac{1}{12} = \tfrac{1}{6}$.
A network whose error is $\tfrac{1}{12}$ has caught one of the two marks.
A sum counts as right if it is off by less than 0.08, which blind luck manages now and then;
in the other two every answer is one of four.
"""

# %%
assert abs(error - 1 / 6) < 0.005
print("right without looking:", {name: round(task.chance, 3) for name, task in TASKS.items()})

# %% [markdown]
r"""
Now the measurement: three tasks, four lengths $T$, and three starts of a network with 32 units:
tanh as torch starts it, tanh from an orthogonal matrix, and the IRNN.
Each run gets at most 900 updates of 32 fresh sequences (Adam, gradients clipped, section 5),
and stops when it is right.
**Predict** which curve falls first.
"""

# %%
from course_utils.cells import CELLS
from course_utils.initialisers import identity, orthogonal, zeros
from course_utils.studies.task_training import TaskModel, success_table, train_on

starts = {
    "tanh": (CELLS["elman"], {}),
    "tanh, orthogonal": (CELLS["elman"], {"W_hh": orthogonal, "b_h": zeros}),
    "IRNN": (CELLS["elman-relu"], {"W_hh": identity, "b_h": zeros}),
}
lengths = [10, 20, 40, 80]
table = success_table(rng, TASKS.values(), starts, lengths, updates=900)

# %% [markdown]
r"""
The share of right answers on fresh sequences:
"""

# %%
print(f"{'':25}", *(f"T = {T:<4}" for T in lengths))
for (task, start), row in table.items():
    print(f"{task:7} {start:17}", *(f"{share:8.0%}" for share in row))
plots.success(table, lengths, {name: task.chance for name, task in TASKS.items()})
show("Three panels, one per task: share of right answers against T, three curves each, and a dotted line at chance.")

# %% [markdown]
r"""
Each point is a single run; another seed moves it.
The plain tanh network solves copy and order while they are short, adding not even then,
and by $T = 80$ it is close to chance on all three.
With nothing changed but the start, the orthogonal one reaches farther on copy, where symbols have to be held;
on order the longest texts are a matter of luck, and with other seeds some of its runs fail.
On adding the IRNN leads: a sum is what a copying unit is made for.
None of them is good at everything, and no start helps for ever: training moves the weights away from it.
"""

# %%
assert all(table[name, "tanh"][-1] < task.chance + 0.2 for name, task in TASKS.items())
assert min(table[task, "tanh"][0] for task in ("copy", "order")) > 0.9
assert table["copy", "tanh, orthogonal"][-1] > table["copy", "tanh"][-1] + 0.2
assert table["adding", "tanh"][0] < 0.9
assert table["adding", "IRNN"][1] > max(table["adding", name][1] for name in ("tanh", "tanh, orthogonal")) + 0.3
assert all(min(table[task, name][-1] for task in TASKS) < 0.9 for name in starts)

# %% [markdown]
r"""
### The same in language

Toy tasks are honest and artificial. Our grammar (lesson 01) has the problem of the tickets in its verbs:
"the dogs near the garden ___" wants *are*, and to know that, one must remember "dogs".
For thousands of sentences we cut before the verb and ask a language model which form it prefers (Linzen and
others 2016).
Guessing gets half of them right.

We train the same tanh network twice, on the same text, in pieces:
once of 32 words, once of 2 (and more of them side by side,
so that every update sees equally many words). The state is carried from piece to piece, the gradient is not.
That is **truncated BPTT**, the workaround that lets one train on texts without end.
The experiment has a generator of its own.
**Predict** at which distances the two networks differ.
"""

# %%
from course_utils.studies import scoreboard
from course_utils.studies.agreement import accuracy, pairs_by_distance
from course_utils.tasks import grammar

own = np.random.default_rng(0)
source = scoreboard.grammar_source(own, 100_000, 5_000)
pairs = pairs_by_distance(grammar.corpus(own, 8_000), (1, 2, 4, 5, 6, 8, 10, 16))
curves = {}
for T, B in ((32, 8), (2, 128)):
    model, fit = scoreboard.train_recurrent(source, CELLS["elman"], own, H=48, E=16, epochs=6, B=B, T=T)
    curves[f"{T} words back"] = [accuracy(model, fit.params, group) for group in pairs.values()]

# %% [markdown]
r"""
Some of the sentences, cut before the verb, and then the accuracy by distance:
"""

# %%
for group in list(pairs)[1::2]:
    pair = pairs[group][0]
    print(f"{' '.join(pair.prefix)} ... {pair.right}, not {pair.wrong}")
plots.agreement(list(pairs), curves)
show("Share of right verb forms against the distance from subject to verb, two curves; a dotted line marks guessing.")

# %% [markdown]
r"""
Next to its subject a verb is easiest. Farther away both networks lose, the one trained on 32 words less;
with the gradient cut after two words the long distances come down towards guessing:
the state *could* carry the number of the subject, but hardly a gradient ever told the network to keep it.
Training as short as this depends on luck: with another seed for `own` the curves shift,
the upper one more than the lower, and now and then it hardly rises above it.
"""

# %%
far = {name: np.mean(values[-3:]) for name, values in curves.items()}
print("neighbours:", {name: round(values[0], 2) for name, values in curves.items()})
print("6 words and more:", {name: round(float(share), 2) for name, share in far.items()})
assert all(values[0] > 0.7 and values[0] > far[name] + 0.05 for name, values in curves.items())
assert far["32 words back"] > far["2 words back"]

# %% [markdown]
r"""
### What truncation costs

Cut after $k$ steps, the gradient of every earlier step is exactly zero.
In the copy task of 20 steps the symbols lie 18 steps before their answers,
so for $k = 10$ the weights that read them get no gradient at all:
"""

# %%
x, target = TASKS["copy"].draw(rng, 20, 32)
for k in (20, 10):
    model = TaskModel(CELLS["elman"], TASKS["copy"], 32, truncate=k)
    gradients = model.loss_and_gradients(model.init(np.random.default_rng(0)), x, target)[1]
    rows = gradients.cell.W_xh[1:5]  # those that read the four symbols
    print(f"k = {k}: the largest of their gradients is {np.abs(rows).max():.1e}")

# %% [markdown]
r"""
Does that make the task impossible? **Predict** what each of the two starts reaches, for $k$ from 2 to 20.
"""

# %%
cuts, copying = [2, 5, 10, 20], TASKS["copy"]
by_cut = {}
for name in ("tanh", "tanh, orthogonal"):
    cell, init = starts[name]
    runs = zip(cuts, rng.spawn(len(cuts)), strict=True)
    by_cut[name] = [train_on(copying, cell, r, 20, truncate=k, updates=600, **init).success for k, r in runs]
    print(f"{name:17}", *(f"k = {k}: {share:4.0%}  " for k, share in zip(cuts, by_cut[name], strict=True)))

# %% [markdown]
r"""
The plain network needs the whole way. The one with an orthogonal start gets farther with half of it:
its random state still echoes what it read, and the last steps only have to learn to *read out* the echo.
So truncation does not limit what a network can remember. It limits what it can *learn to keep*.
That is the price: memory and time per update no longer grow with the text,
and dependencies longer than $k$ are found by luck.
"""

# %%
assert by_cut["tanh"][-1] > max(by_cut["tanh"][:2]) + 0.1
assert by_cut["tanh, orthogonal"][2] > by_cut["tanh"][2] + 0.1

# %% [markdown]
r"""
## 5. What does exploding cost?

Pascanu and others (2013) drew it for the smallest network there is: one unit, no input, fifty steps, two parameters,

$$h_t = w \, \sigma(h_{t-1}) + b, \qquad h_0 = \tfrac{1}{2}, \qquad L = (\sigma(h_{50}) - 0.7)^2$$

Gradient descent starts at the same place twice, with the same learning rate.
Once the gradient is used as it is; once it is shortened to length $\tfrac{1}{2}$ where it is longer.
"""

# %%
from course_utils.studies import one_unit

free = one_unit.descend(4.8, -2.0, lr=0.5, steps=60)
clipped = one_unit.descend(4.8, -2.0, lr=0.5, steps=60, clip=0.5)

# %% [markdown]
r"""
The surface, on a grid that follows the edge of the cliff, with both paths:
"""

# %%
w = np.linspace(3.9, 6.9, 121)
edge = one_unit.edge(w)
beyond = np.concatenate([np.linspace(-0.5, 0, 40), np.geomspace(1e-4, 1, 160) * (1.9 - edge.min())])[:, None]
b = np.minimum(edge + beyond, 1.9)
W = np.broadcast_to(w, b.shape)
plots.cliff(W, b, one_unit.loss_and_gradient(W, b)[0], {"as it is": free, "clipped": clipped})
show(
    "A loss surface over w and b with a steep wall. One path is thrown off the wall across a plateau; the clipped one stays."
)

# %% [markdown]
r"""
The valley with the lowest loss runs along the foot of a wall. On the wall the fixed point that attracts $h$ changes:
there $h$ lingers between two of them, and dozens of factors $w \, \sigma'(h)$ above one multiply.
Both paths touch it.
The free one takes a single wild step,
across the whole picture, onto a plateau where gradients have *vanished*, and stays there for good.
The clipped one meets the wall more than once, is sent back a short step each time, and goes on along the valley.
"""

# %%
for name, path in (("as it is", free), ("clipped", clipped)):
    far = np.linalg.norm(np.diff(path.at, axis=0), axis=1).max()
    print(
        f"{name:8}  longest gradient {path.norm.max():4.1f}   longest step {far:.2f}   loss",
        path.loss[[0, -1]].round(4),
    )
assert free.loss[-1] > free.loss[0] > 2 * clipped.loss[-10:].min() and free.norm.max() > 5 and free.norm[-1] < 1e-2

# %% [markdown]
r"""
A tanh keeps its states bounded. Where nothing does, the numbers themselves end:
a ReLU network that starts at $W_{hh} = 1.1 \, I$, on adding with $T = 50$,
with plain gradient descent. **Predict** how many updates it survives.
"""

# %%
from course_utils.optim import SGD
from course_utils.training import train

adding = TaskModel(CELLS["elman-relu"], TASKS["adding"], H=32)
params = adding.init(rng, W_hh=lambda rng, shape: 1.1 * identity(rng, shape), b_h=zeros)
data = [(*TASKS["adding"].draw(rng, 50, 32), True) for _ in range(300)]
with np.errstate(all="ignore"):
    for clip in (None, 1.0):
        try:
            fit = train(adding, params, data, SGD(0.01), clip=clip, carry=False, progress=False)
            first, last = fit.history.norm[0], fit.history.loss[-20:].mean()
            print(f"clip {clip}: {len(data)} updates, gradient norm {first:.1e} at first, loss {last:.2f} at last")
        except FloatingPointError as error:
            print(f"clip {clip}: {error}")

# %% [markdown]
r"""
One update with a gradient of that length throws the weights so far that the next loss is not a number,
and NaN never goes away again.
With the same data and the same learning rate the clipped run goes through.

### Clipping

$$\text{by norm:} \quad
g \leftarrow \begin{cases} \theta \, g / \|g\| & \text{if } \|g\| > \theta \\ g & \text{else} \end{cases}
\qquad\qquad \text{by value:} \quad g_i \leftarrow \max(-\theta, \min(\theta, g_i))$$

By norm (Pascanu and others 2013), all gradients of all parameters count as *one* long vector $g$, which keeps its direction.
By value (Mikolov 2012), each number is cut by itself. **Predict** what clipping by value does to an arrow that points along an
axis, and to one that points almost along it.
"""

# %%
arrows = np.array([[2.6, 0.5], [1.2, 2.4], [0.0, -2.2], [-0.5, 0.4]])
plots.clipping(arrows, 1.0)
show("Four gradients in the plane, dotted, and what clipping leaves of each as an arrow: by norm left, by value right.")

# %% [markdown]
r"""
Dotted is the gradient, solid what is left of it. By norm all end inside the circle and none turns;
by value they end inside the square. The green one, along an axis, keeps its direction;
the blue and the red one turn towards a corner, and the red one ends in it.
What is short enough (the purple one) is left alone by both.

### Build: exercise 6.6, a clipping with a slip

This function has been seen in teaching material, and in code that was built from it.
It runs, it never fails, and as long as gradients are short it does nothing at all.
"""


# %%
def slipped_clip(grads, limit):
    norm = sum((g * g).sum() for g in grads)
    if norm > limit:
        grads = [g * (limit / norm) for g in grads]
    return grads


# %% [markdown]
r"""
Its symptoms, on gradients of four lengths, with a limit of 5. **Predict** what a right function would print.
"""

# %%
direction = rng.standard_normal(10)
direction = direction / np.linalg.norm(direction)
for length in (1.0, 2.0, 3.0, 20.0):
    print(f"length {length:4} becomes {np.linalg.norm(slipped_clip([length * direction], 5.0)[0]):.2f}")

# %% [markdown]
r"""
Find the slip, and write the function as it should be.
"""


# %% answer="6.6"
def clip_by_norm(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """All arrays together count as one vector: if it is longer than limit, make it that long, same direction; else as it is."""
    ### BEGIN SOLUTION
    norm = np.sqrt(sum((g * g).sum() for g in grads))
    scale = limit / norm if norm > limit else 1.0
    return [g * scale for g in grads]
    ### END SOLUTION


# %% check="6.6"
ex.clip_by_norm.check(clip_by_norm)

# %% [markdown] solution="6.6"
r"""
**Why this and not that.** The *squared* length was compared with the limit, and divided by:
the square root is missing. A gradient of length 3, well below 5, was cut,
and one of length 20 became 0.25, shorter than the one of length 1.
So the larger the gradient, the smaller the step, and nothing ever looks broken.
One norm over all arrays, not one for each: a factor of its own for each array would turn the whole.
New arrays, because the caller may still need the old ones. Short gradients are left alone:
if every gradient got the length $\theta$, steps would never become small.
"""

# %% [markdown]
r"""
The library's `clip_by_norm` does the same, and returns the norm from before as well,
which is worth a look during training.

## 6. Can the product be mended?

Clipping cures exploding: it only has to shorten.
Vanishing is harder, since what has been lost cannot be scaled up again:
in a gradient of $10^{-12}$ the far past is still drowned by the near.
Something has to keep the product itself near one.

**Regularise the Jacobian** (Pascanu and others 2013).
Punish every step that changes the length of the gradient that passes it:

$$\Omega = \sum_t \left( \frac{\left\| \frac{\partial L}{\partial h_t} \, \frac{\partial h_t}{\partial h_{t-1}} \right\|}
{\left\| \frac{\partial L}{\partial h_t} \right\|} - 1 \right)^2$$

This asks only for directions that the gradient really takes, not for all of them, as an orthogonal start does.
For the gradient of $\Omega$ they hold $\partial L / \partial h_t$ and $h_t$ fixed, and so do we:
only the $W_{hh}$ of the step itself is moved.

### Build: exercise 6.7

Both, $\Omega$ and $\partial \Omega / \partial W_{hh}$.
The derivative of a length $\|r\|$ with respect to $r$ is $r / \|r\|$.
**Predict** $\Omega$ for an orthogonal $W_{hh}$ and states of zero.
"""


# %% answer="6.7"
def pascanu_regulariser(dh: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> tuple[float, np.ndarray]:
    """∂L/∂h_t dh (T, H) and states h (T, H) of one sequence to Ω, and ∂Ω/∂W_hh (H, H) with dh and h held fixed."""
    ### BEGIN SOLUTION
    v = dh * (1 - h**2)
    back = v @ W_hh.T
    length, shorter = np.linalg.norm(dh, axis=1), np.linalg.norm(back, axis=1)
    off = shorter / length - 1
    weight = 2 * off / (length * shorter)
    return np.sum(off**2), (weight[:, None] * back).T @ v
    ### END SOLUTION


# %% check="6.7"
ex.pascanu_regulariser.check(pascanu_regulariser)

# %% [markdown] solution="6.7"
r"""
**Why this and not that.** For an orthogonal $W_{hh}$ and states of zero $\Omega$ is 0: every step keeps the length.
`back` is the gradient one step earlier, as in lesson 04:
through the tanh, then $W_{hh}^\top$. With $r = v W_{hh}^\top$,
entry $i$ of $r$ is $\sum_j v_j W_{hh}[i, j]$, so $\partial \|r\| / \partial W_{hh}[i, j] = r_i v_j / \|r\|$:
rows from `back`, columns from `v`.
Each step has its own ratio and its own weight, and one matrix product adds all steps up.
"""

# %% [markdown]
r"""
The witness of lesson 04, central differences, on a network of the laboratory:
"""

# %%
from course_utils.exercises.bptt import numerical_gradient

lab_16 = GradientLab(rng, H=16, T=50)


def whole_gradients(trial):
    return (lab_16.v @ jacobians.products(trial.jacobians))[:-1][::-1]  # ∂L/∂h_1, ..., ∂L/∂h_T


before = lab_16.run(0.9)
dh, h = whole_gradients(before), before.h
omega, gradient = ex.pascanu_regulariser(dh, h, before.W)
numerical = numerical_gradient(lambda W: ex.pascanu_regulariser(dh, h, W)[0], before.W, 1e-5)
print(f"Ω = {omega:.2f}; gradient and differences differ by {np.abs(gradient - numerical).max():.0e}")
assert np.abs(gradient - numerical).max() < 1e-7

# %% [markdown]
r"""
Does it do what it promises? Two hundred small steps against $\partial \Omega / \partial W_{hh}$,
with states and gradients computed anew each time:
"""

# %%
W = before.W
for _ in range(200):
    trial = lab_16.trial(W)
    W = W - 0.01 * ex.pascanu_regulariser(whole_gradients(trial), trial.h, W)[1]
after = lab_16.trial(W)
norms = {"before": before.norms, "after": after.norms}
plots.norms_by_lag(norms, "Regularised: the gradient reaches much farther back", (plots.VERMILION, plots.BLUE))
show(
    "Gradient norm by lag, log axis: before, a fall by many powers of ten; after, a line that stays much nearer to one."
)
print(f"factor per step {before.rate:.3f} before, {after.rate:.3f} after")
assert before.rate < 0.75 and 0.82 < after.rate < 1.05

# %% [markdown]
r"""
Largely it does, though only on these inputs:
the derivative held the states fixed, and they move as the weights do,
so it need not arrive at one exactly. In training it stands beside the loss, with a weight of its own.
Back to copying, $T = 20$ and at most 600 updates.
**Predict** what $0.2 \, \Omega$, as a mean over the batch, makes of the plain start:
"""

# %%
from functools import partial

from course_utils.studies.regularised import RegularisedModel

model = partial(RegularisedModel, weight=0.2)
runs = [train_on(copying, CELLS["elman"], r, 20, updates=600, model=model) for r in rng.spawn(2)]
print(f"plain: {by_cut['tanh'][-1]:.0%} right.  with Ω:", *(f"{r.success:.0%} after {r.updates}  " for r in runs))
assert min(run.success for run in runs) > by_cut["tanh"][-1]

# %% [markdown]
r"""
All remedies on one page:

| remedy | against | price |
|---|---|---|
| clip the gradient by norm | exploding | a threshold to choose |
| orthogonal or identity start, small bias | vanishing, at the start | training leaves it |
| ReLU instead of tanh | flat slopes | needs such a start; states without a bound |
| regularise the Jacobian | both | a second loss, a weight to choose |
| truncate BPTT | time and memory, and exploding beyond $k$ | no gradient beyond $k$ |
| **change the architecture** | vanishing, at its root | four times the parameters: lesson 07 |

The last row is the one that lasted. If the trouble is that every step *multiplies by a matrix and passes a
squashing function*,
then let the memory pass a step by a sum and a gate, with nothing in between.

## What we learned

- A gradient over a lag is a product of Jacobians $\mathrm{diag}(f') W_{hh}^\top$,
  so it shrinks or grows exponentially, between the products of smallest and largest singular values.
- $s_{\max}(W_{hh}) < 1/\max|f'|$ is enough for vanishing; above it, exploding is possible and no more.
  Weights, bias, activation and start decide.
- Vanishing shows as answers and verbs that depend on nothing far away; exploding shows as wild steps and NaN.
  Clipping by norm, with the square root, cures the second. The first needs another architecture.

## Go further

- Pascanu, Mikolov and Bengio 2013, *On the difficulty of training recurrent neural networks*:
  the conditions, the cliff, clipping, the regulariser.
- Hochreiter and Schmidhuber 1997, *Long short-term memory*: the tasks of section 4, and the way out.
- Le, Jaitly and Hinton 2015, *A simple way to initialize recurrent networks of rectified linear units*: the IRNN.

**Next:** lesson 07 builds that other architecture,
a cell whose memory is multiplied by a gate and not by a matrix: the LSTM.
"""

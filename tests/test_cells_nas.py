"""The NAS cell: its wiring, written out node by node, and what follows from it."""

import numpy as np

from course_utils import sequence
from course_utils.activations import sigmoid
from course_utils.cells import CELLS

T, B, D, H = 7, 2, 3, 5
cell = CELLS["nas"]


def problem(rng):
    state = cell.State(rng.standard_normal((B, H)), rng.standard_normal((B, H)))
    return cell.init(rng, D, H), rng.standard_normal((T, B, D)), state


def wired(x, h, c, p):
    """One step with the nodes as the authors' code wires them; every node has its own two matrices and bias."""
    node = [(x @ p.W_x[k], h @ p.W_h[k] + p.b[k, 0]) for k in range(8)]
    relu = lambda a: np.maximum(a, 0)  # noqa: E731
    memory_branch = np.tanh(np.tanh(sigmoid(sum(node[0])) * relu(sum(node[1]))) + c)
    new_c = memory_branch * np.tanh(sigmoid(sum(node[2])) + relu(node[3][0] * node[3][1]))
    output_branch = np.tanh(np.tanh(sum(node[4])) * sigmoid(sum(node[5])))
    output_branch = np.tanh(output_branch + sigmoid(np.tanh(sum(node[6])) + sigmoid(sum(node[7]))))
    return np.tanh(new_c * output_branch), new_c


def test_every_node_is_wired_as_in_the_authors_code(rng):
    p, x, state = problem(rng)
    run, (h, c) = sequence.forward(cell, p, x, state), state
    for t in range(T):
        h, c = wired(x[t], h, c, p)
        assert np.abs(run.h[t] - h).max() < 1e-14
        assert np.abs(run.trace.c[t] - c).max() < 1e-14


def test_the_memory_never_leaves_one_so_the_cell_cannot_count(rng):
    p, _, state = problem(rng)
    p = p._replace(b=p.b + 5)
    run = sequence.forward(cell, p, np.ones((200, B, D)), state)
    assert np.abs(run.trace.c).max() < 1
    assert np.abs(run.h).max() < np.tanh(1)


def test_the_product_node_is_silent_without_input_whatever_its_bias(rng):
    p, x, state = problem(rng)
    run = sequence.forward(cell, p._replace(b=p.b + 5), 0 * x, state)
    assert np.all(run.trace.a[:, :, 3] == 0)
    assert run.trace.a.shape == (T, B, 8, H)

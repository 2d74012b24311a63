"""How much of the past a tensor holds on to: the nodes of the autograd graph that leads to it."""

__all__ = ["graph_nodes"]


def graph_nodes(tensor):
    """The number of operations that backward() from this tensor would visit; 0 for a tensor without a graph.

    >>> graph_nodes((w * w).sum())          # w requires a gradient: multiply, sum, and the leaf w
    3
    """
    seen, todo = set(), [tensor.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [before for before, _ in node.next_functions]
    return len(seen)

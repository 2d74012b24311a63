"""What can be asked about the shapes of torch's recurrent networks: each topic is a function (rng, net) to four things.

They are what is asked, the answer as whole numbers, why it is so, and known wrong answers with their reason.
"""

from typing import NamedTuple

__all__ = ["GATES", "PADDED", "TOPICS", "Net", "written"]

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


class Net(NamedTuple):
    """A network of torch.nn and a batch for it: lengths is None without padding."""

    kind: str
    D: int
    H: int
    L: int
    both: bool
    batch_first: bool
    B: int
    T: int
    lengths: tuple | None = None

    @property
    def directions(self):
        return 2 if self.both else 1

    @property
    def width(self):
        """How many numbers a layer writes at each step."""
        return self.directions * self.H

    def order(self, B, T, *rest):
        """B and T in the order that batch_first says, and what comes after them."""
        return (B, T, *rest) if self.batch_first else (T, B, *rest)


def _output(rng, net):
    B, T = net.B, net.T
    return (
        "output.shape",
        net.order(B, T, net.width),
        _first(net) + ("forward and backward stand side by side, 2H." if net.both else "every step has a state of H."),
        {
            net.order(T, B, net.width): "the first two axes are swapped: look at batch_first.",
            net.order(B, T, net.H): "with bidirectional=True both halves stand side by side in the output.",
            net.order(B, T, net.L * net.width): "only the top layer is in the output, however many layers there are.",
            net.order(B, T, net.D): "D goes in; what comes out has the size of the state.",
            (net.L * net.directions, B, net.H): "this is the shape of h_n; output has a row for each step.",
        },
    )


def _h_n(rng, net):
    n = net.L * net.directions
    return (
        "h_n.shape",
        (n, net.B, net.H),
        "one final state for each layer and direction; batch_first does not change it.",
        {
            (net.B, n, net.H): "batch_first speaks of input and output only; h_n keeps the batch on its second axis.",
            (net.L, net.B, net.width): "directions stand on the first axis, beside the layers, not side by side.",
            (net.L, net.B, net.H): "each direction has a final state of its own.",
            (net.directions, net.B, net.H): "each layer has a final state of its own.",
            (1, net.B, net.H): "h_n has an entry for every layer and direction.",
            (net.B, net.H): "h_n has an entry for every layer and direction, on a first axis.",
        },
    )


def _weight(rng, net):
    layer, which = int(rng.integers(net.L)), str(rng.choice(["ih", "hh"]))
    rows, below = GATES[net.kind] * net.H, net.D if layer == 0 else net.width
    columns = below if which == "ih" else net.H
    reads = f"weight_ih reads {'the input' if layer == 0 else 'what the layer below writes'}, {below} numbers"
    return (
        f"rnn.weight_{which}_l{layer}.shape",
        (rows, columns),
        f"{GATES[net.kind]} gate{'s' * (rows > net.H)} of H rows; {reads if which == 'ih' else 'weight_hh reads H'}.",
        {
            (columns, rows): "torch keeps (outputs, inputs), the transpose of ours.",
            (net.H, columns): f"the {GATES[net.kind]} gates stand below one another.",
            (rows, net.D): "this layer does not read D numbers.",
            (rows, net.H): "this weight does not read H numbers: the layer below writes both directions.",
        },
    )


def _entry(rng, net):
    layer, half = int(rng.integers(net.L)), int(rng.integers(net.directions))
    name, n = f"layer {layer}" + (f", {('forward', 'backward')[half]} half" if net.both else ""), net.L * net.directions
    k = layer * net.directions + half
    asked = f"h_n[k] is the final state of {name} (layers count from 0). k, counted from 0"
    slips = {(half * net.L + layer,): "layers come first, and within a layer the directions: l0, l0 backward, l1, ..."}
    slips |= {(k + 1,): "entries count from 0.", (k - n,): f"right, counted from the end; counted from 0 it is {k}."}
    return asked, (k,), "the order is layer 0 forward, layer 0 backward, layer 1 forward, and so on.", slips


def _half(rng, net):
    half, last = int(rng.integers(2)), net.T - 1
    part, at = (":H", "H:")[half], ("[:, t, {}]" if net.batch_first else "[t, :, {}]")
    right = last if half == 0 else 0
    return (
        f"h_n[{half - 2}] equals output{at.format(part)} for one t from 0 to {last}. t",
        (right,),
        "the forward half ends at the last step."
        if half == 0
        else "the backward half reads from the end, so it is done at step 0.",
        {
            (last - right,): "there this half has read a single step only.",
            (net.T,): "steps count from 0.",
            (-1,): f"which step of 0 to {last} is that?",
        },
    )


def _linear(rng, net):
    V = 11
    return (
        f"nn.Linear({net.width}, {V})(output).shape",
        net.order(net.B, net.T, V),
        "Linear works on the last axis and leaves all others alone.",
        {
            (net.B * net.T, V): "that is what output.reshape(-1, ...) would give; Linear needs no reshaping.",
            (net.B, V): "Linear is applied at every step, not only the last.",
            net.order(net.T, net.B, V): "the first two axes are swapped: look at batch_first.",
            net.order(net.B, net.T, net.width): "the last axis is what Linear changes.",
        },
    )


def _packed(rng, net):
    total = sum(net.lengths)
    return (
        "packed.data.shape",
        (total, net.D),
        "one row for every real step, the sum of the lengths; no padding.",
        {
            (net.B * net.T, net.D): "padding is not packed.",
            (max(net.lengths) * net.B, net.D): "each sequence has its own length; padding is not packed.",
            (total, net.H): "nothing has been computed yet: these are inputs, D numbers each.",
            net.order(net.B, net.T, net.D): "packing lays all real steps one below the other: two axes.",
        },
    )


def _unpacked(rng, net):
    longest = max(net.lengths)
    return (
        "output.shape",
        net.order(net.B, longest, net.width),
        "padded again up to the longest of the batch, not to the T of x.",
        {
            net.order(net.B, net.T, net.width): "x had more padding than needed; it does not come back by itself.",
            net.order(longest, net.B, net.width): "the first two axes are swapped: look at batch_first.",
            net.order(net.B, longest, net.H): "both halves stand side by side in the output.",
            (sum(net.lengths), net.width): "this is before pad_packed_sequence.",
        },
    )


def _batch_sizes(rng, net):
    sizes = tuple(sum(n > t for n in net.lengths) for t in range(max(net.lengths)))
    return (
        "packed.batch_sizes",
        sizes,
        "how many sequences still run at each step.",
        {
            net.lengths: "these are the lengths; batch_sizes goes step by step.",
            tuple(sorted(net.lengths, reverse=True)): "these are the lengths; batch_sizes goes step by step.",
        },
    )


def _last_valid(rng, net):
    b = int(rng.integers(net.B))
    n = net.lengths[b]
    place = f"output[{b}, t]" if net.batch_first else f"output[t, {b}]"
    return (
        f"{place} is the last real state of sequence {b}. t",
        (n - 1,),
        "a sequence of length n ends at step n - 1.",
        {
            (n,): "steps count from 0.",
            (net.T - 1,): "for this sequence that is padding.",
            (max(net.lengths) - 1,): "that is where the longest sequence ends.",
        },
    )


def _first(net):
    return "batch first, then steps; " if net.batch_first else "time comes first unless batch_first=True; "


def written(numbers):
    """(4, 7) for several numbers, 4 for one."""
    return f"({', '.join(map(str, numbers))})" if len(numbers) > 1 else str(numbers[0])


# topic: the question, and what the network needs for it
TOPICS = {
    "output": (_output, None),
    "h_n": (_h_n, None),
    "weights": (_weight, None),
    "entries of h_n": (_entry, lambda rng: {"L": int(rng.integers(2, 4))}),
    "bidirectional halves": (_half, lambda rng: {"both": True}),
    "Linear": (_linear, None),
    "packed data": (_packed, None),
    "unpacked output": (_unpacked, None),
    "batch sizes": (_batch_sizes, None),
    "last real step": (_last_valid, lambda rng: {"both": False}),
}
PADDED = ("packed data", "unpacked output", "batch sizes", "last real step")

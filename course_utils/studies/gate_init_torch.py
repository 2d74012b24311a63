"""Fresh LSTMs in torch whose weights were filled gate by gate or all at once, and what follows from the difference.

torch keeps the four gates of an LSTM below one another, weight_ih (4H, D) and weight_hh (4H, H). An initialiser that looks
at the shape of what it fills takes 4H for the number of outputs, while each gate has H:

    Glorot, whole     variance 2 / (D + 4H) in place of 2 / (D + H)
    orthogonal, whole the columns of all four gates together have length 1, so those of one gate have about 1/2

x (T, B, D), states (T, B, H). Random numbers come from a torch.Generator that is passed in.
"""

from typing import NamedTuple

import torch

__all__ = [
    "SCHEMES",
    "Scheme",
    "fresh_lstm",
    "gradient_by_lag",
    "next_symbol_batches",
    "recall_batches",
    "singular_values",
    "train_losses",
]


class Scheme(NamedTuple):
    """How to fill a weight: one of torch.nn.init's functions, on each gate's block or on the whole; gain multiplies."""

    fill: str
    by_gate: bool
    gain: float = 1.0


SCHEMES = {
    "torch's own": None,
    "Glorot, whole": Scheme("xavier_uniform_", False),
    "Glorot, by gate": Scheme("xavier_uniform_", True),
    "orthogonal, whole": Scheme("orthogonal_", False),
    "orthogonal, by gate": Scheme("orthogonal_", True),
    "orthogonal, whole, doubled": Scheme("orthogonal_", False, 2.0),
}


def fresh_lstm(scheme, D, H, generator, forget_bias=1.0):
    """A torch.nn.LSTM with weights filled by a Scheme (None: uniform in ±1/√H, torch's own) and biases 0 but for f."""
    lstm = torch.nn.LSTM(D, H)
    with torch.no_grad():
        for weight in (lstm.weight_ih_l0, lstm.weight_hh_l0):
            _fill(weight, scheme, H, generator)
        lstm.bias_ih_l0.zero_()
        lstm.bias_hh_l0.zero_()
        lstm.bias_ih_l0[H : 2 * H] = forget_bias
    return lstm


def _fill(weight, scheme, H, generator):
    if scheme is None:
        torch.nn.init.uniform_(weight, -(H**-0.5), H**-0.5, generator=generator)
        return
    for block in weight.chunk(4) if scheme.by_gate else [weight]:
        getattr(torch.nn.init, scheme.fill)(block, gain=scheme.gain, generator=generator)


def singular_values(lstm):
    """Singular values of each gate's block of weight_hh: (4, H), largest first."""
    blocks = lstm.weight_hh_l0.detach().reshape(4, lstm.hidden_size, -1)
    return torch.linalg.svdvals(blocks).numpy()


def gradient_by_lag(lstm, T, B, generator):
    """How strongly the last state hears each input: norm of the gradient of a random sum over h_T at lags 0..T - 1, (T,)."""
    x = torch.randn(T, B, lstm.input_size, generator=generator).requires_grad_()
    last = lstm(x)[0][-1]
    (last * torch.randn(last.shape, generator=generator)).sum().backward()
    return x.grad.norm(dim=-1).mean(dim=1).flip(0).numpy()


def recall_batches(steps, T, B, V, generator):
    """Random symbols as one-hot rows (T, B, V), and the first of each sequence as the target after the last step, (1, B)."""
    for _ in range(steps):
        ids = torch.randint(V, (T, B), generator=generator)
        yield torch.nn.functional.one_hot(ids, V).float(), ids[:1]


def next_symbol_batches(ids, steps, T, B, generator):
    """Random windows of a text ids (N,) as one-hot rows (T, B, V), and at every step the symbol that follows, (T, B)."""
    V, offsets = int(ids.max()) + 1, torch.arange(T + 1)[:, None]
    for _ in range(steps):
        window = ids[torch.randint(len(ids) - T, (B,), generator=generator) + offsets]  # (T + 1, B)
        yield torch.nn.functional.one_hot(window[:-1], V).float(), window[1:]


def train_losses(lstm, batches, lr, generator):
    """Train the lstm and a fresh read-out on pairs of x (T, B, D) and targets (K, B) of the last K steps: losses in nats.

    Adam, gradient norm at most 1. The read-out has D outputs. Returns a list with one loss per batch.
    """
    readout = torch.nn.Linear(lstm.hidden_size, lstm.input_size)
    torch.nn.init.xavier_uniform_(readout.weight, generator=generator)
    torch.nn.init.zeros_(readout.bias)
    weights, losses = [*lstm.parameters(), *readout.parameters()], []
    optimiser = torch.optim.Adam(weights, lr)
    for x, targets in batches:
        logits = readout(lstm(x)[0][-len(targets) :])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        losses.append(loss.item())
    return losses

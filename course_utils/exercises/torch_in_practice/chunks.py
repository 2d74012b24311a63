"""Exercise 9.8: chunks of one text, the state carried on and its gradient cut."""

from ...studies.torch_names import Module
from ..definition import case, exercise
from .inputs import normal, torch_lstm


@exercise(
    "9.8",
    points=2,
    hints=(
        "The next chunk needs the numbers of the state. What else does a tensor bring along that came out of a network?",
        "state is a pair (h, c), and each has a .detach(): the same numbers, without the way back.",
        "After the backward pass: state = tuple(s.detach() for s in state). Old gradients go with lstm.zero_grad() before it.",
    ),
)
def chunk_gradients(lstm: Module, chunks: list) -> list:
    """∂ mse_loss(output, y)/∂ weight_hh_l0 for each chunk (x, y) of one text: the state is carried on, the gradient is not."""
    import torch

    state, gradients = None, []
    for x, y in chunks:
        lstm.zero_grad()
        output, state = lstm(x, state)
        torch.nn.functional.mse_loss(output, y).backward()
        gradients.append(lstm.weight_hh_l0.grad.clone())
        state = tuple(s.detach() for s in state)
    return gradients


@chunk_gradients.cases
def _(rng):
    for n, T, B, claim in (
        (1, 4, 2, "one chunk"),
        (2, 4, 2, "two chunks"),
        (5, 3, 1, "five chunks of one text (B = 1)"),
        (4, 1, 3, "chunks of one step (T = 1)"),
        (3, 12, 2, "long chunks"),
    ):
        chunks = [(2 * normal(rng, T, B, 3), normal(rng, T, B, 4)) for _ in range(n)]
        yield case(claim, torch_lstm(rng, 1, 3, 4, bidirectional=False), chunks)


chunk_gradients.slip(
    "h or c still has the last chunk's graph, and backward() meets it again (.detach() returns a new tensor: keep it)",
    {"        state = tuple(s.detach() for s in state)": ""},
)
chunk_gradients.slip(
    "retain_graph=True silences the error and keeps every chunk: the gradient runs back to the start, at growing cost",
    {"backward()": "backward(retain_graph=True)", "        state = tuple(s.detach() for s in state)\n": ""},
)
chunk_gradients.slip(
    "the state is thrown away: every chunk starts from zeros. Cut the gradient, keep the numbers",
    {"lstm(x, state)": "lstm(x)"},
)
chunk_gradients.slip(
    "only h is carried and the memory c starts from zeros: the state of an LSTM is the pair (h, c)",
    {"tuple(s.detach() for s in state)": "(state[0].detach(), torch.zeros_like(state[1]))"},
)
chunk_gradients.slip(
    "gradients add up from chunk to chunk: backward() adds to .grad, so set it back before each chunk",
    {"        lstm.zero_grad()": ""},
)
chunk_gradients.slip(
    "every entry is the same tensor, the running sum: set .grad back before each chunk",
    {"        lstm.zero_grad()": "", "lstm.weight_hh_l0.grad.clone()": "lstm.weight_hh_l0.grad"},
)
chunk_gradients.slip(
    "the chunk's own graph is gone too, so backward() has nothing to do: detach the state, not the output",
    {"(output, y).b": "(output.detach(), y).b"},
)
chunk_gradients.slip(
    "every entry is .grad itself, the same tensor, and ends with the last chunk's numbers: keep a clone of each",
    {"lstm.zero_grad()": "lstm.zero_grad(set_to_none=False)", ".grad.clone()": ".grad"},
)
chunk_gradients.slip(
    "zero_grad() comes before the gradient is read, so there is none left to keep",
    {
        "        lstm.zero_grad()\n": "",
        "gradients.append(": "lstm.zero_grad()\n        gradients.append(",
        ".grad.clone()": ".grad",
    },
)
chunk_gradients.slip(
    "this is the gradient of the sum of squared errors; mse_loss takes their mean",
    {"mse_loss(output, y).b": "mse_loss(output, y, reduction='sum').b"},
)


@chunk_gradients.variant
def _(lstm, chunks):
    import torch

    h = c = torch.zeros(1, chunks[0][0].shape[1], lstm.hidden_size, dtype=chunks[0][0].dtype)
    gradients = []
    for x, y in chunks:
        output, (h, c) = lstm(x, (h.detach(), c.detach()))
        gradients += torch.autograd.grad(torch.nn.functional.mse_loss(output, y), lstm.weight_hh_l0)
    return gradients


@chunk_gradients.variant
def _(lstm, chunks):
    import torch

    state, gradients = None, []
    for x, y in chunks:
        output, (h, c) = lstm(x, state)
        ((output - y) ** 2).mean().backward()
        gradients.append(lstm.weight_hh_l0.grad.numpy().copy())
        lstm.weight_hh_l0.grad = None
        with torch.no_grad():
            state = (h.clone(), c.clone())
    return gradients

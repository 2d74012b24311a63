"""Tensors of seeded numbers that cases of several exercises start from."""


def normal(rng, *shape):
    """A float64 tensor of normal numbers."""
    import torch

    return torch.from_numpy(rng.standard_normal(shape))


def torch_lstm(rng, L, D, H, bidirectional=True):
    """A float64 torch.nn.LSTM, batch_first if bidirectional, with weights from rng."""
    import torch

    lstm = torch.nn.LSTM(D, H, L, bidirectional=bidirectional, batch_first=bidirectional, dtype=torch.float64)
    with torch.no_grad():
        for w in lstm.parameters():
            w.copy_(normal(rng, *w.shape) * 0.7)
    return lstm


def with_nan(a, lengths):
    """a (B, T, ·) with nan in the padding."""
    import torch

    pads = torch.arange(a.shape[1]) >= lengths[:, None]
    return a.masked_fill(pads[..., None], float("nan"))

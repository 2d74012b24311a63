"""Lesson 09: weights and sizes in torch's layout, gate by gate, the right final states, masks, noise, chunks, and one update.

9.1 to_state_dict: our weights in torch's layout, by the names of a state dict.
9.2 recurrent_parameters: how many numbers a recurrent layer of torch's learns.
9.3 stacked_gates: a weight of several gates, each filled by a call of its own.
9.4 final_features: the final states of a bidirectional network.
9.5 last_states: each padded sequence's last valid state.
9.6 masked_loss: a mean over real tokens that padding does not change.
9.7 noisy_steps: variational dropout and zoneout, from the same random numbers.
9.8 chunk_gradients: chunks of one text, the state carried on and its gradient cut.
9.9 clipped_updates: updates by a clipped gradient, four calls in their one right order.
"""

from .both_directions import final_features
from .chunks import chunk_gradients
from .gate_by_gate import stacked_gates
from .last_steps import last_states
from .masking import masked_loss
from .noise_in_time import noisy_steps
from .sizes import recurrent_parameters
from .state_dict import to_state_dict
from .updates import clipped_updates

__all__ = [
    "chunk_gradients",
    "clipped_updates",
    "final_features",
    "last_states",
    "masked_loss",
    "noisy_steps",
    "recurrent_parameters",
    "stacked_gates",
    "to_state_dict",
]

"""Lesson 01: score a text, count, smooth, draw, and measure.

1.1 sentence_log_prob: the log-probability of a sentence under a bigram model.
1.2 add_k: a bigram table from counts, smoothed by adding k.
1.3 inverse_transform: a draw from a distribution by one uniform number.
1.4 softmax_at: probabilities from scores, at a temperature.
1.5 perplexity: perplexity, whatever the base of the logarithm.
1.6 continuation: in how many contexts a word is found.
1.7 kneser_ney: Kneser-Ney smoothing.
"""

from .contexts import continuation
from .counting import add_k
from .drawing import inverse_transform
from .measuring import perplexity
from .scoring import sentence_log_prob
from .smoothing import kneser_ney
from .temperature import softmax_at

__all__ = ["add_k", "continuation", "inverse_transform", "kneser_ney", "perplexity", "sentence_log_prob", "softmax_at"]

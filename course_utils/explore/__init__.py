"""Widgets: each one is a function of `course_utils.plots` with sliders beside it."""

from .explorer import explore, float_slider, int_slider, options, quiz

__all__ = ["explore", "float_slider", "int_slider", "options", "quiz"]

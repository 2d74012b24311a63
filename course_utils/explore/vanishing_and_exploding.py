"""Widgets of lesson 06."""

from ..plots import vanishing_and_exploding as plots
from ..studies.gradient_lab import STARTS
from .explorer import explore, float_slider, int_slider, options

__all__ = ["laboratory"]


def laboratory(lab):
    """A GradientLab with all its switches: spectral radius, activation, start, bias and horizon."""

    def draw(radius, activation, start, bias, horizon):
        trial = lab.run(radius, activation, start, bias, horizon)
        ax = plots.bounds_of(trial, f"Per step the gradient is multiplied by {trial.rate:.3f}")
        ax.text(1.02, 0.95, "upper bound", color=plots.VERMILION, transform=ax.transAxes)
        ax.text(1.02, 0.85, "gradient", color=plots.BLACK, transform=ax.transAxes)
        ax.text(1.02, 0.75, "lower bound", color=plots.BLUE, transform=ax.transAxes)
        return ax

    def alt(radius, activation, start, bias, horizon):
        trial = lab.run(radius, activation, start, bias, horizon)
        return (
            f"Norm of the gradient by lag for a {start} start with spectral radius {radius:.2f}, {activation}, bias "
            f"{bias:.1f}: {trial.norms[-1]:.1e} after {horizon} steps, between the bounds {trial.lower[-1]:.0e} and "
            f"{trial.upper[-1]:.0e}."
        )

    return explore(
        draw,
        alt,
        radius=float_slider("spectral radius", 0.1, 4.0, 1.0, step=0.05),
        activation=options("activation", ["tanh", "relu", "sigmoid", "identity"]),
        start=options("start", list(STARTS)),
        bias=float_slider("bias", -3.0, 3.0, 0.0, step=0.1),
        horizon=int_slider("horizon (steps)", 5, len(lab.x), min(50, len(lab.x)), step=5),
    )

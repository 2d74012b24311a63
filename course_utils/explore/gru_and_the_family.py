"""Widgets of lesson 08."""

import numpy as np

from ..cells import CELLS
from ..plots import gru_and_the_family as plots
from ..studies import counters, equations
from .explorer import explore, float_slider, int_slider, options

__all__ = ["counting", "gates", "variants"]


def gates(unit, x):
    """Sliders for z and r: the states unit(x, z, r) (T,) of one unit that reads x (T,)."""

    def alt(z, r):
        h = unit(x, z, r)
        return f"With z = {z:.2f} and r = {r:.2f} the state ends at {h[-1]:.2f}; its largest value is {np.max(h):.2f}."

    return explore(
        lambda z, r: plots.one_unit(x, unit(x, z, r), z, r),
        alt,
        z=float_slider("update gate z", 0.0, 1.0, 0.8, 0.05),
        r=float_slider("reset gate r", 0.0, 1.0, 1.0, 0.05),
    )


def variants(pairs, size):
    """A menu of cells, each with the cell that it is compared to, (name, base): equations, and parameters at size (D, H)."""

    def draw(cell):
        name, base = cell
        change = equations.changes(CELLS[name], CELLS[base])
        count = sum(int(np.prod(s)) for s in CELLS[name].shapes(*size).values())
        title = f"{name}, {count} parameters (D, H = {size[0]}, {size[1]}); coloured: not as in {base}"
        plots.equations_sheet(title, equations.equations(CELLS[name]), change.lines, change.gone)

    def alt(cell):
        name, base = cell
        change = equations.changes(CELLS[name], CELLS[base])
        return f"The equations of {name}. Other than in {base}: {'; '.join([*change.lines, *change.gone]) or 'none'}."

    return explore(draw, alt, cell=options("cell", [(name, (name, base)) for name, base in pairs]))


def counting(networks, furthest):
    """A slider for n: what networks (by name) hold while they read a string, and whether each accepts it."""

    def verdict(name, n):
        return f"{name}: {'accepted' if counters.accepts(networks[name], [n])[0] else 'refused'}"

    def draw(n):
        plots.counters([counters.read(net, n) for net in networks.values()], n, [verdict(k, n) for k in networks])

    def alt(n):
        return f"The memories while the string with n = {n} is read. {'; '.join(verdict(k, n) for k in networks)}."

    return explore(draw, alt, n=int_slider("n", 1, furthest, 20))

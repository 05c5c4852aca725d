#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a sweep over two axes as a map: what binds, a figure's level lines, and where power takes over.

From what `dcsim sweep` wrote for a grid of two numeric axes. Each point is a cell in the colour of the
constraint that binds there; lines are levels of --of; the black curve is where rho is rho*, with its 95 %
interval over replications, and the bars say between which points the node-time goes over from the nodes'
own limits to power. Writes NAME.png and NAME.pdf.
"""
import sys

import numpy as np

import common
from common import BINDING_COLOURS, BINDING_TEXTS, plt


def axes_of(file):
    """Names of the two axes of the grid, the first of them the one that the boundary is on."""
    names = [list(d.keys())[0] for d in file["binding"].dims if d.keys()]
    if len(names) != 2 or any(file[n].dtype.kind != "f" for n in names):
        raise ValueError("found no grid of two axes with numbers; a sweep with two --vary would be right")
    return names


def edges(value, log):
    """Edges of the cells around points."""
    x = np.log(value) if log else value
    middle = 0.5 * (x[1:] + x[:-1])
    e = np.concatenate([[2 * x[0] - middle[0]], middle, [2 * x[-1] - middle[-1]]])
    return np.exp(e) if log else e


def is_log(value):
    """Whether points are nearer to equal factors than to equal steps."""
    if len(value) < 3 or value.min() <= 0:
        return False
    step, factor = np.diff(value), np.diff(np.log(value))
    return np.ptp(factor) / factor.mean() < np.ptp(step) / step.mean() - 1e-9


def label(file, name, text):
    unit = file[name].attrs.get("units", "1")
    unit = unit.decode() if isinstance(unit, bytes) else unit
    return text or (name if unit == "1" else f"{name} ({unit})")


def draw_map(axes, file, x, y, binding, names):
    present = [b for b in range(len(names)) if np.any(binding == b)]
    colours = [BINDING_COLOURS[names[b]] for b in present]
    index = np.searchsorted(present, binding)
    axes.pcolormesh(edges(x, is_log(x)), edges(y, is_log(y)), index, shading="flat", alpha=0.55,
                    cmap=common.matplotlib.colors.ListedColormap(colours), vmin=-0.5,
                    vmax=len(present) - 0.5, linewidth=0, rasterized=True)
    return [plt.Rectangle((0, 0), 1, 1, color=c, alpha=0.55, linewidth=0,
                          label=f"{BINDING_TEXTS[names[b]]} binds") for b, c in zip(present, colours)]


def draw_levels(axes, file, x, y, of):
    value = file[of][...]
    factor, unit = common.scale(file[of].attrs["units"], value)
    low, high = np.nanmin(value), np.nanmax(value)
    log = low > 0 and high / low > 20
    levels = (np.geomspace if log else np.linspace)(low, high, 9)[1:-1] * factor
    levels = np.unique([float(f"{v:.2g}") for v in levels])
    lines = axes.contour(x, y, value * factor, levels=levels, colors="0.25", linewidths=0.7)
    # Numbers where the lines begin, clear of the boundary.
    row = np.abs(y - (y.min() + 0.15 * np.ptp(y))).argmin()
    order = np.argsort(value[row])
    at = [np.interp(v, value[row][order] * factor, x[order]) for v in levels]
    axes.clabel(lines, fontsize=7, fmt=lambda v: f"{v:g}", manual=[(p, y[row]) for p in at])
    return plt.Line2D([], [], color="0.25", linewidth=0.7, label=f"{of} ({unit})")


def draw_boundary(axes, file, first, x):
    handles = []
    curve = file[f"boundary/{first}"][...]
    low, high = file[f"boundary/{first}_low"][...], file[f"boundary/{first}_high"][...]
    if np.isfinite(curve).any():
        line, = axes.plot(x, curve, color="black", linewidth=2, marker="o", markersize=3.5,
                          label="rho = rho*: power is scarce above")
        axes.fill_between(x, low, high, color="black", alpha=0.25, linewidth=0)
        handles.append(line)
    shares, low = file[f"boundary/{first}_binding"][...], file[f"boundary/{first}_binding_low"][...]
    if np.isfinite(shares).any():
        bars = axes.errorbar(x, shares, yerr=shares - low, fmt="none", ecolor="black", elinewidth=1,
                             capsize=3, label="node-time goes over to power")
        handles.append(bars)
    return handles


def figures(file, options):
    common.need(file, "binding", options.of)
    common.style()
    first, second = axes_of(file)
    common.need(file, f"boundary/{first}")
    x, y = file[second][...], file[first][...]
    names = file["binding"].attrs["flag_meanings"]
    names = (names.decode() if isinstance(names, bytes) else names).split()
    figure, axes = plt.subplots(figsize=(7.5, 5), layout="constrained")
    axes.grid(False)
    handles = draw_map(axes, file, x, y, file["binding"][...], names)
    handles.append(draw_levels(axes, file, x, y, options.of))
    handles += draw_boundary(axes, file, first, x)
    if is_log(x):
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.xaxis.set_minor_locator(common.matplotlib.ticker.NullLocator())
        axes.set_xticks(x)
    axes.set(xlabel=label(file, second, options.xlabel), ylabel=label(file, first, options.ylabel),
             xlim=edges(x, is_log(x))[[0, -1]], ylim=edges(y, is_log(y))[[0, -1]],
             title=options.title or file.attrs.get("title", ""))
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    yield options.name, figure


def arguments(parser):
    parser.add_argument("-n", "--name", default="crossover",
                        help="name of the figure (default: crossover)")
    parser.add_argument("--of", default="token_rate_mean",
                        help="figure with level lines (default: token_rate_mean)")
    parser.add_argument("--title", help="title (default: the scenario's)")
    parser.add_argument("--xlabel", help="text on the horizontal axis, the sweep's second")
    parser.add_argument("--ylabel", help="text on the vertical axis, the sweep's first")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

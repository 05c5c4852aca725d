#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a figure of a sweep against its first axis, a line for each value of the second.

From what `dcsim sweep` wrote for a grid of two axes, the first with numbers: J/token against batch, say,
for several lengths of context. Bands are 95 % intervals over replications. Writes NAME.png and NAME.pdf.
"""
import sys

import numpy as np

import common
from common import MARKS, plt
from crossover import is_log, label


def lines_of(file):
    """Names of the axes and texts of the second one's values."""
    names = [list(d.keys())[0] for d in file["binding"].dims if d.keys()]
    if len(names) != 2 or file[names[0]].dtype.kind != "f":
        raise ValueError("found no grid of two axes, the first with numbers; a sweep with two --vary would "
                         "be right")
    second = file[names[1]]
    texts = [f"{v:g}" for v in second[...]] if second.dtype.kind == "f" else common.texts(second)
    return names[0], names[1], texts


def figures(file, options):
    common.need(file, "binding", options.of)
    common.style()
    first, second, texts = lines_of(file)
    x, value = file[first][...], file[options.of][...]
    order = np.argsort(x)
    factor, unit = common.scale(file[options.of].attrs["units"], value) if options.prefix else (
        1.0, file[options.of].attrs["units"])
    figure, axes = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
    colours = plt.cm.viridis(np.linspace(0, 0.9, len(texts)))
    for i, text in enumerate(texts):
        axes.plot(x[order], value[order, i] * factor, color=colours[i], marker=MARKS[i % len(MARKS)],
                  markersize=4, label=text)
        if f"{options.of}_low" in file:
            axes.fill_between(x[order], file[f"{options.of}_low"][...][order, i] * factor,
                              file[f"{options.of}_high"][...][order, i] * factor, color=colours[i],
                              alpha=0.25, linewidth=0)
    if is_log(np.sort(x)):
        axes.set_xscale("log", base=2)
        axes.set_xticks(np.sort(x))
        axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.xaxis.set_minor_locator(common.matplotlib.ticker.NullLocator())
    if np.nanmin(value) > 0 and np.nanmax(value) / np.nanmin(value) > 20:
        axes.set_yscale("log")
    what = file[options.of].attrs["long_name"]
    axes.set(xlabel=label(file, first, options.xlabel), ylabel=f"{options.of} ({unit})",
             title=f"{options.title or file.attrs.get('title', '')}\n{what}")
    axes.legend(title=label(file, second, options.lines), ncols=2)
    yield options.name, figure


def arguments(parser):
    parser.add_argument("-n", "--name", default="batch", help="name of the figure (default: batch)")
    parser.add_argument("--of", default="e_tok_site", help="figure to draw (default: e_tok_site)")
    parser.add_argument("--title", help="title (default: the scenario's)")
    parser.add_argument("--xlabel", help="text on the horizontal axis, the sweep's first")
    parser.add_argument("--lines", help="what the lines are: the sweep's second axis")
    parser.add_argument("--prefix", action="store_true", help="SI prefix on the vertical axis")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

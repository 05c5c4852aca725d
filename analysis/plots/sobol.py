#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws Sobol indices: first and total index of each factor, as bars with 95 % bootstrap intervals.

From what `dcsim sensitivity --method sobol:N` wrote; a panel for each figure of --of, the factor with the
largest total index of the first panel on top. Writes NAME.png and NAME.pdf.
"""
import sys

import numpy as np

import common
from common import BLUE, ORANGE, plt

KINDS = (("first", "first index: alone", BLUE, -0.2),
         ("total", "total index: with others too", ORANGE, 0.2))


def draw_panel(axes, file, row, order, names):
    place = np.arange(len(order), dtype=float)
    for kind, label, colour, offset in KINDS:
        value = file[kind][row][order]
        low, high = file[f"{kind}_low"][row][order], file[f"{kind}_high"][row][order]
        axes.barh(place + offset, value, height=0.38, color=colour, label=label)
        axes.errorbar(value, place + offset, xerr=[np.maximum(value - low, 0), np.maximum(high - value, 0)],
                      fmt="none", ecolor="0.1", elinewidth=1, capsize=2.5)
    axes.axvline(0, color="0.3", linewidth=0.8)
    axes.set_yticks(place, names[order])
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


def figures(file, options):
    common.need(file, "figure", "factor", "first", "total")
    common.style()
    known, names = list(common.texts(file["figure"])), common.texts(file["factor"])
    wanted = options.of.split(",")
    for name in wanted:
        if name not in known:
            raise ValueError(f"found no figure {name} in it")
    rows = [known.index(name) for name in wanted]
    order = np.argsort(-np.nan_to_num(file["total"][rows[0]], nan=-1), kind="stable")
    figure, panels = plt.subplots(1, len(rows), figsize=(3.1 * len(rows) + 1, 1.3 + 0.42 * len(names)),
                                  sharey=True, squeeze=False, layout="constrained")
    for axes, row, name in zip(panels[0], rows, wanted):
        draw_panel(axes, file, row, order, names)
        axes.set(title=name, xlabel="share of its variance")
    panels[0][0].invert_yaxis()
    panels[0][0].legend(loc="lower right")
    figure.suptitle(file.attrs.get("title", ""), x=0.01, ha="left", fontsize=10)
    yield options.name, figure


def arguments(parser):
    parser.add_argument("-n", "--name", default="sobol", help="name of the figure (default: sobol)")
    parser.add_argument("--of", default="e_tok_site,Q_token,binding_share_feed",
                        help="figures of the summary, one panel each (default: e_tok_site, Q_token, "
                             "binding_share_feed)")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a trajectory, or two beside each other: tokens, joules per token and what binds, by period.

From what `dcsim trajectory` wrote. On top tokens per second, each bar divided by the shares of node-time
of the binding constraints, and what the site could make at full demand, red where power is the scarcer,
blue where compute is; then joules per token; then rho over rho*, with the crossovers of rho (lines) and
of the marginal values (triangles), each with its interval where there is one. Writes NAME.png and NAME.pdf.
"""
import sys

import h5py
import matplotlib
import numpy as np

import common
from common import BINDING_COLOURS, BINDING_TEXTS, BLUE, RED, plt


def dates(file, name="time"):
    """Days as matplotlib's dates."""
    unit = file[name].attrs["units"]
    unit = unit.decode() if isinstance(unit, bytes) else unit
    return matplotlib.dates.datestr2num(unit.split()[-1]) + file[name][...]


def draw_tokens(axes, file, factor):
    begin, end = dates(file, "begin"), dates(file, "end")
    rate, bottom = file["token_rate_mean"][...] * factor, np.zeros(len(begin))
    for name, colour in BINDING_COLOURS.items():
        part = rate * file[f"binding_share_{name}"][...]
        if part.max() > 0.001 * rate.max():
            axes.bar(begin, part, end - begin, bottom, align="edge", color=colour, edgecolor="white",
                     linewidth=0.3, label=BINDING_TEXTS[name])
        bottom += part
    full, power = file["token_rate_full"][...] * factor, file["rho"][...] < file["rho_star"][...]
    for colour, where, label in ((BLUE, ~power, "if full: compute scarce"),
                                 (RED, power, "if full: power scarce")):
        if where.any():
            axes.hlines(full[where], begin[where], end[where], colour, linewidth=2, label=label)


def draw_joules(axes, file):
    begin, end = dates(file, "begin"), dates(file, "end")
    edges = np.append(begin, end[-1])
    for name, label, line in (("e_tok_site", "at the feed", "-"), ("e_tok", "at the nodes", "--")):
        axes.stairs(file[name][...], edges, color="0.2", linestyle=line, label=label, baseline=None)
        if f"{name}_low" in file:
            axes.stairs(file[f"{name}_high"][...], edges, baseline=file[f"{name}_low"][...], fill=True,
                        color="0.2", alpha=0.2, linewidth=0)


def draw_rho(axes, file):
    axes.plot(dates(file), file["rho"][...] / file["rho_star"][...], color="0.2", marker="o", markersize=3)
    axes.axhline(1, color="0.4", linewidth=0.8)
    crossing = file["crossings"]
    if crossing["time"].size == 0:
        return
    for when, half, way, method in zip(dates(crossing), np.nan_to_num(crossing["half"][...]),
                                       crossing["direction"][...], common.texts(crossing["method"])):
        colour = BLUE if way > 0 else RED
        if method == "rho":
            axes.axvline(when, color=colour, linewidth=1)
            axes.axvspan(when - half, when + half, color=colour, alpha=0.15, linewidth=0)
        elif method == "marginal":
            axes.errorbar(when, 1, xerr=half, fmt="^" if way > 0 else "v", color=colour, markersize=7,
                          elinewidth=1, capsize=2, zorder=3)


def draw(files, names):
    common.style()
    factor, unit = common.scale("token/s", *(f["token_rate_full"][...] for f in files))
    figure, axes = plt.subplots(3, len(files), figsize=(4.6 * len(files) + 0.6, 6.6), sharex=True,
                                sharey="row", squeeze=False, layout="constrained",
                                height_ratios=[1.5, 1, 1])
    for column, file, name in zip(axes.T, files, names):
        draw_tokens(column[0], file, factor)
        draw_joules(column[1], file)
        draw_rho(column[2], file)
        column[0].set_title(name)
        column[2].set_xlim(dates(file, "begin")[0], dates(file, "end")[-1])
        column[2].xaxis.set_major_locator(matplotlib.dates.YearLocator())
        column[2].xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%Y"))
        for panel in column:
            panel.grid(axis="x", visible=False)
    axes[0][0].set_ylabel(f"tokens ({unit})")
    axes[1][0].set_ylabel("energy (J/token)")
    axes[1][0].set_ylim(bottom=0)
    axes[2][0].set_ylabel("rho / rho*")
    axes[2][0].set_ylim(bottom=0)
    for panel in axes[0]:
        panel.legend(loc="upper left", ncols=1, fontsize=7)
    axes[1][0].legend(loc="upper right")
    return figure


def figures(file, options):
    common.need(file, "token_rate_full", "crossings", "begin")
    titles = [file.attrs.get("title", "")]
    if options.beside is None:
        yield options.name, draw([file], titles)
        return
    with h5py.File(options.beside) as other:
        common.need(other, "token_rate_full", "crossings", "begin")
        titles.append(other.attrs.get("title", ""))
        yield options.name, draw([file, other], titles)


def arguments(parser):
    parser.add_argument("-n", "--name", default="trajectory",
                        help="name of the figure (default: trajectory)")
    parser.add_argument("-b", "--beside", metavar="FILE", help="another trajectory, drawn beside it")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

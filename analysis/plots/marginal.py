#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws marginal values: what 1 % more of each resource brings, as bars with 95 % intervals.

From what `dcsim marginal -o FILE.h5` wrote; tokens and good tokens side by side, the resource with the
largest value first. Writes NAME.png and NAME.pdf.
"""
import sys

import numpy as np

import common
from common import BLUE, GREEN, plt

TEXTS = {"demand": "demand", "feed": "feed limit", "cooling": "plant's heat limit",
         "cap": "power caps of nodes", "compute": "FLOP/s of GPUs", "bandwidth": "HBM bandwidth",
         "memory": "HBM capacity", "nodes": "nodes",
         "clock": "highest clock of GPUs", "pue": "PUE (less of it is better)"}
KINDS = (("tokens", "tokens", BLUE), ("good_tokens", "good tokens", GREEN))


def draw_kind(axes, place, value, half, label, colour):
    """Bars at places, each with its interval and its number."""
    there = np.isfinite(value)
    axes.barh(place[there], value[there], height=0.38, color=colour, label=label)
    known = there & np.isfinite(half)
    axes.errorbar(value[known], place[known], xerr=half[known], fmt="none", ecolor="0.1",
                  elinewidth=1, capsize=2.5)
    for y, v, h in zip(place, value, half):
        text = "none" if not np.isfinite(v) else f"{v if abs(v) >= 0.0005 else 0:.3f}".replace(
            "-", "\N{MINUS SIGN}")
        v, h = (v if np.isfinite(v) else 0), (h if np.isfinite(h) else 0)
        end, side = (v + h, 1) if v >= 0 else (v - h, -1)
        axes.annotate(text, (end, y), xytext=(4 * side, 0), textcoords="offset points",
                      va="center", ha="left" if side > 0 else "right", fontsize=7.5, color="0.25")


def figures(file, options):
    if "marginal" not in file:
        raise ValueError("found no /marginal in it: what dcsim marginal -o wrote would be right")
    common.style()
    group = file["marginal"]
    names = common.texts(group["resource"])
    best = np.nanmax([group[kind][...] for kind, _, _ in KINDS], axis=0)
    order = np.argsort(-np.nan_to_num(best, nan=-np.inf), kind="stable")
    place = np.arange(len(order), dtype=float)
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.55 * len(order)), layout="constrained")
    for offset, (kind, label, colour) in zip((-0.2, 0.2), KINDS):
        draw_kind(axes, place + offset, group[kind][...][order],
                  group[f"{kind}_half"][...][order], label, colour)
    axes.axvline(0, color="0.3", linewidth=0.8)
    axes.set(yticks=place, yticklabels=[TEXTS.get(n, n) for n in names[order]],
             xlabel="% more for 1 % more of the resource (d ln Q / d ln R), with 95 % intervals",
             title=file.attrs.get("title", ""))
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), handlelength=1)
    yield options.name, figure


def arguments(parser):
    parser.add_argument("-n", "--name", default="marginal",
                        help="name of the figure (default: marginal)")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

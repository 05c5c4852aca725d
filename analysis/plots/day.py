#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a run over its time: ceilings and token rate, what binds, and power.

From what `dcsim run -o FILE.h5` wrote. Control periods are averaged over pieces of time (--bin); the
coloured band shows for which share of a piece's periods each constraint was the largest. Dashed lines
stand where rho - rho* changes sign under the realized K_eff. Writes NAME.png and NAME.pdf.
"""
import sys

import numpy as np

import common
from common import BLACK, BLUE, GREEN, GREY, ORANGE, RED, plt

SERIES = ("time", "token_rate", "good_token_rate", "compute_ceiling", "power_ceiling", "site_power",
          "it_power", "it_power_available", "feed_limit", "binding")


def means(values, pieces):
    """Means over pieces of a series, of what has a value."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return (np.bincount(pieces, np.where(there, values, 0)) / np.bincount(pieces, there))


def pieces_of(time, seconds):
    """The piece that each control period is in, and each piece's middle, s."""
    tick = time[0]
    horizon = time[-1]
    if seconds is None:  # about 300 of them, whole periods each
        seconds = tick * max(1, round(horizon / tick / 288))
    count = max(1, int(np.ceil(horizon / seconds - 1e-9)))
    edges = np.minimum(np.arange(count + 1) * seconds, horizon)
    piece = np.minimum(((time - tick / 2) / seconds).astype(int), count - 1)
    return piece, edges


def draw_rates(axes, x, series):
    factor, unit = common.scale("token/s", *(series[n] for n in SERIES[1:5]))
    lines = (("compute_ceiling", "compute ceiling", BLUE, "-"),
             ("power_ceiling", "power ceiling", RED, "-"),
             ("token_rate", "tokens", BLACK, "-"),
             ("good_token_rate", "good tokens", GREEN, (0, (2, 1))))
    for name, label, colour, dash in lines:
        axes.plot(x, series[name] * factor, color=colour, linestyle=dash, label=label)
    lower = np.fmin(series["compute_ceiling"], series["power_ceiling"]) * factor
    axes.fill_between(x, series["token_rate"] * factor, lower, color=GREY, alpha=0.25, linewidth=0,
                      where=lower > series["token_rate"] * factor, label="below the ceiling")
    axes.set(ylabel=f"rate ({unit})", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1))


def draw_band(axes, edges, piece, binding, names):
    """Shares of control periods by what bound them, stacked."""
    count = np.bincount(piece)
    bottom = np.zeros(len(count))
    for i, name in enumerate(names):
        share = np.bincount(piece, binding == i, minlength=len(count)) / count
        if share.any():
            axes.bar(edges[:-1], share, width=np.diff(edges), bottom=bottom, align="edge",
                     color=common.BINDING_COLOURS.get(name, GREY), linewidth=0, antialiased=False,
                     label=common.BINDING_TEXTS.get(name, name))
            bottom += share
    axes.set(ylim=(0, 1), yticks=(0, 1), yticklabels=("0", "100 %"),
             ylabel="what\nbinds")
    axes.grid(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.15), handlelength=1)


def draw_power(axes, x, series):
    factor, unit = common.scale("W", series["feed_limit"], series["site_power"])
    limit = (0, (4, 2))  # over what it limits, where both run along
    lines = (("site_power", "site", BLACK, "-"), ("feed_limit", "feed limit", RED, limit),
             ("it_power", "IT", BLUE, "-"), ("it_power_available", "IT, available", ORANGE, limit))
    for name, label, colour, dash in lines:
        if np.isfinite(series[name]).any():  # a feed may have no limit
            axes.plot(x, series[name] * factor, color=colour, linestyle=dash, label=label)
    axes.set(ylabel=f"power ({unit})", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1))


def mark_crossings(axes, file, horizon, seconds):
    """Where power or compute becomes the scarce one."""
    if "crossings" not in file:
        return
    realized = common.texts(file["crossings/convention"]) == "realized"
    times, directions = file["crossings/time"][...], file["crossings/direction"][...]
    top = axes[0]
    for time, direction in zip(times[realized], directions[realized]):
        for a in axes:
            a.axvline(time / seconds, color="0.35", linewidth=0.8, linestyle=(0, (4, 3)))
        late = time > 0.8 * horizon
        top.annotate(f"from here {'compute' if direction > 0 else 'power'}\nis scarce",
                     (time / seconds, 0), xycoords=("data", "axes fraction"),
                     xytext=(-4 if late else 4, 5), textcoords="offset points", va="bottom",
                     ha="right" if late else "left", fontsize=8, color="0.3")


def figures(file, options):
    common.need(file, *SERIES)
    common.style()
    time = file["time"][...]
    if time.size == 0:
        raise ValueError("its series are empty")
    piece, edges = pieces_of(time, options.bin)
    series = {name: means(file[name][...], piece) for name in SERIES[1:-1]}
    figure, axes = plt.subplots(3, 1, figsize=(9, 6.2), sharex=True, layout="constrained",
                                height_ratios=(5, 1, 3))
    seconds = common.time_axis(axes[2], time[-1])
    edges = edges / seconds
    x = (edges[:-1] + edges[1:]) / 2
    names = file["binding"].attrs["flag_meanings"].split()
    draw_rates(axes[0], x, series)
    draw_band(axes[1], edges, piece, file["binding"][...], names)
    draw_power(axes[2], x, series)
    mark_crossings(axes, file, time[-1], seconds)
    figure.align_ylabels(axes)
    axes[0].set_title(file.attrs.get("title", ""))
    yield options.name, figure


def arguments(parser):
    parser.add_argument("-n", "--name", default="day", help="name of the figure (default: day)")
    parser.add_argument("--bin", type=float, metavar="SECONDS",
                        help="length of the pieces (default: about 1/288 of the run)")


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures, arguments))

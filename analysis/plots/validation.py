#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what `dcsim validate -o FILE.h5` wrote: predicted against measured, a figure a quantity.

On logarithmic axes, with lines at equality and at a quarter more and less. Colours tell the hardware
(Okabe and Ito's, safe for colour-blind readers), marks the engine. Each figure is written as
validation_QUANTITY.png and .pdf.
"""
import sys

import numpy as np

import common
from common import COLOURS, MARKS, plt

# Quantities, with their titles and the factor and unit of the axes.
QUANTITIES = {
    "tpot": ("time per output token", 1e3, "ms"),
    "itl_p50": ("median gap between tokens", 1e3, "ms"),
    "ttft": ("time to first token at low load", 1e3, "ms"),
    "token_rate": ("output tokens per second", 1, "1/s"),
    "gpu_power": ("power of all GPUs", 1e-3, "kW"),
    "e_tok": ("GPU energy per output token", 1, "J"),
    "wall_power": ("power at the wall", 1e-3, "kW"),
}
MARGIN = 1.25


def names(values):
    return [name for name in np.unique(values) if name]


def draw(file, quantity, hardware, engine):
    """The figure of a quantity; None when nothing is compared."""
    title, factor, unit = QUANTITIES[quantity]
    measured = file[f"{quantity}_measured"][...] * factor
    predicted = file[f"{quantity}_predicted"][...] * factor
    there = np.isfinite(measured) & np.isfinite(predicted)
    if not there.any():
        return None
    figure, axes = plt.subplots(figsize=(6, 6), layout="constrained")
    low = min(measured[there].min(), predicted[there].min()) / 1.2
    high = max(measured[there].max(), predicted[there].max()) * 1.2
    line = np.array([low, high])
    axes.plot(line, line, color="0.3", linewidth=1)
    for side in (MARGIN, 1 / MARGIN):
        axes.plot(line, line * side, color="0.6", linewidth=0.8, linestyle="--")
    # Colours and marks by the whole file, so that they mean the same in every figure.
    for i, h in enumerate(names(hardware)):
        for j, e in enumerate(names(engine)):
            points = there & (hardware == h) & (engine == e)
            if points.any():
                colour = COLOURS[i % len(COLOURS)]
                hollow = i >= len(COLOURS)  # more hardware than colours
                axes.scatter(measured[points], predicted[points], s=14, alpha=0.6,
                             facecolors="none" if hollow else colour, edgecolors=colour,
                             linewidths=0.8 if hollow else 0, marker=MARKS[j % len(MARKS)],
                             label=f"{h}, {e} ({points.sum()})")
    error = np.abs(predicted[there] / measured[there] - 1)
    axes.set(xscale="log", yscale="log", xlim=line, ylim=line, aspect="equal",
             xlabel=f"measured ({unit})", ylabel=f"predicted ({unit})",
             title=f"{title}\n{there.sum()} points, median error {100 * np.median(error):.1f} %, "
                   f"90th percentile {100 * np.quantile(error, 0.9):.1f} %")
    axes.legend(fontsize="x-small", loc="upper left")
    axes.grid(True, which="major", color="0.9")
    return figure


def figures(file, _):
    common.need(file, "excluded", "hardware", "engine")
    counts = common.texts(file["excluded"]) == ""
    hardware = np.where(counts, common.texts(file["hardware"]), "")
    engine = np.where(counts, common.texts(file["engine"]), "")
    for quantity in QUANTITIES:
        figure = draw(file, quantity, hardware, engine)
        if figure is not None:
            yield f"validation_{quantity}", figure


if __name__ == "__main__":
    sys.exit(common.main(__doc__, figures))

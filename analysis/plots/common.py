# SPDX-License-Identifier: GPL-3.0-or-later
"""What all figures share: colours, style, units on axes, and how a script reads a file and writes PNG and
PDF. A new figure is a script with a function figures(file, options) that yields names and figures, and
sys.exit(common.main(__doc__, figures)) at its end.

Nothing in a figure tells when or where it was made, so that the same file gives the same bytes.
"""
import argparse
import os
import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

# Okabe and Ito, "Color Universal Design" (2008): told apart by readers with any colour vision.
BLUE, RED, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, YELLOW = "#E69F00", "#56B4E9", "#000000", "#F0E442"
COLOURS = [BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK, YELLOW]
GREY = "#BBBBBB"
MARKS = ["o", "^", "s", "D", "v", "P"]

# Constraints, the same in every figure: what is short of work is grey, chips are blue, power is warm.
BINDING_COLOURS = {"demand": "#DDDDDD", "compute": BLUE, "memory": SKY, "kv": GREEN, "feed": RED,
                   "cooling": PINK, "rack": ORANGE, "node": YELLOW}
BINDING_TEXTS = {"demand": "demand", "compute": "compute", "memory": "HBM bandwidth",
                 "kv": "KV memory", "feed": "feed", "cooling": "cooling", "rack": "rack limit",
                 "node": "node cap"}

STYLE = {"font.size": 9, "axes.titlesize": 10, "axes.titlelocation": "left", "axes.spines.top": False,
         "axes.spines.right": False, "axes.edgecolor": "0.4", "axes.linewidth": 0.8,
         "axes.grid": True, "axes.axisbelow": True, "grid.color": "0.9", "grid.linewidth": 0.8,
         "xtick.color": "0.3", "ytick.color": "0.3", "axes.labelcolor": "0.2", "text.color": "0.1",
         "legend.frameon": False, "legend.fontsize": 8, "lines.linewidth": 1.5,
         "pdf.fonttype": 42}

DPI = 130


def style():
    """Takes our style for the figures that follow."""
    plt.rcParams.update(STYLE)


def texts(dataset):
    """An array of texts as str."""
    return np.array([t.decode() if isinstance(t, bytes) else t for t in dataset[...]], dtype=object)


def need(file, *paths):
    """Ends with a message when something is not in the file."""
    for path in paths:
        if path not in file:
            raise ValueError(f"found no {path} in it")


def scale(unit, *arrays):
    """A factor and a unit with an SI prefix for an axis that shows all arrays: (1e-6, 'M token/s')."""
    largest = max((np.abs(a[np.isfinite(a)]).max(initial=0) for a in map(np.asarray, arrays)),
                  default=0)
    step = int(np.clip(np.floor(np.log10(largest) / 3), -4, 6)) if largest > 0 else 0
    prefix = ["p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E"][step + 4]
    word = len(unit.split("/")[0]) > 4  # "M token/s", but "MW" and "pJ/FLOP"
    return 10.0 ** (-3 * step), f"{prefix}{' ' if word and prefix else ''}{unit}"


def time_axis(axes, horizon):
    """The unit of time that suits a horizon, set on the axis: seconds in one of it."""
    seconds, name = ((1, "s") if horizon < 120 else (60, "min") if horizon < 7200 else
                     (3600, "h") if horizon <= 2 * 86400 else (86400, "d"))
    axes.set_xlabel(f"time since the start ({name})")
    axes.set_xlim(0, horizon / seconds)
    if name == "h" and horizon / seconds > 12:
        axes.xaxis.set_major_locator(matplotlib.ticker.MultipleLocator(3))
    return seconds


def save(figure, directory, name):
    """Writes NAME.png and NAME.pdf."""
    for kind in ("png", "pdf"):
        metadata = {"CreationDate": None} if kind == "pdf" else {"Software": None}
        figure.savefig(directory / f"{name}.{kind}", dpi=DPI, metadata=metadata)
    plt.close(figure)


def main(doc, figures, arguments=None):
    """Reads the command line and the file, and writes what figures(file, options) yields; arguments(parser)
    adds options of the script's own. Returns the exit status: 0, or 2 with a message."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0], epilog="".join(
        line + "\n" for line in doc.splitlines()[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a result file (HDF5)")
    parser.add_argument("-d", "--directory", default=".", type=pathlib.Path,
                        help="where the figures go (default: here)")
    if arguments is not None:
        arguments(parser)
    options = parser.parse_args()
    os.environ.pop("SOURCE_DATE_EPOCH", None)  # matplotlib would write it into a PDF
    try:
        options.directory.mkdir(parents=True, exist_ok=True)
        with h5py.File(options.file) as file:
            for name, figure in figures(file, options):
                save(figure, options.directory, name)
    except (OSError, KeyError, ValueError) as error:
        text = error if isinstance(error, OSError) or not error.args else error.args[0]
        print(f"{options.file}: {text}", file=sys.stderr)
        return 2
    return 0

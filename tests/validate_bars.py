#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when the tables no longer meet what was measured, run by `dcsim validate` on all points that come
with dcsim: time per token on serving points of any hardware and engine, TTFT at low load, and time,
watts, J/token and tokens/s of ML.ENERGY on H100; or when a broken table would pass unseen."""

import os
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

DCSIM = os.environ["DCSIM"]
SOURCE = os.environ["top_srcdir"]
PAIR_POINTS = 50  # smaller groups are not held to a bar
PAIR_TPOT = 0.08
LOW_LOAD_TTFT = 0.20
MLENERGY = {"tpot": 0.10, "gpu_power": 0.08, "e_tok": 0.12, "token_rate": 0.10}
# What breaks a table, a factor on a figure of H100, and the bars that must see it.
BROKEN = {
    "bandwidth": (r'(<memory size="[^"]*" bandwidth=")([0-9.]+)', 0.7, "tpot"),
    "idle and active power": (r'(idle="|active=")([0-9.]+)', 2.0, "gpu_power"),
}
count = 0


def check(text, good):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)


def predict(path, datadir):
    """Errors of all quantities, and what the points are of."""
    environment = {**os.environ, "DCSIM_DATADIR": datadir}
    done = subprocess.run([DCSIM, "validate", "-q", "-o", path], capture_output=True, text=True,
                          check=False, env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    with h5py.File(path) as file:
        points = {name: file[name].asstr()[...] for name in ("data", "hardware", "engine")}
        for q in ("ttft", *MLENERGY):
            points[q] = np.abs(file[f"{q}_predicted"][...] / file[f"{q}_measured"][...] - 1)
    return points


def median(points, q, **group):
    """The median error and the points of a group, by what its points are of."""
    chosen = np.isfinite(points[q])
    for name, value in group.items():
        chosen &= points[name] == value
    return (np.median(points[q][chosen]) if chosen.any() else np.nan), int(chosen.sum())


def pairs(points):
    """Hardware and engines with enough serving points; those of GB200 are not fitted."""
    serving = points["data"] == "serving_points"
    every = sorted(set(zip(points["hardware"][serving], points["engine"][serving])))
    for hardware, engine in every:
        error, n = median(points, "tpot", data="serving_points", hardware=hardware, engine=engine)
        if n >= PAIR_POINTS and not hardware.startswith("GB200"):
            yield f"{hardware} {engine}", error, n


def mlenergy(points, q):
    return median(points, q, data="mlenergy", hardware="H100-SXM")


def bars(points):
    found = list(pairs(points))
    check("all three kinds of hardware have pairs to look at",
          {name.split()[0] for name, _, _ in found} == {"B200", "H100-SXM", "H200-SXM"})
    for name, error, n in found:
        check(f"serving points, {name}: time per token of {n} off by {100 * error:.1f} % "
              f"(at most {100 * PAIR_TPOT:.0f})", error <= PAIR_TPOT)
    error, n = median(points, "ttft", data="serving_points")
    check(f"serving points: TTFT at low load of {n} off by {100 * error:.1f} % "
          f"(at most {100 * LOW_LOAD_TTFT:.0f})", n > 100 and error <= LOW_LOAD_TTFT)
    for q, bar in MLENERGY.items():
        error, n = mlenergy(points, q)
        check(f"ML.ENERGY on H100: {q} of {n} off by {100 * error:.1f} % (at most {100 * bar:.0f})",
              n > 100 and error <= bar)


def broken_tree(folder, pattern, factor):
    """The data folder with another table of H100."""
    name = "H100-SXM.xml"
    os.makedirs(f"{folder}/models/hardware")
    os.makedirs(f"{folder}/tests")
    for same in ("tests/measured", "scenarios"):
        os.symlink(f"{SOURCE}/{same}", f"{folder}/{same}")
    for place in ("models", "models/hardware"):
        for entry in os.listdir(f"{SOURCE}/{place}"):
            if entry not in ("hardware", name):
                os.symlink(f"{SOURCE}/{place}/{entry}", f"{folder}/{place}/{entry}")
    with open(f"{SOURCE}/models/hardware/{name}", encoding="utf-8") as file:
        table, changes = re.subn(pattern, lambda m: f"{m[1]}{float(m[2]) * factor:.6g}", file.read())
    with open(f"{folder}/models/hardware/{name}", "w", encoding="utf-8") as file:
        file.write(table)
    return changes > 0


def broken(folder):
    for number, (what, (pattern, factor, q)) in enumerate(BROKEN.items()):
        tree = f"{folder}/broken_{number}"
        changed = broken_tree(tree, pattern, factor)
        error, _ = mlenergy(predict(f"{tree}/out.h5", tree), q)
        check(f"another {what} of H100 is seen: {q} off by {100 * error:.1f} %",
              changed and error > MLENERGY[q])


with tempfile.TemporaryDirectory() as where:
    bars(predict(f"{where}/all.h5", SOURCE))
    broken(where)
print(f"1..{count}")
sys.exit(0)

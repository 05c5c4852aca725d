#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim trajectory` loses a name, unit or dimension of docs/trajectory.md, when its file
and its CSV disagree, when a constant site does not make rate times time, when what follows dates is
not in the runs, when the number of threads changes a byte, or when a wrong call is taken."""

import csv
import datetime
import filecmp
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import xarray

DCSIM = os.environ["DCSIM"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0", NO_COLOR="1")
YEARS = 366 * 86400
count = 0

SITE = """<?xml version="1.0"?>
<scenario name="site" title="A site over a year" horizon="60 s" warmup="30 s" seed="5">
 <site>
  <feed limit="{feed}"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.25"/>
  <tariff price="0.1 USD/kWh" carbon="300 g/kWh"/>
 </site>
 <cells name="first" count="8" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-8B" engine="vLLM" gpus="8" max_seqs="64"/>
  <workload>
   <arrivals {arrivals}/>
   <prompt distribution="fixed" mean="500"/>
   <output distribution="fixed" mean="100"/>
  </workload>
 </cells>
 <cells name="later" count="0" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-8B" engine="vLLM" gpus="8" max_seqs="64" weights="FP8"/>
  <workload>
   <arrivals {arrivals}/>
   <prompt distribution="fixed" mean="500"/>
   <output distribution="fixed" mean="100"/>
  </workload>
 </cells>
 {trajectory}
</scenario>
"""
CONSTANT = """<trajectory from="2024-01-01" to="2025-01-01"><window at="3 h"/>
<window at="15 h"/></trajectory>"""
MOVING = """<trajectory from="2024-01-01" to="2025-01-01" period="quarter" days="2">
 <window at="0 h" represents="6 h"/><window at="12 h" represents="18 h"/>
 <follow set="//cells[@name='later']/@count">
  <at date="2024-01-01" value="0"/><at date="2024-07-01" value="8"/></follow>
 <follow set="//cooling/@pue" interpolation="linear">
  <at date="2024-01-01" value="2"/><at date="2025-01-01" value="1"/></follow>
 <follow set="//feed/@limit" interpolation="log">
  <at date="2024-01-01" value="50 kW"/><at date="2025-01-01" value="500 kW"/></follow>
</trajectory>"""
OPEN = 'process="poisson" rate="200 /s"'
CLOSED = 'process="closed" clients="2000"'


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def dcsim(folder, output, *more, trajectory=CONSTANT, arrivals=OPEN, feed="200 kW", expect=0):
    """Runs; the text of standard output, or of the messages where a mistake is expected."""
    with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
        f.write(SITE.format(trajectory=trajectory, arrivals=arrivals, feed=feed))
    run = subprocess.run([DCSIM, "trajectory", "site.xml", "-o", output, *more], cwd=folder,
                         env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if run.returncode != expect:
        sys.exit(f"Bail out! exit {run.returncode}: {run.stderr}")
    return run.stdout if expect == 0 else run.stderr


def constant(folder):
    text = dcsim(folder, "c.h5", "--csv", "c.csv", "--replications", "3")
    with h5py.File(os.path.join(folder, "c.h5")) as f:
        tokens = f["total/Q_token"][()]
        low, high = f["total/Q_token_low"][()], f["total/Q_token_high"][()]
        right = 200 * 100 * YEARS
        check("a constant site makes rate times time", abs(tokens / right - 1) < 0.05
              and low < right < high and high - low < 0.2 * right)
        check("periods add up to it", abs(f["Q_token"][:].sum() / tokens - 1) < 1e-12)
        check("money is energy times price, carbon too",
              np.allclose(f["cost"][:], f["site_energy"][:] / 3.6e6 * 0.1, rtol=1e-9)
              and np.allclose(f["carbon"][:], f["site_energy"][:] / 3.6e6 * 0.3, rtol=1e-9))
        check("demand binds", f["binding"][:].tolist() == [0] * 4
              and f["crossings/time"].shape == (0,))
        runs = f["windows/Q_token"]
        check("windows of one time of day have the same seeds, others their own",
              np.all(runs[0] == runs[3]) and len(np.unique(runs[0])) == 6)
    check("the screen says what binds", "D demand" in text and "rho against rho*" in text
          and "\033" not in text)


def names(folder):
    dcsim(folder, "n.h5", "--csv", "n.csv", trajectory=MOVING, arrivals=CLOSED)
    path = os.path.join(folder, "n.h5")
    with h5py.File(path) as f, xarray.open_dataset(path, engine="h5netcdf") as x:
        check("dates are decoded", str(x.time.values[0])[:10] == "2024-02-15"
              and f["time"].attrs["units"] == "days since 2024-01-01")
        check("every series lies over time, with unit and definition",
              all(f[k].dims[0][0].name == "/time" and "long_name" in f[k].attrs for k in (
                  "Q_token", "e_tok_site", "rho", "binding", "period", "token_rate_full", "marginal_K_eff_full")))
        check("windows lie over time, day, window, replication", [
            d[0].name.split("/")[-1] for d in f["windows/Q_token"].dims
        ] == ["time", "day", "window", "replication"] and f["windows/Q_token"].shape == (4, 2, 2, 3))
        begin = f["windows/begin"][:]
        check("replications divide the part of the day that a window stands for",
              np.allclose(begin, [[-2, 0, 2], [6, 12, 18]]) and f.attrs["replications"] == 3)
        check("shares, values and dates have intervals", all(
            np.all(f[k + "_low"][:] <= f[k][:]) and np.all(f[k][:] <= f[k + "_high"][:])
            for k in ("binding_share_feed", "marginal_it_power_full", "rho"))
            and np.all(f["crossings/half"][:] < 93))
        check("what follows dates is in the runs",
              f["windows/nodes"][:, 0, 0, 1].tolist() == [8, 8, 16, 16]
              and abs(f["PUE"][0] - (2 - (22 + 68) / 2 / 366)) < 0.01
              and abs(f["windows/feed_limit_mean"][2, 0, 0, 1]
                      / (50e3 * 10 ** ((182 + 23) / 366)) - 1) < 1e-9)
        rate, horizon = f["windows/Q_token"][:].mean(axis=3) / 60, np.array([91, 91, 92, 92]) * 86400
        mean = (0.25 * rate[:, :, 0] + 0.75 * rate[:, :, 1]).mean(axis=1)
        check("days and windows are weighed", np.allclose(f["Q_token"][:], mean * horizon,
                                                          rtol=1e-12))
        check("power binds first, then it does not", f["rho"][0] < f["rho_star"][0]
              and f["rho"][3] > f["rho_star"][3] and f["marginal_it_power_full"][0]
              > 0.05 > f["marginal_it_power_full"][3] and f["marginal_K_eff_full"][3] > 0.2)
        method = [m.decode() for m in f["crossings/method"][:]]
        check("a crossover by each method", method.count("rho") == 1
              and method.count("marginal") == 1
              and f["crossings/direction"][method.index("rho")] == 1)
        rows = list(csv.DictReader(line for line in open(os.path.join(folder, "n.csv"),
                                                         encoding="utf-8") if line[0] != "#"))
        check("the CSV holds the same", len(rows) == 4 and all(
            float(rows[i][k]) == f[k][i] for i in range(4) for k in rows[0]
            if k in f and k not in ("binding", "begin", "end", "period") and rows[i][k]))
        check("with names and dates", [r["period"] for r in rows] == [
            p.decode() for p in f["period"][:]] and rows[0]["begin"] == "2024-01-01"
            and (datetime.date.fromisoformat(rows[3]["end"])
                 - datetime.date(2024, 1, 1)).days == f["end"][3])


def same(folder):
    for threads in ("1", "2", "3"):
        dcsim(folder, f"s{threads}.h5", "--csv", f"s{threads}.csv", "--threads", threads,
              "--replications", "2", trajectory=MOVING)
    check("the same bytes for any number of threads, whatever the files are called", all(
        filecmp.cmp(os.path.join(folder, f"s1.{e}"), os.path.join(folder, f"s{t}.{e}"), False)
        for e in ("csv", "h5") for t in (2, 3)))
    with h5py.File(os.path.join(folder, "s1.h5")) as f: # of two replications: wide
        names = [k for k in f if "share" in k and k + "_high" in f]
        half = [np.maximum(f[k + "_high"][:] - f[k][:], f[k][:] - f[k + "_low"][:]) for k in names]
        beyond = any(np.any(f[k][:] + h > 1) or np.any(f[k][:] - h < 0) for k, h in zip(names, half))
        check("no interval of a share leaves 0 to 1", beyond and all(
            np.nanmin(f[k + "_low"][:]) >= 0 and np.nanmax(f[k + "_high"][:]) <= 1 for k in names))


def absent(folder):
    """A group without cells is not there, and shifts nothing of another."""
    tokens = []
    for first in ("0", "4"):
        run = subprocess.run([DCSIM, "run", "site.xml", "-q", "-o", "a.h5", "--set",
                              f"//cells[@name='first']/@count={first}", "--set",
                              "//cells[@name='later']/@count=8"], cwd=folder, env=ENVIRONMENT,
                             capture_output=True, text=True, check=False)
        with h5py.File(os.path.join(folder, "a.h5")) as f:
            tokens.append(f["cells/tokens"][-8:].tolist())
            check(f"{first} cells of a group beside another's are counted", run.returncode == 0
                  and f["summary/nodes"][()] == 8 + int(first)
                  and f["cells/tokens"].shape == (8 + int(first),)
                  and f["summary/rho"][()] > 0)
    check("the other group's random streams are the same", tokens[0] == tokens[1])


def mistakes(folder):
    text = dcsim(folder, "m.h5", trajectory="", expect=2)
    check("a scenario without <trajectory> is told", "has no <trajectory>" in text)
    late = MOVING.replace('value="1"', 'value="0.5"')
    text = dcsim(folder, "m.h5", trajectory=late, expect=2)
    check("a mistake of a later year is told before the runs", "2024Q4" in text and "PUE" in text)
    text = dcsim(folder, "m.h5", "--csv", "m.h5", expect=2)
    check("CSV and results under one name are told", "another name would be right" in text)
    text = dcsim(folder, "m.h5", "--csv", "site.xml", expect=2)
    check("the scenario is not overwritten", "scenario" in text
          and not os.path.exists(os.path.join(folder, "m.h5")))
    run = subprocess.run([DCSIM, "run", "site.xml", "--csv", "x"], cwd=folder, env=ENVIRONMENT,
                         capture_output=True, text=True, check=False)
    check("--csv goes with trajectory alone", run.returncode == 2 and "trajectory" in run.stderr)
    run = subprocess.run([DCSIM, "run", "site.xml", "--quiet"], cwd=folder, env=ENVIRONMENT,
                         capture_output=True, text=True, check=False)
    check("a run takes the site as it is written", run.returncode == 0)


def main():
    with tempfile.TemporaryDirectory() as folder:
        constant(folder)
        names(folder)
        same(folder)
        absent(folder)
        mistakes(folder)
    print(f"1..{count}")


main()

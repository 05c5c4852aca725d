#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim sensitivity` misses indices that are known beforehand (a cost that is price times
PUE times a constant; a factor that does nothing), when what it stores is not what its own design and
outputs give by the published estimators, when its file depends on the number of threads or ranks or on
having been killed, when it gives an index to what does not vary, or when it takes a wrong call."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
import xarray

DCSIM = os.environ["DCSIM"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
count = 0

# An idle site whose nodes' work depends on neither PUE nor price nor feed.
SITE = """<?xml version="1.0"?>
<scenario name="site" horizon="60 s" tick="1 s" seed="7" sample="1"
          xmlns:xi="http://www.w3.org/2001/XInclude">
 <tables>
  <xi:include href="dcsim:models/hardware/H100-SXM.xml"/>
  <xi:include href="dcsim:models/llm/Llama-3.1-70B.xml"/>
  <xi:include href="dcsim:models/serving_engine/vLLM.xml"/>
 </tables>
 <site>
  <feed limit="200 kW"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.5"/>
  <tariff price="0.1 USD/kWh"/>
 </site>
 <cells name="node" count="1" nodes="2">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-70B" engine="vLLM" gpus="8" weights="FP8" kv="FP16" max_seqs="64"/>
  <router policy="round_robin"/>
  <workload>
   <arrivals process="poisson" rate="4 /s"/>
   <prompt distribution="exponential" mean="400"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""
PRICE = "price=//tariff/@price=0.05:0.15 USD/kWh"
PUE = "pue=//cooling/@pue=1:1.8"
FEED = "feed=//feed/@limit=150:300 kW:log"
RATE = "rate=//arrivals/@rate=2:6 /s"


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def command(vary, method, output, *more):
    words = [DCSIM, "sensitivity", "site.xml", "--method", method, "-o", output, *more]
    for axis in vary:
        words += ["--vary", axis]
    return words


def dcsim(folder, vary, method, output, *more):
    run = subprocess.run(command(vary, method, output, *more), cwd=folder, env=ENVIRONMENT,
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"Bail out! {method}: exit {run.returncode}: {run.stderr}")
    return run.stdout


def figure(f, name):
    return [n.decode() for n in f["figure"][:]].index(name)


def within(known, low, high):
    return bool(np.all((low <= known) & (known <= high)))


def known_answers(folder):
    """cost = c price pue, both even over a to b: with m the mean and v = (b - a)^2 / 12 the variance
    of each, the shares are v1 m2^2, v2 m1^2 and, together, v1 v2."""
    text = dcsim(folder, [PRICE, PUE, FEED], "sobol:64", "sobol.h5", "--of", "cost,PUE,Q_token,water")
    v1, m1, v2, m2 = 0.1**2 / 12, 0.1, 0.8**2 / 12, 1.4
    alone = np.array([v1 * m2**2, v2 * m1**2, 0])
    both = np.array([v1 * v2, v1 * v2, 0])
    every = alone.sum() + v1 * v2
    with h5py.File(os.path.join(folder, "sobol.h5")) as f:
        cost, pue = figure(f, "cost"), figure(f, "PUE")
        print("# first", f["first"][cost], alone / every, "total", f["total"][cost],
              (alone + both) / every)
        check("first indices of a product are near the known ones",
              np.max(np.abs(f["first"][cost] - alone / every)) < 0.05)
        check("total indices are", np.max(np.abs(f["total"][cost] - (alone + both) / every)) < 0.05)
        check("intervals cover the known values",
              within(alone / every, f["first_low"][cost], f["first_high"][cost])
              and within((alone + both) / every, f["total_low"][cost], f["total_high"][cost]))
        check("PUE is the PUE's alone", np.allclose(f["total"][pue], [0, 1, 0], atol=0.05)
              and np.all(f["total"][pue][[0, 2]] == 0))
        flags = f["variation"]
        check("a figure without variance has no index, and is told",
              flags[figure(f, "Q_token")] == 1 and np.all(np.isnan(f["first"][figure(f, "Q_token")]))
              and "the same in all runs" in text)
        check("a missing one has none, and is told",
              flags[figure(f, "water")] == 2 and np.all(np.isnan(f["total"][figure(f, "water")]))
              and "missing at 320 of 320 points" in text)
        check("flags have meanings", flags.attrs["flag_meanings"] == b"varies same missing"
              or flags.attrs["flag_meanings"] == "varies same missing")
    lines = [line.split()[0] for line in text.split("\ncost:")[1].splitlines()[3:6]]
    check("the table begins with what matters most", lines == ["price", "pue", "feed"])


def estimators(folder):
    """The published formulas over the stored design and outputs."""
    with h5py.File(os.path.join(folder, "sobol.h5")) as f:
        share, design = f["share"][:], f["design"][:]
        a, b, c = share[0::5], share[1::5], [share[2 + i::5] for i in range(3)]
        swapped = all(np.array_equal(c[i][:, k], (b if i == k else a)[:, k])
                      for i in range(3) for k in range(3))
        check("the design is Saltelli's", swapped)
        check("values follow the ranges", np.allclose(design[:, 0], 0.05 + 0.1 * share[:, 0], rtol=1e-11)
              and np.allclose(design[:, 2], 150 * 2 ** share[:, 2], rtol=1e-11))
        good = True
        for i, flag in enumerate(f["variation"][:]):
            if flag != 0:
                continue
            y = f["output"][i].reshape(-1, 5)
            y = y - y[:, :2].mean()
            variance = (y[:, :2]**2).mean()
            first = [(y[:, 1] * (y[:, 2 + k] - y[:, 0])).mean() / variance for k in range(3)]
            total = [((y[:, 2 + k] - y[:, 0])**2).mean() / 2 / variance for k in range(3)]
            good = good and np.allclose(f["first"][i], first, atol=1e-9) \
                and np.allclose(f["total"][i], total, atol=1e-9)
        check("indices are those of the stored outputs", good)


def whole_factor(folder):
    """An effect of a factor that is rounded is per whole range, whatever step rounding made of it."""
    dcsim(folder, ["n=//cells/@nodes=1:3:int", PUE], "morris:5", "whole.h5")
    with h5py.File(os.path.join(folder, "whole.h5")) as f:
        names = [n.decode() if isinstance(n, bytes) else n for n in f["figure"][:]]
        check("one to three nodes are two more", abs(f["mu"][names.index("nodes"), 0] - 2) < 1e-9
              and f["sigma"][names.index("nodes"), 0] < 1e-9)


def screening(folder):
    text = dcsim(folder, [PRICE, PUE, RATE], "morris:6", "morris.h5", "--replications", "2", "--of",
                 "Q_token,PUE")
    with h5py.File(os.path.join(folder, "morris.h5")) as f:
        share = f["share"][:].reshape(6, 4, 3)
        step = np.diff(share, axis=1)
        changed = np.abs(step) > 0
        check("each step of a trajectory changes one factor by 2/3",
              np.all(changed.sum(axis=2) == 1) and np.all(changed.sum(axis=1) == 1)
              and np.allclose(np.abs(step[changed]), 2 / 3))
        good = True
        for i, flag in enumerate(f["variation"][:]):
            if flag == 2:
                continue
            change = np.diff(f["output"][i].reshape(6, 4), axis=1)
            effect = np.array([[(change[t] / step[t, :, k])[changed[t, :, k]][0] for k in range(3)]
                               for t in range(6)])
            good = good and np.allclose(f["mu"][i], effect.mean(axis=0), rtol=1e-9) \
                and np.allclose(f["mu_star"][i], np.abs(effect).mean(axis=0), rtol=1e-9) \
                and np.allclose(f["sigma"][i], effect.std(axis=0, ddof=1), rtol=1e-6,
                                atol=1e-9 * np.max(np.abs(effect))) \
                and within(f["mu_star"][i], f["mu_star_low"][i], f["mu_star_high"][i])
        check("effects are those of the stored outputs", good)
        pue, q = figure(f, "PUE"), figure(f, "Q_token")
        check("PUE moves as PUE does", np.allclose(f["mu"][pue], [0, 0.8, 0], atol=1e-9))
        check("tokens follow the rate alone", f["mu"][q][2] > 0 and np.all(f["mu_star"][q][:2] == 0))
        check("outputs are means of replications with seeds of their own",
              np.allclose(f["output"][q], f["replication_output"][q].mean(axis=1), rtol=1e-12)
              and np.all(f["replication_output"][q][:, 0] != f["replication_output"][q][:, 1]))
        check("the root says how it was made", f.attrs["method"] in ("morris", b"morris")
              and f.attrs["trajectories"] == 6 and f.attrs["replications"] == 2
              and f.attrs["seed"] == 7)
    check("the factors are told", "0.05 to 0.15 USD/kWh  //tariff/@price" in text)


def opens(folder):
    with xarray.open_dataset(os.path.join(folder, "sobol.h5")) as d:
        check("xarray finds the dimensions", d["first"].dims == ("figure", "factor")
              and d["output"].dims == ("figure", "point") and d["design"].dims == ("point", "factor"))
        one = d["total"].sel(figure="PUE", factor="pue")
        check("and selects by name", abs(float(one) - 1) < 0.05)
        units = {"first": "1", "total_high": "1", "share": "1"}
        check("with units and definitions", all(d[n].attrs["units"] == u for n, u in units.items())
              and all("long_name" in d[n].attrs for n in d.data_vars))


def same(folder, one, other):
    with open(os.path.join(folder, one), "rb") as a, open(os.path.join(folder, other), "rb") as b:
        return a.read() == b.read()


def threads_and_kills(folder):
    vary = [PUE, RATE, "output=//output/@mean=50:200:log"]
    out = os.path.join(folder, "k.h5")
    kept = []
    for threads in ("1", "2"):
        # The command is part of the file, so it is the same but for the threads.
        dcsim(folder, vary, "sobol:16", "k.h5", "--quiet", "--threads", threads)
        with h5py.File(out) as f:
            kept.append({n: f[n][:] for n in f if f[n].shape})
    check("any number of threads gives the same", kept[0].keys() == kept[1].keys()
          and all(kept[0][n].tobytes() == kept[1][n].tobytes() for n in kept[0]
                  if kept[0][n].dtype.kind != "O"))
    os.rename(out, os.path.join(folder, "whole.h5"))
    words = command(vary, "sobol:16", "k.h5", "--quiet", "--threads", "2")
    with subprocess.Popen(words, cwd=folder, env=ENVIRONMENT) as p:
        journal = out + ".journal.0"
        for _ in range(2000):
            if os.path.exists(journal) and os.path.getsize(journal) > 20000:
                break
            time.sleep(0.005)
        p.send_signal(signal.SIGKILL)
    check("a killed analysis leaves a journal and no file",
          os.path.exists(journal) and not os.path.exists(out))
    before = os.path.getsize(journal)
    dcsim(folder, vary, "sobol:16", "k.h5", "--quiet", "--threads", "2")
    check("it goes on to the same bytes", before > 0 and same(folder, "k.h5", "whole.h5"))
    check("and tidies up", not os.path.exists(journal))
    if not os.environ.get("MPIRUN"):
        check("ranks give the same # SKIP no MPI", True)
        return
    mpi = [os.environ["MPIRUN"], "-n", "2"]
    version = subprocess.run([mpi[0], "--version"], capture_output=True, text=True, check=False)
    if "Open MPI" in version.stdout:  # more ranks than processors, and root as in CI
        mpi += ["--oversubscribe"] + (["--allow-run-as-root"] if os.getuid() == 0 else [])
    quiet = dict(ENVIRONMENT, OMPI_MCA_btl_vader_single_copy_mechanism="none")
    # Open MPI itself leaks a little: under the sanitizers its leaks are let pass.
    quiet["ASAN_OPTIONS"] = quiet.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    run = subprocess.run(mpi + command(vary, "sobol:16", "k.h5", "--quiet", "--threads", "1"),
                         cwd=folder, env=quiet, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print("# " + run.stderr.replace("\n", "\n# "))
    check("ranks give the same", run.returncode == 0 and same(folder, "k.h5", "whole.h5"))


MISTAKES = [
    ("an unknown figure", [PUE], "morris:4", ["--of", "Q_tokn"], "did you mean 'Q_token'?"),
    ("a strange figure", [PUE], "morris:4", ["--of", "U,xyzzyxyzzy"], "a figure of the summary"),
    ("a range that falls", ["pue=//cooling/@pue=1.5:1.1"], "morris:4", [], "LO below HI"),
    ("an empty range", ["pue=//cooling/@pue=1.5:1.5"], "morris:4", [], "LO below HI"),
    ("log of zero", ["f=//feed/@limit=0:100 kW:log"], "morris:4", [], "LO above 0"),
    ("a range with values", ["pue=//cooling/@pue=1.1:1.5:3"], "morris:4", [], "a range LO:HI"),
    ("a list", ["pue=//cooling/@pue=1.1,1.5"], "morris:4", [], "a range LO:HI"),
    ("rows that are no power of two", [PUE], "sobol:100", [], "sobol:128, would be right"),
    ("a row", [PUE], "sobol:1", [], "sobol:N with N rows"),
    ("a trajectory", [PUE], "morris:1", [], "morris:R with R trajectories"),
    ("no number", [PUE], "sobol:", [], "sobol:N with N rows"),
    ("another method", [PUE], "fast:100", [], "morris:R with R trajectories"),
    ("no factor", [], "morris:4", [], "sensitivity needs factors"),
    ("two of one name", [PUE, PUE], "morris:4", [], "two axes have the name 'pue'"),
    ("two of one attribute", [PUE, "b=//site/cooling/@pue=1.2:1.3"], "morris:4", [],
     "cooling/@pue: --vary 'pue' (//cooling/@pue) and 'b' (//site/cooling/@pue) both set it"),
    ("two of one attribute", [PUE, "b=//site/cooling/@pue=1.2:1.3"], "sobol:4", [],
     "cooling/@pue: --vary 'pue' (//cooling/@pue) and 'b' (//site/cooling/@pue) both set it"),
    ("an XPath of nothing", ["pue=//colling/@pue=1.1:1.5"], "morris:4", [], "colling"),
    ("an end that the scenario refuses", ["pue=//cooling/@pue=0.8:1.5"], "morris:4", [],
     "so it is with //cooling/@pue=0.8"),
    ("more factors than Sobol takes", [f"f{i}=//cooling[{i} or 1]/@pue=1.1:1.5" for i in range(21)], "sobol:4",
     [], "found 21 factors"),
    ("an option of sweeps", [PUE], "morris:4", ["--zip"], "--zip does not go with sensitivity"),
]


def mistakes(folder):
    for text, vary, method, more, told in MISTAKES:
        run = subprocess.run(command(vary, method, "bad.h5", *more), cwd=folder, env=ENVIRONMENT,
                             capture_output=True, text=True, check=False)
        left = [n for n in os.listdir(folder) if n.startswith("bad.h5")]
        good = run.returncode == 2 and told in run.stderr and run.stdout == "" and not left
        if not good:
            print(f"# exit {run.returncode}, left {left}: {run.stderr}")
        check(f"{text} is refused", good)
    run = subprocess.run([DCSIM, "sensitivity", "site.xml", "--vary", PUE], cwd=folder,
                         env=ENVIRONMENT, capture_output=True, text=True, check=False)
    check("no method is refused", run.returncode == 2 and "needs --method" in run.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
            f.write(SITE)
        known_answers(folder)
        estimators(folder)
        screening(folder)
        whole_factor(folder)
        opens(folder)
        threads_and_kills(folder)
        mistakes(folder)
    print(f"1..{count}")


main()

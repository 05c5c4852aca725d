#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim compare` does not find what was changed between two runs, or more; when its figures
are not those of the files; when two runs of one seed are not paired, or pairing does not tell a change
that the runs' own intervals hide; when runs of few cells are not paired by period, or as wide as if what
comes later were lost; when the table does not tell what is not known from what is significant; when a run differs from itself; when JSON and table disagree; or when
a wrong call or file ends with another code than 2, prints results, or is not told."""

import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

DCSIM = os.environ["DCSIM"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
count = 0

SITE = """<?xml version="1.0"?>
<scenario name="site" title="a small site" horizon="60 s" tick="1 s" seed="7" sample="10">
 <site>
  <feed limit="10 MW"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.5"/>
 </site>
 <cells name="chat" count="100" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-8B" engine="vLLM" gpus="4"/>
  <target ttft="1 s" tpot="50 ms"/>
  <workload>
   <arrivals process="poisson" rate="300 /s"/>
   <prompt distribution="fixed" mean="400"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)


def dcsim(folder, *arguments):
    return subprocess.run([DCSIM, *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True,
                          text=True, check=False)


def run(folder, output, *more):
    done = dcsim(folder, "run", "-q", "-o", output, "site.xml", *more)
    if done.returncode != 0:
        sys.exit(f"Bail out! exit {done.returncode}: {done.stderr}")


def compare(folder, a, b):
    """As JSON and as a table."""
    done, table = dcsim(folder, "compare", a, b, "--json"), dcsim(folder, "compare", a, b)
    if done.returncode != 0 or table.returncode != 0:
        sys.exit(f"Bail out! compare: exit {done.returncode}: {done.stderr}{table.stderr}")
    return json.loads(done.stdout), table.stdout


def half(quantity):
    low, high = quantity["interval_95"]
    return (high - low) / 2


def same_as_files(folder, c):
    with h5py.File(f"{folder}/a.h5") as a, h5py.File(f"{folder}/pue.h5") as b:
        scalars = [n for n, d in a["summary"].items() if isinstance(d, h5py.Dataset) and not d.shape
                   and not n.endswith(("_low", "_high"))]
        both = [(c["summary"][n], a["summary"][n][()], b["summary"][n][()]) for n in scalars]
        check("all figures of the summary, as in the files",
              list(c["summary"]) == [n for n in c["summary"] if n in scalars]
              and len(c["summary"]) == len(scalars)
              and all((r["a"]["value"], r["b"]["value"]) == (x, y)
                      for r, x, y in both if np.isfinite(x) and np.isfinite(y)))
        check("differences are those of the files",
              all(np.isclose(r["difference"]["value"], y - x, rtol=1e-12, atol=0)
                  for r, x, y in both if np.isfinite(x) and np.isfinite(y)))
        check("intervals of the runs are the files'",
              np.isclose(c["summary"]["Q_token"]["a"]["interval_95"][1],
                         a["summary/Q_token_high"][()], rtol=1e-9))
        check("latencies, shares and ledger are the files'",
              c["latency"]["ttft p99"]["a"]["value"] == a["summary/ttft/value"][2]
              and c["binding_share"]["demand"]["b"]["value"] == b["summary/binding_share"][0]
              and c["ledger"]["cooling"]["b"]["value"] == b["ledger/cooling"][()])


def paired(folder):
    """A lower PUE: the same tokens, less energy."""
    c, table = compare(folder, "a.h5", "pue.h5")
    same_as_files(folder, c)
    check("runs of one seed are paired by cell",
          c["pairing"]["method"] == "cells" and c["pairing"]["batches"] == 10
          and "paired cell by cell" in table)
    check("what was changed is found, and no more",
          c["scenario"] == [{"xpath": "/scenario/site/cooling/@pue", "a": "1.5", "b": "1.2"}]
          and "/scenario/site/cooling/@pue" in table and "1.5 -> 1.2" in table)
    check("tokens are the same", c["summary"]["Q_token"]["difference"]["value"] == 0
          and c["summary"]["Q_token"]["significant"] is False)
    site = c["summary"]["e_tok_site"]
    check("energy falls as PUE does, to the last digit",
          np.isclose(site["relative"]["value"], 1.2 / 1.5 - 1, rtol=1e-9)
          and half(site["relative"]) < 1e-9 and site["significant"] is True)


def pairing_tells(folder):
    """Prompts 0.5 % longer, which chance hides where seeds differ."""
    near, _ = compare(folder, "a.h5", "slower.h5")
    far, table = compare(folder, "a.h5", "other.h5")
    pair, alone = near["summary"]["e_tok"], far["summary"]["e_tok"]
    print("#", pair, alone)
    check("pairs narrow the interval at least fivefold",
          pair["paired"] is True and half(pair["difference"]) < half(alone["difference"]) / 5)
    check("so that a small change is told", pair["significant"] is True)
    check("other seeds are not paired", far["pairing"]["method"] == "none" and "not paired" in table
          and "7 and 8" in table and alone["paired"] is False)
    root = np.hypot(half(alone["a"]), half(alone["b"]))
    check("unpaired halves add in squares", np.isclose(half(alone["difference"]), root, rtol=1e-6))
    check("chance is called not significant", alone["significant"] is False
          and "not significant" in table)


def marks(folder):
    """In the table: nothing where a difference is significant, ? where that is not known."""
    c, table = compare(folder, "a.h5", "slower.h5")
    given = ("horizon", "nodes", "sample_weight", "feed_limit_mean")
    rows = {n: r for part in ("summary", "latency", "ledger") for n, r in c[part].items()}
    lines = {n: line for line in table.splitlines() for n in rows if line.startswith(f"  {n}  ")}
    end = {n: lines[n].split()[-1] for n in lines}
    kinds = {known: [n for n in lines if n not in given and rows[n]["significant"] is known]
             for known in (None, True, False)}
    check("the table has rows of each kind", all(len(k) > 2 for k in kinds.values()))
    check("what is not known is marked, and nothing else",
          all(end[n] == "?" for n in kinds[None]) and all(end[n] != "?" for n in kinds[True])
          and all(end[n] in ("significant", "same") for n in kinds[False]))
    check("the marks are explained", "?: not known" in table)


def few(folder):
    """Two cells, and 1 % more requests: the same ones, earlier. What chance leaves is that of the requests
    that come on top; all others are in both runs."""
    for output, rate in (("few.h5", "6 /s"), ("more.h5", "6.06 /s")):
        run(folder, output, "--set", "//cells/@count=2", "--set", "/scenario/@sample=1",
            "--set", "/scenario/@horizon=300 s", "--set", f"//arrivals/@rate={rate}")
    c, table = compare(folder, "few.h5", "more.h5")
    q = c["summary"]["Q_token"]
    print("#", q)
    check("few cells are paired by period", c["pairing"]["method"] == "times"
          and c["pairing"]["batches"] == 300 and "paired period by period" in table
          and "cells are wide" in table and q["paired"] is True)
    # 18 requests more of a mean of 100 tokens: their sum has a standard deviation of 100 sqrt(2 * 18).
    check("and no wider than three times what chance leaves",
          0.3 < half(q["difference"]) / (1.96 * 100 * 36 ** 0.5) < 3)


def itself(folder):
    c, table = compare(folder, "a.h5", "a.h5")
    rows = [r for part in ("summary", "latency", "binding_share", "ledger") for r in c[part].values()]
    check("a run is like itself", c["scenario"] == [] and not any(r["significant"] for r in rows)
          and all(r["difference"]["value"] == 0 for r in rows)
          and "both ended in the same state" in table and "not significant" not in table)


def refused(folder, text, *arguments):
    done = dcsim(folder, "compare", *arguments)
    return done.returncode == 2 and done.stdout == "" and text in done.stderr


def wrong(folder):
    with open(f"{folder}/a.h5", "rb") as f:
        whole = f.read()
    with open(f"{folder}/cut.h5", "wb") as f:
        f.write(whole[:len(whole) // 2])
    with h5py.File(f"{folder}/foreign.h5", "w") as f:
        f["summary/Q_token"] = 1.0
    with h5py.File(f"{folder}/sweep.h5", "w") as f:
        f.attrs["dcsim_version"] = "0.1.0"
    check("a missing file is told", refused(folder, "absent.h5: cannot be read", "a.h5", "absent.h5"))
    check("a scenario is no result", refused(folder, "site.xml: found a file that is not HDF5",
                                             "site.xml", "a.h5"))
    check("a cut file is told", refused(folder, "cut.h5: found", "cut.h5", "a.h5"))
    check("HDF5 of others is told", refused(folder, "not of dcsim", "a.h5", "foreign.h5"))
    check("a file of dcsim that is no run is told",
          refused(folder, "no result of a run", "a.h5", "sweep.h5"))
    check("both files are looked at", refused(folder, "absent.h5", "foreign.h5", "absent.h5")
          and refused(folder, "foreign.h5", "foreign.h5", "absent.h5"))
    check("one file is not enough", refused(folder, "two result files; found 1", "a.h5"))
    check("three are too many", refused(folder, "found 3", "a.h5", "a.h5", "a.h5"))
    check("options of runs do not go with it",
          all(refused(folder, "does not go with compare", "a.h5", "a.h5", *o)
              for o in (("-q",), ("-o", "c.h5"), ("--seed", "1"), ("--set", "//a/@b=1"))))
    full = subprocess.run(f"'{DCSIM}' compare a.h5 a.h5 >/dev/full", shell=True, cwd=folder,
                          capture_output=True, check=False)
    check("output that cannot be written is a failure", full.returncode == 1)


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/site.xml", "w", encoding="utf-8") as f:
            f.write(SITE)
        run(folder, "a.h5")
        run(folder, "pue.h5", "--set", "//cooling/@pue=1.2")
        run(folder, "slower.h5", "--set", "//prompt/@mean=402")
        run(folder, "other.h5", "--seed", "8")
        paired(folder)
        pairing_tells(folder)
        marks(folder)
        few(folder)
        itself(folder)
        wrong(folder)
    print(f"1..{count}")


main()

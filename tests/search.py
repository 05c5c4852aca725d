#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim capacity` does not find the edge that a fine sweep finds, judged here anew from
the sweep's figures, or more than a saturated closed loop serves, or takes a run without requests
for a miss; when `dcsim size` does not find the nodes, the feed or the value of an axis that sweeps
find; when `dcsim optimize` ends at a worse point than a sweep knows, or calls a gain what is none;
when their files lack what docs/results.md says or differ with the number of threads; or when wrong
input is taken."""

import json
import math
import os
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

DCSIM = os.environ["DCSIM"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
TOLERANCE = 0.01
count = 0

SITE = """<?xml version="1.0"?>
<scenario name="site" horizon="{horizon} s" warmup="60 s" tick="1 s" seed="7" sample="1">
 <site>
  <feed limit="60 kW"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.3"/>
  <tariff price="{price} USD/kWh"/>
 </site>
 <cells name="chat" count="4" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-70B" engine="vLLM" gpus="8" weights="FP8" max_seqs="64"/>
  <router policy="round_robin"/>
  <target {target}/>
  <workload>
   <arrivals {arrivals}/>
   <prompt distribution="fixed" mean="400"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""
TIGHT, LOOSE = 'ttft="1 s" tpot="30 ms"', 'ttft="1 h" tpot="10 s"'
FACTOR = 40.0  # requests/s of the scenario


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def scene(folder, target=TIGHT, arrivals=f'process="poisson" rate="{FACTOR} /s"', horizon=120,
          price=0.1):
    with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
        f.write(SITE.format(target=target, arrivals=arrivals, horizon=horizon, price=price))


def dcsim(folder, *arguments, environment=None):
    return subprocess.run([DCSIM, *arguments], cwd=folder, env=environment or ENVIRONMENT,
                          capture_output=True, text=True, check=False)


def must(folder, *arguments):
    run = dcsim(folder, *arguments)
    if run.returncode != 0:
        sys.exit(f"Bail out! {arguments}: exit {run.returncode}: {run.stderr}")
    return run.stdout


def sweep(folder, *arguments):
    """Every figure of a sweep by point and replication, with the axis's values."""
    must(folder, "sweep", "site.xml", "-o", "sweep.h5", "--replications", "3", "-q", *arguments)
    with h5py.File(os.path.join(folder, "sweep.h5")) as f:
        return {k: v[:] for k, v in f["replications"].items()}, f["x"][:]


def meets(run):
    """The goal as docs/search.md states it, from the figures of runs."""
    share = (run["good_tokens"] / run["done_tokens"] * run["requests_done"]
             / (run["requests_done"] + run["requests_rejected"]))
    steady = np.maximum(run["requests_in_flight_start"],
                        run["requests_done"] / run["horizon"] * run["e2e_mean"])
    weight = run["sample_weight"]
    beyond = run["requests_in_flight"] - weight * (np.sqrt(steady / weight) + 1.5) ** 2
    queue = np.maximum(beyond, 0) / run["requests_arrived"]
    over = np.maximum(run["overshoot_energy"] / run["site_energy"],
                      run["heat_overshoot_energy"] / run["it_energy"])
    return ((share.mean(axis=1) >= 0.99) & (queue.mean(axis=1) <= 0.005)
            & (over.mean(axis=1) <= 0))


def capacity(folder, *more):
    must(folder, "capacity", "site.xml", "-o", "capacity.h5", "-q", *more)
    with h5py.File(os.path.join(folder, "capacity.h5")) as f:
        return {k: v[()] for k, v in f["demand"].items()}


def demand(folder):
    scene(folder)
    c = capacity(folder)
    found, missed = float(c["found"]), float(c["found_missed"])
    print(f"# capacity {found} to {missed}, sure {c['surely_met']} to {c['surely_missed']}")
    check("the bracket is as narrow as asked for", found < missed <= (1 + TOLERANCE) * found)
    check("what is sure lies around it", c["surely_met"] <= found < missed <= c["surely_missed"])
    run, rate = sweep(folder, "--vary",
                      f"x=//arrivals/@rate={0.9 * found * FACTOR} /s:{1.1 * found * FACTOR} /s:41:log")
    good = meets(run)
    edge = rate[good].max() / FACTOR
    print(f"# sweep: met up to {edge}; {good.astype(int)}")
    check("a fine sweep finds the same demand", abs(edge / found - 1) <= TOLERANCE
          and good[0] and not good[-1])
    point = list(c["value"]).index(found)
    lower = dcsim(folder, "run", "site.xml", "-o", "r.h5", "--json", "--set",
                  f"//arrivals/@rate={found * FACTOR!r} /s")
    check("its first run is the run of that demand",
          abs(json.loads(lower.stdout)["Q_token"]["value"] / c["Q_token"][point] - 1) < 0.05)
    check("goal, intervals and figures are of every point",
          all(len(c[n]) == len(c["value"]) for n in
              ("goal", "sure", "binding", "good_share", "queue_growth", "over_limit", "e_tok_site",
               "good_share_low", "Q_token_high")))
    tight = capacity(folder, "--at-most", "ttft_p99=0.2")
    check("a further limit lowers it", float(tight["found"]) < found
          and tight["ttft_p99"][list(tight["value"]).index(tight["found"])] <= 0.2)
    check("less good is more demand", float(capacity(folder, "--good", "0.5")["found"]) > found)
    return found * FACTOR


def quiet(folder, rate):
    """A demand so small that nothing comes, or one request that is still there at the end, is no
    miss: the edge is where it is for any other start."""
    for own, seed in ((0.0001, 7), (0.0004, 8), (0.02, 9)):
        scene(folder, arrivals=f'process="poisson" rate="{own} /s"')
        c = capacity(folder, "--seed", str(seed), "--at-most", "e2e_p99=60")
        print(f"# from {own} /s capacity {c['found'] * own} /s, of {rate} /s")
        check(f"from {own} requests/s the search goes up to the edge",
              abs(c["found"] * own / rate - 1) < 0.08 and c["goal"][0] == 1)
        empty = c["requests_arrived"] == 0
        check("a point without requests is met, and not surely",
              (own > 0.001 or empty[0]) and (c["goal"][empty] == 1).all()
              and (c["sure"][empty] == 0).all() and np.isnan(c["good_share"][empty]).all())
        check("nor does it keep what is sure from being told",
              rate / 2 < c["surely_met"] * own <= c["found"] * own)


def saturated(folder):
    """Loose targets: the queue alone is what ends it, and a closed loop whose batches are always
    full serves as much."""
    scene(folder, LOOSE, horizon=600)
    c = capacity(folder)
    point = list(c["value"]).index(c["found"])
    scene(folder, LOOSE, 'process="closed" clients="1024"', 600)
    most = json.loads(must(folder, "run", "site.xml", "-o", "r.h5", "--json"))
    full, found = most["token_rate_mean"]["value"], c["token_rate_mean"][point]
    print(f"# capacity {found} token/s, closed loop {full} token/s")
    check("a saturated closed loop serves as much, within 2 %", 0.98 * full < found < 1.01 * full)
    text = must(folder, "capacity", "site.xml", "--replications", "1", "--set", "//target/@ttft=1 s")
    check("clients of a closed loop are scaled too", "Largest demand that meets the goal" in text
          and "One run a point" in text)
    with h5py.File(os.path.join(folder, "site_capacity.h5")) as f:
        g = f["demand"]
        check("fewer clients meet a target that many miss", 0 < g["found"][()] < 1)
        # Four cells with whole clients each: multiples of 4 in 1024.
        steps = g["value"][:] * 256
        check("the factor told is that of whole clients", np.allclose(steps, np.round(steps))
              and np.any(np.abs(steps % 16) > 0.5))


def none(folder):
    scene(folder, 'ttft="1 ms"')
    text = must(folder, "capacity", "site.xml")
    check("a target that no demand meets is told", "none found" in text
          and "good_share. Less of it brings nothing" in text)
    text = must(folder, "size", "site.xml")
    check("nor any number of nodes or feed", text.count("none found") == 2
          and text.count("More of it brings nothing") == 2)


def replayed(folder):
    """A trace is the same for any seed: then nothing tells how sure the edge is."""
    with open(os.path.join(folder, "trace.csv"), "w", encoding="utf-8") as f:
        f.write("# source: assumption: test\narrival_s,input_tokens,output_tokens\n")
        f.writelines(f"{i / 20},400,100\n" for i in range(2400))
    scene(folder, arrivals='process="trace" trace="trace.csv" scaling="repeat" offset="false"')
    path = os.path.join(folder, "site.xml")
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"<prompt.*\n.*<output.*/>", "", f.read())
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    text = must(folder, "capacity", "site.xml", "-o", "r.h5", "--tolerance", "0.2")
    check("seeds that change nothing are told", "All replications came out the same" in text
          and "surely met" not in text)
    scene(folder)
    text = must(folder, "capacity", "site.xml", "-o", "r.h5", "--tolerance", "0.2")
    check("and nothing of it where they do", "All replications" not in text)


def size(folder):
    scene(folder, arrivals='process="poisson" rate="70 /s"')
    must(folder, "size", "site.xml", "-o", "size.h5", "-q")
    with h5py.File(os.path.join(folder, "size.h5")) as f:
        nodes, less = f["nodes/found"][()], f["nodes/found_missed"][()]
        feed, under = f["feed/found"][()], f["feed/found_missed"][()]
        sets = [s.decode() for s in f["nodes/set"][:]]
        values = list(f["nodes/value"][:])
        check("a feed has its unit", f["feed/value"].attrs["units"] == "W")
    print(f"# nodes {nodes} ({less}), feed {feed} ({under})")
    run, number = sweep(folder, "--vary", "x=//cells/@count=1,2,3,4,5")
    check("the fewest nodes are those of a sweep", less == nodes - 1
          and nodes == number[meets(run)].min())
    check("the override that gives them is told",
          sets[values.index(nodes)] == f"/scenario/cells[1]/@count={nodes:.0f}")
    run, limit = sweep(folder, "--vary", f"x=//feed/@limit={0.93 * feed} W:{1.07 * feed} W:29:log")
    good = meets(run)
    least = limit[good].min()
    check("the smallest feed is that of a sweep", abs(least / feed - 1) <= TOLERANCE
          and not good[0] and good[-1] and under < feed <= (1 + TOLERANCE) * under)
    must(folder, "size", "site.xml", "-o", "axis.h5", "-q", "--vary",
         "batch=//replica/@max_seqs=4:64:int")
    run, batch = sweep(folder, "--vary", "x=//replica/@max_seqs=4:64:31:int")
    with h5py.File(os.path.join(folder, "axis.h5")) as f:
        found = f["batch/found"][()]
    check("the least value of an axis is that of a sweep",
          0 <= batch[meets(run)].min() - found < 2 and 4 < found < 64)


def groups(folder):
    """Two groups in step: cells of the one, nodes of the other, which has one cell."""
    scene(folder, arrivals='process="poisson" rate="70 /s"')
    path = os.path.join(folder, "site.xml")
    with open(path, encoding="utf-8") as f:
        xml = f.read()
    cells = xml[xml.index(" <cells"):xml.index("</scenario>")]
    other = (cells.replace('"chat"', '"other"').replace('count="4" nodes="1"', 'nodes="3"')
             .replace("70 /s", "10 /s"))
    with open(path, "w", encoding="utf-8") as f:
        f.write(xml.replace("</scenario>", other + "</scenario>"))
    text = must(folder, "size", "site.xml", "-o", "g.h5", "--replications", "1")
    with h5py.File(os.path.join(folder, "g.h5")) as f:
        g = f["nodes"]
        want = {7: (4, 3), 6: (3, 3), 4: (2, 2), 2: (1, 1)}
        sets = {int(v): tuple(int(line.split("=")[1]) for line in s.decode().split("\n"))
                for v, s in zip(g["value"][:], g["set"][:])}
        check("groups shrink in step, rounded up", len(sets) > 2
              and all(want[v] == s for v, s in sets.items()))
        found = want[int(g["found"][()])]
        check("the overrides of both are told as they are to be given",
              f"--set '/scenario/cells[1]/@count={found[0]}' --set "
              f"'/scenario/cells[2]/@nodes={found[1]}'\n" in text)


def refused(folder):
    """A feed under what idle nodes draw is none that the scenario can have: missed, and not run."""
    scene(folder, LOOSE, 'process="poisson" rate="1 /s"')
    must(folder, "size", "site.xml", "-o", "f.h5", "-q", "--vary", "kw=//feed/@limit=0.5 kW:60 kW",
         "--good", "0", "--overshoot", "1", "--replications", "2")
    with h5py.File(os.path.join(folder, "f.h5")) as f:
        g = f["kw"]
        flags = dict(zip(g["goal"].attrs["flag_meanings"].split(), g["goal"].attrs["flag_values"]))
        out = g["goal"][:] == flags["refused"]
        check("values that the scenario cannot have are refused", out.any() and not out.all()
              and np.isnan(g["Q_token"][:][out]).all() and g["sure"][:][out].all()
              and g["value"][:][out].max() < g["found"][()]
              and g["value"].attrs["units"] == "kW")
    # So it is where the feed itself is searched for; the limit is the one that a run is refused by.
    error = dcsim(folder, "run", "site.xml", "--set", "//feed/@limit=1 kW").stderr
    least = 1e3 * float(re.search(r"draws at least ([0-9.]+) kW", error).group(1))
    text = must(folder, "size", "site.xml", "-o", "f.h5", "--good", "0", "--overshoot", "1",
                "--replications", "2")
    with h5py.File(os.path.join(folder, "f.h5")) as f:
        g = f["feed"]
        out = g["goal"][:] == flags["refused"]
        print(f"# idle {least} W, feeds {g['value'][:]}")
        check("a feed under what idle nodes draw is refused there too",
              (out == (g["value"][:] < least * (1 - 1e-3))).all() and out.any()
              and np.isnan(g["Q_token"][:][out]).all() and g["sure"][:][out].all()
              and least * 0.98 < g["found_missed"][()] < g["found"][()] < least * 1.02)
    check("it is told", "the scenario cannot be so: missed" in text)
    scene(folder, arrivals='process="closed" clients="32"')
    text = must(folder, "size", "site.xml")
    check("rounding is no interval", re.search(r"\+- [0-9.]+e-1[0-9]", text) is None
          and " missed\n" in text and "+-" in text)
    check("good tokens are told as a share, of which there is never more than all",
          "good tokens/s" not in text
          and all(0 < float(s) <= 1 for s in re.findall(r"There: .*, good_share ([0-9.]+),", text))
          and text.count(", good_share ") == 2)
    scene(folder, 'ttft="1 ms"', 'process="closed" clients="4"')
    text = must(folder, "capacity", "site.xml")
    check("fewer clients than one a cell are refused, once",
          text.count("the scenario cannot be so: missed") == 1 and "Less of it brings" in text)


def optimize(folder):
    """Good tokens per joule over a cap: too low a cap misses targets, too high a one wastes."""
    scene(folder, arrivals='process="poisson" rate="90 /s"')
    text = must(folder, "optimize", "site.xml", "-o", "o.h5", "--vary",
                "cap=//node/@cap=4 kW:10 kW")
    run, cap = sweep(folder, "--vary", "x=//node/@cap=4 kW:10 kW:31")
    value = (run["good_tokens"] / run["site_energy"]).mean(axis=1)
    with h5py.File(os.path.join(folder, "o.h5")) as f:
        o, best = f["optimize"], int(f["optimize/best"][()])
        found, at = o["objective"][best], o["cap"][best]
        print(f"# best {found} at {at} kW; sweep {value.max()} at {cap[value.argmax()]} kW")
        check("the best is as good as any of a sweep", found >= value.max() * (1 - 0.01)
              and found == o["objective"][:].max())
        check("it is inside the range, and a sweep's value is met at it",
              4 < at < 10 and abs(np.interp(at, cap, value) / found - 1) < 0.02)
        c = f["check"]
        gain = dict(zip([n.decode() for n in c["name"][:]], c["gain"][:]))
        check("the gain is measured on other random numbers",
              math.isclose(gain["as_is"], c["objective"][2] - c["objective"][0], rel_tol=1e-9)
              and gain["as_is"] > 0 and gain["best"] == 0
              and c["Q_token"][2] != o["Q_token"][best])
    check("the path and the stop rule are printed", "Best: cap" in text and "Stopped:" in text
          and "scenario as it is" in text)

    # Money: energy at PUE p costs p times as much; a lower one is charged for by the unit.
    def best_pue(charge):
        must(folder, "optimize", "site.xml", "-o", "p.h5", "-q", "--minimise", "dollars",
             "--replications", "1", "--vary", "pue=//cooling/@pue=1.1:1.5", "--charge",
             f"pue={charge}@1.5")
        with h5py.File(os.path.join(folder, "p.h5")) as f:
            o, best = f["optimize"], int(f["optimize/best"][()])
            money = o["cost"][:] + charge / 3600 * o["horizon"][:] * (1.5 - o["pue"][:])
            check("dollars are the tariff's and the charge",
                  np.allclose(money, o["objective"][:], rtol=1e-12))
            return o["pue"][best], o["it_energy"][best] / o["horizon"][best] / 1e3 * 0.1
    low, hourly = best_pue(0.1)
    check("a PUE that costs less than it saves is bought whole", low == 1.1 and hourly > 0.1)
    check("one that costs more is not", best_pue(10 * hourly)[0] == 1.5)
    text = must(folder, "optimize", "site.xml", "-o", "p.h5", "--minimise", "dollars", "--runs",
                "8", "--replications", "1", "--vary", "pue=//cooling/@pue=1.1:1.5", "--charge",
                "pue=1@1.5")
    check("why charges leave the scenario as it is out is told", "would have to be known" in text)
    # What is better when there is less of it is told as less, and what is nothing as nothing.
    text = must(folder, "optimize", "site.xml", "-o", "e.h5", "--minimise", "e_tok_site", "--vary",
                "pue=//cooling/@pue=1.1:1.5")
    rows = re.findall(r"the best is ([0-9.]+) \+- [0-9.]+ less \(([-+0-9.]+) %\)$", text, re.M)
    with h5py.File(os.path.join(folder, "e.h5")) as f:
        c = f["check"]
        # Scenario and start have the same PUE of 1.3, the best 1.1.
        check("a smaller figure is told as less", len(rows) == 2
              and all(math.isclose(float(less), -gain, rel_tol=1e-4) and float(share) < -10
                      for (less, share), gain in zip(rows, c["gain"][:2][::-1])))
    text = must(folder, "optimize", "site.xml", "--maximise", "tokens", "--vary",
                "batch=//replica/@max_seqs=32:128:int")
    print("# " + text[text.index("On random"):].replace("\n", "\n# "))
    check("what may be nothing is told to be so",
          re.search(r"the best is [0-9.]+ \+- [0-9.]+ (more|less) .*, not known to differ from 0$",
                    text, re.M) is not None)
    text = must(folder, "optimize", "site.xml", "--maximise", "tokens", "--vary",
                "pue=//cooling/@pue=1.1:1.2")
    check("and the same as the same", text.count("the best is the same\n") == 2)
    text = must(folder, "optimize", "site.xml", "--vary", "pue=//cooling/@pue=1.1:1.5",
                "--replications", "1", "--runs", "6")
    check("an end of a range is told", "pue is at the end of its range" in text
          and "beyond --runs" in text)
    must(folder, "optimize", "site.xml", "-o", "l.h5", "-q", "--vary",
         "kind=//replica/@weights=FP16,FP8", "--maximise", "tokens", "--replications", "1",
         "--at-most", "tpot_p99=0.02")
    with h5py.File(os.path.join(folder, "l.h5")) as f:
        check("a list is a knob too, and limits are kept",
              {s.decode() for s in f["optimize/kind"][:]} == {"FP16", "FP8"}
              and f["optimize/tpot_p99"][int(f["optimize/best"][()])]
              == f["optimize/tpot_p99"][:].min())


def threads(folder):
    scene(folder)
    data = []
    for number in ("1", "3"):
        run = dcsim(folder, "capacity", "site.xml", "-q", "-o", "t.h5",
                    environment=dict(ENVIRONMENT, OMP_NUM_THREADS=number))
        with open(os.path.join(folder, "t.h5"), "rb") as f:
            data.append((run.returncode, f.read()))
    check("the same bytes for any number of threads", data[0] == data[1] and data[0][0] == 0)


def mistakes(folder):
    scene(folder, price=0)
    wrong = [
        ("capacity", "--good", "1.5"), ("capacity", "--tolerance", "0"),
        ("capacity", "--at-most", "ttft_p99"), ("capacity", "--at-most", "ttft_p98=1"),
        ("capacity", "--vary", "a=//feed/@limit=1 kW:2 kW"), ("capacity", "--maximise", "tokens"),
        ("size", "--vary", "a=//feed/@limit=1 kW,2 kW"), ("size", "--vary", "a=//fed/@limit=1:2"),
        ("size", "--vary", "a=//cells/@count=1:2", "--vary", "b=//cells/@nodes=1:2"),
        ("optimize",), ("optimize", "--vary", "a=//fed/@limit=1 kW:2 kW"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--vary", "b=//site/cooling/@pue=1.1:2"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--maximise", "good_tokns"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--maximise", "U", "--minimise", "U"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--minimise", "dollars"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--charge", "a=1"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--minimise", "dollars", "--charge", "b=1"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--minimise", "dollars", "--charge", "a=1@"),
        ("optimize", "--vary", "a=//cooling/@pue=1.1:2", "--runs", "3"),
        ("optimize", "--vary", "good_share=//cooling/@pue=1.1:2"),
    ]
    for arguments in wrong:
        run = dcsim(folder, arguments[0], "site.xml", "-o", "bad.h5", *arguments[1:])
        check(f"refused: {' '.join(arguments)}", run.returncode == 2 and run.stdout == ""
              and run.stderr.startswith(("dcsim: ", "site.xml:"))
              and not os.path.exists(os.path.join(folder, "bad.h5")))
    with open(os.path.join(folder, "trace.csv"), "w", encoding="utf-8") as f:
        f.write("arrival_s,input_tokens,output_tokens\n0,400,100\n1,400,100\n")
    scene(folder, arrivals='process="trace" trace="trace.csv"')
    text = os.path.join(folder, "site.xml")
    with open(text, encoding="utf-8") as f:
        xml = f.read()
    with open(text, "w", encoding="utf-8") as f:
        f.write("".join(line for line in xml.splitlines(True)
                        if "<prompt" not in line and "<output" not in line))
    run = dcsim(folder, "size", "site.xml")
    check("nodes of cells that repeat a trace are refused", run.returncode == 2
          and "superpose" in run.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        quiet(folder, demand(folder))
        saturated(folder)
        none(folder)
        replayed(folder)
        size(folder)
        groups(folder)
        refused(folder)
        optimize(folder)
        threads(folder)
        mistakes(folder)
    print(f"1..{count}")


main()

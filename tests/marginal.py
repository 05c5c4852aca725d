#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim marginal` misses what is known beforehand: demand alone counts on an idle site,
nodes alone where batches are always full, feed or heat limit where they cap; when the elasticities of
all that makes a site larger (demand, feed, plant, nodes) do not sum to 1, or those of feed and of a
constant PUE to 0; when K_eff does not count 1 where compute binds and 0 where power does; when a
MW or a node brings another amount than its share; when what may be nothing is printed as a gain or a loss; when its own run is not that of `dcsim run`; or when
the result file lacks the values."""

import json
import os
import subprocess
import sys
import tempfile

import h5py

DCSIM = os.environ["DCSIM"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
EXTENSIVE = ("demand", "feed", "cooling", "nodes")
count = 0

SITE = """<?xml version="1.0"?>
<scenario name="site" horizon="{horizon} s" tick="1 s" seed="7" sample="1"
          xmlns:xi="http://www.w3.org/2001/XInclude">
 <tables>
  <xi:include href="dcsim:models/hardware/H100-SXM.xml"/>
  <xi:include href="dcsim:models/llm/Llama-3.1-70B.xml"/>
  <xi:include href="dcsim:models/serving_engine/vLLM.xml"/>
 </tables>
 <site>
  <feed limit="{feed}"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.5" {cooling}/>
 </site>
 <cells name="node" count="12" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-70B" engine="vLLM" gpus="8" weights="FP8" kv="FP16" max_seqs="64"/>
  <router policy="round_robin"/>
  <target ttft="1 s" tpot="50 ms"/>
  <workload>
   <arrivals {arrivals}/>
   <prompt distribution="fixed" mean="{prompt}"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""
FULL = 'process="closed" clients="2400"'


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def dcsim(folder, command, output, more=()):
    run = subprocess.run([DCSIM, command, "site.xml", "-o", output, "--json", *more], cwd=folder,
                         env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"Bail out! {command}: exit {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)


def values(folder, feed, cooling, arrivals, prompt=400, horizon=600, more=()):
    """Marginal values of a site, by resource."""
    with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
        f.write(SITE.format(feed=feed, cooling=cooling, arrivals=arrivals, prompt=prompt,
                            horizon=horizon))
    result = dcsim(folder, "marginal", "m.h5", more)
    print("#", {k: round(v["tokens"]["value"], 4) for k, v in result["marginal"].items()})
    return result


def value(result, resource):
    return result["marginal"][resource]["tokens"]["value"]


def idle(folder):
    m = values(folder, "200 kW", "", 'process="poisson" rate="60 /s"')
    low, high = m["marginal"]["demand"]["tokens"]["interval_95"]
    check("demand binds an idle site", abs(value(m, "demand") - 1) < 0.3 and low <= 1 <= high)
    check("nothing else does", all(abs(value(m, r)) < 1e-9 for r in ("feed", "cap", "memory"))
          and abs(value(m, "compute")) < 0.02 and abs(value(m, "bandwidth")) < 0.02)
    check("no heat limit, no value of it", "cooling" not in m["marginal"])
    alone = dcsim(folder, "run", "r.h5")
    check("its own run is the run", "marginal" not in alone
          and all(m[k] == v for k, v in alone.items()))
    with h5py.File(os.path.join(folder, "m.h5")) as f:
        g = f["marginal"]
        names = [n.decode() for n in g["resource"][:]]
        check("the file holds the values", names == list(m["marginal"])
              and [m["marginal"][n]["tokens"]["value"] for n in names] == list(g["tokens"][:])
              and g["tokens"].dims[0][0].name == "/marginal/resource")
        more = {"feed": "token_rate_per_MW", "nodes": "token_rate_per_node", "clock": "K_eff"}
        check("and what a MW, a node and K_eff bring", all(
            [g[n][()], g[n + "_low"][()], g[n + "_high"][()], g[n].attrs["units"]]
            == [o["value"], *o["interval_95"], o["unit"]]
            for n, o in ((n, m["marginal"][r][n]) for r, n in more.items())))


def full(folder):
    m = values(folder, "200 kW", "", FULL)
    check("nodes bind where batches are full", abs(value(m, "nodes") - 1) < 0.05)
    check("demand does not", abs(value(m, "demand")) < 0.05)
    pace = value(m, "compute") + value(m, "bandwidth")
    check("compute and bandwidth set the pace, overheads the rest", 0.3 < pace < 1)
    check("the feed does not, nor PUE", value(m, "feed") == 0 and value(m, "pue") == 0)
    k_eff = m["marginal"]["clock"]["K_eff"]
    check("K_eff counts in full", k_eff["interval_95"][0] < 1 < k_eff["interval_95"][1]
          and abs(k_eff["value"] - 1) < 0.2)
    per_unit("nodes", m)


def per_unit(text, m):
    """Tokens/s of one more MW and of one more node are those of all, times the elasticity."""
    rate = m["token_rate_mean"]["value"]
    size = {"feed": m["feed_limit_mean"]["value"] / 1e6, "nodes": m["nodes"]["value"]}
    name = {"feed": "token_rate_per_MW", "nodes": "token_rate_per_node"}
    for r, n in name.items():
        one = m["marginal"][r][n]["value"]
        check(f"{text}: {n} is a share of the whole", abs(one * size[r] - value(m, r) * rate) <= 1e-9 * rate)


def unknown(folder):
    """One node with little to do, for a short time: nothing but demand is known from 0."""
    m = values(folder, "200 kW", "", 'process="poisson" rate="20 /s"', horizon=120,
               more=("--set", "//cells/@count=1"))
    table = subprocess.run([DCSIM, "marginal", "site.xml", "-o", "m.h5", "--set", "//cells/@count=1"],
                           cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout
    print("#", *table.splitlines(), sep="\n# ")
    node, k_eff = m["marginal"]["nodes"]["token_rate_per_node"], m["marginal"]["clock"]["K_eff"]
    check("what a node brings is not known, nor what K_eff does",
          all(o["interval_95"][0] < 0 < o["interval_95"][1] for o in (node, k_eff)))
    check("and that is said", "What one more node brings is not known from 0: between -" in table
          and f"of K_eff: {k_eff['value']:.3f} +- " in table.replace("-0.000", "0.000")
          and table.count("% (not known from 0)") == 1)
    check("nothing is told as nothing", "One more MW of feed brings 0 tokens/s.\n" in table)


def capped(folder, text, resource, feed, cooling):
    # Long prompts: work that compute paces, so that power matters.
    m = values(folder, feed, cooling, FULL, 3000, 3000)
    other = {"feed": "cap", "cooling": "feed"}[resource]
    check(f"{text} binds where it caps", value(m, resource) > 0.2 > abs(value(m, other)))
    check(f"{text}: K_eff is not what is short", abs(m["marginal"]["clock"]["K_eff"]["value"]) < 0.05)
    # To 1e-6: the budgets of both are alike but for rounding.
    check(f"{text}: PUE counts as the feed does", abs(value(m, "pue") + value(m, "feed")) < 1e-6)
    per_unit(text, m)
    parts = [m["marginal"][r]["tokens"] for r in EXTENSIVE if r in m["marginal"]]
    whole = sum(p["value"] for p in parts)
    half = [(p["interval_95"][1] - p["interval_95"][0]) / 2 for p in parts]
    check(f"{text}: a site larger in all makes as much more",
          abs(whole - 1) < 1.5 * sum(half) < 0.2)


def main():
    with tempfile.TemporaryDirectory() as folder:
        idle(folder)
        full(folder)
        unknown(folder)
        capped(folder, "the feed", "feed", "95 kW", "")
        capped(folder, "the plant", "cooling", "200 kW", 'heat_limit="63 kW"')
    print(f"1..{count}")


main()

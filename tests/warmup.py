#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a run after a warm-up is not the later part of the same run without one (series to the
bit, totals of nodes and requests), when requests are lost between the two, when `start` is not the
later part of the schedules, or when marginal values know nothing of the warm-up."""

import json
import math
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
<scenario name="site" horizon="{horizon} s" {more} sample="{sample}" seed="5">
 <site>
  <feed><schedule of="limit" interpolation="linear" period="300 s">
   <point at="0 h" value="{feed} kW"/><point at="150 s" value="60 kW"/></schedule></feed>
  <weather><schedule of="temperature" interpolation="linear">
   <point at="0 h" value="10 degC"/><point at="1 h" value="30 degC"/></schedule></weather>
  <cooling><pue load="0.5" temperature="10 degC" value="1.3"/><pue load="1" temperature="10 degC" value="1.2"/>
   <pue load="0.5" temperature="30 degC" value="1.6"/><pue load="1" temperature="30 degC" value="1.5"/></cooling>
  <tariff price="0.1 USD/kWh"><schedule of="price"><point at="0 h" factor="1"/>
   <point at="290 s" factor="3"/></schedule></tariff>
 </site>
 <cells name="node" count="12" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-70B" engine="vLLM" gpus="8" max_seqs="64"/>
  <target ttft="1 s" tpot="50 ms"/>
  <workload>
   <arrivals process="gamma" cv="1.5"><schedule of="rate" period="120 s" interpolation="linear">
    <point at="0 h" value="120 /s"/><point at="1 min" value="30 /s"/></schedule></arrivals>
   <prompt distribution="lognormal" mean="500" cv="1"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def run(folder, output, horizon, more="", sample=1, feed=160, command="run", also=()):
    """The result's summary; its file lies in `folder`."""
    with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
        f.write(SITE.format(horizon=horizon, more=more, sample=sample, feed=feed))
    done = subprocess.run([DCSIM, command, "site.xml", "-o", output, "--json", *also], cwd=folder,
                          env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"Bail out! exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def series_of(group):
    return {k: v[:] for k, v in group.items()
            if isinstance(v, h5py.Dataset) and v.shape == group["time"].shape}


def kept(summary):
    n = {k: v["value"] for k, v in summary.items() if k.startswith("requests_")}
    return (n["requests_arrived"] + n["requests_in_flight_start"]
            == n["requests_done"] + n["requests_rejected"] + n["requests_in_flight"])


def tail(folder):
    whole = run(folder, "whole.h5", 400)
    first = run(folder, "first.h5", 130)
    late = run(folder, "late.h5", 270, 'warmup="130 s"')
    with h5py.File(os.path.join(folder, "whole.h5")) as w, \
            h5py.File(os.path.join(folder, "late.h5")) as t, \
            h5py.File(os.path.join(folder, "first.h5")) as f:
        all_of, tail_of = series_of(w), series_of(t)
        check("time counts from the end of the warm-up", tail_of.pop("time").tolist()
              == list(range(1, 271)))
        check("every series is the tail of the run without warm-up",
              len(tail_of) > 20 and all(np.array_equal(all_of[k][130:], v, equal_nan=True)
                                        for k, v in tail_of.items()))
        check("tokens of nodes add up, to the last one", all(np.array_equal(
            w["nodes"][k][:], f["nodes"][k][:] + t["nodes"][k][:])
            for k in ("tokens", "requests", "preemptions")))
        check("energies of nodes add up", np.allclose(
            w["nodes/energy"][:], f["nodes/energy"][:] + t["nodes/energy"][:], rtol=1e-12, atol=0))
        check("latencies add up", all(np.array_equal(
            w["latency"][k][:], f["latency"][k][:] + t["latency"][k][:])
            for k in w["latency"] if k in ("ttft", "tpot", "itl", "e2e")))
    for name in ("Q_token", "good_tokens", "done_tokens", "requests_done", "iterations"):
        check(f"{name} adds up", whole[name]["value"] == first[name]["value"] + late[name]["value"])
    check("requests are kept", kept(whole) and kept(first) and kept(late))
    check("what was in flight is said", late["requests_in_flight_start"]["value"]
          == first["requests_in_flight"]["value"] > 0
          and whole["requests_in_flight_start"]["value"] == 0)
    sampled = run(folder, "sampled.h5", 270, 'warmup="130 s"', sample=4)
    check("a sampled run has intervals after a warm-up",
          "interval_95" in sampled["Q_token"])


def start(folder):
    """The schedules, not the requests, are those of the later time."""
    run(folder, "whole.h5", 3000)
    run(folder, "late.h5", 100, 'start="2750 s" warmup="50 s"')
    with h5py.File(os.path.join(folder, "whole.h5")) as w, \
            h5py.File(os.path.join(folder, "late.h5")) as t:
        for name in ("feed_limit", "outdoor_temperature"):
            check(f"{name} begins at start", np.allclose(w[name][2800:2900], t[name][:],
                                                         rtol=1e-12, atol=0))
        check("arrivals follow the rate at start", abs(t["arrival_rate"][:].mean()
              / w["arrival_rate"][2800:2900].mean() - 1) < 0.15)
        other = run(folder, "other.h5", 100, 'start="2810 s" warmup="50 s"')
        price = other["cost"]["value"] / other["site_energy"]["value"] * 3.6e6
        check("the price is that of the later time", abs(price - 0.3) < 1e-9)
    run(folder, "zero.h5", 60, 'start="0 s"')
    run(folder, "none.h5", 60)
    with h5py.File(os.path.join(folder, "zero.h5")) as a, \
            h5py.File(os.path.join(folder, "none.h5")) as b:
        check("start 0 is none", a.attrs["state_hash"] == b.attrs["state_hash"])


def marginal(folder):
    m = run(folder, "m.h5", 200, 'warmup="100 s"', feed=60, command="marginal")
    alone = run(folder, "r.h5", 200, 'warmup="100 s"', feed=60)
    more = run(folder, "m.h5", 200, 'warmup="100 s"', feed=60,
               also=("--set", "//feed/schedule/point/@value=60.6 kW"))
    value = math.log(more["Q_token"]["value"] / alone["Q_token"]["value"]) / math.log(1.01)
    check("marginal values come after the same warm-up",
          all(m[k] == v for k, v in alone.items())
          and abs(m["marginal"]["feed"]["tokens"]["value"] - value) < 1e-9 and value != 0)


def main():
    with tempfile.TemporaryDirectory() as folder:
        tail(folder)
        start(folder)
        marginal(folder)
    print(f"1..{count}")


main()

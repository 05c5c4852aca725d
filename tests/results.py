#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when the result file loses a name, unit or dimension of docs/results.md, when xarray or h5py
cannot open it, when its ledger does not sum to the site's energy, when the number of threads or the
way of stepping changes a result, when a failed or killed run leaves a file, or when JSON and the
file disagree."""

import filecmp
import json
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
TOP = os.environ["top_srcdir"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
count = 0

SERIES = """token_rate good_token_rate prompt_token_rate arrival_rate queued_requests running_requests
site_power it_power it_power_available feed_limit pue outdoor_temperature compute_ceiling
power_ceiling K_eff K_peak e_tok c_tok U rho rho_peak rho_star binding""".split()
SUMMARY = """horizon Q_token good_tokens prompt_tokens requests_arrived requests_done requests_simulated
requests_rejected requests_in_flight preemptions iterations flop it_energy site_energy e_tok
e_tok_site c_tok PUE U rho rho_peak rho_star overshoot_energy overshoot_time cost carbon
binding_share binding_name""".split()
ROOT = """Conventions title dcsim_version scenario_sha256 seed command created libraries""".split()
LEDGER = "gpu_static gpu_compute gpu_memory host losses cooling fixed".split()


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def scenario(name):
    return os.path.join(TOP, "scenarios", name + ".xml")


def run(folder, name, output, *more):
    """Runs a scenario inside `folder`."""
    return subprocess.run([DCSIM, scenario(name), "-o", output, *more], cwd=folder,
                          env=ENVIRONMENT, capture_output=True, text=True, check=False)


def names_and_units(path):
    with h5py.File(path) as f:
        check("root attributes", all(name in f.attrs for name in ROOT))
        check("series over time", all(f[name].shape == f["time"].shape for name in SERIES))
        check("series have units and definitions",
              all("long_name" in f[n].attrs for n in SERIES)
              and all("units" in f[n].attrs for n in SERIES if n != "binding"))
        meanings = f["binding"].attrs["flag_meanings"].split()
        check("binding is an enumeration",
              len(meanings) == len(f["binding"].attrs["flag_values"]) and meanings[0] == "demand"
              and f["binding"].dtype == np.int8)
        check("summary", all(name in f["summary"] for name in SUMMARY))
        check("latencies", all(set(f["summary"][n]) >= {"quantile", "value", "count", "mean"}
                               for n in ("ttft", "tpot", "itl", "e2e")))
        check("crossings, cells, nodes, latency, scenario",
              {"time", "direction", "convention"} <= set(f["crossings"]) and
              all(name in f for name in ("cells", "nodes", "latency", "scenario")))
        parts = sum(f["ledger"][name][()] for name in LEDGER)
        energy = f["summary/site_energy"][()]
        check("the ledger sums to the site's energy", abs(parts - energy) <= 1e-9 * energy)
        ticks = f["site_power"][:].sum() * (f["time"][1] - f["time"][0])
        check("site power integrates to the site's energy", abs(ticks - energy) <= 1e-9 * energy)
        check("binding shares sum to 1", abs(f["summary/binding_share"][:].sum() - 1) < 1e-9)
        arrived, done, rejected, flying = (f["summary"][n][()] for n in (
            "requests_arrived", "requests_done", "requests_rejected", "requests_in_flight"))
        check("requests are kept", arrived == done + rejected + flying)
        water = f["summary/water"]
        check("water is the stated 3.39 L/kWh of the IT energy",
              water.attrs["units"] == "m3" and
              np.isclose(water[()], f["summary/it_energy"][()] * 3.39e-3 / 3.6e6, rtol=1e-12, atol=0))


def opened_by_xarray(path):
    with xarray.open_dataset(path, engine="h5netcdf") as d:
        check("xarray reads the series with units",
              d["token_rate"].dims == ("time",) and d["token_rate"].attrs["units"] == "token/s")
        check("xarray keeps seconds", d["time"].dtype == np.float64)
    with xarray.open_dataset(path, engine="h5netcdf", group="summary") as d:
        check("xarray reads the summary",
              d["Q_token"].attrs["units"] == "token" and d["binding_share"].dims == ("binding_name",))
    with xarray.open_dataset(path, engine="h5netcdf", group="summary/ttft") as d:
        check("xarray reads quantiles", float(d["value"].sel(quantile=0.99)) > 0)


def same_bytes(folder):
    """Threads and stepping."""
    day = ("--set", "/scenario/@horizon=3 min")
    for threads in (1, 2, 8):
        run(folder, "pathA_100MW", f"{threads}.h5", "--quiet", "--threads", str(threads), *day)
    for threads in (2, 8):
        with h5py.File(f"{folder}/1.h5") as a, h5py.File(f"{folder}/{threads}.h5") as b:
            check(f"{threads} threads end in the state of one",
                  a.attrs["state_hash"] == b.attrs["state_hash"])
            names = []
            a.visititems(lambda n, x: names.append(n) if isinstance(x, h5py.Dataset) else None)
            check(f"{threads} threads give the same arrays",
                  all(a[n][()].tobytes() == b[n][()].tobytes() for n in names
                      if a[n].dtype.kind in "fiu"))
    for _ in range(2):
        run(folder, "one_node_azure", f"again{_}.h5", "--quiet", "--set",
            "/scenario/@horizon=5 min")
    with h5py.File(f"{folder}/again0.h5") as f:
        check("the file knows its command", "one_node_azure.xml" in f.attrs["command"])
    os.replace(f"{folder}/again0.h5", f"{folder}/first.h5")
    run(folder, "one_node_azure", "again0.h5", "--quiet", "--set", "/scenario/@horizon=5 min")
    check("the same command writes the same bytes",
          filecmp.cmp(f"{folder}/first.h5", f"{folder}/again0.h5", shallow=False))
    run(folder, "one_node_azure", "step.h5", "--quiet", "--step-by-step", "--set",
        "/scenario/@horizon=5 min")
    with h5py.File(f"{folder}/first.h5") as a, h5py.File(f"{folder}/step.h5") as b:
        check("stepping counts the same",
              all(a["summary"][n][()] == b["summary"][n][()] for n in (
                  "Q_token", "iterations", "preemptions", "requests_done")))
        check("stepping spends the same energy",
              np.isclose(a["summary/it_energy"][()], b["summary/it_energy"][()], rtol=1e-9, atol=0))


def feed_is_kept(folder):
    """An hour of Path A at a feed that binds."""
    run(folder, "pathA_100MW", "feed.h5", "--quiet", "--set", "/scenario/@horizon=1 h", "--set",
        "//feed/@limit=55 MW")
    with h5py.File(f"{folder}/feed.h5") as f:
        over = f["site_power"][:] - f["feed_limit"][:]
        counted = f["summary/overshoot_energy"][()]
        check("overshoot is what stands above the limit",
              np.isclose(over.clip(min=0).sum(), counted, rtol=1e-9, atol=1.0))
        minutes = over[: over.size // 60 * 60].reshape(-1, 60).sum(axis=1)
        check("the mean of any 60 s keeps the limit but for overshoot",
              minutes.max() <= counted + 1.0)
        check("overshoot is under 0.1 % of the energy",
              counted < 1e-3 * f["summary/site_energy"][()])
        check("the feed binds", f["summary/binding_share"][4] > 0.5)


def failures(folder):
    done = run(folder, "one_node_azure", "absent/out.h5")
    check("an unreadable output path is a mistake", done.returncode == 2 and "absent" in done.stderr
          and "cannot be written" in done.stderr)
    done = run(folder, "one_node_azure", ".")
    check("a folder is no output", done.returncode == 2 and "folder" in done.stderr)
    long = subprocess.Popen([DCSIM, scenario("pathB_100MW"), "--quiet", "-o", "killed.h5"],
                            cwd=folder, env=ENVIRONMENT)
    time.sleep(1)
    long.send_signal(signal.SIGKILL)
    long.wait()
    check("a killed run leaves no file of that name",
          not os.path.exists(f"{folder}/killed.h5"))


def json_agrees(folder):
    done = run(folder, "one_node_azure", "json.h5", "--json", "--set", "/scenario/@horizon=5 min")
    figures = json.loads(done.stdout)
    with h5py.File(f"{folder}/json.h5") as f:
        check("JSON has the file's figures and units",
              all(figures[n]["value"] == f["summary"][n][()] and
                  figures[n]["unit"] == f["summary"][n].attrs["units"]
                  for n in ("Q_token", "it_energy", "requests_done", "c_tok")))
        check("water that is not stated has no value",
              all(figures[n]["value"] is None and np.isnan(f["summary"][n][()])
                  for n in ("water", "water_per_million_tokens")))
        check("JSON has the file's hash of the final state",
              figures["state_hash"] == f.attrs["state_hash"])
        check("JSON has the file's latencies",
              np.allclose(figures["ttft"]["value"], f["summary/ttft/value"][:], rtol=1e-12))


with tempfile.TemporaryDirectory() as where:
    first = run(where, "pathA_100MW", "a.h5", "--set", "/scenario/@horizon=10 min")
    check("a run succeeds and prints a summary",
          first.returncode == 0 and "J/token facility" in first.stdout)
    if first.returncode == 0:
        names_and_units(f"{where}/a.h5")
        opened_by_xarray(f"{where}/a.h5")
    same_bytes(where)
    feed_is_kept(where)
    failures(where)
    json_agrees(where)
print(f"1..{count}")
sys.exit(0)
